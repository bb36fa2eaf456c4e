"""Hypothesis strategies for spaces that are right for the default recipe."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from steelyard.study import Space
from steelyard.tuning.space import space_from

ADAPTIVE = ["adam", "adamw", "nadam", "rmsprop"]


@st.composite
def ranges(draw: st.DrawFn, low: float, high: float, endless: bool = True) -> Any:
    """A range inside bounds above 0, or some values of it."""
    first, last = sorted(draw(st.tuples(st.floats(low, high), st.floats(low, high))))
    if first == last or draw(st.booleans()):
        return sorted({first, last})
    if endless:
        return {"low": first, "high": last, "log": draw(st.booleans())}
    return {"low": 0.0, "high": 0.75, "step": 0.25}


@st.composite
def whole_ranges(draw: st.DrawFn, low: int, high: int) -> Any:
    first = draw(st.integers(low, high - 1))
    last = draw(st.integers(first + 1, high))
    return draw(
        st.sampled_from(
            [
                {"low": first, "high": last, "log": first > 0},
                {"low": first, "high": last},
                {"low": first, "high": first + 2 * (last - first), "step": 2},
                [first, last],
            ]
        )
    )


@st.composite
def spaces(draw: st.DrawFn, endless: bool = True) -> Space:
    """Some of these parameters, in any order, dotted or nested."""
    tables: dict[str, Any] = {
        "optimizer.name": draw(st.permutations(["sgd", *ADAPTIVE])),
        "optimizer.momentum": {
            "when": {"optimizer.name": draw(st.sampled_from(["sgd", ["sgd"], ["sgd", "rmsprop"]]))},
            "values": [0.0, 0.5, 0.9],
        },
        "optimizer.learning_rate.sgd": {
            "low": 0.25,
            "high": 0.75,
            "step": 0.25,
            "when": {"optimizer": {"name": "sgd"}},
        },
        "optimizer.learning_rate.adaptive": {
            "values": [0.001, 0.01],
            "when": {"optimizer.name": draw(st.permutations(ADAPTIVE))},
        },
        "network.dropout": draw(ranges(0.01, 0.9, endless)),
        "network.activation": draw(st.permutations(["relu", "tanh", "selu"])),
        "network.hidden_units": draw(
            st.sampled_from([[8, 4], [[8, 4], [16], []]])
            | st.fixed_dictionaries(
                {
                    "length": st.sampled_from([[1, 2], [2], 1, [0, 3], {"low": 1, "high": 3}]),
                    "each": whole_ranges(1, 6),
                }
            )
        ),
        "imbalance.strategy": draw(st.permutations(["weights", "focal", "smote"])),
        "loss.gamma": {"values": [1, 2.5], "when": {"imbalance.strategy": "focal"}},
        "imbalance.resampling": {"ratio": {"values": [0.5, 1], "when": {"imbalance.strategy": "smote"}}},
        "training.epochs": draw(whole_ranges(1, 12)),
        "training.patience": [5, "off"],
        "training.shuffle": [True, False],
        "training.min_delta": 0.01,
    }
    wanted = draw(st.sets(st.sampled_from(sorted(tables)), min_size=1))
    if any(path.startswith("optimizer.") for path in wanted):
        wanted |= {"optimizer.name"}
    if {"loss.gamma", "imbalance.resampling"} & wanted:
        wanted |= {"imbalance.strategy"}
    if wanted <= {"training.min_delta", "network.hidden_units"}:
        wanted |= {"training.shuffle"}
    order = draw(st.permutations(sorted(wanted)))
    return space_from({path: tables[path] for path in order})
