"""OPT311: batches without a positive row, or too few of them to learn from."""

from __future__ import annotations

import math

from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.recipe import Change


@rule("OPT311", severity=Severity.WARNING, confidence=Confidence.LIKELY, catalogue="C11")
def batch_size_unsuited(
    batch_size: int,
    base_rate_train: Estimate | None,
    rows_train: int | None,
    planned_epochs: int | None,
    train_loss_logged: Curve | None,
    resampling: str | None,
    validation_skill: Curve | None,
    validation_auc_interval: Estimate | None,
    *,
    without: float = 0.5,
    steps_per_epoch: int = 10,
    steps: int = 100,
) -> Outcome:
    """Most batches hold no positive row, or there are very few steps.

    How it is detected
    ------------------
    Of batches of B rows drawn at a base rate p, a share of (1 - p)^B holds no positive row: more than
    ``without`` of them (at both ends of what is known of p). Or: fewer than ``steps_per_epoch`` batches make
    an epoch *and* all epochs together make fewer than ``steps`` steps.

    When it misleads
    ----------------
    Batches without positives are no fault by themselves: the gradient is noisy, but right on average. Hence
    it is a smell where the run learned something, and a few empty batches are none at all. Batches that are
    balanced on purpose are left out.

    Why it matters
    --------------
    Between two batches with a positive row the network unlearns it; metrics that are averaged over batches
    say 0 for every batch without one. With few steps, the weights cannot get far: Adam moves each by at most
    about the learning rate per step.

    What to change
    --------------
    Batches large enough that 95 % hold a positive row, B = ln(0.05) / ln(1 - p), or smaller ones where there
    are too few steps.

    Source
    ------
    Catalogue C11; TensorFlow's tutorial on imbalanced data takes batches of 2048 for this reason; public
    programs with 90 rows and batches of 2000.
    """
    run = learned(validation_skill, validation_auc_interval)
    epochs = planned_epochs if train_loss_logged is None else len(train_loss_logged)
    if rows_train is not None and epochs is not None:
        per_epoch = math.ceil(rows_train / batch_size)
        if per_epoch < steps_per_epoch and per_epoch * epochs < steps:
            return Fired(
                f"With {rows_train:,} training rows in batches of {batch_size}, {epochs} epochs make "
                f"{per_epoch * epochs} steps in all, {per_epoch} per epoch: too few to get far. "
                f"{in_this_run(run)}",
                evidence={
                    "steps": per_epoch * epochs,
                    "steps_per_epoch": per_epoch,
                    "batch_size": batch_size,
                },
                changes=(Change("training.batch_size", max(16, 2 ** int(math.log2(rows_train / 32 + 1)))),),
                advice="Use smaller batches or more epochs.",
                severity=severity(Severity.WARNING, run),
            )
    if base_rate_train is None:
        return CannotTell(
            "the base rate of the training rows is not known (supply --positives-train, --rows-train)"
        )
    if resampling not in (None, "none"):
        return Passed(f"rows were resampled ({resampling}), which brings positives into every batch")
    if base_rate_train.value < 1e-12:
        return CannotTell("no training row is positive, so that no batch can hold one")
    share, most = ((1.0 - rate) ** batch_size for rate in (base_rate_train.high, base_rate_train.low))
    typical = (1.0 - base_rate_train.value) ** batch_size
    if share <= without:
        return Passed(
            f"{typical:.1%} of batches of {batch_size} rows hold no positive row"
            if most <= without
            else f"between {share:.0%} and {most:.0%} of batches hold no positive row; that alone is no fault"
        )
    enough = math.ceil(math.log(0.05) / math.log1p(-base_rate_train.value))
    return Fired(
        f"At a base rate of {base_rate_train.value:.2%}, {typical:.0%} of batches of {batch_size} rows hold "
        f"no positive row at all. {in_this_run(run)}",
        evidence={
            "share_without_positives": typical,
            "batch_size": batch_size,
            "base_rate": base_rate_train.value,
            "enough": enough,
        },
        changes=(Change("training.batch_size", enough),),
        advice=f"Batches of {enough:,} rows would hold a positive row in 95 of 100 cases.",
        severity=severity(Severity.WARNING, run),
    )
