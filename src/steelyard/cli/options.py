"""Options that several commands share, each written once, and what they were given, as records.

Nothing here loads more than click: a command that was mistyped answers at once.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import click

from steelyard.errors import did_you_mean

Command = Callable[..., None]


@dataclass(frozen=True)
class Reading:
    """Which file to read how, and how its rows may be divided."""

    data: Path
    target: str
    positive: str | None = None
    drop: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    numeric: tuple[str, ...] = ()
    time: str | None = None
    group: str | None = None
    weight: str | None = None
    file_order: bool = False
    ignore: tuple[str, ...] = ()


def reading_to_document(reading: Reading) -> dict[str, Any]:
    """How to read the same table elsewhere, as plain JSON: a study keeps it for its workers."""
    document = {field.name: getattr(reading, field.name) for field in fields(reading)}
    del document["ignore"]  # which warnings were not wanted is nobody else's business
    document["data"] = str(reading.data.absolute())
    return {name: list(value) if isinstance(value, tuple) else value for name, value in document.items()}


def reading_from_document(document: Mapping[str, Any], data: Path | None = None) -> Reading:
    """The same again; ``data`` is where the file lies here, if not at the same place."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in document.items()
    }
    values["data"] = Path(document["data"]) if data is None else data
    return Reading(**values)


def reading_arguments(document: Mapping[str, Any]) -> list[str]:
    """The same once more, as arguments of a command.

    >>> reading_arguments({"data": "a.csv", "target": "y", "drop": ["x", "z"], "file_order": True})
    ['a.csv', '--target', 'y', '--drop', 'x', '--drop', 'z', '--file-order']
    """
    arguments = [document["data"]]
    for name, value in document.items():
        option = f"--{name.replace('_', '-')}"
        match value:
            case True:
                arguments.append(option)
            case str() if name != "data":
                arguments += [option, value]
            case list():
                arguments += [part for one in value for part in (option, one)]
    return arguments


@dataclass(frozen=True)
class Alterations:
    """What to change in a recipe."""

    network_file: Path | None = None
    changes: tuple[str, ...] = ()
    threshold: str | None = None


NO_CHANGE = Alterations()


def reading_options(command: Command) -> Command:
    """Adds the argument DATA and the options for reading it; the command gets them as ``reading``."""

    @functools.wraps(command)
    def gather(**given: Any) -> None:
        reading, rest = taken_out(Reading, given)
        if (reading.time is not None) + (reading.group is not None) + reading.file_order > 1:
            raise click.UsageError(
                "--time, --group and --file-order exclude one another: choose one way to split."
            )
        if both := sorted(set(reading.category) & set(reading.numeric)):
            raise click.UsageError(f"Column {both[0]!r} cannot be both --category and --numeric.")
        command(reading=reading, **rest)

    return with_options(gather, _READING)


def alteration_options(command: Command) -> Command:
    """Adds the options that change a recipe; the command gets them as ``alterations``."""

    @functools.wraps(command)
    def gather(**given: Any) -> None:
        alterations, rest = taken_out(Alterations, given)
        command(alterations=alterations, **rest)

    return with_options(gather, _ALTERATIONS)


