"""What tests of searches share: a small table, a recipe that trains in milliseconds, and databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from steelyard.data import Table
from steelyard.recipe import Change, Recipe, apply
from steelyard.tables import table_from
from steelyard.tuning.storage import open_storage
from tests.postgres import Server, binaries, running_server


@pytest.fixture(scope="session")
def quick() -> Recipe:
    return apply(Recipe(), Change("training.epochs", 4), Change("network.hidden_units", [6]))


@pytest.fixture(scope="session")
def table() -> Table:
    """Numbers, a category and gaps."""
    random = np.random.default_rng(0)
    x, z = random.normal(size=(2, 400))
    z[::17] = np.nan
    kind = random.choice(["a", "b", "c"], 400)
    y = random.random(400) < 1 / (1 + np.exp(1.5 - 2 * x * (kind == "a") - np.nan_to_num(z)))
    return table_from(pl.DataFrame({"x": x, "z": z, "kind": kind}), y)


@pytest.fixture(scope="session")
def space() -> dict[str, Any]:
    """Six points."""
    return {"optimizer.learning_rate": [0.001, 0.01, 0.1], "training.batch_size": [32, 64]}


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server; the test is skipped where the programs are not installed."""
    programs = binaries()
    if programs is None:
        pytest.skip("needs PostgreSQL's initdb: scripts/install-postgres.sh")
    with running_server(programs) as server:
        yield server


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file with the tables of a storage, to be copied: making them would take most of a test's time."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    open_storage(path).close()
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: Server) -> str:
    """The name of a database with the tables of a storage."""
    url = postgres.new_database()
    open_storage(url).close()
    return url.rpartition("/")[2]


@pytest.fixture
def postgres_url(postgres: Server, postgres_template: str) -> str:
    """The address of a storage without studies on the server."""
    return postgres.new_database(postgres_template)


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> str:
    """Both kinds of database."""
    kind: str = request.param
    return kind


@pytest.fixture
def empty_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database without any tables: a file that is not there yet, then a server."""
    if database == "sqlite":
        return str(tmp_path / "studies.db")
    server: Server = request.getfixturevalue("postgres")
    return server.new_database()


@pytest.fixture
def storage_url(database: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a storage without studies: a file first, then a server."""
    if database == "sqlite":
        path = tmp_path / "studies.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        return str(path)
    url: str = request.getfixturevalue("postgres_url")
    return url
