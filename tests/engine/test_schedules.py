"""The learning rate at every step: closed forms, PyTorch's one-cycle, Keras' plateau rule and cosine."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from numpy.typing import NDArray

from steelyard import engine
from steelyard.run import Run
from tests.engine.problems import PLAIN_TRAINING, numeric_problem, recipe
from tests.engine.test_trajectories import follow

EPOCHS = 12
PEAK = 0.3


def train(schedule: dict[str, object], *, steps_per_epoch: int = 1, epochs: int = EPOCHS) -> Run:
    problem = numeric_problem(train=60, validation=30)
    made = recipe(
        optimizer={"name": "sgd", "learning_rate": PEAK, "schedule": schedule},
        training=PLAIN_TRAINING | {"epochs": epochs, "batch_size": 60 // steps_per_epoch},
    )
    (run,) = engine.fit_population(problem.features, problem.target, [problem.job(made)], threads=1)
    return run


def rates(
    schedule: dict[str, object], *, steps_per_epoch: int = 1, epochs: int = EPOCHS
) -> NDArray[np.float64]:
    """The rate of the last step of each epoch; with one step per epoch, of every step."""
    return train(schedule, steps_per_epoch=steps_per_epoch, epochs=epochs).history["train_learning_rate"]


STEP = np.arange(EPOCHS)


def cosine(share: NDArray[np.float64] | float, start: float, end: float) -> NDArray[np.float64] | float:
    return end + (start - end) * 0.5 * (1.0 + np.cos(np.pi * share))


def test_constant() -> None:
    np.testing.assert_allclose(rates({"name": "constant"}), PEAK, rtol=1e-6)


def test_step() -> None:
    expected = PEAK * 0.5 ** (STEP // 3)
    np.testing.assert_allclose(rates({"name": "step", "factor": 0.5, "every": 3}), expected, rtol=1e-6)


def test_step_counts_epochs_not_steps() -> None:
    expected = PEAK * 0.5 ** (STEP // 3)
    np.testing.assert_allclose(
        rates({"name": "step", "factor": 0.5, "every": 3}, steps_per_epoch=4), expected, rtol=1e-6
    )


def test_exponential_agrees_with_keras(keras: ModuleType) -> None:
    theirs = keras.optimizers.schedules.ExponentialDecay(PEAK, decay_steps=4, decay_rate=0.8)
    last_steps = [4 * epoch + 3 for epoch in range(EPOCHS)]
    expected = [float(theirs(step)) for step in last_steps]
    ours = rates({"name": "exponential", "factor": 0.8}, steps_per_epoch=4)
    np.testing.assert_allclose(ours, expected, rtol=1e-5)


def test_cosine_ends_at_its_final_factor() -> None:
    ours = rates({"name": "cosine", "final": 0.1})
    np.testing.assert_allclose(ours, PEAK * cosine(STEP / (EPOCHS - 1), 1.0, 0.1), rtol=1e-5)
    assert ours[-1] == pytest.approx(0.1 * PEAK)


@pytest.mark.parametrize("steps_per_epoch", [1, 5])
def test_cosine_warms_up_over_its_share_of_the_run(steps_per_epoch: int) -> None:
    epochs = 20
    ours = rates({"name": "cosine", "warmup": 0.25}, steps_per_epoch=steps_per_epoch, epochs=epochs)
    steps = epochs * steps_per_epoch
    assert int(np.argmax(ours)) == pytest.approx(0.25 * epochs, abs=1)
    assert ours.max() == pytest.approx(PEAK, rel=0.02)
    assert 0.0 < ours[0] <= PEAK / 5 * 1.01
    assert (np.diff(ours[:4]) > 0).all()
    np.testing.assert_allclose(np.diff(ours[:4]), np.diff(ours[:4])[0], rtol=1e-4)  # linear
    assert (np.diff(ours[6:]) < 0).all()
    assert ours[-1] < PEAK * 10 / steps**2 + 1e-9


def torch_one_cycle(steps: int, warmup: float, initial: float, final: float) -> NDArray[np.float64]:
    """Torch divides its final rate from the initial one, we from the peak."""
    torch = importlib.import_module("torch")
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        max_lr=PEAK,
        total_steps=steps,
        pct_start=warmup,
        div_factor=initial,
        final_div_factor=final / initial,
        cycle_momentum=False,
    )
    expected = []
    for _ in range(steps):
        expected.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return np.array(expected)


@pytest.mark.parametrize("warmup", [0.3, 0.5, 0.15])
@pytest.mark.parametrize("steps_per_epoch", [1, 4])
def test_one_cycle_agrees_with_torch(keras: ModuleType, warmup: float, steps_per_epoch: int) -> None:
    ours = rates(
        {"name": "one_cycle", "warmup": warmup, "initial_divisor": 10.0, "final_divisor": 1000.0},
        steps_per_epoch=steps_per_epoch,
        epochs=20,
    )
    expected = torch_one_cycle(20 * steps_per_epoch, warmup, 10.0, 1000.0)[
        steps_per_epoch - 1 :: steps_per_epoch
    ]
    np.testing.assert_allclose(ours, expected, rtol=1e-4, atol=1e-7)


class Optimizer:
    """What Keras' callback needs of an optimizer."""

    def __init__(self, learning_rate: float) -> None:
        self.learning_rate = learning_rate


