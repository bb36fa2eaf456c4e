"""What compile(metrics=[...]) may be given, and what comes of it."""

from __future__ import annotations

import functools
import warnings
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from steelyard.errors import RecipeError, SteelyardWarning
from steelyard.keras import metrics
from steelyard.keras.metrics import compile_metrics

Y = np.array([0, 0, 1, 1, 0, 1], np.uint8)
P = np.array([0.1, 0.6, 0.7, 0.4, 0.2, 0.9], np.float32)


def names(*specs: Any) -> list[str]:
    return [metric.name for metric in compile_metrics(list(specs))]


def test_names_are_those_in_the_history_of_keras(keras: ModuleType) -> None:
    def MyScore(y_true: Any, y_pred: Any) -> Any:  # in Keras: my_score
        return (y_true - y_pred) ** 2

    def given(m: Any) -> list[Any]:
        return [
            "accuracy", "acc", "binary_accuracy", "AUC", m.AUC(), m.AUC(curve="PR"), m.AUC(name="prc"),
            m.Precision(), m.Recall(name="r"), "mse", m.BinaryCrossentropy(), m.TruePositives, MyScore,
        ]  # fmt: skip

    keras.utils.clear_session()
    model = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile("sgd", "binary_crossentropy", metrics=given(keras.metrics))
    keys = model.evaluate(P[:, None], Y[:, None], verbose=0, return_dict=True).keys()
    assert sorted([*names(*given(metrics)), "loss"]) == sorted(keys)


def test_names_begin_again_with_each_model() -> None:
    area = metrics.AUC()
    assert names(area, metrics.AUC()) == ["auc", "auc_1"]
    assert names(metrics.AUC(), area) == ["auc", "auc_1"]
    assert area.name == "auc"


def test_lists_may_be_nested_or_by_output() -> None:
    assert compile_metrics(None) == []
    assert [m.name for m in compile_metrics("accuracy")] == ["accuracy"]
    assert names(["accuracy", ["mse"]]) == ["accuracy", "mse"]
    assert [m.name for m in compile_metrics({"output": ["accuracy"]})] == ["accuracy"]


@pytest.mark.parametrize(
    "specs", [("accuracy", "accuracy"), (metrics.AUC(name="a"), metrics.Recall(name="a"))]
)
def test_one_name_for_two_metrics(specs: Any) -> None:
    with pytest.raises(RecipeError, match=r"^K226: two columns of the history"):
        compile_metrics(list(specs))


def test_a_metric_must_not_be_called_loss() -> None:
    with pytest.raises(RecipeError, match=r"^K226: .*'loss'"):
        compile_metrics([metrics.AUC(name="loss")])


@pytest.mark.parametrize(
    ("spec", "series", "logit_series"),
    [
        ("accuracy", "accuracy", None),
        ("acc", "accuracy", None),
        (metrics.BinaryAccuracy(threshold=0.4), None, None),
        (metrics.precision, "precision", None),
        (metrics.recall, "recall", None),
        (metrics.f1, "f1", None),
        (metrics.auc, "roc_auc", "roc_auc"),
        ("f1", "f1", None),
        (metrics.Precision(thresholds=0), None, "precision"),
        (metrics.Recall(thresholds=0.0), None, "recall"),
        (metrics.Recall(thresholds=0.3), None, None),
        (metrics.F1Score(threshold=0.5), "f1", None),
        (metrics.FBetaScore(beta=2.0, threshold=0.5), None, None),
        (metrics.AUC(num_thresholds=10), "roc_auc", "roc_auc"),
        (metrics.AUC(curve="PR"), "average_precision", "average_precision"),
        ("bce", "loss", None),
        (metrics.BinaryCrossentropy(from_logits=True), None, "loss"),
        (metrics.BinaryCrossentropy(label_smoothing=0.1), None, None),
        (metrics.TruePositives, None, None),
        (lambda y, p: 0.0, None, None),
    ],
)
def test_what_the_engine_already_measures(spec: Any, series: str | None, logit_series: str | None) -> None:
    metric = metrics.get(spec)
    assert (metric.series, metric.logit_series) == (series, logit_series)


