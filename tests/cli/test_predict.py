"""``steelyard predict``: a file of rows becomes a file of probabilities, whole or not at all."""

from __future__ import annotations

import gzip
import json
import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from steelyard.cli import app, prediction
from steelyard.cli.prediction import Predicted, labelling_of, predict_file
from steelyard.engine import predict_probability
from steelyard.errors import DataError
from steelyard.prior import restate
from steelyard.store import load_model, read_predictions
from steelyard.tables import read_batches, read_like
from steelyard.thresholds import choose_threshold
from tests.cli.calls import Steelyard, visits_csv


@pytest.fixture
def new(tmp_path: Path) -> Path:
    """Rows without the target."""
    path = tmp_path / "new.csv"
    lines = visits_csv(250, seed=3).splitlines()
    path.write_text("\n".join(line.rpartition(",")[0] for line in lines) + "\n")
    return path


def read(path: Path) -> pl.DataFrame:
    return pl.read_csv(path) if path.suffix == ".csv" else pl.read_parquet(path)


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_rows_come_out_in_order(
    steelyard: Steelyard, trained: Path, new: Path, tmp_path: Path, suffix: str
) -> None:
    out = tmp_path / f"predictions{suffix}"
    done = steelyard("predict", trained, new, "--out", out)
    assert done.exit_code == 0, done.output
    assert "250 rows" in done.stdout
    assert "bought = yes" in done.stdout
    assert f"{(read(out)['predicted'] == 'yes').sum():,} labelled yes" in done.stdout
    model = load_model(trained)
    expected = predict_probability(model, read_like(new, model.schema, target=False))
    found = read(out)
    assert found.columns == ["probability", "predicted"]
    assert found["probability"].to_list() == expected.tolist()
    assert found["predicted"].to_list() == ["yes" if p > model.readout.threshold else "no" for p in expected]


def test_the_predictions_are_those_that_were_scored(
    steelyard: Steelyard, trained: Path, tmp_path: Path
) -> None:
    """The folder alone predicts what the network predicted when it was trained."""
    data = trained.parent.parent / "visits.csv"
    done = steelyard("predict", trained, data, "--out", tmp_path / "again.parquet")
    assert done.exit_code == 0, done.output
    again = pl.read_parquet(tmp_path / "again.parquet")["probability"]
    scored = pl.read_parquet(trained / "predictions.parquet")
    assert again.gather(scored["row"]).to_list() == scored["probability"].to_list()


