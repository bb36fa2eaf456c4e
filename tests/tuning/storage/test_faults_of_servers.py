"""What can go wrong with PostgreSQL: an error that says what to do, or a recovery; and nothing lost."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Iterator

import psycopg
import pytest

from steelyard.errors import StorageError
from steelyard.tuning.storage import StudyStore, open_storage
from tests.postgres import PASSWORD, Server, running_server
from tests.tuning.storage.samples import assert_same, do, plan, point, trials


def test_a_server_that_is_not_there(postgres: Server) -> None:
    url = postgres.url("postgres").replace(f":{postgres.port}/", ":1/")
    began = time.monotonic()
    with pytest.raises(StorageError, match="cannot be reached") as caught:
        open_storage(url)
    assert time.monotonic() - began < 10, "it is not waited for"
    assert "whether the server runs" in caught.value.help


@pytest.mark.parametrize(
    ("change", "words", "help"),
    [
        ({"password": "guess"}, r"refused the user or the password", "PGPASSWORD"),
        ({"user": "nobody"}, r"refused the user or the password", "PGPASSWORD"),
        ({"database": "nowhere"}, r"is not there .*nowhere", "createdb"),
    ],
)
def test_who_may_not_come_in(postgres: Server, change: dict[str, str], words: str, help: str) -> None:
    with pytest.raises(StorageError, match=words) as caught:
        open_storage(postgres.url(**{"database": "postgres", **change}))
    assert help in caught.value.help
    shown = str(caught.value)
    assert PASSWORD not in shown and "guess" not in shown and "%40" not in shown


def test_the_password_is_never_shown(postgres_url: str) -> None:
    with open_storage(postgres_url) as storage:
        store = storage.create_or_load("s", plan(), 4)
        for shown in (storage.url, store.where, repr(storage), repr(storage.address)):
            assert PASSWORD not in shown and "%40" not in shown


def test_a_user_who_may_not_make_tables(postgres: Server) -> None:
    url = postgres.new_database()
    postgres.execute(url, "CREATE USER reader PASSWORD 'reader'")
    name = url.rpartition("/")[2]
    with pytest.raises(StorageError, match="does not let this user do that") as caught:
        open_storage(postgres.url(name, "reader", "reader"))
    assert "GRANT CREATE" in caught.value.help


def test_a_server_that_may_not_be_written(postgres: Server, postgres_url: str) -> None:
    with open_storage(postgres_url) as storage:
        storage.create_or_load("s", plan(), 4)
    name = postgres_url.rpartition("/")[2]
    postgres.execute(postgres_url, f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    with open_storage(postgres_url) as storage:
        store = storage.load("s")
        assert store.progress().target == 4, "it can be looked at"
        with pytest.raises(StorageError, match="is read-only"):
            store.register_worker().__enter__()


def test_a_lock_that_is_held_too_long(postgres: Server, postgres_url: str) -> None:
    with open_storage(postgres_url, timeout=0.3) as storage:
        store = storage.create_or_load("s", plan(), 8)
        with store.register_worker() as worker, psycopg.connect(postgres_url) as other:
            other.execute("SELECT * FROM steelyard_studies FOR UPDATE")
            with pytest.raises(StorageError, match=r"is locked: .* 0\.3 seconds"):
                store.claim(worker)
            assert store.progress().target == 8, "readers go on"
            other.rollback()
            assert store.claim(worker) is not None


def test_connections_that_are_cut_are_made_again(postgres: Server, postgres_url: str) -> None:
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
    with open_storage(postgres_url, timeout=20) as storage:
        store = storage.create_or_load("s", plan(), 12)
        with store.register_worker() as worker:
            for _ in range(3):
                with psycopg.connect(postgres_url, autocommit=True) as other:
                    other.execute(f"{cut} AND pid <> pg_backend_pid()".encode())
                assert do(store, worker, 1)
        assert store.progress().finished == 12


@pytest.fixture(scope="module")
def own_server(postgres: Server) -> Iterator[Server]:
    """One that a test may stop, if it starts it again. It waits for its disk as real ones do."""
    with running_server(postgres.programs, durable=True) as server:
        yield server


def check(store: StudyStore, count: int) -> None:
    finished = [one for one in store.trials(curves=True) if one.values is not None]
    for found, expected in zip(finished, trials(range(count)), strict=True):
        assert_same(found, expected)
    assert sum(one.value is not None for one in store.optuna().get_trials()) == count


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "crashed"])
def test_a_server_that_comes_back_is_waited_for(own_server: Server, how: signal.Signals) -> None:
    with open_storage(own_server.new_database()) as storage:
        store = storage.create_or_load("s", plan(), 40)
        with store.register_worker() as worker:
            do(store, worker, 2)
            claim = store.claim(worker)
            assert claim is not None
            assert store.put_points(claim, [point(number) for number in claim.numbers])
            own_server.stop(how)
            again = threading.Timer(0.5, own_server.start)
            again.start()
            assert store.commit(claim, trials(claim.numbers)), "the claim was not lost either"
            again.join()
            do(store, worker, 1)
            check(store, 16)


def test_a_server_that_stays_away_is_told_and_what_was_committed_is_there(own_server: Server) -> None:
    url = own_server.new_database()
    with open_storage(url, timeout=0.5) as storage:
        store = storage.create_or_load("s", plan(), 12)
        with store.register_worker() as worker:
            do(store, worker, 2)
            claim = store.claim(worker)
            assert claim is not None
            store.put_points(claim, [point(number) for number in claim.numbers])
            own_server.stop(signal.SIGQUIT)
            with pytest.raises(StorageError, match="cannot be reached, or was lost") as caught:
                store.commit(claim, trials(claim.numbers))
            assert "still there" in caught.value.help
            own_server.start()
        check(store, 8)
        with store.register_worker() as worker:
            (again,) = do(store, worker)
        assert list(again.numbers) == [8, 9, 10, 11]
        check(store, 12)
