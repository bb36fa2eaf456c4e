"""Of a search's table a text may show a part; what it does not show did not fail."""

from pathlib import Path

import pytest

from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.readers import read
from steelyard.finding import Status

CODE = """
import talos
p = {'lr': [0.1, 0.01, 0.001], 'batch_size': [8, 16]}
t = talos.Scan(x, y, params=p, model=make)
print(t.data)
"""
TABLE = """
   round_epochs  val_loss  lr  batch_size
0            10  0.54  0.1  8
1            10  0.43  0.01  8
2            10  0.35  0.001  16
"""


@pytest.mark.parametrize(
    ("footer", "asked"),
    [("[6 rows x 4 columns]", 3), ("[5 rows x 4 columns]", 4), ("[3 rows x 4 columns]", 6), ("", 6)],
)
def test_rows_that_are_not_shown_are_not_missing(tmp_path: Path, footer: str, asked: int) -> None:
    path = tmp_path / "post.txt"
    path.write_text(f"{CODE}\nIt printed:\n{TABLE}\n{footer}\n")
    log = next(one for one in read(path) if one.trials is not None)
    assert log.trials is not None and log.trials.asked == asked
    status = diagnosis_of(log)["SRC810"].status
    assert status is (Status.PASSED if asked == 3 else Status.FIRED)
