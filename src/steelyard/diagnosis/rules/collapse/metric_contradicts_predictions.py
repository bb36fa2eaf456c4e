"""COL207: a logged metric is not that of the network's predictions."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.measured import finite_part
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import counted, number
from steelyard.finding import Confidence, Severity
from steelyard.log import Predictions


@rule("COL207", severity=Severity.ERROR, catalogue="B7", unless=("OPT308", "CMP108"))
def metric_contradicts_predictions(
    validation_accuracy: Curve | None,
    validation_precision: Curve | None,
    validation_recall: Curve | None,
    validation_predictions: Predictions | None,
    train_accuracy: Curve | None,
    train_loss_logged: Curve | None,
    *,
    apart: float = 0.01,
) -> Outcome:
    """A logged metric is not what the predictions give.

    How it is detected
    ------------------
    Accuracy, precision and recall at 0.5 are computed from the predictions on validation rows. One that is
    further than ``apart`` from its logged values of all epochs contradicts them. Without predictions only the
    plainest case shows: an accuracy of exactly 0 in every epoch, for three epochs at least.

    When it misleads
    ----------------
    A metric that stands still because the network does agrees with the predictions and passes. Predictions of
    the best epoch instead of the last do too, since every epoch is tried. Where the network trained on after
    its metrics were last measured (Keras' ``validation_freq``), the predictions may be of an epoch without
    metrics, and the rule does not tell. A threshold other than 0.5 in the
    metric object is an explanation to be ruled out. An accuracy of 0 on validation rows alone is no sign of a
    wrong metric: rows that are all of the rarer class, as at the end of a sorted table, do that. The rule
    passes if the training accuracy is another, and says no more than "possible" if that is not known.

    Why it matters
    --------------
    A metric of the wrong kind or shape, such as ``metrics.Accuracy()`` on probabilities, labels of shape (n,)
    against outputs of shape (n, 1), or the position of the largest of one output, gives a constant that is
    taken for a network that does not learn.

    What to change
    --------------
    Use ``BinaryAccuracy``, labels and outputs of one shape, and recompute from predictions.

    Source
    ------
    Catalogue B7; public programs on Stack Overflow. DeepDiagnosis calls an accuracy of 0 "invalid".
    """
    if validation_predictions is None:
        return _never_right(validation_accuracy, train_accuracy)
    target = validation_predictions.target == 1
    called = validation_predictions.probability > 0.5
    hits = int((target & called).sum())
    own = {
        "accuracy": float(np.mean(target == called)),
        "precision": hits / int(called.sum()) if called.any() else 0.0,
        "recall": hits / int(target.sum()) if target.any() else 0.0,
    }
    logged = {
        "accuracy": validation_accuracy,
        "precision": validation_precision,
        "recall": validation_recall,
    }
    parts = {name: finite_part(curve) for name, curve in logged.items() if curve is not None}
    known = {name: curve for name, curve in parts.items() if len(curve)}
    if not known:
        return CannotTell("no accuracy, precision or recall on validation rows was logged")
    wrong = {
        name: curve for name, curve in known.items() if not (abs(curve.values - own[name]) <= apart).any()
    }
    if not wrong:
        return Passed(f"the predictions give the logged {', '.join(known)}")
    measured = max(int(curve.epochs[-1]) for curve in wrong.values())
    if train_loss_logged is not None and train_loss_logged.epochs[-1] > measured:
        return CannotTell(
            f"metrics were last measured in epoch {measured}, and the network trained until epoch "
            f"{train_loss_logged.epochs[-1]}: the predictions may be of an epoch without metrics"
        )
    given = [f"{name} {number(own[name])} (logged: {_range(curve)})" for name, curve in wrong.items()]
    evidence: dict[str, float | int | str] = {}
    for name, curve in wrong.items():
        evidence[f"{name}_logged"] = float(curve.values[-1])
        evidence[f"{name}_of_predictions"] = own[name]
    return Fired(
        f"The network's predictions on validation rows give {' and '.join(given)}. The logged metric "
        "measures something else: its type, its threshold or the shape of the labels does not fit.",
        evidence=evidence,
        advice="Use BinaryAccuracy, Precision and Recall on labels and outputs of the same shape.",
        settle="See whether the metric object was given a threshold other than 0.5.",
    )


def _never_right(validation_accuracy: Curve | None, train_accuracy: Curve | None) -> Outcome:
    if train_accuracy is not None and validation_accuracy is not None and train_accuracy.values.any():
        return Passed("the training accuracy is not 0 throughout, so the metric works")
    for split, curve in (("training", train_accuracy), ("validation", validation_accuracy)):
        if curve is not None and len(curve) >= 3 and not curve.values.any():
            return Fired(
                f"The {split} accuracy is exactly 0 in all of {counted(len(curve), 'epoch')}: not one row "
                "right. Even guessing is right sometimes, so the metric compares something else, such as "
                "probabilities with labels for equality.",
                evidence={f"{split}_accuracy": 0.0, "epochs": len(curve)},
                epochs=tuple(int(epoch) for epoch in curve.epochs),
                advice="Use metrics=['accuracy'] or BinaryAccuracy() rather than Accuracy().",
                confidence=Confidence.LIKELY if split == "training" else Confidence.POSSIBLE,
                settle="Compute the accuracy from predictions, and see whether both classes are among the "
                "rows.",
            )
    return CannotTell("the predictions on validation rows are not known, so metrics cannot be recomputed")


def _range(curve: Curve) -> str:
    low, high = float(curve.values.min()), float(curve.values.max())
    if low == high:
        return f"{number(low)} in every epoch"
    return f"{number(low)} to {number(high)}"
