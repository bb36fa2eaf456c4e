"""Every strategy against imbalance is asked for in the words of each front door, understood and trained."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from steelyard import Change, Recipe, RunStatus, SteelyardClassifier, apply, load_run, table_from, train
from steelyard.cli import app
from steelyard.keras import Sequential
from steelyard.keras.layers import Dense
from steelyard.recipe.imbalance import ClassWeight
from steelyard.recipe.strategies import STRATEGIES, strategy
from steelyard.splitting import split_rows

EPOCHS = 2


@dataclass(frozen=True)
class Words:
    """What is written at each door: options of the command, parameters of the estimator, arguments of Keras'
    ``fit``, a loss of Keras and what the threshold is chosen for there, None for 0.5."""

    command: tuple[str, ...] = ()
    estimator: Mapping[str, Any] = field(default_factory=dict)
    fit: Mapping[str, Any] = field(default_factory=dict)
    loss: str = "binary_crossentropy"
    threshold: str | None = "f1"


def resampling(name: str) -> Words:
    return Words(("--set", f"imbalance.resampling={name}"), {"resampling": name}, {"resampling": name})


def weights(name: str) -> Words:
    return Words(("--set", f"imbalance.class_weight={name}"), {"class_weight": name}, {"class_weight": name})


WORDS: Mapping[str, Words] = {
    "none": Words(("--threshold", "0.5"), {"threshold": 0.5}, threshold=None),
    "threshold": Words(),
    "weights": weights("balanced"),
    "sqrt_weights": weights("square_root"),
    "over": resampling("random_over_sampling"),
    "under": resampling("random_under_sampling"),
    "smote": resampling("smote"),
    "borderline_smote": resampling("borderline_smote"),
    "adasyn": resampling("adasyn"),
    "smote_enn": resampling("smote_enn"),
    "smote_tomek": resampling("smote_tomek"),
    "balanced_batches": resampling("balanced_batches"),
    "focal": Words(
        ("--set", "loss=focal_crossentropy"),
        {"loss": "focal_crossentropy"},
        loss="binary_focal_crossentropy",
    ),
    "logit_adjusted": Words(
        ("--set", "loss=logit_adjusted"), {"loss": "logit_adjusted"}, loss="logit_adjusted"
    ),
}
EXPLICIT = Words(
    ("--set", 'imbalance.class_weight={"negative": 0.5, "positive": 3}'),
    {"class_weight": {0: 0.5, 1: 3}},
    {"class_weight": {0: 0.5, 1: 3}},
)
"""No strategy of ``compare``, for want of numbers; but one that people use."""

random = np.random.default_rng(0)
X = random.normal(size=(400, 3)).astype(np.float32)
Y = (random.random(400) < 1 / (1 + np.exp(1.5 - 1.5 * X[:, 0] - X[:, 1]))).astype(int)
"""The classes overlap enough for ADASYN."""
WEIGHTS = random.uniform(0.5, 2.0, 400)

Trained = tuple[Recipe, int]
"""The recipe that was trained, and for how many epochs."""


def python(words: Words, recipe: Recipe, folder: Path, row_weights: Any) -> Trained:
    """``steelyard.train`` is handed the recipe itself."""
    table = table_from(X, Y, weights=row_weights)
    result = train(table, recipe, split_rows(table))
    assert result.status is RunStatus.COMPLETED
    return result.runs[0].recipe, len(result.runs[0].history.epochs)


def command(words: Words, recipe: Recipe, folder: Path, row_weights: Any) -> Trained:
    frame = pl.DataFrame(X, schema=["a", "b", "c"]).with_columns(y=pl.Series(Y))
    if row_weights is not None:
        frame = frame.with_columns(weight=pl.Series(row_weights))
    frame.write_csv(folder / "rows.csv")
    weighing = () if row_weights is None else ("--weight", "weight")
    small = ("--set", f"training.epochs={EPOCHS}", "--set", "network.hidden_units=[4]")
    call = ("train", folder / "rows.csv", "--target", "y", "--out", folder, "--json", *small, *weighing)
    done = CliRunner().invoke(app, [*map(str, call), *words.command])
    assert done.exit_code == 0, done.output
    told = json.loads(done.stdout)
    assert told["status"] == "completed"
    return load_run(Path(told["run"])).recipe, told["epochs"]


def estimator(words: Words, recipe: Recipe, folder: Path, row_weights: Any) -> Trained:
    parameters = {"threshold": "f1", **words.estimator}
    made = SteelyardClassifier(hidden_units=4, epochs=EPOCHS, random_state=0, **parameters)
    made.fit(X, Y, row_weights)
    assert made.run_.status is RunStatus.COMPLETED
    assert set(made.predict(X)) <= {0, 1}
    return made.recipe_, len(made.history_.epochs)


def keras(words: Words, recipe: Recipe, folder: Path, row_weights: Any) -> Trained:
    """The threshold is no part of its recipe: it is chosen afterwards."""
    model = Sequential([Dense(4, activation="relu", input_dim=3), Dense(1, activation="sigmoid")])
    model.compile("adam", words.loss, metrics=["accuracy"])
    history = model.fit(
        X[:300],
        Y[:300],
        validation_data=(X[300:], Y[300:]),
        sample_weight=None if row_weights is None else row_weights[:300],
        epochs=EPOCHS,
        verbose=0,
        **words.fit,
    )
    if words.threshold is not None:
        choice = model.choose_threshold(X[300:], Y[300:], words.threshold)
        np.testing.assert_array_equal(
            model.predict_classes(X), model.predict(X, verbose=0).astype(np.float64) > choice.threshold
        )
    assert np.isfinite(history.history["val_loss"]).all()
    assert history.run.status is RunStatus.COMPLETED
    threshold = recipe.decision.threshold if words.threshold == "f1" else "0.5"
    changes = Change("decision.threshold", threshold), Change("imbalance.correct_prior", True)
    assert not history.run.recipe.imbalance.correct_prior, "Keras leaves probabilities as they are"
    return apply(history.run.recipe, *changes), len(history.epoch)


DOORS: tuple[Callable[[Words, Recipe, Path, Any], Trained], ...] = (python, command, estimator, keras)
QUICK = apply(Recipe(), Change("training.epochs", EPOCHS), Change("network.hidden_units", [4]))


def test_no_strategy_is_forgotten() -> None:
    assert list(WORDS) == list(STRATEGIES)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("name", STRATEGIES)
def test_every_strategy_at_every_door(
    name: str, door: Callable[[Words, Recipe, Path, Any], Trained], tmp_path: Path
) -> None:
    wanted = strategy(QUICK, name)
    trained, epochs = door(WORDS[name], wanted, tmp_path, None)
    assert (trained.imbalance, trained.loss) == (wanted.imbalance, wanted.loss)
    assert trained.decision.threshold == wanted.decision.threshold
    assert epochs == EPOCHS


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
def test_explicit_class_weights_at_every_door(
    door: Callable[[Words, Recipe, Path, Any], Trained], tmp_path: Path
) -> None:
    explicit = ClassWeight(negative=0.5, positive=3.0)
    wanted = apply(QUICK, Change("imbalance.class_weight", explicit))
    trained, epochs = door(EXPLICIT, wanted, tmp_path, None)
    assert trained.imbalance.class_weight == explicit
    assert epochs == EPOCHS


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.__name__)
@pytest.mark.parametrize("name", ["none", "weights", "smote", "balanced_batches"])
def test_row_weights_at_every_door(
    name: str, door: Callable[[Words, Recipe, Path, Any], Trained], tmp_path: Path
) -> None:
    wanted = strategy(QUICK, name)
    trained, epochs = door(WORDS[name], wanted, tmp_path, WEIGHTS)
    assert trained.imbalance == wanted.imbalance
    assert epochs == EPOCHS
