"""A small valid file of each format, made here. Whoever adds a reader adds one."""

from __future__ import annotations

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

from steelyard.diagnosis.readers.crc32c import masked
from tests.diagnosis.readers.database_samples import DATABASE_SAMPLES
from tests.diagnosis.readers.mutations import Sample
from tests.diagnosis.readers.result_samples import RESULT_SAMPLES
from tests.diagnosis.readers.text_samples import TEXT_SAMPLES

HISTORY = {
    "accuracy": [0.5, 0.75, 0.875],
    "loss": [0.75, 0.5, 0.25],
    "val_accuracy": [0.5, 0.625, 0.75],
    "val_loss": [0.8, 0.6, 0.5],
    "learning_rate": [0.001, 0.001, 0.0005],
}
"""As ``model.fit(...).history`` of Keras 3 has it."""

CSV_LOGGER = """\
epoch,accuracy,loss,val_accuracy,val_loss
0,0.5400000214576721,0.9362967014312744,NA,NA
1,0.54666668176651,0.899528443813324,0.5799999833106995,0.8014164566993713
2,0.5622222423553467,nan,NA,NA
0,0.6044444441795349,0.7610749006271362,0.6399999856948853,0.68328458070755
"""
"""``validation_freq=2``, a loss that is no number, and a second training by ``append=True``."""

LIGHTNING = """\
epoch,lr-Adam,step,train_loss_epoch,train_loss_step,val_loss
0,0.01,4,,0.69808030128479,
0,,9,,,0.7243746519088745
0,,9,0.759925365447998,,
1,0.01,14,,0.645965576171875,
1,,19,,,0.6693450212478638
1,,19,0.7002907991409302,,
"""

SKORCH: list[dict[str, Any]] = [
    {
        "batches": [
            {"train_loss": 0.6, "train_batch_size": 128},
            {"train_loss": 0.7, "train_batch_size": 112},
            {"valid_loss": 0.5, "valid_batch_size": 60},
        ],
        "epoch": number,
        "dur": 0.01,
        "train_batch_count": 2,
        "train_loss": 0.65 - number / 100,
        "train_loss_best": True,
        "valid_loss": 0.5,
        "valid_loss_best": number == 1,
        "valid_acc": 0.65,
        "event_lr": 0.1,
    }
    for number in (1, 2)
]


def dense(units: int, activation: str | None, **more: Any) -> dict[str, Any]:
    """A dense layer as Keras 3 serializes it."""
    initializer = {"module": "keras.initializers", "class_name": "GlorotUniform", "config": {"seed": None}}
    return {
        "module": "keras.layers",
        "class_name": "Dense",
        "config": {"units": units, "activation": activation, "kernel_initializer": initializer, **more},
    }


MODEL: dict[str, Any] = {
    "module": "keras",
    "class_name": "Sequential",
    "config": {
        "name": "sequential",
        "layers": [
            {"class_name": "InputLayer", "config": {"batch_shape": [None, 5], "name": "input_layer"}},
            dense(8, "relu", kernel_regularizer={"class_name": "L2", "config": {"l2": 0.01}}),
            {"class_name": "Dropout", "config": {"rate": 0.2}},
            dense(1, "sigmoid", kernel_regularizer=None),
        ],
    },
    "compile_config": {
        "optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.001}},
        "loss": {"class_name": "BinaryCrossentropy", "config": {"from_logits": True, "label_smoothing": 0.1}},
        "metrics": ["accuracy", {"class_name": "AUC", "config": {"name": "prc", "curve": "PR"}}],
    },
}


def field(number: int, value: int | bytes) -> bytes:
    """A field of a protocol buffer: a varint or bytes with their length."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def varint(value: int) -> bytes:
    """A number in seven bits per byte, the lowest first."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def event(
    step: int, tag: str, tensor: bytes = b"", simple: float | None = None, metadata: bytes = b""
) -> bytes:
    """An event with one value, as TensorFlow writes it."""
    value = field(1, tag.encode())
    if simple is not None:
        value += varint(2 << 3 | 5) + struct.pack("<f", simple)
    if tensor:
        value += field(8, tensor)
    if metadata:
        value += field(9, metadata)
    time = varint(1 << 3 | 1) + struct.pack("<d", 1.79e9)
    return time + (field(2, step) if step else b"") + field(5, field(1, value))