def test_the_functions_agree_with_the_classes() -> None:
    for function, made in (
        (metrics.binary_accuracy, metrics.BinaryAccuracy()),
        (metrics.precision, metrics.Precision()),
        (metrics.recall, metrics.Recall()),
        (metrics.f1, metrics.F1Score(threshold=0.5)),
        (metrics.auc, metrics.AUC()),
        (metrics.binary_crossentropy, metrics.BinaryCrossentropy()),
        (metrics.mean_squared_error, metrics.MeanSquaredError()),
    ):
        value = made.result(Y, P)
        assert 0 < value < 1
        assert function(Y[:, None].astype(np.float32), P[:, None]) == value
        assert metrics.get(function).result(Y, P) == value
        assert metrics.get(function).name == function.__name__


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("acuracy", r"^K223: unknown metric acuracy \(did you mean 'accuracy'\?\); known are BinaryAccuracy"),
        ("categorical_accuracy", "^K223: unknown metric categorical_accuracy"),
        (7, "^K223: unknown metric 7"),
        ({"class_name": "MeanIoU", "config": {}}, "^K223: unknown metric MeanIoU"),
    ],
)
def test_unknown_metrics(spec: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        metrics.get(spec)


@pytest.mark.parametrize("made", [lambda k: k.metrics.AUC(), lambda k: k.metrics.AUC])
def test_a_metric_of_keras_itself_is_refused(keras: ModuleType, made: Any) -> None:
    with pytest.raises(
        RecipeError,
        match=r"^K223: keras\..*AUC is a metric of another library(?s:.)*import AUC",
    ):
        metrics.get(made(keras))


@pytest.mark.parametrize("name", ["CategoricalAccuracy", "Mean"])
def test_metrics_of_keras_that_are_not_here(name: str) -> None:
    with pytest.raises(RecipeError, match=rf"^K223: {name} is not one for the probability of one class"):
        getattr(metrics, name)
    assert not hasattr(metrics, "Presicion")


def test_every_name_of_keras_is_here_or_refused(keras: ModuleType) -> None:
    functions = {"deserialize", "get", "serialize"}
    for name in dir(keras.metrics):
        if name[0].isupper() or name in functions:
            try:
                assert callable(getattr(metrics, name))
            except RecipeError as error:
                assert name in str(error)


def test_a_metric_that_updates_is_refused_when_it_is_defined() -> None:
    with pytest.raises(RecipeError, match=r"^K223: Mine defines update_state"):
        type("Mine", (metrics.Metric,), {"update_state": lambda self, y_true, y_pred: None})


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: metrics.Precision([0.2, 0.5]), "K224: .*one threshold is one number"),
        (lambda: metrics.Recall(top_k=3), "K224: .*top_k is for several"),
        (lambda: metrics.Recall(class_id=1), "K224: .*class_id is for several"),
        (lambda: metrics.AUC(multi_label=True), "K224: .*multi_label is for several"),
        (lambda: metrics.AUC(curve="PRGAIN"), "K224: .*allowed are 'ROC' and 'PR'"),
        (lambda: metrics.AUC(summation_method="mid"), "K224: .*'majoring'"),
        (lambda: metrics.F1Score("samples", threshold=0.5), "K224: .*allowed are None, 'micro'"),
        (lambda: metrics.Precision(thresholds=1.5), "K210: Precision: thresholds is 1.5"),
        (lambda: metrics.Precision(thresholds="0.5"), "K210: Precision: thresholds is '0.5'"),
        (lambda: metrics.BinaryAccuracy(threshold=0), "K210: .*above 0 and below 1"),
        (lambda: metrics.F1Score(threshold=1.5), "K210: .*above 0 and at most 1|at most 1 and above 0"),
        (lambda: metrics.FBetaScore(beta=0.0, threshold=0.5), "K210: .*must be above 0"),
        (lambda: metrics.PrecisionAtRecall(1.5), "K210: PrecisionAtRecall: recall is 1.5"),
        (lambda: metrics.BinaryCrossentropy(label_smoothing=2), "K210: .*label_smoothing is 2"),
    ],
)
def test_arguments_that_do_not_apply(make: Any, message: str) -> None:
    with pytest.raises(RecipeError, match=f"^{message}"):
        make()


def test_class_zero_of_one_output_is_that_output() -> None:
    assert metrics.Precision(class_id=0).result(Y, P) == metrics.Precision().result(Y, P)


def test_f1_without_a_threshold(keras: ModuleType) -> None:
    with pytest.warns(SteelyardWarning, match=r"^K123: F1Score without a threshold") as caught:
        ours = metrics.F1Score()
    assert caught[0].filename == __file__
    assert ours.result(Y, P) == metrics.F1Score(threshold=0.5).result(Y, P)
    oracle = keras.metrics.F1Score()
    oracle.update_state(Y[:, None].astype(np.float32), P[:, None])
    constant = 2 * Y.mean() / (1 + Y.mean())
    assert float(oracle.result()[0]) == pytest.approx(constant), "what the warning says of Keras"
    assert ours.get_config()["threshold"] is None


