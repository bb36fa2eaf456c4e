"""The lines that Keras prints, times aside."""

from __future__ import annotations

import contextlib
import io
import re
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from steelyard.errors import RecipeError
from steelyard.keras.progress import ProgbarLogger, line, verbosity
from tests.keras.fakes import drive

ESCAPES = re.compile(r"\x1b\[\d+m|[\b\r]")
TIMES = re.compile(r"\d+s( -)? \d+([mu]?s)/step")


def plain(printed: str) -> str:
    return TIMES.sub("TIME", ESCAPES.sub("", printed))


@given(
    logs=st.lists(
        st.dictionaries(
            st.sampled_from(["accuracy", "loss", "val_accuracy", "val_loss", "learning_rate"]),
            st.floats(allow_nan=True, allow_infinity=True),
        ),
        min_size=1,
        max_size=3,
    ),
    verbose=st.sampled_from([0, 1, 2, 3, "auto"]),
)
def test_lines_are_those_of_keras(keras: ModuleType, logs: Any, verbose: Any) -> None:
    theirs = drive([keras.callbacks.ProgbarLogger()], logs, verbose=verbose).printed
    ours = drive([ProgbarLogger()], logs, verbose=verbose).printed
    assert plain(ours) == plain(theirs)
    assert "\x1b" not in ours and "\r" not in ours, "colours are for terminals"


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.0, "0s 0s/step"), (0.0049, "0s 49us/step"), (0.26, "0s 3ms/step"), (250.0, "250s 2s/step")],
)
def test_times(seconds: float, expected: str) -> None:
    assert line(100, seconds, {}, bar=True) == f"100/100 ━━━━━━━━━━━━━━━━━━━━ {expected}"


def test_colours_change_nothing_else() -> None:
    coloured = line(7, 1.0, {"loss": 0.5}, bar=True, colours=True)
    assert "\x1b[32m" in coloured
    assert ESCAPES.sub("", coloured) == line(7, 1.0, {"loss": 0.5}, bar=True)


def test_an_output_without_the_character_of_the_bar() -> None:
    raw = io.BytesIO()
    with contextlib.redirect_stdout(io.TextIOWrapper(raw, encoding="ascii", write_through=True)) as out:
        ProgbarLogger.on_epoch_end(_started(), 0, {"ä": 1.0})
        out.detach()
    assert plain(raw.getvalue().decode("ascii")) == "25/25 ==================== TIME - ?: 1.0000\n"


def _started() -> ProgbarLogger:
    logger = ProgbarLogger()
    logger.set_params({"verbose": 1, "epochs": 1, "steps": 25})
    with contextlib.redirect_stdout(io.StringIO()) as out:
        logger.on_epoch_begin(0)
    assert out.getvalue() == "", "one epoch alone has no number"
    return logger


@pytest.mark.parametrize("verbose", ["yes", -1, 0.5])
def test_verbosity_that_makes_no_sense(verbose: Any) -> None:
    with pytest.raises(RecipeError, match=r"^K210: verbose is "):
        verbosity(verbose)


def test_verbosity() -> None:
    assert [verbosity(verbose) for verbose in ("auto", 0, 1, 2, True, False)] == [1, 0, 1, 2, 1, 0]
