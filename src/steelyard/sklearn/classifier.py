"""``fit``, ``predict`` and what scikit-learn and Jupyter ask of an estimator."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Self

import numpy as np
from joblib import effective_n_jobs  # type: ignore[import-untyped]  # joblib has no annotations
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, logit, logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from steelyard.calibration.applying import bounded, calibrated_logit
from steelyard.data import ColumnKind, Features, Split, Table
from steelyard.engine import predict_logits
from steelyard.errors import RecipeError, SteelyardWarning
from steelyard.history import History
from steelyard.log import Log
from steelyard.readout import AS_TRAINED
from steelyard.recipe import Recipe
from steelyard.report.learning_curves import learning_curves_svg
from steelyard.run import Model, Readout, Run, RunStatus
from steelyard.sklearn.parameters import recipe_of
from steelyard.sklearn.rows import (
    Rows,
    order_by_content,
    reorder,
    rows_that_count,
    split_off_validation,
    without_validation,
)
from steelyard.tables import features_from, table_from
from steelyard.training import Fitted, fit

if TYPE_CHECKING:
    from steelyard.diagnosis.diagnosis import Diagnosis

_BEYOND = 1000.0
"""Log-odds that no row has: float64 knows no probability beyond 745."""


class SteelyardClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn is not annotated
    """A binary classifier: a neural network trained by Steelyard's native engine.

    Takes arrays of numbers, and pandas or polars frames with text, categories, dates and missing values
    as they are: no encoding, scaling or filling is needed before it. ``classes_[1]``, the label that sorts
    last, is the positive class.

    Every parameter that is None has the value of ``recipe``, by default that of
    :class:`~steelyard.recipe.Recipe`, where each is explained; the names are the same. Parameters are
    checked by :meth:`fit`, which reports all that is wrong at once.

    Args:
        hidden_units: Width of each hidden layer (``hidden_layer_sizes`` of scikit-learn's MLPClassifier).
        activation: Of the hidden layers, such as "relu", "gelu" or "tanh".
        dropout: Share of the units of each hidden layer that a training step leaves out.
        batch_normalization: Whether to normalise between each hidden product and its activation.
        l2: Penalty ``l2 * sum(w ** 2)`` on the weights of hidden layers, Keras' convention.
        loss: "binary_crossentropy", "focal_crossentropy" or "logit_adjusted".
        optimizer: "adamw", "adam", "sgd", "nadam", "rmsprop", "adagrad", "adadelta" or "adamax". Another
            optimizer keeps learning rate and schedule of the recipe where these are not its defaults.
        learning_rate: The optimizer's, before any schedule.
        weight_decay: Decoupled: each step first takes ``learning_rate * weight_decay * w`` off each weight.
        batch_size: Rows per step.
        epochs: The most epochs to train (``max_iter`` of MLPClassifier).
        monitor: The recorded series, such as "validation_loss" or "validation_average_precision", that
            decides which epoch is kept and when to stop.
        patience: Stop after this many epochs without improvement (``n_iter_no_change``), or "off".
        class_weight: "balanced", "square_root", "none" or a dict from label to weight (1 for a label that
            is not in it). "balanced" goes by the number of rows, copies included. Probabilities stay those
            of the rows as they are: what the weights did to them is undone. Mostly what is wanted is another
            ``threshold`` instead.
        resampling: Which training rows the network learns from: "none", "random_over_sampling",
            "random_under_sampling", "smote" (SMOTENC where there are categories), "borderline_smote",
            "adasyn", "smote_enn", "smote_tomek" or "balanced_batches"; or a dict with ``name`` and
            settings, ``{"name": "smote", "ratio": 0.5}``. Validation rows stay as they are.
        calibration: "auto", "none", "logistic", "beta", "temperature" or "isotonic", fitted on the
            validation rows. "auto" is logistic where that helps beyond noise, and after SMOTE or focal loss.
        threshold: What :meth:`predict` says yes above: a number, or what to choose it for on the validation
            rows: "f1", "balanced_accuracy", "mcc", "cost fp=1 fn=10", "recall>=0.8", "precision>=0.5",
            "rate=0.1" and more (:class:`~steelyard.recipe.decision.Decision`). "as_trained", the default,
            is 0.5 without weights and resampling, as scikit-learn expects of a classifier; weights count as
            costs, and move it. None takes that of ``recipe``.
        scaling: Of numbers: "robust", "standard" or "none".
        recipe: Everything else, such as schedules, initial weights or any stack of layers.
        validation_fraction: Share of the rows, drawn at random from each class, that choose the epoch and
            train nothing. With 0, or where this would leave fewer than two rows of a class (a warning
            tells), all rows train and ``monitor`` is read on these. 0.2 keeps most rows for training, yet
            leaves a rare class some rows to be judged on.
        n_seeds: Networks to train that differ in nothing but their seed; the probability is their mean.
        kinds: Kinds of columns by name, such as ``{"month": "category"}``, where a frame's types mislead.
        random_state: Seed of the validation rows and of the first network. A fit with the same seed and
            rows, in whatever order, gives the same bits on any number of threads.
        n_jobs: Threads, as in scikit-learn: None is one, -1 all cores.

    Attributes:
        classes_: The two labels, sorted.
        n_features_in_: Columns of X.
        feature_names_in_: Their names, if X was a frame with text as names.
        recipe_: The recipe that was trained, all parameters and defaults in it.
        runs_: One :class:`~steelyard.run.Run` per seed: history, telemetry, status, weights. Their split
            names rows of X, those of weight k up to k times.
        run_: The first of them.
        history_: Its :class:`~steelyard.history.History`: ``history_["validation_loss"]`` is a curve over
            the epochs.
        n_iter_: Epochs trained, by the run that took most.
        model_: The :class:`~steelyard.run.Model` that predicts.
        threshold_: The probability of ``classes_[1]`` above which :meth:`predict` gives it.
        calibration_: What was tried on the validation rows and kept, a
            :class:`~steelyard.calibration.CalibrationChoice`; None if there were none of both classes.
        diagnosis_: What is wrong with ``run_``, and what may be said for it, a
            :class:`~steelyard.diagnosis.diagnosis.Diagnosis` that ``print`` and Jupyter show. Worked out when
            it is first read; nothing of X is needed for it.
        logs_: One :class:`~steelyard.log.Log` per run, which is what a diagnosis reads.

    A row of whole-number weight k is trained on as k rows, one of weight 0 not at all, as long as this makes
    the table at most ten times as long. Other weights multiply the loss, scaled to a mean of 1 so that
    learning rate and penalties keep their meaning; the plain curves in ``history_`` do not count them.

    >>> from sklearn.datasets import make_moons
    >>> X, y = make_moons(1000, noise=0.2, random_state=0)
    >>> classifier = SteelyardClassifier(batch_size=32, random_state=0).fit(X, y)
    >>> bool(classifier.score(X, y) > 0.95)
    True
    """

    def __init__(
        self,
        *,
        hidden_units: Sequence[int] | int | None = None,
        activation: str | None = None,
        dropout: float | None = None,
        batch_normalization: bool | None = None,
        l2: float | None = None,
        loss: str | None = None,
        optimizer: str | None = None,
        learning_rate: float | None = None,
        weight_decay: float | None = None,
        batch_size: int | None = None,
        epochs: int | None = None,
        monitor: str | None = None,
        patience: int | Literal["off"] | None = None,
        class_weight: Literal["balanced", "square_root", "none"] | Mapping[Any, float] | None = None,
        resampling: str | Mapping[str, Any] | None = None,
        calibration: str | None = None,
        threshold: str | float | None = "as_trained",
        scaling: str | None = None,
        recipe: Recipe | None = None,
        validation_fraction: float = 0.2,
        n_seeds: int = 1,
        kinds: Mapping[str, ColumnKind] | None = None,
        random_state: int | np.random.RandomState | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.hidden_units = hidden_units
        self.activation = activation
        self.dropout = dropout
        self.batch_normalization = batch_normalization
        self.l2 = l2
        self.loss = loss
        self.optimizer = optimizer
        self.learning_rate = learning_rate
        self.weight_decay = weight_decay
        self.batch_size = batch_size
        self.epochs = epochs
        self.monitor = monitor
        self.patience = patience
        self.class_weight = class_weight
        self.resampling = resampling
        self.calibration = calibration
        self.threshold = threshold
        self.scaling = scaling
        self.recipe = recipe
        self.validation_fraction = validation_fraction
        self.n_seeds = n_seeds
        self.kinds = kinds
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any, sample_weight: ArrayLike | None = None) -> Self:
        """Train.

        Args:
            X: Array of numbers or frame, (rows, columns); NaN and None are missing values.
            y: Two labels of any kind, one per row.
            sample_weight: One number, 0 or larger, per row; see the class.

        Raises:
            RecipeError: Parameters that make no sense, all of them, or with which training diverges so
                fast that there is no model; a ``ValueError`` too.
            DataError: A frame whose columns cannot be used; a ``ValueError`` too.
            ValueError, TypeError: Whatever else scikit-learn refuses, in its words.
        """
        name = getattr(y, "name", None)
        # y comes first: scikit-learn forgets the names of X's columns when it looks at y alone.
        y = validate_data(self, X="no_validation", y=y)
        self._trained_on_frame = _is_frame(X)
        X = self._inputs(X, reset=True)
        check_consistent_length(X, y)
        positive = self._learn_labels(y)
        recipe = recipe_of(self.get_params(deep=False), self.classes_)
        rows, loss_weights = np.arange(len(y)), None
        if sample_weight is not None:
            rows, loss_weights = rows_that_count(
                _check_sample_weight(sample_weight, y, dtype=np.float64, ensure_non_negative=True)
            )
            X, positive = _take(X, rows), positive[rows]
            if len(np.unique(positive)) < 2:
                raise ValueError("Only one class is left without the rows of weight zero; two are needed.")
        table = table_from(X, positive, positive=1, kinds=self.kinds or {}, weights=loss_weights)
        order = order_by_content(table)
        table = reorder(self._with_labels(table, name), order)

        seed = self._seed()
        split = split_off_validation(table, float(self.validation_fraction), seed)
        if not len(split.validation):
            recipe = without_validation(recipe)
        threads = effective_n_jobs(self.n_jobs)
        fitted = fit(table, recipe, split, seeds=int(self.n_seeds), seed=seed, threads=threads)
        _tell_if_unsound(fitted, table.features)
        _tell_if_not_chosen(fitted)
        self._keep(fitted, table, rows[order])
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """How far the log-odds of ``classes_[1]`` lie above those of ``threshold_``, float64 (rows,).

        Above 0 where :meth:`predict` gives ``classes_[1]``; with a threshold of 0.5 the log-odds themselves.
        """
        return self._log_odds(X) - _log_odds_of(self.threshold_)

    def predict_proba(self, X: Any, *, raw: bool = False) -> NDArray[np.float64]:
        """The probability of each class, float64 (rows, 2), in the order of ``classes_``.

        They are for the base rate of the rows that were fitted, whatever was weighted or resampled. With
        ``raw``, what the networks give: neither the prior nor the calibration is put right.
        """
        logits = self._log_odds(X, raw=raw)
        return np.column_stack([expit(-logits), expit(logits)])

    def predict(self, X: Any) -> NDArray[Any]:
        """``classes_[1]`` where its probability exceeds ``threshold_``, else ``classes_[0]``."""
        positive = self.decision_function(X) > 0
        labels: NDArray[Any] = self.classes_[positive.astype(np.intp)]
        return labels

    def _log_odds(self, X: Any, *, raw: bool = False) -> NDArray[np.float64]:
        check_is_fitted(self)
        model: Model = self.model_
        features = features_from(self._inputs(X, reset=False), model.schema)
        readout = Readout() if raw else model.readout
        logits = _logits(model, features, effective_n_jobs(self.n_jobs)) - readout.offset
        mean = _logit_of_mean_probability(logits)
        return mean if readout.calibrator is None else calibrated_logit(readout.calibrator, bounded(mean))

    @property
    def run_(self) -> Run:
        """The run of the first seed."""
        if "runs_" not in vars(self):  # an AttributeError, so that hasattr is False before fit
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        return self.runs_[0]

    @property
    def history_(self) -> History:
        """The curves of the first seed."""
        return self.run_.history

    @cached_property
    def diagnosis_(self) -> Diagnosis:
        """What the rules say of the first seed."""
        if "logs_" not in vars(self):
            raise AttributeError(f"this {type(self).__name__} is not fitted yet")
        from steelyard.diagnosis.diagnosis import diagnosis_of  # all rules, which a fit does without
        from steelyard.diagnosis.door import Door

        return diagnosis_of(self.logs_[0], door=Door.PYTHON)

    def _inputs(self, X: Any, *, reset: bool) -> Any:
        """X as a frame or an array, checked by scikit-learn's rules."""
        if _is_frame(X) and self._trained_on_frame:
            if not len(X):
                raise ValueError(f"Found a frame with 0 sample(s) (shape={X.shape}); at least one is needed.")
            return validate_data(self, X, reset=reset, skip_check_array=True)
        if _holds_text(X):
            return validate_data(self, X, reset=reset, dtype=None, ensure_all_finite=False)
        return validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite="allow-nan")

    def _learn_labels(self, y: NDArray[Any]) -> NDArray[np.uint8]:
        """Sets ``classes_``; 1 for rows of the positive class, 0 for others."""
        if y.dtype == object and (missing := sum(label is None for label in y)):
            raise ValueError(f"Input y has no label in {missing} of {len(y)} rows.")
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y has one class only, {classes.tolist()[0]!r}; two are needed.")
        self.classes_: NDArray[Any] = classes
        return codes.astype(np.uint8)

    def _with_labels(self, table: Table, name: object) -> Table:
        """The table with the labels of y in its schema, which were 0 and 1 to the table."""
        target = replace(
            table.schema.target,
            name=name if isinstance(name, str) and name else "target",
            negative=str(self.classes_[0]),
            positive=str(self.classes_[1]),
        )
        return replace(table, schema=replace(table.schema, target=target))

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _keep(self, fitted: Fitted, table: Table, rows: Rows) -> None:
        """Sets what a fit leaves behind; ``rows`` says which row of X each row of the table is."""
        split = fitted.runs[0].split
        judged = split.validation if len(split.validation) else split.train
        self._base_rate = float(table.target[judged].mean())
        split = Split(np.sort(rows[split.train]), np.sort(rows[split.validation]), split.test, split.method)
        self.runs_: tuple[Run, ...] = tuple(replace(run, split=split) for run in fitted.runs)
        self.logs_: tuple[Log, ...] = fitted.logs
        self.__dict__.pop("diagnosis_", None)  # that of an earlier fit
        self.recipe_ = self.runs_[0].recipe
        self.model_ = fitted.model
        self.threshold_ = fitted.model.readout.threshold
        self.calibration_ = fitted.calibration
        self.n_iter_ = max(len(run.history) for run in self.runs_)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        # Text is welcome, in frames and in arrays of objects; but this tag promises that any object is
        # welcome among numbers, and a dict in a cell is a mistake that should be told.
        tags.input_tags.string = False
        return tags

    # What Jupyter asks for. scikit-learn's own two give its diagram, or nothing if it is so configured.
    @property
    def _repr_html_(self) -> Callable[[], str]:
        diagram = super()._repr_html_
        return lambda: f"{diagram()}{self._curves()}"

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._curves()
        return bundle

    def _curves(self) -> str:
        if "runs_" not in vars(self):
            return ""
        histories, best = [run.history for run in self.runs_], [run.best_epoch for run in self.runs_]
        return f'<div style="margin-top:0.5em">{learning_curves_svg(histories, best, self._base_rate)}</div>'


