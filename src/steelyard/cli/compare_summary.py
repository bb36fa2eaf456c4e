"""A comparison of strategies for people, drawn from its document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from textwrap import fill
from typing import Any

from steelyard.cli.cv_summary import head, interval, name_of, percent_of, rows_used, tail
from steelyard.cli.text import WIDTH, columns, number

Document = Mapping[str, Any]
"""What :func:`steelyard.crossvalidation.comparison_document` gives."""


def comparison_summary(document: Document, folder: Path | None) -> str:
    """A table per metric, a verdict per strategy, and one sentence."""
    blocks = [
        "\n".join(head(document)),
        *(_table(document, name) for name in document["metrics"]),
        _legend(document),
        "\n".join(_verdicts(document)),
        "\n".join([*rows_used(document["strategies"]), *tail(document, folder)]),
        fill(conclusion(document), WIDTH),
    ]
    return "\n\n".join(block for block in blocks if block)


def conclusion(document: Document) -> str:
    """What the comparison says of SMOTE, or else of all strategies, in one sentence."""
    overall = document["overall"]
    if "smote" in overall:
        return _of_smote(document)
    if not overall:
        return _of_threshold(document).replace("Without it", "With no strategy")
    better = [name for name, word in overall.items() if word == "better"]
    if better:
        return f"Better than doing nothing and choosing the threshold: {', '.join(better)}."
    if all(word in ("no difference", "worse") for word in overall.values()):
        return "None of these is better than doing nothing and choosing the threshold."
    return (
        "None of these has been shown to be better than doing nothing and choosing the threshold; more "
        "folds, repeats or seeds would tell more."
    )


def _of_smote(document: Document) -> str:
    overall = document["overall"]["smote"]
    folds = f"on {document['folds']['finished']} folds"
    told = "; ".join(_clauses(document, "smote"))
    match overall:
        case "better":
            answer = f"Yes: {folds} {told}"
        case "worse":
            answer = f"No: {folds} nothing is better with it, and worse is {told}"
        case "better and worse":
            answer = f"In part: {folds} {told}"
        case "no difference":
            answer = f"No: {folds} it makes no difference that matters ({told})"
        case _:
            answer = f"That cannot be told {folds}: {told}; more folds, repeats or seeds would tell more"
    return f"Does SMOTE help? {answer}. {_of_threshold(document, 'smote')}"


def _of_threshold(document: Document, who: str = "") -> str:
    """What a threshold does alone, which is often taken for what a strategy does."""
    name = list(document["metrics"])[-1]
    one = document["metrics"][name]["strategies"]
    at_half, chosen = number(one["none"]["mean"]), number(one["threshold"]["mean"])
    beside = f", {number(one[who]['mean'])} with {who.upper()} and a chosen one" if who else ""
    return f"Without it {name_of(name)} is {at_half} at 0.5 and {chosen} at a chosen threshold{beside}."


def _table(document: Document, name: str) -> str:
    """All strategies by one metric."""
    about = document["metrics"][name]
    as_trained = {who: found["as_trained"] for who, found in about["strategies"].items()}
    distorted = name == "log_loss" and any(value is not None for value in as_trained.values())
    header = ["", "mean", "difference", f"{percent_of(document['level'])} interval", "verdict"]
    rows = [[*header, "as trained"] if distorted else header]
    for who, found in about["strategies"].items():
        difference = found["difference"]
        if who == "threshold" and difference is None and who != about["reference"]:
            continue  # the networks of none, whose probabilities are the same
        cells = [who, number(found["mean"])]
        if difference is None:
            same = "" if who == about["reference"] else "the same"
            cells += ["", "", same]
        else:
            cells += [_signed(difference["mean"]), interval(difference, signed=True), difference["verdict"]]
        rows.append([*cells, number(as_trained[who]) if distorted else ""][: len(rows[0])])
    better = {"higher": "higher is better", "lower": "lower is better"}[about["direction"]]
    matters = "" if about["margin"] is None else f", less than ±{about['margin']:.4f} does not matter"
    floor = "" if about["floor"] is None else f"; floor {about['floor']:.4f}"
    where = " at each fold's own threshold" if about["reference"] == "threshold" else ""
    title = f"{name_of(name)}{where}, against {about['reference']} ({better}{floor}{matters}):"
    return f"{fill(title, WIDTH)}\n{columns(rows, indent='  ')}"


def _legend(document: Document) -> str:
    strategies = max(1, len(document["overall"]))
    share = f"{100 * document['margin_share']:g} %"
    return fill(
        "Intervals: corrected resampled t (Nadeau and Bengio 2003) of the differences on the same folds. "
        f"What does not matter: {share} of what the reference gains over the floor. Better and worse: p "
        f"below {1 - document['level']:.2g} after Holm's correction for {strategies} strategies per metric. "
        "As trained: before weights, resampling or loss were undone.",
        WIDTH,
    )


def _verdicts(document: Document) -> Iterator[str]:
    width = max((len(name) for name in document["overall"]), default=0)
    for name, overall in document["overall"].items():
        yield fill(
            f"{name:<{width}}  {overall}: {'; '.join(_clauses(document, name))}",
            WIDTH,
            subsequent_indent=" " * (width + 2),
            break_on_hyphens=False,
        )


def _clauses(document: Document, who: str) -> Iterator[str]:
    """What led to the verdict: differences that decide it, else what is known of every metric."""
    found = {
        name_of(name): difference
        for name, about in document["metrics"].items()
        if (difference := about["strategies"][who]["difference"]) is not None
    }
    overall = document["overall"][who]
    if overall in ("better", "worse", "better and worse"):
        deciding = {
            name: difference
            for name, difference in found.items()
            if difference["verdict"] in ("better", "worse")
        }
        for name, difference in deciding.items():
            yield f"{name} {_signed(difference['mean'])} ({interval(difference, signed=True)})"
        return
    for name, difference in found.items():
        if difference["verdict"] == "no difference":
            reach = max(-difference["low"], difference["high"])
            yield f"{name} within ±{reach:.4f}"
        elif difference["low"] is None:
            yield f"{name} unknown"
        else:
            yield f"{name} {interval(difference, signed=True)}"
    if not found:
        yield "the same predictions"


def _signed(value: float | None) -> str:
    return "-" if value is None else f"{value:+.4f}"
