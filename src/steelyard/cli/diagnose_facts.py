"""What a person may say of a run by flags, where its log does not, and how it becomes facts."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import click

from steelyard.cli.options import Command, named, taken_out, with_options

if TYPE_CHECKING:
    from click.types import OptionHelpExtra

    from steelyard.log import Facts

WAYS = ("tail", "random", "stratified", "group", "time", "given")
RESAMPLINGS = (
    "none",
    "random_over_sampling",
    "random_under_sampling",
    "smote",
    "smote_nc",
    "borderline_smote",
    "svm_smote",
    "kmeans_smote",
    "adasyn",
    "smote_enn",
    "smote_tomek",
    "near_miss",
    "tomek_links",
    "balanced_batches",
)
WEIGHT_TYPES = ("dict", "array", "list", "string keys", "balanced", "none")
_FACTS = "Facts about the run, which count more than what the log says"
PARTS = ("train", "validation", "test")


@dataclass(frozen=True)
class Said:
    """The flags as they were given; None: not given. The names are those of
    :class:`~steelyard.log.Facts` where it has them."""

    rows_validation: int | None = None
    positives_validation: int | None = None
    rows_train: int | None = None
    positives_train: int | None = None
    base_rate: float | None = None
    validation_way: str | None = None
    validation_share: float | None = None
    validation_is_test: bool | None = None
    class_weight: str | tuple[float, float] | None = None
    class_weight_type: str | None = None
    sample_weight: bool | None = None
    resampling: str | None = None
    resampled_before_split: bool | None = None
    scaling: str | None = None
    scaled_before_split: bool | None = None
    loss: str | None = None
    from_logits: bool | None = None
    label_smoothing: float | None = None
    l2: float | None = None
    dropout: float | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    batch_size: int | None = None
    planned_epochs: int | None = None
    shuffled: bool | None = None
    monitor: str | None = None
    patience: int | None = None
    restore_best: bool | None = None
    metric_functions: tuple[str, ...] = ()
    framework: str | None = None
    seed: int | None = None
    seeds: int | None = None
    initial_loss: float | None = None
    one_batch_loss: float | None = None
    logistic_loss: float | None = None
    logistic_auc: float | None = None
    reported_auc: float | None = None
    reported_on: str | None = None
    entities_shared: float | None = None


NOTHING_SAID = Said()

_NAMED_OTHERWISE = {
    "rows_validation": "rows",
    "positives_validation": "positives",
    "validation_way": "split",
    "planned_epochs": "epochs",
    "metric_functions": "batch-metric",
    "stopping": "monitor",
}
"""Facts whose flags have shorter names."""


class FactOption(click.Option):
    """A flag that states a fact; the help of the command shows these under a heading of their own."""

    def get_help_extra(self, ctx: click.Context) -> OptionHelpExtra:
        """Nothing: none has a default, and the range of a count goes without saying."""
        return {}


class _Number(click.FloatRange):
    """A number that is one."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        number = float(super().convert(value, param, ctx))
        if not math.isfinite(number):
            self.fail(f"{value!r} is not a finite number.", param, ctx)
        return number


class FactCommand(click.Command):
    """A command whose help keeps the flags that state facts apart from its other options."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Two lists of options."""
        for heading, of_facts in (("Options", False), (_FACTS, True)):
            rows = [
                row
                for one in self.get_params(ctx)
                if isinstance(one, click.Option)
                and isinstance(one, FactOption) is of_facts
                and (row := one.get_help_record(ctx)) is not None
            ]
            with formatter.section(heading):
                formatter.write_dl(rows)


def fact_options(command: Command) -> Command:
    """Adds the flags; the command gets them as ``said``."""

    @functools.wraps(command)
    def gather(**given: Any) -> None:
        said, rest = taken_out(Said, given)
        if said.monitor is None and (said.patience is not None or said.restore_best is not None):
            raise click.UsageError("--patience and --restore-best need --monitor: what was watched?")
        for part, rows, positives in (
            ("", said.rows_validation, said.positives_validation),
            ("-train", said.rows_train, said.positives_train),
        ):
            if rows is not None and positives is not None and positives > rows:
                raise click.UsageError(
                    f"--positives{part} {positives} is more than --rows{part} {rows}: positives are some of "
                    "the rows."
                )
        command(said=said, **rest)

    return with_options(gather, _FLAGS)