class Model:
    def __init__(self, learning_rate: float) -> None:
        self.optimizer = Optimizer(learning_rate)


PLATEAUS: list[dict[str, object]] = [
    {"factor": 0.5, "patience": 1, "min_delta": 0.02},
    {"factor": 0.5, "patience": 2, "min_delta": 0.05},
    {"factor": 0.3, "patience": 1, "min_delta": 0.05, "cooldown": 2},
    {"factor": 0.2, "patience": 1, "min_delta": 0.05, "min_learning_rate": 0.02},
    {"factor": 0.5, "patience": 1, "min_delta": 0.0, "monitor": "validation_roc_auc"},
    {"factor": 0.5, "patience": 1, "min_delta": 0.01, "monitor": "train_loss"},
]


@pytest.mark.parametrize("options", PLATEAUS, ids=str)
def test_reduce_on_plateau_is_the_rule_of_keras(keras: ModuleType, options: dict[str, object]) -> None:
    """Keras' callback, told our metric after every epoch, gives the rate of our next epoch."""
    run = train({"name": "reduce_on_plateau", **options}, epochs=20)
    monitor = str(options.get("monitor", "validation_loss"))
    callback = keras.callbacks.ReduceLROnPlateau(
        monitor=monitor,
        factor=options["factor"],
        patience=options["patience"],
        min_delta=options["min_delta"],
        cooldown=options.get("cooldown", 0),
        min_lr=options.get("min_learning_rate", 0.0),
        mode="min" if monitor.endswith("loss") else "max",
    )
    model = Model(PEAK)
    callback.set_model(model)
    callback.on_train_begin()
    expected = []
    for epoch, value in enumerate(run.history[monitor]):
        expected.append(model.optimizer.learning_rate)
        callback.on_epoch_end(epoch, {monitor: float(value)})
    assert expected[-1] < PEAK, "the rate must have been reduced at least once"
    np.testing.assert_allclose(run.history["train_learning_rate"], expected, rtol=1e-5)


PER_STEP: dict[str, tuple[dict[str, object], Callable[[int], float]]] = {
    "exponential": ({"name": "exponential", "factor": 0.6}, lambda step: 0.6 ** (step / 5)),
    "cosine": ({"name": "cosine", "final": 0.2}, lambda step: float(cosine(step / 24, 1.0, 0.2))),
    "step": ({"name": "step", "factor": 0.3, "every": 2}, lambda step: 0.3 ** (step // 10)),
}


@pytest.mark.parametrize(("schedule", "factor"), PER_STEP.values(), ids=PER_STEP.keys())
@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_every_step_has_its_own_rate(
    keras: ModuleType, schedule: dict[str, object], factor: Callable[[int], float], optimizer: str
) -> None:
    """The rate also scales the decoupled decay, as in Keras."""
    made = recipe(
        optimizer={
            "name": optimizer,
            "learning_rate": 0.3 if optimizer == "sgd" else 0.03,
            "weight_decay": 0.5,
            "schedule": schedule,
        }
    )
    follow(keras, numeric_problem(train=150), made, factor=factor)
