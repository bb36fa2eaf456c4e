"""REG404: more of the loss is penalty than data."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.measured import finite_part, last_known
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact, TrialTable
from steelyard.recipe import Change


@rule("REG404", severity=Severity.WARNING, catalogue="D4", unless=("OPT302", "OPT308"))
def penalty_dominates(
    penalty: Curve | None,
    train_loss: Curve | None,
    train_skill: Curve | None,
    trials: TrialTable | None,
    initial_penalty: Estimate | None,
    layers: tuple[LayerFact, ...] | None,
    train_loss_logged: Curve | None,
    train_floor: Estimate | None,
    class_weight: tuple[float, float] | None,
    weights_in_force: bool | None,
    *,
    skill: float = 0.05,
    shrunk: float = 0.04,
    share: float = 0.5,
    weaker: float = 10.0,
) -> Outcome:
    """Most of the loss is the penalty on the weights.

    How it is detected
    ------------------
    On a run: at the end the penalty is at least as large as the plain training loss, within the bounds of
    both, and the skill on training rows (1 - loss / entropy of the base rate) is at most ``skill``. Or it was
    as large as that at first, has since shrunk to ``shrunk`` of that, and the skill is at most twice as
    much: then it has shrunk the weights instead of fitting the data. Where the penalty was not logged but
    that of the untrained network is known, and was at least the entropy of the base rate: the training loss,
    penalty included, ends no lower than (1 - ``skill``) times that entropy, which a network with all weights
    zero has as well.

    On the table of a search with a penalty: the loss of the data of an undecided network is ln 2 = 0.693, and
    a network that trains gets below that. What a logged loss has above ln 2 is therefore penalty; where that
    is more than ``share`` of it, most of it is.

    When it misleads
    ----------------
    A large penalty on large and useful weights does no harm: with more skill than that the rule passes. In a
    table, a network that is sure and wrong has a loss above ln 2 without any penalty; the penalty of the
    untrained network must be large enough to explain the excess. Where only the untrained network's penalty
    is known, something else may have kept the network from learning; hence it is only possible then.

    Why it matters
    --------------
    The optimizer shrinks weights instead of fitting the data; and two settings are compared by how far they
    shrank them.

    What to change
    --------------
    A penalty ``weaker`` times weaker, or none, on the same seeds; and log the plain loss beside the loss.

    Source
    ------
    Catalogue D4; TheDeepChecker's ratio of the gradients of penalty and data.
    """
    strength = max((layer.l2 for layer in layers or ()), default=0.0)
    changes = (Change("network.l2", float(f"{strength / weaker:.3g}")),) if strength else ()
    bounds = penalty
    if penalty is not None and train_loss is not None:
        penalty, train_loss = finite_part(penalty), finite_part(train_loss)
        if len(penalty) and len(train_loss):
            return _on_run(penalty, train_loss, last_known(train_skill), skill, shrunk, changes)
    if trials is not None and initial_penalty is not None:
        return _on_trials(trials, initial_penalty, share, changes)
    if bounds is None and initial_penalty is not None and train_loss_logged is not None:
        asked = class_weight is not None and class_weight[0] != class_weight[1]
        if train_floor is None or weights_in_force or (asked and weights_in_force is None):
            return CannotTell("without the plain base rate the penalty cannot be told from the data's loss")
        return _on_the_whole(train_loss_logged, initial_penalty, train_floor, skill, changes)
    return CannotTell("the penalty is not known (log sum(model.losses) as a metric, or supply --model FILE)")


def _on_run(
    penalty: Curve,
    train_loss: Curve,
    known_skill: tuple[float, float, float] | None,
    skill: float,
    shrunk: float,
    changes: tuple[Change, ...],
) -> Outcome:
    amount, low, high = (float(one[-1]) for one in (penalty.values, penalty.low, penalty.high))
    data, least, most = (float(one[-1]) for one in (train_loss.values, train_loss.low, train_loss.high))
    seen = f"at the end the penalty is {amount:.3g} and the plain training loss {data:.3g}"
    # At most so much was learned; ``surely`` at least so much.
    surely, reached = (None, None) if known_skill is None else known_skill[1:]
    if surely is not None and surely > 2.0 * skill:
        return Passed(f"{seen}; the skill of {surely:.2f} shows that it does no harm")
    first = float(penalty.low[0])
    shrank = first >= float(train_loss.high[0]) and high <= shrunk * first
    if reached is not None and reached <= 2.0 * skill and shrank:
        return Fired(
            f"The penalty on the weights was {first:.3g} in the first epoch, "
            f"{first / max(float(train_loss.values[0]), 1e-300):.0f} times the data's own loss, and fell to "
            f"{amount:.2g}: the weights were shrunk, and the network knows hardly more than the base rate "
            f"(skill {reached:.2f}).",
            evidence={"penalty_first": first, "penalty": amount, "data_loss": data, "skill": reached},
            epochs=(int(penalty.epochs[0]), int(penalty.epochs[-1])),
            changes=changes,
            advice="Weaken the penalty, and log the plain loss beside the loss.",
            settle="The same run with a weaker penalty would show whether there was more to learn.",
            confidence=Confidence.POSSIBLE,
        )
    if high < least:
        return Passed(seen)
    if surely is not None and surely > skill:
        return Passed(f"{seen}; the skill of {surely:.2f} shows that it does no harm")
    if surely is not None and reached is not None and reached > skill:
        return CannotTell(
            f"{seen}, and the skill is only known to lie between {surely:.2f} and {reached:.2f}"
        )
    if low < most:
        return CannotTell(
            f"the penalty lies between {low:.3g} and {high:.3g}, the plain training loss between "
            f"{least:.3g} and {most:.3g}; logging sum(model.losses) would tell them apart"
        )
    knows = (
        ""
        if reached is None
        else f", and the network knows hardly more than the base rate (skill {reached:.2f})"
    )
    return Fired(
        f"At the end of training the penalty on the weights is {amount:.3g}, "
        f"{amount / max(amount + data, 1e-300):.0%} "
        f"of the loss; the data's own loss is {data:.3g}{knows}.",
        evidence={"penalty": amount, "data_loss": data} | ({} if reached is None else {"skill": reached}),
        epochs=(int(penalty.epochs[-1]),),
        changes=changes,
        advice="Weaken the penalty, and log the plain loss beside the loss.",
        settle=""
        if reached is not None
        else "The base rate of the training rows would say whether it harms.",
        confidence=Confidence.LIKELY if reached is not None else Confidence.POSSIBLE,
    )


def _on_the_whole(
    logged: Curve, initial: Estimate, floor: Estimate, skill: float, changes: tuple[Change, ...]
) -> Outcome:
    """By the loss with the penalty in it: what is minimised can be had with all weights zero."""
    known = finite_part(logged)
    if not len(known):
        return CannotTell("the training loss is a number in no epoch")
    last = float(known.values[-1])
    seen = (
        f"the penalty of the untrained network is {initial.value:.3g}, the entropy of the base rate "
        f"{floor.value:.3g}, and the training loss, penalty included, ends at {last:.3g}"
    )
    if initial.high < floor.low or last < (1.0 - skill) * floor.low:
        return Passed(seen)
    if initial.low < floor.high or last < (1.0 - skill) * floor.high:
        return CannotTell(f"{seen}, which leaves it open")
    return Fired(
        f"{seen[0].upper()}{seen[1:]}. A network whose weights are all zero has no penalty and a loss of "
        f"{floor.value:.3g}: by what it minimises, training has reached hardly anything better.",
        evidence={
            "initial_penalty": initial.value,
            "last_train_loss": last,
            "entropy_of_base_rate": floor.value,
        },
        epochs=(int(known.epochs[-1]),),
        changes=changes,
        advice="Weaken the penalty, and log the plain loss beside the loss.",
        settle="The same run with a weaker penalty would show whether there was more to learn.",
        confidence=Confidence.POSSIBLE,
    )


def _on_trials(
    trials: TrialTable, initial_penalty: Estimate, share: float, changes: tuple[Change, ...]
) -> Outcome:
    losses = trials.metrics.get("validation_loss", np.empty(0))
    losses = np.sort(losses[np.isfinite(losses)])
    if not len(losses):
        return CannotTell("the table has no validation loss")
    undecided = math.log(2.0)
    excess = losses - undecided
    if float(excess[-1]) > initial_penalty.high * 1.5:
        return CannotTell(
            f"a loss of {losses[-1]:.3g} is more than an undecided network and its penalty at the start "
            f"({initial_penalty.value:.3g}) make"
        )
    mostly = losses[excess > share * losses]
    if not len(mostly):
        return Passed(f"the highest validation loss, {losses[-1]:.3g}, need not be mostly penalty")
    listed = ", ".join(f"{loss:.2f}" for loss in mostly)
    return Fired(
        f"{len(mostly)} of {len(losses)} trials have a validation loss ({listed}) that is mostly penalty: "
        f"the data's own loss is at most about {undecided:.2f}, that of an undecided network, while the "
        f"penalty of the untrained network alone is about {initial_penalty.value:.2f}.",
        evidence={
            "trials": len(losses),
            "mostly_penalty": len(mostly),
            "largest_loss": float(losses[-1]),
            "penalty_in_it_at_least": float(excess[-1]),
            "initial_penalty": initial_penalty.value,
        },
        changes=changes,
        advice="Weaken the penalty, train until it has come down, and compare trials by a plain loss.",
        settle="A metric with the plain cross-entropy would show the two parts.",
    )
