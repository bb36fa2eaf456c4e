from __future__ import annotations

from importlib import util
from pathlib import Path

import pytest

from steelyard.errors import StorageError
from steelyard.tuning.storage import address, open_storage
from steelyard.tuning.storage.address import address_of


def test_paths_and_urls_of_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    whole = str(tmp_path / "s.db")
    for given in ("s.db", tmp_path / "s.db", whole, "sqlite:///s.db", f"sqlite:///{whole}", "~/s.db"):
        assert address_of(given).database == whole
        assert address_of(given).get_backend_name() == "sqlite"


@pytest.mark.parametrize(
    "name", ["a b.db", "100%.db", "a?b.db", "a#b.db", "{x}.db", "ü.db", "a:b@c.db", "%41.db"]
)
def test_any_name_of_a_file(tmp_path: Path, name: str) -> None:
    with open_storage(tmp_path / name) as storage:
        assert storage.studies() == []
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_postgresql_is_spoken_to_by_psycopg() -> None:
    for scheme in ("postgresql", "postgres", "postgresql+psycopg"):
        url = address_of(f"{scheme}://me:secret@host:5433/db?sslmode=require")
        assert (url.drivername, url.host, url.port, url.database) == (
            "postgresql+psycopg",
            "host",
            5433,
            "db",
        )
        assert url.query["sslmode"] == "require"


def test_without_psycopg_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(name: str) -> object:
        return None if name == "psycopg" else util.find_spec(name)

    monkeypatch.setattr(address, "find_spec", find)
    with pytest.raises(StorageError) as caught:
        address_of("postgresql://me:secret@host/db")
    assert "pip install 'steelyard[postgres]'" in caught.value.help
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("", "in memory"),
        (":memory:", "in memory"),
        ("sqlite://", "in memory"),
        ("sqlite:///:memory:", "in memory"),
        ("sqlite:///s.db?mode=ro", "nothing after it"),
        ("sqlite://s.db", "nothing after it"),
        ("mysql://me:secret@host/db", "SQLite and PostgreSQL"),
        ("postgresql+psycopg2://me:secret@host/db", "SQLite and PostgreSQL"),
        ("postgresql://me:secret@host:port/db", "cannot be read"),
        ("/nowhere/at/all/s.db", "there is no folder /nowhere/at/all"),
    ],
)
def test_what_cannot_be_a_database_is_refused(given: str, words: str) -> None:
    with pytest.raises(StorageError, match=words) as caught:
        address_of(given)
    assert "secret" not in str(caught.value)


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="is a folder"):
        address_of(tmp_path)
