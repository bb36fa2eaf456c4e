"""The real tables beside the project load with nothing but the name of their target."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from steelyard.data import Schema, Table
from steelyard.errors import SteelyardWarning
from steelyard.tables import concatenate, read_batches, read_like, read_table

AMAZON = {
    *("RESOURCE", "MGR_ID", "ROLE_ROLLUP_1", "ROLE_ROLLUP_2", "ROLE_DEPTNAME", "ROLE_TITLE"),
    *("ROLE_FAMILY_DESC", "ROLE_FAMILY", "ROLE_CODE"),
}

# path: target, positive label, rows, positives, columns of numbers and of categories, columns left out
TABLES: dict[str, tuple[str, str, int, int, int, int, set[str]]] = {
    "adult/adult-train.csv": ("column_15", ">50K", 32_561, 7_841, 6, 8, set()),
    "amazon_access/train.csv": ("ACTION", "0", 32_769, 1_897, 0, 9, set()),
    "bank_marketing/bank-additional-full.csv": ("y", "yes", 41_188, 4_640, 10, 10, set()),
    "brfss_heart/heart_2020_cleaned.csv.gz": ("HeartDisease", "Yes", 319_795, 27_373, 12, 5, set()),
    "coil2000/ticdata2000.txt": ("column_86", "1", 5_822, 348, 85, 0, set()),
    "credit_default/UCI_Credit_Card.csv": ("Y", "1", 30_000, 6_636, 23, 0, {"ID"}),
    "mammography/mammography.csv": ("column_7", "'1'", 11_183, 260, 6, 0, set()),
    "online_shoppers/online_shoppers_intention.csv": ("Revenue", "TRUE", 12_330, 1_908, 15, 2, set()),
    "satellite/Satellite.csv": ("Target", "'Anomaly'", 5_100, 75, 36, 0, set()),
}


def load(path: Path, target: str) -> tuple[Table, str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        table = read_table(path, target=target)
    assert all(warning.category is SteelyardWarning for warning in caught)
    return table, "\n".join(str(warning.message) for warning in caught)


@pytest.mark.parametrize("name", TABLES)
def test_real_table(shared_data: Path, name: str) -> None:
    target, positive, rows, positives, numbers, categories, left_out = TABLES[name]
    table, said = load(shared_data / name, target)
    schema = table.schema
    assert (schema.target.positive, len(table), int(table.target.sum())) == (positive, rows, positives)
    assert (len(schema.numeric), len(schema.categories)) == (numbers, categories)
    used = {column.name for column in (*schema.numeric, *schema.categories)}
    assert {column.name for column in schema.columns} - used == left_out
    if name.startswith("amazon"):
        assert {column.name for column in schema.categories} == AMAZON
        assert "9 columns of numbers were taken as categories" in said
    else:
        assert ("left out" in said) == bool(left_out)
        assert "taken as categories" not in said


def test_adult_with_its_test_file(shared_data: Path) -> None:
    train, _ = load(shared_data / "adult/adult-train.csv", "column_15")
    with pytest.warns(SteelyardWarning, match="took '<=50K.' as '<=50K'"):
        test = read_like(shared_data / "adult/adult-test.csv", train.schema, target=True)
    assert (len(test), int(test.target.sum())) == (16_281, 3_846)
    assert len(concatenate(train, test)) == 48_842


def test_coil_prediction_file_without_a_target(shared_data: Path) -> None:
    schema: Schema = load(shared_data / "coil2000/ticdata2000.txt", "column_86")[0].schema
    batches = list(read_batches(shared_data / "coil2000/ticeval2000.txt", schema, rows=1000))
    assert sum(len(batch) for batch in batches) == 4000
