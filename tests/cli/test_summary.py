"""The summary says what its document says, and warns where numbers mislead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from steelyard.cli.summary import WIDTH, summary

RUN = Path("runs/bank-1")


def scores(**changes: Any) -> dict[str, Any]:
    return {
        "rows": 8238,
        "positives": 928,
        "roc_auc": 0.7912,
        "average_precision": 0.4512,
        "log_loss": 0.2711,
        "brier": 0.0789,
        "base_rate": 0.11265,
        "base_rate_entropy": 0.352,
        **changes,
    }


def document(**changes: Any) -> dict[str, Any]:
    def column(name: str, kind: str, reason: str = "", missing: int = 0) -> dict[str, Any]:
        return {"name": name, "kind": kind, "reason": reason, "levels": 0, "missing": missing}

    return {
        "status": "stopped_early",
        "reason": "no improvement for 12 epochs after epoch 17",
        "advice": [],
        "data": {
            "source": "bank.csv",
            "rows": 41_188,
            "positives": 4640,
            "base_rate": 0.11265,
            "target": {"name": "y", "positive": "yes", "negative": "no", "positive_by_default": True},
            "columns": [
                column("age", "numeric", missing=12),
                column("job", "category"),
                column("duration", "dropped", "as asked", missing=3),
            ],
        },
        "split": {"method": "at random", "rows": {"train": 24_712, "validation": 8238, "test": 8238}},
        "best_epoch": 17,
        "epochs": 29,
        "networks": [{"best_epoch": 17, "scores": {"validation": scores(), "test": scores()}}],
        "scores": {"validation": scores(roc_auc=0.8), "test": scores()},
        "baselines": {"prevalence": {"test": scores(roc_auc=0.5)}},
        "notes": [],
        "warnings": [],
        "seconds": 3.21,
        **changes,
    }


def paragraph(text: str, label: str) -> str:
    """What stands behind a label, its lines joined."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"{label} "))
    end = start + 1
    while end < len(lines) and lines[end].startswith(" " * 11):
        end += 1
    return " ".join(" ".join(lines[start:end]).split()).removeprefix(label).strip()


def test_it_tells_data_split_and_training() -> None:
    text = summary(document(), RUN)
    assert paragraph(text, "data") == "bank.csv: 41,188 rows; 2 columns used (1 numeric, 1 category)"
    assert paragraph(text, "left out") == "duration (as asked)"
    assert paragraph(text, "missing") == "values of age (12)"
    assert "y = yes (the rarer label; the other is no): 4,640 of 41,188 rows" in paragraph(text, "positive")
    assert paragraph(text, "split") == "24,712 train, 8,238 validation, 8,238 test; at random"
    assert paragraph(text, "training") == "29 epochs in 3.2 s, best epoch 17"
    assert paragraph(text, "status") == "stopped early: no improvement for 12 epochs after epoch 17"
    assert paragraph(text, "run") == "runs/bank-1"


def test_scores_stand_above_their_floors() -> None:
    lines = {line.strip().split("  ")[0]: line.split()[-4:] for line in summary(document(), RUN).splitlines()}
    assert lines["this model"] == ["0.7912", "0.4512", "0.2711", "0.0789"]
    assert lines["prevalence"] == ["0.5000", "0.4512", "0.2711", "0.0789"]
    assert lines["floor"] == ["0.5000", "0.1127", "0.3520", "0.1000"]
    assert lines["this model, validation rows"] == ["0.8000", "0.4512", "0.2711", "0.0789"]


def test_it_fits_into_a_narrow_terminal() -> None:
    networks = [{"best_epoch": 17, "scores": {"test": scores(roc_auc=None)}}] * 12
    many = document(networks=networks, notes=["word " * 40], warnings=["word " * 40])
    assert max(len(line) for line in summary(many, RUN).splitlines()) <= WIDTH


def test_an_undefined_score_is_a_dash() -> None:
    text = summary(document(scores={"test": scores(roc_auc=None, positives=0)}), RUN)
    assert any(line.split()[:3] == ["this", "model", "-"] for line in text.splitlines())


def test_without_test_rows_the_validation_rows_are_shown() -> None:
    only = document(
        scores={"validation": scores()},
        baselines={"prevalence": {"validation": scores()}},
    )
    assert "on 8,238 validation rows" in summary(only, RUN)


def test_without_any_scores_it_says_so() -> None:
    assert "no scores" in summary(document(scores={}, baselines={"prevalence": {}}), RUN)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"log_loss": 0.4}, "log loss is above its floor"),
        ({"positives": 15}, "only 15 test rows are positive"),
        ({"positives": 1}, "only 1 test row is positive"),
    ],
)
def test_it_warns_of_scores_that_mislead(change: dict[str, Any], words: str) -> None:
    assert "note" not in summary(document(), RUN)
    assert words in summary(document(scores={"test": scores(**change)}), RUN)


def test_a_diverged_run_is_called_no_model_to_rely_on() -> None:
    diverged = document(
        status="diverged",
        reason="the loss was not finite in epoch 2",
        advice=["optimizer.learning_rate=0.01", "network.hidden_units=[8, 8]"],
    )
    text = summary(diverged, RUN)
    assert "not a model to rely on" in paragraph(text, "status")
    assert paragraph(text, "try next") == (
        "the same with --set optimizer.learning_rate=0.01 --set 'network.hidden_units=[8, 8]'"
    )


def test_names_are_quoted_for_the_shell() -> None:
    assert "steelyard predict 'my runs/a-1' NEW.csv" in summary(document(), Path("my runs/a-1"))
