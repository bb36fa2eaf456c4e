"""The two documents judged from their text alone; and the same numbers got at without Steelyard."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from steelyard.diagnosis.diagnosis import Diagnosis, diagnosis_of
from steelyard.diagnosis.readers import read
from steelyard.finding import Finding, Status


@dataclass(frozen=True)
class Judged:
    """A document's text, and what is said of each training and search in it."""

    text: str
    diagnoses: tuple[Diagnosis, ...]


def judged(folder: Path, name: str) -> Judged:
    """The one document whose name begins so."""
    (path,) = folder.glob(f"{name}*.txt")
    return Judged(path.read_text(), tuple(diagnosis_of(log) for log in read(path)))


def finding(diagnosis: Diagnosis, code: str) -> Finding:
    """Of a rule that has to fire."""
    result = diagnosis[code]
    assert result.status is Status.FIRED and result.finding is not None, result
    return result.finding


def codes(diagnosis: Diagnosis) -> set[str]:
    """Of all that is told."""
    return {one.code for one in diagnosis.findings}


def answer(diagnosis: Diagnosis, question: str) -> str:
    """To one of the questions, by its first words."""
    (found,) = (one.answer for one in diagnosis.answers if one.question.startswith(question))
    return found


def holds(text: str, *parts: str) -> bool:
    """Whether all parts are in it; tells which is not."""
    missing = [part for part in parts if part not in text]
    assert not missing, f"{missing} not in: {text}"
    return True


def history(text: str) -> dict[str, list[float]]:
    """The one dictionary of curves in a text."""
    (found,) = re.findall(r"\{'val_loss'.*?\}", text, re.DOTALL)
    read_out: dict[str, list[float]] = ast.literal_eval(found)
    return read_out


def rows(text: str) -> list[tuple[int, int]]:
    """Training and validation rows, each time they are printed."""
    return [
        (int(train), int(validation))
        for train, validation in re.findall(r"Train on (\d+) samples, validate on (\d+) samples", text)
    ]


def sample(text: str) -> NDArray[np.float64]:
    """The array of sample rows in a text, label last."""
    start = text.index("array([[") + len("array(")
    return np.array(ast.literal_eval(text[start : text.index("]])") + 2]))


def bits(rate: float) -> float:
    """The loss, in nats, of predicting the base rate for every row."""
    return -rate * math.log(rate) - (1.0 - rate) * math.log(1.0 - rate)


def running_median(values: Sequence[float], reach: int) -> list[float]:
    """Of each value and ``reach`` to either side, as far as there are."""
    return [float(np.median(values[max(0, at - reach) : at + reach + 1])) for at in range(len(values))]


def rate_of_batches(accuracy: float, precision: float, recall: float, batch: int) -> float:
    """The base rate at which batches drawn at random have these means of their own precision and recall.

    By simulation: positives, hits and false alarms of 400,000 batches. A batch without a positive counts as
    recall 0, one without a prediction as precision 0, as the metrics of old Keras programs do.
    """
    random = np.random.default_rng(20)
    batches = 400_000

    def mean_precision(rate: float) -> float:
        found = recall / (1.0 - (1.0 - rate) ** batch)
        alarms = (1.0 - accuracy) - rate * (1.0 - found)
        if alarms <= 0.0:
            return 1.0
        positives = random.binomial(batch, rate, batches)
        hits = random.binomial(positives, found)
        wrong = random.binomial(batch - positives, alarms / (1.0 - rate))
        shown = hits + wrong
        return float(np.mean(hits / np.maximum(shown, 1)))

    low, high = 0.02, 1.0 - accuracy + recall * 0.028
    for _ in range(30):
        middle = (low + high) / 2.0
        # The more of the wrong decisions are positives that were missed, the fewer are false alarms.
        low, high = (middle, high) if mean_precision(middle) < precision else (low, middle)
    return (low + high) / 2.0
