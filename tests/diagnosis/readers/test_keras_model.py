from __future__ import annotations

import copy
import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from steelyard.diagnosis.readers import read
from steelyard.diagnosis.readers.enriching import with_facts
from steelyard.diagnosis.readers.keras_model import facts_of
from steelyard.errors import DataError
from steelyard.log import Facts
from tests.diagnosis.readers.samples import HISTORY, MODEL, hdf5


@pytest.mark.parametrize(
    ("name", "framework", "metrics"),
    [
        ("m.keras", "keras 3", ("accuracy", "auc", "prc", "precision", "recall")),
        ("m.h5", "keras 3", ("accuracy", "auc", "prc", "precision", "recall")),
        ("m.json", "keras 3", ("accuracy", "auc", "prc", "precision", "recall")),
        ("keras2_legacy.h5", "keras 2", ("accuracy", "auc")),
    ],
)
def test_every_form_tells_the_same(
    name: str, framework: str, metrics: tuple[str, ...], shared_logs: Path
) -> None:
    facts = facts_of(shared_logs / name)
    assert facts.layers is not None
    first, normalization, dropout, last = facts.layers
    assert (first.kind, first.units, first.inputs, first.activation) == ("dense", 8, 5, "relu")
    assert first.l2 == pytest.approx(0.01) and first.kernel_initializer == "glorot_uniform"
    assert (normalization.kind, normalization.inputs) == ("batch_normalization", 8)
    assert (dropout.kind, dropout.rate) == ("dropout", 0.2)
    assert (last.units, last.inputs, last.activation, last.l2) == (1, 8, "sigmoid", 0.0)
    assert (facts.framework, facts.loss, facts.metrics) == (framework, "binary_crossentropy", metrics)
    if name != "m.json":
        assert facts.optimizer == "adam" and facts.learning_rate == pytest.approx(0.001)


def written(folder: Path, model: Any) -> Facts:
    path = folder / "m.json"
    path.write_text(json.dumps(model))
    return facts_of(path)


def test_logits_smoothing_and_functions(tmp_path: Path) -> None:
    model = copy.deepcopy(MODEL)
    model["compile_config"]["metrics"].append({"class_name": "function", "config": "f1_m"})
    facts = written(tmp_path, model)
    assert (facts.from_logits, facts.label_smoothing) == (True, 0.1)
    assert facts.metrics == ("accuracy", "prc", "f1_m") and facts.metric_functions == ("f1_m",)


def functional(*connections: tuple[str, list[str]]) -> dict[str, Any]:
    layers = [
        {
            "class_name": "Dense" if before else "InputLayer",
            "name": name,
            "config": {"name": name, **({"units": len(name)} if before else {"batch_shape": [None, 3]})},
            "inbound_nodes": [[[one, 0, 0, {}] for one in before]] if before else [],
        }
        for name, before in connections
    ]
    return {"class_name": "Functional", "config": {"layers": layers}}


def test_a_functional_chain_is_followed_and_a_branch_is_not(tmp_path: Path) -> None:
    chain = written(tmp_path, functional(("a", []), ("ccc", ["bb"]), ("bb", ["a"])))
    assert chain.layers is not None
    assert [(layer.units, layer.inputs) for layer in chain.layers] == [(2, 3), (3, 2)]
    assert written(tmp_path, functional(("a", []), ("bb", ["a"]), ("ccc", ["a"]))).layers is None


def test_old_configurations(tmp_path: Path) -> None:
    init = {
        "class_name": "VarianceScaling",
        "config": {"scale": 1.0, "mode": "fan_avg", "distribution": "uniform"},
    }
    dense = {
        "output_dim": 4,
        "input_dim": 9,
        "init": init,
        "W_regularizer": {"name": "L1L2", "l1": 0.5, "l2": 0.25},
    }
    model = {
        "class_name": "Sequential",
        "config": [{"class_name": "Dense", "config": dense}],
        "keras_version": "1.2.2",
    }
    facts = written(tmp_path, model)
    assert facts.layers is not None and facts.framework == "keras 1"
    (layer,) = facts.layers
    assert (layer.units, layer.inputs, layer.l1, layer.l2) == (4, 9, 0.5, 0.25)
    assert layer.kernel_initializer == "glorot_uniform" and layer.activation == "linear"


def test_a_zip_that_unpacks_to_more_than_it_is(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", json.dumps(MODEL) + " " * 10**6)
    path = tmp_path / "m.keras"
    path.write_bytes(out.getvalue())
    with pytest.raises(DataError, match=r"config\.json in .*m\.keras says it has 1,00\d,\d{3} bytes"):
        read(path)


def test_weights_alone_are_no_model(tmp_path: Path) -> None:
    path = tmp_path / "w.h5"
    path.write_bytes(hdf5([b"{}"]))
    with pytest.raises(DataError, match="no model_config"):
        read(path)


def test_a_model_tells_what_is_in_the_curves(tmp_path: Path) -> None:
    history, model = tmp_path / "h.json", tmp_path / "m.json"
    history.write_text(json.dumps(HISTORY))
    model.write_text(json.dumps(MODEL))
    (log,) = read(history)
    told = with_facts(log, facts_of(model))
    assert told.history is not None
    quantities = {one.name: one.quantity for one in told.history.series}
    assert quantities["train_loss"].dropout is True and quantities["train_loss"].penalized is True
    assert quantities["validation_loss"].dropout is False and quantities["validation_loss"].penalized is True
    assert quantities["train_accuracy"].penalized is False
    assert told.facts.learning_rate == 0.001
    assert with_facts(told, Facts(learning_rate=0.5)).facts.learning_rate == 0.001
    assert with_facts(told, Facts(learning_rate=0.5), over=True).facts.learning_rate == 0.5
