"""``model.summary()``: the table Keras 3 prints, character for character.

Keras draws it with rich, which only the command line of Steelyard knows; the box is drawn here, with rich's
rules for widths and wrapping (``keras/src/utils/summary_utils.py``).

Differences: there are no colours, and a ``line_length`` beyond the width of
the terminal is not cropped.
"""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from steelyard.keras.codes import refuse
from steelyard.keras.layers import Flatten, Layer
from steelyard.keras.saving.shapes import NOT_TRAINED

Align = Literal["left", "right", "center"]

_BYTES = 4
"""Per number: weights are float32, the step counter of an optimizer int32."""

_NARROWEST = 4


def print_summary(
    name: str,
    layers: Sequence[Layer],
    input_width: int | None,
    *,
    optimizer_variables: int | None = None,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    print_fn: Callable[[str], object] | None = None,
    expand_nested: bool = False,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> None:
    """Prints what :func:`summary_text` gives.

    ``print_fn`` gets the whole text in one call, as in Keras 3 (Keras 2 called it for each line).
    ``expand_nested`` has no effect: a stack holds no models.
    """
    text = summary_text(
        name,
        layers,
        input_width,
        optimizer_variables=optimizer_variables,
        line_length=line_length,
        positions=positions,
        show_trainable=show_trainable,
        layer_range=layer_range,
    )
    if print_fn is None:
        print(text, end="")
    else:
        print_fn(text)


def summary_text(
    name: str,
    layers: Sequence[Layer],
    input_width: int | None,
    *,
    optimizer_variables: int | None = None,
    line_length: int | None = None,
    positions: Sequence[float] | None = None,
    show_trainable: bool = False,
    layer_range: Sequence[str] | None = None,
) -> str:
    """The summary, ending in a line break.

    ``layers`` are without the input, as Keras shows them. ``input_width`` is None for a model whose input
    is not known yet; ``optimizer_variables`` counts the numbers an optimizer keeps, and is None before it
    keeps any. ``line_length`` defaults to 88, or what fits into the terminal (100 with ``show_trainable``);
    ``positions`` are the ends of the columns as shares of the line (0.45, 0.80 and 1.0). ``layer_range``
    names the first and the last layer to show, as names or regular expressions.
    """
    columns: list[tuple[str, Align]] = [
        ("Layer (type)", "left"),
        ("Output Shape", "left"),
        ("Param #", "right"),
    ]
    positions = list(positions or (0.45, 0.80, 1.0))
    if len(positions) != len(columns):
        raise refuse(
            "K235", f"summary: positions has {len(positions)} entries; there are {len(columns)} columns"
        )
    longest = 88
    if show_trainable:
        longest += 12
        positions = [position * 0.90 for position in positions] + [1.0]
        columns.append(("Trainable", "center"))
    line_length = line_length or min(longest, shutil.get_terminal_size().columns - 4)
    widths = _column_widths(positions, line_length)
    described = list(_described(layers, input_width))
    first, last = _range(layers, layer_range)
    rows = [one.cells(show_trainable) for one in described[first:last]]
    lines = [
        f'Model: "{name}"',
        *_table([title for title, _ in columns], rows, widths, [alignment for _, alignment in columns]),
        *_totals(described, optimizer_variables),
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class _Described:
    """One layer. ``trainable`` and ``fixed`` count its numbers."""

    name: str
    kind: str
    output_width: int | None
    trainable: int
    fixed: int
    built: bool

    def cells(self, show_trainable: bool) -> list[str]:
        """The texts of a row."""
        shape = "?" if self.output_width is None else f"(None, {self.output_width})"
        count = self.trainable + self.fixed
        cells = [f"{self.name} ({self.kind})", shape, f"{count:,}" if self.built else "0 (unbuilt)"]
        if show_trainable:
            cells.append("Y" if count else "-")
        return cells


def _described(layers: Sequence[Layer], width: int | None) -> Iterator[_Described]:
    for layer in layers:
        name, kind = layer.name or "", type(layer).__name__
        if width is None:
            # Keras calls layers without tensors built from the start, except this one.
            later = layer.tensor_shapes(1) or isinstance(layer, Flatten)
            yield _Described(name, kind, None, 0, 0, built=not later)
            continue
        shapes = layer.tensor_shapes(width)
        fixed = sum(math.prod(shape) for tensor, shape in shapes.items() if tensor in NOT_TRAINED)
        numbers = sum(math.prod(shape) for shape in shapes.values())
        width = layer.output_width(width)
        yield _Described(name, kind, width, numbers - fixed, fixed, built=True)


def _totals(layers: Sequence[_Described], optimizer_variables: int | None) -> Iterator[str]:
    trainable = sum(layer.trainable for layer in layers)
    fixed = sum(layer.fixed for layer in layers)
    counts = {
        "Total": trainable + fixed + (optimizer_variables or 0),
        "Trainable": trainable,
        "Non-trainable": fixed,
    }
    if optimizer_variables is not None:
        counts["Optimizer"] = optimizer_variables
    for kind, count in counts.items():
        yield f" {kind} params: {count:,} ({_memory(count * _BYTES)})"


def _memory(size: float) -> str:
    """
    >>> _memory(492), _memory(52_000)
    ('492.00 B', '50.78 KB')
    """
    for unit in ("B", "KB", "MB", "GB", "TB"):
        if size < 1024:
            return f"{size:.2f} {unit}"
        size /= 1024
    return f"{size:.2f} PB"


def _column_widths(positions: Sequence[float], line_length: int) -> list[int]:
    """Widths between the borders, padding included.

    Keras gives rich columns that are too wide by their borders and padding; rich takes the excess from all
    of them alike.
    """
    widths: list[int] = []
    current = 0
    for position in positions:
        width = int(position * line_length) - current
        if width < _NARROWEST:
            raise refuse(
                "K235",
                f"summary: column {len(widths) + 1} would be {width} characters wide; it needs {_NARROWEST}",
                "Choose a larger line_length, or positions that rise.",
            )
        widths.append(width + 2)
        current += width
    excess = sum(widths) - (line_length - len(widths) - 1)
    for number, width in enumerate(widths):
        taken = min(width, round(excess / (len(widths) - number)))
        widths[number] = width - taken
        excess -= taken
    return widths


def _range(layers: Sequence[Layer], layer_range: Sequence[str] | None) -> tuple[int, int]:
    if layer_range is None:
        return 0, len(layers)
    if len(layer_range) != 2 or not all(isinstance(name, str) for name in layer_range):
        raise refuse("K235", f"summary: layer_range is {layer_range!r}; it must be two names")
    names = [layer.name or "" for layer in layers]
    starts, ends = ([i for i, name in enumerate(names) if re.match(one, name)] for one in layer_range)
    if not starts or not ends:
        raise refuse("K235", f"summary: no layer matches {layer_range!r}; there are {', '.join(names)}")
    if min(starts) > max(ends):
        return min(ends), max(starts) + 1
    return min(starts), max(ends) + 1


def _table(
    header: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int], alignments: Sequence[Align]
) -> Iterator[str]:
    def rule(left: str, line: str, crossing: str, right: str) -> str:
        return left + crossing.join(line * width for width in widths) + right

    def row(cells: Sequence[str], border: str, *, at_bottom: bool = False) -> Iterator[str]:
        wrapped = [_wrapped(cell, width - 2) for cell, width in zip(cells, widths, strict=True)]
        height = max(map(len, wrapped))
        for number in range(height):
            parts = []
            for lines, width, alignment in zip(wrapped, widths, alignments, strict=True):
                place = number - (height - len(lines)) if at_bottom else number
                line = lines[place] if 0 <= place < len(lines) else ""
                parts.append(f" {_justified(line, width - 2, alignment)} ")
            yield border + border.join(parts) + border

    yield rule("┏", "━", "┳", "┓")
    yield from row(header, "┃", at_bottom=True)
    yield rule("┡", "━", "╇", "┩")
    for number, cells in enumerate(rows):
        if number:
            yield rule("├", "─", "┼", "┤")
        yield from row(cells, "│")
    yield rule("└", "─", "┴", "┘")


def _wrapped(text: str, width: int) -> list[str]:
    """Lines of whole words; a word that fits no line is cut and marked so.

    >>> _wrapped("batch_normalization (BatchNormalization)", 12)
    ['batch_norma…', '(BatchNorma…']
    """
    lines: list[str] = []
    for word in text.split(" "):
        if lines and len(lines[-1]) + 1 + len(word) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return [line if len(line) <= width else f"{line[: width - 1]}…" for line in lines]


def _justified(line: str, width: int, alignment: Align) -> str:
    if alignment == "center":
        left = (width - len(line)) // 2
        return " " * left + line.ljust(width - left)
    return line.rjust(width) if alignment == "right" else line.ljust(width)
