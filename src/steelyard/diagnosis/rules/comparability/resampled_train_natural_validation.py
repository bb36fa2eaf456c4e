"""CMP106: training rows were resampled and validation rows were not."""

from __future__ import annotations

import math

from steelyard.diagnosis.arithmetic.entropy import cross_entropy, entropy
from steelyard.diagnosis.arithmetic.samplers import spoken
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import number, percent
from steelyard.finding import Confidence, Severity


@rule("CMP106", severity=Severity.WARNING, catalogue="A6", unless=("LOG903", "IMB703"))
def resampled_train_natural_validation(
    resampling: str,
    base_rate_train: Estimate | None,
    base_rate_validation: Estimate | None,
    resampled_before_split: bool | None,
    validation_loss_logged: Curve | None,
    *,
    apart: float = 0.05,
) -> Outcome:
    """Training rows were resampled to another base rate than validation rows have.

    How it is detected
    ------------------
    A resampler is in the program, after the split, and the plain validation loss of a network that predicts
    the resampled base rate for every row exceeds the entropy of the validation rows' own by more than
    ``apart`` of it.

    When it misleads
    ----------------
    A resampled copy that was not passed to ``fit`` changes nothing; equal base rates of the rows that were
    trained on and validated pass. Resampling before the split is another matter (IMB703).

    Why it matters
    --------------
    Such a network has probabilities for a world with more positives. Its validation loss is high, often above
    that of predicting the base rate, though it may rank rows as well as ever: this is neither overfitting nor
    a useless network.

    What to change
    --------------
    Judge it by ranking (ROC AUC, average precision), or correct the probabilities for the base rate first:
    subtract ln[(r / (1 - r)) / (p / (1 - p))] from the logit, r the resampled rate and p the natural one.

    Source
    ------
    Catalogue A6; measured on generated rows, 6.2% of them positive: SMOTE after the split left the ROC AUC of
    a logistic regression unchanged within noise, while its log loss on natural rows went from 0.21 to 0.61.
    imbalanced-learn, "Common pitfalls".
    """
    if resampling == "none":
        return Passed("the training rows were not resampled")
    if resampled_before_split:
        return Passed("rows were resampled before the split, so validation rows were too")
    if base_rate_train is None or base_rate_validation is None:
        return CannotTell("the base rates are not known (supply --positives N --rows N)")
    if base_rate_train.low <= base_rate_validation.high and base_rate_validation.low <= base_rate_train.high:
        return Passed(
            f"the rows trained on have the base rate of the validation rows, {percent(base_rate_train.value)}"
        )
    if not (0.0 < base_rate_train.value < 1.0 and 0.0 < base_rate_validation.value < 1.0):
        return CannotTell("a split holds rows of one class only")
    natural = entropy(base_rate_validation.value)
    useless = cross_entropy(base_rate_validation.value, base_rate_train.value)
    if useless <= (1.0 + apart) * natural:
        return Passed("the two base rates are so near that the losses compare")
    evidence: dict[str, float | int | str] = {
        "resampling": resampling,
        "base_rate_train": base_rate_train.value,
        "base_rate_validation": base_rate_validation.value,
        "validation_loss_knowing_only_base_rate": useless,
        "validation_entropy": natural,
    }
    seen = ""
    logged = math.nan if validation_loss_logged is None else float(validation_loss_logged.values[-1])
    if math.isfinite(logged):
        evidence["validation_loss"] = logged
        seen = f" The last validation loss, {number(logged)}, has to be read against both."
    return Fired(
        f"After {spoken(resampling)}, {percent(base_rate_train.value)} of the training rows are positive, "
        f"but {percent(base_rate_validation.value)} of the validation rows. A network that learned nothing "
        f"would show a validation loss of {number(useless)}, where predicting the natural base rate costs "
        f"{number(natural)}: a loss between the two does not mean that the ranking is useless.{seen}",
        evidence=evidence,
        advice="Judge by ROC AUC or average precision, or correct the probabilities for the base rate first.",
        confidence=Confidence.CERTAIN
        if base_rate_train.low == base_rate_train.high
        and base_rate_validation.low == base_rate_validation.high
        else None,
    )
