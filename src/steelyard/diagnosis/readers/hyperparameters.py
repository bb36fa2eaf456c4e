"""Facts from hyperparameters as people name them: ``lr``, ``batch_size``, ``class_weight``."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers.names import shown
from steelyard.log import Facts

_NAMES = MappingProxyType(
    {
        "learning_rate": (
            "lr",
            "learning_rate",
            "learningrate",
            "optimizer_learning_rate",
            "opt_learning_rate",
        ),
        "batch_size": ("batch_size", "batchsize", "bs"),
        "planned_epochs": ("epochs", "num_epochs", "n_epochs", "max_epochs", "nb_epoch"),
        "optimizer": ("optimizer", "optimizer_name", "opt_name"),
        "loss": ("loss", "loss_fn", "loss_function"),
        "class_weight": ("class_weight", "class_weights"),
        "validation_share": ("validation_split", "val_split"),
    }
)
_WEIGHT = r"([-+]?\d{1,12}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?)"
_PAIR = rf"\s{{0,4}}([01])\s{{0,4}}:\s{{0,4}}{_WEIGHT}\s{{0,4}}"
_WEIGHTS = re.compile(rf"\{{{_PAIR},{_PAIR}\}}")
_OF_NUMPY = re.compile(r"(?:np|numpy)\.(?:float|int)\d{1,3}\(([^()]{1,40})\)")
"""``{0: np.float64(0.5)}``, as numpy 2 writes its numbers."""


def facts_of(parameters: Mapping[str, Any], origin: str) -> Facts:
    """What parameters tell, also as text; of a name with a prefix (``model/lr``) the last part counts.

    ``origin`` says where they are from; the name of the parameter is added.
    """
    by_name = {
        re.split(r"[/.]", str(name))[-1].lower(): (str(name), value) for name, value in parameters.items()
    }
    known: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for fact, names in _NAMES.items():
        name, value = next((by_name[one] for one in names if one in by_name), ("", None))
        read = _READ[fact](value)
        if read is not None:
            known[fact] = read
            origins[fact] = f"{origin}: {shown(name)}"
    kind = "dict" if "class_weight" in known else _kind_of_weights(by_name)
    if kind is not None:
        known["class_weight_type"] = kind
    return Facts(**known, origins=MappingProxyType(origins))


def _kind_of_weights(by_name: Mapping[str, tuple[str, Any]]) -> str | None:
    """``balanced`` or ``none`` where it says so in a word."""
    for name in _NAMES["class_weight"]:
        value = by_name.get(name, ("", ""))[1]
        if value is None or (isinstance(value, str) and value.strip("'\" ").lower() in ("none", "balanced")):
            return "none" if value is None else value.strip("'\" ").lower()
    return None


def positive(value: Any) -> float | None:
    """A finite number above 0, also as text."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) and number > 0 else None


def whole(value: Any) -> int | None:
    """A whole number above 0, also as text."""
    number = positive(value)
    return int(number) if number is not None and number == int(number) and number < 2**53 else None


def _share(value: Any) -> float | None:
    number = positive(value)
    return number if number is not None and number < 1 else None


def _word(value: Any) -> str | None:
    """A name in lower case: that of ``adam``, ``Adam`` and ``<class 'torch.optim.adam.Adam'>``."""
    if not isinstance(value, str):
        return None
    found = re.fullmatch(r"(?:<class ')?(?:\w{1,40}\.){0,6}([A-Za-z]\w{0,40})(?:'>)?", value.strip())
    return found[1].lower() if found is not None and found[1].lower() != "none" else None


def _weights(value: Any) -> tuple[float, float] | None:
    """``{0: 1.0, 1: 9.0}``, as a dict or written out."""
    if isinstance(value, Mapping):
        pair = tuple(positive(value.get(one, value.get(str(one)))) for one in (0, 1))
    elif isinstance(value, str) and (found := _WEIGHTS.match(_bare(value))) and found[1] != found[3]:
        by_class = {found[1]: positive(found[2]), found[3]: positive(found[4])}
        pair = (by_class["0"], by_class["1"])
    else:
        return None
    return None if pair[0] is None or pair[1] is None else (pair[0], pair[1])


def _bare(text: str) -> str:
    return _OF_NUMPY.sub(r"\1", text[:1000].replace("'", "").replace('"', "").strip())


_READ = MappingProxyType(
    {
        "learning_rate": positive,
        "batch_size": whole,
        "planned_epochs": whole,
        "optimizer": _word,
        "loss": _word,
        "class_weight": _weights,
        "validation_share": _share,
    }
)
