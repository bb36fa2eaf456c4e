"""The real tables, each prepared once for all formats."""

from __future__ import annotations

from pathlib import Path

import pytest

from steelyard.data import Table
from tests.export.models import mixed_table
from tests.export.real_tables import TABLES, Prepared, RealTable, prepare


@pytest.fixture(scope="session", params=TABLES, ids=lambda table: Path(table.path).parent.name)
def prepared(
    request: pytest.FixtureRequest, shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Prepared:
    """A model of a real table and rows to predict; a test that asks for it runs once for each table."""
    table: RealTable = request.param
    return prepare(table, shared_data, tmp_path_factory.mktemp("table"))


@pytest.fixture(scope="session")
def mixed(tmp_path_factory: pytest.TempPathFactory) -> Table:
    """A table with columns of every kind."""
    return mixed_table(tmp_path_factory.mktemp("mixed"))
