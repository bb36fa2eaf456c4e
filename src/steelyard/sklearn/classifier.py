"""The scikit-learn estimator: the engine behind ``fit`` and ``predict_proba``."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, Self

import numpy as np
from joblib import effective_n_jobs
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit, log_expit, logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_consistent_length, check_random_state, compute_class_weight
from sklearn.utils.multiclass import type_of_target
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from steelyard.data import ColumnKind, Features, Split, Table
from steelyard.engine import predict_logits
from steelyard.errors import RecipeError, SteelyardWarning
from steelyard.history import History
from steelyard.recipe import Change, Recipe, apply
from steelyard.recipe.schedule import ReduceOnPlateau
from steelyard.report.learning_curves import learning_curves_svg
from steelyard.run import Model, Run, RunStatus
from steelyard.splitting import split_rows
from steelyard.tables import features_from, table_from
from steelyard.training import Fit, fit

Rows = NDArray[np.int64]

PATHS = {
    "hidden_units": "network.hidden_units",
    "activation": "network.activation",
    "dropout": "network.dropout",
    "batch_normalization": "network.batch_normalization",
    "l2": "network.l2",
    "loss": "loss.name",
    "optimizer": "optimizer.name",
    "learning_rate": "optimizer.learning_rate",
    "weight_decay": "optimizer.weight_decay",
    "batch_size": "training.batch_size",
    "epochs": "training.epochs",
    "monitor": "training.monitor",
    "patience": "training.patience",
    "scaling": "preprocessing.scaling",
}
"""Where each flat parameter belongs in the recipe, in the order in which they are applied: an optimizer is
chosen before its learning rate is set. Class weights go by label and are handled apart."""

_MOST_COPIES = 10
"""Up to this many copies a row, on average, whole-number weights are taken as copies."""
_FEWEST_JUDGES = 2
"""Rows of each class that a validation part must hold to be worth having."""


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
        patience: Stop after this many epochs without improvement (``n_iter_no_change``).
        class_weight: "balanced", "square_root", "none" or a dict from label to weight. Weights distort the
            probabilities, so there are none by default; ``predict`` at another threshold
            (``TunedThresholdClassifierCV``) is mostly what is wanted instead.
        scaling: Of numbers: "robust", "standard" or "none".
        recipe: Everything else, such as schedules, initial weights or any stack of layers.
        validation_fraction: Share of the rows, drawn at random from each class, that choose the epoch and
            train nothing. With 0, or where this would leave fewer than two rows of a class (a warning tells),
            all rows train and ``monitor`` is read on these. 0.2 keeps most rows for training, yet leaves a
            rare class some rows to be judged on.
        n_seeds: Networks to train that differ in nothing but their seed; the probability is their mean.
        kinds: Kinds of columns by name, such as ``{"month": "category"}``, where a frame's types mislead.
        random_state: Seed of the validation rows and of the first network; a fit with the same seed and rows,
            in whatever order, gives the same bits on any number of threads.
        n_jobs: Threads, as in scikit-learn: None is one, -1 all cores.

    Attributes:
        classes_: The two labels, sorted.
        n_features_in_: Columns of X.
        feature_names_in_: Their names, if X was a frame with text as names.
        recipe_: The recipe that was trained, all parameters and defaults in it.
        runs_: One :class:`~steelyard.run.Run` per seed: history, telemetry, status, weights. Their split names
            rows of X.
        run_: The first of them.
        history_: Its :class:`~steelyard.history.History`: ``history_["validation_loss"]`` is a curve over the epochs.
        n_iter_: Epochs trained, by the run that took most.
        model_: The :class:`~steelyard.run.Model` that predicts.

    A row of whole-number weight k is trained on as k rows, one of weight 0 not at all, as long as this makes the
    table at most ten times as long. Other weights multiply the loss, scaled to a mean of 1 so that learning
    rate and penalties keep their meaning; curves in ``history_`` do not count them.

    >>> from sklearn.datasets import make_moons
    >>> X, y = make_moons(1000, noise=0.2, random_state=0)
    >>> classifier = SteelyardClassifier(hidden_units=(32, 32), epochs=100, random_state=0).fit(X, y)
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
        patience: int | None = None,
        class_weight: Literal["balanced", "square_root", "none"] | Mapping[Any, float] | None = None,
        scaling: str | None = None,
        recipe: Recipe | None = None,
        validation_fraction: float = 0.2,
        n_seeds: int = 1,
        kinds: Mapping[str, ColumnKind | str] | None = None,
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
        self.scaling = scaling
        self.recipe = recipe
        self.validation_fraction = validation_fraction
        self.n_seeds = n_seeds
        self.kinds = kinds
        self.random_state = random_state
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Train.

        Args:
            X: Array of numbers or frame, (rows, columns); NaN and None are missing values.
            y: Two labels of any kind, one per row.
            sample_weight: One number, 0 or larger, per row; see the class.

        Raises:
            RecipeError: Parameters that make no sense, all of them; a ``ValueError`` too.
            DataError: A frame whose columns cannot be used; a ``ValueError`` too.
            ValueError, TypeError: Whatever else scikit-learn refuses, in its words.
        """
        name = getattr(y, "name", None)
        # y comes first: scikit-learn forgets the names of X's columns when it looks at y alone.
        y = validate_data(self, X="no_validation", y=y)
        self._trained_on_frame = _is_frame(X)
        X = self._inputs(X, reset=True)
        check_consistent_length(X, y)
        labels = self._learn_labels(y)
        recipe = self._recipe(y)
        rows, loss_weights = _rows_that_count(sample_weight, y)
        if rows is not None:
            X, labels = _take(X, rows), labels[rows]
            if len(np.unique(labels)) < 2:
                raise ValueError("Only one class is left once rows of weight zero are taken out; two are needed.")
        table = table_from(X, labels, positive=1, kinds=self._kinds(), weights=loss_weights)
        target = replace(
            table.schema.target,
            name=name if isinstance(name, str) and name else "target",
            negative=str(self.classes_[0]),
            positive=str(self.classes_[1]),
        )
        table = replace(table, schema=replace(table.schema, target=target))
        order = _order_by_content(table)
        table = _reorder(table, order)

        seed = self._seed()
        split = _split(table, self.validation_fraction, seed)
        if not len(split.validation):
            recipe = _without_validation(recipe)
        fitted = fit(table, recipe, split, seeds=self.n_seeds, seed=seed, threads=effective_n_jobs(self.n_jobs))
        self._keep(fitted, table, order if rows is None else rows[order])
        return self

    def decision_function(self, X: Any) -> NDArray[np.float64]:
        """The logit of the probability of ``classes_[1]``, float64 (rows,)."""
        check_is_fitted(self)
        X = self._inputs(X, reset=False)
        model: Model = self.model_
        features = features_from(X, model.schema)
        threads = effective_n_jobs(self.n_jobs)
        logits = np.array(
            [
                predict_logits(model.network, weights, model.encoding, features, threads=threads)
                for weights in model.weights
            ],
            np.float64,
        )
        if len(logits) == 1:
            return logits[0]
        # The logit of the mean of the networks' probabilities, exact also where these round to 0 or 1.
        log_odds: NDArray[np.float64] = logsumexp(log_expit(logits), axis=0) - logsumexp(log_expit(-logits), axis=0)
        return log_odds

    def predict_proba(self, X: Any) -> NDArray[np.float64]:
        """The probability of each class, float64 (rows, 2), in the order of ``classes_``."""
        logits = self.decision_function(X)
        return np.column_stack([expit(-logits), expit(logits)])

    def predict(self, X: Any) -> NDArray[Any]:
        """The likelier label of each row."""
        positive = self.decision_function(X) > 0
        labels: NDArray[Any] = self.classes_[positive.astype(np.intp)]
        return labels

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

    def _recipe(self, y: NDArray[Any]) -> Recipe:
        """The recipe with the flat parameters in it; raises one error for everything that is wrong."""
        problems = self._own_problems()
        given = {name: _plain(getattr(self, name)) for name in PATHS if getattr(self, name) is not None}
        if isinstance(given.get("hidden_units"), int):
            given["hidden_units"] = (given["hidden_units"],)
        changes = [Change(PATHS[name], value) for name, value in given.items()]
        if isinstance(self.class_weight, str):
            changes.append(Change("imbalance.class_weight", self.class_weight))
        elif isinstance(self.class_weight, Mapping):
            negative, positive = compute_class_weight(dict(self.class_weight), classes=self.classes_, y=y)
            weights = {"negative": float(negative), "positive": float(positive)}
            changes.append(Change("imbalance.class_weight", weights))
        recipe = self.recipe if isinstance(self.recipe, Recipe) else Recipe()
        try:
            recipe = apply(recipe, *changes)
        except RecipeError as error:
            problems += [_in_flat_names(problem) for problem in error.problems]
        if problems:
            raise RecipeError(*problems)
        return recipe

    def _own_problems(self) -> list[str]:
        """What is wrong with the parameters that are no part of a recipe."""
        problems = []
        if not (self.recipe is None or isinstance(self.recipe, Recipe)):
            problems.append(f"recipe: must be a Recipe or None; found {self.recipe!r}")
        fraction = self.validation_fraction
        if not (isinstance(fraction, float | int | np.number) and 0 <= fraction < 1):
            problems.append(f"validation_fraction: must be a number from 0 to below 1; found {fraction!r}")
        if not (isinstance(self.n_seeds, int | np.integer) and self.n_seeds >= 1):
            problems.append(f"n_seeds: must be a whole number from 1; found {self.n_seeds!r}")
        if not (self.class_weight is None or isinstance(self.class_weight, str | Mapping)):
            problems.append(
                "class_weight: must be 'balanced', 'square_root', 'none', None or a dict from label to weight; "
                f"found {self.class_weight!r}"
            )
        if not (self.kinds is None or isinstance(self.kinds, Mapping)):
            problems.append(f"kinds: must be a dict from column name to kind, or None; found {self.kinds!r}")
        return problems

    def _kinds(self) -> dict[str, ColumnKind]:
        # Plain text is a kind too: table_from checks its spelling.
        return dict(self.kinds or {})  # type: ignore[arg-type]

    def _seed(self) -> int:
        if isinstance(self.random_state, int | np.integer):
            check_random_state(self.random_state)  # refuses what scikit-learn refuses
            return int(self.random_state)
        return int(check_random_state(self.random_state).randint(2**31 - 1))

    def _learn_labels(self, y: NDArray[Any]) -> NDArray[np.uint8]:
        kind = type_of_target(y, input_name="y", raise_unknown=True)
        if kind != "binary":
            raise ValueError(f"Only binary classification is supported. The type of the target is {kind}.")
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"A classifier needs rows of two classes; y holds only one class: {classes[0]!r}.")
        self.classes_ = classes
        return codes.astype(np.uint8)

    def _inputs(self, X: Any, *, reset: bool) -> Any:
        """X as a frame or an array, checked by scikit-learn's rules."""
        if _is_frame(X) and self._trained_on_frame:
            return validate_data(self, X, reset=reset, skip_check_array=True)
        if _holds_text(X):
            return validate_data(self, X, reset=reset, dtype=None, ensure_all_finite=False)
        return validate_data(self, X, reset=reset, dtype="numeric", ensure_all_finite="allow-nan")

    def _keep(self, fitted: Fit, table: Table, rows: Rows) -> None:
        """What fit leaves behind; ``rows`` says which row of X each row of the table is."""
        first = fitted.runs[0].split
        split = Split(
            train=np.sort(rows[first.train]),
            validation=np.sort(rows[first.validation]),
            test=first.test,
            method=first.method,
        )
        self.runs_ = tuple(replace(run, split=split) for run in fitted.runs)
        self.recipe_ = self.runs_[0].recipe
        self.model_ = fitted.model
        self.n_iter_ = max(len(run.history) for run in self.runs_)
        judged = first.validation if len(first.validation) else first.train
        self._base_rate = float(table.target[judged].mean())
        if fitted.status in (RunStatus.DIVERGED, RunStatus.INTERRUPTED):
            advice = "; ".join(f"try {change}" for change in fitted.advice)
            warnings.warn(f"Training {fitted.status}: {fitted.reason}\n{advice}".strip(), SteelyardWarning, stacklevel=3)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_class = False
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        # Text is welcome, in frames and in arrays of objects; but this tag promises that objects of any
        # type are accepted among numbers, and a dict in a cell is a mistake that should be told.
        tags.input_tags.string = False
        return tags

    # What Jupyter asks for. scikit-learn's own two give its diagram, or nothing if it is so configured.
    @property
    def _repr_html_(self) -> Callable[[], str]:
        diagram = super()._repr_html_
        return lambda: diagram() + self._curves()

    def _repr_mimebundle_(self, **kwargs: Any) -> dict[str, str]:
        bundle: dict[str, str] = super()._repr_mimebundle_(**kwargs)
        if "text/html" in bundle:
            bundle["text/html"] += self._curves()
        return bundle

    def _curves(self) -> str:
        if "runs_" not in vars(self):
            return ""
        svg = learning_curves_svg(
            [run.history for run in self.runs_], [run.best_epoch for run in self.runs_], self._base_rate
        )
        return f'<div style="margin-top:0.5em">{svg}</div>'


