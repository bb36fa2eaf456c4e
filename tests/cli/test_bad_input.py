"""What a caller can get wrong: a message with place, finding and remedy, exit code 2, nothing written."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cli.calls import QUICK, Steelyard, visits_csv

GOOD = visits_csv(200)


def with_labels(*labels: str) -> str:
    """A table whose target holds these labels in turn."""
    lines = [f"{row % 7},{row % 3},{labels[row % len(labels)]}" for row in range(120)]
    return "\n".join(["a,b,y", *lines]) + "\n"


@dataclass(frozen=True)
class Case:
    """A call and what its message must say; ``{data}`` in arguments is the file with ``content``."""

    name: str
    content: str | bytes | None
    arguments: tuple[str, ...]
    said: tuple[str, ...]
    suffix: str = ".csv"


CASES = [
    Case("missing file", None, ("--target", "y"), ("no file", "data.csv")),
    Case("empty file", "", ("--target", "y"), ("data.csv", "empty")),
    Case("header only", "a,b,y\n", ("--target", "y"), ("data.csv", "no rows")),
    Case("unknown target", GOOD, ("--target", "bougt"), ("'bougt'", "'bought'")),
    Case("unknown column to drop", GOOD, ("--target", "bought", "--drop", "pagse"), ("'pagse'", "'pages'")),
    Case("unknown time column", GOOD, ("--target", "bought", "--time", "dat"), ("'dat'",)),
    Case("unknown group column", GOOD, ("--target", "bought", "--group", "sorce"), ("'sorce'", "'source'")),
    Case(
        "unknown column to read as category", GOOD, ("--target", "bought", "--category", "nois"), ("'noise'",)
    ),
    Case("unknown positive label", GOOD, ("--target", "bought", "--positive", "Yess"), ("Yess", "yes", "no")),
    Case("one class", with_labels("no"), ("--target", "y"), ("y", "no", "one")),
    Case("three classes", with_labels("a", "b", "c"), ("--target", "y"), ("y", "3", "a", "b", "c")),
    Case(
        "missing target",
        with_labels("0", "1", "nan"),
        ("--target", "y"),
        ("'y'", "no label in 40 of 120 rows"),
    ),
    Case("infinite target", with_labels("0", "1", "inf"), ("--target", "y"), ("y", "inf")),
    Case("labels 1 and 2", with_labels("1", "2", "1"), ("--target", "y"), ("1", "2", "--positive")),
    Case("ragged row", "a,b,y\n1,2,0\n1,2\n3,4,1\n", ("--target", "y"), ("line 3", "2", "3")),
    Case("duplicate names", "a,a,y\n1,2,0\n3,4,1\n", ("--target", "y"), ("'a'",)),
    Case("too few positives", "a,y\n" + "1,0\n2,0\n" * 50 + "3,1\n", ("--target", "y"), ("1", "positive")),
    Case("not a table", bytes(range(256)) * 20, ("--target", "y"), ("data.csv",)),
    Case("damaged parquet", b"PAR1 but no more", ("--target", "y"), ("data.parquet",), ".parquet"),
    Case("damaged gzip", b"\x1f\x8b\x08 broken", ("--target", "y"), ("data.csv.gz",), ".csv.gz"),
    Case(
        "unknown recipe key",
        GOOD,
        ("--target", "bought", "--set", "training.epoch=3"),
        ("'epoch'", "'epochs'"),
    ),
    Case(
        "bad recipe value",
        GOOD,
        ("--target", "bought", "--set", "training.epochs=-3"),
        ("training.epochs", "-3"),
    ),
    Case("change without value", GOOD, ("--target", "bought", "--set", "training.epochs"), ("path=value",)),
    Case("missing recipe", GOOD, ("--target", "bought", "--recipe", "none.toml"), ("none.toml",)),
    Case("missing test file", GOOD, ("--target", "bought", "--test", "none.csv"), ("no file", "none.csv")),
    Case(
        "two ways to split",
        GOOD,
        ("--target", "bought", "--file-order", "--time", "visit"),
        ("--file-order",),
    ),
    Case(
        "two kinds", GOOD, ("--target", "bought", "--category", "pages", "--numeric", "pages"), ("'pages'",)
    ),
    Case("no target", GOOD, (), ("--target",)),
    Case("no networks", GOOD, ("--target", "bought", "--seeds", "0"), ("--seeds",)),
]


def tree(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_train_refuses(
    case: Case, steelyard: Steelyard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / f"data{case.suffix}"
    if case.content is not None:
        data.write_bytes(case.content if isinstance(case.content, bytes) else case.content.encode())
    before = tree(tmp_path)
    done = steelyard("train", data, *QUICK, *case.arguments)
    assert done.exit_code == 2, done.output
    assert "error: " in done.stderr.lower()
    assert "Traceback" not in done.stderr
    for words in case.said:
        assert words.lower() in done.stderr.lower()
    assert done.stdout == ""
    assert tree(tmp_path) == before


def test_all_problems_of_a_recipe_are_told_at_once(
    steelyard: Steelyard, visits: Path, tmp_path: Path
) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text('[training]\nepoch = 3\nbatch_size = 0\n[optimizer]\nname = "adamm"\n')
    done = steelyard("train", visits, "--target", "bought", "--recipe", recipe)
    assert done.exit_code == 2
    assert done.stderr.count("error: ") == 3
    for words in ("recipe.toml", "'epochs'", "training.batch_size", "'adam"):
        assert words in done.stderr


def test_all_problems_of_the_changes_are_told_at_once(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard(
        "train", visits, "--target", "bought", "--set", "training.epoch=1", "--set", "los.name=focal"
    )
    assert done.exit_code == 2
    assert done.stderr.count("error: ") == 2


def test_debug_shows_the_traceback(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard("train", visits, "--target", "bougt", "--debug")
    assert done.exception is not None
    assert type(done.exception).__name__ == "DataError"


@pytest.mark.parametrize("inner", ["", "deeper/still"])
def test_an_unwritable_folder_is_noticed_before_training(
    steelyard: Steelyard, visits: Path, tmp_path: Path, inner: str
) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    done = steelyard("train", visits, "--target", "bought", "--out", blocked / inner)
    assert done.exit_code == 2
    assert "blocked" in done.stderr
    assert "epoch" not in done.stderr
    assert blocked.read_text() == "a file where a folder should be"


def test_a_name_that_is_taken_is_refused(steelyard: Steelyard, visits: Path, tmp_path: Path) -> None:
    taken = tmp_path / "runs" / "mine"
    taken.mkdir(parents=True)
    (taken / "precious").touch()
    done = steelyard("train", visits, "--target", "bought", "--out", tmp_path / "runs", "--name", "mine")
    assert done.exit_code == 2
    assert "exists" in done.stderr
    assert tree(tmp_path / "runs") == {taken, taken / "precious"}


def test_constant_and_empty_columns_are_a_warning(steelyard: Steelyard, tmp_path: Path) -> None:
    lines = GOOD.splitlines()
    data = tmp_path / "data.csv"
    data.write_text("\n".join([f"same,void,{lines[0]}", *(f"7,,{line}" for line in lines[1:])]))
    done = steelyard("train", data, "--target", "bought", "--out", tmp_path / "runs", *QUICK, "--json")
    assert done.exit_code == 0
    told = [line for line in done.stderr.splitlines() if line.startswith("warning: ")]
    assert any("same" in line for line in told)
    assert any("void" in line for line in told)
    assert len(json.loads(done.stdout)["warnings"]) == len(told)
