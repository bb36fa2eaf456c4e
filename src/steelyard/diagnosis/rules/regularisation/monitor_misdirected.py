"""REG407: early stopping watches the wrong thing, or for the wrong direction."""

from __future__ import annotations

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Confidence, Severity
from steelyard.log import Stopping
from steelyard.recipe import Change

_FALLING = ("loss", "crossentropy", "log_loss", "error", "mse", "mae", "brier")
_RISING = ("acc", "auc", "precision", "recall", "f1", "fbeta", "average_precision")
_GUESSED_BY_KERAS_2 = ("acc", "auc", "fmeasure")
"""What Keras 2's mode "auto" takes to rise, by the name alone."""


@rule("REG407", severity=Severity.ERROR, confidence=Confidence.LIKELY, catalogue="D7")
def monitor_misdirected(
    stopping: Stopping,
    framework: str | None,
    metric_functions: tuple[str, ...] | None,
    train_loss_logged: Curve | None,
    validation_loss_logged: Curve | None,
) -> Outcome:
    """Early stopping waits for the wrong direction, or watches something that misleads or is not there.

    How it is detected
    ------------------
    A loss is watched for its maximum or a score for its minimum; a score other than accuracy and AUC is left
    to Keras 2's "auto", which takes all but those for losses; a metric of one's own is left to Keras 3's
    "auto", which does not know its direction; a validation metric is watched and nothing was measured on
    validation rows; recall or precision is watched alone.

    When it misleads
    ----------------
    Metrics are known by parts of their names; one of another kind with such a name is judged wrongly.

    Why it matters
    --------------
    Watched for the wrong direction, the worst epoch is kept. Recall alone is best where every row is called
    positive, precision alone where hardly any is. A metric that is not there never stops anything.

    What to change
    --------------
    Watch the validation loss, or average precision, and give the mode.

    Source
    ------
    Catalogue D7; Keras' monitor callback (3.15.1); the guess of Keras 2 is from memory.
    """
    name = stopping.monitor.lower()
    mode = stopping.mode or "auto"
    falls, rises = any(one in name for one in _FALLING), any(one in name for one in _RISING)
    change = (Change("training.monitor", "validation_loss"),)
    if (mode == "max" and falls and not rises) or (mode == "min" and rises and not falls):
        right = "lowest" if falls else "highest"
        return Fired(
            f"Early stopping watches {stopping.monitor} for its {'highest' if mode == 'max' else 'lowest'} "
            f"value; it is best where it is {right}. The worst epoch is kept.",
            evidence={"monitor": stopping.monitor, "mode": mode},
            changes=change,
            advice=f"Set the mode to {'min' if falls else 'max'}.",
            confidence=Confidence.CERTAIN,
        )
    if name.startswith("val") and train_loss_logged is not None and validation_loss_logged is None:
        return Fired(
            f"Early stopping watches {stopping.monitor}, but nothing was measured on validation rows: it "
            "never stops.",
            evidence={"monitor": stopping.monitor},
            advice="Give fit() validation rows, or watch something that is measured.",
            severity=Severity.WARNING,
        )
    keras_2 = framework is not None and framework.startswith("keras 2")
    if mode == "auto" and keras_2 and rises and not any(one in name for one in _GUESSED_BY_KERAS_2):
        return Fired(
            f"Early stopping watches {stopping.monitor} without being told that more is better; Keras 2 "
            "guesses from the name and takes it for a loss. It stops where the metric rises.",
            evidence={"monitor": stopping.monitor, "mode": "auto"},
            changes=change,
            advice="Set mode='max'.",
        )
    own = {one.lower() for one in metric_functions or ()}
    keras_3 = framework is not None and framework.startswith("keras 3")
    if mode == "auto" and keras_3 and name.removeprefix("val_") in own:
        return Fired(
            f"Early stopping watches {stopping.monitor}, a metric of the program's own, without a "
            "direction; Keras 3 does not know it and refuses.",
            evidence={"monitor": stopping.monitor, "mode": "auto"},
            changes=change,
            advice="Set mode='max' or mode='min'.",
        )
    alone = next(
        (one for one in ("recall", "precision") if name.endswith(one) and "average" not in name), None
    )
    if alone is not None:
        trick = "calls every row positive" if alone == "recall" else "calls hardly any row positive"
        return Fired(
            f"Early stopping watches {stopping.monitor} alone, which is best for a network that {trick}.",
            evidence={"monitor": stopping.monitor},
            changes=change,
            advice="Watch the validation loss or average precision.",
            severity=Severity.WARNING,
        )
    return Passed(f"it watches {stopping.monitor}, mode {mode}")
