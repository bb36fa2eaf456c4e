"""Metrics by name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType

from steelyard.errors import DataError, did_you_mean
from steelyard.metrics.catalogue import (
    METRICS,
    expected_cost,
    f_beta,
    lift_at_top,
    precision_at_top,
    recall_at_precision,
)
from steelyard.metrics.costs import finite, read_costs
from steelyard.metrics.definition import Metric


def metric(name: str | Metric) -> Metric:
    """The metric of that name; :class:`~steelyard.errors.DataError` with the nearest name if there is none.

    A name may have a parameter: ``f2`` or ``fbeta=0.5``, ``recall_at_precision=0.8``,
    ``precision_at_top=800`` and ``lift_at_top=10%`` (a number of rows or a share of them),
    ``cost fp=1 fn=10`` (and ``tp``, ``tn``, which are 0 otherwise).

    >>> metric("auc").name, metric("AP").name, metric("cost fn=10 fp=1").name
    ('roc_auc', 'average_precision', 'cost fp=1 fn=10')
    >>> metric("log_los")
    Traceback (most recent call last):
    ...
    steelyard.errors.DataError: 'log_los' is not a metric (did you mean 'log_loss'?)
    """
    if isinstance(name, Metric):
        return name
    text = " ".join(name.split()).casefold()
    plain = text.replace("-", "_").replace(" ", "_")
    if (found := METRICS.get(ALIASES.get(plain, plain))) is not None:
        return found
    if matched := re.fullmatch(r"f_?(\d+(?:\.\d+)?)", plain):
        return f_beta(finite(matched[1], of=name))
    family, _, argument = text.partition("=")
    family = family.strip().replace("-", "_").replace(" ", "_")
    if family in ("fbeta", "f_beta"):
        return f_beta(finite(argument, of=name))
    if family == "recall_at_precision":
        return recall_at_precision(_share(name, argument))
    if family in ("precision_at_top", "lift_at_top"):
        return (precision_at_top if family == "precision_at_top" else lift_at_top)(_top(name, argument))
    if text.split(" ")[0] == "cost":
        return expected_cost(read_costs(name))
    known = [*METRICS, *ALIASES, *PARAMETRIC]
    hint = did_you_mean(plain, known) or did_you_mean(family, known) or f"; there are: {', '.join(_NAMES)}"
    raise DataError(f"{name!r} is not a metric{hint}")


def _share(name: str, text: str) -> float:
    """``0.8`` or ``80%``."""
    text = text.strip()
    return finite(text[:-1], of=name) / 100.0 if text.endswith("%") else finite(text, of=name)


def _top(name: str, text: str) -> float:
    """A number of rows, or a share of them below 1."""
    top = _share(name, text)
    if not top > 0.0 or (text.strip().endswith("%") and top >= 1.0) or (top >= 1.0 and top != int(top)):
        raise DataError(f"{name!r}: write a number of rows, like 800, or a share of them, like 10% or 0.1")
    return top


ALIASES: Mapping[str, str] = MappingProxyType(
    {
        "auc": "roc_auc",
        "auroc": "roc_auc",
        "ap": "average_precision",
        "auprc": "average_precision",
        "pr_auc": "average_precision",
        "logloss": "log_loss",
        "cross_entropy": "log_loss",
        "brier_score": "brier",
        "ece": "calibration_error",
        "slope": "calibration_slope",
        "intercept": "calibration_intercept",
        "f1_score": "f1",
        "gmean": "g_mean",
        "matthews": "mcc",
    }
)
"""Other names the metrics go by."""

PARAMETRIC = (
    "fbeta=0.5",
    "recall_at_precision=0.5",
    "precision_at_top=10%",
    "lift_at_top=10%",
    "cost fp=1 fn=10",
)
"""An example of each metric that takes a parameter."""

_NAMES = (*METRICS, *PARAMETRIC)
