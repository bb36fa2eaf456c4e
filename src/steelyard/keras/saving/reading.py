"""Reading models and weights, whatever kind of file they are in: the first bytes tell, not the name."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import h5py

from steelyard.keras.codes import warn
from steelyard.keras.layers import Layer
from steelyard.keras.saving import archive, hdf5, legacy, weights
from steelyard.keras.saving.compiling import read_compile_config
from steelyard.keras.saving.configs import Architecture, parsed
from steelyard.keras.saving.configs import read_architecture as architecture_of
from steelyard.keras.saving.optimizer_state import OptimizerState, from_variables
from steelyard.keras.saving.own import KEY as OWN
from steelyard.keras.saving.own import read_own
from steelyard.keras.saving.record import Compiled, SavedModel
from steelyard.keras.saving.refusal import Refused, telling
from steelyard.keras.saving.shapes import Tensors, parameters

_LONGEST_JSON = 16 * 2**20


def read_model(
    path: str | os.PathLike[str], *, compile: bool = True, custom_objects: Mapping[str, Any] | None = None
) -> SavedModel:
    """A whole model: ``.keras`` of Keras 3 (and of Keras 2.12 on), or ``.h5`` of Keras 2 or 3.

    With ``compile``, optimizer, loss and metrics are restored, and what the optimizer remembers where
    Keras 2.11 or later wrote it; warns (K130 to K132) of what is not. ``custom_objects`` gives metric
    functions by name.

    Raises:
        DataError: The file cannot be read, or its weights do not fit its layers.
        RecipeError: Its network is not one that can be trained here.
    """
    path = Path(path)
    with telling(str(path)):
        head = _head(path)
        if archive.is_archive(head):
            return _from_archive(path, compile, custom_objects or {})
        if hdf5.is_hdf5(head):
            return _from_legacy(path, compile, custom_objects or {})
        raise Refused("K230", _neither(head))


def read_architecture(path: str | os.PathLike[str]) -> SavedModel:
    """The layers alone, of any file that tells them: a model, or ``to_json`` of Keras 2 or 3.

    Weights are not read, so none need to be in the file.
    """
    path = Path(path)
    with telling(str(path)):
        head = _head(path)
        if archive.is_archive(head):
            with archive.opened(path) as members:
                form = parsed(archive.read_config(members), archive.CONFIG)
        elif hdf5.is_hdf5(head):
            with hdf5.opened(path) as root:
                form = _model_config(root)
        else:
            form = _json_file(path, head)
        return _saved(architecture_of(form))


def read_json(text: str, where: str = "the JSON text") -> SavedModel:
    """The layers in what ``to_json`` of Keras 2 or 3 gave."""
    with telling(where):
        return _saved(architecture_of(parsed(text, "the configuration")))


def read_weights(path: str | os.PathLike[str], layers: Sequence[Layer], input_width: int) -> Tensors:
    """Weights for these layers: of ``.weights.h5``, of ``save_weights`` of Keras 2, or of a whole model.

    One tuple of float32 arrays per layer, in Keras' order. Layers are matched by their order.
    """
    path = Path(path)
    with telling(str(path)):
        head = _head(path)
        if archive.is_archive(head):
            with archive.opened(path) as members:
                content = archive.read_weights(members, parameters(layers, input_width))
            with hdf5.opened(content) as root:
                return weights.read_tensors(root, layers, input_width)
        if not hdf5.is_hdf5(head):
            raise Refused("K230", _neither(head))
        with hdf5.opened(path) as root:
            if weights.is_keras3(root):
                return weights.read_tensors(root, layers, input_width)
            groups = legacy.weights_group(root)
            if groups is None:
                raise Refused("K230", "holds no weights in a form that Keras writes")
            return legacy.read_tensors(groups, layers, input_width)


def _from_archive(path: Path, compile: bool, custom_objects: Mapping[str, Any]) -> SavedModel:
    with archive.opened(path) as members:
        form = parsed(archive.read_config(members), archive.CONFIG)
        architecture = architecture_of(form)
        known = architecture.input.input_width if architecture.input else None
        content = archive.read_weights(members, parameters(architecture.layers, known or _WIDEST))
    own = read_own(form.get(OWN))
    compiling = form.get("compile_config") or own.compile_config
    compiled = _compiled(path, compiling if compile else None, custom_objects)
    with hdf5.opened(content) as root:
        width = known or weights.input_width(root, architecture.layers)
        if width is None:
            return _saved(architecture, compiled=compiled)
        tensors = weights.read_tensors(root, architecture.layers, width)
        state = _optimizer_state(path, root, compiled, architecture.layers, width)
    return _saved(architecture, width, tensors, compiled, state, own.threshold)


def _from_legacy(path: Path, compile: bool, custom_objects: Mapping[str, Any]) -> SavedModel:
    with hdf5.opened(path) as root:
        architecture = architecture_of(_model_config(root))
        groups = legacy.weights_group(root)
        if groups is None:
            raise Refused("K230", f"{legacy.MODEL_WEIGHTS} is missing")
        training = hdf5.text(root, legacy.TRAINING_CONFIG) if compile else None
        form = parsed(training, legacy.TRAINING_CONFIG) if training else None
        kept = hdf5.text(root, OWN)
        own = read_own(parsed(kept, OWN) if kept else None)
        compiled = _compiled(path, form or (own.compile_config if compile else None), custom_objects)
        width = architecture.input.input_width if architecture.input else legacy.input_width(groups)
        if width is None:
            return _saved(architecture, compiled=compiled)
        tensors = legacy.read_tensors(groups, architecture.layers, width)
        state = _optimizer_state(path, root, compiled, architecture.layers, width)
    return _saved(architecture, width, tensors, compiled, state, own.threshold)


_WIDEST = 2**16
"""Columns that a configuration which does not tell their number is trusted to mean, until the weights do."""


def _compiled(path: Path, form: object, custom_objects: Mapping[str, Any]) -> Compiled | None:
    understood = read_compile_config(form, custom_objects)
    if understood.refused:
        warn("K130", f"{path}: the model is not compiled: {'; '.join(understood.refused)}")
    if understood.left_out:
        warn("K131", f"{path}: left out: {'; '.join(understood.left_out)}")
    return understood.compiled


def _optimizer_state(
    path: Path, root: h5py.Group, compiled: Compiled | None, layers: Sequence[Layer], width: int
) -> OptimizerState | None:
    places = _optimizer_places(root)
    if compiled is None or not places:
        return None
    optimizer = compiled.optimizer
    reason = f"its {len(places)} arrays are not those of {type(optimizer).__name__}"
    state = None
    try:
        if places[0].endswith(_STEPS):
            steps = hdf5.count(root, places[0])
            state = from_variables(
                optimizer,
                layers,
                width,
                len(places),
                steps,
                lambda number, shape: hdf5.weight(root, places[number], shape),
            )
    except Refused as refused:
        if refused.code != "K232":
            raise
        reason = refused.problems[0].partition(": ")[2]
    if (
        state is None and len(places) > 2
    ):  # with the count of steps and the learning rate alone nothing is lost
        warn("K132", f"{path}: the state of the optimizer is not read: {reason}")
    return state


_STEPS = ("optimizer/vars/0", "/iteration", "/iteration:0")
"""What Keras calls the count of steps; before 2.11, when the arrays had another order, it was "iter"."""


def _optimizer_places(root: h5py.Group) -> list[str]:
    """Where the variables of the optimizer lie, in their order."""
    if hdf5.has(root, "optimizer/vars"):
        numbers = range(len(hdf5.members(hdf5.group(root, "optimizer/vars"))))
        return [f"optimizer/vars/{number}" for number in numbers]
    if hdf5.has(root, legacy.OPTIMIZER_WEIGHTS):
        names = legacy.array_names(hdf5.group(root, legacy.OPTIMIZER_WEIGHTS))
        return [f"{legacy.OPTIMIZER_WEIGHTS}/{name}" for name in names]
    return []


def _saved(
    architecture: Architecture,
    width: int | None = None,
    tensors: Tensors | None = None,
    compiled: Compiled | None = None,
    state: OptimizerState | None = None,
    threshold: float | None = None,
) -> SavedModel:
    first = architecture.input
    return SavedModel(
        name=architecture.name,
        layers=architecture.layers,
        input_width=width or (first.input_width if first else None),
        input_name=(first.name if first else None) or "input_layer",
        weights=tensors,
        compiled=compiled,
        optimizer=state,
        threshold=threshold,
    )


def _model_config(root: h5py.Group) -> Any:
    text = hdf5.text(root, legacy.MODEL_CONFIG)
    if text is None:
        holds = legacy.weights_group(root) is not None or weights.is_keras3(root)
        why = "it holds weights alone: build the model, then load_weights" if holds else "it holds no model"
        raise Refused("K230", f"has no {legacy.MODEL_CONFIG}; {why}")
    return parsed(text, legacy.MODEL_CONFIG)


def _json_file(path: Path, head: bytes) -> Any:
    if not head.lstrip().startswith((b"{", b"[", b'"', b"\xef\xbb\xbf")):
        raise Refused("K230", _neither(head, "nor the JSON of to_json()"))
    try:
        if path.stat().st_size > _LONGEST_JSON:
            raise Refused("K233", f"is longer than {_LONGEST_JSON:,} bytes, which no network needs")
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Refused("K230", f"cannot be read: {error}") from None
    form = parsed(text, "the file")
    # json.dump(model.to_json(), file) writes text within text, which happens.
    return parsed(form, "the file") if isinstance(form, str) else form


def _head(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(512)
    except FileNotFoundError:
        raise Refused("K230", "there is no such file") from None
    except OSError as error:
        raise Refused("K230", f"cannot be read: {error.strerror or error}") from None


def _neither(head: bytes, further: str = "") -> str:
    if not head:
        return "is empty"
    found = "is neither a .keras archive nor an HDF5 file"
    return f"{found} {further}".strip()
