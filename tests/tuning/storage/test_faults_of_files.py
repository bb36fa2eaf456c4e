"""What can go wrong with a file of SQLite: an error that says what to do, and nothing lost."""

from __future__ import annotations

import itertools
import os
import shutil
import sqlite3
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from steelyard.errors import StorageError
from steelyard.tuning.storage import Storage, StudyStore, open_storage
from tests.processes import succeed
from tests.tuning.storage.samples import assert_same, do, plan, point, trials


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "studies.db"


@pytest.fixture
def store(path: Path) -> Iterator[StudyStore]:
    with open_storage(path, timeout=0.2) as storage:
        yield storage.create_or_load("s", plan(), 12)


def test_a_file_is_in_wal_mode(path: Path, store: StudyStore) -> None:
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_lock_that_is_held_too_long_is_told_and_readers_go_on(path: Path, store: StudyStore) -> None:
    with store.register_worker() as worker, closing(sqlite3.connect(path, isolation_level=None)) as other:
        do(store, worker, 1)
        claim = store.claim(worker)
        assert claim is not None
        store.put_points(claim, [point(number) for number in claim.numbers])
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StorageError, match=r"is locked: .* 0\.2 seconds"):
            store.commit(claim, trials(claim.numbers))
        assert store.progress().finished == 4
        assert len(store.trials()) == 8
        other.execute("ROLLBACK")
        assert store.commit(claim, trials(claim.numbers))


def test_a_reader_does_not_keep_writers_waiting(path: Path, store: StudyStore) -> None:
    with store.register_worker() as worker, closing(sqlite3.connect(path, isolation_level=None)) as other:
        do(store, worker, 1)
        other.execute("BEGIN")
        count = "SELECT count(*) FROM steelyard_networks"
        assert other.execute(count).fetchone() == (8,)
        do(store, worker, 1)
        assert other.execute(count).fetchone() == (8,), "it sees the moment at which it began"
        other.execute("ROLLBACK")
        assert other.execute(count).fetchone() == (16,)


@pytest.mark.parametrize("content", [b"target,age\n" * 1000, b"x", os.urandom(8192)])
def test_a_file_that_is_no_database_is_left_alone(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(StorageError, match="is not an SQLite database"):
        open_storage(path)
    assert path.read_bytes() == content


def test_the_database_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")
    content = path.read_bytes()
    with pytest.raises(StorageError, match=r"another program .* 'bookmarks'"):
        open_storage(path)
    assert path.read_bytes() == content


def test_an_empty_file_becomes_a_database(path: Path) -> None:
    path.touch()
    with open_storage(path) as storage:
        assert storage.studies() == []


def test_a_damaged_file(path: Path, store: StudyStore) -> None:
    with store.register_worker() as worker:
        do(store, worker)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    content = bytearray(path.read_bytes())
    for page in range(4, len(content) // size):
        content[page * size : page * size + 64] = b"\xff" * 64
    copy = path.with_name("damaged.db")
    copy.write_bytes(content)
    with (
        pytest.raises(StorageError, match=r"is damaged|does not have the tables"),
        open_storage(copy) as storage,
    ):
        storage.load("s").trials(curves=True)


@pytest.mark.parametrize("part", ["file", "folder"])
def test_what_may_not_be_written(part: str) -> None:
    # Not below pytest's folder, which only its owner may enter.
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "studies.db"
        with open_storage(path) as storage:
            store = storage.create_or_load("s", plan(), 8)
            with store.register_worker() as worker:
                do(store, worker, 1)
        path.chmod(0o444)
        Path(folder).chmod(0o777 if part == "file" else 0o555)

        def use() -> None:
            with (
                pytest.raises(StorageError, match=r"read-only|cannot be opened") as caught,
                open_storage(path) as storage,
            ):
                store = storage.load("s")
                assert len(store.trials()) == 4, "it can be looked at"
                store.register_worker().__enter__()
            assert "right" in caught.value.help

        succeed(use, as_nobody=True)
        Path(folder).chmod(0o777)


def test_no_right_to_make_a_file() -> None:
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o555)

        def use() -> None:
            with pytest.raises(StorageError, match="cannot be opened"):
                open_storage(Path(folder) / "studies.db")

        succeed(use, as_nobody=True)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of two megabytes; the test is skipped where none may be mounted."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = shutil.which("mount")
    command = [mount or "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if os.getuid() != 0 or mount is None or subprocess.run(command, capture_output=True).returncode != 0:
        pytest.skip("only root may mount a small disk, and not everywhere")
    try:
        yield folder
    finally:
        subprocess.run(["umount", str(folder)], check=True)


def fill(store: StudyStore) -> int:
    """Commits batches until there is no room; the number of those that were."""
    with store.register_worker() as worker:
        for done in itertools.count():
            claim = store.claim(worker)
            assert claim is not None
            store.put_points(claim, [point(number) for number in claim.numbers])
            try:
                assert store.commit(claim, trials(claim.numbers))
            except StorageError as error:
                assert "the disk is full" in str(error)
                return done
    raise AssertionError("unreachable")


def check_nothing_lost(storage: Storage, batches: int) -> None:
    store = storage.load("s")
    finished = [one for one in store.trials(curves=True) if one.values is not None]
    assert len(finished) == 4 * batches
    for found, expected in zip(finished, trials(range(4 * batches)), strict=True):
        assert_same(found, expected)
    frozen = store.optuna().get_trials(states=None)
    assert sum(one.value is not None for one in frozen) == len(finished)


def go_on(store: StudyStore) -> None:
    with store.register_worker() as worker:
        do(store, worker, 3)


def test_a_full_disk(small_disk: Path) -> None:
    with open_storage(small_disk / "studies.db") as storage:
        storage.create_or_load("s", plan(), 100_000)
        # The last kilobytes, so that it is in a commit that room ends.
        ballast = small_disk / "ballast"
        ballast.write_bytes(b"\0" * 1_000_000)
        batches = fill(storage.load("s"))
        assert batches > 0
        check_nothing_lost(storage, batches)
        ballast.unlink()
        go_on(storage.load("s"))
        check_nothing_lost(storage, batches + 3)


def test_a_full_disk_as_sqlite_tells_it(path: Path) -> None:
    with open_storage(path) as storage:
        engine = storage._database._engine
        storage.create_or_load("s", plan(), 100_000)
        limit = [80]
        event.listen(
            engine,
            "begin",
            lambda connection: connection.exec_driver_sql(f"PRAGMA max_page_count = {limit[0]}"),
        )
        batches = fill(storage.load("s"))
        assert batches > 0
        check_nothing_lost(storage, batches)
        limit[0] = 10_000
        go_on(storage.load("s"))
        check_nothing_lost(storage, batches + 3)


def test_another_process_opens_its_own(path: Path, store: StudyStore) -> None:
    def use() -> None:
        with pytest.raises(StorageError, match="opened by another process"):
            store.progress()
        with open_storage(path) as storage:
            assert storage.load("s").progress().target == 12

    succeed(use)
    assert store.progress().target == 12


def test_tables_that_are_gone(path: Path, store: StudyStore) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE steelyard_networks")
    with pytest.raises(StorageError, match="does not have the tables that Steelyard made"):
        store.trials()
