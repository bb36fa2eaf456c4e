"""Studies by name, and what of them a stranger may have written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from steelyard.errors import StorageError, StudyError
from steelyard.recipe import Change, Recipe, apply
from steelyard.study import Halving, Range, Space
from steelyard.tuning.storage import Storage, open_storage
from steelyard.tuning.storage.address import address_of
from tests.tuning.storage.samples import LEARNING_RATE, SPACE, do, plan


@pytest.fixture
def storage(storage_url: str) -> Iterator[Storage]:
    with open_storage(storage_url) as opened:
        yield opened


only_files = pytest.mark.parametrize("database", ["sqlite"], indirect=True)
"""SQLite, whose columns take values of any type; what is tested is not what the database does."""


@only_files
@pytest.mark.parametrize(
    ("changes", "difference"),
    [
        (
            {"fingerprint": "fedcba9876543210"},
            "fingerprint is '0123456789abcdef' there and 'fedcba9876543210' here",
        ),
        ({"folds": 5}, "folds is 2 there and 5 here"),
        ({"seeds": 3}, "seeds is 1 there and 3 here"),
        ({"batch": 8}, "batch is 4 there and 8 here"),
        (
            {"metrics": ("roc_auc",)},
            "metrics is ['average_precision', 'log_loss'] there and ['roc_auc'] here",
        ),
        ({"pruning": (Halving(),)}, "pruning[0].name is nothing there and 'halving' here"),
        (
            {"recipe": apply(Recipe(), Change("training.batch_size", 7))},
            "recipe.training.batch_size is 'auto' there and 7 here",
        ),
        (
            {"space": Space(parameters=(Range(path=LEARNING_RATE, low=1e-4, high=1.0, log=True),))},
            f"space.parameters[{LEARNING_RATE}].high is 0.1 there and 1.0 here",
        ),
    ],
)
def test_another_study_of_that_name_says_what_differs(
    storage: Storage, changes: dict[str, Any], difference: str
) -> None:
    storage.create_or_load("s", plan(), 4)
    with pytest.raises(StudyError) as caught:
        storage.create_or_load("s", plan(**changes), 400)
    assert f"  {difference}" in caught.value.problems
    assert "another name" in caught.value.help
    assert storage.load("s").target() == 4


def test_the_same_plan_is_the_same_study_however_the_table_was_read(storage: Storage) -> None:
    storage.create_or_load("s", plan(reading={"path": "/here/bank.csv"}), 4)
    again = storage.create_or_load("s", plan(reading={"path": "/there/bank.parquet"}), 4)
    assert again.plan.reading == {"path": "/here/bank.csv"}
    assert again.plan.space == SPACE


def test_a_study_that_is_not_there(storage: Storage) -> None:
    assert storage.find("bank") is None
    with pytest.raises(StudyError, match="has no study 'bank'; it has none yet"):
        storage.load("bank")
    storage.create_or_load("bank-1", plan(), 4)
    with pytest.raises(StudyError, match=r"has no study 'bank-2' \(did you mean 'bank-1'\?\)"):
        storage.load("bank-2")


def test_names(storage: Storage) -> None:
    can_be_typed = ["x" * 512, "Bank of Ümlaut: %s '; DROP TABLE studies; --", "{a}", "日本"]
    for name in can_be_typed:
        storage.create_or_load(name, plan(), 4)
        assert storage.load(name).name == name
    assert storage.studies() == can_be_typed
    for name in ("", "a\nb", "a\0b", "x" * 513):
        with pytest.raises(StudyError, match="1 to 512 characters"):
            storage.create_or_load(name, plan(), 4)


HOSTILE = [
    "UPDATE steelyard_studies SET plan = ''",
    "UPDATE steelyard_studies SET plan = 'gASVJAAAAAAAAACMBXBvc2l4lIwGc3lzdGVtlJOU'",
    "UPDATE steelyard_studies SET plan = '{}'",
    f"UPDATE steelyard_studies SET plan = '{'[' * 100_000}'",
    "UPDATE steelyard_studies SET plan = replace(plan, '\"folds\":2', '\"folds\":-2')",
    "UPDATE steelyard_trials SET point = 'null'",
    "UPDATE steelyard_trials SET point = '{\"__class__\": 1}'",
    f"UPDATE steelyard_trials SET point = '{'[' * 100_000}'",
    "UPDATE steelyard_trials SET state = 'evil'",
    "UPDATE steelyard_trials SET values = '[1.0]'".replace("values", '"values"'),
    "UPDATE steelyard_trials SET values = '{\"a\": 1}'".replace("values", '"values"'),
    "UPDATE steelyard_trials SET values = NULL".replace("values", '"values"'),
    "UPDATE steelyard_networks SET status = 'evil'",
    "UPDATE steelyard_networks SET seed = 'x'||fold",
    "UPDATE steelyard_networks SET fold = -1 - fold",
    "UPDATE steelyard_networks SET epochs = -1",
    "UPDATE steelyard_networks SET best = '[]'",
    "UPDATE steelyard_networks SET last = '{\"a\": []}'",
    "UPDATE steelyard_networks SET curves = steelyard_networks.curves || steelyard_networks.curves",
    "UPDATE steelyard_batches SET state = 'evil' WHERE batch = 1",
    "UPDATE steelyard_batches SET first = -5 WHERE batch = 1",
]


@only_files
@pytest.mark.parametrize("statement", HOSTILE)
def test_what_steelyard_did_not_write_is_told(storage: Storage, storage_url: str, statement: str) -> None:
    store = storage.create_or_load("s", plan(), 12)
    with store.register_worker() as worker:
        do(store, worker, 1)
        assert store.claim(worker) is not None
    engine = create_engine(address_of(storage_url), poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(statement.replace(":", r"\:")))
    with pytest.raises(StorageError, match=r"is not as Steelyard wrote it|refused something") as caught:
        again = storage.load("s")
        again.trials(curves=True)
        again.known()
        with again.register_worker() as worker:
            while again.claim(worker) is not None:
                pass
    assert len(str(caught.value)) < 1000
