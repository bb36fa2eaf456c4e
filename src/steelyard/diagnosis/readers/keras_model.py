"""A Keras model without its training: ``.keras``, ``.h5`` or the JSON of ``to_json()``.

Gives facts and no curves: what the layers are, how the model was compiled. Weights are not read.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import hdf5_texts, jsonfile, keras_archive
from steelyard.diagnosis.readers.keras_config import facts_of_model, is_model
from steelyard.errors import DataError
from steelyard.log import Facts, Log

_CLASS = re.compile(rb'"class_name"\s{0,20}:\s{0,20}"(?:Sequential|Functional|Model|[\w>]{1,80})"')


def sniff(head: bytes, path: Path) -> bool:
    """A zip with Keras' suffix or its members, HDF5, or a JSON object of a class with a config."""
    if head.startswith(hdf5_texts.SIGNATURE):
        return True
    if keras_archive.is_archive(head):
        return path.suffix.lower() == ".keras" or b"metadata.json" in head or b"config.json" in head
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    return start[:1] == b"{" and _CLASS.search(head) is not None and b'"config"' in head


def read(path: Path) -> tuple[Log, ...]:
    """One log, without a history."""
    return (Log(str(path), "keras model", facts=facts_of(path)),)


def facts_of(path: Path) -> Facts:
    """The facts in a model's file; :class:`~steelyard.errors.DataError` if it is none."""
    with path.open("rb") as file:
        head = file.read(8)
    if head.startswith(hdf5_texts.SIGNATURE):
        return _of_hdf5(path)
    metadata: Any = None
    if keras_archive.is_archive(head):
        content, metadata = keras_archive.config_and_metadata(path)
    else:
        content = jsonfile.load(path)
    if not is_model(content):
        raise DataError(
            f"{path} is no Keras model: its JSON has no class with layers",
            help="model.save('model.keras') or model.to_json() writes one",
        )
    version = metadata.get("keras_version") if isinstance(metadata, dict) else None
    return facts_of_model(content, str(path), version=version)


def _of_hdf5(path: Path) -> Facts:
    model: Any = None
    training: Any = None
    for text in hdf5_texts.texts(path):
        if model is None and is_model(text):
            model = text
        elif training is None and isinstance(text, dict) and {"optimizer_config", "loss"} & set(text):
            training = text
    if model is None:
        raise DataError(
            f"{path} is HDF5 and holds no Keras model: there is no model_config in it",
            help="model.save_weights() leaves the layers out; model.save('model.keras') keeps them",
        )
    return facts_of_model(model, str(path), training=training)
