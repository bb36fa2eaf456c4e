"""Models as ONNX: what onnxruntime makes of a file is what Steelyard predicts."""

from __future__ import annotations

import csv
import json
import sys
import textwrap
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.special import expit, logit

from steelyard.calibration import apply_calibrator, fit_calibrator
from steelyard.data import ColumnKind, Table
from steelyard.engine import predict_logits, predict_probability
from steelyard.errors import SteelyardError
from steelyard.export import to_onnx
from steelyard.recipe.network import (
    Activation,
    ActivationLayer,
    BatchNormalization,
    Dense,
    Dropout,
    MultilayerPerceptron,
    Network,
    Stack,
)
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.run import Model, Readout
from steelyard.tables import features_from, read_like, table_from
from tests.export.models import READOUTS, mixed_csv, random_model, stacks
from tests.export.real_tables import Prepared

TOLERANCE = 1e-5
"""Both sides are float32, summed in different orders; trained networks agree to about 1e-7."""

EVERY_KIND = Stack(
    layers=(
        Dropout(rate=0.2),
        Dense(units=7, use_bias=False),
        BatchNormalization(scale=False),
        ActivationLayer(activation="leaky_relu", negative_slope=0.05),
        Dense(units=6, activation="tanh"),
        BatchNormalization(center=False, epsilon=1e-5),
        Dropout(rate=0.5),
        Dense(units=1),
    )
)


def session_of(model: Model) -> onnxruntime.InferenceSession:
    proto = to_onnx(model)
    onnx.checker.check_model(proto, full_check=True)
    return onnxruntime.InferenceSession(proto.SerializeToString(), providers=["CPUExecutionProvider"])


def fed(session: onnxruntime.InferenceSession, rows: list[dict[str, str]]) -> dict[str, NDArray[Any]]:
    """Texts as the inputs want them, dates included."""
    feed: dict[str, NDArray[Any]] = {}
    for wanted in session.get_inputs():
        texts = [row[wanted.name] for row in rows]
        values: NDArray[Any]
        if wanted.type == "tensor(string)":
            values = np.array(texts, object)
        elif wanted.name == "since":
            days = np.array(texts, "datetime64[us]") - np.datetime64("1970-01-01")
            values = days / np.timedelta64(1, "D")
        else:
            dtype = np.float32 if wanted.type == "tensor(float)" else np.float64
            values = np.array([np.nan if text == "" else float(text) for text in texts], dtype)
        feed[wanted.name] = values.reshape(-1, 1)
    return feed


def mixed_rows() -> list[dict[str, str]]:
    return list(csv.DictReader(mixed_csv().splitlines()))


def assert_agrees(model: Model, table: Table, spread: float = 0.03) -> None:
    session = session_of(model)
    probability, label = session.run(None, fed(session, mixed_rows()))
    expected = predict_probability(model, table.features)
    assert np.ptp(expected) >= spread, "predictions that are all alike prove nothing"
    assert probability.dtype == np.float32
    np.testing.assert_allclose(probability, expected, rtol=0, atol=TOLERANCE)
    threshold = model.readout.threshold
    sure = np.abs(expected - threshold) > TOLERANCE
    assert (label[sure] == np.where(expected > threshold, "yes", "no")[sure]).all()


def snippet() -> str:
    """The program in the docstring."""
    document = to_onnx.__doc__
    assert document is not None
    block = document.split("nothing of Steelyard::\n", 1)[1].split("\n    A column of dates", 1)[0]
    return textwrap.dedent(block)


