"""Databases of other versions, of Steelyard and of Optuna, on both kinds of database."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import optuna
import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from steelyard.errors import StorageError, StudyError
from steelyard.tuning.storage import open_storage
from steelyard.tuning.storage.address import address_of
from tests.processes import Child
from tests.tuning.storage.samples import do, plan


def execute(url: str, *statements: str) -> None:
    """Changes a database as a stranger would."""
    engine = create_engine(address_of(url), poolclass=NullPool)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


@pytest.mark.parametrize(
    ("change", "words", "help"),
    [
        (
            "UPDATE steelyard_version SET version = 99",
            "a newer version of Steelyard .*99",
            "update Steelyard",
        ),
        ("UPDATE steelyard_version SET version = 0", "another version of Steelyard", "take another file"),
        ("DELETE FROM steelyard_version", "another version of Steelyard .*None", "take another file"),
        ("UPDATE alembic_version SET version_num = 'v99.0.0.a'", "of Optuna: .*pip install -U optuna", ""),
        ("UPDATE alembic_version SET version_num = 'v3.0.0.a'", "of Optuna: .*optuna storage upgrade", ""),
    ],
)
def test_other_versions_are_refused(storage_url: str, change: str, words: str, help: str) -> None:
    open_storage(storage_url).close()
    execute(storage_url, change)
    with pytest.raises(StorageError, match=words) as caught:
        open_storage(storage_url)
    assert help in caught.value.help


def test_tables_of_a_file_are_those_that_optuna_makes(tmp_path: Path) -> None:
    open_storage(tmp_path / "ours.db").close()
    optuna.storages.RDBStorage(f"sqlite:///{tmp_path}/theirs.db")
    query = (
        "SELECT name, sql FROM sqlite_master WHERE name NOT LIKE 'steelyard%' AND tbl_name NOT LIKE"
        " 'steelyard%' ORDER BY name"
    )
    with sqlite3.connect(tmp_path / "ours.db") as ours, sqlite3.connect(tmp_path / "theirs.db") as theirs:
        for each in (query, "SELECT * FROM version_info", "SELECT * FROM alembic_version"):
            assert ours.execute(each).fetchall() == theirs.execute(each).fetchall() != []
    ours.close()
    theirs.close()


def test_what_optuna_left_half_made_is_completed(tmp_path: Path) -> None:
    path = tmp_path / "studies.db"
    optuna.storages.RDBStorage(f"sqlite:///{path}")
    execute(str(path), "DROP TABLE alembic_version", "DROP TABLE trial_values")
    with open_storage(path) as storage:
        storage.create_or_load("ours", plan(), 4)


def test_a_database_of_plain_optuna_is_shared(empty_url: str) -> None:
    database = optuna.storages.RDBStorage(address_of(empty_url).render_as_string(hide_password=False))
    theirs = optuna.create_study(study_name="theirs", storage=database)
    theirs.optimize(lambda trial: trial.suggest_float("x", 0, 1), n_trials=2)
    with open_storage(empty_url) as storage:
        store = storage.create_or_load("ours", plan(), 4)
        with store.register_worker() as worker:
            do(store, worker)
        assert storage.studies() == ["ours"]
        for ask in (
            lambda: storage.load("theirs"),
            lambda: storage.find("theirs"),
            lambda: storage.create_or_load("theirs", plan(), 4),
        ):
            with pytest.raises(StudyError, match="'theirs' was not made by Steelyard but with Optuna itself"):
                ask()
        assert len(store.optuna().trials) == 4
    assert len(optuna.load_study(study_name="theirs", storage=database).trials) == 2
    database.engine.dispose()


def test_a_study_that_optuna_deleted_leaves_nothing_to_the_next(storage_url: str) -> None:
    with open_storage(storage_url) as storage:
        store = storage.create_or_load("s", plan(), 8)
        with store.register_worker() as worker:
            do(store, worker)
        database = optuna.storages.RDBStorage(storage.address.render_as_string(hide_password=False))
        optuna.delete_study(study_name="s", storage=database)
        database.engine.dispose()
        assert storage.find("s") is None
        again = storage.create_or_load("s", plan(seed=1), 4)
        assert again.trials() == []
        with again.register_worker() as worker:
            do(again, worker)
        assert again.progress().finished == 4
        assert storage.studies() == ["s"]


def test_many_processes_make_one_database_and_study_at_once(empty_url: str) -> None:
    def use() -> None:
        with open_storage(empty_url) as storage:
            store = storage.create_or_load("s", plan(), 16)
            with store.register_worker() as worker:
                do(store, worker)

    children = [Child(use) for _ in range(6)]
    assert [child.wait() for child in children] == [0] * 6
    with open_storage(empty_url) as storage:
        assert storage.studies() == ["s"]
        assert [trial.number for trial in storage.load("s").trials()] == list(range(16))
        assert storage.load("s").progress().complete == 15


def test_a_database_whose_making_was_cut_short_is_completed(storage_url: str) -> None:
    open_storage(storage_url).close()
    for lost in (
        ["DROP TABLE steelyard_version"],
        ["DELETE FROM alembic_version"],
        ["DROP TABLE alembic_version"],
        ["DROP TABLE alembic_version", "DELETE FROM version_info"],
        ["DROP TABLE alembic_version", "DROP TABLE trial_values"],
    ):
        execute(storage_url, *lost)
        with open_storage(storage_url) as storage:
            storage.create_or_load("s", plan(), 4)
            assert storage.studies() == ["s"]
