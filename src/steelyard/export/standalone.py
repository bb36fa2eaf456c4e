"""A classifier of table rows that Steelyard trained, in one file that needs Python 3.9 and numpy alone.

As a program, it writes a line for each row of a table, with a header::

    python THIS_FILE table.csv > predictions.csv

The table is text with a separator that is found out (comma, semicolon, tab or bar), UTF-8, also as .gz. Its
columns are found by name; others may be there. ``probability`` is that of the positive label at the base
rate of the training rows, and ``predicted`` the positive label where it exceeds the model's threshold.

As a module::

    predict_probability({"age": [42, None], "job": ["clerk", "nurse"]})

A value is a number, text, a date or None; numpy arrays will do too. A category that the network has not
seen counts as unknown. What the columns are called and what each level means stands in MODEL, at the end
of this file, above the weights; nothing else in it belongs to this one model.
"""

from __future__ import annotations

import base64
import csv
import functools
import gzip
import itertools
import os
import re
import sys
import warnings
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Column = Sequence[Any] | NDArray[Any]
    Floats = NDArray[np.float32]

ROWS_AT_ONCE = 1024
"""How many rows are encoded at a time, and 32 times as many read: a table need not fit into memory."""


class TableError(ValueError):
    """The table cannot be used as it is; the text says where and why."""


# --- What to call -------------------------------------------------------------------------------------------


def predict_probability(columns: Mapping[str, Column]) -> NDArray[np.float64]:
    """The probability of the positive label for each row, float64 (rows,).

    ``columns`` maps the name of each column to its values; columns that are not inputs are ignored.
    With several networks it is the mean of their probabilities. What weights or resampling did to them in
    training is undone, and they are calibrated as ``MODEL["readout"]`` says.
    """
    return _predicted(columns, first_row=0)


def encode(columns: Mapping[str, Column]) -> Floats:
    """The inputs of the network, float32 (rows, inputs): scaled numbers, whether they were missing, and a
    0/1 input for each slot of each category. A version for Keras takes in this matrix."""
    return _encoded(*_raw(columns, first_row=0))


# --- The network --------------------------------------------------------------------------------------------


def _predicted(columns: Mapping[str, Column], first_row: int) -> NDArray[np.float64]:
    numbers, slots = _raw(columns, first_row)
    probability = np.zeros(len(numbers))
    for start in range(0, len(numbers), ROWS_AT_ONCE):
        block = slice(start, start + ROWS_AT_ONCE)
        inputs = _encoded(numbers[block], slots[block])
        for tensors in _networks():
            probability[block] += _expit(_logit(inputs, tensors) - MODEL["readout"]["offset"])
    return _calibrated(probability / len(TENSORS), MODEL["readout"]["calibrator"])


def _expit(logit: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1.0 / (1.0 + np.exp(-np.clip(logit, -700.0, 700.0))), np.float64)


def _calibrated(p: NDArray[np.float64], calibrator: Mapping[str, Any] | None) -> NDArray[np.float64]:
    if calibrator is None:
        return p
    p = np.clip(p, 2.0**-52, 1.0 - 2.0**-52)
    log_p, log_q = np.log(p), np.log1p(-p)
    z = log_p - log_q
    name = calibrator["name"]
    if name == "logistic":
        return _expit(calibrator["slope"] * z + calibrator["intercept"])
    if name == "beta":
        return _expit(calibrator["a"] * log_p - calibrator["b"] * log_q + calibrator["c"])
    if name == "temperature":
        return _expit(z / calibrator["temperature"])
    isotonic: NDArray[np.float64] = np.interp(z, calibrator["logits"], calibrator["probabilities"])
    return isotonic


@functools.cache
def _networks() -> tuple[dict[str, Floats], ...]:
    """The tensors of each network by name; unpacked once."""
    return tuple({name: _tensor(*packed) for name, packed in network.items()} for network in TENSORS)


def _tensor(shape: tuple[int, ...], text: str) -> Floats:
    return np.frombuffer(base64.b64decode(text), "<f4").astype(np.float32).reshape(shape)


