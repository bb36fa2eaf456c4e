"""From a log to signals: every fact that a rule may ask for, as far as the log gives it."""

from __future__ import annotations

from dataclasses import replace

from steelyard.diagnosis.deriving.class_weights import InForce, in_force
from steelyard.diagnosis.deriving.counted import with_shares
from steelyard.diagnosis.deriving.curves import (
    AUC,
    AVERAGE_PRECISION,
    Curves,
    curves_of,
    unpaired,
)
from steelyard.diagnosis.deriving.decisions import (
    Decisions,
    averaged_over_batches,
    confusion_curve,
    decisions_of,
)
from steelyard.diagnosis.deriving.floors import (
    asked_weights,
    constant_loss,
    floor_of,
    initial_penalty_of,
    usable_weights,
    weighted_floor_of,
)
from steelyard.diagnosis.deriving.intervals import skill
from steelyard.diagnosis.deriving.judging import auc_interval_of, best_epoch_of, validation_noise_of
from steelyard.diagnosis.deriving.losses import (
    gap_of,
    inside,
    penalty_of,
    train_loss_of,
    validation_loss_of,
)
from steelyard.diagnosis.deriving.rates import Rate, rate_of, raw_rate
from steelyard.diagnosis.deriving.seen_weights import seen_weights
from steelyard.diagnosis.deriving.trial_names import with_known_names
from steelyard.diagnosis.signals import ConfusionCurve, Curve, Signals
from steelyard.log import Log

__all__ = ["signals_from"]


