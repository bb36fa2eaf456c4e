"""``steelyard demo``: the first thing a newcomer sees works."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.calls import Steelyard


def test_the_demo_trains_a_model_that_beats_its_yardsticks(steelyard: Steelyard, tmp_path: Path) -> None:
    done = steelyard("demo", "--out", tmp_path / "demo")
    assert done.exit_code == 0, done.output
    data = tmp_path / "demo" / "web-shop-visits.csv"
    assert f"$ steelyard train {data} --target bought" in done.stdout
    assert data.exists()
    document = json.loads((tmp_path / "demo" / "web-shop-visits-1" / "metrics.json").read_text())
    test = document["scores"]["test"]
    linear = document["baselines"]["logistic_regression"]["test"]
    assert test["average_precision"] > linear["average_precision"] > test["base_rate"]
    assert test["log_loss"] < linear["log_loss"] < test["base_rate_entropy"]


def test_the_demo_can_be_repeated(steelyard: Steelyard, tmp_path: Path) -> None:
    for _ in range(2):
        assert steelyard("demo", "--out", tmp_path).exit_code == 0
    assert {path.name for path in tmp_path.iterdir()} == {
        "web-shop-visits.csv",
        "web-shop-visits-1",
        "web-shop-visits-2",
    }


def test_an_unwritable_folder(steelyard: Steelyard, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = steelyard("demo", "--out", tmp_path / "file")
    assert done.exit_code == 2
    assert "cannot be written" in done.stderr
