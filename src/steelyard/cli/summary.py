"""The summary of a run for people, drawn from the document that is its ``metrics.json``."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from textwrap import fill
from typing import Any

from steelyard.cli.diagnosing import told
from steelyard.cli.labels import probability_remarks, threshold_notes, threshold_table
from steelyard.cli.text import WIDTH as WIDTH
from steelyard.cli.text import columns, count, entry, number, percent

Document = Mapping[str, Any]
"""What :func:`steelyard.facts.facts` gives."""

SCORES = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier",
}
MEANING = {
    "diverged": "what is left are the last finite weights, not a model to rely on",
    "interrupted": "the model is what had been learned by then",
}
"""What a status means for the model, where that is not plain."""

FEW = 50
"""With so many positives a ROC AUC of 0.9 has a standard error of 0.03 (Hanley & McNeil 1982)."""

LEFT_OUT = ("identifier", "constant", "dropped")


def summary(
    document: Document, run: Path, diagnosis: Document | None = None, *, warnings: bool = True
) -> str:
    """What was read, how it was trained, how good it is, what is wrong with it and what can be done next.

    ``diagnosis`` is the content of ``diagnosis.json``; None of a run without one.
    ``warnings`` are left out where they have just been shown.
    """
    blocks = [
        "\n".join([*_data(document), *_split(document), *_training(document)]),
        _score_table(document),
        threshold_table(document),
        "\n".join(_remarks(document, warnings=warnings)),
        told([] if diagnosis is None else diagnosis["networks"]),
        "\n".join(_next(document, run)),
    ]
    return "\n\n".join(block for block in blocks if block)


def _data(document: Document) -> Iterator[str]:
    data = document["data"]
    used = Counter(column["kind"] for column in data["columns"] if column["kind"] not in LEFT_OUT)
    kinds = ", ".join(f"{amount} {kind}" for kind, amount in used.most_common())
    yield entry(
        "data",
        f"{data['source']}: {count(data['rows'], 'row')}; {count(used.total(), 'column')} used ({kinds})",
    )
    left_out = [
        f"{column['name']} ({_why(column)})" for column in data["columns"] if column["kind"] in LEFT_OUT
    ]
    if left_out:
        yield entry("left out", ", ".join(left_out))
    missing = [f"{column['name']} ({column['missing']:,})" for column in data["columns"] if _missing(column)]
    if missing:
        yield entry("missing", f"values of {_some(missing)}")
    target = data["target"]
    chosen = "the rarer label" if target["positive_by_default"] else "as told"
    yield entry(
        "positive",
        f"{target['name']} = {target['positive']} ({chosen}; the other is {target['negative']}): "
        f"{data['positives']:,} of {count(data['rows'], 'row')}, a base rate of {percent(data['base_rate'])}",
    )


def _why(column: Document) -> str:
    return str(column["reason"] or column["kind"])


def _missing(column: Document) -> bool:
    return bool(column["missing"]) and column["kind"] not in LEFT_OUT


def _some(names: Sequence[str], most: int = 8) -> str:
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def _split(document: Document) -> Iterator[str]:
    rows = ", ".join(f"{amount:,} {part}" for part, amount in document["split"]["rows"].items())
    yield entry("split", f"{rows}; {document['split']['method']}")


def _training(document: Document) -> Iterator[str]:
    networks = document["networks"]
    best = sorted({network["best_epoch"] for network in networks})
    name = "best epoch" if len(best) == 1 else "best epochs"
    together = f"{len(networks)} networks, " if len(networks) > 1 else ""
    yield entry(
        "training",
        f"{together}{document['epochs']} epochs in {document['seconds']:.1f} s, "
        f"{name} {', '.join(map(str, best))}",
    )
    yield entry("status", _status(document))


def _status(document: Document) -> str:
    words = document["status"].replace("_", " ")
    reason = document["reason"].rstrip(".")
    told = reason if words in reason else f"{words}: {reason}"
    return f"{told}; {MEANING[document['status']]}" if document["status"] in MEANING else told


def _score_table(document: Document) -> str:
    """The model, the yardsticks and the floor, on test rows; the model on validation rows below."""
    part = "test" if "test" in document["scores"] else "validation"
    scores = document["scores"].get(part)
    if scores is None:
        return "no scores: the split has neither validation nor test rows"
    networks = document["networks"]
    rows = [("", *SCORES.values())]
    if len(networks) == 1:
        rows += [("this model", *_cells(scores)), *_intervals(document, part)]
    else:
        alone = [network["scores"][part] for network in networks]
        rows += [(f"this model ({len(networks)} networks)", *_cells(scores)), *_intervals(document, part)]
        rows.append(("  lowest of a network", *_extremes(min, alone)))
        rows.append(("  highest of a network", *_extremes(max, alone)))
    for baseline, parts in reversed(document["baselines"].items()):
        rows.append((baseline.replace("_", " "), *_cells(parts[part])))
    rows.append(("floor", *_floor(scores)))
    if part == "test" and "validation" in document["scores"]:
        rows.append(("this model, validation rows", *_cells(document["scores"]["validation"])))
    title = f"on {count(scores['rows'], part + ' row')}, {scores['positives']:,} of them positive:"
    legend = (
        "Higher is better for ROC AUC and average precision, lower for log loss and Brier. Floor: what "
        "knowing nothing but the base rate of these rows reaches; prevalence: that of the training rows."
    )
    return f"{title}\n{columns(rows, indent='  ')}\n{fill(legend, WIDTH)}"


def _intervals(document: Document, part: str) -> Iterator[tuple[str, ...]]:
    """Between what the model's scores would lie on most other sets of such rows."""
    evaluation = document.get("evaluation")
    if evaluation is None or evaluation["part"] != part:
        return
    found = [evaluation["metrics"][name] for name in SCORES]
    for end in ("low", "high"):
        yield (f"  95% interval, {end}", *(number(estimate[end]) for estimate in found))