def _logit(inputs: Floats, tensors: Mapping[str, Floats]) -> Floats:
    x = _embedded(inputs, tensors)
    for layer in MODEL["layers"]:
        name = layer.get("name", "")
        if layer["layer"] == "dense":
            x = x @ tensors[f"{name}/kernel"]
            if f"{name}/bias" in tensors:
                x = x + tensors[f"{name}/bias"]
        elif layer["layer"] == "batch_normalization":
            deviation = np.sqrt(tensors[f"{name}/moving_variance"] + np.float32(layer["epsilon"]))
            x = (x - tensors[f"{name}/moving_mean"]) / deviation
            x = x * tensors.get(f"{name}/gamma", np.float32(1)) + tensors.get(f"{name}/beta", np.float32(0))
        if "activation" in layer:
            x = ACTIVATIONS[layer["activation"]](x, np.float32(layer["negative_slope"]))
    logit: Floats = x[:, 0]
    return logit


def _embedded(inputs: Floats, tensors: Mapping[str, Floats]) -> Floats:
    """The slots of columns that have an embedding become the vectors of these slots."""
    start = len(MODEL["numbers"]) + len(MODEL["indicators"])
    parts = [inputs[:, :start]]
    for position, category in enumerate(MODEL["categories"]):
        if category["embedded"]:
            end = start + category["size"]
            parts.append(inputs[:, start:end] @ tensors[f"embedding/{position}"])
            start = end
    return inputs if len(parts) == 1 else np.concatenate([*parts, inputs[:, start:]], axis=1)


def _sigmoid(x: Floats) -> Floats:
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), 1 / (1 + e)).astype(np.float32)


def _softplus(x: Floats) -> Floats:
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


def _negative(x: Floats) -> Floats:
    """``exp(x) - 1`` below zero, where alone it is used."""
    return np.expm1(np.minimum(x, 0))


