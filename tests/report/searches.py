"""Searches of all kinds, to be drawn, and what the tests of drawings look for in them."""

from __future__ import annotations

import math
import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
from hypothesis import strategies as st

from steelyard.run import RunStatus
from steelyard.study import Choice, Plan, Range, Space, Trial, TrialState
from tests.studies import plan_of, trial_of

SPACE = Space(
    parameters=(
        Range(path="optimizer.learning_rate", low=1e-5, high=1e-1, log=True),
        Range(path="optimizer.weight_decay", low=0.0, high=0.1),
        Choice(path="network.activation", values=("relu", "a <name> that is & stays very long")),
        Choice(path="network.hidden_units.length", values=(1, 2)),
        Choice(path="network.hidden_units.0", values=(16, 32)),
        Choice(path="network.hidden_units.1", values=(16, 32), when={"network.hidden_units.length": (2,)}),
        Choice(path="training.patience", values=(None, 5, True, (1, 2))),
        Choice(path="network.dropout", values=(0.2,)),
    )
)


@st.composite
def searches(draw: st.DrawFn) -> tuple[Plan, list[Trial]]:
    """Any number of trials in any state, scored by a metric that should rise or one that should fall."""
    falls = draw(st.booleans())
    metrics = ("log_loss",) if falls else ("average_precision",)
    plan = plan_of(SPACE, folds=draw(st.integers(1, 3)), metrics=metrics)
    trials = []
    for number in draw(st.lists(st.integers(0, 300), max_size=25, unique=True)):
        point: dict[str, Any] = {}
        for parameter in SPACE.parameters:
            if any(point.get(path) not in values for path, values in parameter.when.items()):
                continue
            if isinstance(parameter, Choice):
                point[parameter.path] = draw(st.sampled_from(parameter.values))
            else:
                point[parameter.path] = draw(st.floats(parameter.low, parameter.high))
        state = draw(st.sampled_from([TrialState.COMPLETE, TrialState.COMPLETE, TrialState.PRUNED]))
        status = draw(st.sampled_from([RunStatus.COMPLETED, RunStatus.COMPLETED, RunStatus.DIVERGED]))
        score = draw(st.floats(0.01, 0.99))
        worst = math.inf if falls else 0.0
        epochs = draw(st.integers(1, 6))
        series = np.array(draw(st.lists(st.floats(0.01, 0.9), min_size=epochs, max_size=epochs)), np.float32)
        if draw(st.booleans()):
            series[-1] = np.nan
        curves = dict.fromkeys(("train_loss", "validation_loss", f"validation_{metrics[0]}"), series)
        trials.append(
            trial_of(
                plan,
                number,
                worst if status is RunStatus.DIVERGED else score,
                point=point,
                state=state,
                status=status,
                epochs=epochs,
                best_epoch=draw(st.integers(0, epochs)),
                curves=lambda fold, seed, own=curves: own,
            )
        )
    if draw(st.booleans()):
        trials.append(Trial(number=999, point={}, state=TrialState.RUNNING))
    return plan, trials


def sound(svg: str) -> ElementTree.Element:
    """The drawing, well formed, described, without numbers that are none and with all of it on its sheet."""
    root = ElementTree.fromstring(svg)
    assert root.get("aria-label") and root.get("role") == "img"
    body = svg[svg.index("</style>") :]
    drawn = re.sub(r"<title>.*?</title>|>[^<]*<", "><", body)
    assert "nan" not in drawn and "inf" not in drawn
    assert "id=" not in drawn
    width, height = float(root.get("width", "0")), float(root.get("height", "0"))
    for element in root.iter():
        for name, most in (("x", width), ("y", height), ("x1", width), ("y1", height)):
            if (value := element.get(name)) is not None:
                assert -1.0 <= float(value) <= most, (element.tag, name, value)
    return root


def texts(svg: str) -> list[str]:
    """All that is written, tooltips apart."""
    root = ElementTree.fromstring(svg)
    return [element.text or "" for element in root.iter() if element.tag.endswith("}text")]


def titles(svg: str) -> list[str]:
    """What a pointer is told."""
    root = ElementTree.fromstring(svg)
    return [element.text or "" for element in root.iter() if element.tag.endswith("}title")]


def paths(svg: str, style: str) -> list[str]:
    """The paths of exactly these classes."""
    root = ElementTree.fromstring(svg)
    return [
        element.get("d", "")
        for element in root.iter()
        if element.tag.endswith("}path") and element.get("class") == style
    ]
