"""Histories and models of the real Keras, and the Doctor beside them while they train."""

from __future__ import annotations

import io
import warnings
from importlib import import_module
from typing import Any

import numpy as np
import pytest

import steelyard
import steelyard.keras
from steelyard.errors import DataError, SteelyardWarning
from steelyard.finding import Status

# Of Keras' own conversion of PyTorch's tensors.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword")

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(700, 4)).astype("float32")
Y = (RANDOM.random(700) < 1 / (1 + np.exp(2.5 - 2 * X[:, 0]))).astype(int)
TRAIN, VALIDATION = (X[:300], Y[:300]), (X[300:], Y[300:])


def keras() -> Any:
    """The real one, loaded when a test needs it, on the backend that the tests have chosen."""
    return import_module("keras")


def batch_rate(truth: Any, output: Any) -> Any:
    """A metric that is a plain function."""
    return keras().ops.mean(output)


def network(*, rate: float = 0.005, logits: bool = False, l2: float = 0.0) -> Any:
    keras().utils.set_random_seed(1)
    penalty = keras().regularizers.L2(l2) if l2 else None
    model = keras().Sequential(
        [
            keras().layers.Input((4,)),
            keras().layers.Dense(16, activation="relu", kernel_regularizer=penalty),
            keras().layers.Dropout(0.2),
            keras().layers.Dense(1, activation=None if logits else "sigmoid"),
        ]
    )
    model.compile(
        keras().optimizers.Adam(rate),
        loss=keras().losses.BinaryCrossentropy(from_logits=logits),
        metrics=["accuracy", keras().metrics.Recall(), batch_rate],
    )
    return model


def fit(model: Any, epochs: int = 4, **arguments: Any) -> Any:
    return model.fit(*TRAIN, validation_data=VALIDATION, epochs=epochs, verbose=0, batch_size=50, **arguments)


@pytest.fixture(scope="module")
def history() -> Any:
    return fit(network(l2=0.001))


def test_a_history_with_its_model(history: Any) -> None:
    (one,) = steelyard.diagnose(history, train=TRAIN, validation=VALIDATION, class_weight="none")
    assert one.source == f"History of {history.model.name}"
    assert one["CMP101"].status is not Status.NOT_APPLICABLE, "the penalty is known"
    averaged = one["CMP108"]
    assert averaged.status is Status.PASSED or averaged.finding is not None, "functions as metrics are known"
    assert one["ARC503"].status is Status.PASSED, "layers and activations are known"
    assert one["ARC509"].status is Status.PASSED, "optimizer and learning rate are known"
    assert one["DAT601"].status is Status.PASSED


def test_a_model_holds_its_history(history: Any) -> None:
    (of_model,) = steelyard.diagnose(history.model)
    (of_history,) = steelyard.diagnose(history)
    assert of_model.results == of_history.results


def test_a_history_without_its_model_and_the_model_beside_it(history: Any, tmp_path: Any) -> None:
    history.model.save(tmp_path / "model.keras")
    (bare,) = steelyard.diagnose(history.history)
    (by_object,) = steelyard.diagnose(history.history, model=history.model)
    (by_path,) = steelyard.diagnose(history.history, model=tmp_path / "model.keras")
    assert bare["ARC503"].status is Status.NOT_APPLICABLE
    assert by_object.results == by_path.results
    assert by_object["ARC503"].status is Status.PASSED


def test_a_model_without_a_configuration_is_told_of() -> None:
    class Own(keras().Model):  # type: ignore[misc]  # keras has no annotations
        def __init__(self, width: Any) -> None:
            super().__init__()
            self.inner = keras().layers.Dense(1, activation="sigmoid")

        def call(self, x: Any) -> Any:
            return self.inner(x)

    model = Own(object())
    model.compile("adam", "binary_crossentropy")
    found = model.fit(*TRAIN, epochs=1, verbose=0)
    (one,) = steelyard.diagnose(found)
    assert one["ARC503"].status is Status.NOT_APPLICABLE


