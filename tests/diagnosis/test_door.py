"""What a person may supply is named by flags at a command line, and by arguments in Python."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

import steelyard
import steelyard.diagnosis
from steelyard.diagnosis.door import Door
from steelyard.diagnosis.lacking import lacking
from steelyard.diagnosis.signals import SIGNALS
from steelyard.log import Facts
from tests.diagnosis.results import unknown

FLAG = re.compile(r"--[a-z]")


@pytest.mark.parametrize(
    ("flags", "arguments"),
    [
        ("--positives N --rows N", "validation=(x, y)"),
        ("--rows N, and a log with all its digits", "validation=(x, y), and a log with all its digits"),
        ("--class-weight, --l2 and --dropout", "class_weight=, l2= and dropout="),
        ("--l2 0.01 or --l2 0, --model FILE, or the code", "l2=0.01 or l2=0, model=, or the code"),
        (
            "--data FILE --target COLUMN with --split tail",
            'data=, target= with facts={"validation_way": "tail"}',
        ),
        ("--framework 'keras 2'", 'facts={"framework": "keras 2"}'),
        ("--seeds N", 'facts={"seeds": N}'),
        ("--initial-loss X", 'facts={"initial_loss": X}'),
        ("--from-logits or --not-from-logits", 'facts={"from_logits": True} or facts={"from_logits": False}'),
        ("--monitor val_loss --patience N --restore-best", 'facts={"stopping": Stopping(...)}'),
        ("--trust reads it", "trust=True reads it"),
        ("--column val_loss=NAME", 'columns={"val_loss": NAME}'),
        ("a dash -- and -v are no flags of this kind", "a dash -- and -v are no flags of this kind"),
        ("--unheard-of 3", "--unheard-of 3"),
    ],
)
def test_flags_as_arguments(flags: str, arguments: str) -> None:
    assert Door.PYTHON.words(flags) == arguments
    assert Door.COMMAND.words(flags) == flags


def said_in_the_package() -> Iterator[tuple[str, str]]:
    """All texts of the package that name a flag, docstrings and annotations of documents excepted."""
    for path in sorted(Path(steelyard.diagnosis.__file__).parent.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        documentation = {
            id(node.value)
            for node in ast.walk(tree)
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and isinstance(node.value, str)
                and id(node) not in documentation
                and FLAG.search(node.value)
            ):
                yield f"{path.name}:{node.lineno}", node.value


def test_every_flag_that_is_named_has_an_argument() -> None:
    texts = [(place, text) for place, text in said_in_the_package() if "door.py" not in place]
    assert len(texts) > 60
    left = [(place, told) for place, text in texts if FLAG.search(told := Door.PYTHON.words(text))]
    assert left == []


def test_the_arguments_are_there() -> None:
    known = set(inspect.signature(steelyard.diagnose).parameters)
    facts = {one.name for one in fields(Facts)}
    for _, text in said_in_the_package():
        told = Door.PYTHON.words(text)
        assert (
            set(re.findall(r"\b([a-z]\w*)=(?=[\s,.);{(\d]|$)", told)) - {"metrics", "validation_data"}
            <= known
        )
        assert set(re.findall(r'facts=\{"(\w+)"', told)) <= facts


def test_what_is_lacking_is_named_for_the_door() -> None:
    results = [unknown("layers", code="ARC501"), unknown("base_rate_validation", code="LOG905")]
    assert [lack.how for lack in lacking(results, Door.PYTHON)] == [
        "model=, or the code",
        "validation=(x, y)",
    ]
    assert SIGNALS["layers"][1] == "--model FILE, or the code"


def test_a_diagnosis_in_python_names_no_flag() -> None:
    (found,) = steelyard.diagnose({"loss": [0.6, 0.5, 0.45, 0.42], "val_loss": [0.6, 0.55, 0.5, 0.48]})
    page, html = str(found), found._repr_html_()
    assert not FLAG.search(page) and "--" not in html
    assert "supply     validation=(x, y):" in page
    assert "(validation=(x, y))" in page, "in an answer"
    assert "model=" in found["ARC501"].reason
