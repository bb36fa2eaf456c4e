"""The Doctor under Lightning's Trainer, by the calls that Lightning 2.6 makes.

``RECORDED`` is what a Trainer called, in this order, and what ``callback_metrics`` then held, for a module
that logs ``train_loss`` by step and by epoch, ``val_loss`` when it validates (every second epoch, and once as
a sanity check before the first), and ``late`` in its own ``on_train_epoch_end``.
"""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest

import steelyard


def metrics(mean: float, step: float, epoch: float, late: float, **more: float) -> dict[str, float]:
    """What ``callback_metrics`` holds of a loss that is logged by step and by epoch, and of ``late``."""
    return {"train_loss": mean, "train_loss_step": step, "train_loss_epoch": epoch, "late": late, **more}


Call = tuple[str, int, bool, dict[str, float]]

RECORDED: list[Call] = [
    ("setup", 0, False, {}),
    ("on_fit_start", 0, False, {}),
    ("on_sanity_check_start", 0, True, {}),
    ("on_validation_start", 0, True, {}),
    ("on_validation_epoch_start", 0, True, {}),
    ("on_validation_epoch_end", 0, True, {"val_loss": 0.724}),
    ("on_validation_end", 0, True, {"val_loss": 0.724}),
    ("on_sanity_check_end", 0, True, {"val_loss": 0.724}),
    ("on_train_start", 0, False, {}),
    ("on_train_epoch_start", 0, False, {}),
    ("on_train_batch_end", 0, False, {}),
    ("on_train_epoch_end", 0, False, {"train_loss": 0.688, "train_loss_step": 0.666}),
    ("on_train_epoch_start", 1, False, metrics(0.688, 0.666, 0.688, 0.0)),
    ("on_validation_start", 1, False, metrics(0.625, 0.625, 0.688, 0.0)),
    ("on_validation_end", 1, False, metrics(0.625, 0.625, 0.688, 0.0, val_loss=0.591)),
    ("on_train_epoch_end", 1, False, metrics(0.617, 0.625, 0.617, 0.0, val_loss=0.591)),
    ("on_train_epoch_start", 2, False, metrics(0.617, 0.625, 0.617, 1.0, val_loss=0.591)),
    ("on_train_epoch_end", 2, False, metrics(0.583, 0.620, 0.583, 1.0, val_loss=0.591)),
    ("on_train_end", 3, False, metrics(0.583, 0.620, 0.583, 2.0, val_loss=0.591)),
    ("on_fit_end", 3, False, {"train_loss": 0.583, "val_loss": 0.591}),
    ("teardown", 3, False, {"train_loss": 0.583, "val_loss": 0.591}),
]
"""Hook, ``current_epoch``, ``sanity_checking``, ``callback_metrics``."""


class RandomSampler:
    """Called as PyTorch's."""


class Loader:
    batch_size = 20
    dataset = range(200)
    sampler = RandomSampler()


class AdamW:
    def __init__(self, rate: float) -> None:
        self.param_groups = [{"lr": rate}]


class Trainer:
    """What the Doctor looks at, and how Lightning calls what is in ``callbacks``."""

    max_epochs = 3
    train_dataloader = Loader()
    is_global_zero = True

    def __init__(self, callback: Any) -> None:
        self.callback = callback
        self.optimizers = [AdamW(0.01)]
        self.current_epoch = 0
        self.sanity_checking = False
        self.callback_metrics: dict[str, float] = {}

    def play(self, calls: list[Call]) -> None:
        assert self.callback.state_key and self.callback.state_dict() == {}
        for hook, self.current_epoch, self.sanity_checking, self.callback_metrics in calls:
            if hook == "on_train_epoch_start" and self.current_epoch:
                self.optimizers[0].param_groups[0]["lr"] /= 2  # a schedule stepped
            extra = ("fit",) if hook in ("setup", "teardown") else ()
            getattr(self.callback, hook)(self, self, *extra)


def played(calls: list[Call] = RECORDED, **arguments: Any) -> tuple[steelyard.Doctor, str]:
    text = io.StringIO()
    doctor = steelyard.Doctor(stream=text, **arguments)
    Trainer(doctor).play(calls)
    return doctor, text.getvalue()


def test_the_curves_are_those_of_the_epochs() -> None:
    doctor, text = played()
    assert doctor.log is not None and doctor.log.history is not None
    history = doctor.log.history
    assert list(history.epochs) == [1, 2, 3]
    np.testing.assert_allclose(history["train_loss"], [0.688, 0.617, 0.583])
    np.testing.assert_allclose(history["train_late"], [0.0, 1.0, 2.0])
    assert "training of Trainer (lightning)" in text


def test_a_value_that_was_not_taken_again_is_none_of_the_epoch() -> None:
    doctor, _ = played()
    assert doctor.log is not None and doctor.log.history is not None
    np.testing.assert_allclose(doctor.log.history["validation_loss"], [np.nan, 0.591, np.nan])


def test_what_the_trainer_tells() -> None:
    doctor, _ = played(class_weight="none")
    assert doctor.log is not None and doctor.log.history is not None
    facts = doctor.log.facts
    assert (facts.framework, facts.optimizer, facts.learning_rate) == ("lightning", "adamw", 0.01)
    assert (facts.batch_size, facts.rows_train, facts.shuffled) == (20, 200, True)
    assert facts.planned_epochs == 3
    np.testing.assert_allclose(doctor.log.history["train_learning_rate"], [0.01, 0.005, 0.0025])


def test_only_one_of_several_processes_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trainer, "is_global_zero", False)
    doctor, text = played()
    assert text == ""
    assert doctor.diagnosis is not None


def test_a_trainer_that_shows_nothing_is_watched_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Trainer, "train_dataloader", None)
    monkeypatch.setattr(Trainer, "max_epochs", -1)
    doctor = steelyard.Doctor(stream=io.StringIO())
    trainer = Trainer(doctor)
    trainer.optimizers = []
    trainer.play([call for call in RECORDED if call[1] == 0])
    trainer.play([call for call in RECORDED if call[1] > 0 and call[0] != "on_train_epoch_start"])
    assert doctor.diagnosis is not None and doctor.log is not None
    assert doctor.log.facts.planned_epochs is None


def test_training_that_ends_before_an_epoch_does_says_nothing() -> None:
    doctor, text = played([call for call in RECORDED if call[0] != "on_train_epoch_end"])
    assert (doctor.diagnosis, text) == (None, "")


def test_a_hook_of_a_later_version_does_nothing() -> None:
    doctor = steelyard.Doctor()
    assert doctor.on_something_new(1, two=2) is None
    assert not hasattr(doctor, "something_else")
