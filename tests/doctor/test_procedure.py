"""``steelyard.diagnose`` takes whatever a training run left behind, and what is said of it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.neural_network import MLPClassifier

import steelyard
from steelyard.diagnosis.diagnoses import Diagnoses
from steelyard.errors import DataError, SteelyardError
from steelyard.finding import Confidence, Severity, Status
from steelyard.log import Facts, Log
from steelyard.recipe import Change, Recipe, apply
from steelyard.splitting import split_rows
from steelyard.tables import table_from

OVERFITTING = {
    "loss": [0.6, 0.5, 0.42, 0.36, 0.31, 0.27, 0.24, 0.21, 0.19, 0.17],
    "val_loss": [0.55, 0.5, 0.47, 0.46, 0.47, 0.49, 0.52, 0.55, 0.58, 0.61],
}


def codes(found: Diagnoses) -> set[str]:
    return {finding.code for finding in found.findings}


def test_a_dict_of_lists() -> None:
    found = steelyard.diagnose(OVERFITTING)
    assert isinstance(found, Diagnoses)
    (one,) = found
    assert (one.source, one.format) == ("dict", "keras history")
    overfitting = one["REG401"].finding
    assert overfitting is not None
    assert overfitting.evidence["best_epoch"] in (3, 4, 5)
    assert "0.595, by 27%" in overfitting.message, "medians of the running three"
    assert "REG401" in str(found)
    assert "Is it overfitting?" in str(one)


@pytest.mark.parametrize("values", [np.array, tuple, pd.Series], ids=["numpy", "tuple", "pandas"])
def test_curves_of_any_kind_of_sequence(values: Any) -> None:
    given = {name: values(curve) for name, curve in OVERFITTING.items()}
    assert "REG401" in codes(steelyard.diagnose(given))
    assert isinstance(given["loss"], type(values([1.0]))), "what is given stays as it is"


def test_the_dict_that_is_given_stays_as_it_is() -> None:
    given = {name: list(curve) for name, curve in OVERFITTING.items()} | {"epoch": list(range(10))}
    steelyard.diagnose(given)
    assert given == OVERFITTING | {"epoch": list(range(10))}


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(OVERFITTING),
        pd.DataFrame(OVERFITTING).assign(epoch=range(10)),
        pl.DataFrame(OVERFITTING),
        pl.DataFrame({"epoch": list(range(10)), **OVERFITTING}),
    ],
    ids=["pandas", "pandas with epochs", "polars", "polars with epochs"],
)
def test_a_frame_with_a_row_per_epoch(frame: Any) -> None:
    (one,) = found = steelyard.diagnose(frame)
    assert one.source.endswith("frame")
    assert "REG401" in codes(found)


@pytest.mark.parametrize("kind", [dict, pd.DataFrame], ids=["dict", "frame"])
def test_columns_by_other_names(kind: Any) -> None:
    given = kind({"training error": OVERFITTING["loss"], "holdout": OVERFITTING["val_loss"]})
    found = steelyard.diagnose(
        given,
        columns={"loss": "training error", "val_loss": "holdout"},
        facts={"loss": "binary_crossentropy"},
        l2=0.0,
    )
    assert "REG401" in codes(found)


def test_several_histories_and_files(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    path.write_text(json.dumps(OVERFITTING))
    found = steelyard.diagnose([OVERFITTING, path, str(path)])
    assert [one.source for one in found] == ["dict", str(path), str(path)]
    assert len(found.findings) == 3 * len(found[0].findings)
    assert isinstance(found[1:], Diagnoses)
    assert found.worst is Severity.WARNING
    assert found[1:].findings == found.findings[len(found[0].findings) :]


def test_pasted_text() -> None:
    text = "\n".join(
        f"Epoch {epoch}/3\n100/100 - 1s - loss: {'nan' if epoch > 1 else 0.6} - val_loss: nan"
        for epoch in (1, 2, 3)
    )
    (one,) = found = steelyard.diagnose(text)
    assert (one.source, one.format) == ("the text, training 1", "console")
    assert "OPT308" in codes(found)


def test_what_other_libraries_leave_behind() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(300, 3))
    y = (x[:, 0] > 1).astype(int)
    network = MLPClassifier((4,), max_iter=200, early_stopping=True, n_iter_no_change=3, random_state=0).fit(
        x, y
    )
    (of_sklearn,) = steelyard.diagnose(network)
    assert (of_sklearn.source, of_sklearn.format) == ("MLPClassifier", "sklearn")

    results = {
        "validation_0": {"logloss": OVERFITTING["loss"]},
        "validation_1": {"logloss": OVERFITTING["val_loss"]},
    }
    for booster in (
        results,
        SimpleNamespace(evals_result_=results),
        SimpleNamespace(evals_result=lambda: results),
    ):
        (of_boosting,) = steelyard.diagnose(booster)
        assert of_boosting.format == "evals_result"

    records = [
        {"batches": [], "epoch": number + 1, "train_loss": train, "valid_loss": valid}
        for number, (train, valid) in enumerate(zip(*OVERFITTING.values(), strict=True))
    ]
    for net in (records, SimpleNamespace(history=records)):
        (of_skorch,) = steelyard.diagnose(net)
        assert of_skorch.format == "skorch"


def test_what_steelyard_leaves_behind() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(600, 2))
    y = (random.random(600) < 1 / (1 + np.exp(2 - 2 * x[:, 0]))).astype(int)
    table = table_from(x, y)
    recipe = apply(Recipe(), Change("training.epochs", 3), Change("network.hidden_units", [4]))
    result = steelyard.train(table, recipe, split_rows(table), seeds=2)
    of_result = steelyard.diagnose(result)
    assert [one.format for one in of_result] == ["steelyard"] * 2
    assert of_result[0]["IMB704"].status is not Status.NOT_APPLICABLE, "predictions are there"
    (of_run,) = steelyard.diagnose(result.runs[0])
    assert of_run.format == "steelyard"
    assert of_run["OPT307"].status is not Status.NOT_APPLICABLE, "telemetry is there"
    classifier = steelyard.SteelyardClassifier(recipe=recipe, random_state=0).fit(x, y)
    (of_classifier,) = steelyard.diagnose(classifier, select=["OPT"])
    assert {result.code[:3] for result in of_classifier.results} == {"OPT"}


def test_predictions_decide_the_fork() -> None:
    """Collapse and a wrong threshold have the same curves of accuracy, precision and recall."""
    random = np.random.default_rng(0)
    y = (random.random(4000) < 0.05).astype(int)
    curves = {
        "loss": [0.21] * 5,
        "val_loss": [0.21] * 5,
        "val_accuracy": [1 - y.mean()] * 5,
        "val_precision": [0.0] * 5,
        "val_recall": [0.0] * 5,
    }
    ranked = 0.02 + 0.1 * y + 0.1 * random.random(4000)
    constant = np.full((4000, 1), 0.05)
    sound = steelyard.diagnose(curves, predictions=(y, ranked))
    collapsed = steelyard.diagnose(curves, predictions=(y, constant))
    assert "COL202" in codes(sound) and "COL201" not in codes(sound)
    assert "COL201" in codes(collapsed) and "COL202" not in codes(collapsed)
    both = np.column_stack([1 - ranked, ranked])
    assert steelyard.diagnose(curves, predictions=(y, both)).findings == sound.findings


def test_rows_are_counted_and_inputs_measured() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(1000, 3)) * 1e-4
    y = (random.random(1000) < 0.1).astype(int)
    (one,) = steelyard.diagnose(OVERFITTING, train=(x, y), validation=(None, y[:300]))
    tiny = one["DAT601"].finding
    assert tiny is not None and tiny.evidence["tiny_inputs"] == 3
    few = one["DAT612"].finding
    assert few is not None and few.evidence["positives"] == y[:300].sum()


def test_both_parts_are_compared_with_a_logistic_regression() -> None:
    random = np.random.default_rng(0)
    x = random.normal(size=(1500, 3))
    y = (random.random(1500) < 1 / (1 + np.exp(2 - 3 * x[:, 0]))).astype(int)
    flat = {"loss": [0.40] * 12, "val_loss": [0.40] * 12}
    parts: dict[str, Any] = {"train": (x[:1000], y[:1000]), "validation": (x[1000:], y[1000:])}
    (one,) = steelyard.diagnose(flat, **parts, facts={"loss": "binary_crossentropy"}, l2=0.0, dropout=0.0)
    assert one["DAT605"].status is Status.PASSED
    parts["validation"] = (x[:500], y[:500])
    (one,) = steelyard.diagnose(flat, **parts)
    assert one["DAT605"].status is Status.FIRED, "the same rows in both parts"


@pytest.mark.parametrize(
    ("given", "kind", "pair"),
    [
        ({0: 1.0, 1: 20.0}, "dict", (1.0, 20.0)),
        ({"0": 1, "1": 20}, "string keys", (1.0, 20.0)),
        (np.array([0.5, 10.0]), "array", (0.5, 10.0)),
        ([1, 20], "list", (1.0, 20.0)),
        ("balanced", "balanced", None),
        ("none", "none", None),
    ],
)
def test_the_kind_of_class_weights_is_a_fact(given: Any, kind: str, pair: tuple[float, float] | None) -> None:
    from steelyard.doctor.given import facts_given

    for facts in (facts_given(class_weight=given), facts_given({"class_weight": given})):
        assert (facts.class_weight_type, facts.class_weight) == (kind, pair)


def test_class_weights_in_an_array_are_not_in_force() -> None:
    found = steelyard.diagnose(
        {"loss": [0.17, 0.15, 0.14, 0.13], "val_loss": [0.18, 0.17, 0.16, 0.16]},
        class_weight=np.array([0.52, 12.0]),
        facts={"rows_train": 10_000, "positives_train": 400, "framework": "keras 2"},
    )
    assert "IMB701" in codes(found)


def test_what_is_said_counts_more_than_the_log() -> None:
    log = Log("here", "keras history", facts=Facts(framework="keras 2", learning_rate=0.5))
    (before,) = steelyard.diagnose(log, facts={"optimizer": "adam"})
    (after,) = steelyard.diagnose(log, facts=Facts(optimizer="adam", learning_rate=0.001))
    assert before["ARC509"].status is Status.FIRED
    assert after["ARC509"].status is Status.PASSED


def test_a_penalty_that_is_said_is_in_the_losses() -> None:
    (without,) = steelyard.diagnose(OVERFITTING, l2=0.0)
    (with_one,) = steelyard.diagnose(OVERFITTING, l2=0.01)
    assert without["CMP101"].status is Status.PASSED
    assert with_one["CMP101"].status is not Status.PASSED


def test_select_ignore_and_settings() -> None:
    (one,) = steelyard.diagnose(OVERFITTING, select=["REG4"], ignore={"REG401": "known"})
    assert {result.code[:4] for result in one.results} == {"REG4"}
    assert (one["REG401"].status, one["REG401"].reason) == (Status.IGNORED, "known")
    (lenient,) = steelyard.diagnose(OVERFITTING, settings={"REG401": {"percent": 90}})
    assert lenient["REG401"].status is not Status.FIRED


def test_a_twin_shows_what_watching_changes() -> None:
    other = {"loss": [value * 1.3 for value in OVERFITTING["loss"]], "val_loss": OVERFITTING["val_loss"]}
    (same,) = steelyard.diagnose(OVERFITTING, twin=OVERFITTING)
    (changed,) = steelyard.diagnose(OVERFITTING, twin=other)
    assert same["CMP109"].status is Status.PASSED
    assert changed["CMP109"].status is Status.FIRED


def test_a_loss_that_is_no_number_is_certain() -> None:
    (one,) = steelyard.diagnose({"loss": [0.7, 0.6, math.nan], "val_loss": [0.7, 0.6, math.nan]})
    finding = one["OPT308"].finding
    assert finding is not None
    assert (finding.confidence, finding.severity) == (Confidence.CERTAIN, Severity.ERROR)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"history": 3}, "int is no training log"),
        ({"history": []}, "nothing in it"),
        ({"history": "no/such/file.csv"}, "does not exist"),
        ({"history": "x" * 10_000}, "does not exist"),
        ({"history": {"loss": [object()]}}, "dict holds no curve"),
        ({"history": {("a", 1): [1.0]}}, "no number"),
        ({"facts": {"rows_vaildation": 3}}, "did you mean 'rows_validation'"),
        ({"facts": {"rows_train": -1}}, "rows_train: must be a whole number"),
        ({"facts": {"rows_train": 2.5}}, "rows_train: must be a whole number"),
        ({"facts": {"base_rate": 1.5}}, "base_rate: must lie between 0 and 1"),
        ({"facts": {"validation_way": "tale"}}, "validation_way: must be one of"),
        ({"facts": {"rows_train": 5, "positives_train": 6}}, "6 positives among 5 rows"),
        ({"facts": {"learning_rate": 0}}, "learning_rate: must be larger than 0"),
        ({"class_weight": "auto"}, "class_weight: as a word"),
        ({"class_weight": {0: 1.0}}, "a number for label 0 and one for label 1"),
        ({"class_weight": [1.0, -2.0]}, "0 or larger"),
        ({"class_weight": 3}, "a dict by label, or two weights"),
        ({"train": np.zeros(4)}, "train: must be inputs and labels"),
        ({"train": (None, [0, 1, 2])}, "labels must be 0 and 1; found 2"),
        ({"train": (None, ["yes", "no"])}, "labels must be 0 and 1"),
        ({"train": (np.zeros((3, 2)), [0, 1])}, "3 rows of inputs, but 2 labels"),
        ({"predictions": [0.1, 0.2, 0.3]}, "two arrays, labels and probabilities"),
        ({"predictions": ([0, 1], [0.1, 1.2])}, "between 0 and 1; found 0.1 to 1.2"),
        ({"predictions": ([0, 1], [0.1])}, "2 labels, but 1 probabilities"),
        ({"predictions": ([0, 1], np.zeros((2, 3)))}, "the shape (2, 3)"),
        ({"predictions": ([0, 1], [0.1, 0.2]), "facts": {"rows_validation": 3}}, "3 rows validated"),
        ({"history": [OVERFITTING, OVERFITTING], "predictions": ([0, 1], [0.1, 0.2])}, "belongs to one log"),
        ({"model": 3}, "no Keras model"),
        ({"model": "no/such/model.keras"}, "cannot be read"),
        ({"data": np.zeros((3, 2))}, "which column is the target"),
    ],
)
def test_wrong_use_is_refused_with_what_is_allowed(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError) as raised:
        steelyard.diagnose(**{"history": OVERFITTING, **arguments})
    assert message in str(raised.value)


def test_wrong_codes_are_refused() -> None:
    with pytest.raises(SteelyardError, match="REG499"):
        steelyard.diagnose(OVERFITTING, select=["REG499"])


def test_an_error_names_the_object_and_not_a_file_of_ours() -> None:
    with pytest.raises(DataError) as raised:
        steelyard.diagnose({"loss": ["a", "b"]})
    assert "dict" in str(raised.value) and "history.json" not in str(raised.value)


def test_a_loop_of_ones_own_is_not_taken_for_keras() -> None:
    curves = dict(zip(("train_loss", "val_loss"), OVERFITTING.values(), strict=True))
    (one,) = steelyard.diagnose(curves)
    assert one.format == "history"
    (said,) = steelyard.diagnose(curves, facts={"framework": "pytorch", "loss": "bce"}, l2=0.0, dropout=0.0)
    assert said["REG401"].status is Status.FIRED
