"""A model as one Python file that needs numpy alone.

The file is :mod:`steelyard.export.standalone`, which lies here as real code and is checked like all other,
with the model's data in place of two empty constants.
"""

from __future__ import annotations

import base64
from importlib import resources
from pprint import pformat
from typing import Any

import numpy as np
from numpy.typing import NDArray

from steelyard.calibration import calibrator_to_dict
from steelyard.data.encoding import CategoryEncoding
from steelyard.data.schema import FIRST_LEVEL, MISSING, UNSEEN, Column
from steelyard.export.stages import Stage, stages
from steelyard.recipe.network import ActivationLayer, BatchNormalization, Dense, Dropout
from steelyard.run import Model, Readout
from steelyard.store.environment import version_of
from steelyard.tables.dialect import MISSING_WORDS
from steelyard.tables.values import TRUTH

_MODEL = "MODEL: dict[str, Any] = {}"
_TENSORS = "TENSORS: list[dict[str, tuple[tuple[int, ...], str]]] = []"
_LINE = 110


def to_numpy_source(model: Model) -> str:
    """The text of a Python file that predicts with this model, given Python 3.9 or newer and numpy.

    As a program it reads a CSV file and writes predictions: ``python model.py table.csv > predictions.csv``.
    As a module it has ``predict_probability(columns)`` and ``encode(columns)``, where ``columns`` maps names
    to values. Nothing in it is unpickled or executed but the code that can be read; the weights are float32
    in base64. Its probabilities agree with :func:`steelyard.predict_probability` to about 1e-6.
    """
    source = resources.files("steelyard.export").joinpath("standalone.py").read_text(encoding="utf-8")
    described = pformat(_description(model), width=_LINE, sort_dicts=False)
    tensors = "\n".join(["[", *map(_network, model.weights), "]"])
    return _filled(_filled(source, _MODEL, described), _TENSORS, tensors)


def _filled(source: str, place: str, value: str) -> str:
    before, found, after = source.partition(place + "\n")
    assert found, f"standalone.py has no line {place!r}"
    return before + place[: place.rindex("=") + 2] + value + "\n" + after


def _description(model: Model) -> dict[str, Any]:
    schema, encoding = model.schema, model.encoding
    numbers = zip(
        schema.numeric,
        encoding.shift.tolist(),
        encoding.scale.tolist(),
        encoding.fill.tolist(),
        encoding.inverse_clip.tolist(),
        strict=True,
    )
    return {
        "made_by": f"steelyard {version_of('steelyard')}",
        "target": schema.target.name,
        "positive": schema.target.positive,
        "negative": schema.target.negative,
        "numbers": [_number(*number) for number in numbers],
        "indicators": encoding.indicators.tolist(),
        "categories": [
            _category(column, category)
            for column, category in zip(schema.categories, encoding.categories, strict=True)
        ],
        "layers": [
            _layer(stage)
            for stage in stages(model.network, model.weights[0], encoding)
            if not isinstance(stage.layer, Dropout)  # which acts in training only
        ],
        "table": [column.name for column in schema.columns],
        "readout": _readout(model.readout),
        "missing": set(MISSING_WORDS),
        "truth": {**{word: float(truth) for word, truth in TRUTH.items()}, "0": 0.0, "1": 1.0},
    }


def _readout(readout: Readout) -> dict[str, Any]:
    calibrator = None if readout.calibrator is None else calibrator_to_dict(readout.calibrator)
    return {
        "offset": readout.offset,
        "calibrator": calibrator,
        "threshold": readout.threshold,
        "chosen_for": readout.objective,
    }


def _number(column: Column, shift: float, scale: float, fill: float, inverse_clip: float) -> dict[str, Any]:
    return {
        "name": column.name,
        "kind": str(column.kind),
        "words": dict(zip(column.levels, (0.0, 1.0), strict=False)),
        "offset": column.offset,
        "shift": shift,
        "scale": scale,
        "fill": fill,
        "inverse_clip": inverse_clip,
    }


def _category(column: Column, category: CategoryEncoding) -> dict[str, Any]:
    slots = category.slots.tolist()
    return {
        "name": column.name,
        "embedded": bool(category.embedding_dim),
        "size": category.size,
        "missing": slots[MISSING],
        "unseen": slots[UNSEEN],
        "slots": dict(zip(column.levels, slots[FIRST_LEVEL:], strict=True)),
    }


def _layer(stage: Stage) -> dict[str, Any]:
    layer = stage.layer
    described: dict[str, Any] = {"layer": layer.layer}
    if stage.name:
        described["name"] = stage.name
    if isinstance(layer, Dense | ActivationLayer):
        described |= {"activation": layer.activation, "negative_slope": layer.negative_slope}
    if isinstance(layer, BatchNormalization):
        described["epsilon"] = layer.epsilon
    return described


def _network(weights: Any) -> str:
    return "\n".join(["    {", *(_tensor(name, tensor) for name, tensor in weights.items()), "    },"])


def _tensor(name: str, tensor: NDArray[np.float32]) -> str:
    text = base64.encodebytes(np.ascontiguousarray(tensor, "<f4").tobytes()).decode()
    return f'        {name!r}: ({tensor.shape!r}, """\n{text}"""),'
