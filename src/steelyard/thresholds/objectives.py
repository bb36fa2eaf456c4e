"""What a threshold is chosen for, as records and as text."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from steelyard.errors import DataError, RecipeError, did_you_mean
from steelyard.metrics.costs import CostMatrix, read_costs, shortest


@dataclass(frozen=True)
class FBeta:
    """The largest F-beta: recall counts ``beta`` times as much as precision."""

    beta: float = 1.0

    def __post_init__(self) -> None:
        if not 1e-3 <= self.beta <= 1e3:  # as the metric of that name has it
            raise RecipeError(f"fbeta: beta must lie between 0.001 and 1000; found {self.beta:g}")

    def __str__(self) -> str:
        return f"f{self.beta:g}" if self.beta in (1.0, 2.0) else f"fbeta={shortest(self.beta)}"


@dataclass(frozen=True)
class BalancedAccuracy:
    """The largest mean of recall and specificity."""

    def __str__(self) -> str:
        return "balanced_accuracy"


@dataclass(frozen=True)
class MatthewsCorrelation:
    """The largest correlation of label and decision."""

    def __str__(self) -> str:
        return "mcc"


@dataclass(frozen=True)
class LeastCost:
    """The least mean cost of a row."""

    costs: CostMatrix

    def __post_init__(self) -> None:
        c = self.costs
        if not all(map(math.isfinite, (c.fp, c.fn, c.tp, c.tn))):
            raise RecipeError(f"cost: costs must be finite; found {self}")
        # Otherwise one answer is never worse than the other, or predicting the wrong class pays.
        if c.fp < c.tn or c.fn < c.tp or (c.fp == c.tn and c.fn == c.tp):
            raise RecipeError(
                f"cost: a wrong decision must not cost less than the right one (fp >= tn, fn >= tp, not "
                f"both equal); found {self}",
                help="gains are negative costs: cost fp=1 fn=10 tp=-5",
            )

    def __str__(self) -> str:
        return str(self.costs)


@dataclass(frozen=True)
class RecallAtLeast:
    """The largest precision among thresholds that find at least this share of the positives."""

    recall: float

    def __post_init__(self) -> None:
        _check_share("recall", self.recall)

    def __str__(self) -> str:
        return f"recall>={shortest(self.recall)}"


@dataclass(frozen=True)
class PrecisionAtLeast:
    """The largest recall among thresholds at which at least this share of the predicted is positive."""

    precision: float

    def __post_init__(self) -> None:
        _check_share("precision", self.precision)

    def __str__(self) -> str:
        return f"precision>={shortest(self.precision)}"


@dataclass(frozen=True)
class Top:
    """As many rows as there is room for, counted in the rows the threshold is chosen on.

    For rows of another number say :class:`Rate`, which does not depend on it.
    """

    rows: int

    def __post_init__(self) -> None:
        if self.rows < 1:
            raise RecipeError(f"top: must be at least 1 row; found {self.rows}")

    def __str__(self) -> str:
        return f"top={self.rows}"


@dataclass(frozen=True)
class Rate:
    """At most this share of all rows is predicted positive, and as near to it as ties allow."""

    rate: float

    def __post_init__(self) -> None:
        _check_share("rate", self.rate)

    def __str__(self) -> str:
        return f"rate={shortest(self.rate)}"


@dataclass(frozen=True)
class Fixed:
    """A threshold that was given: nothing is chosen."""

    threshold: float = 0.5

    def __post_init__(self) -> None:
        if not 0.0 <= self.threshold <= 1.0:
            raise RecipeError(f"threshold: must lie in [0, 1]; found {self.threshold:g}")

    def __str__(self) -> str:
        return shortest(self.threshold)


Objective = (
    FBeta
    | BalancedAccuracy
    | MatthewsCorrelation
    | LeastCost
    | RecallAtLeast
    | PrecisionAtLeast
    | Top
    | Rate
    | Fixed
)
"""``str(objective)`` is text from which :func:`parse_objective` makes the same objective."""

ALLOWED = (
    "f1",
    "f2",
    "fbeta=0.5",
    "balanced_accuracy",
    "mcc",
    "cost fp=1 fn=10",
    "recall>=0.8",
    "precision>=0.5",
    "top=800",
    "rate=0.1",
    "0.5",
)
"""One example of every form."""

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_ALLOWED = f"allowed: {' | '.join(ALLOWED)}"


def parse_objective(text: str) -> Objective:
    """The objective that ``text`` names: one of :data:`ALLOWED`, with any numbers.

    Shares may be written as percentages; capitals and spaces do not matter. Raises
    :class:`~steelyard.errors.RecipeError` that lists what is allowed.

    >>> parse_objective("recall >= 80%")
    RecallAtLeast(recall=0.8)
    >>> str(parse_objective("Cost FN=10, FP=1"))
    'cost fp=1 fn=10'
    """
    plain = " ".join(text.casefold().split())
    if re.fullmatch(rf"{_NUMBER}\s?%?", plain):
        return Fixed(_share(plain))
    if plain == "cost" or re.match(r"cost[\s:]", plain):
        try:
            return LeastCost(read_costs(text))
        except DataError as error:
            raise RecipeError(*error.problems) from None
    if found := re.fullmatch(rf"(fbeta|recall|precision|top|rate)\s?(>=|≥|=)\s?({_NUMBER}\s?%?)", plain):
        name, sign, number = found.groups()
        if (name in ("recall", "precision")) == (sign != "="):
            return _parse_number(text, name, number)
    elif found := re.fullmatch(rf"f({_NUMBER})", plain):
        return FBeta(float(found[1]))
    elif plain in ("balanced_accuracy", "balanced accuracy"):
        return BalancedAccuracy()
    elif plain == "mcc":
        return MatthewsCorrelation()
    name = re.split(r"[\s=<>≥:]", plain, maxsplit=1)[0]
    raise _unknown(text, did_you_mean(plain if name == plain else name, _names()))


def _parse_number(text: str, name: str, number: str) -> Objective:
    match name:
        case "recall":
            return RecallAtLeast(_share(number))
        case "precision":
            return PrecisionAtLeast(_share(number))
        case "rate":
            return Rate(_share(number))
        case "top" if number.isdecimal():
            return Top(int(number))
        case "fbeta" if not number.endswith("%"):
            return FBeta(float(number))
    raise _unknown(text)


def _share(number: str) -> float:
    # Divided, not multiplied by 0.01, so that 80% is the same number as 0.8.
    return float(number[:-1]) / 100.0 if number.endswith("%") else float(number)


def _check_share(name: str, share: float) -> None:
    if not 0.0 < share <= 1.0:
        raise RecipeError(f"{name}: must be above 0 and at most 1 (or 100%); found {share:g}")


def _names() -> list[str]:
    return [re.split(r"[\s=>]", form, maxsplit=1)[0] for form in ALLOWED[:-1]]


def _unknown(text: str, hint: str = "") -> RecipeError:
    return RecipeError(f"{text!r} is no objective for a threshold{hint}", help=_ALLOWED)
