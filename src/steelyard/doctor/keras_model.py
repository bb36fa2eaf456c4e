"""A Keras model in memory: what its own configuration says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import keras_model
from steelyard.diagnosis.readers.keras_config import facts_of_model
from steelyard.errors import DataError
from steelyard.log import Facts


def facts_of(model: Any) -> tuple[Facts, tuple[str, ...]]:
    """The facts of a model, or of the file it was saved to, and what could not be found out.

    :class:`~steelyard.errors.DataError` if it is neither.
    """
    if isinstance(model, str | Path):
        return _of_file(Path(model)), ()
    if not hasattr(model, "to_json"):
        kind = type(model)
        raise DataError(
            f"model: {kind.__module__}.{kind.__qualname__} is no Keras model",
            help="a model of Keras, or the path of one that was saved (.keras, .h5, JSON)",
        )
    name = str(getattr(model, "name", "the model"))
    try:
        content = json.loads(model.to_json())
    except Exception as error:  # a stranger's code
        return Facts(), (f"the layers of {name} are not known: it has no configuration ({error})",)
    training = content.get("compile_config") if isinstance(content, dict) else None
    return facts_of_model(content, name, training=training or _compiled(model)), ()


def _of_file(path: Path) -> Facts:
    try:
        return keras_model.facts_of(path)
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from error


def _compiled(model: Any) -> Mapping[str, Any] | None:
    """How it was compiled, where its JSON does not say: that of Keras 2, and of losses that are functions."""
    optimizer = getattr(model, "optimizer", None)
    if optimizer is None:
        return None
    try:
        config = {
            "optimizer": {"class_name": type(optimizer).__name__, "config": optimizer.get_config()},
            "loss": _loss(getattr(model, "loss", None)),
        }
        found: dict[str, Any] = json.loads(json.dumps(config, default=str))
    except Exception:  # a stranger's code
        return None
    return found


def _loss(loss: Any) -> Any:
    """A name, or class and configuration."""
    if loss is None or isinstance(loss, str):
        return loss
    if hasattr(loss, "get_config"):
        return {"class_name": type(loss).__name__, "config": loss.get_config()}
    return getattr(loss, "__name__", None)
