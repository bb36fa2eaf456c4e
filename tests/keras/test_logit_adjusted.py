"""Logit adjustment as a loss of Keras programs: against its formula, and against the prior it takes out."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scipy.special import expit
from sklearn.metrics import log_loss

from steelyard.errors import RecipeError
from steelyard.keras import Sequential, losses, models
from steelyard.keras.layers import Dense
from steelyard.keras.losses import BinaryCrossentropy, LogitAdjustedBinaryCrossentropy
from steelyard.keras.optimizers import Adam
from steelyard.prior import restate
from tests.keras.twins import table

ROWS = table()
RATE = ROWS.y.mean()


def network(loss: Any, logits: bool = False) -> Sequential:
    model = Sequential([Dense(1, activation=None if logits else "sigmoid", input_dim=5)])
    model.seed = 0
    model.compile(Adam(0.1), loss)
    return model


@pytest.mark.parametrize("logits", [False, True])
@pytest.mark.parametrize(("tau", "smoothing"), [(1.0, 0.0), (0.5, 0.2), (0.0, 0.0)])
def test_it_is_the_crossentropy_of_shifted_logits(tau: float, smoothing: float, logits: bool) -> None:
    loss = LogitAdjustedBinaryCrossentropy(tau, 0.2, logits, smoothing)
    y, z = np.array([0, 1, 1, 0], np.uint8), np.array([-1.5, 2.0, -0.5, 0.25], np.float32)
    soft = y * (1 - smoothing) + smoothing / 2
    p = expit(z.astype(float) + tau * np.log(0.2 / 0.8))
    wanted = -soft * np.log(p) - (1 - soft) * np.log(1 - p)
    np.testing.assert_allclose(loss.rows(y, z), wanted, rtol=1e-6)
    output = z if logits else expit(z)
    np.testing.assert_allclose(loss.call(y[:, None], output[:, None]), wanted, rtol=1e-5)
    assert loss(y, output) == pytest.approx(wanted.mean(), rel=1e-5)
    assert not loss.is_plain


def test_fit_tells_it_the_base_rate_of_the_training_rows() -> None:
    """In a copy: the object that was given serves other models."""
    given = LogitAdjustedBinaryCrossentropy(tau=0.7)
    model = network(given)
    history = model.fit(ROWS.x, ROWS.y, validation_data=(ROWS.x_val, ROWS.y_val), epochs=3, verbose=0)
    assert given.base_rate is None
    assert model.loss.get_config()["base_rate"] == pytest.approx(RATE)
    p = model.predict(ROWS.x_val, verbose=0)[:, 0].astype(np.float64)
    shifted = np.log(p / (1 - p)) + 0.7 * np.log(RATE / (1 - RATE))
    assert history.history["val_loss"][-1] == pytest.approx(log_loss(ROWS.y_val, expit(shifted)), rel=1e-4)
    assert model.evaluate(ROWS.x_val, ROWS.y_val, verbose=0) == pytest.approx(history.history["val_loss"][-1])
    assert history.plain["val_loss"][-1] == pytest.approx(log_loss(ROWS.y_val, p), rel=1e-4)
    half = ROWS.y[:100].mean()
    model.fit(ROWS.x[:100], ROWS.y[:100], verbose=0)
    assert model.loss.get_config()["base_rate"] == pytest.approx(half), "of the latest fit"


def test_resampled_rows_have_another_base_rate() -> None:
    model = network("logit_adjusted")
    model.fit(ROWS.x, ROWS.y, resampling="random_over_sampling", verbose=0)
    assert model.loss.get_config()["base_rate"] == 0.5
    model.fit(ROWS.x, ROWS.y, resampling="balanced_batches", verbose=0)
    assert model.loss.get_config()["base_rate"] == pytest.approx(RATE), "batches leave the rows as they are"


@pytest.mark.parametrize("logits", [False, True])
def test_restating_gives_what_the_plain_loss_would(logits: bool) -> None:
    """A logistic regression at its optimum: a shift of the logit is a shift of the bias."""
    found = {}
    for loss in (BinaryCrossentropy(from_logits=logits), LogitAdjustedBinaryCrossentropy(from_logits=logits)):
        model = network(loss, logits)
        model.fit(ROWS.x, ROWS.y, epochs=400, batch_size=len(ROWS.y), verbose=0)
        output = model.predict(ROWS.x_val, verbose=0)[:, 0].astype(np.float64)
        found[type(loss)] = expit(output) if logits else output
    restated = restate(found[LogitAdjustedBinaryCrossentropy], from_rate=0.5, to_rate=RATE)
    np.testing.assert_allclose(restated, found[BinaryCrossentropy], atol=0.01)
    assert np.abs(found[LogitAdjustedBinaryCrossentropy] - found[BinaryCrossentropy]).max() > 0.2


def test_before_fit_it_is_asked_for_the_base_rate() -> None:
    model = network("logit_adjusted")
    with pytest.raises(
        RecipeError, match=r"^K256: logit_adjusted.* does not know the base rate.*\n.*base_rate="
    ):
        model.evaluate(ROWS.x, ROWS.y, verbose=0)
    known = network(LogitAdjustedBinaryCrossentropy(base_rate=RATE))
    known.set_weights(model.get_weights())
    assert np.isfinite(known.evaluate(ROWS.x, ROWS.y, verbose=0))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"tau": "1"}, "K210: LogitAdjustedBinaryCrossentropy: tau is '1'"),
        ({"base_rate": 0.0}, "K210: LogitAdjustedBinaryCrossentropy: base_rate is 0.0; it must be above 0"),
        ({"base_rate": 1}, "K210: LogitAdjustedBinaryCrossentropy: base_rate is 1; it must be"),
        ({"reduction": "sum"}, "K209: LogitAdjustedBinaryCrossentropy: reduction='sum'"),
    ],
)
def test_arguments_are_refused_by_name(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(RecipeError, match=f"^{message}"):
        LogitAdjustedBinaryCrossentropy(**arguments)


def test_its_configuration_is_read_back() -> None:
    loss = LogitAdjustedBinaryCrossentropy(0.5, 0.1, True, 0.2)
    again = losses.get(losses.serialize(loss))
    assert type(again) is LogitAdjustedBinaryCrossentropy
    assert again.get_config() == loss.get_config()


@pytest.mark.parametrize("name", ["model.keras", "model.h5"])
def test_files_of_it_are_read_by_keras_and_by_us(keras: ModuleType, tmp_path: Path, name: str) -> None:
    """Keras has no such loss: to it the model is one that was not compiled."""
    model = network(LogitAdjustedBinaryCrossentropy(tau=0.7))
    model.fit(ROWS.x, ROWS.y, epochs=2, verbose=0)
    model.save(tmp_path / name)
    again = models.load_model(tmp_path / name)
    assert again.loss.get_config() == model.loss.get_config()
    if name.endswith(".keras"):  # which has the state of the optimizer too
        for one in (model, again):
            one.fit(ROWS.x, ROWS.y, shuffle=False, verbose=0)
        np.testing.assert_array_equal(again.get_weights()[0], model.get_weights()[0])
    assert not hasattr(models.load_model(tmp_path / name, compile=False), "loss")
    theirs = keras.models.load_model(tmp_path / name)
    assert not theirs.compiled
    output = theirs(ROWS.x_val.astype(np.float32)).detach().numpy()
    np.testing.assert_allclose(
        output, models.load_model(tmp_path / name).predict(ROWS.x_val, verbose=0), atol=1e-5
    )