def test_the_doctor_changes_nothing() -> None:
    """Predicting draws random numbers of PyTorch, which would shuffle the next epoch differently."""
    alone = fit(network())
    doctor = steelyard.Doctor(train=TRAIN, validation=VALIDATION, stream=io.StringIO())
    watched = fit(network(), callbacks=[doctor])
    assert list(watched.history.values()) == list(alone.history.values()), "but for numbers in their names"


def test_the_doctor_knows_the_model_the_rows_and_what_is_predicted() -> None:
    text = io.StringIO()
    doctor = steelyard.Doctor(train=TRAIN, validation=VALIDATION, class_weight="none", stream=text)
    model = network()
    fit(model, callbacks=[doctor])
    assert doctor.log is not None and doctor.diagnosis is not None
    facts = doctor.log.facts
    assert (facts.framework, facts.optimizer, facts.planned_epochs) == ("keras 3", "adam", 4)
    assert facts.metric_functions == ("batch_rate",)
    assert (facts.rows_validation, facts.positives_validation) == (400, int(Y[300:].sum()))
    assert facts.logistic_auc is not None, "both parts are at hand"
    assert facts.initial_loss is not None and 0.3 < facts.initial_loss < 1.5
    told = doctor.log.predictions["validation"]
    np.testing.assert_allclose(told.probability, model.predict(X[300:], verbose=0)[:, 0], atol=1e-6)
    assert doctor.log.history is not None
    assert list(doctor.log.history.epochs) == [1, 2, 3, 4]
    assert str(doctor.diagnosis) in text.getvalue()


def test_logits_become_probabilities() -> None:
    doctor = steelyard.Doctor(validation=VALIDATION, stream=io.StringIO())
    fit(network(logits=True), epochs=2, callbacks=[doctor])
    assert doctor.log is not None
    probability = doctor.log.predictions["validation"].probability
    assert 0.0 < probability.min() < probability.max() < 1.0


def test_a_finding_is_told_once_while_the_network_trains() -> None:
    text = io.StringIO()
    fit(network(), epochs=8, callbacks=[steelyard.Doctor(1, class_weight=np.array([1.0, 5.0]), stream=text)])
    during = text.getvalue().partition("training of ")[0]
    assert during.count("CMP108 metrics averaged over batches") <= 1
    first_words = [line.split(": ")[1].split()[1] for line in during.splitlines() if line.startswith("epoch")]
    assert len(first_words) == len(set(first_words)), "no code twice"


def test_a_loss_that_is_no_number_is_told_at_once() -> None:
    text = io.StringIO()
    model = network(logits=True)
    broken = TRAIN[0].copy()
    broken[7, 2] = np.nan
    model.fit(broken, TRAIN[1], epochs=3, verbose=0, callbacks=[steelyard.Doctor(stream=text)])
    first = text.getvalue().splitlines()[0]
    assert first.startswith("epoch 1: error OPT308 loss not finite (certain)")
    assert text.getvalue().count("epoch 1:") >= 1 and "epoch 2: error OPT308" not in text.getvalue()


def test_every_so_many_epochs() -> None:
    doctor = steelyard.Doctor(every=3, stream=io.StringIO())
    seen: list[int] = []
    look = keras().callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: seen.append(0 if doctor.diagnosis is None else epoch + 1)
    )
    fit(network(), epochs=4, callbacks=[doctor, look])
    assert seen == [0, 0, 3, 4]


def test_judging_takes_a_small_part_of_the_time() -> None:
    doctor = steelyard.Doctor(stream=io.StringIO())
    judged = 0
    doctor.on_train_begin()
    for epoch in range(60):  # epochs that take no time at all
        before = doctor.diagnosis
        doctor.on_epoch_end(epoch, {"loss": 0.5 / (epoch + 1)})
        judged += doctor.diagnosis is not before
    assert 1 <= judged < 20
    doctor.on_train_end()
    assert doctor.log is not None and doctor.log.history is not None
    assert len(doctor.log.history.epochs) == 60, "in the end the whole"


