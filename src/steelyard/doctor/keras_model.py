"""A Keras model in memory: what its own configuration says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from steelyard.diagnosis.readers import keras_model
from steelyard.diagnosis.readers.keras_config import facts_of_model
from steelyard.diagnosis.wording import listed
from steelyard.errors import DataError
from steelyard.log import Facts


def facts_of(model: Any) -> tuple[Facts, tuple[str, ...]]:
    """The facts of a model, or of the file it was saved to, and what is to be told of it: what could not be
    found out, and that it tells more than two classes apart.

    :class:`~steelyard.errors.DataError` if it is neither, or has several outputs.
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
    _refuse_several_outputs(model, name)
    try:
        content = json.loads(model.to_json())
    except Exception as error:  # a stranger's code
        return Facts(), (f"the layers of {name} are not known: it has no configuration ({error})",)
    training = content.get("compile_config") if isinstance(content, dict) else None
    facts = facts_of_model(content, name, training=training or _compiled(model))
    return facts, _of_many_classes(facts, name)


def _refuse_several_outputs(model: Any, name: str) -> None:
    """Their losses are added up, and the sum is neither the one nor the other."""
    outputs = getattr(model, "output_names", None)
    if isinstance(outputs, list | tuple) and len(outputs) > 1:
        first = outputs[0]
        raise DataError(
            f"{name} has {len(outputs)} outputs, {listed(outputs)}; what is judged has one, which tells two "
            "classes apart",
            help="give the curves of one output by themselves: steelyard.diagnose({"
            f'"loss": history.history["{first}_loss"], "val_loss": history.history["val_{first}_loss"]}})',
        )


def _of_many_classes(facts: Facts, name: str) -> tuple[str, ...]:
    units = [layer.units for layer in facts.layers or () if layer.units is not None]
    if not units or units[-1] <= 2:
        return ()
    return (
        f"{name} ends in {units[-1]} units, for as many classes; the rules are made for two, and what they "
        "say of losses and metrics has not been measured on more",
    )


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
