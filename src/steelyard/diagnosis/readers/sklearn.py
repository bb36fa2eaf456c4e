"""The curves of scikit-learn's ``MLPClassifier``, written as JSON by whoever trained it.

``{"loss_curve_": mlp.loss_curve_, "validation_scores_": mlp.validation_scores_, **mlp.get_params()}``.
``loss_curve_`` is the mean over the batches of an epoch, with the penalty ``alpha / 2 * |w|^2 / rows of the
batch`` inside; ``validation_scores_`` is the accuracy on the rows that early stopping kept.
Source: ``sklearn/neural_network/_multilayer_perceptron.py``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.readers import jsonfile
from steelyard.diagnosis.readers.assembling import column_of, history_of
from steelyard.diagnosis.readers.hyperparameters import positive, whole
from steelyard.errors import DataError
from steelyard.history import PLAIN, Quantity
from steelyard.log import Facts, LayerFact, Log, Stopping

_LOSS = ("loss_curve_", "loss_curve")
_SCORES = ("validation_scores_", "validation_scores")
_KEY = re.compile(rb'"loss_curve_?"\s{0,8}:\s{0,8}\[')
_ACTIVATIONS = MappingProxyType({"logistic": "sigmoid", "identity": "linear", "relu": "relu", "tanh": "tanh"})


def sniff(head: bytes, path: Path) -> bool:
    """An object with a ``loss_curve_``."""
    return head.lstrip()[:1] == b"{" and _KEY.search(head) is not None


def read(path: Path) -> tuple[Log, ...]:
    """The one log of the file."""
    content = jsonfile.load(path)
    losses = _numbers(content, _LOSS)
    if losses is None:
        raise DataError(f'{path} holds no list of numbers "loss_curve_"')
    scores = _numbers(content, _SCORES)
    columns = {"loss": column_of(losses)}
    notes: list[str] = []
    if scores is not None and len(scores) == len(losses):
        columns["val_accuracy"] = column_of(scores)
        notes.append("validation_scores_ are taken to be accuracies, as those of a classifier are")
    elif scores is not None:
        notes.append(f"{len(scores)} validation scores are left out: there are {len(losses)} losses")
    params = content.get("params", content)
    facts = _facts(params if isinstance(params, dict) else {})
    history, more = history_of(np.arange(1, len(losses) + 1), columns, quantity, facts)
    if history is None:
        raise DataError(f"{path} holds an empty loss_curve_")
    return (Log(str(path), "sklearn", history, facts, notes=(*notes, *more)),)


def _numbers(content: Any, names: Sequence[str]) -> list[float | None] | None:
    if not isinstance(content, dict):
        return None
    found = next((content[name] for name in names if isinstance(content.get(name), list)), None)
    if found is None:
        return None
    numbers = [jsonfile.number(one) for one in found]
    return None if all(one is None for one in numbers) else numbers


def quantity(split: str, metric: str, facts: Facts) -> Quantity:
    """Training losses are means over an epoch with the penalty inside; validation scores are of its end."""
    if split == "validation":
        return PLAIN
    penalized = None if facts.layers is None else any(layer.l2 for layer in facts.layers)
    return Quantity(weighted=None, penalized=penalized, dropout=False, epoch_mean=True)


def _facts(params: Mapping[str, Any]) -> Facts:
    """What the parameters tell; the penalty as Keras counts it, where the rows of a batch are known."""
    known: dict[str, Any] = {
        "learning_rate": positive(params.get("learning_rate_init")),
        "batch_size": whole(params.get("batch_size")),
        "planned_epochs": whole(params.get("max_iter")),
        "optimizer": params["solver"].lower() if isinstance(params.get("solver"), str) else None,
        "layers": _layers(params),
        "shuffled": params["shuffle"] if isinstance(params.get("shuffle"), bool) else None,
    }
    if params.get("early_stopping") is True:
        share = positive(params.get("validation_fraction"))
        known["validation_share"] = share if share is not None and share < 1 else None
        known["validation_way"] = "stratified"
        known["stopping"] = Stopping(
            "validation_accuracy", whole(params.get("n_iter_no_change")), "max", restore_best=True
        )
    known = {name: value for name, value in known.items() if value is not None}
    origins = dict.fromkeys(known, "parameters of the MLPClassifier")
    return Facts(
        framework="sklearn",
        loss="binary_crossentropy",
        **known,
        origins=MappingProxyType(
            {"framework": "the name loss_curve_", "loss": "that of MLPClassifier"} | origins
        ),
    )


def _layers(params: Mapping[str, Any]) -> tuple[LayerFact, ...] | None:
    """Hidden layers and the output, if the penalty on each is known."""
    sizes = params.get("hidden_layer_sizes")
    sizes = [sizes] if isinstance(sizes, int) else sizes
    alpha, batch = params.get("alpha"), whole(params.get("batch_size"))
    if not isinstance(sizes, list) or not 0 < len(sizes) <= 100 or not all(map(whole, sizes)):
        return None
    if alpha == 0:
        l2 = 0.0
    elif batch is not None and positive(alpha) is not None:
        l2 = float(positive(alpha) or 0.0) / (2.0 * batch)
    else:
        return None
    activation = _ACTIVATIONS.get(str(params.get("activation")))
    hidden = [LayerFact("dense", units=whole(size), activation=activation, l2=l2) for size in sizes]
    return (*hidden, LayerFact("dense", units=1, activation="sigmoid", l2=l2))
