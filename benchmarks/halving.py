"""``python -m benchmarks.halving --data FILE``: successive halving against the grid it is to replace.

FILE is ``bank-additional-full.csv`` of the UCI repository (Moro, Cortez and Rita 2014; data set 222): 41,188
phone calls, of which one in nine ended in a term deposit. The length of the call is left out: it is known
only afterwards. Writes ``benchmarks/halving.md``.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import steelyard
from benchmarks import machine
from benchmarks.samples import Sample, table
from steelyard.data import Features, Table
from steelyard.recipe import Change, Recipe, apply
from steelyard.study import Trial
from steelyard.tables import read_table

ROOT = Path(__file__).resolve().parent.parent
RESULTS = Path(__file__).with_name("halving.md")
METRIC = "average_precision"
FOLDS = 5
MOST_STEPS = 0.35
"""The share of the grid's steps that halving may take."""

SPACE = {
    "optimizer.learning_rate": [0.0003, 0.001, 0.003, 0.01],
    "network.hidden_units": [[16], [64, 32], [128, 64]],
    "network.dropout": [0.0, 0.2, 0.4],
}

INTRODUCTION = """\
# Halving against the grid

{facts}

Written by `python -m benchmarks.halving`. {trials} recipes ({axes})
on {rows:,} rows of bank_marketing without `duration`, {folds} folds, at most {epochs} epochs, other settings
as they come, early stopping included; ranked by the mean average precision on the folds. The grid trains
every recipe to its end. Halving (`prune="halving"`: after 3, 9 and 27 epochs the best third goes on) trains
the same recipes on the same folds from the same seeds, so its winner's score is one of the grid's. The load
average was {before} at the start.
"""

NOTE = """\
*Found* is what halving's winner scores, *place* where the grid has it, and *lost* how much less it scores
than the grid's best, with the standard error of that difference over the folds: what is no larger cannot be
told from nothing. *Steps* are batches that networks learned from, over those of the grid.

Median of the steps: **{steps:.1%}** of the grid's (at most {most:.0%} are allowed). Halving found the grid's
best recipe in {equal} of {seeds} searches, and in {within} one that cannot be told from it.
"""


@dataclass(frozen=True)
class Comparison:
    """One seed: of the folds, the networks and so of all scores."""

    seed: int
    best: float
    """Of the grid."""
    found: float
    """By halving."""
    place: int
    """Of halving's winner in the grid, from 1."""
    error: float
    """Standard error, over folds, of what was lost."""
    steps: tuple[int, int]
    """Of the grid and of halving."""
    seconds: tuple[float, float]

    @property
    def share(self) -> float:
        """Of the grid's steps."""
        return self.steps[1] / self.steps[0]

    @property
    def lost(self) -> float:
        """Of the grid's best score."""
        return self.best - self.found

    def cells(self) -> tuple[str, ...]:
        """A row of the report."""
        return (
            str(self.seed),
            f"{self.best:.4f}",
            f"{self.found:.4f}",
            str(self.place),
            f"{self.lost:.4f} ± {self.error:.4f}",
            f"{self.steps[0]:,}",
            f"**{self.share:.1%}**",
            f"{self.seconds[0]:.0f}",
            f"{self.seconds[1]:.0f}",
        )


HEADINGS = (
    "seed",
    "grid's best",
    "found",
    "place",
    "lost",
    "steps of the grid",
    "steps",
    "seconds of the grid",
    "seconds",
)


def compare(rows: Table, recipe: Recipe, seed: int) -> Comparison:
    """The grid, and halving on its points."""
    searches = []
    seconds = []
    for prune in ((), ("halving",)):
        began = time.perf_counter()
        study = steelyard.tune(
            rows,
            SPACE,
            recipe=recipe,
            sampler="grid",
            folds=FOLDS,
            metrics=METRIC,
            prune=prune,
            seed=seed,
            batch=len(points()),
            refit=False,
        )
        seconds.append(time.perf_counter() - began)
        searches.append(study)
    grid, halving = searches
    scores = np.array([_score(trial) for trial in grid.trials])
    winner = halving.best.number
    return Comparison(
        seed=seed,
        best=float(scores.max()),
        found=float(scores[winner]),
        place=1 + int(np.count_nonzero(scores > scores[winner])),
        error=_error(grid.trials[int(scores.argmax())], grid.trials[winner]),
        steps=(_steps(grid.trials), _steps(halving.trials)),
        seconds=(seconds[0], seconds[1]),
    )


def points() -> list[tuple[object, ...]]:
    """All combinations of the space's values."""
    found: list[tuple[object, ...]] = [()]
    for values in SPACE.values():
        found = [(*point, value) for point in found for value in values]
    return found


def every_so_many(rows: Table, share: float) -> Table:
    """A share of the rows, spread over the file."""
    kept = np.linspace(0, len(rows) - 1, round(share * len(rows))).astype(np.int64)
    features = Features(rows.features.numeric[kept], rows.features.codes[kept])
    return dataclasses.replace(rows, features=features, target=rows.target[kept])


def _score(trial: Trial) -> float:
    return float(np.mean([network.best[METRIC] for network in trial.networks]))


def _error(one: Trial, other: Trial) -> float:
    """Standard error of the difference of two trials, from folds."""
    pairs = zip(one.networks, other.networks, strict=True)
    differences = [first.best[METRIC] - second.best[METRIC] for first, second in pairs]
    return float(np.std(differences, ddof=1) / np.sqrt(len(differences)))


def _steps(trials: Sequence[Trial]) -> int:
    return sum(network.steps for trial in trials for network in trial.networks)


def report(compared: Sequence[Comparison]) -> str:
    """The table and what it comes to."""
    note = NOTE.format(
        steps=Sample(tuple(one.share for one in compared)).median,
        most=MOST_STEPS,
        equal=sum(one.place == 1 for one in compared),
        within=sum(one.lost <= one.error for one in compared),
        seeds=len(compared),
    )
    return f"{table(HEADINGS, [one.cells() for one in compared])}\n\n{note}"


def main() -> None:
    """Searches with every seed, prints and writes the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.halving", description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="bank-additional-full.csv")
    parser.add_argument("--seeds", type=int, default=5, help="searches of each kind (default 5)")
    parser.add_argument("--epochs", type=int, default=30, help="at most, of each recipe (default 30)")
    parser.add_argument("--share", type=float, default=1.0, help="share of the rows; then nothing is written")
    arguments = parser.parse_args()

    rows = read_table(arguments.data, target="y", positive="yes", drop=["duration"])
    if arguments.share < 1.0:
        rows = every_so_many(rows, arguments.share)
    recipe = apply(Recipe(), Change("training.epochs", arguments.epochs))
    introduction = INTRODUCTION.format(
        facts="\n".join(f"- {fact}" for fact in machine.describe()),
        trials=len(points()),
        axes=", ".join(f"{len(values)} × `{path}`" for path, values in SPACE.items()),
        rows=len(rows),
        folds=FOLDS,
        epochs=arguments.epochs,
        before=machine.load(),
    )
    print(introduction, flush=True)
    compared = []
    for seed in range(arguments.seeds):
        compared.append(compare(rows, recipe, seed))
        print(" | ".join(compared[-1].cells()), flush=True)
    text = report(compared)
    print(text, flush=True)
    if arguments.share == 1.0:
        RESULTS.write_text(f"{introduction}\n{text}")
        print(f"written to {RESULTS.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
