"""What a program does, as far as its text tells: networks, trainings, searches, and what is measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from steelyard.diagnosis.readers.post.values import Call


@dataclass(eq=False)
class Network:
    """A network while its program is read: its layers so far (None: not known) and how it was compiled."""

    layers: list[Any] | None = None
    compile: Call | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Arguments of ``fit`` that a wrapper for scikit-learn keeps."""
    loops: int = 0
    """How many loops it was made inside of."""


@dataclass(frozen=True, eq=False)
class Training:
    """A call of ``fit`` at a place in the text, with the network as it then was.

    ``function`` is the function it stands in, empty if none. ``features`` and ``validation`` are values,
    :data:`~steelyard.diagnosis.readers.post.values.ABSENT` if not given; ``validation_names`` the variables
    that ``validation`` was written with.
    """

    start: int
    end: int
    call: Call
    network: Network
    function: str
    features: Any
    validation: Any
    validation_names: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Search:
    """A search over hyperparameters; ``function`` is that which builds and trains, empty if not known."""

    start: int
    end: int
    call: Call
    grid: Any
    function: str
    network: Network | None
    features: Any


@dataclass(frozen=True, eq=False, slots=True)
class Measured:
    """``evaluate``, ``predict`` or a score: the variables whose rows it was on."""

    start: int
    function: str
    names: tuple[str, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Data:
    """Data that stands in the text. ``name`` is what it was assigned to, or the key of what was printed just
    before it (``print(history.history['loss'])``); empty if neither is so."""

    start: int
    name: str
    value: Any


@dataclass(frozen=True, eq=False)
class Program:
    """All that was found, each in the order of the text.

    ``fits`` are calls of ``fit`` and ``fit_transform`` of anything else (scalers). ``shows`` are the starts
    of calls whose value is not kept, with their variables: what is printed comes after one; of several with
    the same variables, one after the other, the first. ``spans`` are the starts and ends of all statements,
    where next to nothing stands between two those of both.
    """

    trainings: tuple[Training, ...]
    searches: tuple[Search, ...]
    measured: tuple[Measured, ...]
    fits: tuple[Call, ...]
    shows: tuple[tuple[int, tuple[str, ...]], ...]
    data: tuple[Data, ...]
    spans: tuple[tuple[int, int], ...]
    modules: frozenset[str]
    networks: tuple[Network, ...]
