"""What the tests of files share: predictions of either library, and files built by hand."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

Weights = Mapping[str, Any]
"""Datasets by their path."""

CLOSE = 1e-5
"""How far predictions of one network may lie apart."""


def predicted(model: Any, x: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of a model of Keras, called directly: ``predict`` gives the same and takes longer."""
    return np.asarray(model(x).detach().cpu().numpy())


def save(model: Any, path: Path) -> None:
    """Keras warns that .h5 is old."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save(path)


def layer(kind: str, **config: Any) -> dict[str, Any]:
    return {"class_name": kind, "config": {"name": kind.lower(), **config}}


def sequential(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": "sequential", "layers": list(layers)}}


def small() -> dict[str, Any]:
    """The configuration of ``Input(2) -> Dense(1)``."""
    return sequential(
        layer("InputLayer", batch_shape=[None, 2]), layer("Dense", units=1, activation="sigmoid")
    )


SMALL_WEIGHTS: Weights = {
    "layers/dense/vars/0": np.ones((2, 1), np.float32),
    "layers/dense/vars/1": np.zeros(1, np.float32),
}


def hdf5(weights: Weights, further: Callable[[h5py.File], object] = lambda file: None) -> bytes:
    content = io.BytesIO()
    with h5py.File(content, "w") as file:
        for path, values in weights.items():
            file[path] = values
        further(file)
    return content.getvalue()


def archive(
    path: Path, config: object = None, weights: bytes | None = None, *, compression: int = zipfile.ZIP_STORED
) -> Path:
    """A ``.keras`` file with these members; a member is left out if it is empty."""
    text = config if isinstance(config, str) else json.dumps(small() if config is None else config)
    content = hdf5(SMALL_WEIGHTS) if weights is None else weights
    with zipfile.ZipFile(path, "w", compression) as members:
        members.writestr("metadata.json", "{}")
        if text:
            members.writestr("config.json", text)
        if content:
            members.writestr("model.weights.h5", content)
    return path


def legacy(
    path: Path, config: object, weights: Mapping[str, Mapping[str, Any]], **attributes: object
) -> Path:
    """A ``.h5`` file as Keras 2 wrote it: arrays by layer and name."""
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(config).encode()
        for name, value in attributes.items():
            file.attrs[name] = json.dumps(value).encode()
        groups = file.create_group("model_weights")
        groups.attrs["layer_names"] = [name.encode() for name in weights]
        for name, tensors in weights.items():
            group = groups.create_group(name)
            group.attrs["weight_names"] = [f"{name}/{tensor}:0".encode() for tensor in tensors]
            for tensor, values in tensors.items():
                group[f"{name}/{tensor}:0"] = values
    return path
