"""``steelyard tune`` and ``steelyard worker``: preview, results, going on, what can be wrong."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import optuna
import polars as pl
import pytest

from tests.cli.calls import QUICK, Spawn, Steelyard, visits_csv

GRID = """\
[optimizer.learning_rate]
values = [0.001, 0.01, 0.1]

[network.dropout]
values = [0.0, 0.3]
"""

TUNE = ("--target", "bought", "--folds", 2, *QUICK)


@pytest.fixture
def grid(tmp_path: Path) -> Path:
    path = tmp_path / "grid.toml"
    path.write_text(GRID)
    return path


@pytest.fixture(scope="module")
def tuned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished study in runs/visits-tune, which the tests only read."""
    from click.testing import CliRunner

    from steelyard.cli import app

    folder = tmp_path_factory.mktemp("tuned")
    (folder / "visits.csv").write_text(visits_csv())
    (folder / "grid.toml").write_text(GRID)
    arguments = ["tune", folder / "visits.csv", *TUNE, "--space", folder / "grid.toml", "--seeds", 2]
    arguments += ["--metric", "ap", "--metric", "log_loss", "--out", folder / "runs"]
    done = CliRunner().invoke(app, [str(argument) for argument in arguments], prog_name="steelyard")
    assert done.exit_code == 0, done.output
    (folder / "stdout.txt").write_text(done.stdout)
    (folder / "stderr.txt").write_text(done.stderr)
    return folder


def results(folder: Path) -> dict[str, Any]:
    document: dict[str, Any] = json.loads((folder / "runs" / "visits-tune" / "results.json").read_text())
    return document


def test_the_cost_comes_first_and_the_board_last(tuned: Path) -> None:
    before = (tuned / "stderr.txt").read_text()
    assert "6 × 2 folds × 2 seeds = 24 networks" in before
    assert "µs" in before
    assert "6 of 6 trials" in before
    after = (tuned / "stdout.txt").read_text()
    assert "by average precision, best first (higher is better):" in after
    assert "learning_rate" in after
    assert "The search promised" in after
    assert "\nfindings " in after and "\nbest trial " in after
    assert "steelyard predict" in after


def test_everything_is_in_the_folder(tuned: Path) -> None:
    folder = tuned / "runs" / "visits-tune"
    names = {path.name for path in folder.iterdir() if not path.name.startswith("study.sqlite3")}
    assert names == {"results.json", "trials.csv", "best.toml", "charts", "winner-1"}
    charts = {path.stem: ElementTree.parse(path).getroot().tag for path in (folder / "charts").iterdir()}
    assert set(charts) == {"history", "parallel-coordinates", "learning-curves", "heat-map"}
    assert set(charts.values()) == {"{http://www.w3.org/2000/svg}svg"}
    document = results(tuned)
    assert document["status"] == "complete"
    assert document["counts"]["networks"] == 24
    trials = pl.read_csv(folder / "trials.csv")
    assert trials["number"].to_list() == list(range(6))
    assert trials["optimizer.learning_rate"].to_list() == [0.001, 0.001, 0.01, 0.01, 0.1, 0.1]
    board = document["leaderboard"]["entries"]
    by_score = trials.sort("average_precision", descending=True)["number"].to_list()
    assert [entry["trial"] for entry in board] == by_score
    assert document["best"]["trial"] == document["winner"]["trial"] == by_score[0]


def test_optuna_reads_the_database(tuned: Path) -> None:
    url = f"sqlite:///{tuned / 'runs' / 'visits-tune' / 'study.sqlite3'}"
    study = optuna.load_study(study_name="visits-tune", storage=url)
    assert [trial.number for trial in study.trials] == list(range(6))


def test_the_winner_is_a_run_like_any_other(steelyard: Steelyard, tuned: Path, tmp_path: Path) -> None:
    run = tuned / "runs" / "visits-tune" / "winner-1"
    winner = results(tuned)["winner"]
    shown = steelyard("show", run, "--json")
    assert shown.exit_code == 0, shown.output
    facts = json.loads(shown.stdout)
    assert facts["evaluation"]["metrics"]["average_precision"]["value"] == winner["held_out"]
    assert winner["low"] < winner["held_out"] < winner["high"]
    assert len(facts["networks"]) == 2
    done = steelyard("predict", run, tuned / "visits.csv", "--out", tmp_path / "out.csv")
    assert done.exit_code == 0, done.output
    assert pl.read_csv(tmp_path / "out.csv").height == 600


