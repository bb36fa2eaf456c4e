"""CMP102: the training loss was measured with dropout active, the validation loss without."""

from __future__ import annotations

import numpy as np

from steelyard.diagnosis.measured import was_logged_plain
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import number, percent
from steelyard.finding import Confidence, Severity
from steelyard.log import LayerFact, Predictions

_NOISY = ("dropout", "alpha_dropout", "gaussian_dropout", "gaussian_noise", "spatial_dropout1d")


@rule("CMP102", severity=Severity.WARNING, catalogue="A2", unless=("CMP104", "CMP105", "CMP106"))
def train_loss_with_dropout(
    train_loss_logged: Curve,
    validation_loss_logged: Curve | None,
    dropout: bool | None,
    layers: tuple[LayerFact, ...] | None,
    train_predictions: Predictions | None,
    penalty: Curve | None,
    validation_noise: float | None,
    train_loss: Curve | None,
    *,
    inflation: float = 0.05,
    errors: float = 2.0,
) -> Outcome:
    """The training loss is inflated by dropout that validation does not have.

    How it is detected
    ------------------
    The network drops units (or adds noise) while it trains. If predictions on training rows are known, the
    logged training loss, less the penalty, must exceed their loss by ``inflation`` of it. Otherwise the
    symptom is asked for: a validation loss below the training loss of the last epoch by more than ``errors``
    standard errors.

    When it misleads
    ----------------
    Weights, resampling and different base rates make the validation loss lower too; where CMP104, CMP105 or
    CMP106 found such a cause, this finding is masked. If the training loss is the lower one, dropout cannot
    be the reason of the gap, for it only raises the training loss. With predictions there is no other
    explanation but the averaging over the epoch; where class weights, or a penalty of unknown size, are in
    the logged loss, predictions cannot tell. A log that has the training loss without dropout beside it
    passes.

    Why it matters
    --------------
    "The network does better on data that it has not seen" sounds like a leak, or like underfitting. It is
    neither: the two losses are of two different networks, one with units missing.

    What to change
    --------------
    Evaluate the training rows after the epoch (``model.evaluate``), without dropout, before judging the gap.

    Source
    ------
    Catalogue A2; measured on Keras 3.15.1: dropout 0.5 gave a training loss of 0.267 in ``fit`` and of 0.211
    in ``evaluate``. Keras FAQ, "Why is my training loss much higher than my testing loss?"
    """
    noisy = dropout or any(layer.kind in _NOISY for layer in layers or ())
    if dropout is None and layers is None:
        return CannotTell(
            "it is not known whether the network has dropout (supply --dropout or --model FILE)"
        )
    if not noisy:
        return Passed("the network has no dropout")
    if train_loss_logged.quantity.dropout is False:
        return Passed("the training loss was measured without dropout")
    if was_logged_plain(train_loss):
        return Passed("the log has the training loss without dropout too")
    logged = float(train_loss_logged.values[-1])
    if not np.isfinite(logged):
        return CannotTell("the training loss is not a number")
    advice = "Evaluate the training rows in inference mode after each epoch and compare that."
    if train_predictions is not None:
        if train_loss_logged.quantity.weighted:
            return CannotTell("the logged training loss is weighted by class, which predictions do not show")
        if train_loss_logged.quantity.penalized and (penalty is None or not len(penalty)):
            return CannotTell("the logged training loss holds a penalty, and how much of one is not known")
        plain = _log_loss(train_predictions)
        held = 0.0 if penalty is None or not len(penalty) else float(penalty.high[-1])
        excess = (logged - held - plain) / plain if plain > 0.0 else 0.0
        # The predictions may be those of an earlier epoch than the last.
        nearest = float(np.nanmin(train_loss_logged.values)) - held - plain
        if excess <= inflation or nearest <= inflation * plain:
            return Passed(f"the training loss without dropout is {number(plain)}, much as logged")
        return Fired(
            f"With dropout active the training loss of the last epoch is {number(logged)}; the same network "
            f"without dropout has {number(plain)} on training rows, so the logged one is {percent(excess)} "
            "too high to be held against the validation loss.",
            evidence={"train_loss": logged, "train_loss_without_dropout": plain, "penalty": held},
            advice=advice,
        )
    if validation_loss_logged is None:
        return CannotTell("there is no validation loss that the training loss could be held against")
    other = float(validation_loss_logged.values[-1])
    if not np.isfinite(other):
        return CannotTell("the validation loss is not a number")
    noise = errors * (validation_noise or 0.0)
    if other >= logged:
        return Passed(
            f"the training loss, {number(logged)} with dropout, is not above the validation loss, "
            f"{number(other)}: without dropout it would be lower still"
        )
    if other + noise >= logged:
        return Passed(
            f"the training loss, {number(logged)} with dropout, is above the validation loss, "
            f"{number(other)}, by no more than the noise of the validation rows ({number(noise)})"
        )
    return Fired(
        f"The validation loss, {number(other)}, is below the training loss, {number(logged)}. The training "
        "loss was measured with units dropped and the validation loss with all of them, so this is no sign "
        "of a leak nor of too little training.",
        evidence={"train_loss": logged, "validation_loss": other},
        advice=advice,
        confidence=Confidence.POSSIBLE,
        settle="Evaluate the training rows without dropout: model.evaluate(X_train, y_train).",
    )


def _log_loss(predictions: Predictions) -> float:
    p = np.clip(predictions.probability, 1e-7, 1.0 - 1e-7)
    return float(-np.mean(np.where(predictions.target == 1, np.log(p), np.log1p(-p))))