def test_a_second_fit_begins_anew() -> None:
    doctor = steelyard.Doctor(stream=io.StringIO())
    model = network()
    fit(model, epochs=3, callbacks=[doctor])
    fit(model, epochs=2, callbacks=[doctor])
    assert doctor.log is not None and doctor.log.history is not None
    assert list(doctor.log.history.epochs) == [1, 2]
    assert doctor.log.facts.initial_loss is None, "it was trained before"


def test_what_goes_wrong_in_it_is_one_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(io.StringIO):
        def write(self, text: str) -> int:
            raise RuntimeError("the disk is full")

    doctor = steelyard.Doctor(class_weight="none", stream=Broken())
    with pytest.warns(SteelyardWarning, match="training goes on. RuntimeError: the disk is full") as caught:
        history = fit(network(), epochs=5, callbacks=[doctor])
    assert len(history.epoch) == 5
    assert len([one for one in caught if issubclass(one.category, SteelyardWarning)]) == 1


def test_rows_that_cannot_be_predicted_leave_the_curves() -> None:
    doctor = steelyard.Doctor(validation=(X[:, :2], Y), stream=io.StringIO())
    with pytest.warns(SteelyardWarning, match="cannot be predicted, so curves alone are judged") as caught:
        fit(network(), epochs=2, callbacks=[doctor])
    assert len([one for one in caught if issubclass(one.category, SteelyardWarning)]) == 1
    assert doctor.diagnosis is not None and doctor.log is not None
    assert not doctor.log.predictions


def test_beside_a_progress_bar(capsys: pytest.CaptureFixture[str]) -> None:
    doctor = steelyard.Doctor()
    model = network()
    model.compile("adam", "binary_crossentropy")
    model.fit(*TRAIN, validation_data=VALIDATION, epochs=2, batch_size=100, verbose=1, callbacks=[doctor])
    printed = capsys.readouterr().out
    assert any(line.startswith("training of ") for line in printed.splitlines()), "at the start of a line"


def test_in_a_fit_of_steelyard_itself() -> None:
    model = steelyard.keras.Sequential(
        [
            steelyard.keras.layers.Input((4,)),
            steelyard.keras.layers.Dense(8, activation="relu"),
            steelyard.keras.layers.Dense(1, activation="sigmoid"),
        ]
    )
    model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
    text = io.StringIO()
    doctor = steelyard.Doctor(train=TRAIN, validation=VALIDATION, class_weight="none", stream=text)
    history = model.fit(*TRAIN, validation_data=VALIDATION, epochs=3, verbose=0, callbacks=[doctor])
    assert doctor.log is not None and doctor.log.history is not None
    np.testing.assert_allclose(doctor.log.history["train_loss"], history.history["loss"])
    assert doctor.log.facts.layers is not None and len(doctor.log.facts.layers) == 2
    assert len(doctor.log.predictions["validation"].target) == 400
    assert "training of" in text.getvalue()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model.fit(*TRAIN, epochs=1, verbose=0, callbacks=steelyard.Doctor(stream=io.StringIO()))


def test_our_history_is_judged_with_all_that_steelyard_knows() -> None:
    model = steelyard.keras.Sequential(
        [steelyard.keras.layers.Input((4,)), steelyard.keras.layers.Dense(1, activation="sigmoid")]
    )
    model.compile("adam", "binary_crossentropy")
    history = model.fit(*TRAIN, validation_data=VALIDATION, epochs=3, verbose=0)
    (one,) = steelyard.diagnose(history)
    assert one.format == "steelyard"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"every": 0}, "every"),
        ({"select": ["REG499"]}, "REG499"),
        ({"facts": {"rows_trian": 3}}, "did you mean 'rows_train'"),
        ({"validation": (None, [0, 2])}, "labels must be 0 and 1"),
    ],
)
def test_wrong_use_is_refused_before_training(arguments: dict[str, Any], message: str) -> None:
    with pytest.raises(steelyard.SteelyardError, match=message):
        steelyard.Doctor(**arguments)


def test_a_model_that_is_none_is_refused() -> None:
    with pytest.raises(DataError, match=r"builtins\.int is no Keras model"):
        steelyard.diagnose({"loss": [1.0]}, model=3)


