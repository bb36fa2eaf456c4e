from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest
from sklearn.neural_network import MLPClassifier

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from tests.diagnosis.readers.result_samples import MLP


def test_a_classifier_as_people_save_it(tmp_path: Path) -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=(200, 3))
    model = MLPClassifier((4,), batch_size=50, max_iter=6, early_stopping=True, alpha=0.5, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.fit(x, x[:, 0] > 0)
    path = tmp_path / "mlp.json"
    path.write_text(
        json.dumps(
            {
                "loss_curve_": model.loss_curve_,
                "validation_scores_": [float(one) for one in model.validation_scores_],
                **model.get_params(),
            }
        )
    )
    (log,) = read(path)
    assert log.history is not None
    assert log.history["train_loss"].tolist() == model.loss_curve_
    assert log.history["validation_accuracy"].tolist() == list(model.validation_scores_)
    loss, accuracy = log.history.series
    assert (loss.quantity.penalized, loss.quantity.dropout, loss.quantity.epoch_mean) == (True, False, True)
    assert accuracy.quantity.epoch_mean is False
    assert (log.facts.validation_way, log.facts.validation_share) == ("stratified", 0.1)
    assert log.facts.layers is not None
    # alpha / 2 * |w|^2 / rows of the batch
    assert [layer.l2 for layer in log.facts.layers] == [0.5 / 2 / 50] * 2
    assert [layer.units for layer in log.facts.layers] == [4, 1]


def test_curves_alone_leave_the_penalty_unknown(tmp_path: Path) -> None:
    path = tmp_path / "mlp.json"
    path.write_text(json.dumps({"loss_curve": [0.5, 0.25], "validation_scores": None}))
    (log,) = read(path)
    assert log.history is not None
    assert list(log.history) == ["train_loss"]
    assert log.history.series[0].quantity.penalized is None
    assert log.facts.layers is None


def test_scores_of_another_length_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "mlp.json"
    path.write_text(json.dumps(MLP | {"validation_scores_": [0.5]}))
    (log,) = read(path)
    assert "1 validation scores are left out: there are 3 losses" in log.notes


def test_no_list(tmp_path: Path) -> None:
    path = tmp_path / "mlp.json"
    path.write_text(json.dumps({"loss_curve_": ["a"]}))
    with pytest.raises(DataError, match='holds no list of numbers "loss_curve_"'):
        read(path)
