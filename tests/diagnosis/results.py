"""Diagnoses written by hand, for tests of what is made of them."""

from __future__ import annotations

from typing import Any

from steelyard.diagnosis.answers import Answer
from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.finding import Confidence, Finding, Result, Severity, Status
from steelyard.recipe import Change


def finding(
    code: str = "OPT308", name: str = "loss_not_finite", severity: Severity = Severity.ERROR, **more: Any
) -> Finding:
    """A finding with little in it."""
    return Finding(
        code, name, severity, more.pop("confidence", Confidence.LIKELY), **{"message": "It is so.", **more}
    )


def fired(found: Finding) -> Result:
    return Result(found.code, found.name, Status.FIRED, finding=found)


def passed(code: str = "OPT301", name: str = "loss_falls_slowly", reason: str = "it falls") -> Result:
    return Result(code, name, Status.PASSED, reason)


def unknown(*missing: str, code: str = "ARC503", name: str = "hidden_layers_all_linear") -> Result:
    return Result(code, name, Status.NOT_APPLICABLE, "not known: ...", missing=missing)


def diagnosis(*results: Result, **more: Any) -> Diagnosis:
    return Diagnosis(**{"source": "history.csv", "format": "csv logger", "results": results, **more})


def rich() -> Diagnosis:
    """One of everything."""
    gravest = finding(
        confidence=Confidence.CERTAIN,
        message="The loss is not a number from epoch 3 on.",
        evidence={"first_epoch": 3, "loss": float("nan"), "split": "training"},
        epochs=(3, 4, 5),
        changes=(Change("optimizer.learning_rate", 0.0001), Change("network.hidden_units", [64, 32], "safe")),
        advice="Look for missing values.",
        settle="Look at the inputs.",
    )
    smell = finding("COL206", "accuracy_says_nothing", Severity.SMELL, message="Accuracy says nothing.")
    masked = finding("REG401", "overfitting", Severity.WARNING, message="It rises.")
    ignored = finding("DAT603", "tail_unlike_the_rest", Severity.WARNING, message="The tail differs.")
    return diagnosis(
        fired(smell),
        fired(gravest),
        passed(),
        unknown("layers"),
        Result("REG401", "overfitting", Status.MASKED, "explained by OPT308", masked),
        Result("DAT603", "tail_unlike_the_rest", Status.IGNORED, "--ignore", ignored),
        answers=(Answer("Is it overfitting?", "No: it diverged.", ("OPT308",)),),
        notes=("one line was torn",),
    )
