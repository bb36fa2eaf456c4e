"""``steelyard compare``: strategies beside doing nothing, a verdict for each, one sentence at the end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from steelyard.cli.compare_summary import comparison_summary, conclusion
from tests.cli.calls import QUICK, Steelyard


def test_tables_verdicts_and_a_sentence(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard("compare", visits, "--target", "bought", "--folds", 3, "--arms", "weights,smote", *QUICK)
    assert done.exit_code == 0, done.output
    text = done.stdout
    for title in ("average precision, against none", "ROC AUC, against none", "log loss, against none"):
        assert title in text
    assert "F1 at each fold's own threshold, against threshold" in text
    assert "as trained" in text
    last = " ".join(text[text.index("Does SMOTE help?") :].split())
    assert last.startswith("Does SMOTE help? ")
    assert "at 0.5 and" in last
    assert "every strategy keeps the epoch with the highest validation average precision" in " ".join(
        text.split()
    )


def test_controls_are_always_there_and_cost_nothing(steelyard: Steelyard, visits: Path) -> None:
    done = steelyard(
        "compare", visits, "--target", "bought", "--folds", 3, "--arms", "over", *QUICK, "--json"
    )
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert list(document["strategies"]) == ["none", "threshold", "over"]
    assert document["networks"] == 6
    assert list(document["overall"]) == ["over"]
    assert document["strategies"]["none"]["threshold"]["highest"] == 0.5
    assert document["conclusion"]
    monitors = {found["recipe"]["training"]["monitor"] for found in document["strategies"].values()}
    assert monitors == {"validation_average_precision"}


def test_costs_take_the_place_of_f1(steelyard: Steelyard, visits: Path) -> None:
    options = ["--folds", 3, "--arms", "under", "--cost", "fp=1", "fn=10", *QUICK, "--json"]
    done = steelyard("compare", visits, "--target", "bought", *options)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert list(document["metrics"])[-1] == "cost fp=1 fn=10"
    assert document["strategies"]["under"]["threshold"]["objective"] == "cost fp=1 fn=10"
    costs = document["metrics"]["cost fp=1 fn=10"]["strategies"]
    assert costs["threshold"]["mean"] < costs["none"]["mean"]  # misses are dear, so 0.5 is too high


def test_the_monitor_that_was_asked_for_stays(steelyard: Steelyard, visits: Path) -> None:
    options = ["--folds", 2, "--arms", "over", "--set", "training.monitor=validation_loss", *QUICK, "--json"]
    done = steelyard("compare", visits, "--target", "bought", *options)
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert document["strategies"]["over"]["recipe"]["training"]["monitor"] == "validation_loss"
    assert document["notes"] == []


def test_a_base_recipe_is_what_all_have_in_common(steelyard: Steelyard, visits: Path, tmp_path: Path) -> None:
    base = tmp_path / "base.toml"
    base.write_text("[training]\nepochs = 3\n[network]\nhidden_units = [5]\n[decision]\nthreshold = 'f2'\n")
    done = steelyard(
        "compare", visits, "--target", "bought", "--folds", 2, "--arms", "over", "--base", base, "--json"
    )
    assert done.exit_code == 0, done.output
    document = json.loads(done.stdout)
    assert list(document["metrics"])[-1] == "f2"
    for found in document["strategies"].values():
        assert found["recipe"]["network"]["hidden_units"] == [5]


def test_files_are_written(steelyard: Steelyard, visits: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = steelyard(
        "compare", visits, "--target", "bought", "--folds", 2, "--arms", "over", *QUICK, "--out", out
    )
    assert done.exit_code == 0, done.output
    assert json.loads((out / "results.json").read_text())["conclusion"]
    assert (out / "folds.csv").read_text().count("\n") == 1 + 3 * 2


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--arms", "smotte,none,weihgts"], "'smotte' is no strategy (did you mean 'smote'?)"),
        (["--arms", ","], "nothing to compare"),
        (["--cost", "fp=1", "fx=10"], "found 'fx=10'; costs are written like: cost fp=1 fn=10"),
        (["--cost", "fp=1", "fn=10", "--threshold", "f2"], "exclude each other"),
        (["--margin", "-1"], "a share of the gain"),
        (["--arms", "adasyn"], "adasyn puts rows between others"),
    ],
)
def test_wrong_use_is_told(steelyard: Steelyard, visits: Path, options: list[str], message: str) -> None:
    done = steelyard("compare", visits, "--target", "bought", "--folds", 2, *QUICK, *options)
    assert done.exit_code == 2
    assert message in " ".join(done.stderr.split())


def document(verdict: str, overall: str, names: tuple[str, ...] = ("smote",)) -> dict[str, Any]:
    """A comparison by one metric and decisions, with the same verdict for all strategies."""
    mean = {"mean": 0.7, "spread": 0.1, "error": 0.01, "low": 0.68, "high": 0.72, "folds": 10}
    judged = {"mean": 0.01, "error": 0.01, "low": -0.01, "high": 0.03, "p": 0.1, "p_holm": 0.1, "folds": 10}
    about = {"meaning": "", "direction": "higher", "floor": 0.1, "margin": 0.02}
    controls = {name: {**mean, "as_trained": None, "difference": None} for name in ("none", "threshold")}
    others = {
        name: {**mean, "as_trained": None, "difference": {**judged, "verdict": verdict}} for name in names
    }
    parts = ("preprocessing", "epoch", "calibrator", "threshold")
    book = {**dict.fromkeys(parts, "validation"), "preprocessing": "train"}
    return {
        "status": "completed",
        "strategies": {
            name: {"bookkeeping": {**book, "threshold": None} if name == "none" else book}
            for name in (*controls, *names)
        },
        "data": {
            "source": "visits.csv",
            "rows": 600,
            "positives": 60,
            "base_rate": 0.1,
            "target": {"name": "bought", "positive": "yes"},
        },
        "folds": {"method": "10 folds", "planned": 10, "finished": 10, "rows": {"train": 1, "test": 2}},
        "seeds": 1,
        "networks": 20,
        "notes": [],
        "seconds": 1.0,
        "level": 0.95,
        "margin_share": 0.02,
        "metrics": {
            "average_precision": {**about, "reference": "none", "strategies": {**controls, **others}},
            "f1": {**about, "reference": "threshold", "strategies": {**controls, **others}},
        },
        "overall": dict.fromkeys(names, overall),
    }


@pytest.mark.parametrize(
    ("verdict", "overall", "words"),
    [
        ("better", "better", "Yes: on 10 folds average precision +0.0100 (-0.0100 to +0.0300)"),
        ("worse", "worse", "No: on 10 folds nothing is better with it, and worse is average precision"),
        ("better", "better and worse", "In part: on 10 folds"),
        (
            "no difference",
            "no difference",
            "makes no difference that matters (average precision within ±0.03",
        ),
        ("cannot tell", "cannot tell", "That cannot be told on 10 folds"),
    ],
)
def test_every_verdict_has_a_sentence(verdict: str, overall: str, words: str) -> None:
    told = document(verdict, overall)
    assert words in conclusion(told)
    summary = " ".join(comparison_summary(told, None).split())
    assert " ".join(conclusion(told).split()) in summary
    assert "rows used threshold, smote: in each fold training rows chose the preprocessing" in summary


@pytest.mark.parametrize(
    ("overall", "words"),
    [
        ("better", "Better than doing nothing and choosing the threshold: over, under."),
        ("worse", "None of these is better"),
        ("cannot tell", "None of these has been shown to be better"),
    ],
)
def test_without_smote_the_sentence_is_about_all(overall: str, words: str) -> None:
    assert conclusion(document("better", overall, ("over", "under"))).startswith(words)


def test_without_strategies_the_sentence_is_about_the_threshold() -> None:
    assert (
        conclusion(document("", "", ()))
        == "With no strategy F1 is 0.7000 at 0.5 and 0.7000 at a chosen threshold."
    )
