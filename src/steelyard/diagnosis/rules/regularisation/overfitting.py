"""REG401: the validation loss rises while the training loss falls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from steelyard.diagnosis.arithmetic.rise import Rise, rise, smooth
from steelyard.diagnosis.keeping import keeps_best_score, keeps_lowest_loss
from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact, Stopping
from steelyard.recipe import Change


@dataclass(frozen=True)
class _Reading:
    """The rise of the plain loss as it is, and the least and most it can be within its bounds."""

    curve: Curve
    rise: Rise
    least: float
    most: float


@rule(
    "REG401",
    severity=Severity.WARNING,
    confidence=Confidence.LIKELY,
    catalogue="D1",
    unless=("OPT308", "OPT312", "REG403", "LOG909"),
)
def overfitting(
    validation_loss: Curve,
    train_loss: Curve | None,
    train_loss_logged: Curve | None,
    loss_gap: Curve | None,
    validation_noise: float | None,
    stopping: Stopping | None,
    layers: tuple[LayerFact, ...] | None,
    *,
    epochs: int = 5,
    percent: float = 5.0,
    errors: float = 2.0,
    severe: float = 50.0,
) -> Outcome:
    """The validation loss rises while the training loss goes on falling: overfitting.

    How it is detected
    ------------------
    Prechelt's generalisation loss on the plain validation loss, smoothed by a running median: the curve ends
    more than ``percent`` above its lowest point, by more than ``errors`` standard errors of the validation
    rows and of its own wiggle, and the training loss is lower at the end than it was at that point. Where the
    plain loss is only known within bounds, rise or no rise must hold whatever the loss was within them, or
    else the gap between validation and training loss, in which a penalty cancels, must say the same; the
    finding is then only possible.

    When it misleads
    ----------------
    A gap between the curves is not overfitting, nor is a single epoch that is worse than the one before: most
    published rules fire on those, and on most sound runs. Fewer than ``epochs`` epochs say nothing. A penalty
    inside the loss grows with the weights and can lift the validation loss alone. A loss that rises while the
    ranking of rows stays as good is over-confidence, and REG403 says so. Where the weights of the epoch with
    the lowest validation loss are kept, the rise does no harm and the rule passes, unless it is more than
    ``severe`` percent. Where they are those of the best epoch by a score, it cannot be told; by the training
    loss, that is mostly the last epoch, and they are no better.

    Why it matters
    --------------
    The weights of the last epoch are worse than some that were thrown away, and the network fits what is
    peculiar to the training rows.

    What to change
    --------------
    Keep the weights of the best epoch. Then one at a time: a smaller network, dropout, a penalty, more rows.

    Source
    ------
    Catalogue D1; Prechelt 1998; Tuning playbook. Measured on 419 labelled histories of OverfitGuard: F1 0.95
    at 1 % false alarms, against 76 % false alarms of "any epoch worse" and 39 % of "gap above 10 %".
    """
    known = finite_part(validation_loss)
    if len(known) < epochs:
        return CannotTell(f"{len(known)} epochs are too few to see a rise; {epochs} would do")
    found = _read(known)
    if found.rise.lowest <= 0.0 < found.rise.height:
        return CannotTell("the lowest validation loss is 0 as logged, so no rise is a share of it")
    noise = np.hypot(validation_noise or 0.0, found.rise.wiggle / np.sqrt(3.0))
    gap = _gap_rise(loss_gap)
    if found.rise.percent <= percent:
        if found.most > percent and (gap is None or gap[1] > errors * noise):
            return CannotTell(
                "the validation loss does not rise as logged, but may within its bounds "
                f"({validation_loss.how}); a BinaryCrossentropy metric would tell"
            )
        return Passed(
            f"the validation loss ends {max(found.rise.percent, 0.0):.1f}% above its lowest point (epoch "
            f"{_epoch(found)}), not more than {percent:g}%: no overfitting in the ordinary sense"
            + (f"; it wiggles by {_share(found):.1%} from epoch to epoch" if found.rise.wiggle else "")
        )
    if found.rise.height <= errors * noise:
        return Passed(
            f"the validation loss ends {found.rise.height:.2g} above its lowest point, which is not more "
            f"than noise ({errors:g} standard errors of {noise:.2g})"
        )
    train = train_loss if train_loss is not None else train_loss_logged
    if train is None:
        return CannotTell("the validation loss rises, but there is no training loss to tell overfitting by")
    span = _epoch(found), int(found.curve.epochs[-1])
    fell = _fall(train, *span)
    if fell is None:
        return CannotTell("the training loss was not measured at the epochs of the validation loss")
    logged = None if train_loss_logged is None else _fall(train_loss_logged, *span)
    if fell <= 0.0 and (train.high > train.low).any() and logged is not None and logged > 0.0:
        return CannotTell(
            f"the validation loss rises by {found.rise.percent:.0f}%, and the training loss falls as logged, "
            f"but the plain one is only known within bounds ({train.how})"
        )
    if fell <= 0.0:
        return Passed(
            f"the validation loss rises by {found.rise.percent:.0f}%, but so does the training loss: that "
            "is not overfitting, training itself goes astray"
        )
    sure = found.least > percent
    if not sure and (gap is None or gap[0] <= errors * noise):
        return CannotTell(
            f"the validation loss rises by {found.rise.percent:.0f}% as logged, but with its bounds it may "
            f"rise by {found.least:.0f}% to {found.most:.0f}% ({validation_loss.how}); a BinaryCrossentropy "
            "metric would tell"
        )
    keeps = keeps_lowest_loss(stopping)
    if keeps and found.rise.percent <= severe:
        return Passed(
            f"the validation loss rises by {found.rise.percent:.0f}% after epoch {_epoch(found)}, but the "
            "weights kept are to be those of the best epoch"
        )
    if stopping is not None and keeps_best_score(stopping):
        return CannotTell(
            f"the validation loss rises by {found.rise.percent:.0f}% after epoch {_epoch(found)}, but the "
            f"weights kept are those of the epoch with the best {stopping.monitor}, whose loss is not known"
        )
    return _fired(found, fell, validation_noise, validation_loss, sure, keeps, _changes(layers))


def _read(curve: Curve) -> _Reading:
    middle = rise(curve.values)
    low, high = smooth(curve.low), smooth(curve.high)
    # The loss may be anywhere within its bounds at either epoch.
    least = _percent(float(low[-1]), float(high[middle.at]))
    most = _percent(float(high[-1]), float(low[middle.at]))
    return _Reading(curve, middle, least, most)


def _percent(last: float, lowest: float) -> float:
    return 100.0 * (last / lowest - 1.0) if lowest > 0.0 else np.inf


def _epoch(found: _Reading) -> int:
    return int(found.curve.epochs[found.rise.at])


def _share(found: _Reading) -> float:
    return found.rise.wiggle / found.rise.lowest if found.rise.lowest > 0.0 else 0.0


def _fall(train: Curve, since: int, until: int) -> float | None:
    """By how much the training loss fell between two epochs; None if it was not measured there."""
    inside = (train.epochs >= since) & (train.epochs <= until) & np.isfinite(train.values)
    if int(inside.sum()) < 2:
        return None
    even = smooth(train.values[inside])
    return float(even[0] - even[-1])


def _gap_rise(gap: Curve | None) -> tuple[float, float] | None:
    """The least and the most by which validation minus training loss, in which a penalty cancels, ends above
    its lowest point; None if it is not known."""
    gap = None if gap is None else finite_part(gap)
    if gap is None or not len(gap):
        return None
    at = int(np.argmin(smooth(gap.values)))
    low, high = smooth(gap.low), smooth(gap.high)
    return float(low[-1] - high[at]), float(high[-1] - low[at])


def _changes(layers: tuple[LayerFact, ...] | None) -> tuple[Change, ...]:
    """The best epoch, and of dropout and penalty what is more than the network has already."""
    known = layers or ()
    rate = max((one.rate or 0.0 for one in known if "dropout" in one.kind), default=0.0)
    strength = max((one.l2 for one in known), default=0.0)
    return (
        Change("training.restore_best_weights", True, risk="safe"),
        *((Change("network.dropout", 0.3),) if rate < 0.3 else ()),
        *((Change("network.l2", 0.001),) if strength < 0.001 else ()),
    )


def _fired(
    found: _Reading,
    fell: float,
    noise: float | None,
    curve: Curve,
    sure: bool,
    keeps: bool,
    changes: tuple[Change, ...],
) -> Fired:
    first, last = _epoch(found), int(found.curve.epochs[-1])
    doubts = []
    if not sure:
        doubts.append("the penalty inside the logged losses may be part of the rise")
    elif curve.quantity.penalized is None:
        doubts.append("a penalty, if there is one in the loss, may be part of the rise")
    if noise is None:
        doubts.append("how many rows and positives validate is not known, so neither is the noise")
    harmless = " The weights kept are those of the best epoch, so this run is not harmed." if keeps else ""
    return Fired(
        f"The validation loss rises from {found.rise.lowest:.4g} (around epoch {first}) to "
        f"{found.rise.last:.4g}, by {found.rise.percent:.0f}%, while the training loss falls by another "
        f"{fell:.2g}: overfitting after epoch {first}.{harmless}",
        evidence={
            "best_epoch": first,
            "lowest": found.rise.lowest,
            "last": found.rise.last,
            "rise_percent": found.rise.percent,
            "training_loss_fell": fell,
        },
        epochs=tuple(int(epoch) for epoch in found.curve.epochs if first < epoch <= last),
        changes=changes,
        advice="Keep the weights of the best epoch; then try less network, dropout or a penalty, one at a "
        "time.",
        settle=("A plain loss on both splits and the counts would settle it: " + "; ".join(doubts) + ".")
        if doubts
        else "",
        confidence=Confidence.LIKELY if sure and noise is not None else Confidence.POSSIBLE,
        severity=Severity.SMELL if keeps else None,
    )
