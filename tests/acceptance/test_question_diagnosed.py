"""The question, from its own text as the only input: every statement with its numbers, worked out again.

"I would like to make sure that I am interpreting these results correctly. Is the model overfitting after the
first epoch? What changes should I investigate to fix this?"
"""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.finding import Confidence, Severity, Status
from tests.acceptance.diagnosed import (
    answer,
    bits,
    codes,
    finding,
    history,
    holds,
    judged,
    rate_of_batches,
    rows,
    running_median,
    sample,
)


@pytest.fixture(scope="module")
def text(shared_seeds: Path) -> str:
    """The document."""
    return judged(shared_seeds, "000_").text


@pytest.fixture(scope="module")
def question(shared_seeds: Path) -> Diagnosis:
    """What is said of it."""
    (diagnosis,) = judged(shared_seeds, "000_").diagnoses
    return diagnosis


@pytest.fixture(scope="module")
def logged(text: str) -> dict[str, list[float]]:
    """Its curves."""
    return history(text)


@pytest.fixture(scope="module")
def validated(text: str, logged: dict[str, list[float]]) -> tuple[int, int]:
    """Validation rows and the positives among them: no epoch has fewer wrong decisions than the best, and
    as no positive is ever found, all positives are among these."""
    ((_, number),) = rows(text)
    return number, round(number * (1.0 - max(logged["val_acc"])))


@pytest.fixture(scope="module")
def train_rate(logged: dict[str, list[float]]) -> float:
    """Share of positives among training rows that the last epoch's batch means leave."""
    return rate_of_batches(logged["acc"][-1], logged["precision"][-1], logged["recall"][-1], 128)


def test_nothing_else_is_said(question: Diagnosis) -> None:
    """Each finding is checked below; two more say the same as another and are masked by it."""
    assert codes(question) == {
        *("CMP105", "CMP108", "COL202", "COL206", "OPT304", "REG405", "ARC503"),
        *("DAT601", "DAT603", "IMB701", "LOG911", "LOG912"),
    }
    masked = {one.code for one in question.results if one.status is Status.MASKED}
    assert masked == {"ARC504", "LOG902", "LOG907"}
    errors = {one.code for one in question.findings if one.severity is Severity.ERROR}
    assert errors == {"IMB701", "LOG911"}


def test_it_is_not_overfitting_in_the_ordinary_sense(
    question: Diagnosis, logged: dict[str, list[float]], validated: tuple[int, int], train_rate: float
) -> None:
    loss = logged["val_loss"]
    said = answer(question, "Is it overfitting?")
    assert said.startswith("No, not in the ordinary sense: the validation loss ends ")
    assert question["REG401"].status is Status.PASSED

    even = running_median(loss, 2)
    above = 100.0 * (even[-1] / min(even) - 1.0)
    assert holds(said, f"{above:.1f}% above", f"around epoch {even.index(min(even)) + 1})")
    # After the first epoch it falls, and then goes neither up nor down.
    assert loss[1] < loss[0]
    assert holds(said, f"from {loss[0]:.4g} to {loss[1]:.4g}", f"{min(loss):.4g} and {max(loss[1:]):.4g}")
    slope, error = _line(np.array(loss[1:]))
    assert abs(slope) < 3.0 * error and 48 * slope < 0.04 * loss[1]
    assert holds(said, "no clear rise and no clear fall")
    # Most of the gap between the curves is one between base rates.
    floors = bits(train_rate), bits(validated[1] / validated[0])
    gap = loss[-1] - logged["loss"][-1]
    assert holds(said, f"Of the {gap:.4g} between the two curves at the end, 0.034")
    assert floors[1] - floors[0] == pytest.approx(0.0347, abs=0.002)
    assert floors[1] - floors[0] > 0.6 * gap
    skill = 1.0 - loss[-1] / floors[1]
    assert holds(said, f"the validation loss between 2.4% and {skill:.1%} below it")