def test_real_tables_by_the_program_of_the_docstring(
    prepared: Prepared, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    proto = to_onnx(prepared.model)
    onnx.checker.check_model(proto, full_check=True)
    onnx.save(proto, tmp_path / "model.onnx")
    (tmp_path / "new.csv").symlink_to(prepared.plain)
    monkeypatch.chdir(tmp_path)
    program: dict[str, Any] = {}
    exec(compile(snippet(), "snippet", "exec"), program)
    assert np.ptp(prepared.probability) > 0.03
    assert len(program["probability"]) == len(prepared.probability)
    np.testing.assert_allclose(program["probability"], prepared.probability, rtol=0, atol=TOLERANCE)
    assert set(program["label"]) <= {
        prepared.model.schema.target.positive,
        prepared.model.schema.target.negative,
    }


@pytest.mark.parametrize("activation", get_args(Activation))
def test_activations(mixed: Table, activation: Activation) -> None:
    network = MultilayerPerceptron(hidden_units=(8, 8), activation=activation)
    assert_agrees(random_model(mixed, network), mixed)


@pytest.mark.parametrize("activation", get_args(Activation))
def test_activations_far_from_zero(activation: Activation) -> None:
    """Where exp overflows and where 1 + tiny is 1."""
    values = np.concatenate((np.linspace(-200, 200, 401), [-1e-4, 1e-4, 0.0]))
    table = table_from(values[:, None], (np.arange(len(values)) % 2).astype(str))
    network = Stack(
        layers=(
            ActivationLayer(activation=activation),
            Dense(units=1),
        )
    )
    model = random_model(table, network, Preprocessing(scaling="none", smooth_clip="off"))
    probability = session_of(model).run(None, {"column_1": values.astype(np.float32)[:, None]})[0]
    np.testing.assert_allclose(
        probability, predict_probability(model, table.features), rtol=0, atol=TOLERANCE
    )


@pytest.mark.parametrize(
    "preprocessing",
    [
        Preprocessing(scaling="standard"),
        Preprocessing(scaling="none"),
        Preprocessing(smooth_clip="off"),
        Preprocessing(missing_indicator=False),
        Preprocessing(min_level_rows=1),
        Preprocessing(min_level_rows=30),
        Preprocessing(one_hot_levels=0, embedding_dim=3),
        Preprocessing(one_hot_levels=6, embedding_dim=2),
    ],
    ids=lambda spec: ",".join(
        f"{name}={value}" for name, value in spec.model_dump(exclude_defaults=True).items()
    ),
)
@pytest.mark.parametrize(
    "network", [MultilayerPerceptron(hidden_units=(6,)), EVERY_KIND], ids=["mlp", "stack"]
)
def test_preprocessing_and_layers(mixed: Table, preprocessing: Preprocessing, network: Network) -> None:
    assert_agrees(random_model(mixed, network, preprocessing), mixed)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(stacks(), st.sampled_from(["robust", "standard", "none"]))
def test_any_stack(mixed: Table, network: Network, scaling: Literal["robust", "standard", "none"]) -> None:
    model = random_model(mixed, network, Preprocessing(scaling=scaling, one_hot_levels=0))
    assert_agrees(model, mixed, spread=0.0)


def test_networks_are_averaged(mixed: Table) -> None:
    assert_agrees(random_model(mixed, networks=3), mixed)


@pytest.mark.parametrize("readout", READOUTS)
@pytest.mark.parametrize("networks", [1, 3])
def test_logits_are_read_as_the_model_says(mixed: Table, readout: str, networks: int) -> None:
    model = random_model(mixed, networks=networks, readout=READOUTS[readout])
    assert_agrees(model, mixed, spread=0.0 if readout == "constant" else 0.1)


@pytest.mark.parametrize("readout", ["logistic", "temperature", "beta"])
@pytest.mark.parametrize("networks", [1, 2])
def test_certainty_survives_a_calibrator(mixed: Table, readout: str, networks: int) -> None:
    """Logits of 20 and more, whose probability float32 rounds to 1 long before."""
    model = random_model(mixed, networks=networks)
    last = [name for name in model.weights[0] if name.startswith("dense")][-2:]
    sure = [{**weights, **{name: weights[name] * 20 for name in last}} for weights in model.weights]
    model = replace(model, weights=tuple(sure), readout=READOUTS[readout])
    session = session_of(model)
    found = session.run(None, fed(session, mixed_rows()))[0]
    expected = predict_probability(model, mixed.features)
    logits = predict_logits(model.network, sure[0], model.encoding, mixed.features)
    assert logits.min() < -20 and logits.max() > 20
    # float32 knows a logit of 20 to 1e-6 only.
    np.testing.assert_allclose(found, expected, rtol=0, atol=3 * TOLERANCE)


@pytest.mark.parametrize("networks", [1, 2])
def test_an_isotonic_calibrator_as_it_is_fitted(mixed: Table, networks: int) -> None:
    """Its steps are as steep as two rows are near, so a logit that is off by a rounding makes more of it."""
    model = random_model(mixed, networks=networks)
    z = logit(predict_probability(model, mixed.features))
    labels = np.random.default_rng(0).random(len(z)) < expit(z)
    calibrator = fit_calibrator(z, labels, "isotonic")
    model = replace(model, readout=Readout(calibrator=calibrator))
    session = session_of(model)
    found = session.run(None, fed(session, mixed_rows()))[0]
    reach = 1e-5 * (1 + np.abs(z))
    assert (found >= apply_calibrator(calibrator, z - reach) - 1e-6).all()
    assert (found <= apply_calibrator(calibrator, z + reach) + 1e-6).all()
    assert (np.abs(found - apply_calibrator(calibrator, z)) < TOLERANCE).mean() > 0.8


def test_layers_before_the_first_product(mixed: Table) -> None:
    """As a Keras user may stack them, where no category is one-hot."""
    network = Stack(layers=(BatchNormalization(), ActivationLayer(activation="tanh"), Dense(units=1)))
    assert_agrees(random_model(mixed, network, Preprocessing(one_hot_levels=0)), mixed)


def test_nothing_but_one_hot_columns() -> None:
    rows = 60
    frame = np.array([[f"a{i % 3}", f"b{i % 5}"] for i in range(rows)], object)
    table = table_from(frame, [str(i % 7 == 0) for i in range(rows)])
    model = random_model(table)
    feed = {f"column_{j + 1}": frame[:, j : j + 1] for j in range(2)}
    np.testing.assert_allclose(
        session_of(model).run(None, feed)[0],
        predict_probability(model, table.features),
        rtol=0,
        atol=TOLERANCE,
    )


def changed(column: str, value: str) -> tuple[list[dict[str, str]], str]:
    """Rows in which a column holds one value, as records and as CSV."""
    rows = [{**row, column: value} for row in mixed_rows()[:50]]
    lines = [
        ",".join(rows[0]),
        *(",".join(f'"{v.replace(chr(34), chr(34) * 2)}"' for v in r.values()) for r in rows),
    ]
    return rows, "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *(("job", word) for word in ("", "?", "NA", "nan", "never seen", "rare", "医者", "Clerk")),
        *(("shop", word) for word in ("101", "101.0", "999", "")),
        *(("member", word) for word in ("Yes", "no", "TRUE", "f", "oN", "1", "0.0", "", "?")),
        *(("age", word) for word in ("", "1e30", "-1e38", "41.5")),
        *(("account", word) for word in ("", "5000000001", "5000000002", "4999999990.25", "0")),
        *(("since", word) for word in ("1969-07-20", "2031-01-02")),
        *(("paid", word) for word in ("0", "1", "")),
    ],
)
@pytest.mark.parametrize("one_hot_levels", [2000, 0], ids=["one-hot", "embedded"])
def test_values_of_all_kinds(
    mixed: Table, tmp_path: Path, column: str, value: str, one_hot_levels: int
) -> None:
    """The same as when Steelyard reads them from a file."""
    rows, text = changed(column, value)
    path = tmp_path / "changed.csv"
    path.write_text(text)
    model = random_model(mixed, preprocessing=Preprocessing(one_hot_levels=one_hot_levels))
    expected = predict_probability(model, read_like(path, model.schema, target=False))
    session = session_of(model)
    np.testing.assert_allclose(session.run(None, fed(session, rows))[0], expected, rtol=0, atol=TOLERANCE)


