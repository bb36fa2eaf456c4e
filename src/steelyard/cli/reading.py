"""What the options that several commands share ask for: a table, a recipe, warnings about both."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from steelyard.checks import CODES, check
from steelyard.cli.options import Alterations, Reading
from steelyard.codes import warn
from steelyard.data import ColumnKind, Split, Table
from steelyard.errors import RecipeError
from steelyard.readout import check_objective
from steelyard.recipe import Change, Recipe, apply, parse_change, read_recipe
from steelyard.recipe.imbalance import Resampling
from steelyard.splitting import Way
from steelyard.tables import read_table

if TYPE_CHECKING:
    from steelyard.cli.network import KerasNetwork


def read(reading: Reading) -> Table:
    """The table."""
    kinds = dict.fromkeys(reading.category, ColumnKind.CATEGORY)
    kinds |= dict.fromkeys(reading.numeric, ColumnKind.NUMERIC)
    return read_table(
        reading.data,
        target=reading.target,
        positive=reading.positive,
        drop=reading.drop,
        kinds=kinds,
        time=reading.time,
        group=reading.group,
        weight=reading.weight,
    )


def way_of(reading: Reading) -> Way:
    """How its rows are to be divided."""
    if reading.time is not None:
        return "time"
    if reading.group is not None:
        return "group"
    return "file_order" if reading.file_order else "random"


def network_of(alterations: Alterations) -> KerasNetwork | None:
    """What ``--network`` names, if it was given."""
    if alterations.network_file is None:
        return None
    from steelyard.cli.network import read_network  # few need h5py

    return read_network(alterations.network_file)


def recipe_of(file: Path | None, alterations: Alterations, network: KerasNetwork | None = None) -> Recipe:
    """The recipe file, or the default, with ``--network``, every ``--set`` in order, and ``--threshold``."""
    recipe = Recipe() if file is None else read_recipe(file)
    if network is not None:
        recipe = recipe.model_copy(update={"network": network.stack})
    changes: list[Change] = []
    problems: list[str] = []
    help = ""
    for text in alterations.changes:
        try:
            changes.append(parse_change(text))
        except RecipeError as error:
            problems += [f"--set: {problem}" for problem in error.problems]
            help = error.help
    if alterations.threshold is not None:
        changes.append(Change("decision.threshold", alterations.threshold))
    if problems:
        raise RecipeError(*problems, help=help)
    recipe = apply(recipe, *changes)
    check_objective(recipe.decision.threshold)
    return recipe


def known_codes(codes: Sequence[str]) -> None:
    """Raises :class:`RecipeError` for what is no code of a warning about data and split."""
    unknown = [code for code in codes if code not in CODES]
    if unknown:
        listed = "; ".join(f"{code.code}: {code.title}" for code in CODES.values())
        raise RecipeError(
            *(f"--ignore: {code!r} is no code" for code in unknown), help=f"there are: {listed}"
        )


def warn_of_findings(
    ignore: Collection[str], table: Table, split: Split, resampling: Resampling
) -> dict[str, str]:
    """Warns of what should be known before training, but for the codes that are to be ignored.

    Returns all of it, by code.
    """
    found: dict[str, str] = {}
    for finding in check(table, split, resampling):
        if finding.code not in ignore:
            warn(CODES[finding.code], finding.message)
        found[finding.code] = " ".join(filter(None, (found.get(finding.code), finding.message)))
    return found
