"""The weights of one model, wherever they are just now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from steelyard.engine import EpochEnd
from steelyard.run import Progress, Weights


@dataclass(eq=False)
class Variables:
    """Tensors by the engine's names, and what its optimizer remembers of the training so far.

    They may not have been trained yet (``owed``: a fit that was put off), or lie in the engine between
    two epochs (while callbacks run); :meth:`read` fetches them from there.
    """

    tensors: Weights
    progress: Progress | None = None
    """None: the optimizer starts anew."""
    owed: Callable[[], None] | None = None
    """Trains what was put off; called at most once."""
    _lender: EpochEnd | None = field(default=None, repr=False)
    _written: bool = field(default=False, repr=False)

    def settle(self) -> None:
        """Trains what was put off, if anything was."""
        owed, self.owed = self.owed, None
        if owed is not None:
            owed()

    def read(self) -> Weights:
        """The tensors as they are now."""
        self.settle()
        if self._lender is not None and not self._written:
            return self._lender.weights()
        return self.tensors

    def write(self, tensors: Weights) -> None:
        """Replaces the tensors; between two epochs also those in the engine."""
        self.settle()
        self.tensors = tensors
        self._written = True

    @contextmanager
    def lent_by(self, end: EpochEnd) -> Iterator[None]:
        """For the time of the callbacks at the end of an epoch, reads from the engine. An exception
        leaves the weights of this epoch."""
        self._lender, self._written = end, False
        finished = False
        try:
            yield
            finished = True
        finally:
            if not finished:
                self.tensors = self.read()
            self._lender = None

    @property
    def written(self) -> Weights | None:
        """What the callbacks of the last epoch put in place of the engine's weights."""
        return self.tensors if self._written else None
