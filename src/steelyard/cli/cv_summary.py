"""A cross-validation for people, drawn from its document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from steelyard.cli.labels import chosen_by
from steelyard.cli.text import WIDTH, columns, count, number, percent
from steelyard.cli.text import entry as entry

Document = Mapping[str, Any]
"""What :func:`steelyard.crossvalidation.validation_document` gives."""

ORDERED = ("time", "file_order")

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def validation_summary(document: Document, folder: Path | None) -> str:
    """What was read, how it was divided, and how good the recipes are."""
    several = len(document["recipes"]) > 1
    blocks = [
        "\n".join(head(document)),
        _leaderboard(document) if several else _one(document),
        _means(document) if several else "",
        _blocks(document) if document["folds"]["by"] in ORDERED else "",
        "\n".join(_remarks(document, several)),
        "\n".join(tail(document, folder)),
    ]
    return "\n\n".join(block for block in blocks if block)


def head(document: Document) -> Iterator[str]:
    """Rows, folds, networks."""
    data, folds, target = document["data"], document["folds"], document["data"]["target"]
    yield entry(
        "data",
        f"{data['source']}: {count(data['rows'], 'row')}, {data['positives']:,} with {target['name']} = "
        f"{target['positive']}, a base rate of {percent(data['base_rate'])}",
    )
    rows = ", ".join(f"{amount:,} {part}" for part, amount in folds["rows"].items())
    yield entry("folds", f"{folds['method']}; about {rows.replace('test', 'held out')} rows in each")
    each = f", {document['seeds']} averaged in each fold" if document["seeds"] > 1 else ""
    yield entry("training", f"{count(document['networks'], 'network')}{each}, in {document['seconds']:.1f} s")
    if document["status"] == "interrupted":
        yield entry(
            "status",
            f"interrupted: {folds['finished']} of {count(folds['planned'], 'fold')} are finished, and only "
            "these are counted",
        )


def tail(document: Document, folder: Path | None) -> Iterator[str]:
    """Notes, and where everything is kept."""
    for note in document["notes"]:
        yield entry("note", note)
    if folder is not None:
        yield f"{'results':<10} {folder}"


def rows_used(recipes: Mapping[str, Any]) -> Iterator[str]:
    """Which rows chose what, once for all recipes of which it is the same."""
    used = {name: chosen_by(recipe["bookkeeping"]) for name, recipe in recipes.items()}
    for told in dict.fromkeys(used.values()):
        names = [name for name, own in used.items() if own == told]
        whose = f"{', '.join(names)}: " if len(names) < len(used) else ""
        yield entry("rows used", f"{whose}in each fold {told}; the rows held out were read once")


def name_of(metric: str) -> str:
    """A metric's name as people write it."""
    names = {"roc_auc": "ROC AUC", "brier": "Brier", "mcc": "MCC", "f1": "F1", "f2": "F2"}
    return names.get(metric, metric.replace("_", " "))


def interval(found: Mapping[str, Any], signed: bool = False) -> str:
    """``0.6612 to 0.7561``; a dash if it is not known."""
    if found["low"] is None:
        return "-"
    form = "+.4f" if signed else ".4f"
    return f"{found['low']:{form}} to {found['high']:{form}}"


def percent_of(level: float) -> str:
    """``95 %``."""
    return f"{100 * level:g} %"


def _one(document: Document) -> str:
    """One recipe: a line per metric."""
    (recipe,) = document["recipes"].values()
    yardsticks = _shown_yardsticks(document)
    header = ["", "mean", "spread", f"{percent_of(document['level'])} interval"]
    header += [name.replace("_", " ") for name in yardsticks]
    rows = [[*header, "floor"]]
    for name, about in document["metrics"].items():
        found = recipe["metrics"][name]
        cells = [name_of(name), number(found["mean"]), number(found["spread"]), interval(found)]
        cells += [number(of["metrics"][name]["mean"]) for of in yardsticks.values()]
        rows.append([*cells, number(about["floor"])])
    folds = max(found["folds"] for found in recipe["metrics"].values())
    return f"on the rows held out by {count(folds, 'fold')}:\n{columns(rows, indent='  ')}"


