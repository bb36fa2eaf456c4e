"""LOG913."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.rules.forensics.loss_below_its_accuracy import loss_below_its_accuracy
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve


def test_a_regression_with_an_accuracy() -> None:
    finding = fired(
        loss_below_its_accuracy,
        train_accuracy=curve([0.0056, 0.0056, 0.0056]),
        train_loss_logged=curve([0.0201, 0.0192, 0.0198]),
    )
    assert finding.message == (
        "In epoch 2 the training accuracy is 0.56% and the training loss 0.0192. A row on the wrong side of "
        "0.5 costs 0.6931 or more, so the 99.44% that are wrong cost 0.6893 alone: one of the two is not "
        "what its name says. A squared error of labels 0 and 1 would be 0.25 or more each, so it is not that "
        "either."
    )
    assert finding.settle


def test_it_may_be_a_squared_error() -> None:
    losses = {"validation_accuracy": curve([0.5, 0.5]), "validation_loss_logged": curve([0.2512, 0.2511])}
    assert "either" not in fired(loss_below_its_accuracy, **losses).message
    assert passed(loss_below_its_accuracy, **losses, loss="mse")


def test_no_loss_of_zeros_and_ones_is_negative() -> None:
    finding = fired(
        loss_below_its_accuracy,
        train_accuracy=curve([0.6, 0.6]),
        train_loss_logged=curve([-3.2, -14.9]),
        loss="binary_crossentropy",
    )
    assert "No loss of labels 0 and 1 is ever negative" in finding.message
    assert finding.epochs == (2,)


def test_the_smaller_class_weight_counts_for_training_rows_only() -> None:
    beside = (curve([0.5, 0.5]), curve([0.2, 0.2]))
    assert passed(
        loss_below_its_accuracy,
        train_accuracy=beside[0],
        train_loss_logged=beside[1],
        class_weight=(0.5, 10.0),
    )
    assert fired(
        loss_below_its_accuracy,
        validation_accuracy=beside[0],
        validation_loss_logged=beside[1],
        class_weight=(0.5, 10.0),
    )


def test_one_epoch_of_many_passes() -> None:
    assert passed(
        loss_below_its_accuracy,
        validation_accuracy=curve([0.1, 0.8, 0.8]),
        validation_loss_logged=curve([0.2, 0.4, 0.4]),
    )


@given(
    st.lists(st.tuples(st.booleans(), st.floats(0.001, 0.999)), min_size=1, max_size=200),
    st.sampled_from(["binary_crossentropy", "mse"]),
)
def test_no_network_with_labels_0_and_1_is_blamed(rows: list[tuple[bool, float]], loss: str) -> None:
    y, p = np.array([row[0] for row in rows], float), np.array([row[1] for row in rows])
    costs = {
        "binary_crossentropy": -np.log(np.where(y == 1.0, p, 1.0 - p)),
        "mse": (y - p) ** 2,
    }[loss]
    assert passed(
        loss_below_its_accuracy,
        validation_accuracy=curve([float(((p > 0.5) == (y == 1.0)).mean())] * 2),
        validation_loss_logged=curve([float(costs.mean())] * 2),
        loss=loss,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"train_accuracy": curve([0.5])},
        {"train_accuracy": curve([50.0]), "train_loss_logged": curve([0.1])},
        {"train_accuracy": curve([0.5]), "train_loss_logged": curve([math.nan])},
    ],
)
def test_what_is_missing_is_said(fields: dict[str, object]) -> None:
    assert "both a loss and an accuracy" in not_applicable(loss_below_its_accuracy, **fields)


def test_a_loss_without_a_known_bound_is_left_alone() -> None:
    assert "focal" in not_applicable(
        loss_below_its_accuracy,
        train_accuracy=curve([0.1]),
        train_loss_logged=curve([0.01]),
        loss="binary_focal_crossentropy",
    )