def facts_of(said: Said) -> Facts:
    """What is said, as facts; each names its flag as its origin. Without ``l2`` and ``dropout``, which are
    about curves."""
    from steelyard.log import Facts, Stopping

    known = {one.name for one in fields(Facts)} - {"class_weight"}
    values: dict[str, Any] = {
        one.name: value
        for one in fields(Said)
        if one.name in known and (value := getattr(said, one.name)) not in (None, ())
    }
    if said.monitor is not None:
        values["stopping"] = Stopping(said.monitor, said.patience, restore_best=said.restore_best)
    origins = {name: f"--{_NAMED_OTHERWISE.get(name, name.replace('_', '-'))}" for name in values}
    match said.class_weight:
        case str() as word:
            values.setdefault("class_weight_type", word)
            if word == "none":
                values["class_weight"] = (1.0, 1.0)
            origins["class_weight"] = f"--class-weight {word}"
        case tuple() as pair:
            values["class_weight"] = pair
            origins["class_weight"] = "--class-weight"
    return Facts(**values, origins=origins)


def share_of(text: str) -> float:
    """A share of positives as people write it.

    >>> share_of("0.05"), share_of("5%"), share_of("19:1")
    (0.05, 0.05, 0.05)
    """
    commoner, colon, rarer = text.partition(":")
    if colon:
        one, other = sorted((float(commoner), float(rarer)))
        return one / (one + other)
    return float(text[:-1]) / 100.0 if text.endswith("%") else float(text)


def _share(ctx: click.Context, option: click.Parameter, given: str | None) -> float | None:
    if given is None:
        return None
    try:
        share = share_of(given.strip())
    except (ValueError, ZeroDivisionError):
        share = -1.0
    if not 0.0 < share < 1.0:
        raise click.BadParameter(f"{given!r} is no share of positives: write 0.05, 5% or 19:1")
    return share


def _weights(
    ctx: click.Context, option: click.Parameter, given: str | None
) -> str | tuple[float, float] | None:
    if given is None or given in ("balanced", "none"):
        return given
    try:
        negative, positive = map(float, given.split(","))
    except ValueError:
        negative, positive = -1.0, -1.0
    if not (0.0 < negative < math.inf and 0.0 < positive < math.inf):
        raise click.BadParameter(
            f"{given!r} is no pair of weights: write balanced, none, or the weights of a negative and of a "
            "positive row, above 0, as in 0.5,10"
        )
    return negative, positive


