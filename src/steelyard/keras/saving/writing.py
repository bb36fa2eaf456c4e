"""Writing models and weights so that Keras 3 reads them; a file appears when it is complete."""

from __future__ import annotations

import io
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from steelyard.keras.codes import refuse
from steelyard.keras.layers import InputLayer
from steelyard.keras.saving import archive, legacy, weights
from steelyard.keras.saving.compiling import compile_config, training_config
from steelyard.keras.saving.configs import legacy_form, model_form
from steelyard.keras.saving.optimizer_state import fresh, to_variables
from steelyard.keras.saving.own import KEY as OWN
from steelyard.keras.saving.own import own_part
from steelyard.keras.saving.record import SavedModel
from steelyard.keras.saving.shapes import Tensors
from steelyard.keras.serialized import Config
from steelyard.output import writing

KERAS_VERSION = "3.15.1"
"""The version of Keras whose formats these are; its readers look at it in ``.h5`` files."""

_LEGACY = (".h5", ".hdf5")


_LATER = {
    *("quantization_config", "input_axes", "output_axes", "optional"),
    *("renorm", "renorm_clipping", "renorm_momentum"),
}
"""Settings that came after Keras 3.4, which like all versions refuses what it does not know. All that can be
trained here have their defaults, so nothing is lost without them."""


def write_model(model: SavedModel, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
    """Writes a whole model, as ``.keras`` or, if the name ends so, ``.h5`` or ``.hdf5``.

    ``.keras`` also holds the state of the optimizer. ``.h5`` is left without, because Keras 3.15 cannot
    train a model any further whose optimizer it restored from there: the optimizer then knows no weights.

    Raises :class:`~steelyard.errors.OutputError` for another ending, a file that exists (unless
    ``overwrite``) and one that cannot be written.
    """
    path = _target(path, (".keras", *_LEGACY), "a model", overwrite)
    if path.suffix == ".keras":
        own = own_part(model)
        form = {**_form(model), OWN: own} if own else _form(model)
        _write(path, archive_of(form, _weights_file(model, model.weights or ())))
    else:
        _write(path, _legacy_file(model))


def write_weights(model: SavedModel, path: str | os.PathLike[str], *, overwrite: bool = True) -> None:
    """Writes weights alone: as Keras 3 if the name ends in ``.weights.h5``, as Keras 2 if only in ``.h5``.

    The model must know the width of its input.
    """
    path = _target(path, _LEGACY, "weights", overwrite)
    tensors = _tensors(model, path)
    if path.name.endswith(".weights.h5"):
        _write(path, _weights_file(model, tensors))
        return
    content = io.BytesIO()
    with h5py.File(content, "w") as root:
        legacy.write_tensors(root, model.name, model.layers, tensors, _VERSIONS)
    _write(path, content.getvalue())


def to_json(model: SavedModel, indent: int | None = None) -> str:
    """What ``model.to_json()`` of Keras 3 gives, which its ``model_from_json`` reads, from Keras 3.4 on."""
    return json.dumps(for_every_version(_form(model)), indent=indent)


def archive_of(form: Config, weights: bytes) -> bytes:
    """The bytes of a ``.keras`` file for Keras 3.4 or newer: a model's description and its HDF5 file."""
    metadata = {"keras_version": KERAS_VERSION, "date_saved": f"{datetime.now():%Y-%m-%d@%H:%M:%S}"}
    content = io.BytesIO()
    archive.write(content, json.dumps(metadata), json.dumps(for_every_version(form)), weights)
    return content.getvalue()


def for_every_version(form: Any) -> Any:
    """A configuration without the settings that older versions of Keras 3 do not know."""
    if isinstance(form, dict):
        return {key: for_every_version(inner) for key, inner in form.items() if key not in _LATER}
    return [for_every_version(inner) for inner in form] if isinstance(form, list) else form


_VERSIONS = {"backend": "steelyard", "keras_version": KERAS_VERSION}


def _form(model: SavedModel) -> Config:
    form = model_form(model.name, model.layers, _input(model))
    if model.compiled is not None and model.compiled.loss.in_keras:
        form["compile_config"] = compile_config(model.compiled)
    return form


def _input(model: SavedModel) -> InputLayer | None:
    if model.input_width is None:
        return None
    return InputLayer(shape=(model.input_width,), name=model.input_name)


def _weights_file(model: SavedModel, tensors: Tensors) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as root:
        variables = _optimizer_variables(model)
        named = (model.compiled.optimizer.name, variables) if model.compiled and variables else None
        weights.write_tensors(root, model.name, model.layers, tensors or ((),) * len(model.layers), named)
    return content.getvalue()


def _legacy_file(model: SavedModel) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as root:
        for key, value in _VERSIONS.items():
            root.attrs[key] = value
        form = legacy_form(model_form(model.name, model.layers, _input(model)))
        root.attrs[legacy.MODEL_CONFIG] = json.dumps(for_every_version(form))
        tensors = model.weights or ((),) * len(model.layers)
        groups = root.create_group(legacy.MODEL_WEIGHTS)
        legacy.write_tensors(groups, model.name, model.layers, tensors, _VERSIONS)
        if model.compiled is not None and model.compiled.loss.in_keras:
            training = training_config(model.compiled)
            root.attrs[legacy.TRAINING_CONFIG] = json.dumps(for_every_version(training))
        if own := own_part(model):
            root.attrs[OWN] = json.dumps(own)
    return content.getvalue()


def _optimizer_variables(model: SavedModel) -> Sequence[NDArray[np.generic]]:
    """Those of a fresh optimizer if there is no state: Keras warns of files without any."""
    if model.compiled is None or model.input_width is None:
        return []
    optimizer = model.compiled.optimizer
    return to_variables(optimizer, model.optimizer or fresh(optimizer, model.layers, model.input_width))


def _tensors(model: SavedModel, path: Path) -> Tensors:
    if model.weights is None:
        raise refuse(
            "K234",
            f"{path}: {model.name} has no weights yet, because the width of its input is not known",
            "Call model.build((None, columns)) or fit first.",
        )
    return model.weights


def _target(path: str | os.PathLike[str], endings: Sequence[str], what: str, overwrite: bool) -> Path:
    path = Path(path)
    if path.suffix not in endings:
        raise refuse(
            "K234", f"{path}: the name of a file for {what} ends in {' or '.join(endings)}", "Rename it."
        )
    if not overwrite and path.exists():
        raise refuse("K234", f"{path}: exists already", "Choose another name, or overwrite=True.")
    return path


def _write(path: Path, content: bytes) -> None:
    with writing(path) as draft, draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())  # or the new name could outlive a power cut that the bytes do not
