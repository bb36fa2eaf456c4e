"""DAT604: a split that did not care for the label and came out unlike."""

from __future__ import annotations

from steelyard.diagnosis.arithmetic.rates import rates_apart
from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.finding import Confidence, Severity


@rule("DAT604", severity=Severity.WARNING, catalogue="F4", unless=("IMB703",))
def random_split_off_balance(
    validation_way: str,
    base_rate_train: Estimate,
    base_rate_validation: Estimate,
    positives_validation: Estimate,
    rows_train: int,
    rows_validation: int,
    resampling: str | None,
    *,
    few: int = 30,
    apart: float = 0.2,
    errors: float = 3.9,
) -> Outcome:
    """A random split put the positives unevenly.

    How it is detected
    ------------------
    Validation rows were drawn at random without regard to the label, and the share of positives differs from
    that of the training rows by more than ``apart`` of it, at the nearest ends of what is known. With fewer
    than ``few`` positives such a difference is chance; beyond ``errors`` standard errors (p below 0.0001) it
    is none, and the rows were not simply drawn at random.

    When it misleads
    ----------------
    Splits by group or time cannot be stratified and are not judged; nor are training rows that were
    resampled.

    Why it matters
    --------------
    Loss, precision and accuracy all move with the base rate. Two parts with other rates have curves of other
    heights, and which epoch or model is best can hang on a handful of rows.

    What to change
    --------------
    Stratify (``stratify=y``), or cross-validate with stratified folds.

    Source
    ------
    Catalogue F4.
    """
    if validation_way != "random":
        return Passed(f"the split is not a plain random one ({validation_way})")
    if resampling not in (None, "none"):
        return Passed("training rows were resampled: their base rate differs on purpose")
    train, validation = base_rate_train, base_rate_validation
    gap = max(validation.low - train.high, train.low - validation.high, 0.0)
    if gap <= apart * train.value:
        return Passed(f"{train.value:.2%} and {validation.value:.2%} of the rows are positive")
    z = rates_apart(train, rows_train, validation, rows_validation)
    if z > errors:
        why = f"A random split does not do that ({z:.0f} standard errors): the rows were not simply drawn."
        sure = Confidence.LIKELY
    else:
        why = (
            f"With {positives_validation.value:.0f} positives that is chance, which stratifying takes out."
            if positives_validation.value < few
            else "Stratifying takes that out."
        )
        sure = Confidence.CERTAIN
    return Fired(
        f"The rows were split without regard to the label: {train.value:.2%} of the training rows are "
        f"positive and {validation.value:.2%} of the validation rows. {why}",
        evidence={
            "base_rate_train": train.value,
            "base_rate_validation": validation.value,
            "positives_validation": positives_validation.value,
            "standard_errors": round(z, 1),
        },
        advice="Split with stratify=y, or use stratified folds.",
        confidence=sure,
    )