def test_metrics_that_were_not_measured_in_the_last_epoch_contradict_nothing() -> None:
    """Predictions are of the last epoch, metrics of the one before, which may differ by much."""
    doctor = steelyard.Doctor(train=TRAIN, validation=VALIDATION, stream=io.StringIO())
    fit(network(rate=0.3), epochs=3, validation_freq=2, callbacks=[doctor])
    assert doctor.diagnosis is not None and doctor.log is not None
    assert doctor.log.predictions
    assert doctor.diagnosis["COL207"].status is not Status.FIRED


def two_headed() -> Any:
    inputs = keras().layers.Input((4,))
    outputs = [
        keras().layers.Dense(1, activation="sigmoid", name="buys")(inputs),
        keras().layers.Dense(1, name="spends")(inputs),
    ]
    model = keras().Model(inputs, outputs, name="shop")
    model.compile("adam", loss=["binary_crossentropy", "mse"])
    return model


def test_several_outputs_are_not_watched_and_not_judged() -> None:
    model, text = two_headed(), io.StringIO()
    doctor = steelyard.Doctor(validation=VALIDATION, stream=text)
    labels = [Y[:300], X[:300, 1]]
    with pytest.warns(SteelyardWarning, match="shop has 2 outputs, buys and spends") as caught:
        history = model.fit(TRAIN[0], labels, epochs=2, verbose=0, callbacks=[doctor])
    assert len(history.epoch) == 2 and text.getvalue() == "" and doctor.diagnosis is None
    assert len([one for one in caught if issubclass(one.category, SteelyardWarning)]) == 1
    with pytest.raises(DataError, match=r'"val_loss": history\.history\["val_buys_loss"\]'):
        steelyard.diagnose(history)
    (one,) = steelyard.diagnose({"loss": history.history["buys_loss"]})
    assert one.format == "keras history", "as the message says"


def test_of_more_than_two_classes_it_is_told_that_rules_are_for_two() -> None:
    model = keras().Sequential(
        [keras().layers.Input((4,)), keras().layers.Dense(3, activation="softmax")], name="kinds"
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    doctor = steelyard.Doctor(stream=(text := io.StringIO()))
    labels = np.arange(300) % 3
    history = model.fit(TRAIN[0], labels, epochs=6, verbose=0, validation_split=0.5, callbacks=[doctor])
    told = "kinds ends in 3 units, for as many classes; the rules are made for two"
    assert told in text.getvalue().replace("\n           ", " ")
    (one,) = steelyard.diagnose(history)
    assert any(note.startswith(told) for note in one.notes)
    losses = {"COL209", "LOG913", "LOG907", "OPT310"}
    assert not losses & {finding.code for finding in one.findings}, "ln 3 is no fault of three classes"


def test_each_of_several_histories_has_its_own_model() -> None:
    found = steelyard.diagnose([fit(network()), fit(network(l2=0.1))])
    assert [one["CMP101"].status is Status.NOT_APPLICABLE for one in found[:2]] == [False, False]
    assert all(one["ARC503"].status is Status.PASSED for one in found[:2])


def test_the_rows_that_a_share_of_fit_validates() -> None:
    doctor = steelyard.Doctor(train=(X, Y), validation_split=0.4, class_weight="none", stream=io.StringIO())
    network().fit(X, Y, validation_split=0.4, epochs=4, verbose=0, batch_size=50, callbacks=[doctor])
    assert doctor.log is not None and doctor.diagnosis is not None
    facts = doctor.log.facts
    assert (facts.rows_train, facts.rows_validation, facts.validation_way) == (420, 280, "tail")
    assert facts.positives_validation == int(Y[420:].sum())
    assert len(doctor.log.predictions["validation"].target) == 280
    assert not [one for one in doctor.diagnosis.findings if one.code in ("LOG901", "LOG906")]


def test_it_says_where_to_supply_what_is_lacking() -> None:
    fit(network(), callbacks=[steelyard.Doctor(stream=(text := io.StringIO()))])
    last = text.getvalue().splitlines()[-1]
    assert last.strip() == (
        "what is to be supplied: steelyard.diagnose(doctor.log, ...) takes it afterwards, too"
    )
    assert "--" not in text.getvalue()
