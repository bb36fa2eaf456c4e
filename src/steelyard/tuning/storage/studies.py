"""Studies: made once, found by name, and told apart from another search of that name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from steelyard.errors import StudyError, did_you_mean
from steelyard.study import Plan
from steelyard.tuning.storage import optuna_rows, schema
from steelyard.tuning.storage.documents import plan_from_json, plan_to_json
from steelyard.tuning.storage.optuna_schema import OptunaTables

_LONGEST_NAME = 512
_ABSENT = "nothing"


@dataclass(frozen=True)
class StudyRow:
    """A study as it is in the database; ``number`` is the same in Optuna's tables."""

    number: int
    name: str
    plan: Plan


def names(connection: Connection) -> list[str]:
    """Of all studies made by Steelyard, the oldest first."""
    found = connection.execute(select(schema.studies.c.name).order_by(schema.studies.c.study_id))
    return [str(name) for (name,) in found]


def find_study(connection: Connection, tables: OptunaTables, name: str, where: str) -> StudyRow | None:
    """The study of that name; None if there is none, :class:`StudyError` if Steelyard did not make it."""
    number = optuna_rows.study_number(connection, tables, name)
    if number is None:
        return None
    columns = schema.studies.c
    found = connection.execute(
        select(columns.plan).where(columns.study_id == number, columns.name == name)
    ).first()
    if found is None:
        raise StudyError(
            f"{where}: the study {name!r} was not made by Steelyard but with Optuna itself",
            help="take another name; optuna.load_study reads that one",
        )
    return StudyRow(number, name, plan_from_json(found[0], f"{where}: study {name!r}"))


def known_study(connection: Connection, tables: OptunaTables, name: str, where: str) -> StudyRow:
    """The study of that name; :class:`StudyError` if there is none."""
    found = find_study(connection, tables, name, where)
    if found is None:
        there = names(connection)
        listed = f"; there are {', '.join(map(repr, there))}" if there else "; it has none yet"
        raise StudyError(f"{where}: has no study {name!r}{did_you_mean(name, there)}{listed}")
    return found


def create_or_load(
    connection: Connection, tables: OptunaTables, name: str, plan: Plan, target: int, where: str
) -> StudyRow:
    """The study of that name, made if there is none; :class:`StudyError` if it has another plan."""
    _check_name(name)
    found = find_study(connection, tables, name, where)
    if found is not None:
        _check_same(found, plan, where)
        extend(connection, found.number, target)
        return found
    _forget_deleted(connection, tables)
    number = optuna_rows.insert_study(connection, tables, name, plan)
    row = {
        "study_id": number,
        "name": name,
        "plan": plan_to_json(plan),
        "target": target,
        "created": schema.now(),
    }
    connection.execute(insert(schema.studies).values(row))
    return StudyRow(number, name, plan)


def extend(connection: Connection, study: int, target: int) -> None:
    """Lets a study have at least this many trials."""
    studies = schema.studies
    connection.execute(
        update(studies).where(studies.c.study_id == study, studies.c.target < target).values(target=target)
    )


def differences(there: Plan, here: Plan) -> list[str]:
    """What two plans differ in, value by value, besides how the table was read.

    >>> from steelyard.recipe import Recipe
    >>> from steelyard.study import Choice, Space
    >>> space = Space(parameters=(Choice(path="network.activation", values=("relu",)),))
    >>> one = Plan(recipe=Recipe(), space=space, batch=10, fingerprint="a")
    >>> differences(one, one.model_copy(update={"folds": 3}))
    ['folds is 5 there and 3 here']
    """
    ours, theirs = (
        dict(_values(plan.model_dump(mode="json", exclude={"reading"}))) for plan in (here, there)
    )
    return [
        f"{name} is {_shown(theirs, name)} there and {_shown(ours, name)} here"
        for name in [*theirs, *(name for name in ours if name not in theirs)]
        if theirs.get(name, _ABSENT) != ours.get(name, _ABSENT)
    ]


def _check_name(name: str) -> None:
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise StudyError(
            f"the name of a study has 1 to {_LONGEST_NAME} characters that can be printed; found {name!r}"
        )


def _check_same(found: StudyRow, plan: Plan, where: str) -> None:
    different = differences(found.plan, plan)
    if different:
        raise StudyError(
            f"{where}: has another study {found.name!r}",
            *(f"  {difference}" for difference in different),
            help="give this search another name, or the same arguments as before",
        )


def _forget_deleted(connection: Connection, tables: OptunaTables) -> None:
    """Removes our rows of studies that were deleted with Optuna's tools, whose numbers are given again."""
    there = select(tables.studies.c.study_id)
    for table in schema.TABLES.sorted_tables:
        if "study_id" in table.c:
            connection.execute(delete(table).where(table.c.study_id.not_in(there)))


def _values(document: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Each single value of a document under its full name; parameters are named by their paths."""
    if isinstance(document, Mapping) and document:
        for key, value in document.items():
            yield from _values(value, f"{name}.{key}" if name else str(key))
    elif isinstance(document, list) and document and all(isinstance(one, Mapping) for one in document):
        for number, one in enumerate(document):
            yield from _values(one, f"{name}[{one.get('path', number)}]")
    else:
        yield name, document


def _shown(values: Mapping[str, Any], name: str) -> str:
    return repr(values[name]) if name in values else _ABSENT
