"""From the logits of networks to one probability, as nodes of an ONNX graph."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.calibration.applying import LARGEST_LOGIT
from steelyard.data.calibrator import Beta, Calibrator, Isotonic, Logistic, Temperature
from steelyard.export.onnx_graph import GraphBuilder
from steelyard.run import Readout


def add_probability(builder: GraphBuilder, readout: Readout, logits: Sequence[str]) -> str:
    """Adds what :class:`~steelyard.run.Readout` says; returns the name of the probability (rows, 1)."""
    if readout.offset:
        offset = _number(builder, "prior/offset", readout.offset)
        logits = [builder.node("Sub", [logit, offset], "prior/natural_logit") for logit in logits]
    if readout.calibrator is None:
        alone = [builder.node("Sigmoid", [logit], "network_probability") for logit in logits]
        return builder.node("Mean", alone, "mean_probability")
    return _calibrated(builder, readout.calibrator, _mean_logit(builder, logits))


def _mean_logit(builder: GraphBuilder, logits: Sequence[str]) -> str:
    """The logit of the mean probability, within the bounds that calibrators have.

    Of several networks it is ``log(mean p) - log(mean (1 - p))`` with ``p = 1 / (1 + exp(-z))`` and
    ``1 - p = 1 / (1 + exp(z))``: in float32 a difference of 1 and p has no digits where p is near 1, and
    neither has onnxruntime's Sigmoid, which treats all logits beyond 18 alike.
    """
    low = _number(builder, "calibrator/low", -LARGEST_LOGIT)
    high = _number(builder, "calibrator/high", LARGEST_LOGIT)
    bounded = [builder.node("Clip", [logit, low, high], "calibrator/logit") for logit in logits]
    if len(bounded) == 1:
        return bounded[0]
    one = _number(builder, "mean/one", 1.0)
    negated = [builder.node("Neg", [z], "mean/negated") for z in bounded]
    logs = []
    for side, exponents in (("positive", negated), ("negative", bounded)):
        parts = []
        for exponent in exponents:
            odds = builder.node("Exp", [exponent], f"mean/{side}_odds")
            whole = builder.node("Add", [odds, one], f"mean/{side}_whole")
            parts.append(builder.node("Reciprocal", [whole], f"mean/{side}_share"))
        logs.append(builder.node("Log", [builder.node("Mean", parts, f"mean/{side}")], f"mean/{side}_log"))
    return builder.node("Sub", logs, "mean/logit")


def _calibrated(builder: GraphBuilder, calibrator: Calibrator, z: str) -> str:
    match calibrator:
        case Logistic(slope=slope, intercept=intercept):
            result = _line(builder, z, slope, intercept)
        case Temperature(temperature=temperature):
            result = _line(builder, z, 1.0 / temperature, 0.0)
        case Beta():
            result = _beta(builder, calibrator, z)
        case Isotonic():
            return _isotonic(builder, calibrator, z)
    return builder.node("Sigmoid", [result], "calibrator/probability")


def _line(builder: GraphBuilder, z: str, slope: float, intercept: float) -> str:
    scaled = builder.node("Mul", [z, _number(builder, "calibrator/slope", slope)], "calibrator/scaled")
    return builder.node(
        "Add", [scaled, _number(builder, "calibrator/intercept", intercept)], "calibrator/line"
    )


def _beta(builder: GraphBuilder, calibrator: Beta, z: str) -> str:
    """``a log p - b log(1 - p) + c``, where ``-log p = softplus(-z)`` and ``-log(1 - p) = softplus(z)``."""
    low = builder.node("Softplus", [builder.node("Neg", [z], "calibrator/negated")], "calibrator/no_log")
    high = builder.node("Softplus", [z], "calibrator/yes_log")
    a, b = (
        _number(builder, f"calibrator/{name}", value)
        for name, value in (("a", -calibrator.a), ("b", calibrator.b))
    )
    left = builder.node("Mul", [low, a], "calibrator/left")
    right = builder.node("Mul", [high, b], "calibrator/right")
    both = builder.node("Add", [left, right], "calibrator/sides")
    return builder.node("Add", [both, _number(builder, "calibrator/c", calibrator.c)], "calibrator/line")


def _isotonic(builder: GraphBuilder, calibrator: Isotonic, z: str) -> str:
    """The first probability, and of every step between neighbouring points the share that z has climbed."""
    x = np.array(calibrator.logits)
    y = np.array(calibrator.probabilities)
    first = _number(builder, "calibrator/first", float(y[0]))
    rising = np.flatnonzero(np.diff(y) > 0.0)
    if not len(rising):
        zero = builder.node("Sub", [z, z], "calibrator/zero")
        return builder.node("Add", [zero, first], "calibrator/probability")
    foot, width = x[rising], np.diff(x)[rising]
    start = builder.constant("calibrator/step_from", foot.astype(np.float32)[None])
    inverse = builder.constant("calibrator/step_inverse", (1.0 / width).astype(np.float32)[None])
    over = builder.node("Sub", [z, start], "calibrator/over")
    climbed = builder.node("Mul", [over, inverse], "calibrator/climbed")
    bounds = [_number(builder, f"calibrator/{name}", value) for name, value in (("none", 0.0), ("all", 1.0))]
    share = builder.node("Clip", [climbed, *bounds], "calibrator/share")
    height = builder.constant("calibrator/height", np.diff(y)[rising].astype(np.float32)[:, None])
    rise = builder.node("MatMul", [share, height], "calibrator/rise")
    return builder.node("Add", [rise, first], "calibrator/probability")


def _number(builder: GraphBuilder, name: str, value: float) -> str:
    return builder.constant(name, np.array(value, np.float32))
