"""REG407: early stopping watches the wrong thing, or for the wrong direction."""

from __future__ import annotations

import re

from steelyard.diagnosis.arithmetic.directions import lower_is_better
from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import BestEpoch, Curve
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping
from steelyard.recipe import Change

_CERTAIN = frozenset(
    {"loss", "binary_crossentropy", "accuracy", "binary_accuracy", "acc", "auc", "pr_auc", "roc_auc"}
    | {"precision", "recall", "f1", "f1_score", "average_precision"}
)
"""Names that can mean one thing only; of others, parts tell what they are likely to be."""
_GUESSED_BY_KERAS_2 = ("acc", "accuracy", "auc")
"""How a name ends that Keras 2's mode "auto" takes for one to rise; all others it takes for losses."""
_ALONE = re.compile(r"(?:^|_)(recall|precision)(?:_\d+)?$")
"""A name of Keras, numbered where a program builds several models; not precision at some recall."""


@rule("REG407", severity=Severity.ERROR, confidence=Confidence.LIKELY, catalogue="D7")
def monitor_misdirected(
    stopping: Stopping,
    framework: str | None,
    metric_functions: tuple[str, ...] | None,
    train_loss_logged: Curve | None,
    validation_loss_logged: Curve | None,
    validation_accuracy: Curve | None,
    validation_recall: Curve | None,
    best_epoch: BestEpoch | None,
    planned_epochs: int | None,
) -> Outcome:
    """Early stopping waits for the wrong direction, or watches something that misleads or is not there.

    How it is detected
    ------------------
    A loss is watched for its maximum or a score for its minimum; a score is left to Keras 2's "auto", which
    takes all for losses whose names do not end in acc, accuracy or auc, val_auc_1 too; a metric of one's own
    is left to Keras 3's "auto", which does not know its direction; a validation metric is watched and nothing
    was measured on validation rows by the end of the training; recall or precision is watched alone.

    When it misleads
    ----------------
    Metrics other than Keras' own are known by parts of their names; one of another kind with such a name is
    judged wrongly. Hence only of those of Keras is the wrong direction certain.

    Why it matters
    --------------
    Watched for the wrong direction, the worst epoch is kept. Recall alone is best where every row is called
    positive, precision alone where hardly any is. A metric that is not there never stops anything.

    What to change
    --------------
    Watch the validation loss, or average precision, and give the mode.

    Source
    ------
    Catalogue D7; Keras' monitor callback (3.15.1); EarlyStopping in callbacks.py of Keras 2 (tf_keras).
    """
    name = stopping.monitor.lower()
    mode = stopping.mode or "auto"
    who = "Early stopping watches" if stopping.patience is not None else "What keeps the best epoch watches"
    own_name = re.sub(r"^(val|validation|train|eval)_|_\d+$", "", name)
    falls = lower_is_better(own_name)
    rises = falls is False
    change = (Change("training.monitor", "validation_loss"),)
    if (mode == "max" and falls) or (mode == "min" and rises):
        right = "lowest" if falls else "highest"
        return Fired(
            f"{who} {stopping.monitor} for its {'highest' if mode == 'max' else 'lowest'} "
            f"value; it is best where it is {right}. The worst epoch is kept.",
            evidence={"monitor": stopping.monitor, "mode": mode},
            changes=change,
            advice=f"Set the mode to {'min' if falls else 'max'}.",
            confidence=Confidence.CERTAIN if own_name in _CERTAIN else None,
        )
    measured = (validation_loss_logged, validation_accuracy, validation_recall, best_epoch)
    nothing = train_loss_logged is not None and all(one is None for one in measured)
    # While it goes on, or once it was broken off, what is measured every few epochs may have been to come.
    if name.startswith("val") and nothing and _is_over(train_loss_logged, planned_epochs):
        return Fired(
            f"{who} {stopping.monitor}, but nothing was measured on validation rows: it never "
            f"{'stops' if stopping.patience is not None else 'acts'}.",
            evidence={"monitor": stopping.monitor},
            advice="Give fit() validation rows, or watch something that is measured.",
            severity=Severity.WARNING,
        )
    keras_2 = framework is not None and framework.startswith("keras 2")
    if mode == "auto" and keras_2 and rises and not name.endswith(_GUESSED_BY_KERAS_2):
        return Fired(
            f"{who} {stopping.monitor} without being told that more is better; Keras 2 guesses from how the "
            "name ends and takes it for a loss. The epoch with the lowest value counts as the best.",
            evidence={"monitor": stopping.monitor, "mode": "auto"},
            changes=change,
            advice="Set mode='max'.",
        )
    own = {one.lower() for one in metric_functions or ()}
    keras_3 = framework is not None and framework.startswith("keras 3")
    if mode == "auto" and keras_3 and name.removeprefix("val_") in own:
        return Fired(
            f"{who} {stopping.monitor}, a metric of the program's own, without a "
            "direction; Keras 3 does not know it and refuses.",
            evidence={"monitor": stopping.monitor, "mode": "auto"},
            changes=change,
            advice="Set mode='max' or mode='min'.",
        )
    alone = None if "average" in name or "_at_" in name else _ALONE.search(name)
    if alone is not None:
        trick = "calls every row positive" if alone[1] == "recall" else "calls hardly any row positive"
        return Fired(
            f"{who} {stopping.monitor} alone, which is best for a network that {trick}.",
            evidence={"monitor": stopping.monitor},
            changes=change,
            advice="Watch the validation loss or average precision.",
            severity=Severity.WARNING,
        )
    return Passed(f"it watches {stopping.monitor}, mode {mode}")


def _is_over(train: Curve | None, planned: int | None) -> bool:
    """Whether all epochs were trained that were asked for, as far as is known."""
    return planned is None or train is None or not len(train) or int(train.epochs[-1]) >= planned
