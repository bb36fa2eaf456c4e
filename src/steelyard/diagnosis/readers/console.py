"""What Keras prints while it trains, saved to a file: Keras 2 and 3, verbose 1 and 2, with the colours,
carriage returns and backspaces of a terminal.

Values have four digits. An epoch that was cut off (its bar is not full) has no values: what the bar showed
were means over a part of its batches. What ``evaluate`` prints after an epoch is not taken for it.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from steelyard.diagnosis.readers import quantities
from steelyard.diagnosis.readers.assembling import column_of, history_of
from steelyard.diagnosis.readers.bars import Bars, bars_in, rows_of, together
from steelyard.diagnosis.readers.enriching import learning_rate_of
from steelyard.diagnosis.readers.keras_names import framework_of
from steelyard.diagnosis.readers.typography import typed
from steelyard.diagnosis.readers.written import is_written
from steelyard.errors import DataError
from steelyard.log import Facts, Log

_CHUNK = 2**16
_LONGEST = 4_000
"""Characters of one update; the last of a longer one are looked at."""
_MOST_NAMES = 200
_MOST_RUNS = 500
_ROOM = 2**16
_COLOURS = re.compile(r"\x1b\[[0-9;?]{0,20}[@-~]")
_BREAKS = re.compile(r"[\n\r\x08]")
_ROWS = re.compile(r"Train on (\d{1,12}) samples(?:, validate on (\d{1,12}) samples)?")
_EPOCH = re.compile(r"\s{0,4}Epoch (\d{1,7}) ?/ ?(\d{1,7})\s{0,8}\Z")
_BAR = re.compile(r"(?<![\w.])(\d{1,12}) ?/ ?(\d{1,12}|Unknown)(?![\w.])")
_PAIR = re.compile(
    r"(?<= )- {1,3}([A-Za-z][\w.]{0,80}): {0,3}"
    r"(-?(?:\d{1,20}(?:\.\d{0,20})?(?:[eE][-+]?\d{1,3})?|nan|inf))(?![\w.])"
)
_GLUED = re.compile(r"(\.\d{4}(?:e[-+]\d\d)?)(?=\d{1,12}/\d{1,12} )")
"""A value and the bar drawn over it, in text that has lost its backspaces: ``0.81008000/8000 [==``."""
_NO_BAR = re.compile(r"\s{0,4}- \d{1,7}m?s ")
"""A line of verbose=2 in the first Keras: `` - 1s - loss: 0.69``."""
_SAID = (
    (re.compile(r"Epoch \d{1,7}: early stopping"), "training was stopped early"),
    (re.compile(r"Restoring model weights from the end of the best epoch"), "the best weights were restored"),
    (re.compile(r"Epoch \d{1,7}: ReduceLROnPlateau reducing"), "the learning rate was reduced on a plateau"),
)
_HEAD_EPOCH = re.compile(rb"(?:^|[\n\r])(?:> |\s){0,4}Epoch \d{1,7} ?/ ?\d{1,7}")
_HEAD_PAIR = re.compile(
    rb" (?:-|\xe2\x80[\x93\x94]) {1,3}(?:\w{1,60}_)?(?:loss|acc|accuracy)\w{0,20}: {1,3}-?[\dn]"
)


@dataclass
class _Training:
    """One training as it is read."""

    rows: tuple[int, int | None] | None = None
    planned: int = 0
    epochs: list[int] = field(default_factory=list)
    values: list[dict[str, float]] = field(default_factory=list)
    said: dict[str, None] = field(default_factory=dict)
    cut: int = 0
    """Epochs that were begun and not finished."""
    new_bar: bool = False
    """Whether bars are drawn as Keras 3 draws them."""
    bars: list[Bars] = field(default_factory=list)
    """A full bar of each epoch, as far as they are drawn as Keras 1 and 2 draw them."""


def sniff(head: bytes, path: Path) -> bool:
    """Output of Keras, and neither a program nor words around it."""
    return holds_output(head) and not is_written(head)


def holds_output(head: bytes) -> bool:
    """Is there a line ``Epoch 1/10``, and a metric as Keras prints it?"""
    return b"\0" not in head and _HEAD_EPOCH.search(head) is not None and _HEAD_PAIR.search(head) is not None


def read(path: Path) -> tuple[Log, ...]:
    """A log for each training: one begins with ``Train on ... samples``, or where epochs begin again."""
    logs = []
    for number, training in enumerate(_trainings(path), start=1):
        if number > _MOST_RUNS:
            raise DataError(f"{path} holds more than {_MOST_RUNS} trainings", help="give a part of it")
        log = _log_of(str(path), number, training)
        if log is not None:
            logs.append(log)
    if not logs:
        raise DataError(f"{path} holds no finished epoch as Keras prints it ('Epoch 1/10' and its metrics)")
    return tuple(logs)


def _trainings(path: Path) -> Iterator[_Training]:
    epoch = _Epoch(_Training(), 0)
    epoch.open = False
    for line, newline in _updates(path):
        mark, rows = _EPOCH.match(line), _ROWS.search(line)
        if mark is not None or rows is not None:
            epoch.close()
            training, number = epoch.training, int(mark[1]) if mark is not None else 0
            if training.epochs and number <= training.epochs[-1]:
                yield training
                training = _Training()
            epoch = _Epoch(training, number)
            if mark is not None:
                training.planned = int(mark[2])
            elif rows is not None:
                training.rows = (int(rows[1]), int(rows[2]) if rows[2] else None)
                epoch.open = False
        elif line:
            epoch.take(line, newline)
        epoch.line_is_over |= newline and epoch.found
    epoch.close()
    yield epoch.training


class _Epoch:
    """What is printed from one ``Epoch k/n`` to the next."""

    def __init__(self, training: _Training, number: int) -> None:
        self.training = training
        self.number = number
        self.open = True
        self.found = self.validated = self.line_is_over = False
        self.length = ""
        """What the first bar counts to; that of ``evaluate`` has another length."""

    def take(self, line: str, newline: bool) -> None:
        """An update of the bar, or a line of its own."""
        for pattern, meaning in _SAID:
            if pattern.search(line) is not None:
                self.training.said[meaning] = None
        line = _GLUED.sub(r"\1 ", line)
        bars = _BAR.findall(line)
        if bars:
            self.length = self.length or bars[0][1]
        if not self.open or not self._is_whole(line, bars, newline):
            return
        pairs = {pair[1]: float(pair[2]) for pair in _PAIR.finditer(line) if pair[1] != "ETA"}
        if not 0 < len(pairs) <= _MOST_NAMES:
            return
        validated = any(name.startswith("val_") for name in pairs)
        if not self.found:
            self.training.epochs.append(self.number)
            self.training.values.append(pairs)
            self.training.bars += bars_in(line)[:1]
        elif not self.line_is_over or (validated and not self.validated):
            self.training.values[-1] = pairs
        self.found, self.validated = True, self.validated or validated
        self.training.new_bar |= "━" in line

    def _is_whole(self, line: str, bars: Sequence[tuple[str, str]], newline: bool) -> bool:
        """Whether an update is of a finished epoch: its bar is full, or it has none and is a line of
        verbose=2."""
        if not bars:
            return _NO_BAR.match(line) is not None
        done, planned = bars[-1]
        return newline if planned == "Unknown" else done == planned == self.length

    def close(self) -> None:
        """The next begins, or the file ends."""
        self.training.cut += self.open and not self.found


def _updates(path: Path) -> Iterator[tuple[str, bool]]:
    """The text between line ends, carriage returns and backspaces, without colours; whether a line ends
    behind it."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    rest = ""
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            text = rest + decoder.decode(chunk)
            start = 0
            for found in _BREAKS.finditer(text):
                if found.start() > start or found[0] == "\n":
                    yield _plain(text[start : found.start()]), found[0] == "\n"
                start = found.end()
            rest = text[max(start, len(text) - _LONGEST) :]
    yield _plain(rest), True


def _plain(text: str) -> str:
    return typed(_COLOURS.sub("", text[-_LONGEST:]))


def _log_of(path: str, number: int, training: _Training) -> Log | None:
    names = dict.fromkeys(name for one in training.values for name in one)
    if len(names) * len(training.values) > _ROOM + 4 * sum(map(len, training.values)):
        raise DataError(f"{path} prints other names in every epoch; that is no output of Keras")
    columns = {name: column_of([one.get(name) for one in training.values]) for name in names}
    facts = _facts(training, names)
    epochs = np.array(training.epochs, np.int64) + (0 in training.epochs)  # as loops of people do
    history, notes = history_of(epochs, columns, quantities.keras, facts)
    if history is None:
        return None
    notes = (
        "values were printed with four digits",
        *notes,
        *training.said,
        *([f"epochs left out because they were not finished: {training.cut}"] if training.cut else []),
    )
    return learning_rate_of(Log(f"{path}, training {number}", "console", history, facts, notes=notes))


def _facts(training: _Training, names: Iterable[str]) -> Facts:
    framework, origin = framework_of(names)
    if training.new_bar:
        framework, origin = "keras 3", "how the bar is drawn"
    elif training.rows is not None:
        framework, origin = "keras 2", "it printed 'Train on ... samples'"
    known: dict[str, Any] = {"planned_epochs": training.planned or None}
    origins = {"framework": origin}
    if training.rows is not None:
        known["rows_train"], known["rows_validation"] = training.rows
    elif (bars := together(training.bars)) is not None:
        accuracies = [one[name] for one in training.values for name in ("acc", "accuracy") if name in one]
        if (counted := rows_of(bars, accuracies)) is not None:
            known["rows_train"], origins["rows_train"] = counted
    known = {name: value for name, value in known.items() if value}
    origins = dict.fromkeys(known, "console output") | origins
    return Facts(framework=framework, **known, origins=MappingProxyType(origins))
