"""``--network FILE``: a Keras architecture as the network of a recipe."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from steelyard.keras import Sequential, layers
from tests.cli.calls import Steelyard

EPOCHS = ("--set", "training.epochs=2")
INPUTS = 6
"""Of the table that the tests train on, once encoded."""


def model(inputs: int = INPUTS) -> Sequential:
    return Sequential(
        [
            layers.Input((inputs,)),
            layers.Dense(7, kernel_regularizer="l2", kernel_initializer="he_normal"),
            layers.BatchNormalization(),
            layers.Activation("tanh"),
            layers.Dropout(0.25),
            layers.Dense(1, activation="sigmoid"),
        ]
    )


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "model.keras"
    model().save(path)
    return path


def train(steelyard: Steelyard, data: Path, *arguments: object) -> tuple[dict[str, Any], dict[str, Any]]:
    """What ``--json`` prints, and the network of the recipe that was saved."""
    done = steelyard(
        "train", data, "--target", "bought", "--out", data.parent / "runs", "--json", *EPOCHS, *arguments
    )
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    recipe = tomllib.loads((Path(document["run"]) / "recipe.toml").read_text())
    return document, recipe["network"]


@pytest.mark.parametrize("ending", [".keras", ".h5", ".json"])
def test_the_layers_of_the_file_are_trained(
    steelyard: Steelyard, visits: Path, tmp_path: Path, ending: str
) -> None:
    path = tmp_path / f"model{ending}"
    if ending == ".json":
        path.write_text(model().to_json())
    else:
        model().save(path)
    document, network = train(steelyard, visits, "--network", path)
    kinds = [layer["layer"] for layer in network["layers"]]
    assert kinds == ["dense", "batch_normalization", "activation", "dropout", "dense"]
    first, last = network["layers"][0], network["layers"][-1]
    assert (first["units"], first["l2"]) == (7, 0.01)
    assert first["kernel_initializer"] == "he_normal"
    assert (last["units"], last.get("activation", "linear")) == (1, "linear")
    assert document["inputs"] == INPUTS
    assert not [note for note in document["notes"] if "model" in note]


def test_another_width_is_a_note(steelyard: Steelyard, visits: Path, tmp_path: Path) -> None:
    path = tmp_path / "wide.keras"
    model(40).save(path)
    document, _ = train(steelyard, visits, "--network", path)
    (note,) = (note for note in document["notes"] if "wide.keras" in note)
    assert "40 inputs" in note and f"{INPUTS} once encoded" in note


def test_changes_are_made_to_the_network_of_the_file(steelyard: Steelyard, visits: Path, saved: Path) -> None:
    _, network = train(steelyard, visits, "--network", saved, "--set", "network.layers.3.rate=0.5")
    assert network["layers"][3]["rate"] == 0.5
    _, network = train(steelyard, visits, "--network", saved, "--set", "network.hidden_units=[3]")
    assert network["hidden_units"] == [3]


def test_the_network_replaces_that_of_a_recipe(
    steelyard: Steelyard, visits: Path, saved: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[network]\nhidden_units = [99]\n[optimizer]\nname = "sgd"\n')
    document, network = train(steelyard, visits, "--network", saved, "--recipe", recipe)
    assert network["layers"][0]["units"] == 7
    assert 'name = "sgd"' in (Path(document["run"]) / "recipe.toml").read_text()


def broken(kind: str, path: Path) -> None:
    dense = {"class_name": "Dense", "config": {"name": "d", "units": 2}}
    forms: dict[str, Any] = {
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 3]}},
            {"class_name": "Conv1D", "config": {"name": "conv", "filters": 3}},
            {"class_name": "LSTM", "config": {"name": "memory", "units": 3}},
            dense,
        ],
        "two outputs": [dense],
    }
    content = json.dumps({"class_name": "Sequential", "config": {"name": "s", "layers": forms.get(kind, [])}})
    if kind == "not json":
        content = content[:40]
    if kind != "missing":
        path.write_text(content if kind != "a table" else "a,b\n1,2\n")


@pytest.mark.parametrize(
    ("kind", "problems", "said"),
    [
        ("missing", 1, ("no such file",)),
        ("not json", 1, ("not JSON",)),
        ("a table", 1, ("neither", "HDF5", "JSON")),
        ("layers", 2, ("layer 2 'conv' is a Conv1D", "layer 3 'memory' is an LSTM", "Dropout")),
        ("two outputs", 1, ("one unit",)),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(
    steelyard: Steelyard, visits: Path, tmp_path: Path, kind: str, problems: int, said: tuple[str, ...]
) -> None:
    path = tmp_path / "model.json"
    broken(kind, path)
    before = set(tmp_path.rglob("*"))
    done = steelyard("train", visits, "--target", "bought", "--out", tmp_path / "runs", "--network", path)
    assert done.exit_code == 2, done.output
    assert len(re.findall("^error: .*model.json", done.stderr, re.MULTILINE)) == problems
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr
    assert done.stdout == ""
    assert set(tmp_path.rglob("*")) == before