def test_the_best_recipe_trains(steelyard: Steelyard, tuned: Path, tmp_path: Path) -> None:
    recipe = tuned / "runs" / "visits-tune" / "best.toml"
    arguments = ["--target", "bought", "--recipe", recipe, "--out", tmp_path / "runs", "--json"]
    done = steelyard("train", tuned / "visits.csv", *arguments)
    assert done.exit_code == 0, done.output
    point = results(tuned)["best"]["point"]
    written = (tmp_path / "runs" / "visits-1" / "recipe.toml").read_text()
    assert f"learning_rate = {point['optimizer.learning_rate']}" in written


def test_show_tells_a_study_again(steelyard: Steelyard, tuned: Path) -> None:
    folder = tuned / "runs" / "visits-tune"
    assert steelyard("show", folder).stdout == (tuned / "stdout.txt").read_text()
    assert json.loads(steelyard("show", folder, "--json").stdout)["study"] == "visits-tune"


def test_the_same_command_again_says_that_all_is_done(
    steelyard: Steelyard, tuned: Path, tmp_path: Path
) -> None:
    shutil.copytree(tuned, tmp_path / "copy")
    folder = tmp_path / "copy"
    options = ["--space", folder / "grid.toml", "--seeds", 2, "--metric", "ap", "--metric", "log_loss"]
    again = ["tune", folder / "visits.csv", *TUNE, *options, "--out", folder / "runs", "--json"]
    done = steelyard(*again)
    assert done.exit_code == 0, done.output
    assert "6 are finished: nothing is left to train" in done.stderr
    assert json.loads(done.stdout)["winner"] == results(tuned)["winner"]
    assert not (folder / "runs" / "visits-tune" / "winner-2").exists()
    # A winner that was deleted is trained again; that the test rows were read is not forgotten.
    shutil.rmtree(folder / "runs" / "visits-tune" / "winner-1")
    winner = json.loads(steelyard(*again).stdout)["winner"]
    assert winner["held_out"] == results(tuned)["winner"]["held_out"]
    other = steelyard(*again, "--metric", "roc_auc")
    assert other.exit_code == 2
    assert "has another study 'visits-tune'" in other.stderr


def test_more_trials_are_added(steelyard: Steelyard, visits: Path, grid: Path, tmp_path: Path) -> None:
    options = [*TUNE, "--space", grid, "--sampler", "random", "--out", tmp_path / "runs", "--json"]
    first = steelyard("tune", visits, *options, "--trials", 3)
    assert first.exit_code == 0, first.output
    three = json.loads(first.stdout)["trials"]
    second = steelyard("tune", visits, *options, "--trials", 5)
    assert second.exit_code == 0, second.output
    assert "3 are finished, 2 are left" in second.stderr
    document = json.loads(second.stdout)
    assert document["counts"]["finished"] == 5
    assert document["trials"][:3] == three
    fewer = steelyard("tune", visits, *options, "--trials", 2)
    assert json.loads(fewer.stdout)["counts"]["finished"] == 5
    assert "was to have 5 trials, and it keeps them" in " ".join(fewer.stderr.split())


def test_a_dry_run_writes_nothing(steelyard: Steelyard, visits: Path, grid: Path, tmp_path: Path) -> None:
    options = ["tune", visits, *TUNE, "--space", grid, "--out", tmp_path / "runs", "--dry-run"]
    done = steelyard(*options)
    assert done.exit_code == 0, done.output
    assert "6 × 2 folds × 1 seed = 12 networks" in done.stdout
    assert "steps of" in done.stdout
    document = json.loads(steelyard(*options, "--json").stdout)
    assert document["cost"]["networks"] == 12
    assert document["cost"]["microseconds_per_step"] > 0
    assert not (tmp_path / "runs").exists()


def test_without_test_rows_nothing_is_promised(
    steelyard: Steelyard, visits: Path, grid: Path, tmp_path: Path
) -> None:
    options = [*TUNE, "--space", grid, "--test-share", 0, "--out", tmp_path / "runs", "--json"]
    done = steelyard("tune", visits, *options)
    assert done.exit_code == 0, done.output
    winner = json.loads(done.stdout)["winner"]
    assert (winner["held_out"], winner["optimism"]) == (None, None)
    assert "no rows were kept" in winner["sentence"]