def _leaderboard(document: Document) -> str:
    """Several recipes by one metric, best first."""
    board = document["leaderboard"]
    name = board["metric"]
    rows = [("", name_of(name), "spread", f"{percent_of(document['level'])} interval", "behind the best")]
    for who in board["order"]:
        found = document["recipes"][who]["metrics"][name]
        behind = board["behind"].get(who)
        mark = "= " if who in board["tied"] and len(board["tied"]) > 1 else "  "
        rows.append(
            (
                mark + who,
                number(found["mean"]),
                number(found["spread"]),
                interval(found),
                "" if behind is None else f"{behind['mean']:+.4f} ({interval(behind, signed=True)})",
            )
        )
    told = f"by {name_of(name)}, best first; {_direction(document['metrics'][name])}"
    return f"{told}:\n{columns(rows)}\n{fill(_ties(board), WIDTH)}"


def _ties(board: Mapping[str, Any]) -> str:
    """Which recipes cannot be told apart, in a sentence."""
    tied: Sequence[str] = board["tied"]
    pairs = len(board["order"]) * (len(board["order"]) - 1) // 2
    corrected = f" (corrected for {count(pairs, 'pair')} by Holm's method)" if pairs > 1 else ""
    if len(tied) == 1:
        return f"{tied[0]} is the best: every other recipe is behind by more than chance{corrected}."
    amount = NUMBERS[len(tied)] if len(tied) < len(NUMBERS) else str(len(tied))
    return f"= these {amount} cannot be told apart{corrected}: {', '.join(tied)}."


def _direction(about: Mapping[str, Any]) -> str:
    words = {"higher": "higher is better", "lower": "lower is better"}
    return words.get(about["direction"], "nearest to its ideal is best")


def _means(document: Document) -> str:
    """All metrics of recipes and yardsticks."""
    names = list(document["metrics"])
    rows = [("means over the folds", *map(name_of, names))]
    for group in (document["recipes"], _shown_yardsticks(document)):
        for who, found in group.items():
            cells = (number(found["metrics"][name]["mean"]) for name in names)
            rows.append((who.replace("_", " ") if group is not document["recipes"] else who, *cells))
    rows.append(("floor", *(number(about["floor"]) for about in document["metrics"].values())))
    return columns(rows)


def _blocks(document: Document) -> str:
    """The metric that orders, in every block: of rows in order that is a course of time."""
    name = document["leaderboard"]["metric"]
    rates = document["folds"]["base_rates"]
    rows = [("block", *(str(number) for number in range(1, len(rates) + 1)))]
    rows.append(("base rate", *map(number, rates)))
    for who, recipe in document["recipes"].items():
        label = f"{name_of(name)}, {who}" if len(document["recipes"]) > 1 else name_of(name)
        rows.append((label, *map(number, recipe["by_fold"][name])))
    return f"block by block, in order:\n{columns(rows, indent='  ')}"


def _shown_yardsticks(document: Document) -> Mapping[str, Any]:
    """Without the base rate, which the floor tells."""
    return {name: found for name, found in document["yardsticks"].items() if name != "prevalence"}


def _remarks(document: Document, several: bool) -> Iterator[str]:
    yield fill(
        "Spread: standard deviation over the folds. Interval: of the mean, by the corrected resampled t "
        "(Nadeau and Bengio 2003), which allows for folds sharing their training rows. Floor: what knowing "
        "nothing but the base rate reaches.",
        WIDTH,
    )
    if document["folds"]["by"] in ORDERED:
        yield fill(
            "Blocks in order differ in more than chance: spread and interval hold that too, and are a rough "
            "guide only.",
            WIDTH,
        )
    yield from rows_used(document["recipes"])
    for name, recipe in document["recipes"].items():
        threshold = recipe["threshold"]
        whose = f"{name}: " if several else ""
        lowest, highest = (f"{threshold[end]:.3g}" for end in ("lowest", "highest"))
        between = lowest if lowest == highest else f"between {lowest} and {highest}"
        if recipe["bookkeeping"]["threshold"] is not None:
            why = f"chosen in each fold for {threshold['objective']}"
        else:
            why = "as the training implies" if threshold["objective"] == "as_trained" else "as given"
        yield entry("threshold", f"{whose}{between}, {why}")
        unusual = {
            status: amount
            for status, amount in recipe["statuses"].items()
            if status not in ("completed", "stopped_early")
        }
        if unusual:
            told = ", ".join(f"{amount} {status}" for status, amount in unusual.items())
            yield entry("note", f"{whose}of {sum(recipe['statuses'].values())} networks {told}")