def _line(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> tuple[float, float]:
    """Slope of a regression per epoch, and its standard error."""
    (slope, _), covariance = np.polyfit(np.arange(len(values)), values, 1, cov=True)
    return float(slope), math.sqrt(float(covariance[0, 0]))


def test_the_losses_have_different_floors(
    question: Diagnosis, logged: dict[str, list[float]], validated: tuple[int, int], train_rate: float
) -> None:
    found = finding(question, "CMP105")
    assert found.evidence["base_rate_train"] == pytest.approx(train_rate, rel=0.02)
    assert found.evidence["base_rate_validation"] == pytest.approx(validated[1] / validated[0], rel=1e-5)
    assert found.evidence["train_floor"] == pytest.approx(bits(train_rate), rel=0.02)
    assert found.evidence["validation_floor"] == pytest.approx(bits(validated[1] / validated[0]), rel=1e-5)
    assert holds(found.message, "between 3.68% and 3.7%", "0.1584", "0.1023 and 0.1538", "no overfitting")
    # 20:1, as the question says, is neither: of one in 21 rows 4.76% would be positive.
    assert train_rate < 0.03 < 1.0 / 21.0
    said = answer(question, "May the two losses be compared?")
    assert said.startswith("No, not as they stand: ")
    assert holds(said, "0.1584 in validation", "with dropout, which raises it", "half an epoch older")


def test_the_class_weights_were_not_in_force(question: Diagnosis, logged: dict[str, list[float]]) -> None:
    """Balanced weights give the positives half of all weight, whatever their number: those that are missed at
    0.5 cost ln 2 each at least, and that is at least ln 2 / 2 times the share that is missed."""
    found = finding(question, "IMB701")
    assert found.severity is Severity.ERROR and found.confidence is Confidence.CERTAIN
    epoch = int(found.evidence["epoch"])
    # 3 % of the batches have no positive, and count as recall 0.
    least = 0.5 * math.log(2.0) * (1.0 - logged["recall"][epoch - 1] / 0.96)
    assert found.evidence["least_weighted_loss"] == pytest.approx(least, rel=0.05)
    assert found.evidence["train_loss"] == logged["loss"][epoch - 1]
    for number, recall in zip(logged["loss"], logged["recall"], strict=True):
        assert number < 0.4 * 0.5 * math.log(2.0) * (1.0 - recall / 0.96)
    assert found.evidence["floor_with_weights"] == pytest.approx(math.log(2.0))
    assert holds(found.message, "0.1023 to 0.1136", "0.6931", "an array")
    assert holds(found.advice, "class_weight={0: w0, 1: w1}")


def test_zero_recall_and_a_moving_accuracy(
    question: Diagnosis, logged: dict[str, list[float]], validated: tuple[int, int]
) -> None:
    for name in ("val_precision", "val_recall", "val_f1"):
        assert set(logged[name]) == {0.0} and len(logged[name]) == 50
    accuracy = logged["val_acc"]
    best, worst = accuracy.index(max(accuracy)) + 1, accuracy.index(min(accuracy)) + 1
    alarms = round(validated[0] * (max(accuracy) - min(accuracy)))
    found = finding(question, "LOG911")
    assert found.epochs == (best, worst)
    assert found.evidence["false_alarms_at_least"] == alarms == 4_707
    hits = alarms * validated[1] / validated[0]
    assert found.evidence["hits_expected_at_random"] == pytest.approx(hits, rel=0.01)
    assert holds(found.message, "all 50 epochs", "every changed prediction is a false alarm", "4,707")


def test_eleven_linear_layers_are_one(question: Diagnosis, text: str) -> None:
    layers = text.count("model.add(Dense(7, input_dim=X_train.shape[1], activation='linear'))")
    inputs = 9
    assert "X_train.shape 1 = 9" in text
    parameters = (inputs + 1) * 7 + (layers - 1) * 8 * 7 + 8
    found = finding(question, "ARC503")
    assert found.confidence is Confidence.CERTAIN
    assert found.evidence["linear_hidden_layers"] == layers == 11
    assert found.evidence["parameters"] == parameters
    assert holds(
        found.message, "All 11 hidden layers are linear", "are one", "9 weights and a bias", f"{parameters}"
    )


def test_inputs_near_a_ten_thousandth_are_unscaled(question: Diagnosis, text: str) -> None:
    inputs = sample(text)[:, :-1]
    numbers = [column for column in inputs.T if set(column) - {0.0, 1.0}]
    small = [column for column in numbers if column.std() < 0.01]
    assert all(1e-4 < np.median(column) < 1e-3 for column in small)
    least = min(small, key=lambda column: float(column.std()))
    found = finding(question, "DAT601")
    assert found.evidence["tiny_inputs"] == len(small) == 6
    assert found.evidence["least_deviation"] == pytest.approx(float(least.std()))
    assert holds(found.message, "6 of 9 inputs", f"around {np.median(least):.2g}", f"{1 / least.std():,.0f}")


def test_dropout_starves_seven_units(question: Diagnosis, text: str) -> None:
    assert text.count("Dropout(0.5)") == 1 and text.count("Dropout(0.2)") == 10
    found = finding(question, "REG405")
    assert holds(found.message, "3.5 of the 7 units", f"{0.5**7:.1%} of the rows", "11 dropouts in a row")
    assert found.evidence["noise_to_signal"] == pytest.approx(_noise(), rel=0.03)
    assert holds(found.message, f"at least {float(found.evidence['noise_to_signal']):.0%} of the signal")


def _noise() -> float:
    """Spread over the mean of a signal that all seven units carry, after the eleven dropouts; simulated."""
    random = np.random.default_rng(11)
    signal = np.ones(400_000)
    for rate in (0.5, *[0.2] * 10):
        signal *= random.binomial(7, 1.0 - rate, len(signal)) / (7.0 * (1.0 - rate))
    return float(signal.std() / signal.mean())


def test_accuracy_says_nothing(
    question: Diagnosis, logged: dict[str, list[float]], validated: tuple[int, int]
) -> None:
    found = finding(question, "COL206")
    majority = 1.0 - validated[1] / validated[0]
    assert found.evidence["majority_share"] == pytest.approx(majority, rel=1e-6)
    assert max(logged["val_acc"]) <= majority + 1e-6
    assert holds(found.message, "96.3%", "accuracy cannot tell a good network from a useless one")


def test_the_tail_split_is_suspect(
    question: Diagnosis, text: str, validated: tuple[int, int], train_rate: float
) -> None:
    assert "X_train.iloc[-split_location:,:]" in text
    ((trained, _),) = rows(text)
    rate = validated[1] / validated[0]
    pooled = (rate * validated[0] + train_rate * trained) / (validated[0] + trained)
    errors = (rate - train_rate) / math.sqrt(pooled * (1 - pooled) * (1 / validated[0] + 1 / trained))
    found = finding(question, "DAT603")
    # The finding takes the nearest that the two rates can be.
    assert 0.8 * errors < float(found.evidence["standard_errors"]) < errors
    assert holds(found.message, "the last 1,398,766", "5,595,067", "standard errors")


def test_the_wiggle_is_ten_times_the_sampling_noise(
    question: Diagnosis, logged: dict[str, list[float]], validated: tuple[int, int]
) -> None:
    number, positives = validated
    rate = positives / number
    # The spread of the rows' own losses if all are given the base rate; a network that is right has less.
    squared = rate * math.log(rate) ** 2 + (1.0 - rate) * math.log(1.0 - rate) ** 2
    noise = math.sqrt((squared - bits(rate) ** 2) / number)
    wiggle = float(np.std(np.diff(logged["val_loss"][25:])) / math.sqrt(2.0))
    found = finding(question, "LOG912")
    assert found.evidence["sampling_noise"] == pytest.approx(noise, rel=0.05)
    assert found.evidence["wiggle"] == pytest.approx(wiggle, rel=0.2)
    assert 8.0 < float(found.evidence["ratio"]) < 12.0
    assert holds(found.message, "on 1,398,766 rows", "10 times more")


def test_a_batch_without_a_positive_counts_as_nothing(
    question: Diagnosis, validated: tuple[int, int], train_rate: float
) -> None:
    found = finding(question, "CMP108")
    assert found.evidence["validation_batches_without_positive"] == pytest.approx(
        (1.0 - validated[1] / validated[0]) ** 128, rel=1e-3
    )
    assert found.evidence["training_batches_without_positive"] == pytest.approx(
        (1.0 - train_rate) ** 128, rel=0.05
    )


def test_it_is_no_collapse_and_not_the_threshold_alone(
    question: Diagnosis, logged: dict[str, list[float]], validated: tuple[int, int]
) -> None:
    """No constant has a loss below the entropy of the base rate; the last epoch's rows above 0.5 are not
    positive."""
    assert logged["val_loss"][-1] < bits(validated[1] / validated[0]) - 0.004
    accuracy = logged["val_acc"]
    alarms = round(validated[0] * (max(accuracy) - accuracy[-1]))
    assert finding(question, "COL202").evidence["rows_above_half"] == alarms
    said = answer(question, "Is it a collapse")
    assert said.startswith("No collapse, but not the threshold alone either")
    assert holds(said, f"{alarms:,} rows that lie above 0.5", "if its probabilities are right")


def test_which_epoch_is_best(
    question: Diagnosis, logged: dict[str, list[float]], validated: tuple[int, int]
) -> None:
    loss = logged["val_loss"]
    noise = 0.00052
    best = loss.index(min(loss)) + 1
    near = [epoch for epoch, value in enumerate(loss, 1) if value <= min(loss) + noise]
    said = answer(question, "Which epoch is best")
    assert said.startswith(f"Epoch {best} of 50, with a validation loss of {min(loss):.4g}")
    assert holds(
        said, f"between epochs {near[0]} and {near[-1]}", "is luck", f"{loss[-1] / min(loss) - 1:.1%}"
    )
    assert finding(question, "OPT304").evidence["first_good_epoch"] == near[0] == 2


def test_has_it_learned_anything(
    question: Diagnosis, logged: dict[str, list[float]], validated: tuple[int, int]
) -> None:
    said = answer(question, "Has it learned anything?")
    assert said.startswith("Yes, but little.")
    skill = 1.0 - min(logged["val_loss"]) / bits(validated[1] / validated[0])
    assert holds(said, f"{skill:.1%} below it")


def test_what_to_change(question: Diagnosis) -> None:
    """What is not so first, then the data, then the network; and one thing at a time."""
    said = answer(question, "What should be changed first?")
    assert said.startswith("One thing at a time, in this order: (1) Give class_weight={0: w0, 1: w1}")
    order = [said.index(f"({code})") for code in ("IMB701", "LOG911", "DAT601", "ARC503")]
    assert order == sorted(order)
    assert holds(said, "DAT603", "REG405")
