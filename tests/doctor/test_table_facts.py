"""What a table adds to a log that was trained on it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

import steelyard
from steelyard.doctor.table_facts import facts_of_table, table_of, with_table
from steelyard.errors import DataError
from steelyard.finding import Status
from steelyard.log import Facts, Log
from steelyard.tables import table_from


def drifting(rows: int = 2000) -> pl.DataFrame:
    """A table whose base rate rises along the rows, and in which ``a`` tells something."""
    random = np.random.default_rng(0)
    a, b = random.normal(size=(2, rows))
    rate = 1 / (1 + np.exp(2.5 - a - 2 * np.arange(rows) / rows))
    return pl.DataFrame({"a": a * 1000, "b": b, "flag": a > 0, "bought": random.random(rows) < rate})


FRAME = drifting()


def test_the_last_rows_are_counted() -> None:
    table = table_of(FRAME, "bought")
    facts, notes = facts_of_table(table, Facts(validation_way="tail", validation_share=0.25))
    assert notes == ()
    assert (facts.rows_train, facts.rows_validation) == (1500, 500)
    assert facts.positives_validation == FRAME["bought"][1500:].sum()
    assert facts.positives_train == FRAME["bought"][:1500].sum()
    assert "last 500 rows validate" in facts.origins["rows_train"]
    assert facts.logistic_auc is not None and 0.6 < facts.logistic_auc < 0.95
    assert facts.data_warnings is not None


@pytest.mark.parametrize(
    "known",
    [
        Facts(validation_way="tail", rows_train=1400, rows_validation=600),
        Facts(validation_way="tail", rows_validation=600),
    ],
)
def test_where_the_tail_begins_counts_of_rows_tell_too(known: Facts) -> None:
    facts, _ = facts_of_table(table_of(FRAME, "bought"), known)
    assert (facts.rows_train, facts.rows_validation) == (1400, 600)


def test_rows_drawn_at_random_are_not_counted() -> None:
    facts, notes = facts_of_table(table_of(FRAME, "bought"), Facts(validation_way="random"))
    assert facts.rows_train is None and facts.positives_validation is None
    assert facts.base_rate == pytest.approx(FRAME["bought"].mean())
    assert facts.data_warnings is not None
    assert notes == ()


def test_a_split_that_is_not_known_is_assumed_and_told() -> None:
    log = with_table(Log("here", "keras history"), table_of(FRAME, "bought"))
    assert "drawn at random" in log.notes[0]
    assert log.facts.data_warnings is not None and "D106" in log.facts.data_warnings, "it drifts"


def test_inputs_are_told_only_where_the_scaling_is_known() -> None:
    table = table_of(FRAME, "bought")
    unknown, _ = facts_of_table(table, Facts())
    assert unknown.features is None
    facts, _ = facts_of_table(table, Facts(scaling="none"))
    assert facts.features is not None
    assert [one.name for one in facts.features] == ["a", "b", "flag"]
    assert facts.features[0].deviation == pytest.approx(FRAME["a"].std(ddof=0), rel=1e-4)
    assert facts.one_hot_columns == 1


def test_large_numbers_keep_their_size() -> None:
    frame = FRAME.with_columns(year=pl.lit(2_000_000.0) + pl.col("b"))
    facts, _ = facts_of_table(table_of(frame, "bought"), Facts(scaling="none"))
    year = next(one for one in facts.features or () if one.name == "year")
    assert year.mean == pytest.approx(2e6, rel=1e-6)
    assert year.deviation == pytest.approx(1.0, rel=0.1)


def test_the_log_counts_more_than_the_table() -> None:
    log = Log("here", "keras history", facts=Facts(base_rate=0.5))
    assert with_table(log, table_of(FRAME, "bought")).facts.base_rate == 0.5


def test_a_split_for_which_the_table_has_no_column_is_told() -> None:
    _, notes = facts_of_table(table_of(FRAME, "bought"), Facts(validation_way="group"))
    assert "names no column" in notes[0]


def test_groups_on_both_sides() -> None:
    frame = FRAME.with_columns(user=pl.int_range(len(FRAME)) % 700)
    table = table_from(frame, "bought", group="user")
    facts, _ = facts_of_table(table, Facts(validation_way="tail", validation_share=0.25))
    assert facts.entities_shared == 1.0


def test_one_label_only() -> None:
    table = table_from(np.arange(12.0).reshape(6, 2), [0, 1, 0, 1, 0, 1])
    facts, _ = facts_of_table(table, Facts(validation_way="tail", validation_share=0.1))
    assert facts.rows_train is None, "the last row alone has one label"


def test_from_the_front_door(tmp_path: Path) -> None:
    path = tmp_path / "shop.csv"
    FRAME.write_csv(path)
    history = {"loss": [0.6, 0.5, 0.45], "val_loss": [0.7, 0.68, 0.67]}
    (one,) = steelyard.diagnose(
        history, data=path, target="bought", facts={"validation_way": "tail", "validation_share": 0.2}
    )
    differ = one["CMP105"]
    assert differ.status is Status.FIRED, "the tail has another base rate"


def test_without_a_target_there_is_no_table() -> None:
    with pytest.raises(DataError, match="which column is the target"):
        table_of(FRAME, None)


def test_parts_of_another_size_are_not_counted() -> None:
    table = table_of(FRAME, "bought")
    known = Facts(validation_way="tail", validation_share=0.2, rows_train=80_000, rows_validation=20_000)
    facts, notes = facts_of_table(table, known)
    assert facts.positives_train is None and facts.rows_train is None
    assert "2,000 rows, the run 100,000" in notes[0]
    fewer = Facts(validation_way="tail", validation_share=0.25, rows_train=900, rows_validation=300)
    facts, notes = facts_of_table(table, fewer)
    assert facts.positives_train is None and not any("is it the table" in note for note in notes)
