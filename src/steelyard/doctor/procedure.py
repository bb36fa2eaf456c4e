"""``steelyard.diagnose``: reads whatever a training run left, adds what is said of it, and judges it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.diagnoses import Diagnoses
from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.door import Door
from steelyard.diagnosis.readers.enriching import merged, with_facts
from steelyard.diagnosis.said import told
from steelyard.diagnosis.together import log_of_runs
from steelyard.doctor import keras_model
from steelyard.doctor.given import Rows, facts_given, parts_of, predictions_of
from steelyard.doctor.saved_predictions import with_saved_predictions
from steelyard.doctor.sources import logs_of
from steelyard.errors import DataError
from steelyard.log import Facts, Log


def diagnose(
    history: Any,
    *,
    model: Any = None,
    train: Rows | None = None,
    validation: Rows | None = None,
    validation_split: float | None = None,
    predictions: tuple[Any, Any] | None = None,
    train_predictions: tuple[Any, Any] | None = None,
    data: Any = None,
    target: Any = None,
    class_weight: Any = None,
    l2: float | None = None,
    dropout: float | None = None,
    facts: Facts | Mapping[str, Any] | None = None,
    twin: Any = None,
    select: Sequence[str] = (),
    ignore: Mapping[str, str] | Iterable[str] = (),
    settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
    trust: bool = False,
    columns: Mapping[str, str] | None = None,
) -> Diagnoses:
    """What is wrong with a training run, ours or anybody's, with the numbers that show it.

    A loss curve alone says little. The more is known of the run, the more rules can be asked; each that
    could not be says what it lacks. What is given here counts more than what a log says.

    Args:
        history: What ``fit`` returned or left behind (Keras' ``History``, an ``MLPClassifier``, skorch,
            XGBoost, LightGBM), a dict of lists, a frame with a row per epoch, the path of a log or of a
            folder of logs, pasted text, or a result of Steelyard; or several of these.
        model: A Keras model, or the path of a saved one. That of a ``History`` is found.
        train: The training rows that ``fit`` was given, ``(x, y)``: the rows are counted, the inputs
            measured. ``(None, y)`` where the inputs are no table of numbers.
        validation: The validation rows likewise. If the inputs of both are given, a logistic regression is
            fitted to them as a yardstick, and the rows are looked through for repetitions and leaks.
        validation_split: What ``fit`` was given, if it was: the share of the rows of ``train``, the last
            ones, that validated. ``train`` then holds all rows that ``fit`` got, and there is no
            ``validation``.
        predictions: Labels and predicted probabilities of the validation rows, ``(y, probability)``. They
            decide whether a network that finds no positive has learned nothing, or only needs another
            threshold.
        train_predictions: The same of training rows, all or some.
        data: The table before it was split: a path, a frame, an array or a :class:`~steelyard.data.Table`.
            It gives the base rate and the warnings about columns and rows.
        target: Its target column by name, or its labels.
        class_weight: The very object that ``fit`` was given; ``"none"`` if there was none. Of frameworks that
            do without some kinds, the kind matters.
        l2: 0.0 if no penalty on weights is inside the losses, else its factor; for a model not at hand.
        dropout: Likewise, 0.0 if there is no dropout.
        facts: Everything else that is known, by the names of :class:`~steelyard.log.Facts`:
            ``{"validation_way": "tail", "batch_size": 128}``.
        twin: The same run with the same seed without callbacks that look into it, as ``history``.
        select: Codes of rules, or beginnings of codes, to be told of; all by default.
        ignore: Codes to leave out, if wanted with a reason each.
        settings: Thresholds of rules by code: ``{"REG401": {"errors": 3.0}}``.
        trust: Whether a pickle may be read; a hostile one can use up memory and time.
        columns: Of a table with columns of its own names, which is which curve: ``{"val_loss": "holdout"}``.

    Returns:
        A :class:`~steelyard.diagnosis.diagnosis.Diagnosis` for each log, in their order, and one more of
        the comparison that several logs make.

    Raises:
        DataError: What was given cannot be read, or contradicts itself.
        SteelyardError: There is no such rule or threshold.

    >>> found = diagnose(
    ...     {"loss": [0.69, float("nan")], "val_loss": [0.68, float("nan")]}, select=["OPT308"]
    ... )
    >>> [finding.name for finding in found.findings]
    ['loss_not_finite']
    """
    train, validation, split = parts_of(train, validation, validation_split)
    said = facts_given(facts, train=train, validation=validation, class_weight=class_weight)
    said = merged(said, facts_given(split))
    logs = _logs_with_models(history, model, trust, columns)
    if train is not None and validation is not None:
        said = merged(said, _of_parts(train, validation))
    logs = tuple(told(log, said, l2=l2, dropout=dropout) for log in logs)
    if data is not None:
        from steelyard.doctor.table_facts import table_of, with_table  # tables take long to load

        table = table_of(data, target)
        logs = tuple(with_table(log, table) for log in logs)
    if predictions is not None:
        logs = (_with_predictions(logs, predictions),)
    if train_predictions is not None:
        log = _only(logs, "train_predictions")
        found_there = predictions_of(train_predictions, "train_predictions")
        logs = (replace(log, predictions={**log.predictions, "train": found_there}),)
    other = None if twin is None else _only(logs_of(twin, trust=trust, columns=columns), "twin")
    together = log_of_runs(logs)
    return Diagnoses(
        diagnosis_of(log, twin=other, select=select, ignore=ignore, settings=settings, door=Door.PYTHON)
        for log in (*logs, *(() if together is None else (together,)))
    )


def _of_parts(train: Rows, validation: Rows) -> Facts:
    from steelyard.doctor.table_facts import facts_of_parts  # tables take long to load

    return facts_of_parts(train, validation)


def _logs_with_models(
    history: Any, model: Any, trust: bool, columns: Mapping[str, str] | None
) -> tuple[Log, ...]:
    """The logs with the facts of their model; each of several ``History`` has its own."""
    if model is None and isinstance(history, list | tuple) and any(map(_model_of, history)):
        return tuple(log for one in history for log in _logs_with_models(one, None, trust, columns))
    logs = with_saved_predictions(logs_of(history, trust=trust, columns=columns))
    return tuple(_with_model(log, _model_of(history) if model is None else model) for log in logs)


def _model_of(history: Any) -> Any:
    """The model that a ``History`` of Keras holds, or that holds it."""
    for candidate in (getattr(history, "model", None), history):
        if hasattr(candidate, "to_json") and hasattr(candidate, "optimizer"):
            return candidate
    return None


def _with_model(log: Log, model: Any) -> Log:
    if model is None:
        return log
    facts, notes = keras_model.facts_of(model)
    return replace(with_facts(log, facts), notes=(*log.notes, *notes))


def _with_predictions(logs: Sequence[Log], predictions: tuple[Any, Any]) -> Log:
    log = _only(logs, "predictions")
    found = predictions_of(predictions)
    rows = log.facts.rows_validation
    if rows is not None and rows != len(found.target):
        raise DataError(
            f"predictions: {len(found.target):,} rows, but {rows:,} rows validated",
            help="give the validation rows, all of them and no others",
        )
    positives = int(found.target.sum())
    counted = Facts(rows_validation=len(found.target), positives_validation=positives)
    return replace(with_facts(log, counted), predictions={**log.predictions, "validation": found})


def _only(logs: Sequence[Log], argument: str) -> Log:
    if len(logs) != 1:
        raise DataError(
            f"{argument}: belongs to one log, but {len(logs)} were found", help="diagnose them one by one"
        )
    return logs[0]