def _normal_cdf(x: Floats) -> Floats:
    """numpy has no erf, so this is Abramowitz & Stegun 7.1.26, which is right within 1.5e-7."""
    y = np.abs(x.astype(np.float64)) / np.sqrt(2.0)
    t = 1 / (1 + 0.3275911 * y)
    p = (((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592
    tail = p * t * np.exp(-y * y) / 2
    cdf: Floats = np.where(x < 0, tail, 1 - tail).astype(np.float32)
    return cdf


ACTIVATIONS: dict[str, Callable[[Floats, np.float32], Floats]] = {
    "linear": lambda x, slope: x,
    "relu": lambda x, slope: np.maximum(x, 0),
    "leaky_relu": lambda x, slope: np.where(x < 0, x * slope, x),
    "elu": lambda x, slope: np.where(x < 0, _negative(x), x),
    "selu": lambda x, slope: (
        np.float32(1.05070098735548) * np.where(x < 0, np.float32(1.67326324235438) * _negative(x), x)
    ),
    "gelu": lambda x, slope: x * _normal_cdf(x),
    "silu": lambda x, slope: x * _sigmoid(x),
    "mish": lambda x, slope: x * np.tanh(_softplus(x)),
    "tanh": lambda x, slope: np.tanh(x),
    "sigmoid": lambda x, slope: _sigmoid(x),
    "softplus": lambda x, slope: _softplus(x),
}


# --- From values to inputs ----------------------------------------------------------------------------------


def _encoded(numbers: Floats, slots: NDArray[np.int64]) -> Floats:
    """The inputs, from numbers as they are (NaN: missing) and the slot of each category (-1: none)."""
    categories = MODEL["categories"]
    order = sorted(range(len(categories)), key=lambda j: not categories[j]["embedded"])  # embedded ones first
    width = len(MODEL["numbers"]) + len(MODEL["indicators"]) + sum(c["size"] for c in categories)
    inputs = np.zeros((len(numbers), width), np.float32)
    for j, column in enumerate(MODEL["numbers"]):
        z = (numbers[:, j].astype(np.float64) - column["shift"]) * column["scale"]
        z[np.isnan(z)] = column["fill"]
        inputs[:, j] = z / np.sqrt(1.0 + np.square(z * column["inverse_clip"]))  # tends to +-1 / inverse_clip
    start = len(MODEL["numbers"])
    for j in MODEL["indicators"]:
        inputs[:, start] = np.isnan(numbers[:, j])
        start += 1
    for j in order:
        rows = np.flatnonzero(slots[:, j] >= 0)
        inputs[rows, start + slots[rows, j]] = 1.0
        start += categories[j]["size"]
    return inputs


def _raw(columns: Mapping[str, Column], first_row: int) -> tuple[Floats, NDArray[np.int64]]:
    """Numbers (rows, numbers) and slots (rows, categories); ``first_row`` is for messages."""
    wanted = [column["name"] for column in (*MODEL["numbers"], *MODEL["categories"])]
    missing = [name for name in wanted if name not in columns]
    if missing:
        raise TableError(f"the table lacks columns that the model was trained with: {_listed(missing)}")
    lengths = {name: len(columns[name]) for name in wanted}
    rows = lengths[wanted[0]]
    uneven = [name for name in wanted if lengths[name] != rows]
    if uneven:
        found = f"{wanted[0]!r} has {rows} values, {uneven[0]!r} {lengths[uneven[0]]}"
        raise TableError(f"the columns differ in length: {found}")
    numbers = np.empty((rows, len(MODEL["numbers"])), np.float32)
    slots = np.empty((rows, len(MODEL["categories"])), np.int64)
    for j, column in enumerate(MODEL["numbers"]):
        # The offset goes while no digit is lost to float32: large numbers that differ little, and dates.
        numbers[:, j] = _numbers(columns[column["name"]], column, first_row) - column["offset"]
    for j, column in enumerate(MODEL["categories"]):
        slots[:, j] = [_slot(value, column) for value in columns[column["name"]]]
    return numbers, slots


def _numbers(values: Column, column: Mapping[str, Any], first_row: int) -> NDArray[np.float64]:
    """A column of numbers, of yes and no, or of dates, as float64 with NaN for missing."""
    kind = column["kind"]
    dtype = getattr(values, "dtype", None)
    if kind == "date":
        if isinstance(dtype, np.dtype) and dtype.kind == "M":
            days: NDArray[np.float64] = (np.asarray(values) - np.datetime64(0, "us")) / np.timedelta64(1, "D")
            return days
        return _each(values, _days, column, "date", first_row)
    if isinstance(dtype, np.dtype) and dtype.kind in "biuf":
        numbers = np.asarray(values).astype(np.float64)
    elif kind == "boolean":
        numbers = _each(values, lambda value: _truth(value, column["words"]), column, "yes or no", first_row)
    else:
        numbers = _each(values, _number, column, "number", first_row)
    if kind == "boolean":
        unknown = ~np.isnan(numbers) & (numbers != 0) & (numbers != 1)
        if unknown.any():
            row = first_row + int(np.argmax(unknown)) + 1
            warnings.warn(
                f"column {column['name']!r}, row {row}: neither yes nor no; taken as missing", stacklevel=2
            )
        numbers[unknown] = np.nan
    too_large = np.abs(numbers) > np.finfo(np.float32).max
    if too_large.any():
        row = first_row + int(np.argmax(too_large)) + 1
        raise TableError(
            f"column {column['name']!r}, row {row}: {numbers[too_large][0]} is too large a number"
        )
    return numbers


def _each(
    values: Column, convert: Callable[[Any], float], column: Mapping[str, Any], what: str, first_row: int
) -> NDArray[np.float64]:
    numbers = np.empty(len(values))
    for row, value in enumerate(values):
        try:
            numbers[row] = convert(value)
        except (ValueError, OverflowError):
            where = f"column {column['name']!r}, row {first_row + row + 1}"
            raise TableError(f"{where}: {value!r} is no {what}; leave it empty if it is not known") from None
    return numbers


def _is_missing(text: str) -> bool:
    """Also of what str() makes of None, NaN, NaT and pandas.NA."""
    return text in MODEL["missing"]


def _number(value: Any) -> float:
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value).strip()
    if _is_missing(text):
        return float("nan")
    if "_" in text:  # Python reads 1_000 as a number
        raise ValueError
    return float(text)


def _truth(value: Any, words: Mapping[str, float]) -> float:
    """0 for no, 1 for yes, NaN for a missing value; another number for what is neither."""
    if isinstance(value, (int, float)):
        return float(value)
    label = _label(value)
    if label is None:
        return float("nan")
    truth: float = words.get(label, MODEL["truth"].get(label.casefold(), 2.0))
    return truth


_DAY = re.compile(
    r"(?:(?P<year>\d{4})[-/](?P<month>\d\d?)[-/](?P<day>\d\d?)|(?P<d>\d\d?)\.(?P<m>\d\d?)\.(?P<y>\d{4}))"
    r"(?:[T ](?P<hour>\d\d?):(?P<minute>\d\d)(?::(?P<second>\d\d)(?P<fraction>\.\d+)?)?)?"
    r"(?P<zone>Z|[+-]\d\d:?\d\d)?"
)


def _days(value: Any) -> float:
    """Days since 1970-01-01, in universal time."""
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, (int, float)) and value == value:
        raise ValueError
    if isinstance(value, date) and value == value:  # NaT is a date of pandas that differs from itself
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        ahead = moment.utcoffset() or timedelta(0)
        return (moment.replace(tzinfo=None) - ahead - datetime(1970, 1, 1)) / timedelta(days=1)
    text = str(value).strip()
    if _is_missing(text):
        return float("nan")
    found = _DAY.fullmatch(text)
    if found is None:
        raise ValueError
    year, month, day = (
        found[long] or found[short] for long, short in (("year", "y"), ("month", "m"), ("day", "d"))
    )
    moment = datetime(int(year), int(month), int(day), int(found["hour"] or 0), int(found["minute"] or 0))
    seconds = int(found["second"] or 0) + float(found["fraction"] or 0)
    zone = found["zone"] or "Z"
    if zone != "Z":
        minutes = 60 * int(zone[1:3]) + int(zone[-2:])
        seconds -= 60 * minutes if zone[0] == "+" else -60 * minutes
    return (moment - datetime(1970, 1, 1) + timedelta(seconds=seconds)) / timedelta(days=1)


def _slot(value: Any, column: Mapping[str, Any]) -> int:
    label = _label(value)
    slot: int = column["missing"] if label is None else column["slots"].get(label, column["unseen"])
    return slot


_WHOLE = re.compile(r"([+-]?\d+)\.0+")


def _label(value: Any) -> str | None:
    """A value as a person would write it (3 also for 3.0), or None if it is missing."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, np.datetime64):
        value = value.astype("datetime64[us]").item()
    if isinstance(value, datetime) and value == value:
        return re.sub(r" 00:00:00\.0+$", "", value.isoformat(" ", "microseconds"))
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**63:
        return str(int(value))
    text = str(value).strip()
    if _is_missing(text):
        return None
    whole = _WHOLE.fullmatch(text)
    return whole[1] if whole else text


# --- The program --------------------------------------------------------------------------------------------


def main(arguments: Sequence[str]) -> int:
    """Predicts the table in the file that is named; returns the exit code of the program."""
    if len(arguments) != 1 or arguments[0] in ("-h", "--help"):
        told = sys.stdout if arguments[:1] in (["-h"], ["--help"]) else sys.stderr
        print(f"usage: python {Path(sys.argv[0]).name} table.csv > predictions.csv", file=told)
        print(
            f"Columns: {_listed([c['name'] for c in (*MODEL['numbers'], *MODEL['categories'])], 1000)}",
            file=told,
        )
        return 0 if told is sys.stdout else 2
    warnings.showwarning = lambda message, *rest: print(f"warning: {message}", file=sys.stderr)
    labels, threshold = (MODEL["negative"], MODEL["positive"]), MODEL["readout"]["threshold"]
    lines = csv.writer(sys.stdout, lineterminator="\n")
    first_row = 0
    try:
        lines.writerow(("probability", "predicted"))
        for columns in read_csv(Path(arguments[0])):
            probability = _predicted(columns, first_row)
            lines.writerows((repr(p), labels[p > threshold]) for p in probability.tolist())
            first_row += len(probability)
        sys.stdout.flush()
    except BrokenPipeError:  # whoever reads has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (TableError, OSError, EOFError, zlib.error, csv.Error, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        print(f"error: {arguments[0]}: {reason}", file=sys.stderr)
        return 2
    return 0


def read_csv(path: Path) -> Iterator[dict[str, list[str]]]:
    """The columns that are inputs, some thousand rows at a time."""
    with _opened(path) as file:
        sample = list(itertools.islice(file, 500))
        separator = _separator(sample)
        records = csv.reader(itertools.chain(sample, file), delimiter=separator)
        first = next((record for record in records if record), None)
        if first is None:
            raise TableError("is empty")
        names, header = _names([field.strip() for field in first])
        needed = [column["name"] for column in (*MODEL["numbers"], *MODEL["categories"])]
        missing = [name for name in needed if name not in names]
        if missing:
            raise TableError(f"lacks columns that the model was trained with: {_listed(missing)}")
        places = [names.index(name) for name in needed]
        decimal_comma = separator != "," and _has_decimal_commas(sample, separator)
        rows = records if header else itertools.chain([first], records)
        while True:
            block = list(itertools.islice(_even(rows, len(names), records), 32 * ROWS_AT_ONCE))
            if not block:
                return
            columns = {names[place]: [row[place] for row in block] for place in places}
            if decimal_comma:
                columns = {name: [_with_point(text) for text in texts] for name, texts in columns.items()}
            yield columns


def _opened(path: Path) -> IO[str]:
    if path.suffix == ".gz":
        return gzip.open(path, "rt", encoding="utf-8-sig", newline="")
    return path.open(encoding="utf-8-sig", newline="")


_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def _separator(sample: Sequence[str]) -> str:
    best = max("\t;|,", key=lambda separator: _fit(sample, separator))
    return best if _fit(sample, best) > (0, 0.0) else ","


def _fit(sample: Sequence[str], separator: str) -> tuple[int, float]:
    """How well a separator cuts the first lines: known names in the header, records of the same width."""
    records = _first_records(sample, separator)
    if not records or len(records[0]) == 1:
        return (0, 0.0)
    known = len({field.strip() for field in records[0]} & {*MODEL["table"], MODEL["target"]})
    return (known, sum(len(record) == len(records[0]) for record in records) / len(records))


def _first_records(sample: Sequence[str], separator: str) -> list[list[str]]:
    records = (record for record in csv.reader(sample, delimiter=separator) if record)
    return list(itertools.islice(records, 200))


def _names(first: Sequence[str]) -> tuple[list[str], bool]:
    """The names of the columns, and whether the first record gives them."""
    made_up = [f"column_{i + 1}" for i in range(len(first))]
    if set(first) & {*MODEL["table"], MODEL["target"]}:
        names = [name or made_up[i] for i, name in enumerate(first)]
        repeated = [name for i, name in enumerate(names) if name in names[:i]]
        if repeated:
            raise TableError(f"its header names columns more than once: {_listed(repeated)}")
        return names, True
    nameless = all(re.fullmatch(r"column_\d+", name) for name in MODEL["table"])
    if not nameless and not any(_is_missing(field) or _NUMBER.fullmatch(field) for field in first):
        return [name or made_up[i] for i, name in enumerate(first)], True  # names, but of other columns
    # Without the target, the columns are those of the training table.
    return (list(MODEL["table"]) if len(first) == len(MODEL["table"]) else made_up), False


def _even(rows: Iterator[list[str]], width: int, reader: Any) -> Iterator[list[str]]:
    for row in rows:
        if row and len(row) != width:
            raise TableError(f"line {reader.line_num}: has {len(row)} fields, the first line {width}")
        if row:
            yield row


def _has_decimal_commas(sample: Sequence[str], separator: str) -> bool:
    fields = [field.strip() for record in _first_records(sample, separator) for field in record]
    with_point = any("." in field and _NUMBER.fullmatch(field) for field in fields)
    return not with_point and any(re.fullmatch(r"[+-]?\d+,\d+", field) for field in fields)


def _with_point(text: str) -> str:
    return re.sub(r"^(\s*[+-]?\d+),(\d+\s*)$", r"\1.\2", text)


def _listed(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(map(repr, names[:most])) + more


# --- The model ----------------------------------------------------------------------------------------------
MODEL: dict[str, Any] = {}
"""The columns, how each is encoded, and the layers.

``numbers``: what is subtracted first (``offset``), then ``(x - shift) * scale``, ``fill`` where missing.
``indicators``: positions of numbers beside which a 0/1 input says that they are missing. ``categories``: the
slot of each level, of a missing and of an unknown one (-1: none of the slots). ``table``: the columns of the
training table in its order, for files without a header.
"""

TENSORS: list[dict[str, tuple[tuple[int, ...], str]]] = []
"""The tensors of each network: shape, and float32 (little endian, row by row) in base64."""

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
