"""What is taken from one event file of TensorBoard.

Source: ``tensorflow/core/util/event.proto``, ``framework/summary.proto`` and ``framework/tensor.proto``, and
``tensorboard/plugins/hparams/plugin_data.proto``, by the numbers of their fields.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import jsonfile
from steelyard.diagnosis.readers.protobuf import Malformed, fields, signed
from steelyard.diagnosis.readers.tfrecord import Torn, records
from steelyard.errors import DataError

_MOST_TAGS = 5000
_LONGEST_TAG = 300
_MOST_HYPERPARAMETERS = 200
_LARGEST_STEP = 2**53
_FORMATS = {1: "<f", 2: "<d", 3: "<i", 9: "<q"}
"""``DT_FLOAT``, ``DT_DOUBLE``, ``DT_INT32``, ``DT_INT64``, as they lie in ``tensor_content``."""
_TEXT = 7
_MODEL = "keras"
_HYPERPARAMETERS = "_hparams_/session_start_info"


@dataclass
class Events:
    """Scalars by tag: steps and values in the order of the file."""

    scalars: dict[str, tuple[array[int], array[float]]] = field(default_factory=dict)
    model: Any = None
    """The configuration of Keras' model, as JSON has it."""
    hyperparameters: dict[str, float | str | bool] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def events_of(path: Path) -> Events:
    """The events up to the end or the first damage, which is noted.

    :class:`~steelyard.errors.DataError` if the file does not hold one whole event.
    """
    events = Events()
    for number, record in enumerate(records(path), start=1):
        if isinstance(record, Torn):
            if number == 1:
                raise DataError(f"{path} is no sound event file: {record.why} at byte {record.at}")
            events.notes.append(f"{path.name} is read up to byte {record.at}: {record.why}")
            break
        try:
            _take(record, events, path)
        except Malformed as error:
            events.notes.append(f"{path.name}: record {number} is left out: {error}")
            if len(events.notes) > 20:
                break
    return events


def _take(event: memoryview, events: Events, path: Path) -> None:
    step = 0
    summaries: list[memoryview] = []
    for number, value in fields(event):
        if number == 2 and isinstance(value, int):
            step = signed(value)
        elif number == 5 and isinstance(value, memoryview):
            summaries.append(value)
    if abs(step) > _LARGEST_STEP:
        raise Malformed(f"step {step}")
    for summary in summaries:
        for number, value in fields(summary):
            if number == 1 and isinstance(value, memoryview):
                _take_value(value, step, events, path)


def _take_value(value: memoryview, step: int, events: Events, path: Path) -> None:
    tag, simple, tensor, metadata = "", None, None, None
    for number, content in fields(value):
        if not isinstance(content, memoryview):
            continue
        if number == 1:
            tag = bytes(content[:_LONGEST_TAG]).decode(errors="replace")
        elif number == 2 and len(content) == 4:
            simple = float(struct.unpack("<f", content)[0])
        elif number == 8:
            tensor = content
        elif number == 9:
            metadata = content
    if tag == _HYPERPARAMETERS and metadata is not None:
        events.hyperparameters.update(_hyperparameters(metadata))
        return
    if tag == _MODEL and tensor is not None:
        for text in _texts(tensor):
            events.model = _json(text, path)
        return
    number_ = simple if tensor is None else _scalar(tensor)
    if number_ is None or not tag:
        return
    if tag not in events.scalars:
        if len(events.scalars) >= _MOST_TAGS:
            raise DataError(f"{path} has more than {_MOST_TAGS:,} different tags; a training logs a few")
        events.scalars[tag] = (array("q"), array("d"))
    steps, values = events.scalars[tag]
    steps.append(step)
    values.append(number_)


def _scalar(tensor: memoryview) -> float | None:
    """The number that a tensor without dimensions holds: in its ``tensor_content``, or in the list of its
    type (5 float, 6 double, 7 int, 10 int64)."""
    kind = 0
    found: float | None = None
    for number, content in fields(tensor):
        if number == 1 and isinstance(content, int):
            kind = content
        elif number == 2 and isinstance(content, memoryview) and len(content):
            return None  # it has dimensions
        elif number == 4 and isinstance(content, memoryview) and kind in _FORMATS:
            if len(content) == struct.calcsize(_FORMATS[kind]):
                found = float(struct.unpack(_FORMATS[kind], content)[0])
        elif number in (5, 6) and isinstance(content, memoryview) and len(content) in (4, 8):
            found = float(struct.unpack("<f" if len(content) == 4 else "<d", content)[0])
        elif number in (7, 10) and isinstance(content, int):
            found = float(signed(content))
    return found


def _texts(tensor: memoryview) -> Iterator[memoryview]:
    kind = 0
    for number, content in fields(tensor):
        if number == 1 and isinstance(content, int):
            kind = content
        elif number == 8 and isinstance(content, memoryview) and kind == _TEXT:
            yield content


def _json(text: memoryview, path: Path) -> Any:
    """The JSON of the model; what is none is no model."""
    try:
        return jsonfile.parse(bytes(text), f"the model in {path}", len(text))
    except DataError:
        return None


def _hyperparameters(metadata: memoryview) -> dict[str, float | str | bool]:
    """``SummaryMetadata.plugin_data.content.session_start_info.hparams``, a map of ``protobuf.Value``."""
    found: dict[str, float | str | bool] = {}
    for entry in _inside(metadata, (1, 2, 3, 1)):
        name, value = "", None
        for number, content in fields(entry):
            if number == 1 and isinstance(content, memoryview):
                name = bytes(content[:_LONGEST_TAG]).decode(errors="replace")
            elif number == 2 and isinstance(content, memoryview):
                value = _value(content)
        if value is not None and len(found) < _MOST_HYPERPARAMETERS:
            found[name] = value
    return found


def _inside(message: memoryview, path: tuple[int, ...]) -> Iterator[memoryview]:
    """All messages at a path of field numbers."""
    for number, content in fields(message):
        if number == path[0] and isinstance(content, memoryview):
            if len(path) == 1:
                yield content
            else:
                yield from _inside(content, path[1:])


def _value(message: memoryview) -> float | str | bool | None:
    for number, content in fields(message):
        if number == 2 and isinstance(content, memoryview) and len(content) == 8:
            return float(struct.unpack("<d", content)[0])
        if number == 3 and isinstance(content, memoryview):
            return bytes(content[:_LONGEST_TAG]).decode(errors="replace")
        if number == 4 and isinstance(content, int):
            return bool(content)
    return None
