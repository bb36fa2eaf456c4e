"""OPT303: training ended while it was still getting somewhere."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.arithmetic.kendall import kendall
from steelyard.diagnosis.arithmetic.trend import theil_sen
from steelyard.diagnosis.measured import was_logged_plain
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.log import TrialTable
from steelyard.recipe import Change


@rule(
    "OPT303",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="C3",
    unless=("OPT308", "OPT301", "OPT312"),
)
def stopped_while_improving(
    validation_loss_logged: Curve | None,
    validation_loss: Curve | None,
    validation_noise: float | None,
    trials: TrialTable | None,
    penalized: bool | None,
    validation_floor: Estimate | None,
    constant_validation_loss: Estimate | None,
    class_weight: tuple[float, float] | None,
    weights_in_force: bool | None,
    resampling: str | None,
    planned_epochs: int | None,
    *,
    epochs: int = 5,
    last_share: float = 0.05,
    window: int = 10,
    gain: float = 0.03,
    chance: float = 0.05,
) -> Outcome:
    """Training ended before it had converged.

    How it is detected
    ------------------
    On a curve: the lowest validation loss lies in the last ``last_share`` of the epochs; over the last
    ``window`` of them (half of all, if they are fewer, but five) the losses are in falling order to a degree
    that has a probability below ``chance`` without a trend (Kendall's tau); and at the pace of these, as many
    epochs again would take at least ``gain`` of the loss away. The validation rows are the same in every
    epoch, so their choice does not make such an order. The plain loss is read where it was logged.

    On the table of a search whose losses hold a penalty on the weights: a network with all weights zero has
    no penalty, and with the right bias its loss is the entropy of the base rate. Training that has converged
    cannot do worse. Where every trial ends above that entropy, none has. Class weights and resampling make
    another bias the right one; then the loss that this one has on validation rows counts.

    When it misleads
    ----------------
    A learning rate that decays to zero ends in a flat curve, and passes. Noise can put the lowest loss last;
    the order of the last epochs is asked for that reason, and fewer than ``epochs`` epochs say nothing. In a
    table, networks that overfit also end above the entropy of the base rate: their curves would show it. Of a
    loss with a penalty in it that was not logged, it may be the penalty that still falls: then the finding is
    only possible.

    Why it matters
    --------------
    More of the same is the cheapest improvement there is. Settings compared before they converge are ranked
    by their speed.

    What to change
    --------------
    Twice the epochs, with early stopping that keeps the best.

    Source
    ------
    Catalogue C3; Tuning playbook, "still improving at the end". The bound by the network of zeros is
    arithmetic.
    """
    if validation_loss_logged is not None:
        plain = validation_loss if was_logged_plain(validation_loss) else None
        curve = validation_loss_logged if plain is None else plain
        return _on_curve(curve, plain is None and bool(penalized), epochs, last_share, window, gain, chance)
    if trials is not None:
        weighted = class_weight is not None and class_weight[0] != class_weight[1]
        moved = resampling not in (None, "none") or (weighted and weights_in_force is not False)
        floor = constant_validation_loss if moved else validation_floor
        if moved and floor is None:
            return CannotTell(
                "class weights or resampling change what a network ends at that knows only the base rate, "
                "and that of the training rows is not known (supply --positives-train N --rows-train N)"
            )
        return _on_trials(trials, penalized, floor, moved, validation_noise, planned_epochs)
    return CannotTell("neither a validation loss nor the table of a search is there (use validation_data=)")


def _on_curve(
    curve: Curve,
    with_penalty: bool,
    epochs: int,
    last_share: float,
    window: int,
    gain: float,
    chance: float,
) -> Outcome:
    known = np.isfinite(curve.values)
    at, values = curve.epochs[known], curve.values[known]
    if len(values) < epochs:
        return CannotTell(f"{len(values)} epochs are too few to see a trend; {epochs} would do")
    best, last = int(at[np.argmin(values)]), int(at[-1])
    if best < last - max(1.0, last_share * last):
        return Passed(f"the lowest validation loss is in epoch {best} of {last}")
    if values[-1] <= 0.0:
        return Passed("the validation loss has reached 0 as logged, so there is nothing left to gain")
    tail = slice(-max(5, min(window, len(values) // 2)), None)
    span = int(at[-1] - at[tail][0])
    fall = -theil_sen(values[tail], at[tail]) * span
    order, by_chance = kendall(values[tail])
    again = fall / span * last
    if not (order < 0 and by_chance < chance) or again < gain * values[-1]:
        return Passed(
            f"the validation loss is lowest in epoch {best} of {last}, but is flat there: it fell by "
            f"{max(fall, 0.0) / values[-1]:.1%} over the last {span + 1} epochs"
        )
    what = "Training was not done." if with_penalty else "The network was not done learning."
    return Fired(
        f"The validation loss is lowest in epoch {best} of {last} and was still falling: by "
        f"{fall / (values[-1] + fall):.1%} over the last {span + 1} epochs. {what}",
        evidence={
            "best_epoch": best,
            "last_epoch": last,
            "fall": fall,
            "fall_share": float(fall / (values[-1] + fall)),
        },
        epochs=(best,),
        changes=(Change("training.epochs", 2 * last),),
        advice="Train for twice as many epochs, with early stopping that keeps the best.",
        settle="A metric with the plain cross-entropy would tell whether it is the penalty that still falls."
        if with_penalty
        else "",
        confidence=Confidence.POSSIBLE if with_penalty else None,
    )


def _on_trials(
    trials: TrialTable,
    penalized: bool | None,
    floor: Estimate | None,
    moved: bool,
    noise: float | None,
    planned_epochs: int | None,
) -> Outcome:
    losses = trials.metrics.get("validation_loss", np.empty(0))
    losses = losses[np.isfinite(losses)]
    if len(losses) < 2:
        return CannotTell("the table has fewer than two validation losses")
    if floor is None:
        return CannotTell("the base rate of the validation rows is not known (supply --positives N --rows N)")
    if not penalized:
        return CannotTell(
            "without a penalty in the loss, a trial above the entropy of the base rate may as well have "
            "overfitted; its curve would tell"
        )
    least, most = float(losses.min()), float(losses.max())
    if least <= floor.high + 2.0 * (noise or 0.0):
        return Passed(
            f"the best validation loss, {least:.3f}, is not above that of a network which knows only the "
            f"base rate, {floor.value:.3f}"
        )
    length = "" if planned_epochs is None else f" after {planned_epochs} epochs"
    knows = " on these rows" if moved else ", the entropy of the base rate"
    return Fired(
        f"All {len(losses)} trials end{length} with a validation loss from {least:.3f} to {most:.3f}, "
        "penalty included. A network whose weights are all zero has no penalty and a loss of "
        f"{floor.value:.3f}{knows}: had they converged, they would be at or below it.",
        evidence={
            "trials": len(losses),
            "lowest_loss": least,
            "highest_loss": most,
            "loss_of_base_rate" if moved else "entropy_of_base_rate": floor.value,
        },
        changes=() if planned_epochs is None else (Change("training.epochs", 5 * planned_epochs),),
        advice="Train each trial several times as long, or at a higher learning rate, before comparing them.",
        settle="The curves of the trials would show whether they still fall.",
    )
