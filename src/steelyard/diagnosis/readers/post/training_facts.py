"""What the code around a training says of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from steelyard.diagnosis.readers.post.class_weights import class_weights
from steelyard.diagnosis.readers.post.compiling import compiled
from steelyard.diagnosis.readers.post.layers import layer_facts
from steelyard.diagnosis.readers.post.program import Measured, Network, Program, Training
from steelyard.diagnosis.readers.post.rows import (
    fitted_before_the_split,
    named_for_testing,
    origin_is_seen,
    resampler,
    scaled_by_hand,
    scaler,
    split_of,
)
from steelyard.diagnosis.readers.post.sheet import FactSheet
from steelyard.diagnosis.readers.post.values import ABSENT, Call, Item, Name, ancestry, number, whole
from steelyard.diagnosis.readers.post.words import spoken
from steelyard.log import Stopping

_DEFAULT_BATCH = 32


def put_network(sheet: FactSheet, network: Network, inputs: int | None, keras_1: bool) -> None:
    """Layers, loss, metrics and optimizer. ``inputs`` is the number of inputs where the code leaves it to the
    data."""
    if network.layers is not None:
        sheet.put("layers", layer_facts(network.layers, inputs), "the layers in the code")
    if network.compile is None:
        return
    found = compiled(network.compile, keras_1)
    by = "model.compile({}=...)".format
    sheet.put("loss", found.loss, by("loss"))
    sheet.put("from_logits", found.from_logits, by("loss"))
    sheet.put("label_smoothing", found.label_smoothing, by("loss"))
    sheet.put("optimizer", found.optimizer, by("optimizer"))
    own = f"Keras' own for {found.optimizer}" if found.learning_rate_is_default else by("optimizer")
    sheet.put("learning_rate", found.learning_rate, own)
    sheet.put("metrics", found.metrics, by("metrics"))
    sheet.put("metric_functions", found.metric_functions, by("metrics"))
    sheet.put("pr_metrics", found.pr_metrics, by("metrics"))


def put_fit(sheet: FactSheet, training: Training) -> None:
    """The arguments of ``fit``, as given or as Keras has them if not given."""
    call, settings = training.call, training.network.settings

    def given(position: int | None, *names: str) -> tuple[Any, str]:
        value = call.argument(position, *names)
        if value is ABSENT:
            value = next((settings[name] for name in names if name in settings), ABSENT)
        if value is ABSENT:
            return value, f"model.fit without {names[0]}"
        name = next((one for one in names if one in call.keywords or one in settings), names[0])
        return value, f"model.fit({name}=...)"

    batch, origin = given(2, "batch_size")
    sheet.put("batch_size", whole(batch), origin)
    if batch in (ABSENT, None) and call.name == "fit":
        _put_batch_of_data(sheet, call)
    epochs, origin = given(3, "epochs", "nb_epoch")
    sheet.put("planned_epochs", whole(epochs), origin)
    shuffle, origin = given(None, "shuffle")
    sheet.put("shuffled", shuffle if isinstance(shuffle, bool) else None, origin)
    if shuffle is ABSENT and call.name == "fit":
        sheet.put("shuffled", True, "Keras' own")
    weights, origin = given(None, "class_weight")
    asked = class_weights(weights)
    sheet.put("class_weight", asked.pair, origin)
    sheet.put("class_weight_type", asked.kind, f"{origin}: {asked.written}" if asked.written else origin)
    rows, origin = given(None, "sample_weight")
    sheet.put("sample_weight", rows not in (ABSENT, None), origin)
    callbacks, origin = given(None, "callbacks")
    sheet.put("stopping", _stopping(callbacks), origin)


def _put_batch_of_data(sheet: FactSheet, call: Call) -> None:
    """Rows per step where ``fit`` was not told: of a dataset's ``batch``, else Keras' own for arrays."""
    if call.argument(1, "y", "Y") is not ABSENT:
        sheet.put("batch_size", _DEFAULT_BATCH, "Keras' own")
        return
    for one in ancestry(call.argument(0, "x", "X")):
        if isinstance(one, Call) and one.name == "batch":
            sheet.put("batch_size", whole(one.argument(0, "batch_size")), one.written)


def put_rows(sheet: FactSheet, training: Training, program: Program) -> None:
    """How rows were split, resampled and scaled."""
    call, features, validation = training.call, training.features, training.validation
    share = number(call.argument(None, "validation_split"))
    if share is None:
        share = number(training.network.settings.get("validation_split", ABSENT))
    if share:
        mixed = split_of(features).way in ("random", "stratified")
        origin = f"model.fit(validation_split={share:g})"
        sheet.put("validation_way", "random" if mixed else "tail", origin + " of shuffled rows" * mixed)
        sheet.put("validation_share", share, origin)
        inside: Any = features
    else:
        inside = validation[0] if isinstance(validation, list | tuple) and validation else validation
        if inside is not ABSENT:
            split = split_of(inside)
            sheet.put("validation_way", split.way, split.written)
            sheet.put("validation_share", split.share, split.written)
            if not split.folds:
                _put_is_test(sheet, training, program.measured)
    _put_resampling(sheet, features, inside, program)
    _put_scaling(sheet, features, inside, program)


def _put_is_test(sheet: FactSheet, training: Training, measured: Sequence[Measured]) -> None:
    names = training.validation_names
    written = f"model.fit(validation_data=({', '.join(names)}))"
    if named_for_testing(names):
        sheet.put("validation_is_test", True, written)
        return
    later = [one for one in measured if one.start > training.start and one.names]
    for one in later:
        if set(one.names) & set(names):
            sheet.put("validation_is_test", True, f"{one.function}({', '.join(one.names)}) and {written}")
    for one in later:
        if named_for_testing(one.names) and names:
            sheet.put("validation_is_test", False, f"{one.function}({', '.join(one.names)}) and {written}")


def _put_resampling(sheet: FactSheet, features: Any, validation: Any, program: Program) -> None:
    found = resampler(features)
    if found is None:
        others = (resampler(one.features) for one in program.trainings)
        if origin_is_seen(features):
            sheet.put("resampling", "none", "the code from the loading of the data on")
        elif any(others):
            sheet.put("resampling", "none", "model.fit takes other rows than those that were resampled")
        return
    name, call = found
    sheet.put("resampling", name, call.written)
    if validation is not ABSENT:
        before = resampler(validation) is not None
        sheet.put("resampled_before_split", before, call.written)


def _put_scaling(sheet: FactSheet, features: Any, validation: Any, program: Program) -> None:
    found = scaler(features)
    if found is not None:
        name, call = found
        sheet.put("scaling", name, call.written)
        if validation is not ABSENT:
            before = fitted_before_the_split(call, validation, program.fits)
            sheet.put("scaled_before_split", before, call.written)
    elif scaled_by_hand(features):
        sheet.put("scaling", "standard", "a division by the deviation in the code")
    elif origin_is_seen(features):
        sheet.put("scaling", "none", "the code from the loading of the data on")


def _stopping(callbacks: Any) -> Stopping | None:
    """Of the first EarlyStopping among callbacks, else of a checkpoint that keeps the best."""
    calls = [one for one in ancestry(callbacks, most=100) if isinstance(one, Call)]
    for call in calls:
        if call.name == "EarlyStopping":
            patience = call.argument(None, "patience")
            restore = call.argument(None, "restore_best_weights")
            return Stopping(
                _monitor(call),
                patience=0 if patience is ABSENT else whole(patience),
                mode=_mode(call),
                restore_best=restore if isinstance(restore, bool) else False if restore is ABSENT else None,
            )
    for call in calls:
        if call.name == "ModelCheckpoint" and call.argument(None, "save_best_only") is True:
            return Stopping(_monitor(call), mode=_mode(call))
    return None


def _monitor(call: Call) -> str:
    monitor = call.argument(0 if call.name == "EarlyStopping" else 1, "monitor")
    return monitor if isinstance(monitor, str) else "val_loss"


def _mode(call: Call) -> str | None:
    return spoken(call.argument(None, "mode"))


def depends_on(value: Any, parameter: str) -> str | None:
    """The key by which a value comes from a parameter: ``batchsize`` for ``params['batchsize']``."""
    for one in ancestry(value, most=50):
        if isinstance(one, Item) and isinstance(one.of, Name) and one.of.path == parameter:
            return str(one.index)
        if isinstance(one, Name) and one.path == parameter:
            return parameter
    return None
