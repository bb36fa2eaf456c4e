"""The notebook, from its own text as the only input: every statement with its numbers, worked out again."""

from __future__ import annotations

import math
import re
from pathlib import Path

import numpy as np
import pytest

from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.finding import Confidence, Severity, Status
from tests.acceptance.diagnosed import answer, bits, codes, finding, holds, judged, rows


@pytest.fixture(scope="module")
def text(shared_seeds: Path) -> str:
    """The document."""
    return judged(shared_seeds, "003_").text


@pytest.fixture(scope="module")
def trainings(shared_seeds: Path) -> tuple[Diagnosis, Diagnosis, Diagnosis]:
    """The first network, the grid search, and the network on oversampled rows."""
    first, grid, oversampled = judged(shared_seeds, "003_").diagnoses
    return first, grid, oversampled


@pytest.fixture(scope="module")
def grid(trainings: tuple[Diagnosis, Diagnosis, Diagnosis]) -> Diagnosis:
    """What is said of the search."""
    return trainings[1]


@pytest.fixture(scope="module")
def table(text: str) -> list[tuple[float, float, float, int]]:
    """Validation loss and accuracy, learning rate and batch size of each row that the notebook prints."""
    found = re.findall(
        r"^\d +10 +(\d\.\d+) +(\d\.\d+) +\.\.\. +\d\.\d+ +(\d\.\d+) +(\d+)$", text, re.MULTILINE
    )
    assert len(found) == 10
    return [(float(loss), float(accuracy), float(rate), int(batch)) for loss, accuracy, rate, batch in found]


def validation_rows(text: str) -> int:
    """Of the search; its ten trainings all have as many."""
    counted = set(rows(text)[1:])
    ((_, validation),) = counted
    return validation


def test_nothing_else_is_said(trainings: tuple[Diagnosis, Diagnosis, Diagnosis]) -> None:
    first, grid, oversampled = trainings
    assert codes(first) == {"ARC509", "SRC805"}
    assert codes(grid) == {
        *("SRC811", "SRC812", "SRC802", "SRC805", "SRC806", "OPT303", "REG404", "SRC808"),
    }
    masked = {one.code for one in grid.results if one.status is Status.MASKED}
    assert masked == {"COL206", "SRC804", "SRC813"}
    assert codes(oversampled) == {"CMP106", "IMB705", "SRC805", "ARC509"}


def test_six_of_ten_have_the_very_same_accuracy(
    grid: Diagnosis, text: str, table: list[tuple[float, float, float, int]]
) -> None:
    accuracies = [row[1] for row in table]
    commonest = max(set(accuracies), key=accuracies.count)
    number = validation_rows(text)
    right = round(commonest * number)
    # It is that of predicting the majority: 8.2 % of these rows bought, of all rows 8.0 %.
    buyers, others = (int(found) for found in re.findall(r"^[10] +(\d+)$", text, re.MULTILINE)[::-1])
    error = math.sqrt(0.08 * 0.92 / number)
    assert abs((1.0 - right / number) - buyers / (buyers + others)) < 2.0 * error
    found = finding(grid, "SRC811")
    assert found.severity is Severity.ERROR and found.confidence is Confidence.CERTAIN
    assert found.evidence["tied"] == accuracies.count(commonest) == 6
    assert found.evidence["rows_right"] == right
    assert holds(
        found.message,
        f"6 of 10 trials have the very same validation accuracy, {commonest}",
        f"{right:,} of {number:,} rows right",
        f"{1 - right / number:.2%} of the rows",
        "calls every row negative",
        "cannot rank them",
    )


def test_the_slow_ones_are_mostly_penalty(
    grid: Diagnosis, text: str, table: list[tuple[float, float, float, int]]
) -> None:
    """Glorot's normal has a variance of 2 / (inputs + outputs); the penalty is 0.01 times the sum of squares
    of all weights but those of the last layer."""
    assert text.count("Dense(80, kernel_regularizer=l2(0.01), kernel_initializer=glorot_normal(seed=42)") == 3
    penalty = sum(0.01 * n * m * 2.0 / (n + m) for n, m in ((125, 80), (80, 40), (40, 10)))
    assert penalty == pytest.approx(1.67, abs=0.005)
    slow = sorted(loss for loss, *_ in table if loss - math.log(2.0) > loss / 2.0)
    found = finding(grid, "REG404")
    assert found.evidence["mostly_penalty"] == len(slow) == 3
    assert found.evidence["initial_penalty"] == pytest.approx(penalty, rel=0.01)
    listed = ", ".join(f"{loss:.2f}" for loss in slow)
    assert holds(found.message, f"3 of 10 trials have a validation loss ({listed})", "about 1.67", "0.69")
    # They took half as many steps as those with 24 rows to a batch.
    assert {batch for loss, _, _, batch in table if loss in slow} == {48}


def test_no_loss_is_below_that_of_the_base_rate(
    grid: Diagnosis, text: str, table: list[tuple[float, float, float, int]]
) -> None:
    number = validation_rows(text)
    floor = bits(1.0 - round(0.918403 * number) / number)
    losses = [row[0] for row in table]
    assert floor == pytest.approx(0.28, abs=0.005) and min(losses) > floor
    found = finding(grid, "SRC812")
    assert found.evidence["floor"] == pytest.approx(floor, rel=1e-6)
    assert holds(
        found.message, f"below {floor:.4g}", f"from {min(losses):.4g} to {max(losses):.4g}", "penalty"
    )
    assert answer(grid, "Has any trial learned anything?").startswith("Cannot tell: None of 10 trials")