@pytest.mark.parametrize("form", ["gz", "parquet", "tsv", "shuffled columns"])
def test_other_forms_of_the_same_rows_give_the_same(
    steelyard: Steelyard, trained: Path, new: Path, tmp_path: Path, form: str
) -> None:
    frame = pl.read_csv(new)
    other = tmp_path / "other"
    if form == "gz":
        other = other.with_suffix(".csv.gz")
        other.write_bytes(gzip.compress(new.read_bytes()))
    elif form == "parquet":
        other = other.with_suffix(".parquet")
        frame.write_parquet(other)
    elif form == "tsv":
        other = other.with_suffix(".tsv")
        frame.write_csv(other, separator="\t")
    else:
        other = other.with_suffix(".csv")
        frame.select(reversed(frame.columns)).write_csv(other)
    outs = [tmp_path / "a.parquet", tmp_path / "b.parquet"]
    for data, out in zip([new, other], outs, strict=True):
        done = steelyard("predict", trained, data, "--out", out)
        assert done.exit_code == 0, done.output
    assert read(outs[0]).equals(read(outs[1]))


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_batches_do_not_change_the_output(
    trained: Path, new: Path, tmp_path: Path, suffix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = load_model(trained)
    whole, pieces = tmp_path / f"whole{suffix}", tmp_path / f"pieces{suffix}"
    predicted = predict_file(model, new, whole)
    assert predicted == Predicted(250, (read(whole)["predicted"] == "yes").sum())
    monkeypatch.setattr(prediction, "read_batches", lambda path, schema: read_batches(path, schema, rows=7))
    assert predict_file(model, new, pieces) == predicted
    assert read(whole).equals(read(pieces))


# --- How probabilities are told and labelled ----------------------------------------------------------------


@pytest.fixture(scope="module")
def weighted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run with class weights, a calibrator and a threshold for costs."""
    folder = tmp_path_factory.mktemp("weighted")
    data = folder / "visits.csv"
    data.write_text(visits_csv(1500))
    changes = ("training.epochs=20", "imbalance.class_weight=balanced", "decision.calibration=logistic")
    options = [option for change in changes for option in ("--set", change)]
    arguments = ["train", data, "--target", "bought", "--drop", "visit", "--out", folder / "runs", *options]
    done = CliRunner().invoke(app, [*map(str, arguments), "--threshold", "cost fp=1 fn=4", "--json"])
    assert done.exit_code == 0, done.output
    return Path(json.loads(done.stdout)["run"])


def predicted_with(steelyard: Steelyard, run: Path, new: Path, *options: object) -> pl.DataFrame:
    out = new.parent / "predicted.parquet"
    done = steelyard("predict", run, new, "--out", out, *options)
    assert done.exit_code == 0, done.output
    return read(out)


def labelled(frame: pl.DataFrame, threshold: float) -> bool:
    return frame["predicted"].to_list() == [
        "yes" if p > threshold else "no" for p in frame["probability"].to_list()
    ]


def test_labels_are_by_the_threshold_of_the_run(steelyard: Steelyard, weighted: Path, new: Path) -> None:
    frame = predicted_with(steelyard, weighted, new)
    readout = load_model(weighted).readout
    assert (readout.objective, readout.threshold) != ("0.5", 0.5)
    assert labelled(frame, readout.threshold)
    assert 0 < (frame["predicted"] == "yes").sum() < frame.height


def test_raw_output_is_that_of_the_networks(steelyard: Steelyard, weighted: Path, new: Path) -> None:
    model = load_model(weighted)
    frame = predicted_with(steelyard, weighted, new, "--raw")
    expected = predict_probability(model, read_like(new, model.schema, target=False), raw=True)
    assert frame["probability"].to_list() == expected.tolist()
    assert labelled(frame, 0.5)
    assert frame["probability"].mean() > 1.3 * predicted_with(steelyard, weighted, new)["probability"].mean()
    assert labelled(predicted_with(steelyard, weighted, new, "--raw", "--threshold", 0.7), 0.7)


def test_another_threshold(steelyard: Steelyard, weighted: Path, new: Path) -> None:
    assert labelled(predicted_with(steelyard, weighted, new, "--threshold", "0.4"), 0.4)
    rows = read_predictions(weighted).filter(pl.col("split") == "validation")
    best = choose_threshold(rows["target"], rows["probability"], "recall>=0.9").threshold
    assert labelled(predicted_with(steelyard, weighted, new, "--threshold", "recall>=0.9"), best)


@pytest.mark.parametrize("prior", [0.02, 0.6])
def test_another_prior(steelyard: Steelyard, weighted: Path, new: Path, prior: float) -> None:
    """Probabilities keep their odds ratio, and the threshold that of its objective at the new base rate."""
    usual = predicted_with(steelyard, weighted, new)
    frame = predicted_with(steelyard, weighted, new, "--prior", prior)
    base_rate = load_model(weighted).readout.base_rate
    expected = restate(usual["probability"].to_numpy(), from_rate=base_rate, to_rate=prior)
    assert frame["probability"].to_list() == expected.tolist()
    chosen = labelling_of(weighted, load_model(weighted), prior=prior)
    assert chosen.purpose == "chosen for cost fp=1 fn=4"
    assert labelled(frame, chosen.threshold)
    # No threshold costs less on validation rows copied until so many of them are positive.
    rows = read_predictions(weighted).filter(pl.col("split") == "validation")
    y = rows["target"].to_numpy()
    p = restate(rows["probability"].to_numpy(), from_rate=base_rate, to_rate=prior)
    copies = np.where(y == 1, round(1e4 * prior) * (y == 0).sum(), round(1e4 * (1 - prior)) * (y == 1).sum())

    def cost(threshold: float) -> int:
        above = p > threshold
        return int(copies[(y == 0) & above].sum() + 4 * copies[(y == 1) & ~above].sum())

    assert cost(chosen.threshold) == min(cost(threshold) for threshold in [-1.0, *p.tolist()])
    assert (frame["predicted"] == "yes").sum() != (usual["predicted"] == "yes").sum()


def test_a_number_stays_at_another_prior(steelyard: Steelyard, weighted: Path, new: Path) -> None:
    frame = predicted_with(steelyard, weighted, new, "--prior", 0.5, "--threshold", 0.45)
    assert labelled(frame, 0.45)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--raw", "--prior", "0.1"), "exclude one another"),
        (("--raw", "--threshold", "f1"), "must be a number"),
        (("--threshold", "recal>=0.5"), "did you mean 'recall'"),
        (("--prior", "0"), "--prior"),
        (("--prior", "1.0"), "--prior"),
    ],
)
def test_options_that_make_no_sense(
    steelyard: Steelyard, weighted: Path, new: Path, tmp_path: Path, options: tuple[str, ...], words: str
) -> None:
    done = steelyard("predict", weighted, new, "--out", tmp_path / "out.csv", *options)
    assert done.exit_code == 2
    assert words in done.stderr
    assert not (tmp_path / "out.csv").exists()


def test_a_prior_needs_a_base_rate(weighted: Path) -> None:
    model = load_model(weighted)
    unknown = replace(model, readout=replace(model.readout, base_rate=math.nan))
    with pytest.raises(DataError, match="does not tell for which share"):
        labelling_of(weighted, unknown, prior=0.1)


def test_an_existing_file_is_replaced(steelyard: Steelyard, trained: Path, new: Path, tmp_path: Path) -> None:
    out = tmp_path / "predictions.csv"
    out.write_text("old")
    assert steelyard("predict", trained, new, "--out", out).exit_code == 0
    assert read(out).height == 250


def refused(steelyard: Steelyard, run: Path, data: Path, out: Path, *said: str) -> None:
    """The call fails with these words, and the folder of ``out`` stays as it is."""
    before = {path: path.read_bytes() for path in out.parent.iterdir() if path.is_file()}
    done = steelyard("predict", run, data, "--out", out)
    assert done.exit_code == 2, done.output
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr, words
    assert {path: path.read_bytes() for path in out.parent.iterdir() if path.is_file()} == before


def test_missing_columns_are_all_named(steelyard: Steelyard, trained: Path, tmp_path: Path) -> None:
    data = tmp_path / "short.csv"
    data.write_text("visit,noise\nv1,0.5\n")
    refused(steelyard, trained, data, tmp_path / "out.csv", "pages", "source")


def test_a_value_that_does_not_fit_leaves_no_file(
    steelyard: Steelyard, trained: Path, new: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if it comes when batches have been written already."""
    monkeypatch.setattr(prediction, "read_batches", lambda path, schema: read_batches(path, schema, rows=50))
    new.write_text(new.read_text().replace("v00240,", "v00240,many", 1))
    out = tmp_path / "out.csv"
    out.write_text("old")
    refused(steelyard, trained, new, out, "pages", "many")
    assert out.read_text() == "old"


def test_a_missing_file(steelyard: Steelyard, trained: Path, tmp_path: Path) -> None:
    refused(steelyard, trained, tmp_path / "none.csv", tmp_path / "out.csv", "none.csv")


def test_a_file_without_rows(steelyard: Steelyard, trained: Path, new: Path, tmp_path: Path) -> None:
    new.write_text(new.read_text().splitlines()[0] + "\n")
    refused(steelyard, trained, new, tmp_path / "out.csv", "no rows")


def test_an_unknown_suffix(steelyard: Steelyard, trained: Path, new: Path, tmp_path: Path) -> None:
    refused(steelyard, trained, new, tmp_path / "out.xlsx", "'.xlsx'", ".csv", ".parquet")


def test_a_missing_folder(steelyard: Steelyard, trained: Path, new: Path, tmp_path: Path) -> None:
    done = steelyard("predict", trained, new, "--out", tmp_path / "nowhere" / "out.csv")
    assert done.exit_code == 2
    assert "nowhere" in done.stderr
    assert not (tmp_path / "nowhere").exists()


def test_the_data_file_itself_is_not_overwritten(steelyard: Steelyard, trained: Path, new: Path) -> None:
    refused(steelyard, trained, new, new, "itself")


def test_a_folder_that_is_no_run(steelyard: Steelyard, new: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    refused(steelyard, tmp_path / "empty", new, tmp_path / "out.csv", "empty")
    refused(steelyard, tmp_path / "absent", new, tmp_path / "out.csv", "absent")


@pytest.mark.parametrize("name", ["model.safetensors", "model.json"])
def test_a_damaged_run(steelyard: Steelyard, trained: Path, new: Path, tmp_path: Path, name: str) -> None:
    run = tmp_path / "run"
    run.mkdir()
    for path in trained.iterdir():
        content = path.read_bytes()
        (run / path.name).write_bytes(content[: len(content) // 2] if path.name == name else content)
    refused(steelyard, run, new, tmp_path / "out.csv", name)
