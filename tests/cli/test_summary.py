"""The summary says what its document says, and warns where numbers mislead."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from steelyard.calibration import choose_calibrator
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


# --- Probabilities and labels -------------------------------------------------------------------------------


def counts(threshold: float, **changes: Any) -> dict[str, Any]:
    shares = {"precision": 0.4, "recall": 0.8, "f1": 0.5333}
    matrix = {"tp": 742, "fp": 1113, "fn": 186, "tn": 6197}
    return {"threshold": threshold, **matrix, **shares, "measure": {"name": "f1", "value": 0.5333}, **changes}


def decided(**changes: Any) -> dict[str, Any]:
    """A document with a decision, of which some entries are changed."""
    estimate = {"value": 0.7912, "low": 0.77, "high": 0.81}
    metrics = dict.fromkeys(
        ("roc_auc", "average_precision", "log_loss", "brier", "calibration_slope"), estimate
    )
    confusion = {"at_threshold": counts(0.18957), "at_half": counts(0.5, tp=10)}
    decision = {
        "offset": 0.0,
        "base_rate": 0.1127,
        "trained_rate": 0.1127,
        "calibration": {
            "asked": "auto",
            "calibrator": None,
            "log_loss_before": 0.26,
            "log_loss_after": 0.26,
            "rows": 8238,
            "positives": 928,
            "folds": 5,
            "reason": "no improvement beyond noise",
        },
        "threshold": {
            "value": 0.18957,
            "asked": "f1",
            "objective": "f1",
            "chosen": {"measure": "f1", "value": 0.55, "reached": True, "note": ""},
        },
        "confusion": {"validation": confusion, "test": confusion},
        **changes.pop("decision", {}),
    }
    book = {
        "preprocessing": "train",
        "epoch": "validation",
        "calibrator": "validation",
        "threshold": "validation",
        "test": {"mark": "1", "readings": 1, "earlier": []},
        **changes.pop("bookkeeping", {}),
    }
    evaluation = {"part": "test", "mean_probability": 0.1101, "metrics": metrics}
    return document(**{"decision": decision, "bookkeeping": book, "evaluation": evaluation, **changes})


def threshold(objective: str, chosen: dict[str, Any] | None, asked: str = "") -> dict[str, Any]:
    told = {"value": 0.18957, "asked": asked or objective, "objective": objective, "chosen": chosen}
    return {"threshold": told}


def chosen(measure: str, value: float, note: str = "") -> dict[str, Any]:
    return {"measure": measure, "value": value, "reached": not note, "note": note}


def table(text: str) -> list[list[str]]:
    """The confusion matrices: header and rows."""
    lines = text.splitlines()
    start = next(number for number, line in enumerate(lines) if line.lstrip().startswith("on test rows"))
    return [line.split() for line in lines[start : start + 3]]


def test_the_confusion_matrix_at_the_threshold_and_at_half() -> None:
    text = summary(decided(), RUN)
    assert "labelled yes above 0.1896, chosen for f1 on validation rows (0.5500 there):" in text
    assert table(text) == [
        ["on", "test", "rows", "TP", "FP", "FN", "TN", "precision", "recall", "F1"],
        ["above", "0.1896", "742", "1,113", "186", "6,197", "0.4000", "0.8000", "0.5333"],
        ["above", "0.5", "10", "1,113", "186", "6,197", "0.4000", "0.8000", "0.5333"],
    ]


def test_scores_have_their_intervals() -> None:
    lines = {line.strip().split("  ")[0]: line.split()[-4:] for line in summary(decided(), RUN).splitlines()}
    assert lines["95% interval, low"] == ["0.7700"] * 4
    assert lines["95% interval, high"] == ["0.8100"] * 4


def test_an_objective_that_is_no_column_gets_one() -> None:
    cost = counts(0.18957, measure={"name": "cost", "value": 0.31})
    half = counts(0.5, measure={"name": "cost", "value": 0.7})
    purpose = threshold("cost fp=1 fn=10", chosen("cost", 0.3))
    matrices = {"confusion": {"test": {"at_threshold": cost, "at_half": half}}}
    text = summary(decided(decision={**purpose, **matrices}), RUN)
    assert "chosen for cost fp=1 fn=10 on validation rows (cost 0.3000 there):" in " ".join(text.split())
    assert [row[-1] for row in table(text)] == ["cost", "0.3100", "0.7000"]


@pytest.mark.parametrize(
    ("objective", "words"),
    [("0.5", "labelled yes above 0.5, as asked:"), ("as_trained", ", as the training implies:")],
)
def test_a_threshold_of_a_half_is_told_once(objective: str, words: str) -> None:
    half = counts(0.5)
    matrices = {"confusion": {"test": {"at_threshold": half, "at_half": half}}}
    text = summary(decided(decision={**threshold(objective, None), **matrices}), RUN)
    assert words in text
    assert sum(line.startswith("  above ") for line in text.splitlines()) == 1


def test_calibration_is_told() -> None:
    text = paragraph(summary(decided(), RUN), "calibrated")
    assert text == (
        "no (no improvement beyond noise). On the test rows 11.3% are positive, the mean probability is 11%, "
        "and the slope is 0.79 (0.77 to 0.81; ideal: 1)"
    )
    kept = {
        "asked": "auto",
        "calibrator": {"name": "logistic", "slope": 0.8, "intercept": 0.0},
        "log_loss_before": 0.27,
        "log_loss_after": 0.26,
        "rows": 8238,
        "reason": "it improves: log loss 0.27000 becomes 0.26000",
    }
    text = paragraph(summary(decided(decision={"calibration": kept}), RUN), "calibrated")
    assert text.startswith(
        "by a logistic map, as it improves them: log loss 0.27000 becomes 0.26000 on 8,238 validation rows."
    )
    reason = choose_calibrator([-1.0, 0.0, 1.0], [0, 0, 1], "beta").reason
    few = {**kept, "asked": "beta", "reason": reason, "log_loss_after": None}
    assert "as asked: log loss 0.27000 becomes a value that so few rows do not tell" in paragraph(
        summary(decided(decision={"calibration": few}), RUN), "calibrated"
    )
    assert paragraph(summary(decided(decision={"calibration": None}), RUN), "calibrated").startswith(
        "no: there"
    )


def test_the_prior_is_told_where_training_shifted_it() -> None:
    assert "\nprior " not in summary(decided(), RUN)
    text = summary(decided(decision={"offset": 2.06, "trained_rate": 0.5}), RUN)
    assert paragraph(text, "prior") == (
        "trained as if 50% were positive; the probabilities are for the base rate of the training rows, 11.3%"
    )
    calibrated = {"offset": 2.06, "trained_rate": 0.5, "base_rate": 0.309, "base_rate_of": "validation"}
    assert paragraph(summary(decided(decision=calibrated), RUN), "prior").endswith(
        "the probabilities are for the base rate of the validation rows they were calibrated on, 30.9%"
    )
    plain = {**calibrated, "offset": 0.0}
    assert paragraph(summary(decided(decision=plain), RUN), "prior") == (
        "the probabilities are for the base rate of the validation rows they were calibrated on, 30.9%"
    )
    unknown = {**calibrated, "base_rate": None, "base_rate_of": None}
    assert paragraph(summary(decided(decision=unknown), RUN), "prior").endswith(
        "which base rate is not known"
    )


def test_who_chose_what_is_told() -> None:
    assert paragraph(summary(decided(), RUN), "rows used") == (
        "training rows chose the preprocessing; validation rows chose the epoch, the calibrator and the "
        "threshold; test rows were read once"
    )
    book = {"epoch": "train", "calibrator": None, "threshold": None}
    again = {"test": {"mark": "1", "readings": 8, "earlier": [f"bank-{n}" for n in range(1, 8)]}}
    text = paragraph(summary(decided(bookkeeping={**book, **again}), RUN), "rows used")
    assert text.startswith("training rows chose the preprocessing and the epoch; test rows were read 8 times")
    assert "by bank-1, bank-2, bank-3, bank-4, bank-5 and 2 more before" in text


def test_what_a_reader_of_the_threshold_should_know() -> None:
    note = "no threshold has a precision of 0.9; the highest is 0.667, on 3 rows"
    text = summary(decided(decision=threshold("precision>=0.9", chosen("recall", 0.1, note))), RUN)
    assert paragraph(text, "note") == f"threshold for precision>=0.9: {note}"
    text = summary(decided(decision=threshold("as_trained", None, asked="f1")), RUN)
    assert paragraph(text, "note").startswith("no threshold was chosen for f1: there are no validation rows")


def test_probabilities_and_labels_fit_into_a_narrow_terminal() -> None:
    wide = {"tp": 1_000_000, "fp": 2_000_000, "fn": 3_000_000, "tn": 4_000_000}
    measure = {"name": "balanced_accuracy", "value": 0.5}
    matrix = counts(0.00012345, **wide, measure=measure)
    purpose = threshold("balanced_accuracy", chosen("balanced_accuracy", 0.5))
    matrices = {"confusion": {"test": {"at_threshold": matrix, "at_half": matrix}}}
    again = {"test": {"mark": "1", "readings": 9, "earlier": ["a-rather-long-name-of-a-run"] * 8}}
    text = summary(decided(decision={**purpose, **matrices, "offset": 1.0}, bookkeeping=again), RUN)
    own = [line for line in text.splitlines() if "000,000" not in line and "balanced accuracy" not in line]
    assert max(len(line) for line in own) <= WIDTH


def test_a_run_of_before_decisions_is_still_told() -> None:
    assert "labelled" not in summary(document(), RUN)
    assert "rows used" not in summary(document(), RUN)


def test_interrupted_intervals_leave_their_place_empty() -> None:
    text = summary(decided(evaluation=None), RUN)
    assert "95% interval" not in text
    assert paragraph(text, "calibrated") == "no (no improvement beyond noise)"


def test_few_positives_are_told_once() -> None:
    few = {"scores": {"test": scores(positives=15)}}
    assert "only 15 test rows" in summary(decided(**few), RUN)
    warned = summary(decided(**few, warnings=["D107: the test rows hold 15 positives"]), RUN, warnings=False)
    assert "only 15 test rows" not in warned