def test_they_had_not_converged(grid: Diagnosis, table: list[tuple[float, float, float, int]]) -> None:
    """A network of zeros has no penalty and the loss of the base rate: all ten are above it."""
    losses = [row[0] for row in table]
    found = finding(grid, "OPT303")
    assert holds(found.message, "All 10 trials", "after 10 epochs", f"{min(losses):.3f} to {max(losses):.3f}")
    assert found.evidence["entropy_of_base_rate"] == pytest.approx(0.28, abs=0.005)
    # The further a trial could go in its epochs, the lower its loss.
    speed = np.argsort(np.argsort([rate / batch for _, _, rate, batch in table]))
    rank = np.argsort(np.argsort(losses))
    assert np.corrcoef(speed, rank)[0, 1] < -0.5
    masked = grid["SRC813"]
    assert masked.finding is not None and "rank correlation -0.6" in masked.finding.message


def test_differences_are_a_handful_of_rows(
    grid: Diagnosis, text: str, table: list[tuple[float, float, float, int]]
) -> None:
    accuracies = [row[1] for row in table]
    number = validation_rows(text)
    all_of_it = round((max(accuracies) - min(accuracies)) * number)
    lead = round((max(accuracies) - float(np.median(accuracies))) * number)
    found = finding(grid, "SRC802")
    assert (all_of_it, lead) == (12, 4)
    assert holds(found.message, "12 rows of 15,405", "ahead of the middle one by 4 rows")
    # Chance alone: trials that are equally good differ by more than these do.
    assert math.sqrt(0.0816 * 0.9184 / number) > max(accuracies) - min(accuracies)


def test_the_auc_was_chosen_on_test_rows(
    trainings: tuple[Diagnosis, Diagnosis, Diagnosis], text: str
) -> None:
    assert text.count("validation_data=[X_test, y_test]") == 2
    assert "roc_auc_score(y_test, predictions_smote)" in text
    first, grid, oversampled = trainings
    found = finding(oversampled, "SRC805")
    assert found.evidence["reported_auc"] == 0.7263959240711243
    assert holds(found.message, "10,270 rows that validate", "0.7264 reported on test rows")
    assert holds(finding(grid, "SRC805").message, "15,405 rows", "ranked the trials")
    assert holds(finding(first, "SRC805").message, "10,270 rows")


def test_smote_between_one_hot_columns(trainings: tuple[Diagnosis, Diagnosis, Diagnosis], text: str) -> None:
    """The text does not say what the 125 inputs are, so this may be: what would settle it is told."""
    assert "input_dim = 125" in text and "SMOTE(random_state=12" in text
    found = finding(trainings[2], "IMB705")
    assert found.confidence is Confidence.POSSIBLE
    assert holds(found.message, "125 inputs", "columns of zeros and ones")
    assert holds(found.settle, "125 inputs are only ever 0 or 1")
    resampled = finding(trainings[2], "CMP106")
    buyers, all_rows = 4_112, 51_349
    assert resampled.evidence["validation_entropy"] == pytest.approx(bits(buyers / all_rows), rel=1e-6)
    assert holds(resampled.message, "50% of the training rows", "8.01% of the validation rows", "0.6931")


def test_batch_sizes_had_other_numbers_of_steps(grid: Diagnosis, text: str) -> None:
    ((trained, _),) = set(rows(text)[1:])
    found = finding(grid, "SRC808")
    steps = math.ceil(trained / 48), math.ceil(trained / 24)
    assert holds(found.message, f"{steps[0]:,} steps per epoch against {steps[1]:,}")


def test_the_learning_rate_of_the_words_is_not_that_of_the_code(
    trainings: tuple[Diagnosis, Diagnosis, Diagnosis], text: str
) -> None:
    assert "we choose a learning rate of 0.0005" in text and "Adam(lr = 0.00005)" in text
    assert any("0.0005 in the words" in note and "5e-05" in note for note in trainings[0].notes)
    assert holds(finding(trainings[0], "ARC509").message, "5e-05, 20 times below")


def test_which_trial_is_best(grid: Diagnosis) -> None:
    said = answer(grid, "Which trial is best")
    assert said.startswith("Cannot tell: learningrate = 0.0001, batchsize = 48 comes first of 10")
    assert holds(said, "6 of 10 trials", "12 rows of 15,405", "trained once", "judge the result")


def test_it_has_learned_to_rank(trainings: tuple[Diagnosis, Diagnosis, Diagnosis]) -> None:
    """By Hanley and McNeil's error of an AUC of 0.7264 with 8.01 % of 10,270 rows positive."""
    auc, positives = 0.7263959240711243, 0.0801 * 10_270
    negatives = 10_270 - positives
    q1, q2 = auc / (2.0 - auc), 2.0 * auc**2 / (1.0 + auc)
    variance = auc * (1 - auc) + (positives - 1) * (q1 - auc**2) + (negatives - 1) * (q2 - auc**2)
    error = math.sqrt(variance / (positives * negatives))
    said = answer(trainings[2], "Has it learned anything?")
    assert said.startswith("Yes. The ROC AUC on validation rows is 0.726 (")
    low, high = (float(end) for end in re.findall(r"\((0\.\d+) to (0\.\d+)", said)[0])
    # The interval allows for what is not known of the number of positives.
    assert auc - 4.0 * error < low < auc - 1.9 * error
    assert auc + 1.9 * error < high < auc + 4.0 * error


def test_what_to_change(grid: Diagnosis) -> None:
    said = answer(grid, "What should be changed first?")
    assert said.startswith("One thing at a time, in this order: (1) Rank by average precision")
    assert holds(said, "(SRC811)", "(SRC805)", "(SRC806)", "(OPT303)", "(REG404)")
