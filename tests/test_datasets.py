"""The demo table has the shape it promises."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from steelyard.datasets import web_shop_visits, write_web_shop_visits
from steelyard.metrics import score


@pytest.fixture(scope="module")
def visits() -> pl.DataFrame:
    return web_shop_visits()


def test_the_same_seed_gives_the_same_table_and_another_does_not(visits: pl.DataFrame) -> None:
    assert web_shop_visits().equals(visits)
    assert not web_shop_visits(seed=1).equals(visits)


def test_it_has_the_troubles_of_a_real_table(visits: pl.DataFrame) -> None:
    assert visits.height == 20_000
    assert visits["visit"].n_unique() == 20_000
    assert visits["date"].dtype == pl.Date
    assert visits["date"].is_sorted()
    assert visits["seconds"].skew() > 2.0
    assert set(visits["bought"].unique()) == {"yes", "no"}
    assert visits["source"].value_counts()["count"].min() < 30
    assert visits["country"].n_unique() == 16
    assert 0.3 < visits["days_since_last_visit"].null_count() / 20_000 < 0.7
    assert visits["price_seen"].null_count() == (visits["product_pages"] == 0).sum()
    assert visits["hour"].is_between(0, 24, closed="left").all()


@pytest.mark.parametrize("seed", range(5))
def test_about_one_visit_in_twenty_buys(seed: int) -> None:
    share = (web_shop_visits(seed=seed)["bought"] == "yes").mean()
    assert 0.04 < share < 0.055


def test_being_missing_tells_something(visits: pl.DataFrame) -> None:
    rate = visits.group_by(pl.col("days_since_last_visit").is_null()).agg((pl.col("bought") == "yes").mean())
    new, known = (
        rate.filter(pl.col("days_since_last_visit") == flag)["bought"].item() for flag in (True, False)
    )
    assert known > 1.5 * new


def test_no_straight_line_ranks_as_well_as_a_model_that_bends(visits: pl.DataFrame) -> None:
    y = (visits["bought"] == "yes").to_numpy().astype(np.uint8)
    frame = visits.drop("visit", "bought").with_columns(
        pl.col("date").cast(pl.Int32), pl.col("returning").cast(pl.UInt8)
    )
    x = frame.to_dummies(["device", "source", "country"]).cast(pl.Float64).fill_null(-1.0).to_numpy()
    train = np.arange(len(y)) % 3 != 0
    line = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1_000)).fit(x[train], y[train])
    bent = HistGradientBoostingClassifier(max_iter=80, random_state=0).fit(x[train], y[train])
    straight, curved = (score(y[~train], model.predict_proba(x[~train])[:, 1]) for model in (line, bent))
    assert curved.average_precision > straight.average_precision + 0.08
    assert curved.roc_auc > straight.roc_auc + 0.04
    assert straight.roc_auc > 0.7


def test_it_survives_being_written_as_csv(visits: pl.DataFrame, tmp_path: Path) -> None:
    path = tmp_path / "visits.csv"
    write_web_shop_visits(path)
    read = pl.read_csv(path, try_parse_dates=True)
    assert read.equals(visits)
