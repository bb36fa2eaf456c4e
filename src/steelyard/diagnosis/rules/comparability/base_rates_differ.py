"""CMP105: training and validation rows have different base rates, so their losses have different floors."""

from __future__ import annotations

import math

from scipy.special import ndtr

from steelyard.diagnosis.arithmetic.entropy import entropy
from steelyard.diagnosis.arithmetic.rates import rates_apart
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import estimated, number
from steelyard.finding import Confidence, Severity


@rule(
    "CMP105",
    severity=Severity.WARNING,
    confidence=Confidence.CERTAIN,
    catalogue="A5",
    unless=("CMP106", "LOG903"),
)
def base_rates_differ(
    base_rate_train: Estimate,
    base_rate_validation: Estimate,
    rows_train: int | None,
    rows_validation: int | None,
    train_loss_logged: Curve | None,
    validation_loss_logged: Curve | None,
    *,
    apart: float = 0.05,
    chance: float = 0.01,
) -> Outcome:
    """Training and validation rows have different base rates, so their losses have different floors.

    How it is detected
    ------------------
    The entropies of the two base rates differ by more than ``apart`` of the training rows', and the rates by
    more than chance (two-proportion z-test, p below ``chance``). Where a rate is known within bounds only,
    both must hold for the two rates in the bounds that are nearest to each other.

    When it misleads
    ----------------
    A small validation part differs by chance: then the rule passes and says so. Where rows were resampled on
    purpose, CMP106 tells it and masks this.

    Why it matters
    --------------
    The floor is the loss of a network that knows nothing but the base rate. Where it is higher for validation
    rows, a sound network shows a higher validation loss, which is read as overfitting; where it is lower, a
    useless network seems to generalise well.

    What to change
    --------------
    Compare the losses divided by their floors, and split so that both parts have the same share of positives
    (stratified), unless the rows are ordered in time and the change is real.

    Source
    ------
    Catalogue A5 (derived): 1 positive in 21 rows has a floor of 0.191, 2% one of 0.098.
    """
    low, high = sorted((base_rate_train, base_rate_validation), key=lambda rate: rate.value)
    near, far = low.high, high.low
    said = (
        f"{estimated(base_rate_train, share=True)} of the training rows and "
        f"{estimated(base_rate_validation, share=True)} of the validation rows are positive"
    )
    if near >= far:
        if _counted(low, high):
            return Passed(said)
        return CannotTell(f"the base rates are known within bounds that overlap: {said}")
    floors = abs(entropy(far) - entropy(near))
    if floors <= apart * entropy(base_rate_train.value):
        return Passed(f"{said}: the floors of the two losses differ by {number(floors)} nats at the least")
    if rows_train is None or rows_validation is None:
        return CannotTell(f"{said}, but of how many rows is not known, so that chance cannot be ruled out")
    distance = rates_apart(base_rate_train, rows_train, base_rate_validation, rows_validation)
    p = 2.0 * float(ndtr(-distance))
    if p >= chance:
        return Passed(f"{said}: no more than chance does with so few rows (p = {p:.2g})")
    train_floor, validation_floor = _floor(base_rate_train), _floor(base_rate_validation)
    evidence: dict[str, float | int | str] = {
        "base_rate_train": base_rate_train.value,
        "base_rate_validation": base_rate_validation.value,
        "train_floor": train_floor.value,
        "validation_floor": validation_floor.value,
        "p": p,
    }
    logged = ""
    if train_loss_logged is not None and validation_loss_logged is not None:
        train, validation = float(train_loss_logged.values[-1]), float(validation_loss_logged.values[-1])
        if math.isfinite(train) and math.isfinite(validation):
            evidence |= {"train_loss": train, "validation_loss": validation}
            logged = (
                f" The last losses, {number(train)} and {number(validation)}, have to be read against these, "
                "not against each other."
            )
    return Fired(
        f"{said[0].upper()}{said[1:]}. Predicting the base rate for every row therefore costs "
        f"{estimated(train_floor)} in training and {estimated(validation_floor)} in validation: a "
        f"difference of {number(abs(validation_floor.value - train_floor.value))} that is no "
        f"overfitting.{logged}",
        evidence=evidence,
        advice="Divide each loss by its own floor before comparing; stratify the split if order does not "
        "matter.",
        confidence=Confidence.CERTAIN
        if _counted(base_rate_train, base_rate_validation)
        else Confidence.LIKELY,
        settle=""
        if _counted(base_rate_train, base_rate_validation)
        else "Count the positives of both parts.",
    )


def _floor(rate: Estimate) -> Estimate:
    ends = [entropy(rate.low), entropy(rate.high)]
    highest = entropy(0.5) if rate.low < 0.5 < rate.high else max(ends)
    return Estimate(entropy(rate.value), min(ends), highest, rate.how)


def _counted(*rates: Estimate) -> bool:
    return all(rate.low == rate.high for rate in rates)
