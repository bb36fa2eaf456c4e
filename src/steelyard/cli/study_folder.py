"""The folder of a study: database, results, charts, best recipe, and the winner as a run of its own.

::

    runs/bank-tune/
        study.sqlite3     the study itself, unless --storage names another place
        results.json      the study as one document
        trials.csv        a line per trial
        best.toml         the best recipe
        charts/*.svg
        winner-1/         a run folder; when more trials have found a better one, also winner-2

All but the database and the runs is written anew whenever a search ends, each file complete or not at all.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars

from steelyard.cli.output import OTHER_PLACE, writing
from steelyard.errors import OutputError, RunFolderError
from steelyard.store import load_facts
from steelyard.store.layout import MANIFEST
from steelyard.study import Plan

DATABASE = "study.sqlite3"
RESULTS = "results.json"
TRIALS = "trials.csv"
BEST = "best.toml"
CHARTS = "charts"
WINNER = "winner"

_NAME = re.compile(r"[^\W_][\w.+-]*")


class StudyFolder:
    """Where the results of one study go. Nothing is made before :meth:`claim`."""

    def __init__(self, parent: Path, study: str) -> None:
        """Raises :class:`~steelyard.errors.OutputError` if there can be no folder of that name."""
        if not _NAME.fullmatch(study):
            raise OutputError(
                f"--study: {study!r} cannot be the name of a folder",
                help="begin with a letter or digit, and use these, '-', '_', '+' and '.' only",
            )
        self.path = parent / study
        self.database = self.path / DATABASE

    def claim(self) -> None:
        """Makes the folder, or sees that the one there is of a study; raises
        :class:`~steelyard.errors.OutputError` if it is something else, or cannot be made."""
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            names = {entry.name for entry in self.path.iterdir()}
        except OSError as error:
            reason = error.strerror or error
            raise OutputError(f"{self.path}: cannot be made: {reason}", help=OTHER_PLACE) from error
        if MANIFEST in names or (names and not names & {DATABASE, RESULTS}):
            what = "a run" if MANIFEST in names else "no folder of a study"
            raise OutputError(
                f"{self.path}: exists already and is {what}",
                help="choose another name with --study, or another place with --out",
            )

    def write(self, document: Mapping[str, Any], trials: polars.DataFrame, charts: Mapping[str, str]) -> None:
        """Writes everything anew, the document last; ``charts`` are SVGs by name."""
        for name, drawing in charts.items():
            _write(self.path / CHARTS / f"{name}.svg", drawing, make_folder=True)
        with writing(self.path / TRIALS) as draft:
            trials.write_csv(draft)
        if document["best"] is not None:
            _write(self.path / BEST, document["best"]["recipe"])
        text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False)
        _write(self.path / RESULTS, text + "\n")

    def earlier_winner(self, plan: Plan, trial: int) -> dict[str, Any] | None:
        """What is known of this trial as the winner, if it was found to be that before, by the same search,
        and its run is still there."""
        document = study_results(self.path)
        known: dict[str, Any] | None = None if document is None else document["winner"]
        if document is None or known is None or known["trial"] != trial:
            return None
        if document["plan"] != plan.model_dump(mode="json"):
            return None
        try:
            load_facts(self.path / Path(known["run"]).name)
        except RunFolderError:
            return None  # deleted, or damaged: then it is trained again
        return known


def study_results(folder: Path) -> dict[str, Any] | None:
    """The document of the study in this folder; None if there is none, or none that can be read."""
    try:
        document = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if not isinstance(document, dict) or "study" not in document:  # that of a cross-validation, say
        return None
    return document


def _write(target: Path, text: str, *, make_folder: bool = False) -> None:
    with writing(target, make_folder=make_folder) as draft:
        draft.write_text(text, encoding="utf-8")
