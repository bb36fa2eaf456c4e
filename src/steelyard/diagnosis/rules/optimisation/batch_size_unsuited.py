"""OPT311: batches without a positive row, or too few of them to learn from."""

from __future__ import annotations

import math

from steelyard.diagnosis.health import in_this_run, learned, severity
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import counted, percent
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
    Batches large enough that 95 % hold a positive row, B = ln(0.05) / ln(1 - p), where they leave
    ``steps_per_epoch``; smaller ones, or more epochs, where there are too few steps.

    Source
    ------
    Catalogue C11; TensorFlow's tutorial on imbalanced data takes batches of 2048 for this reason; public
    programs with 90 rows and batches of 2000.
    """
    run = learned(validation_skill, validation_auc_interval)
    logged = train_loss_logged is not None and len(train_loss_logged)
    epochs = int(train_loss_logged.epochs[-1]) if train_loss_logged is not None and logged else planned_epochs
    if rows_train is not None and epochs is not None:
        per_epoch = math.ceil(rows_train / batch_size)
        if per_epoch < steps_per_epoch and per_epoch * epochs < steps:
            return Fired(
                f"With {rows_train:,} training rows in batches of {batch_size}, {counted(epochs, 'epoch')} "
                f"{'makes' if epochs == 1 else 'make'} {counted(per_epoch * epochs, 'step')} in all, "
                f"{per_epoch} per epoch: too few to get far. {in_this_run(run)}",
                evidence={
                    "steps": per_epoch * epochs,
                    "steps_per_epoch": per_epoch,
                    "batch_size": batch_size,
                },
                changes=(_more_steps(rows_train, batch_size, steps),),
                advice="Use smaller batches or more epochs.",
                severity=severity(Severity.WARNING, run),
            )
    if base_rate_train is None:
        return CannotTell(
            "the base rate of the training rows is not known (supply --positives-train N --rows-train N)"
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
    # So large that an epoch would have next to no steps, batches trade one fault for the other.
    fits = rows_train is None or enough * steps_per_epoch <= rows_train
    steps_left = "." if fits else ", but leave too few steps per epoch: make sure of positives in each batch."
    return Fired(
        f"At a base rate of {percent(base_rate_train.value)}, {typical:.0%} of batches of {batch_size} rows "
        f"hold no positive row at all. {in_this_run(run)}",
        evidence={
            "share_without_positives": typical,
            "batch_size": batch_size,
            "base_rate": base_rate_train.value,
            "enough": enough,
        },
        changes=(Change("training.batch_size", enough),) if fits else (),
        advice=f"Batches of {enough:,} rows would hold a positive row in 95 of 100 cases{steps_left}",
        severity=severity(Severity.WARNING, run),
    )


def _more_steps(rows: int, batch_size: int, steps: int) -> Change:
    """Smaller batches; where these are small already, as many epochs as make ``steps``."""
    smaller = max(16, 2 ** int(math.log2(rows / 32 + 1)))
    if smaller < batch_size:
        return Change("training.batch_size", smaller)
    return Change("training.epochs", math.ceil(steps / math.ceil(rows / batch_size)))