def _words(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(word for text in given for word in text.replace(",", " ").split())


def _lower(ctx: click.Context, option: click.Parameter, given: str | None) -> str | None:
    return None if given is None else given.strip().lower()


def _flag(*names: str, help: str, **more: Any) -> Callable[[Command], Command]:
    return click.option(*names, cls=FactOption, help=help, **{"default": None, **more})


_COUNT = click.IntRange(0)
_NUMBER = _Number(0.0)
_FLAGS = (
    _flag(
        "--rows",
        "--rows-validation",
        "rows_validation",
        metavar="N",
        type=click.IntRange(1),
        help="Validation rows.",
    ),
    _flag(
        "--positives",
        "--positives-validation",
        "positives_validation",
        metavar="N",
        type=_COUNT,
        help="Positives among the validation rows.",
    ),
    _flag("--rows-train", metavar="N", type=click.IntRange(1), help="Training rows."),
    _flag("--positives-train", metavar="N", type=_COUNT, help="Positives among the training rows."),
    _flag(
        "--base-rate",
        metavar="SHARE",
        callback=_share,
        help="Share of positives among all rows, where only that is known: 0.05, 5% or 19:1.",
    ),
    _flag(
        "--split",
        "validation_way",
        metavar="WAY",
        callback=named(WAYS),
        help="How validation rows were chosen: tail (the last of the file, as Keras' validation_split takes "
        "them), random, stratified, group, time, or given (a file of their own).",
    ),
    _flag(
        "--validation-share",
        metavar="X",
        type=_Number(0.0, 1.0, True, True),
        help="Their share of the rows.",
    ),
    _flag(
        "--validation-is-test/--validation-is-not-test",
        help="The rows that chose the epoch or the model are those of the reported result.",
    ),
    _flag(
        "--class-weight",
        metavar="WEIGHTS",
        callback=_weights,
        help="balanced, none, or the weight of a negative and of a positive row: 0.5,10.",
    ),
    _flag(
        "--class-weight-type",
        metavar="TYPE",
        callback=named(WEIGHT_TYPES),
        help=f"What was handed to class_weight=: {', '.join(WEIGHT_TYPES)}.",
    ),
    _flag("--sample-weight/--no-sample-weight", help="Rows had weights of their own."),
    _flag(
        "--resampling",
        metavar="NAME",
        callback=named(RESAMPLINGS),
        help="How training rows were resampled: none, smote, random_over_sampling, ...",
    ),
    _flag("--resampled-before-split/--split-before-resampling", help="Validation rows were resampled too."),
    _flag(
        "--scaling",
        metavar="NAME",
        callback=_lower,
        help="How inputs were scaled: none, standard, min_max, ...",
    ),
    _flag("--scaled-before-split/--split-before-scaling", help="The scaling was fitted to all rows."),
    _flag(
        "--loss",
        metavar="NAME",
        callback=_lower,
        help="The loss by Keras' name: binary_crossentropy, mse, ...",
    ),
    _flag("--from-logits/--not-from-logits", help="The loss takes logits."),
    _flag("--label-smoothing", metavar="X", type=_Number(0.0, 1.0), help="Of the loss."),
    _flag("--l2", metavar="X", type=_NUMBER, help="Penalty on weights inside the losses; 0: there is none."),
    _flag(
        "--dropout",
        metavar="RATE",
        type=_Number(0.0, 1.0, max_open=True),
        help="The largest rate of a dropout layer; 0: there is none.",
    ),
    _flag("--optimizer", metavar="NAME", callback=_lower, help="adam, sgd, ..."),
    _flag("--learning-rate", metavar="X", type=_NUMBER, help="At the start."),
    _flag("--batch-size", metavar="N", type=click.IntRange(1), help="Rows per step."),
    _flag(
        "--epochs", "planned_epochs", metavar="N", type=click.IntRange(1), help="Epochs that were asked for."
    ),
    _flag("--shuffled/--not-shuffled", help="Training rows are shuffled between epochs."),
    _flag("--monitor", metavar="CURVE", help="What early stopping or a checkpoint watched: val_loss."),
    _flag("--patience", metavar="N", type=_COUNT, help="Of early stopping."),
    _flag("--restore-best/--keep-last", help="It gave back the weights of the best epoch."),
    _flag(
        "--batch-metric",
        "metric_functions",
        metavar="NAME",
        multiple=True,
        default=(),
        callback=_words,
        help="A metric that is a plain function of a batch, so that the log holds its mean over batches. "
        "Repeatable.",
    ),
    _flag(
        "--framework", metavar="NAME", callback=_lower, help="What wrote the log: 'keras 2', 'keras 3', ..."
    ),
    _flag("--seed", metavar="N", type=_COUNT, help="Of this run."),
    _flag(
        "--seeds",
        metavar="N",
        type=click.IntRange(1),
        help="How often the same was trained with another seed.",
    ),
    _flag("--initial-loss", metavar="X", type=_NUMBER, help="Log loss of the untrained network."),
    _flag(
        "--one-batch-loss",
        metavar="X",
        type=_NUMBER,
        help="Log loss that training on one batch alone reaches.",
    ),
    _flag(
        "--logistic-loss",
        metavar="X",
        type=_NUMBER,
        help="Log loss of a logistic regression on validation rows.",
    ),
    _flag("--logistic-auc", metavar="X", type=_Number(0.0, 1.0), help="Its ROC AUC there."),
    _flag("--reported-auc", metavar="X", type=_Number(0.0, 1.0), help="The ROC AUC that is reported."),
    _flag(
        "--reported-on",
        metavar="PART",
        callback=named(PARTS),
        help="On which rows: train, validation or test.",
    ),
    _flag(
        "--entities-shared",
        metavar="SHARE",
        type=_Number(0.0, 1.0),
        help="Share of the validation rows whose person, device or other group has training rows too.",
    ),
)