def test_several_objectives_have_a_front(
    steelyard: Steelyard, visits: Path, grid: Path, tmp_path: Path
) -> None:
    options = [*TUNE, "--space", grid, "--sampler", "nsga2", "--trials", 4, "--out", tmp_path / "runs"]
    done = steelyard("tune", visits, *options, "--metric", "ap", "--metric", "log_loss", "--json")
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    trials = {row["number"]: row for row in document["trials"]}
    best = {
        max(trials, key=lambda number: trials[number]["average_precision"]),
        min(trials, key=lambda number: trials[number]["log_loss"]),
    }
    assert best <= set(document["front"])


def test_pruned_trials_are_counted(steelyard: Steelyard, visits: Path, grid: Path, tmp_path: Path) -> None:
    options = [*TUNE, "--space", grid, "--prune", "halving reduction=2", "--out", tmp_path / "runs"]
    done = steelyard("tune", visits, *options)
    assert done.exit_code == 0, done.output
    assert "hopeless ones stopped early by halving" in " ".join(done.stderr.split())
    assert "pruned)" in done.stdout


def test_a_folder_of_something_else_is_left_alone(
    steelyard: Steelyard, visits: Path, grid: Path, tmp_path: Path
) -> None:
    mine = tmp_path / "runs" / "visits-tune"
    mine.mkdir(parents=True)
    (mine / "mine.txt").write_text("mine")
    done = steelyard("tune", visits, *TUNE, "--space", grid, "--out", tmp_path / "runs")
    assert done.exit_code == 2
    assert "exists already and is no folder of a study" in done.stderr
    assert [path.name for path in mine.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--space", "quik"], "(did you mean 'quick'?)"),
        (["--space", "nowhere.toml"], "nowhere.toml"),
        (["--sampler", "tpee"], "(did you mean 'tpe'?)"),
        (["--metric", "acu"], "'acu' is not a metric"),
        (["--prune", "halfing"], "(did you mean 'halving'?)"),
        (["--prune", "halving reduction=1"], "greater than or equal to 2; found 1"),
        (["--budget", "soon"], "'soon' is not a duration"),
        (["--test-share", "1"], "at least 0 and below 1"),
        (["--folds", "400"], "too few for"),
        (["--executor", "rya"], "(did you mean 'ray'?)"),
        (["--address", "auto"], "--address is for --executor ray"),
        (["--study", "../up"], "cannot be the name"),
        (["--study", "a/b"], "cannot be the name"),
        (["--storage", "mysql://db/x"], "SQLite and PostgreSQL"),
        (["--set", "training.epoch=3"], "(did you mean 'epochs'?)"),
    ],
)
def test_wrong_use_is_told_before_anything_is_trained(
    steelyard: Steelyard, visits: Path, grid: Path, tmp_path: Path, options: list[str], message: str
) -> None:
    done = steelyard("tune", visits, *TUNE, "--space", grid, "--out", tmp_path / "runs", *options)
    assert done.exit_code == 2, done.output
    assert message in " ".join(done.stderr.split())
    assert not (tmp_path / "runs").exists()


def test_a_wrong_path_in_the_space_is_told(steelyard: Steelyard, visits: Path, tmp_path: Path) -> None:
    space = tmp_path / "space.toml"
    space.write_text("[optimizer.learning_rte]\nlow = 0.001\nhigh = 0.1\n")
    done = steelyard("tune", visits, *TUNE, "--space", space, "--out", tmp_path / "runs")
    assert done.exit_code == 2
    assert "did you mean 'learning_rate'?" in done.stderr


def test_a_worker_helps_until_nothing_is_left(
    steelyard: Steelyard, visits: Path, grid: Path, tmp_path: Path
) -> None:
    """Of a study whose trials have been asked for and not trained: its owner was killed at once."""
    database = tmp_path / "study.db"
    options = [*TUNE, "--space", grid, "--batch", 2, "--out", tmp_path / "runs", "--storage", database]
    assert steelyard("tune", visits, *options, "--trials", 2, "--sampler", "random").exit_code == 0
    from steelyard.tuning.storage import open_storage

    with open_storage(database) as storage:
        storage.load("visits-tune").extend(6)
    moved = tmp_path / "elsewhere.csv"
    visits.rename(moved)
    lost = steelyard("worker", database, "visits-tune")
    assert lost.exit_code == 2
    assert "--data PATH" in lost.stderr
    helped = steelyard("worker", database, "visits-tune", "--data", moved)
    assert helped.exit_code == 0, helped.output
    assert "2 of 6 trials are finished" in helped.stderr
    assert "visits-tune: all 6 trials are finished; `steelyard tune`" in helped.stderr
    assert "all 6 trials are finished" in steelyard("worker", database, "visits-tune").stderr


