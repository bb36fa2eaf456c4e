"""``--predictions FILE``: tables as people have them, and what is wrong with others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from steelyard.cli.diagnose_predictions import read_predictions
from steelyard.errors import DataError


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_two_columns_among_others(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"p{suffix}"
    frame = pl.DataFrame({"id": ["a", "b", "c"], "y_true": [0, 1, 0], "y_score": [0.25, 1.0, 0.0]})
    frame.write_csv(path) if suffix == ".csv" else frame.write_parquet(path)
    found = read_predictions(path, "--predictions")
    assert found.target.dtype == np.uint8 and found.probability.dtype == np.float64
    np.testing.assert_array_equal(found.target, [0, 1, 0])
    np.testing.assert_array_equal(found.probability, [0.25, 1.0, 0.0])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("label,other\n0,0.5\n", "no column 'probability'"),
        ("probability\n0.5\n", "no column 'target'"),
        ("target,probability\n2,0.5\n", "are to be 0 and 1; there is 2"),
        ("target,probability\n1,1.5\n", "lies from 0 to 1; in"),
        ("target,probability\n1,\n", "lies from 0 to 1; in"),
        ("target,probability\nyes,0.5\n", "column 'target' of"),
        ("target,probability\n", "holds no rows"),
        ("", "is no table"),
        ("PAR1 and no more", "is no table"),
    ],
)
def test_what_is_no_prediction_is_refused(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "p.csv"
    path.write_text(text)
    with pytest.raises(DataError, match=said) as refused:
        read_predictions(path, "--predictions")
    assert str(refused.value).startswith("--predictions: ")
