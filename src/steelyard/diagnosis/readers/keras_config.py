"""What the configuration of a Keras model says: its layers, and how it was compiled.

The same JSON is in ``model.to_json()``, ``.keras``, ``.h5`` and TensorBoard's event files, from Keras 1 to 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers.keras_compiled import Compiled, compiled_of
from steelyard.diagnosis.readers.keras_layers import layers_of
from steelyard.log import Facts

_COMPILED = (
    "loss",
    "from_logits",
    "label_smoothing",
    "optimizer",
    "learning_rate",
    "metrics",
    "metric_functions",
    "pr_metrics",
)


def is_model(content: Any) -> bool:
    """Whether JSON is the configuration of a model: a class with a config that holds layers."""
    if not isinstance(content, dict) or not isinstance(content.get("class_name"), str):
        return False
    config = content.get("config")
    return isinstance(config, list) or (isinstance(config, dict) and isinstance(config.get("layers"), list))


def facts_of_model(content: Any, origin: str, training: Any = None, version: str | None = None) -> Facts:
    """The facts in a model's configuration.

    ``training``: its ``compile_config`` or ``training_config`` where that is kept apart; ``version``: of the
    Keras that wrote it, likewise.
    """
    if not is_model(content):
        return Facts()
    layers = layers_of(content)
    if not isinstance(training, dict):
        training = content.get("compile_config", content.get("training_config"))
    compiled = compiled_of(training) if isinstance(training, dict) else Compiled()
    known = {name: value for name in _COMPILED if (value := getattr(compiled, name)) is not None}
    origins = dict.fromkeys(known, origin)
    framework = _framework(content, version)
    origins["framework"] = origin
    if layers is not None:
        origins["layers"] = origin
    return replace(Facts(framework=framework, layers=layers, origins=MappingProxyType(origins)), **known)


def _framework(content: Mapping[str, Any], version: str | None) -> str:
    """By the version that is noted, or by the form: Keras 3 names the module of each class, and calls the
    shape of an input ``batch_shape``, which was ``batch_input_shape`` before."""
    noted = version or content.get("keras_version")
    if isinstance(noted, str) and noted[:1] in ("1", "2", "3"):
        return f"keras {noted[0]}"
    config = content.get("config")
    layers = config.get("layers") if isinstance(config, dict) else config
    first = (
        layers[0].get("config") if isinstance(layers, list) and layers and isinstance(layers[0], dict) else {}
    )
    if "module" in content or (isinstance(first, dict) and "batch_shape" in first):
        return "keras 3"
    return "keras 2" if isinstance(first, dict) and "batch_input_shape" in first else "keras"
