"""``steelyard.Doctor``: a callback that judges a training while it goes on."""

from __future__ import annotations

import sys
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, TextIO

from steelyard.diagnosis.diagnosis import Diagnosis, diagnosis_of
from steelyard.diagnosis.door import Door
from steelyard.diagnosis.lacking import lacking
from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.enriching import merged
from steelyard.diagnosis.readers.keras_names import framework_of
from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.said import told
from steelyard.diagnosis.signals import Signals
from steelyard.diagnosis.text import text_of
from steelyard.doctor import keras_model, lightning_trainer
from steelyard.doctor.bulletin import Bulletin
from steelyard.doctor.given import Rows, facts_given, parts_of
from steelyard.doctor.predicting import log_loss, predicted
from steelyard.doctor.watched import Watched
from steelyard.errors import RecipeError, SteelyardWarning
from steelyard.log import Facts, Log, Predictions

_SHARE = 0.1
"""Of the time that training takes, what judging it may take."""
_SUPPLY = "           what is to be supplied: steelyard.diagnose(doctor.log, ...) takes it afterwards, too"
_HOOKS = ("on_", "setup", "teardown", "load_state_dict", "_implements_")
"""How the names of hooks begin. The last is of Keras 2: whether one wants to be called for each batch."""


class Doctor:
    """Tells what is wrong while a network trains: ``model.fit(..., callbacks=[steelyard.Doctor()])``.

    For Keras 2 and 3, :mod:`steelyard.keras`, and Lightning (``Trainer(callbacks=[steelyard.Doctor()])``, in
    a list). After an epoch the curves so far are judged. A finding is told when it has held for three
    judgements, a certain error at once, and not again while it lasts; that it no longer holds is told too. In
    the end the whole diagnosis is printed. It watches and changes nothing: what goes wrong in it becomes
    one warning, and the training goes on.

    Args:
        every: Judge after every so many epochs. By default after each, as long as that takes no more than a
            tenth of the time: a judgement takes some hundredths of a second, more of a thousand epochs.
        train: The training rows that ``fit`` gets, ``(x, y)``: the rows are counted, the inputs measured.
            ``(None, y)`` where the inputs are no table of numbers.
        validation: The validation rows likewise. If their inputs are given, a Keras model predicts them
            whenever it is judged: that tells a network that has learned nothing from one that only needs
            another threshold. If those of both are, a logistic regression is fitted to them in the end.
        validation_split: What ``fit`` gets, if it does: the share of the rows of ``train``, the last ones,
            that validate. ``train`` then holds all rows that ``fit`` gets, and ``validation`` is not given.
        class_weight: The very object that ``fit`` gets; ``"none"`` if there is none.
        facts: Everything else that is known, by the names of :class:`~steelyard.log.Facts`.
        select: Codes of rules, or beginnings of codes, to be told of; all by default.
        ignore: Codes to leave out, if wanted with a reason each.
        settings: Thresholds of rules by code.
        stream: Where to print; standard output by default.

    Attributes:
        diagnosis: The last judgement, a :class:`~steelyard.diagnosis.diagnosis.Diagnosis`; None before the
            first. A notebook shows it as a page.
        log: The log that was judged.

    Raises:
        DataError: What is given contradicts itself.
        SteelyardError: There is no such rule.
    """

    async_safe = True
    """To Keras: nothing here waits for batches."""
    between_epochs = True
    """To :mod:`steelyard.keras`: nothing has to be called in the midst of an epoch."""
    state_key = "steelyard.Doctor"
    """To Lightning, which keeps a state by it in checkpoints; there is none to keep."""
    _legacy_state_key = state_key

    def __init__(
        self,
        every: int | None = None,
        *,
        train: Rows | None = None,
        validation: Rows | None = None,
        validation_split: float | None = None,
        class_weight: Any = None,
        facts: Facts | Mapping[str, Any] | None = None,
        select: Sequence[str] = (),
        ignore: Mapping[str, str] | Iterable[str] = (),
        settings: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
        stream: TextIO | None = None,
    ) -> None:
        if every is not None and every < 1:
            raise RecipeError(f"every: a judgement after every epoch is the most there is, 1; found {every}")
        ignore = ignore if isinstance(ignore, Mapping) else tuple(ignore)
        diagnose(Signals(), CATALOGUE, select=select, ignore=ignore, settings=settings)  # refuses wrong codes
        self.every = every
        self.model: Any = None
        self.params: Mapping[str, Any] = {}
        self.validation_data: Any = None
        train, validation, split = parts_of(train, validation, validation_split)
        said = facts_given(facts, train=train, validation=validation, class_weight=class_weight)
        self._said = merged(said, facts_given(split))
        self._train, self._validation = train, validation
        self._select, self._ignore, self._settings = select, ignore, settings
        self._stream = stream
        self._failed = False
        self._begin(Watched("", "", quantities.unknown, Facts()))

    def __getattr__(self, name: str) -> Callable[..., None]:
        """Frameworks call dozens of hooks, and more with each version; those not below do nothing."""
        if name.startswith(_HOOKS):
            return _nothing
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    # -- Keras, and steelyard.keras

    def set_params(self, params: Mapping[str, Any]) -> None:
        """Called before training with ``epochs``, ``steps`` and ``verbose``."""
        self.params = params or {}

    def set_model(self, model: Any) -> None:
        """Called before training with the model."""
        self.model = model

    def on_train_begin(self, logs: Mapping[str, Any] | None = None) -> None:
        """A training of Keras begins; what was judged before is forgotten."""
        self._failed = False
        self._safely(self._begin_keras)

    def on_epoch_end(self, epoch: int, logs: Mapping[str, Any] | None = None) -> None:
        """An epoch of Keras has ended; ``epoch`` counts from 0."""
        self._safely(lambda: self._end_of_epoch(epoch + 1, dict(logs or {})))

    # -- Lightning

    def state_dict(self) -> dict[str, Any]:
        """Nothing of it goes into a checkpoint."""
        return {}

    def on_train_start(self, trainer: Any, module: Any) -> None:
        """A training of Lightning begins."""
        self._failed = False
        self._safely(lambda: self._begin_lightning(trainer, module))

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        """Lightning has validated."""
        self._validated = not getattr(trainer, "sanity_checking", False)

    def on_train_epoch_start(self, trainer: Any, module: Any) -> None:
        """An epoch of Lightning begins; the one before is complete now."""
        self._safely(lambda: self._complete(trainer))
        self._safely(lambda: self._note_rate(trainer))

    def on_train_epoch_end(self, trainer: Any, module: Any) -> None:
        """An epoch of Lightning has ended."""
        self._ended = int(trainer.current_epoch) + 1

    # -- both

    def on_train_end(self, *arguments: Any) -> None:
        """Training has ended: prints the whole diagnosis. Keras gives logs, Lightning trainer and module."""
        if len(arguments) == 2:
            self._safely(lambda: self._complete(arguments[0]))
        self._safely(self._finish)

    # -- inside

    def _begin(self, watched: Watched) -> None:
        self.diagnosis: Diagnosis | None = None
        self.log: Log | None = None
        self._watched = watched
        self._bulletin = Bulletin()
        self._given = self._said
        self._predicts = False
        self._validated = False
        self._ended = 0
        self._rate: float | None = None
        self._quiet = False
        self._started, self._spent = time.perf_counter(), 0.0

    def _begin_keras(self) -> None:
        known = hasattr(self.model, "to_json")
        facts, notes = keras_model.facts_of(self.model) if known else (Facts(), ())
        epochs = self.params.get("epochs")
        if isinstance(epochs, int):
            facts = merged(facts, Facts(planned_epochs=epochs))
        name = str(getattr(self.model, "name", "model"))
        self._begin(Watched(f"training of {name}", "keras", quantities.keras, facts, notes))
        self._predicts = self._validation is not None and self._validation[0] is not None
        iterations = getattr(getattr(self.model, "optimizer", None), "iterations", None)
        untrained = iterations is not None and int(iterations) == 0
        if untrained and (found := self._predictions()) is not None:
            self._given = merged(self._given, Facts(initial_loss=log_loss(found)))

    def _begin_lightning(self, trainer: Any, module: Any) -> None:
        facts = lightning_trainer.facts_of(trainer)
        name = f"training of {type(module).__name__}"
        self._begin(Watched(name, "lightning", quantities.end_of_epoch, facts))
        self._quiet = not getattr(trainer, "is_global_zero", True)  # of several processes one speaks

    def _complete(self, trainer: Any) -> None:
        if not self._ended:
            return
        epoch, self._ended = self._ended, 0
        values = lightning_trainer.metrics_of(trainer, validated=self._validated)
        self._validated = False
        if self._rate is not None:
            values.setdefault("learning_rate", self._rate)
        self._end_of_epoch(epoch, values)

    def _note_rate(self, trainer: Any) -> None:
        self._rate = lightning_trainer.learning_rate_of(trainer)

    def _end_of_epoch(self, epoch: int, values: Mapping[str, Any]) -> None:
        watched = self._watched
        watched.add(epoch, values)
        if watched.format == "keras" and watched.facts.framework is None:
            framework, origin = framework_of(values)
            watched.facts = merged(watched.facts, Facts(framework=framework, origins={"framework": origin}))
        if self._is_due():
            before = time.perf_counter()
            self._print(self._bulletin.news(self._judge(), epoch))
            self._spent += time.perf_counter() - before

    def _is_due(self) -> bool:
        if self.every is not None:
            return len(self._watched.epochs) % self.every == 0
        return self._spent <= _SHARE * (time.perf_counter() - self._started)

    def _judge(self) -> Diagnosis:
        log = told(self._watched.log(), self._given)
        predictions = self._predictions()
        if predictions is not None:
            log = replace(log, predictions={"validation": predictions})
        self.log = log
        self.diagnosis = diagnosis_of(
            log, select=self._select, ignore=self._ignore, settings=self._settings, door=Door.PYTHON
        )
        return self.diagnosis

    def _finish(self) -> None:
        if not self._watched.epochs:
            return
        if self._train is not None and self._validation is not None:
            from steelyard.doctor.table_facts import facts_of_parts  # tables take long to load

            self._given = merged(self._given, facts_of_parts(self._train, self._validation))
        diagnosis = self._judge()
        self._print([text_of(diagnosis), *([_SUPPLY] if lacking(diagnosis.results) else [])])

    def _predictions(self) -> Predictions | None:
        """Of the validation rows, by a Keras model as it is now; none again once that did not work."""
        if not self._predicts or self._validation is None:
            return None
        facts = merged(self._given, self._watched.facts)
        try:
            return predicted(self.model, self._validation, facts)  # a stranger's code
        except Exception as error:  # a stranger's code
            self._predicts = False
            _warn(f"the validation rows cannot be predicted, so curves alone are judged: {error}")
            return None

    def _print(self, paragraphs: Sequence[str]) -> None:
        if not paragraphs or self._quiet:
            return
        stream = sys.stdout if self._stream is None else self._stream
        if self.params.get("verbose") in (1, "auto"):
            stream.write("\n")  # ends the line of a progress bar
        for paragraph in paragraphs:
            stream.write(f"{paragraph}\n")
        stream.flush()

    def _safely(self, work: Callable[[], None]) -> None:
        if self._failed:
            return
        try:
            work()
        except Exception as error:  # a stranger's code: its training is worth more than an opinion of it
            self._failed = True
            _warn(f"steelyard.Doctor has stopped watching; training goes on. {type(error).__name__}: {error}")


def _nothing(*arguments: Any, **named: Any) -> None:
    """A hook that is not needed."""


def _warn(message: str) -> None:
    warnings.warn(message, SteelyardWarning, stacklevel=2)