def test_a_worker_refuses_another_table_and_an_unknown_study(
    steelyard: Steelyard, tuned: Path, tmp_path: Path
) -> None:
    database = tuned / "runs" / "visits-tune" / "study.sqlite3"
    unknown = steelyard("worker", database, "visits-tun")
    assert unknown.exit_code == 2
    assert "did you mean 'visits-tune'?" in unknown.stderr
    missing = steelyard("worker", tmp_path / "no.db", "visits-tune")
    assert missing.exit_code == 2
    assert "there is no such file" in missing.stderr
    assert not (tmp_path / "no.db").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_was_stopped_goes_on(
    spawn: Spawn, steelyard: Steelyard, tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    visits = tmp_path / "visits.csv"
    visits.write_text(visits_csv(3000))
    space = tmp_path / "space.toml"
    space.write_text("[optimizer.learning_rate]\nlow = 0.001\nhigh = 0.1\nlog = true\n")
    slow = ["--set", "training.epochs=30", "--set", "training.patience=30", "--folds", 2, "--batch", 1]
    options = ["--target", "bought", "--space", space, "--sampler", "random", "--out", tmp_path / "runs"]
    process = spawn("tune", visits, *options, *slow, "--trials", 30, "--json")
    assert process.stderr is not None
    for line in process.stderr:
        if "of 30 trials" in line:
            break
    process.send_signal(sent)
    stdout, stderr = process.communicate(timeout=60)
    assert process.returncode == code, stderr
    assert "Traceback" not in stderr
    document = json.loads(stdout)
    assert document["status"] == "interrupted"
    finished = document["counts"]["finished"]
    assert 3 <= finished < 30
    assert json.loads((tmp_path / "runs" / "visits-tune" / "results.json").read_text())["winner"] is None
    done = steelyard("tune", visits, *options, *slow, "--trials", finished, "--json")
    assert "nothing is left" not in done.stderr  # 30 are wanted: a smaller number does not take trials away


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX pseudo-terminal")
def test_a_terminal_sees_a_table(visits: Path, grid: Path) -> None:
    import pty

    terminal, end = pty.openpty()
    command = [
        sys.executable,
        "-m",
        "steelyard",
        "tune",
        visits,
        *TUNE,
        "--space",
        grid,
        "--batch",
        1,
        "--json",
    ]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "120", "LINES": "40"}
    # A file, since nobody reads a pipe while the terminal is read, and the document is longer than one holds.
    out = visits.parent / "stdout.json"
    with (
        out.open("wb") as stdout,
        subprocess.Popen(
            [str(part) for part in command],
            stdout=stdout,
            stderr=end,
            cwd=visits.parent,
            env=environment,
        ),
    ):
        os.close(end)
        seen = b""
        try:
            while chunk := os.read(terminal, 65536):
                seen += chunk
        except OSError:  # how Linux says that the other end is closed
            pass
        finally:
            os.close(terminal)
    document = json.loads(out.read_text())
    assert document["status"] == "complete"
    assert b"\x1b[" in seen
    assert b"of 6 trials" in seen


def test_a_study_is_judged_with_the_networks_of_its_best_trial(steelyard: Steelyard, tuned: Path) -> None:
    document = results(tuned)
    judged = document["diagnosis"]
    by_code = {result["code"]: result for result in judged["study"]["results"]}
    assert by_code["SRC806"]["status"] in ("fired", "passed")
    assert by_code["SRC803"]["reason"] == "T106 judges that, fold by fold"
    assert [one["source"].rpartition(", ")[2] for one in judged["best"]] == ["fold 1", "fold 2"]
    (winner,) = (tuned / "runs" / "visits-tune").glob("winner-*")
    seeds = json.loads((winner / "diagnosis.json").read_text())["networks"]
    assert [one["source"].rpartition(", ")[2] for one in seeds] == ["seed 0", "seed 1"]


def test_a_study_of_before_diagnoses_is_still_shown(
    steelyard: Steelyard, tuned: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "visits-tune"
    shutil.copytree(tuned / "runs" / "visits-tune", folder)
    document = results(tuned)
    del document["diagnosis"]
    (folder / "results.json").write_text(json.dumps(document))
    done = steelyard("show", folder)
    assert done.exit_code == 0, done.output
    assert "\nfindings " not in done.stdout
