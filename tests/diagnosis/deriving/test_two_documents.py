"""The question and the notebook, their facts typed in: signals against numbers worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.signals import Signals
from steelyard.history import History, Quantity, Series
from steelyard.log import Facts, LayerFact, Log, TrialTable

# Ten of the question's fifty epochs, two of them the best and the worst by validation accuracy.
EPOCHS = (1, 2, 3, 8, 13, 19, 24, 34, 40, 50)
TRAIN = {
    "loss": (
        *(0.11360416695320169, 0.10546536095823504, 0.10479448631859302, 0.10354264359677245),
        *(0.10320657373551526, 0.10284421649460301, 0.10257347440138999, 0.1025552625653298),
        *(0.10227482178253805, 0.10230684331953707),
    ),
    "accuracy": (
        *(0.9719054302654866, 0.9722014052736098, 0.9722223165513265, 0.9722700371596364),
        *(0.972257347409898, 0.9723034594581262, 0.9723082851374658, 0.9723200812429736),
        *(0.9723451032844771, 0.9723493927773464),
    ),
    "precision": (
        *(0.04318607766310522, 0.08200365689263885, 0.0879368828870095, 0.10469945686933077),
        *(0.10735499820198338, 0.11280831344917516, 0.11627422337500112, 0.11577555283141153),
        *(0.11795325336546804, 0.1204920337324732),
    ),
    "recall": (
        *(0.014118418249225056, 0.027188699049355843, 0.028828338109625453, 0.03488602139262464),
        *(0.03581065733437644, 0.038004928222614275, 0.039557352710400825, 0.03889574230226375),
        *(0.04009298329286289, 0.04058994322583322),
    ),
    "f1": (
        *(0.019788689361876124, 0.038075473533327256, 0.04071660554449336, 0.04894130010578083),
        *(0.05016927881759732, 0.053132730860649895, 0.05510475065833446, 0.054481634113598784),
        *(0.05595459048789773, 0.05666971732986393),
    ),
}
VALIDATION = {
    "loss": (
        *(0.16370630699260016, 0.1482830620685894, 0.15146544815120758, 0.1532206739823991),
        *(0.14921822092317205, 0.14812599346522948, 0.1487530953343855, 0.16914694318199597),
        *(0.1483665518264097, 0.1537987335397171),
    ),
    "accuracy": (
        *(0.9599861592289204, 0.9625548519194776, 0.9625133867995076, 0.96275860294002),
        *(0.9629115949343922, 0.9623489561513505, 0.962546272929139, 0.9597302193504846),
        *(0.9618992740744342, 0.9604172534934363),
    ),
    "precision": (0.0,) * 10,
    "recall": (0.0,) * 10,
    "f1": (0.0,) * 10,
}
ROWS = 1_398_766


def question(**facts: object) -> Signals:
    """The signals of the question."""
    layers = [
        layer
        for number in range(11)
        for layer in (
            LayerFact("dense", units=7, inputs=7 if number else 9, activation="linear"),
            LayerFact("dropout", rate=0.2 if number else 0.5),
        )
    ]
    layers.append(LayerFact("dense", units=1, inputs=7, activation="sigmoid"))
    known = Facts(
        **{  # type: ignore[arg-type]
            "framework": "keras 2",
            "loss": "binary_crossentropy",
            "layers": tuple(layers),
            "batch_size": 128,
            "shuffled": True,
            "class_weight": (0.525, 10.5),
            "class_weight_type": "array",
            "metric_functions": ("precision", "recall", "f1"),
            "rows_train": 5_595_067,
            "rows_validation": ROWS,
            "odds_said": 20.0,
            "validation_way": "tail",
            "origins": {"class_weight": "inferred: 'balanced'"},
            **facts,
        }
    )
    train = Quantity(weighted=None, penalized=False, dropout=True, epoch_mean=True)
    end = Quantity(weighted=False, penalized=False, dropout=False, epoch_mean=False)
    series = [
        *(Series("train", name, np.array(values), train) for name, values in TRAIN.items()),
        *(Series("validation", name, np.array(values), end) for name, values in VALIDATION.items()),
    ]
    return signals_from(Log("the question", "post", History(np.array(EPOCHS), tuple(series)), known))


def test_the_validation_rows_hold_one_positive_in_27() -> None:
    """At best 51,878 wrong decisions, all of them positives that were not found."""
    signals = question()
    wrong = round(ROWS * (1.0 - max(VALIDATION["accuracy"])))
    assert wrong == 51_878
    rate = signals.base_rate_validation
    assert rate is not None
    assert rate.high == pytest.approx(wrong / ROWS, rel=1e-6)
    assert 0.0365 < rate.low < rate.value
    assert "predicting 0" in rate.how
    assert signals.positives_validation is not None
    assert signals.positives_validation.high == wrong


def test_the_training_rows_hold_one_in_37_and_not_one_in_21() -> None:
    """Accuracy 0.9723: with one in 21 it could not be, unless a quarter of the positives were found."""
    signals = question()
    rate = signals.base_rate_train
    assert rate is not None
    assert 0.025 < rate.low < rate.high < 0.0285
    assert "does not fit: about 20:1" in rate.how
    assert signals.base_rate_raw is not None
    assert signals.base_rate_raw.low > rate.high


def test_the_two_losses_have_different_floors() -> None:
    signals = question()
    assert signals.train_floor is not None
    assert signals.validation_floor is not None
    assert signals.train_floor.value == pytest.approx(0.124, abs=2e-3)
    assert signals.validation_floor.value == pytest.approx(0.158, abs=1e-3)
    assert signals.validation_skill is not None
    # What looks like a gap of half the loss is a skill of 0.06 against one that starts at 0.11 or above.
    assert signals.validation_skill.values[1] == pytest.approx(1 - 0.14828 / 0.1584, abs=2e-3)


def test_the_loss_cannot_come_from_balanced_weights() -> None:
    """1.4 to 4.1 % of the positives found: the others, half of the weight, cost ln 2 at least: 0.33."""
    signals = question()
    assert signals.weighted_train_floor is not None
    assert signals.weighted_train_floor.value == pytest.approx(math.log(2.0))
    assert signals.weighted_train_least is not None
    assert (signals.weighted_train_least.values > 0.3).all()
    assert (signals.weighted_train_least.values < 0.35).all()
    assert signals.weights_in_force is False
    assert signals.train_loss is not None
    assert signals.train_loss.quantity.weighted is False


def test_every_change_of_accuracy_is_a_false_alarm() -> None:
    confusion = question().validation_confusion
    assert confusion is not None
    assert (confusion.true_positive_high == 0).all()
    wrong = np.round(ROWS * (1.0 - np.array(VALIDATION["accuracy"]))).astype(int)
    np.testing.assert_array_equal(confusion.predicted_positive_low, wrong - 51_878)
    assert confusion.predicted_positive_low.max() == 56_328 - 51_878
    assert not confusion.contradictions


def test_the_wiggle_is_many_times_the_sampling_noise() -> None:
    signals = question()
    assert signals.validation_noise == pytest.approx(5.2e-4, rel=0.03)
    assert signals.validation_noise is not None
    assert np.std(VALIDATION["loss"]) > 10 * signals.validation_noise


def test_the_best_epoch_is_almost_any() -> None:
    best = question().best_epoch
    assert best is not None
    assert (best.epoch, best.first, best.last) == (19, 2, 40)


def test_that_metrics_are_means_over_batches_shows_without_being_told() -> None:
    """F1 0.0198 is not the harmonic mean 0.0213 of 0.0432 and 0.0141."""
    told, found = question(), question(metric_functions=None)
    assert told.base_rate_train == found.base_rate_train
    assert told.validation_confusion is not None
    assert found.validation_confusion is not None
    np.testing.assert_array_equal(
        told.validation_confusion.predicted_positive_high, found.validation_confusion.predicted_positive_high
    )


def notebook() -> Signals:
    """The signals of the notebook's grid."""

    def hidden(inputs: int, units: int) -> LayerFact:
        return LayerFact("dense", units, inputs, "relu", l2=0.01, kernel_initializer="glorot_normal")

    facts = Facts(
        framework="keras 2",
        loss="binary_crossentropy",
        layers=(hidden(125, 80), hidden(80, 40), hidden(40, 10), LayerFact("dense", 1, 10, "sigmoid")),
        rows_train=35_944,
        rows_validation=15_405,
        base_rate=4112 / (47_237 + 4112),
        validation_way="random",
        validation_is_test=True,
        reported_auc=0.7263959240711243,
        reported_on="test",
    )
    loss = (
        1.540983,
        2.031460,
        1.524614,
        0.369941,
        0.392205,
        0.330297,
        0.548199,
        0.382778,
        0.357133,
        0.350741,
    )
    accuracy = (0.918338, 0.918338, *(0.918403,) * 4, 0.917884, 0.918663, 0.918403, 0.918403)
    table = TrialTable(
        parameters={
            "learningrate": (7e-5, 1e-5, 3e-5, 5e-5, 3e-5, 5e-5, 1e-5, 1e-4, 1e-4, 7e-5),
            "batchsize": (48, 48, 48, 24, 24, 48, 24, 48, 24, 24),
        },
        metrics={"validation_loss": np.array(loss), "validation_accuracy": np.array(accuracy)},
        ranked_by="validation_accuracy",
    )
    return signals_from(Log("the notebook", "post", facts=facts, trials=table))


def test_the_penalty_of_the_notebooks_untrained_network() -> None:
    penalty = notebook().initial_penalty
    assert penalty is not None
    assert penalty.value == pytest.approx(1.669, abs=1e-3)
    assert 1.6 < penalty.low < penalty.high < 1.75


def test_the_notebooks_validation_rows_hold_1257_positives() -> None:
    """Six of ten accuracies are 0.918403, that of predicting 0: 14,148 of 15,405."""
    signals = notebook()
    assert signals.positives_validation is not None
    assert signals.positives_validation.value == 1257
    assert signals.base_rate_validation is not None
    assert "6 of 10 trials" in signals.base_rate_validation.how
    assert signals.validation_floor is not None
    assert signals.validation_floor.value == pytest.approx(0.2826, abs=2e-4)
    assert signals.trials is not None
    assert (signals.trials.metrics["validation_loss"] > signals.validation_floor.high).all()


def test_the_notebooks_auc_has_an_interval() -> None:
    interval = notebook().validation_auc_interval
    assert interval is not None
    assert interval.low < 0.7264 < interval.high
    assert 0.02 < interval.high - interval.low < 0.04