def codes(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """``D101,D105`` and ``D107`` as three codes."""
    return tuple(code.strip().upper() for text in given for code in text.split(",") if code.strip())


_READING = (
    click.argument("data", type=click.Path(path_type=Path)),
    click.option(
        "--target", metavar="COLUMN", required=True, help="The column to predict; it holds two labels."
    ),
    click.option("--positive", metavar="LABEL", help="The label to look for. [default: the rarer one]"),
    click.option("--drop", metavar="COLUMN", multiple=True, help="Leave this column out. Repeatable."),
    click.option(
        "--category", metavar="COLUMN", multiple=True, help="Take this column as categories. Repeatable."
    ),
    click.option(
        "--numeric", metavar="COLUMN", multiple=True, help="Take this column as numbers. Repeatable."
    ),
    click.option(
        "--time", metavar="COLUMN", help="Split by time: train on the oldest rows, test on the newest."
    ),
    click.option("--group", metavar="COLUMN", help="Split so that rows of one group stay together."),
    click.option(
        "--weight",
        metavar="COLUMN",
        help="How much each row counts, in training and in the scores; the column is no input.",
    ),
    click.option("--file-order", is_flag=True, help="Split in the order of the file, as if by time."),
    click.option(
        "--ignore",
        metavar="CODES",
        multiple=True,
        callback=codes,
        help="Do not show these warnings about data and split, as in D101,D105. Repeatable.",
    ),
)

_ALTERATIONS = (
    click.option(
        "--network",
        "network_file",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="Take the layers of this Keras model (.keras, .h5 or .json) as the network, without its "
        "weights.",
    ),
    click.option(
        "--set",
        "changes",
        metavar="PATH=VALUE",
        multiple=True,
        help="Change one value of the recipe, as in optimizer.learning_rate=0.0003. Repeatable.",
    ),
    click.option(
        "--threshold",
        metavar="OBJECTIVE",
        help="What the threshold for labels is chosen for, on validation rows: f1, f2, "
        "balanced_accuracy, mcc, 'cost fp=1 fn=10', 'recall>=0.8', 'precision>=0.5', rate=10%, "
        "top=800, a number, or as_trained. [default: f1]",
    ),
)


def recipe_option(name: str, help: str, *, multiple: bool = False) -> Callable[[Command], Command]:
    """``--recipe FILE``, or another name for it; the command gets ``recipe_file`` or ``recipe_files``."""
    return click.option(
        name,
        "recipe_files" if multiple else "recipe_file",
        metavar="FILE",
        multiple=multiple,
        type=click.Path(path_type=Path),
        help=help,
    )


def seeds_option(help: str) -> Callable[[Command], Command]:
    """``--seeds N``: how many networks are averaged."""
    return click.option(
        "--seeds", metavar="N", type=click.IntRange(1), default=1, show_default=True, help=help
    )


def seed_option(help: str) -> Callable[[Command], Command]:
    """``--seed N``."""
    return click.option(
        "--seed", metavar="N", type=click.IntRange(0), default=0, show_default=True, help=help
    )


def folding_options(*, folds: int, repeats: int) -> Callable[[Command], Command]:
    """``--folds``, ``--repeats`` with these defaults, and ``--out``."""

    def add(command: Command) -> Command:
        return with_options(
            command,
            (
                click.option(
                    "--folds",
                    metavar="K",
                    type=click.IntRange(2),
                    default=folds,
                    show_default=True,
                    help="Into how many parts the rows are divided.",
                ),
                click.option(
                    "--repeats",
                    metavar="N",
                    type=click.IntRange(1),
                    default=repeats,
                    show_default=True,
                    help="Divide the rows anew N times.",
                ),
                click.option(
                    "--out",
                    metavar="DIR",
                    type=click.Path(path_type=Path),
                    help="Make this folder with the results as JSON, a CSV with a line per fold and the "
                    "predictions for all rows held out as Parquet.",
                ),
            ),
        )

    return add


def named(known: Sequence[str]) -> Callable[[click.Context, click.Parameter, str | None], str | None]:
    """A callback for an option that takes one of these names; the nearest one is suggested."""

    def check(ctx: click.Context, option: click.Parameter, given: str | None) -> str | None:
        if given is None or given in known:
            return given
        hint = did_you_mean(given, known)
        raise click.BadParameter(f"there is no {given!r}{hint}; there are: {', '.join(known)}")

    return check


EXECUTORS = ("local", "ray")


def executor_options(command: Command) -> Command:
    """``--executor`` and ``--address``."""

    @functools.wraps(command)
    def gather(**given: Any) -> None:
        if given["address"] is not None and given["executor"] != "ray":
            raise click.UsageError("--address is for --executor ray.")
        command(**given)

    return with_options(
        gather,
        (
            click.option(
                "--executor",
                metavar="NAME",
                default="local",
                show_default=True,
                callback=named(EXECUTORS),
                help="Where networks are trained: local, this process, or ray, a Ray cluster.",
            ),
            click.option(
                "--address",
                metavar="ADDRESS",
                help="Of the Ray cluster, as ray.init takes it: auto, or host:port. [default: one is started "
                "on this machine]",
            ),
        ),
    )


threads_option = click.option(
    "--threads", metavar="N", type=click.IntRange(1), help="Does not change the results. [default: all cores]"
)


def with_options(command: Command, options: tuple[Callable[[Command], Command], ...]) -> Command:
    """The command with these options, in the order in which its help is to show them."""
    for option in reversed(options):
        command = option(command)
    return command


def taken_out(record: type[Any], given: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """The record that some of the arguments make, and the other arguments."""
    own = {field.name for field in fields(record)}
    taken = {name: value for name, value in given.items() if name in own}
    return record(**taken), {name: value for name, value in given.items() if name not in own}
