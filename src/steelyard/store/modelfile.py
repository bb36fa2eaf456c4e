"""A model as bytes, and back: tensors as safetensors, all else as JSON. Nothing in them can run.

Tensors are called ``<network number>/<tensor of the network>`` (``0/dense/kernel``) and
``encoding/<array>`` (``encoding/shift``, ``encoding/slots/<category column>``).
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import Field, TypeAdapter, ValidationError
from safetensors import SafetensorError
from safetensors.numpy import load as load_tensors
from safetensors.numpy import save as save_tensors

from steelyard.data import FIRST_LEVEL, CategoryEncoding, Encoding, Schema
from steelyard.data.calibrator import Calibrator
from steelyard.recipe.network import Network
from steelyard.run import Model, Readout, Weights, weight_shapes
from steelyard.store.layout import FORMAT

Tensors = Mapping[str, NDArray[Any]]

_NUMERIC_ARRAYS = ("shift", "scale", "fill", "inverse_clip")


class ModelFileError(Exception):
    """The bytes are not a model that this version can use; the text says why, as a clause."""


@dataclass(frozen=True)
class _Category:
    size: int
    embedding_dim: int
    names: tuple[str, ...]


_Finite = Annotated[float, Field(allow_inf_nan=False)]
_Share = Annotated[float, Field(ge=0.0, le=1.0)]


@dataclass(frozen=True)
class _Readout:
    """:class:`Readout`; JSON has no NaN, so a base rate that is not known is null."""

    offset: _Finite
    calibrator: Calibrator | None
    threshold: Annotated[_Finite, Field(ge=-1.0, le=1.0)]
    objective: Annotated[str, Field(min_length=1)]
    base_rate: _Share | None


@dataclass(frozen=True)
class _Document:
    """``model.json``. In format 1 there was no ``readout``: a probability was the sigmoid of the logit."""

    format: int
    schema: Schema
    categories: tuple[_Category, ...]
    network: Network
    networks: int
    readout: _Readout | None = None


_DOCUMENT = TypeAdapter(_Document)


def model_to_bytes(model: Model) -> tuple[bytes, bytes]:
    """The contents of ``model.json`` and of ``model.safetensors``."""
    document = _Document(
        format=FORMAT,
        schema=model.schema,
        categories=tuple(_Category(c.size, c.embedding_dim, c.names) for c in model.encoding.categories),
        network=model.network,
        networks=len(model.weights),
        readout=_described(model.readout),
    )
    encoding = model.encoding
    tensors: dict[str, NDArray[Any]] = {
        f"encoding/{name}": getattr(encoding, name) for name in _NUMERIC_ARRAYS
    }
    tensors["encoding/indicators"] = encoding.indicators
    for column, category in enumerate(encoding.categories):
        tensors[f"encoding/slots/{column}"] = category.slots
    for number, weights in enumerate(model.weights):
        tensors |= {f"{number}/{name}": tensor for name, tensor in weights.items()}
    return _DOCUMENT.dump_json(document, indent=2), save_tensors(
        {name: np.ascontiguousarray(tensor) for name, tensor in tensors.items()}
    )


def model_from_bytes(document: bytes, tensors: bytes) -> Model:
    """The model; :class:`ModelFileError` if anything about it is not as it must be."""
    described = _read_document(document)
    try:
        arrays = load_tensors(tensors)
    except SafetensorError as error:
        raise ModelFileError(f"its tensors cannot be read: {error}") from None
    encoding = _encoding(described, arrays)
    weights = tuple(
        _weights(arrays, number, weight_shapes(described.network, encoding))
        for number in range(described.networks)
    )
    return Model(described.schema, encoding, described.network, weights, _readout(described))


def _described(readout: Readout) -> _Readout:
    return _Readout(
        offset=readout.offset,
        calibrator=readout.calibrator,
        threshold=readout.threshold,
        objective=readout.objective,
        base_rate=None if math.isnan(readout.base_rate) else readout.base_rate,
    )


def _readout(described: _Document) -> Readout:
    kept = described.readout
    if kept is None:
        if described.format > 1:
            raise ModelFileError("its description does not say how its logits are read (no readout)")
        return Readout()
    return Readout(
        offset=kept.offset,
        calibrator=kept.calibrator,
        threshold=kept.threshold,
        objective=kept.objective,
        base_rate=math.nan if kept.base_rate is None else kept.base_rate,
    )


def _read_document(document: bytes) -> _Document:
    try:
        content = json.loads(document)
    except ValueError as error:
        raise ModelFileError(f"its description is not JSON: {error}") from None
    version = content.get("format") if isinstance(content, dict) else None
    if not isinstance(version, int):
        raise ModelFileError("its description has no format version")
    if version > FORMAT:
        raise ModelFileError(
            f"it has format {version}; this version of Steelyard reads formats up to {FORMAT}"
        )
    try:
        return _DOCUMENT.validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(step) for step in first["loc"])
        raise ModelFileError(f"its description is wrong at {place}: {first['msg']}") from None


def _encoding(described: _Document, arrays: Tensors) -> Encoding:
    columns = len(described.schema.numeric)
    levels = [len(column.levels) for column in described.schema.categories]
    if len(levels) != len(described.categories):
        raise ModelFileError(
            f"it encodes {len(described.categories)} categories; its schema has {len(levels)}"
        )
    numeric = {name: _tensor(arrays, f"encoding/{name}", np.float32, (columns,)) for name in _NUMERIC_ARRAYS}
    indicators = _tensor(arrays, "encoding/indicators", np.int32, None)
    _within(indicators, 0, columns, "encoding/indicators")
    categories = []
    for column, (known, category) in enumerate(zip(levels, described.categories, strict=True)):
        name = f"encoding/slots/{column}"
        slots = _tensor(arrays, name, np.int32, (FIRST_LEVEL + known,))
        _within(slots, -1, category.size, name)
        categories.append(CategoryEncoding(slots, category.size, category.embedding_dim, category.names))
    return Encoding(**numeric, indicators=indicators, categories=tuple(categories))


def _weights(arrays: Tensors, number: int, shapes: Mapping[str, tuple[int, ...]]) -> Weights:
    return {name: _tensor(arrays, f"{number}/{name}", np.float32, shape) for name, shape in shapes.items()}


def _tensor(
    arrays: Tensors, name: str, dtype: type[np.generic], shape: tuple[int, ...] | None
) -> NDArray[Any]:
    if name not in arrays:
        raise ModelFileError(f"tensor {name} is missing")
    tensor = arrays[name]
    if tensor.dtype != dtype:
        raise ModelFileError(f"tensor {name} is {tensor.dtype}, not {np.dtype(dtype)}")
    if tensor.ndim != 1 if shape is None else tensor.shape != shape:
        raise ModelFileError(f"tensor {name} has shape {tensor.shape}; its network and encoding need {shape}")
    return tensor


def _within(values: NDArray[Any], low: int, end: int, name: str) -> None:
    if ((values < low) | (values >= end)).any():
        raise ModelFileError(f"tensor {name} holds numbers outside {low} to {end - 1}")
