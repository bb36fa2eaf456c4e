"""The part of a run's summary about probabilities and labels: threshold, calibration, prior, rows used."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from textwrap import fill
from typing import Any

from steelyard.cli.text import WIDTH, columns, count, number, percent

Document = Mapping[str, Any]
"""What :func:`steelyard.facts.facts` gives."""

_COUNTS = ("tp", "fp", "fn", "tn")
_SHARES = {"precision": "precision", "recall": "recall", "f1": "F1"}


def threshold_table(document: Document) -> str:
    """The confusion matrix at the model's threshold and at 0.5; empty for a run that recorded none."""
    decision = document.get("decision")
    if decision is None or not decision["confusion"]:
        return ""
    part = "test" if "test" in decision["confusion"] else "validation"
    matrices = decision["confusion"][part]
    chosen, half = matrices["at_threshold"], matrices["at_half"]
    extra = _extra_measure(chosen)
    rows = [(f"on {part} rows", *(name.upper() for name in _COUNTS), *_SHARES.values(), *extra)]
    rows.append(_row(chosen, extra))
    if chosen["threshold"] != half["threshold"]:
        rows.append(_row(half, extra))
    label = document["data"]["target"]["positive"]
    title = f"labelled {label} above {_short(chosen['threshold'])}, {_purpose(decision['threshold'])}:"
    legend = "TP, FN: positives found and missed; FP: false alarms; TN: the rest."
    return f"{fill(title, WIDTH)}\n{columns(rows, indent='  ')}\n{legend}"


def probability_remarks(document: Document) -> Iterator[tuple[str, str]]:
    """What is to be known of the probabilities and of the choices made, as (label, text)."""
    decision = document.get("decision")
    if decision is None:
        return
    yield "calibrated", _calibration(decision["calibration"]) + _how_right(document)
    if decision["offset"]:
        yield (
            "prior",
            f"trained as if {percent(decision['trained_rate'])} were positive; {_population(decision)}",
        )
    elif decision.get("base_rate_of") == "validation":
        yield "prior", _population(decision)
    yield "rows used", _bookkeeping(document["bookkeeping"])


_WHOSE = {
    "train": "the training rows",
    "validation": "the validation rows they were calibrated on",
    "folds": "the rows of the folds they were calibrated on",
}


def _population(decision: Document) -> str:
    """For which base rate the probabilities are."""
    # Runs that were saved before calibrators could move it say nothing of whose it is.
    whose = decision.get("base_rate_of", "train")
    if whose is None:
        return "nothing has calibrated what this loss or resampling bent, so for which base rate is not known"
    return f"the probabilities are for the base rate of {_WHOSE[whose]}, {percent(decision['base_rate'])}"


def threshold_notes(document: Document) -> Iterator[str]:
    """What a reader of the threshold should know."""
    if document.get("decision") is None:
        return
    threshold = document["decision"]["threshold"]
    chosen = threshold["chosen"]
    if chosen is not None and chosen["note"]:
        yield f"threshold for {threshold['objective']}: {chosen['note']}"
    if chosen is None and threshold["objective"] == "as_trained" != threshold["asked"]:
        yield (
            f"no threshold was chosen for {threshold['asked']}: there are no validation rows of both classes "
            "to choose it on"
        )


def _purpose(threshold: Document) -> str:
    chosen = threshold["chosen"]
    if threshold["objective"] == "as_trained":
        return "as the training implies"
    if chosen is None:
        return "as asked"
    measure = "" if chosen["measure"] == threshold["objective"] else f"{chosen['measure']} "
    return (
        f"chosen for {threshold['objective']} on validation rows ({measure}{number(chosen['value'])} there)"
    )


def _extra_measure(counts: Document) -> tuple[str, ...]:
    """What the threshold was chosen for, if it is not in the table anyway."""
    measure = counts["measure"]
    return () if measure is None or measure["name"] in _SHARES else (measure["name"].replace("_", " "),)


def _row(counts: Document, extra: tuple[str, ...]) -> tuple[str, ...]:
    return (
        f"above {_short(counts['threshold'])}",
        *(f"{counts[name]:,}" for name in _COUNTS),
        *(number(counts[name]) for name in _SHARES),
        *(number(counts["measure"]["value"]) for _ in extra),
    )


def _short(threshold: float) -> str:
    """Four digits that count.

    >>> _short(0.5), _short(0.000123456)
    ('0.5', '0.0001235')
    """
    return f"{threshold:.4g}"


def _calibration(choice: Document | None) -> str:
    if choice is None:
        return "no: there are no validation rows of both classes to fit to"
    if choice["calibrator"] is None:
        return "no, as asked" if choice["asked"] == "none" else f"no ({choice['reason']})"
    why = choice["reason"]
    if why.startswith("it was asked for"):  # goes on with the numbers that stand below
        why = "as asked"
    elif why.startswith("it improves"):
        why = "as it improves them"
    return (
        f"by a {choice['calibrator']['name']} map, {why}: log loss {choice['log_loss_before']:.5f} becomes "
        f"{_loss(choice['log_loss_after'])} on {count(choice['rows'], 'validation row')}"
    )


def _loss(value: float | None) -> str:
    return "a value that so few rows do not tell" if value is None else f"{value:.5f}"


def _how_right(document: Document) -> str:
    """Mean and slope of the probabilities on the rows that judge."""
    evaluation = document["evaluation"]
    if evaluation is None:
        return ""
    scores = document["scores"][evaluation["part"]]
    slope = evaluation["metrics"]["calibration_slope"]
    part = evaluation["part"]
    told = (
        f". On the {part} rows {percent(scores['base_rate'])} are positive, the mean probability is "
        f"{percent(evaluation['mean_probability'])}"
    )
    if slope["value"] is None or slope["low"] is None:
        return told
    return (
        f"{told}, and the slope is {slope['value']:.2f} ({slope['low']:.2f} to {slope['high']:.2f}; ideal: 1)"
    )


def chosen_by(book: Document) -> str:
    """Which rows chose what: ``training rows chose the preprocessing; validation rows chose the epoch``."""
    by_part: dict[str, list[str]] = {"train": ["the preprocessing"], "validation": [], "folds": []}
    for what in ("epoch", "calibrator", "threshold"):
        if book[what] is not None:
            by_part[book[what]].append(f"the {what}")
    names = {"train": "training", "validation": "validation", "folds": "out-of-fold"}
    return "; ".join(
        f"{names[part]} rows chose {_listed(things)}" for part, things in by_part.items() if things
    )


def _bookkeeping(book: Document) -> str:
    test = book["test"]
    if test is None:
        told = "no test rows"
    elif test["readings"] == 1:
        told = "test rows were read once"
    else:
        told = (
            f"test rows were read {test['readings']} times: by {_some(test['earlier'])} before. The best of "
            "several runs on the same test rows looks better than it is"
        )
    return f"{chosen_by(book)}; {told}"


def _listed(things: list[str]) -> str:
    return things[0] if len(things) == 1 else f"{', '.join(things[:-1])} and {things[-1]}"


def _some(names: list[str], most: int = 5) -> str:
    left_out = len(names) - most
    return _listed(names) if left_out <= 0 else f"{', '.join(names[:most])} and {left_out} more"