def _is_frame(X: Any) -> bool:
    return type(X).__module__.partition(".")[0] in ("pandas", "polars") and hasattr(X, "columns")


def _holds_text(X: Any) -> bool:
    return isinstance(X, np.ndarray) and X.dtype.kind in "OU" and any(isinstance(v, str) for v in X.flat)


def _take(X: Any, rows: Rows) -> Any:
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def _logits(model: Model, features: Features, threads: int) -> NDArray[np.float64]:
    """Of each network, (networks, rows)."""
    return np.stack(
        [
            predict_logits(model.network, weights, model.encoding, features, threads=threads)
            for weights in model.weights
        ]
    ).astype(np.float64)


def _logit_of_mean_probability(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Over the first axis; exact also where probabilities round to 0 or 1."""
    if len(logits) == 1:
        return np.asarray(logits[0])
    positive = logsumexp(log_expit(logits), axis=0)
    negative = logsumexp(log_expit(-logits), axis=0)
    return np.asarray(positive - negative)


def _log_odds_of(threshold: float) -> float:
    """The logit; beyond that of any row for a threshold that all rows exceed, or none.

    >>> _log_odds_of(0.5), _log_odds_of(-0.5), _log_odds_of(1.0)
    (0.0, -1000.0, 1000.0)
    """
    if 0.0 < threshold < 1.0:
        return float(logit(threshold))
    return math.copysign(_BEYOND, threshold - 0.5)


def _tell_if_not_chosen(fitted: Fitted) -> None:
    """Warns if there were no rows to choose the threshold on."""
    asked = fitted.runs[0].recipe.decision.threshold
    if fitted.threshold is None and fitted.model.readout.objective == AS_TRAINED != asked:
        warnings.warn(
            f"threshold: there are no validation rows of both classes to choose one for {asked!r} on; "
            f"{fitted.model.readout.threshold:.4g} is used, as for threshold={AS_TRAINED!r}",
            SteelyardWarning,
            stacklevel=3,
        )


def _tell_if_unsound(fitted: Fitted, features: Features) -> None:
    """Warns of a model that is worse than it could be; raises if it predicts no numbers for its own rows."""
    if fitted.status not in (RunStatus.DIVERGED, RunStatus.INTERRUPTED):
        return
    message = f"training {fitted.status}: {fitted.reason}"
    help = ", ".join(f"try {change}" for change in fitted.advice)
    if not np.isfinite(_logits(fitted.model, features, threads=1)).all():
        raise RecipeError(message, help=help)
    warnings.warn(f"{message}\n{help}".strip(), SteelyardWarning, stacklevel=3)