def test_numbers_that_are_no_truth_are_missing(mixed: Table) -> None:
    model = random_model(mixed)
    session = session_of(model)
    odd, gap = (fed(session, changed("paid", value)[0]) for value in ("7", ""))
    np.testing.assert_array_equal(session.run(None, odd)[0], session.run(None, gap)[0])


def test_what_a_file_tells_of_itself(mixed: Table) -> None:
    proto = to_onnx(random_model(mixed, networks=2))
    told = {entry.key: entry.value for entry in proto.metadata_props}
    assert (told["target"], told["positive_label"], told["negative_label"]) == ("bought", "yes", "no")
    assert told["networks"] == "2"
    assert (told["threshold"], told["threshold_objective"]) == ("0.5", "0.5")
    columns = json.loads(told["columns"])
    assert [column["name"] for column in columns] == [entry.name for entry in proto.graph.input]
    assert columns[6]["levels"][0] == "Bäcker"
    assert proto.producer_name == "steelyard"
    types = {entry.name: entry.type.tensor_type.elem_type for entry in proto.graph.input}
    assert [name for name, kind in types.items() if kind == onnx.TensorProto.DOUBLE] == ["account", "since"]
    strings = [name for name, kind in types.items() if kind == onnx.TensorProto.STRING]
    assert strings == ["member", "job", "shop"]
    assert all(entry.doc_string for entry in (*proto.graph.input, *proto.graph.output))
    assert "bought = yes" in proto.doc_string


def test_columns_called_like_outputs_and_nodes() -> None:
    values: Mapping[str, list[float]] = {
        name: [float((i * (k + 3)) % 11) for i in range(40)]
        for k, name in enumerate(("probability", "label", "net/numbers", "_net/x", "a b/c", "mean"))
    }
    import polars as pl

    frame = pl.DataFrame(values)
    table = table_from(frame, [str(i % 3 == 0) for i in range(40)])
    model = random_model(table)
    session = session_of(model)
    assert [output.name for output in session.get_outputs()] == ["probability_", "label_"]
    feed = {name: np.array(column, np.float32)[:, None] for name, column in values.items()}
    expected = predict_probability(model, features_from(frame, model.schema))
    np.testing.assert_allclose(session.run(None, feed)[0], expected, rtol=0, atol=TOLERANCE)


def test_a_column_without_a_name_is_refused() -> None:
    import polars as pl

    frame = pl.DataFrame({"": [0.5 * i for i in range(40)], "x": [float(i % 7) for i in range(40)]})
    model = random_model(table_from(frame, [str(i % 3 == 0) for i in range(40)]))
    with pytest.raises(SteelyardError, match="empty name"):
        to_onnx(model)


def test_the_missing_package_is_named(mixed: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(SteelyardError, match="not installed") as caught:
        to_onnx(random_model(mixed))
    assert "pip install 'steelyard[onnx]'" in caught.value.help


def test_every_kind_of_column_is_tried(mixed: Table) -> None:
    kinds = {column.kind for column in (*mixed.schema.numeric, *mixed.schema.categories)}
    left_out = {ColumnKind.IDENTIFIER, ColumnKind.CONSTANT, ColumnKind.DROPPED}
    assert kinds == set(ColumnKind) - left_out
