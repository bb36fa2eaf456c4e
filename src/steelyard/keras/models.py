"""Sequential: Keras' model over the engine (``keras/src/models/sequential.py``, ``trainer.py``)."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from steelyard.data.table import Features
from steelyard.engine import predict_logits
from steelyard.errors import SteelyardError
from steelyard.keras import losses, optimizers, recipes
from steelyard.keras.architecture import Architecture, flat
from steelyard.keras.callbacks import BetweenEpochs, Callback, callback_list
from steelyard.keras.checks import whole
from steelyard.keras.codes import refuse
from steelyard.keras.fitting import FitRequest, mean_loss, resampled_for, rows_for, submit
from steelyard.keras.history import History
from steelyard.keras.imbalance import ClassWeights, Resamplings, check_classes, imbalance_of
from steelyard.keras.layers import InputLayer, Layer, Variable
from steelyard.keras.metrics import Metric, compile_metrics, warn_of_logits, warn_undefined
from steelyard.keras.progress import report, verbosity
from steelyard.keras.rows import evaluation_rows, prediction_rows
from steelyard.keras.saving.optimizer_state import OptimizerState
from steelyard.keras.saving.record import Compiled, SavedModel
from steelyard.keras.seeding import next_seed
from steelyard.keras.serialized import Config
from steelyard.keras.summary import print_summary
from steelyard.keras.variables import Variables
from steelyard.recipe import network
from steelyard.run import Progress
from steelyard.thresholds import Objective, ThresholdChoice, choose_threshold


class Sequential:
    """A stack of layers that ends in one unit: the probability of class 1, or its logit.

    Args:
        layers: Layers in order; more can be added with :meth:`add`. ``Input(shape=(columns,))`` or the first
            layer's ``input_dim`` says how wide the table is; else ``fit`` finds out.
        name: What the summary and files call it.

    Initial weights, the order of batches and dropout follow from :attr:`seed`, which counts the models
    of a program: the same program gives the same numbers each time, and two models in it differ, as in
    Keras after ``keras.utils.set_random_seed``, which restarts the count.

    Attributes:
        optimizer, loss, metrics: What :meth:`compile` was given, as objects.
        stop_training: Callbacks set it to end training after the current epoch.
        history: The History of the last ``fit``.
        threshold: The probability above which :meth:`predict_classes` gives 1, as :meth:`choose_threshold`
            chose it for the weights there are; None before, and when they have changed.
        seed: Of initial weights, batches, dropout and resampling.
    """

    optimizer: optimizers.Optimizer
    loss: losses.Loss

    def __init__(self, layers: Sequence[Layer] | None = None, name: str | None = None) -> None:
        self.name = name or "sequential"
        self.seed = next_seed()
        self.metrics: list[Metric] = []
        self.stop_training = False
        self.history: History | None = None
        self.threshold: float | None = None
        self._architecture = Architecture(self)
        self._variables: Variables | None = None
        for layer in layers or ():
            self.add(layer)

    # The architecture.

    @property
    def layers(self) -> list[Layer]:
        """The layers without the input, as in Keras."""
        return list(self._architecture.layers)

    def add(self, layer: Layer) -> None:
        """Appends a layer; weights that the model had are drawn anew."""
        self._architecture.add(layer)
        self._forget()

    def pop(self, rebuild: bool = True) -> Layer:
        """Removes the last layer and returns it."""
        layer = self._architecture.pop()
        self._forget()
        return layer

    def build(self, input_shape: Sequence[int | None] | None = None) -> None:
        """Tells the model how wide the table is: ``(None, columns)``."""
        if input_shape is not None:
            self._architecture.see_width(tuple(input_shape)[-1], "build: input_shape[-1]")
        self._architecture.connect()

    @property
    def built(self) -> bool:
        """Whether the width of the input is known."""
        return self._architecture.width is not None and bool(self._architecture.layers)

    @property
    def input_shape(self) -> tuple[None, int]:
        """``(None, columns)``."""
        return None, self._architecture.known_width("input_shape")

    @property
    def output_shape(self) -> tuple[None, int]:
        """``(None, units of the last layer)``."""
        return None, self._architecture.connect()

    def get_layer(self, name: str | None = None, index: int | None = None) -> Layer:
        """The layer of a name or at a position."""
        if (name is None) == (index is None):
            raise refuse(
                "K256", "get_layer needs a name or an index", "get_layer('dense') or get_layer(index=0)."
            )
        known: dict[object, Layer] = {}
        for position, layer in enumerate(self.layers):
            known |= {layer.name: layer, position: layer, position - len(self.layers): layer}
        wanted = index if name is None else name
        if wanted not in known:
            names = ", ".join(str(layer.name) for layer in self.layers)
            raise refuse("K256", f"{self.name} has no layer {wanted!r}", f"Its layers are {names}.")
        return known[wanted]

    def stack(self) -> network.Stack:
        """The network as a Recipe has it, without the sigmoid at its end."""
        return self._architecture.stack()

    @property
    def ends_in_sigmoid(self) -> bool:
        """Whether the output is a probability; else it is a logit."""
        return recipes.ends_in_sigmoid(self.layers)

    def output_of(self, logits: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the model predicts where the engine gives these logits."""
        return expit(logits).astype(np.float32) if self.ends_in_sigmoid else logits

    def summary(
        self,
        line_length: int | None = None,
        positions: Sequence[float] | None = None,
        print_fn: Any = None,
        expand_nested: bool = False,
        show_trainable: bool = False,
        layer_range: Sequence[str] | None = None,
    ) -> None:
        """Prints the table of layers that Keras 3 prints. ``print_fn`` gets it as one text instead."""
        print_summary(
            self.name,
            self.layers,
            self._architecture.width,
            optimizer_variables=self._optimizer_numbers(),
            line_length=line_length,
            positions=positions,
            print_fn=print_fn,
            show_trainable=show_trainable,
            layer_range=layer_range,
        )

    # Weights.

    @property
    def variables(self) -> Variables:
        """The weights by the engine's names, drawn when they are first needed."""
        if self._variables is None:
            self._architecture.connect()
            self._variables = Variables(self._architecture.initial_tensors(self.seed))
        return self._variables

    def get_weights(self) -> list[NDArray[np.float32]]:
        """Copies of all tensors in Keras' order, layer by layer."""
        return [tensor.copy() for tensor in flat(self._tensors())]

    def set_weights(self, weights: Sequence[ArrayLike]) -> None:
        """Replaces all tensors: in the order and the shapes of :meth:`get_weights`."""
        names = [name for _, tensors in self._architecture.tensor_names() for name in tensors.values()]
        wanted = [tensor.shape for tensor in flat(self._tensors())]
        given = [np.array(tensor, np.float32) for tensor in weights]
        if [tensor.shape for tensor in given] != wanted:
            raise refuse(
                "K213",
                f"{self.name} takes tensors of the shapes {wanted}; "
                f"found {[tensor.shape for tensor in given]}",
            )
        self.threshold = None
        self.variables.write(dict(zip(names, given, strict=True)))

    def tensors_of(self, layer: Layer) -> dict[str, NDArray[np.float32]]:
        """The tensors of one layer by Keras' names; empty while the width of the input is not known."""
        names = self._architecture.names_of(layer)
        if not names or self._architecture.width is None:
            return {}
        tensors = self.variables.read()
        return {short: tensors[name] for short, name in names.items()}

    def set_tensors_of(self, layer: Layer, tensors: Mapping[str, NDArray[np.float32]]) -> None:
        """Replaces the tensors of one layer, whose shapes have been checked."""
        names = self._architecture.names_of(layer)
        replaced = {names[short]: tensor for short, tensor in tensors.items()}
        self.variables.write({**self.variables.read(), **replaced})

    @property
    def weights(self) -> list[Variable]:
        """All tensors as variables with ``name``, ``shape`` and ``numpy()``."""
        return [variable for layer in self.layers for variable in layer.weights]

    def count_params(self) -> int:
        """The number of weights."""
        self._architecture.connect()
        return sum(layer.count_params() for layer in self.layers)

    # Training.

    def compile(
        self,
        optimizer: object = "rmsprop",
        loss: object = None,
        loss_weights: None = None,
        metrics: object = None,
        weighted_metrics: None = None,
        run_eagerly: bool = False,
        steps_per_execution: int = 1,
        jit_compile: bool | str = "auto",
        auto_scale_loss: bool = True,
    ) -> None:
        """Chooses optimizer, loss and metrics; the optimizer starts anew.

        ``run_eagerly``, ``steps_per_execution``, ``jit_compile`` and ``auto_scale_loss`` mean nothing to the
        engine and are accepted. Raises K255 where the loss does not suit the last layer, K257 for loss
        weights and weighted metrics; warns (K104) of a stack of linear layers.
        """
        if loss is None:
            raise refuse("K257", "compile needs a loss", "compile(loss='binary_crossentropy', ...).")
        for name, value in (("loss_weights", loss_weights), ("weighted_metrics", weighted_metrics)):
            if value:
                raise refuse(
                    "K257", f"compile: {name} is not supported", "The model has one loss; leave it out."
                )
        chosen = optimizers.get(optimizer), losses.get(loss), compile_metrics(metrics)
        if self._variables is not None:  # a fit that waits is one of the model as it was compiled before
            self._variables.settle()
            self._variables.progress = None
        self.optimizer, self.loss, self.metrics = chosen
        if self.layers:
            recipes.check_ending(self.layers, self.loss.from_logits)
            recipes.warn_if_linear(self.stack())
            if not self.ends_in_sigmoid:
                warn_of_logits(self.metrics)

    @property
    def metrics_names(self) -> list[str]:
        """What :meth:`evaluate` returns: the loss, then the metrics in the order they were given."""
        return ["loss", *(metric.name for metric in self.metrics)]

    def fit(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        epochs: int = 1,
        verbose: int | str = "auto",
        callbacks: Sequence[Callback | BetweenEpochs] | Callback | BetweenEpochs | None = None,
        validation_split: float = 0.0,
        validation_data: Sequence[Any] | None = None,
        shuffle: bool = True,
        class_weight: ClassWeights | None = None,
        sample_weight: Any = None,
        initial_epoch: int = 0,
        steps_per_epoch: None = None,
        validation_steps: None = None,
        validation_batch_size: int | None = None,
        validation_freq: int = 1,
        *,
        resampling: Resamplings | None = None,
    ) -> History:
        """Trains for ``epochs - initial_epoch`` epochs and returns what was recorded.

        A second call goes on where the first stopped, with the optimizer's memory; ``compile`` resets it.

        Weights, resampling and the losses for rare classes shift the probabilities that the model predicts,
        and here, as in Keras, they are left as the network gives them.
        :func:`steelyard.prior.restate` undoes the shift: where both classes were made to weigh the same,
        ``restate(p, from_rate=0.5, to_rate=y.mean())``. What SMOTE, its kin and focal loss do besides takes
        a calibrator (:mod:`steelyard.calibration`). The shift leaves the order of the rows as it is; for
        decisions choose a threshold (:meth:`choose_threshold`).

        Args:
            x: Array, frame or nested list (rows, columns) of finite numbers.
            y: Labels 0 and 1, one per row.
            batch_size: Rows per step; 32 by default.
            epochs: The number of the last epoch.
            verbose: 0 prints nothing, 1 or "auto" a bar per epoch, 2 a line per epoch.
            callbacks: Called between epochs, in the thread that called ``fit``; a :class:`steelyard.Doctor`
                judges the curves there.
            validation_split: The share of rows, cut off the end before shuffling, that validates (K103).
            validation_data: ``(x, y)`` or ``(x, y, sample_weight)``, as tuple or list; goes before the split.
            shuffle: Whether training rows come in a new order each epoch.
            class_weight: ``{0: ..., 1: ...}``: multiplies the loss of the training rows of each class;
                "balanced" is scikit-learn's rule, n / (2 n_class), "square_root" the root of that. An array
                is read in the order of the classes and warned of (K101).
            sample_weight: A weight for the loss of every row.
            initial_epoch: The number of the first epoch, from 0.
            steps_per_epoch, validation_steps: Only None: every epoch sees all rows.
            validation_batch_size: Accepted; it changes nothing that can be seen.
            validation_freq: Report validation every so many epochs.
            resampling: Which rows the network learns from, made of the training rows of this call alone;
                validation rows stay as they are. "random_over_sampling", "random_under_sampling", "smote",
                "borderline_smote", "adasyn", "smote_enn", "smote_tomek" or "balanced_batches"; settings as
                ``{"name": "smote", "ratio": 0.5}`` or a record of :mod:`steelyard.recipe.imbalance`.
                Neighbours are found among the numbers as they are, so x should be scaled. An invented row
                has the mean ``sample_weight`` of its class. Training metrics are of the rows that are learned
                from, ``History.plain`` of the training rows as they were given.

        Raises :class:`~steelyard.errors.SteelyardError` with a code; see the table of codes in the
        documentation. Ctrl-C raises KeyboardInterrupt; the model keeps the weights it had reached.
        """
        self._check_compiled("fit")
        _refuse_streaming("fit", steps_per_epoch=steps_per_epoch, validation_steps=validation_steps)
        if x is None or y is None:
            raise refuse("K257", "fit needs x and y", "model.fit(x, y, ...).")
        rows = rows_for(x, y, sample_weight, validation_data, validation_split)
        self._architecture.see_width(rows.width, "the number of columns of x")
        if len(rows.split.validation):
            warn_undefined(self.metrics, rows.validation_target, "the validation rows")
        imbalance = imbalance_of(class_weight, resampling)
        resampled = resampled_for(rows, imbalance.resampling, self.seed)
        check_classes(resampled.labels(rows.target), imbalance, self.loss)
        request = FitRequest(
            model=self,
            rows=rows,
            imbalance=imbalance,
            resampled=resampled,
            callbacks=callback_list(callbacks),
            epochs=whole("fit: epochs", epochs, low=0),
            initial_epoch=whole("fit: initial_epoch", initial_epoch, low=0),
            batch_size=whole("fit: batch_size", 32 if batch_size is None else batch_size, low=1),
            shuffle=bool(shuffle),
            validation_freq=whole("fit: validation_freq", validation_freq, low=1),
            verbose=verbosity(verbose),
        )
        for callback in request.callbacks:
            callback.validation_data = validation_data
        self.threshold = None
        submit(request)
        return request.history

    def evaluate(
        self,
        x: Any = None,
        y: Any = None,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        sample_weight: Any = None,
        steps: None = None,
        callbacks: None = None,
        return_dict: bool = False,
    ) -> float | list[float] | dict[str, float]:
        """Loss (with the penalty, as in Keras) and metrics over the rows.

        The loss alone if there are no metrics; else a list in the order of :attr:`metrics_names`, or a
        dictionary. ``batch_size`` changes nothing; ``steps`` and ``callbacks`` only None.
        """
        self._check_compiled("evaluate")
        _refuse_streaming("evaluate", steps=steps, callbacks=callbacks)
        began = time.perf_counter()
        features, target, weights = evaluation_rows(x, y, sample_weight, self._architecture.width)
        logits = self._logits(features)
        warn_undefined(self.metrics, target, "the rows to evaluate")
        output = self.output_of(logits)
        penalty = self._architecture.penalty(self.variables.read())
        values = {"loss": mean_loss(self.loss, target, logits, weights) + penalty}
        values |= {metric.name: metric.result(target, output) for metric in self.metrics}
        report(-(-len(target) // (batch_size or 32)), time.perf_counter() - began, values, verbosity(verbose))
        if return_dict:
            return values
        return list(values.values()) if self.metrics else values["loss"]

    def predict(
        self,
        x: Any,
        batch_size: int | None = None,
        verbose: int | str = "auto",
        steps: None = None,
        callbacks: None = None,
    ) -> NDArray[np.float32]:
        """The model's output for every row, float32 (rows, 1)."""
        _refuse_streaming("predict", steps=steps, callbacks=callbacks)
        began = time.perf_counter()
        features = prediction_rows(x, self._architecture.width)
        output = self.output_of(self._logits(features))[:, None]
        report(-(-len(output) // (batch_size or 32)), time.perf_counter() - began, {}, verbosity(verbose))
        return output

    def predict_proba(
        self, x: Any, batch_size: int | None = None, verbose: int | str = 0
    ) -> NDArray[np.float32]:
        """Keras 2's name for :meth:`predict`."""
        return self.predict(x, batch_size, verbose)

    def predict_classes(
        self, x: Any, batch_size: int | None = None, verbose: int | str = 0
    ) -> NDArray[np.int32]:
        """1 where the probability is above :attr:`threshold`, int32 (rows, 1).

        Without a threshold it is as in Keras 2: 1 where the output is above 0.5.
        """
        output = self.predict(x, batch_size, verbose)
        if self.threshold is None:
            return (output > 0.5).astype(np.int32)
        return (self._probability(output) > self.threshold).astype(np.int32)

    def choose_threshold(
        self, x: Any, y: Any, objective: Objective | str = "f1", *, sample_weight: Any = None
    ) -> ThresholdChoice:
        """Chooses the threshold of :meth:`predict_classes`, on rows the network did not learn from.

        Args:
            x: Rows to choose on, as for :meth:`evaluate`: validation rows.
            y: Their labels.
            objective: What it is chosen for: "f1", "f2", "fbeta=0.5", "balanced_accuracy", "mcc",
                "cost fp=1 fn=10", "recall>=0.8", "precision>=0.5", "top=800", "rate=0.1" or a record of
                :mod:`steelyard.thresholds`.
            sample_weight: A weight for every row; counts as so many rows.

        Sets :attr:`threshold` and returns the choice with its value, optimistic since it was chosen on these
        rows, and its confusion matrix. The threshold is one of the model's own probabilities, so it serves
        whatever weights or resampling have shifted. It is saved with the model; :meth:`fit` and new weights
        forget it. Metrics of :meth:`compile` keep the thresholds they were given.

        Raises K260 for an unknown objective, or rows of one class where it needs both.
        """
        features, target, weights = evaluation_rows(x, y, sample_weight, self._architecture.width)
        probability = self._probability(self.output_of(self._logits(features)))
        try:
            choice = choose_threshold(target, probability, objective, weights)
        except SteelyardError as error:
            raise refuse("K260", "; ".join(error.problems), error.help) from error
        self.threshold = choice.threshold
        return choice

    # Files.

    def save(self, filepath: Any, overwrite: bool = True) -> None:
        """Writes architecture, weights and how it was compiled: ``.keras``, or the older ``.h5``.

        Keras 3 reads both."""
        from steelyard.keras.saving import write_model  # h5py is heavy

        write_model(self.saved(), filepath, overwrite=overwrite)

    def save_weights(self, filepath: Any, overwrite: bool = True) -> None:
        """Writes the weights alone: ``.weights.h5``, or the older ``.h5``."""
        from steelyard.keras.saving import write_weights  # h5py is heavy

        write_weights(self.saved(), filepath, overwrite=overwrite)

    def load_weights(self, filepath: Any, skip_mismatch: bool = False, by_name: bool = False) -> None:
        """Reads weights written by Keras or by :meth:`save_weights`; the architecture must be the same."""
        if skip_mismatch or by_name:
            raise refuse(
                "K257", "load_weights: skip_mismatch and by_name are not supported", "Leave them out."
            )
        from steelyard.keras.saving import read_weights  # h5py is heavy

        width = self._architecture.known_width("load_weights")
        self.set_weights(flat(read_weights(filepath, self.layers, width)))

    def to_json(self, indent: int | None = None) -> str:
        """The architecture as JSON, as Keras 3 writes it."""
        from steelyard.keras.saving import to_json  # h5py is heavy

        return to_json(self.saved(), indent=indent)

    def get_config(self) -> Config:
        """Name and layers, as Keras 3 writes them."""
        config: Config = json.loads(self.to_json())["config"]
        return config

    @classmethod
    def from_config(
        cls, config: Mapping[str, Any], custom_objects: Mapping[str, Any] | None = None
    ) -> Sequential:
        """The inverse of :meth:`get_config`; reads Keras 2's form too."""
        from steelyard.keras.saving import read_json

        return _from_saved(read_json(json.dumps({"class_name": "Sequential", "config": config})))

    def saved(self) -> SavedModel:
        """The model as a file holds it."""
        known = self._architecture.width is not None
        return SavedModel(
            name=self.name,
            layers=tuple(self.layers),
            input_width=self._architecture.width,
            input_name=self._architecture.input_name,
            weights=tuple(tuple(tensors) for tensors in self._tensors()) if known else None,
            compiled=Compiled(self.optimizer, self.loss, tuple(self.metrics)) if self._is_compiled else None,
            optimizer=self._optimizer_state() if known else None,
            threshold=self.threshold,
        )

    def remember(self, state: OptimizerState) -> None:
        """Gives the optimizer the memory that a file holds."""
        names = self._architecture.trainable_names()
        slots = tuple(dict(zip(names, slot, strict=True)) for slot in state.slots)
        self.variables.progress = Progress(epochs=0, steps=state.steps, slots=slots)

    def __repr__(self) -> str:
        return f"<Sequential name={self.name}, layers={len(self.layers)}, built={self.built}>"

    # What the methods above share.

    @property
    def _is_compiled(self) -> bool:
        return hasattr(self, "optimizer")

    def _check_compiled(self, what: str) -> None:
        if not self.layers:
            raise refuse("K256", f"{what}: {self.name} has no layers", "Add some: model.add(Dense(...)).")
        if not self._is_compiled:
            raise refuse(
                "K256",
                f"{what}: {self.name} is not compiled",
                "model.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy']).",
            )
        recipes.check_ending(self.layers, self.loss.from_logits)

    def _probability(self, output: NDArray[np.float32]) -> NDArray[np.float64]:
        """What the model predicts as probabilities; in float64, which tells a threshold between two apart."""
        exact = output.astype(np.float64)
        return exact if self.ends_in_sigmoid else expit(exact)

    def _forget(self) -> None:
        self.threshold = None
        if self._variables is not None:
            self._variables.settle()
        self._variables = None

    def _optimizer_state(self) -> OptimizerState | None:
        progress = self.variables.progress
        if progress is None:
            return None
        trainable = self._architecture.trainable_names()
        slots = tuple(tuple(slot[name] for name in trainable) for slot in progress.slots)
        return OptimizerState(progress.steps, slots)

    def _optimizer_numbers(self) -> int | None:
        from steelyard.keras.saving import optimizer_numbers

        if self._variables is None or self._variables.progress is None:
            return None
        return optimizer_numbers(self.optimizer, self.layers, self._architecture.known_width("summary"))

    def _tensors(self) -> list[list[NDArray[np.float32]]]:
        tensors = self.variables.read()
        return [[tensors[name] for name in names.values()] for _, names in self._architecture.tensor_names()]

    def _logits(self, features: Features) -> NDArray[np.float32]:
        self._architecture.see_width(features.numeric.shape[1], "the number of columns of x")
        return predict_logits(self.stack(), self.variables.read(), self._architecture.encoding, features)


def _refuse_streaming(what: str, **arguments: object) -> None:
    for name, value in arguments.items():
        if value is not None:
            raise refuse(
                "K257", f"{what}: {name} is not supported: all rows are taken at once", "Leave it out."
            )


def load_model(
    filepath: Any,
    custom_objects: Mapping[str, Any] | None = None,
    compile: bool = True,
    safe_mode: bool = True,
) -> Sequential:
    """Reads a model that Keras or :meth:`Sequential.save` wrote: ``.keras``, or ``.h5`` of Keras 2 or 3.

    With ``compile``, optimizer, loss and metrics are restored as far as they are ours. Nothing in a file
    is ever executed, whatever ``safe_mode`` says.
    """
    from steelyard.keras.saving import read_model

    return _from_saved(read_model(filepath, compile=compile, custom_objects=custom_objects))


def save_model(model: Sequential, filepath: Any, overwrite: bool = True) -> None:
    """:meth:`Sequential.save`."""
    model.save(filepath, overwrite=overwrite)


def model_from_json(json_string: str, custom_objects: Mapping[str, Any] | None = None) -> Sequential:
    """The architecture in what ``to_json`` of Keras or ours gave; weights are drawn anew."""
    from steelyard.keras.saving import read_json

    return _from_saved(read_json(json_string))


def clone_model(model: Sequential) -> Sequential:
    """The same architecture with weights of its own, drawn anew; not compiled."""
    return Sequential.from_config(model.get_config())


def _from_saved(saved: SavedModel) -> Sequential:
    width = saved.input_width
    inputs = [] if width is None else [InputLayer(shape=(width,), name=saved.input_name)]
    model = Sequential([*inputs, *saved.layers], name=saved.name)
    if saved.weights is not None:
        model.set_weights(flat(saved.weights))
    if saved.compiled is not None:
        compiled = saved.compiled
        model.compile(compiled.optimizer, compiled.loss, metrics=list(compiled.metrics))
    if saved.optimizer is not None:
        model.remember(saved.optimizer)
    model.threshold = saved.threshold
    return model