def _floor(scores: Document) -> Iterator[str]:
    rate = scores["base_rate"]
    return (number(value) for value in (0.5, rate, scores["base_rate_entropy"], rate * (1 - rate)))


def _cells(scores: Document) -> Iterator[str]:
    return (number(scores[name]) for name in SCORES)


def _extremes(which: Callable[[list[float]], float], scores: Sequence[Document]) -> Iterator[str]:
    for name in SCORES:
        known = [one[name] for one in scores if one[name] is not None]
        yield number(which(known) if known else None)


def _remarks(document: Document, *, warnings: bool) -> Iterator[str]:
    """What a reader of the scores should know."""
    for label, text in probability_remarks(document):
        yield entry(label, text)
    for note in (*document["notes"], *threshold_notes(document), *_cautions(document)):
        yield entry("note", note)
    for warning in document["warnings"] if warnings else ():
        yield entry("warning", warning)
    if document["advice"]:
        options = " ".join(f"--set {shlex.quote(change)}" for change in document["advice"])
        yield entry("try next", f"the same with {options}")


def _cautions(document: Document) -> Iterator[str]:
    """Why the scores may not mean what they seem to."""
    scores = document["scores"].get("test")
    if scores is None:
        return
    if scores["log_loss"] is not None and scores["log_loss"] > scores["base_rate_entropy"]:
        yield "log loss is above its floor: the base rate alone predicts better than this model"
    if scores["positives"] < FEW and not any(text.startswith("D107") for text in document["warnings"]):
        yield (
            f"only {count(scores['positives'], 'test row is', 'test rows are')} positive, so these "
            "scores are uncertain: see how they change with another --split-seed"
        )


def _next(document: Document, run: Path) -> Iterator[str]:
    """Not wrapped: these lines are there to be copied."""
    yield f"{'run':<10} {run}"
    yield f"{'predict':<10} steelyard predict {shlex.quote(str(run))} NEW.csv --out predictions.csv"
