"""OPT308: the loss stopped being a number."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence, Severity
from steelyard.log import FeatureFact
from steelyard.recipe import Change


@rule("OPT308", severity=Severity.ERROR, confidence=Confidence.CERTAIN, catalogue="C8")
def loss_not_finite(
    train_loss_logged: Curve,
    validation_loss_logged: Curve | None,
    learning_rate: float | None,
    features: tuple[FeatureFact, ...] | None,
    *,
    gentler: float = 10.0,
) -> Outcome:
    """The loss is no longer a number.

    How it is detected
    ------------------
    An epoch's training loss, or its validation loss while the training loss still is one, is NaN or infinite.
    What is logged after it, accuracy included, is that of a network whose weights are not numbers: NaN
    compares as "not above 0.5", so its accuracy is the share of negatives.

    When it misleads
    ----------------
    Never as to the fact. A NaN that was written for "not measured" is left out by the readers. A validation
    loss alone that is not a number points to a missing value in a validation row, or to a probability of
    exactly 0 or 1, rather than to the training.

    Why it matters
    --------------
    No later epoch can mend weights that are not numbers, and those of the last epoch are worthless; those of
    an epoch before may be sound.

    What to change
    --------------
    Look for missing or infinite values in the inputs first. Then a learning rate ``gentler`` times lower,
    and the gradient clipped.

    Source
    ------
    Catalogue C8; AUTOTRAINER names it "explode", DeepLocalize "numerical error". AUTOTRAINER's ratio of
    gradients above 70 is no evidence: it called 14 of 15 sound runs exploding.
    """
    train = ~np.isfinite(train_loss_logged.values)
    if train.any():
        return _fired("training", train_loss_logged, train, learning_rate, features, gentler)
    if validation_loss_logged is not None:
        validation = ~np.isfinite(validation_loss_logged.values)
        if validation.any():
            return _fired("validation", validation_loss_logged, validation, None, features, gentler)
    return Passed(f"all {len(train_loss_logged)} training losses are finite")


def _fired(
    split: str,
    curve: Curve,
    bad: np.ndarray[tuple[int], np.dtype[np.bool_]],
    learning_rate: float | None,
    features: Sequence[FeatureFact] | None,
    gentler: float,
) -> Fired:
    at = int(np.argmax(bad))
    first = int(curve.epochs[at])
    before = (
        f", after {curve.values[at - 1]:.4g} in epoch {curve.epochs[at - 1]}" if at else ", from the start"
    )
    holes = [feature for feature in features or () if feature.missing or not np.isfinite(feature.mean)]
    cause = f" {_hole(holes[0])}" if holes else ""
    changes: tuple[Change, ...] = ()
    if split == "training" and not holes:
        changes = (Change("optimizer.global_clip_norm", 1.0),)
        if learning_rate:
            changes = (Change("optimizer.learning_rate", float(f"{learning_rate / gentler:.3g}")), *changes)
    evidence: dict[str, float | int | str] = {
        "split": split,
        "first_epoch": first,
        "epochs_lost": int(bad.sum()),
    }
    if holes:
        evidence["input_with_missing_values"] = holes[0].name
    return Fired(
        f"The {split} loss is not a number in epoch {first}{before}: {int(bad.sum())} of {len(bad)} epochs "
        f"are lost.{cause}",
        evidence=evidence,
        epochs=tuple(int(epoch) for epoch in curve.epochs[bad]),
        changes=changes,
        advice="Look for missing or infinite values in the inputs; then lower the learning rate and clip."
        if split == "training"
        else "Look for missing or infinite values in the validation rows.",
    )


def _hole(feature: FeatureFact) -> str:
    if feature.missing:
        return f"The inputs have missing values: {feature.missing} of {feature.rows} rows in {feature.name}."
    return f"The inputs have infinite values, in {feature.name}."