def scalar(step: int, tag: str, number: float) -> bytes:
    """A scalar as a tensor, as TensorFlow 2 writes it."""
    tensor = field(1, 1) + field(2, b"") + field(4, struct.pack("<f", number))
    return event(step, tag, tensor, metadata=field(1, field(1, b"scalars")))


def first_event() -> bytes:
    """What every event file begins with."""
    return varint(1 << 3 | 1) + struct.pack("<d", 1.79e9) + field(3, b"brain.Event:2")


def model_event(model: Any) -> bytes:
    """The model's JSON as Keras' callback writes it."""
    return event(0, "keras", field(1, 7) + field(2, b"") + field(8, json.dumps(model).encode()))


def hyperparameters_event(parameters: Mapping[str, float | str]) -> bytes:
    """Hyperparameters as TensorBoard's plugin writes them."""
    entries = b"".join(
        field(1, field(1, name.encode()) + field(2, _protobuf_value(value)))
        for name, value in parameters.items()
    )
    metadata = field(1, field(1, b"hparams") + field(2, field(3, entries)))
    return event(0, "_hparams_/session_start_info", metadata=metadata)


def _protobuf_value(value: float | str) -> bytes:
    if isinstance(value, str):
        return field(3, value.encode())
    return varint(2 << 3 | 1) + struct.pack("<d", value)


def framed(records: Sequence[bytes]) -> bytes:
    """Records with their lengths and checksums."""
    out = b""
    for data in records:
        length = struct.pack("<Q", len(data))
        out += length + struct.pack("<I", masked(length)) + data + struct.pack("<I", masked(data))
    return out


def zipped(parts: Sequence[bytes]) -> bytes:
    """``config.json`` and ``metadata.json`` as Keras stores them."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, part in zip(("metadata.json", "config.json"), parts, strict=True):
            archive.writestr(zipfile.ZipInfo(name), part)
    return out.getvalue()


def hdf5(parts: Sequence[bytes]) -> bytes:
    """Not HDF5 as the library would read it, but its signature with the texts among other bytes."""
    return b"\x89HDF\r\n\x1a\n" + b"".join(b"\x00\x01\x00\x00" + part + b"\x00" * 7 for part in parts)


def _json(content: Any) -> bytes:
    return json.dumps(content).encode()


EVENTS = (
    first_event(),
    model_event(MODEL),
    hyperparameters_event({"lr": 0.01, "act": "relu"}),
    *(
        scalar(epoch, tag, 0.9 - epoch / 10)
        for epoch in range(2)
        for tag in ("epoch_loss", "epoch_accuracy", "epoch_learning_rate")
    ),
    event(0, "evaluation_loss_vs_iterations", simple=0.5),
)

SAMPLES: tuple[Sample, ...] = (
    Sample("tensorboard", "events.out.tfevents.1.host.1.0.v2", EVENTS, framed),
    Sample("keras model", "m.keras", (b'{"keras_version": "3.15.1"}', _json(MODEL)), zipped),
    Sample("keras model", "m.h5", (_json(MODEL), _json(MODEL["compile_config"])), hdf5),
    Sample("keras model", "m.json", (_json(MODEL),)),
    Sample("skorch", "history.json", (_json(SKORCH),)),
    Sample("keras history", "history.json", (_json(HISTORY),)),
    Sample(
        "keras history",
        "whole.json",
        (_json({"history": HISTORY, "epoch": [0, 1, 2], "params": {"epochs": 3}}),),
    ),
    Sample("lightning", "metrics.csv", (LIGHTNING.encode(),)),
    Sample("csv logger", "log.csv", (CSV_LOGGER.encode(),)),
    Sample("pickle", "history.pkl", (pickle.dumps(HISTORY),)),
    *DATABASE_SAMPLES,
    *RESULT_SAMPLES,
    *TEXT_SAMPLES,
)
"""All of them, by the name of the reader; no reader of the registry is for a trusted
``pickle`` and for a table with a ``column map``."""
