"""What ``verbose=1`` and ``verbose=2`` print: Keras' lines."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from steelyard.finding import Severity
from steelyard.keras.checks import whole
from steelyard.keras.console import is_terminal, say
from steelyard.keras.hooks import Callback, Logs

if TYPE_CHECKING:
    from steelyard.diagnosis.diagnosis import Diagnosis

BAR_WIDTH = 20


class ProgbarLogger(Callback):
    """Prints ``Epoch 1/10`` and, when the epoch is done, one line with its time and metrics.

    ``params["verbose"]``: 0 prints nothing, 1 (and ``"auto"``) a bar, 2 a line without a bar. There is
    no bar that moves: an epoch does not return to Python before it is done.
    Source of the form: keras/src/utils/progbar.py.
    """

    def __init__(self) -> None:
        super().__init__()
        self._began = 0.0

    def on_epoch_begin(self, epoch: int, logs: Logs | None = None) -> None:
        """The number of the epoch, if there are several."""
        if self._verbose and self.params["epochs"] > 1:
            say(f"Epoch {epoch + 1}/{self.params['epochs']}")
        self._began = time.perf_counter()

    def on_epoch_end(self, epoch: int, logs: Logs | None = None) -> None:
        """Time and metrics."""
        report(self.params["steps"], time.perf_counter() - self._began, logs or {}, self._verbose)

    @property
    def _verbose(self) -> int:
        return verbosity(self.params["verbose"])


def verbosity(verbose: int | str) -> int:
    """``"auto"`` is 1, as in Keras outside of clusters."""
    return (
        1
        if verbose == "auto"
        else whole("verbose", int(verbose) if isinstance(verbose, bool) else verbose, low=0)
    )


def report(steps: int, seconds: float, logs: Mapping[str, float], verbose: int) -> None:
    """Prints what Keras prints when an epoch, ``evaluate`` or ``predict`` is done."""
    if verbose in (1, 2):
        say(line(steps, seconds, logs, bar=verbose == 1, colours=is_terminal()))


def tell_findings(diagnosis: Diagnosis) -> None:
    """Prints one line that names the errors and warnings among the findings of a fit, if there are any."""
    names = [
        f"{found.code} {found.name.replace('_', ' ')}"
        for found in diagnosis.findings
        if found.severity is not Severity.SMELL
    ]
    if names:
        say(f"Findings: {', '.join(names)}; print(history.diagnosis) says more")


def line(steps: int, seconds: float, logs: Mapping[str, float], *, bar: bool, colours: bool = False) -> str:
    """The line of ``steps`` steps that took ``seconds``.

    >>> line(1712, 1.2, {"loss": 0.25, "learning_rate": 1e-4}, bar=False)
    '1712/1712 - 1s - 701us/step - loss: 0.2500 - learning_rate: 1.0000e-04'
    """
    count = f"{steps}/{steps}"
    metrics = "".join(f" - {name}: {_number(value, bar)}" for name, value in logs.items())
    each = _per_step(seconds / steps if steps else 0.0)
    if not bar:
        return f"{count} - {seconds:.0f}s - {each}{metrics}"
    full = "━" * BAR_WIDTH
    if not colours:
        return f"{count} {full} {seconds:.0f}s {each}{metrics}"
    green, bold, off = "\x1b[32m", "\x1b[1m", "\x1b[0m"
    return f"{bold}{count}{off} {green}{full}{off} {bold}{seconds:.0f}s{off} {each}{metrics}"


def _number(value: Any, bar: bool) -> str:
    if not isinstance(value, int | float):
        return str(value)
    # Without a bar Keras also writes negative numbers in scientific notation.
    return f"{value:.4f}" if (abs(value) if bar else value) > 1e-3 else f"{value:.4e}"


def _per_step(seconds: float) -> str:
    if seconds >= 1 or seconds == 0:
        return f"{seconds:.0f}s/step"
    if seconds >= 1e-3:
        return f"{seconds * 1e3:.0f}ms/step"
    return f"{seconds * 1e6:.0f}us/step"