def test_rows_of_one_class() -> None:
    compiled = compile_metrics(
        ["accuracy", metrics.precision, metrics.recall, metrics.f1, metrics.AUC(), metrics.AUC(curve="PR")]
    )
    negatives = np.zeros(4, np.uint8)
    values = {metric.name: metric.result(negatives, P[:4]) for metric in compiled}
    assert values["accuracy"] == 0.5 and values["precision"] == 0.0
    assert all(np.isnan(values[name]) for name in ("recall", "f1", "auc", "auc_1"))
    with pytest.warns(
        SteelyardWarning,
        match=r"^K122: recall, f1, auc, auc_1: undefined \(NaN\), because the validation rows hold no posi",
    ):
        metrics.warn_undefined(compiled, negatives, "the validation rows")
    with pytest.warns(SteelyardWarning, match=r"^K122: auc: undefined .* hold no negatives"):
        metrics.warn_undefined(compiled, np.ones(4, np.uint8), "the validation rows")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metrics.warn_undefined(compiled, Y, "the validation rows")
        metrics.warn_undefined(compile_metrics(["accuracy"]), negatives, "the validation rows")


def test_logits_compared_with_a_probability() -> None:
    with pytest.warns(SteelyardWarning, match=r"^K124: accuracy, recall: the output is a logit"):
        metrics.warn_of_logits(
            compile_metrics(["accuracy", metrics.Recall(), metrics.Precision(0), metrics.AUC()])
        )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metrics.warn_of_logits(compile_metrics([metrics.Precision(0), metrics.AUC()]))


@pytest.mark.parametrize("made", [metrics.AUC(), metrics.AUC(curve="PR"), metrics.PrecisionAtRecall(0.5)])
def test_a_network_that_predicts_nan_has_no_order(made: metrics.Metric) -> None:
    assert np.isnan(made.result(Y, np.full(6, np.nan, np.float32)))


class TestFunctions:
    """A user's own."""

    def test_gets_all_rows_as_keras_gives_them(self) -> None:
        def seen(y_true: Any, y_pred: Any) -> float:
            assert y_true.dtype == y_pred.dtype == np.float32
            assert y_true.shape == y_pred.shape == (6, 1)
            np.testing.assert_array_equal(y_true[:, 0], Y)
            np.testing.assert_array_equal(y_pred[:, 0], P)
            return 0.25

        metric = metrics.get(seen)
        assert metric.name == "seen"
        assert metric.direction is None
        assert metric.result(Y, P) == 0.25

    def test_a_value_per_row_is_averaged(self) -> None:
        assert metrics.get(lambda y, p: (y - p) ** 2).result(Y, P) == pytest.approx(np.mean((Y - P) ** 2))
        assert metrics.get(lambda y, p: np.mean(np.abs(y - p), axis=-1)).result(Y, P) == pytest.approx(
            np.mean(np.abs(Y - P))
        )

    def test_divides_by_zero_in_silence(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert np.isnan(metrics.get(lambda y, p: y.sum() / np.float32(0) - np.inf).result(Y, P))

    def test_names(self) -> None:
        class Distance:
            def __call__(self, y_true: Any, y_pred: Any) -> Any:
                return np.abs(y_true - y_pred)

        assert metrics.get(Distance()).name == metrics.get(Distance).name == "distance"
        assert metrics.get(functools.partial(np.add)).name == "partial"

    @pytest.mark.parametrize(
        ("function", "what"),
        [
            (
                lambda y, p: y.cpu().sum(),
                "raised AttributeError: 'numpy.ndarray' object has no attribute 'cpu'",
            ),
            (lambda y, p: "good", "returned <U4 and not a number"),
            (lambda y, p: None, "returned object and not a number"),
            (lambda y, p: np.zeros(4), r"returned an array of shape \(4,\)"),
            (lambda y: 0.0, "raised TypeError"),
        ],
    )
    def test_one_that_fails_is_named_and_told_how_it_is_called(self, function: Any, what: str) -> None:
        function.__name__ = "mine"
        with pytest.raises(RecipeError, match=rf"^K225: metric 'mine': the function {what}.*") as caught:
            metrics.get(function).result(Y, P)
        assert "called as f(y_true, y_pred) with float32 numpy arrays of shape (rows, 1)" in str(caught.value)
        assert "from steelyard.keras import backend as K" in str(caught.value)

    def test_a_function_of_keras_backend(self, keras: ModuleType) -> None:
        """Works as long as its tensors can be read as numbers."""
        assert metrics.get(lambda y, p: keras.ops.mean(keras.ops.abs(y - p))).result(Y, P) == pytest.approx(
            np.mean(np.abs(Y - P))
        )

    def test_in_a_file_it_is_a_name(self, keras: ModuleType) -> None:
        def mine(y_true: Any, y_pred: Any) -> float:
            return 0.5

        config = metrics.serialize(metrics.get(mine))
        assert config == keras.metrics.serialize(mine)
        assert metrics.deserialize(config, {"mine": mine}).result(Y, P) == 0.5
        with pytest.raises(RecipeError, match=r"^K223: unknown metric mine"):
            metrics.deserialize(config)