def signals_from(log: Log) -> Signals:
    """All signals of a log. What it does not give, and what cannot be worked out of it, is None."""
    log = _with_predictions_that_are_some(log)
    facts = log.facts
    history = log.history if log.history is not None and len(log.history) else None
    curves, segments = (None, None) if history is None else curves_of(history)
    curves = None if curves is None else with_shares(curves)

    means = frozenset[str]() if curves is None else averaged_over_batches(curves, facts.metric_functions)
    decided = {
        split: None if curves is None else decisions_of(curves, split, means)
        for split in ("train", "validation")
    }
    train_rate, validation_rate = (
        rate_of(split, log, _comparable(split, log, decisions), curves, means)
        for split, decisions in decided.items()
    )
    train_confusion, validation_confusion = (
        _confusion(split, log, decided[split], rate)
        for split, rate in (("train", train_rate), ("validation", validation_rate))
    )
    rate_t, rate_v = train_rate.share, validation_rate.share
    train_floor = None if rate_t is None else floor_of(rate_t)
    validation_floor = None if rate_v is None else floor_of(rate_v)

    logged = None if curves is None else curves.loss("train")
    weights = asked_weights(facts, rate_t)
    seen = None if facts.class_weight_type or weights else seen_weights(curves, rate_t, means)
    if seen is None:
        weighing = in_force(logged, weights, rate_t, curves, train_confusion, means, facts)
    else:
        weights, weighing = seen.weights(rate_t), InForce(None, seen.weighted)
    known = inside(logged, facts, weights, weighing.verdict)
    unweighted = weights is None or weighing.verdict is False
    penalty = None if curves is None else penalty_of(curves)
    train_loss = None if curves is None else train_loss_of(curves, known, penalty, train_floor)
    validation_loss = None if curves is None else validation_loss_of(curves, known, penalty, validation_floor)
    noise = validation_noise_of(log, validation_rate, validation_loss)

    def curve(split: str, *metrics: str) -> Curve | None:
        return None if curves is None else curves.find(split, *metrics)

    return Signals(
        framework=facts.framework,
        loss=facts.loss,
        from_logits=facts.from_logits,
        layers=facts.layers,
        penalized=known.penalized,
        dropout=known.dropout,
        optimizer=facts.optimizer,
        learning_rate=facts.learning_rate if facts.learning_rate is not None else _highest_rate(curves),
        batch_size=facts.batch_size,
        planned_epochs=facts.planned_epochs,
        shuffled=facts.shuffled,
        class_weight=weights or usable_weights(facts),
        class_weight_type=facts.class_weight_type,
        metrics=facts.metrics,
        metric_functions=facts.metric_functions,
        stopping=facts.stopping,
        validation_way=facts.validation_way,
        validation_is_test=facts.validation_is_test,
        resampling=facts.resampling,
        resampled_before_split=facts.resampled_before_split,
        one_hot_columns=facts.one_hot_columns,
        scaling=facts.scaling,
        calibration=facts.calibration,
        scaled_before_split=facts.scaled_before_split,
        features=facts.features,
        reported_auc=facts.reported_auc,
        reported_on=facts.reported_on,
        seeds=facts.seeds,
        rows_train=train_rate.rows or None,  # of no rows nothing can be said
        rows_validation=validation_rate.rows or None,
        base_rate_train=rate_t,
        base_rate_validation=rate_v,
        positives_validation=validation_rate.positives,
        base_rate_raw=raw_rate(facts),
        train_loss_logged=logged,
        validation_loss_logged=None if curves is None else curves.loss("validation"),
        train_accuracy=curve("train", "accuracy"),
        train_precision=curve("train", "precision"),
        train_recall=curve("train", "recall"),
        train_f1=curve("train", "f1"),
        train_auc=curve("train", *AUC),
        validation_accuracy=curve("validation", "accuracy"),
        validation_precision=curve("validation", "precision"),
        validation_recall=curve("validation", "recall"),
        validation_f1=curve("validation", "f1"),
        validation_auc=curve("validation", *AUC),
        validation_average_precision=curve("validation", *AVERAGE_PRECISION),
        learning_rates=curve("train", "learning_rate") or curve("validation", "learning_rate"),
        segments=segments,
        # What Steelyard measures of one split only, it means to.
        names_unpaired=None
        if history is None
        else ()
        if facts.framework == "steelyard"
        else unpaired(history),
        train_floor=train_floor,
        validation_floor=validation_floor,
        penalty=penalty,
        initial_penalty=initial_penalty_of(facts),
        weights_in_force=weighing.verdict,
        weighted_train_floor=None
        if weights is None or rate_t is None
        else weighted_floor_of(rate_t, weights, facts),
        weighted_train_least=weighing.least,
        constant_validation_loss=None
        if rate_t is None or rate_v is None
        else constant_loss(rate_t, rate_v, (1.0, 1.0) if unweighted else weights or (1.0, 1.0), facts),
        train_loss=train_loss,
        validation_loss=validation_loss,
        loss_gap=None if curves is None else gap_of(curves, known, train_loss, validation_loss),
        train_skill=None if train_loss is None or train_floor is None else skill(train_loss, train_floor),
        validation_skill=None
        if validation_loss is None or validation_floor is None
        else skill(validation_loss, validation_floor),
        validation_noise=noise,
        best_epoch=None
        if curves is None
        else best_epoch_of(
            curves,
            validation_loss or curves.loss("validation"),
            noise,
            validation_rate.positives,
            validation_rate.rows,
        ),
        validation_confusion=validation_confusion,
        train_confusion=train_confusion,
        validation_auc_interval=auc_interval_of(log, curves, validation_rate),
        telemetry=log.telemetry,
        validation_predictions=log.predictions.get("validation"),
        train_predictions=log.predictions.get("train"),
        initial_loss=facts.initial_loss,
        one_batch_loss=facts.one_batch_loss,
        logistic_loss=facts.logistic_loss,
        logistic_auc=facts.logistic_auc,
        data_warnings=facts.data_warnings,
        entities_shared=facts.entities_shared,
        trials=None if log.trials is None else with_known_names(log.trials),
    )


def _with_predictions_that_are_some(log: Log) -> Log:
    """Without those of a network that gives no probabilities, as when its weights have run away, and without
    those of no rows."""
    sound = {
        split: rows
        for split, rows in log.predictions.items()
        if len(rows.probability) and bool(((rows.probability >= 0.0) & (rows.probability <= 1.0)).all())
    }
    return log if len(sound) == len(log.predictions) else replace(log, predictions=sound)


def _comparable(split: str, log: Log, decisions: Decisions | None) -> Decisions | None:
    """Decisions whose metrics are of all rows of the split, each counting once."""
    if log.facts.sample_weight or (split == "train" and log.facts.framework == "steelyard"):
        return None  # Steelyard measures training metrics on some of the rows
    return decisions if decisions is not None and decisions.by_epoch else None


def _confusion(split: str, log: Log, decisions: Decisions | None, rate: Rate) -> ConfusionCurve | None:
    found = _comparable(split, log, decisions)
    if found is None or not rate.rows or rate.hard is None:
        return None
    positives = rate.positives
    if positives is None:
        return None
    likely = (int(positives.low), int(positives.high))
    return confusion_curve(found, rate.rows, rate.hard, likely, positives)


def _highest_rate(curves: Curves | None) -> float | None:
    """Of a schedule that warms up, the first would be next to nothing."""
    found = None if curves is None else curves.find("train", "learning_rate")
    return None if found is None else float(found.values.max())
