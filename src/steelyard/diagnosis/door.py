"""The two doors to a diagnosis, and what each calls the things that a log does not say and a person may.

Signals, rules and answers name flags of ``steelyard diagnose``. Where a diagnosis is asked for in Python, the
same sentences name arguments of ``steelyard.diagnose``.
"""

from __future__ import annotations

import re
from enum import StrEnum
from types import MappingProxyType

_ARGUMENTS = MappingProxyType(
    {
        "rows": "validation=(x, y)",
        "positives": "validation=(x, y)",
        "rows-train": "train=(x, y)",
        "positives-train": "train=(x, y)",
        "model": "model=",
        "data": "data=",
        "target": "target=",
        "group": "a group column in the Table",
        "predictions": "predictions=(y, probability)",
        "train-predictions": "train_predictions=(y, probability)",
        "twin": "twin=",
        "class-weight": "class_weight=",
        "trust": "trust=True",
        "monitor": 'facts={"stopping": Stopping(...)}',
        "patience": 'facts={"stopping": Stopping(...)}',
        "restore-best": 'facts={"stopping": Stopping(...)}',
        "not-from-logits": 'facts={"from_logits": False}',
        "not-shuffled": 'facts={"shuffled": False}',
        "validation-is-not-test": 'facts={"validation_is_test": False}',
        "split-before-resampling": 'facts={"resampled_before_split": False}',
        "split-before-scaling": 'facts={"scaled_before_split": False}',
    }
)
"""Flags for which Python has something else, whatever value they are shown with."""
_SWITCHES = frozenset(
    {
        "trust",
        "restore-best",
        "from-logits",
        "not-from-logits",
        "shuffled",
        "not-shuffled",
        "validation-is-test",
        "validation-is-not-test",
        "resampled-before-split",
        "split-before-resampling",
        "scaled-before-split",
        "split-before-scaling",
    }
)
"""Flags without a value: the word after one belongs to the sentence."""
_NUMBERS = ("l2", "dropout")
"""Flags that are arguments of the same name."""
_FACTS = MappingProxyType(
    {
        **{
            name.replace("_", "-"): name
            for name in (
                "framework",
                "loss",
                "optimizer",
                "learning_rate",
                "batch_size",
                "class_weight_type",
                "resampling",
                "scaling",
                "reported_auc",
                "reported_on",
                "seeds",
                "base_rate",
                "initial_loss",
                "one_batch_loss",
                "logistic_loss",
                "logistic_auc",
                "entities_shared",
                "from_logits",
                "shuffled",
                "validation_is_test",
                "resampled_before_split",
                "scaled_before_split",
            )
        },
        "epochs": "planned_epochs",
        "batch-metric": "metric_functions",
        "split": "validation_way",
    }
)
"""Flags that state a field of :class:`~steelyard.log.Facts`; a switch says that it is so."""
_FLAG = re.compile(r"--([a-z][a-z0-9-]*)(?: (?!and\b|or\b|with\b)('[^']+'|\w[\w.=]*\w|\w))?")
_FLAGS = re.compile(rf"{_FLAG.pattern}(?: {_FLAG.pattern})*")


class Door(StrEnum):
    """Where a diagnosis is asked for."""

    COMMAND = "command line"
    PYTHON = "Python"

    def words(self, text: str) -> str:
        """A text that names flags, as it is said at this door.

        >>> Door.PYTHON.words("the base rates are not known (supply --positives N --rows N)")
        'the base rates are not known (supply validation=(x, y))'
        >>> Door.PYTHON.words("--l2 0.01 or --l2 0, --model FILE, or the code")
        'l2=0.01 or l2=0, model=, or the code'
        >>> Door.COMMAND.words("--l2 0.01 or --l2 0, --model FILE, or the code")
        '--l2 0.01 or --l2 0, --model FILE, or the code'
        """
        return text if self is Door.COMMAND else _FLAGS.sub(_in_python, text)


def _in_python(flags: re.Match[str]) -> str:
    """Flags in a row as arguments in a row; what several of them state together is named once."""
    return ", ".join(dict.fromkeys(_argument(*flag.groups()) for flag in _FLAG.finditer(flags[0])))


def _argument(flag: str, value: str | None) -> str:
    if flag in _SWITCHES and value is not None:
        return f"{_argument(flag, None)} {value}"
    if flag in _ARGUMENTS:
        return _ARGUMENTS[flag]
    if flag in _NUMBERS:
        return f"{flag}={value or ''}"
    if flag == "column":
        curve, _, column = (value or "").partition("=")
        return f'columns={{"{curve}": {column}}}'
    if flag in _FACTS:
        return f'facts={{"{_FACTS[flag]}": {_literal(value)}}}'
    return f"--{flag}" if value is None else f"--{flag} {value}"


def _literal(value: str | None) -> str:
    """As Python writes it; a word in capitals stands for what a person puts there."""
    if value is None:
        return "True"
    return value if value == value.upper() else f'"{value.strip(chr(39))}"'