def _plain(value: Any) -> Any:
    """Numbers and arrays of numpy, which searches draw from, as Python's own."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, list | tuple):
        return tuple(_plain(entry) for entry in value)
    return value


def _in_flat_names(problem: str) -> str:
    """``recipe: training.epochs: ...`` as ``epochs: ...``."""
    for name, path in {**PATHS, "class_weight": "imbalance.class_weight"}.items():
        problem = problem.replace(f"recipe: {path}", name)
    return problem


def _is_frame(X: Any) -> bool:
    return type(X).__module__.partition(".")[0] in ("pandas", "polars") and hasattr(X, "columns")


def _holds_text(X: Any) -> bool:
    objects = isinstance(X, np.ndarray) and X.dtype.kind in "OU"
    return objects and any(isinstance(value, str) for value in X.ravel())


def _take(X: Any, rows: Rows) -> Any:
    return X.iloc[rows] if hasattr(X, "iloc") else X[rows]


def _rows_that_count(
    sample_weight: ArrayLike | None, y: NDArray[Any]
) -> tuple[Rows | None, NDArray[np.float64] | None]:
    """Row numbers to train on, with copies, and what multiplies their loss; None for all rows alike."""
    if sample_weight is None:
        return None, None
    weights: NDArray[np.float64] = _check_sample_weight(sample_weight, y, dtype=np.float64, ensure_non_negative=True)
    rows = np.flatnonzero(weights)
    whole = bool((weights == np.floor(weights)).all())
    if whole and weights.sum() <= _MOST_COPIES * len(rows):
        return np.repeat(np.arange(len(weights)), weights.astype(np.int64)), None
    return rows, weights[rows] / weights[rows].mean()


def _order_by_content(table: Table) -> Rows:
    """An order of the rows that depends on what they hold, not on where they stand.

    Split, batches and sums follow it, so that fits on the same rows in another order, or on a row twice
    instead of with weight 2, have the same bits. Sorts by a hash of 64 bits: two different rows that
    share one, of which there is hardly ever a pair, keep the order they came in.
    """
    key = table.target.astype(np.uint64)
    weights = () if table.weights is None else (table.weights,)
    for column in (*table.features.numeric.T, *table.features.codes.T, *weights):
        key ^= np.ascontiguousarray(column).view(np.uint32)
        # The finaliser of SplitMix64 (Steele, Lea & Flood 2014), one multiplication shorter.
        key ^= key >> np.uint64(30)
        key *= np.uint64(0xBF58476D1CE4E5B9)
        key ^= key >> np.uint64(27)
    return np.argsort(key, kind="stable")


def _reorder(table: Table, order: Rows) -> Table:
    return replace(
        table,
        features=Features(table.features.numeric[order], table.features.codes[order]),
        target=table.target[order],
        weights=None if table.weights is None else table.weights[order],
    )


def _split(table: Table, fraction: float, seed: int) -> Split:
    """Rows that train and rows that choose the epoch; all train if there are too few for that."""
    fraction = float(fraction)
    rarer = int(np.bincount(table.target, minlength=2).min())
    if round(rarer * fraction) >= _FEWEST_JUDGES:
        return split_rows(table, shares=(1.0 - fraction, fraction, 0.0), seed=seed)
    method = "all rows train, as asked"
    if fraction > 0:
        method = f"all rows train: {rarer} of the rarer class are too few for {fraction:.0%} to choose the epoch"
        warnings.warn(
            f"validation_fraction: {method}; training is judged on the rows it trains on. "
            "Set validation_fraction=0 if this is meant.",
            SteelyardWarning,
            stacklevel=3,
        )
    none = np.zeros(0, np.int64)
    return Split(np.arange(len(table), dtype=np.int64), none, none, method)


def _without_validation(recipe: Recipe) -> Recipe:
    """The recipe with the training rows in place of validation rows that do not exist."""
    changes = []
    watched = recipe.training.monitor
    if watched.startswith("validation_"):
        changes.append(Change("training.monitor", watched.replace("validation_", "train_")))
    schedule = recipe.optimizer.schedule
    if isinstance(schedule, ReduceOnPlateau) and schedule.monitor.startswith("validation_"):
        changes.append(Change("optimizer.schedule.monitor", schedule.monitor.replace("validation_", "train_")))
    return apply(recipe, *changes)
