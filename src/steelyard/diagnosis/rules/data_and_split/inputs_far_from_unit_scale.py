"""DAT601: inputs that are far too small or too large for the network's first weights."""

from __future__ import annotations

import math
import sys

from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Severity
from steelyard.log import FeatureFact, LayerFact
from steelyard.recipe import Change

_SCALERS = ("batch_normalization", "normalization", "layer_normalization")


@rule("DAT601", severity=Severity.WARNING, catalogue="F1")
def inputs_far_from_unit_scale(
    features: tuple[FeatureFact, ...],
    layers: tuple[LayerFact, ...] | None,
    scaling: str | None,
    validation_skill: Curve | None,
    *,
    tiny: float = 0.01,
    huge: float = 10.0,
    ratio: float = 100.0,
    healthy: float = 0.2,
) -> Outcome:
    """Inputs are far too small or too large for the network.

    How it is detected
    ------------------
    Among the inputs that are not constant and not 0/1, one has a standard deviation below ``tiny``, a typical
    size (root mean square) above ``huge``, or a standard deviation ``ratio`` times that of another. Initial
    weights are made for inputs of about 1.

    When it misleads
    ----------------
    Sample rows may have been printed before they were scaled: nothing is said if the code scales, or if the
    first layer normalizes. A few sample rows estimate a spread to a factor of two at worst, far less than the
    thresholds. Where the validation skill has reached ``healthy`` all the same, it is only a smell.

    Why it matters
    --------------
    Inputs near 0.0003 leave the first layer at its bias: whatever the row, the network says nearly the same
    until its weights have grown to thousands. Inputs in the thousands saturate units or make the loss jump.

    What to change
    --------------
    Scale each column by its training rows: standard or robust scaling.

    Source
    ------
    Catalogue F1. UMLAUT and DeepDiagnosis test for [-1, 1], which misses 0.0003 and fires on z-scores.
    """
    if scaling not in (None, "none"):
        return Passed(f"the inputs are scaled ({scaling})")
    if layers and layers[0].kind in _SCALERS:
        return Passed(f"the first layer scales ({layers[0].kind})")
    if features and all(one.rows < 2 for one in features):
        return CannotTell("only one sample row is known, which shows no spread")
    numbers = [one for one in features if _is_number(one)]
    if not numbers:
        return Passed("no input is a number that varies: all are 0/1 or constant")
    small = [one for one in numbers if one.deviation < tiny]
    large = [one for one in numbers if _size(one) > huge]
    least, most = (pick(numbers, key=lambda one: one.deviation) for pick in (min, max))
    if not (small or large) and most.deviation <= ratio * least.deviation:
        return Passed(
            f"{len(numbers)} inputs have standard deviations of {least.deviation:.2g} to {most.deviation:.2g}"
        )
    clauses = []
    if small:
        vary = "varies" if len(small) == 1 else "vary"
        inner = min(small, key=lambda one: one.deviation)
        middle = "" if inner.median is None else f" around {inner.median:.2g},"
        clauses.append(
            f"{len(small)} of {len(features)} inputs {vary} by less than {tiny:g} (the least, {inner.name}, "
            f"has values{middle} with a mean of {inner.mean:.2g} and a standard deviation of "
            f"{inner.deviation:.2g}), so a "
            f"weight must grow to about {1.0 / inner.deviation:,.0f} before that input moves anything by 1"
        )
    if large:
        are = "is" if len(large) == 1 else "are"
        outer = max(large, key=_size)
        clauses.append(
            f"{len(large)} of {len(features)} inputs {are} typically larger than {huge:g} (the largest, "
            f"{outer.name}, about {_size(outer):.3g})"
        )
    if not clauses:
        clauses.append(
            f"{most.name} varies {most.deviation / least.deviation:,.0f} times as much as {least.name}, "
            "so one learning rate cannot suit both"
        )
    skill = None if validation_skill is None else finite_part(validation_skill)
    well = skill is not None and len(skill) and skill.low.max() > healthy
    return Fired(
        f"{'; '.join(clauses)}. Networks start with weights made for inputs of about 1.",
        evidence={
            "inputs": len(features),
            "tiny_inputs": len(small),
            "huge_inputs": len(large),
            "least_deviation": least.deviation,
            "most_deviation": most.deviation,
            "sample_rows": numbers[0].rows,
        },
        changes=(Change("preprocessing.scaling", "robust"),),
        advice="Scale every column by the mean and spread of its training rows.",
        severity=Severity.SMELL if well else None,
    )


def _is_number(feature: FeatureFact) -> bool:
    flag = feature.minimum in (0.0, 1.0) and feature.maximum in (0.0, 1.0)
    finite = math.isfinite(feature.mean) and math.isfinite(feature.deviation)
    return finite and feature.deviation > sys.float_info.min and not (flag and (feature.distinct or 2) <= 2)


def _size(feature: FeatureFact) -> float:
    return min(math.hypot(feature.mean, feature.deviation), sys.float_info.max)
