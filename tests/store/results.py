"""Training results made by hand: the store must not care how they came about."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import numpy as np

from steelyard.data import CategoryEncoding, Column, ColumnKind, Encoding, Schema, Split, Target
from steelyard.data.calibrator import Logistic
from steelyard.history import PLAIN, History, LayerTelemetry, Quantity, Series, Telemetry
from steelyard.log import Facts, Log, Predictions
from steelyard.metrics import score
from steelyard.recipe import Change, Recipe, apply
from steelyard.run import Model, Readout, Run, RunStatus, weight_shapes
from steelyard.store import Provenance
from steelyard.training import TrainingResult

DRAWING = '<svg xmlns="http://www.w3.org/2000/svg"/>'
PROVENANCE = Provenance(
    command=("steelyard", "train", "bank visits.csv", "--target", "bought"),
    started=datetime(2024, 5, 1, 12, 0, 0, tzinfo=UTC),
    finished=datetime(2024, 5, 1, 12, 0, 42, tzinfo=UTC),
    instruction_set="avx2",
)

SCHEMA = Schema(
    columns=(
        Column("Größe", ColumnKind.NUMERIC, "3 values", offset=12.5, missing=2),
        Column("id", ColumnKind.IDENTIFIER, "all different"),
        Column("city", ColumnKind.CATEGORY, levels=("Köln", 'with "quotes", and\nline', "")),
        Column("plan", ColumnKind.CATEGORY, levels=("a", "b")),
    ),
    target=Target("bought", "yes", "no", True),
    time="date",
)

ENCODING = Encoding(
    shift=np.array([0.1], np.float32),
    scale=np.array([3.0], np.float32),
    fill=np.array([-0.5], np.float32),
    inverse_clip=np.array([1 / 3], np.float32),
    indicators=np.array([0], np.int32),
    categories=(
        CategoryEncoding(np.array([2, 3, 0, 1, 2], np.int32), 4, 8, ("Köln", "quotes", "rare", "missing")),
        CategoryEncoding(np.array([-1, -1, 0, 1], np.int32), 2, 0, ("a", "b")),
    ),
)

READOUT = Readout(
    offset=1.25,
    calibrator=Logistic(slope=0.9, intercept=-0.1),
    threshold=0.3,
    objective="cost fp=1 fn=10",
    base_rate=0.2,
)


def history(epochs: int, seed: int) -> History:
    """Arbitrary curves with a gap, one of them not plain."""
    random = np.random.default_rng(seed)
    optimised = Quantity(weighted=True, penalized=True, dropout=True, epoch_mean=True)
    names = ["train_objective", "train_penalty", "train_learning_rate", "train_seconds"]
    names += [
        f"{split}_{metric}" for split in ("train", "validation") for metric in ("loss", "accuracy", "roc_auc")
    ]
    series = [
        Series(*name.split("_", 1), random.random(epochs), optimised if name == "train_objective" else PLAIN)
        for name in names
    ]
    if epochs:
        series[-1].values[-1] = np.nan
    return History(np.arange(1, epochs + 1), tuple(series))


def telemetry(epochs: int, seed: int) -> Telemetry:
    random = np.random.default_rng(100 + seed)
    layers = tuple(LayerTelemetry(name, *random.random((5, epochs))) for name in ("dense", "dense_1"))
    if epochs:
        layers[0].saturated_share[0] = np.nan
    return Telemetry(np.arange(1, epochs + 1), layers, *random.normal(size=(2, epochs)))


def training_result(epochs: tuple[int, ...] = (5, 3), rows: int = 60) -> TrainingResult:
    """Networks that trained for so many epochs each, on a table of so many rows."""
    recipe = apply(Recipe(), Change("network.hidden_units", [4]), Change("network.batch_normalization", True))
    random = np.random.default_rng(0)
    order = random.permutation(rows)
    train, validation, test = (np.sort(part) for part in np.split(order, [rows // 2, 3 * rows // 4]))
    split = Split(train, validation, test, "stratified at random, 50/25/25, seed 0")
    target = (np.arange(rows) % 5 == 0).astype(np.uint8)
    targets = {"validation": target[validation], "test": target[test]}
    probabilities = {part: random.random(len(found)) for part, found in targets.items()}
    scores = {part: score(targets[part], probabilities[part]) for part in targets}
    shapes = weight_shapes(recipe.network, ENCODING)
    runs = tuple(
        Run(
            recipe=recipe,
            seed=7 + number,
            split=split,
            encoding=ENCODING,
            status=RunStatus.STOPPED_EARLY if length else RunStatus.INTERRUPTED,
            reason="no improvement for 2 epochs",
            best_epoch=max(0, length - 2),
            history=history(length, number),
            telemetry=telemetry(length, number),
            weights={name: random.normal(size=shape).astype(np.float32) for name, shape in shapes.items()},
        )
        for number, length in enumerate(epochs)
    )
    return TrainingResult(
        recipe=recipe,
        seed=7,
        status=runs[0].status,
        reason=runs[0].reason,
        advice=(),
        model=Model(SCHEMA, ENCODING, recipe.network, tuple(run.weights for run in runs), READOUT),
        calibration=None,
        threshold=None,
        base_rate=float(target[train].mean()),
        runs=runs,
        schema=SCHEMA,
        source="bank visits.csv",
        fingerprint="0123abcd",
        rows=rows,
        positives=int(target.sum()),
        split=split,
        targets=targets,
        weights=None,
        probabilities=probabilities,
        scores=scores,
        network_scores=(scores,) * len(runs),
        baselines={"prevalence": scores},
        notes=(),
        logs=tuple(
            Log(
                f"bank visits.csv, seed {run.seed}",
                "steelyard",
                facts=Facts(seed=run.seed, seeds=len(runs), batch_size=16),
                predictions={"validation": Predictions(targets["validation"], alone)},
            )
            for run, alone in zip(runs, random.random((len(runs), len(targets["validation"]))), strict=True)
        ),
        seconds=42.0,
    )


def facts_of(result: TrainingResult) -> dict[str, Any]:
    """As much of ``metrics.json`` as the store reads, and some of what it only keeps."""
    document = {
        "status": result.status.value,
        "scores": {part: asdict(scores) for part, scores in result.scores.items()},
        "networks": [
            {"seed": run.seed, "status": run.status.value, "reason": run.reason, "best_epoch": run.best_epoch}
            for run in result.runs
        ],
    }
    return json.loads(json.dumps(document).replace("NaN", "null"))
