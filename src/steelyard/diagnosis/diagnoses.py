"""Several logs judged: a folder of runs, the seeds of one recipe; one log is the common case of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import overload

from steelyard.diagnosis.diagnosis import Diagnosis, worst
from steelyard.diagnosis.html import html_of
from steelyard.diagnosis.text import text_of
from steelyard.finding import Finding, Severity


class Diagnoses(Sequence[Diagnosis]):
    """A :class:`~steelyard.diagnosis.diagnosis.Diagnosis` for each log, in the order of the logs.

    ``print`` shows them as text, a notebook as a page.
    """

    def __init__(self, diagnoses: Iterable[Diagnosis]) -> None:
        self._all = tuple(diagnoses)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Those of all logs, log by log, of each the gravest first."""
        return tuple(finding for one in self._all for finding in one.findings)

    @property
    def worst(self) -> Severity | None:
        """The gravest severity among the findings; None if there are none."""
        return worst(self._all)

    @overload
    def __getitem__(self, index: int) -> Diagnosis: ...

    @overload
    def __getitem__(self, index: slice) -> Diagnoses: ...

    def __getitem__(self, index: int | slice) -> Diagnosis | Diagnoses:
        return Diagnoses(self._all[index]) if isinstance(index, slice) else self._all[index]

    def __len__(self) -> int:
        return len(self._all)

    def __iter__(self) -> Iterator[Diagnosis]:
        return iter(self._all)

    def __str__(self) -> str:
        return "\n\n".join(text_of(one) for one in self._all)

    def __repr__(self) -> str:
        logs = "1 log" if len(self._all) == 1 else f"{len(self._all)} logs"
        findings = "1 finding" if len(self.findings) == 1 else f"{len(self.findings)} findings"
        return f"<Diagnoses of {logs}: {findings}>"

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return "".join(html_of(one) for one in self._all)
