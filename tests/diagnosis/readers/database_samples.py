"""Small valid databases and record files of trackers and searches, made here."""

from __future__ import annotations

import json
import sqlite3
import struct
import zlib
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

from steelyard.recipe import Recipe
from steelyard.study import Choice, Plan, Space
from tests.diagnosis.readers.mutations import Sample

Rows = Sequence[Sequence[Any]]

PLAN = Plan(
    recipe=Recipe(),
    space=Space(parameters=(Choice(path="network.activation", values=("relu", "tanh")),)),
    metrics=("average_precision", "log_loss"),
    folds=1,
    batch=2,
    fingerprint="f",
)

MLFLOW_TABLES = {
    "runs": "run_uuid TEXT, name TEXT, start_time BIGINT, lifecycle_stage TEXT, experiment_id INTEGER",
    "metrics": "key TEXT, value FLOAT, timestamp BIGINT, run_uuid TEXT, step BIGINT, is_nan BOOLEAN",
    "params": "key TEXT, value TEXT, run_uuid TEXT",
    "tags": "key TEXT, value TEXT, run_uuid TEXT",
}
OPTUNA_TABLES = {
    "studies": "study_id INTEGER, study_name TEXT",
    "study_directions": "direction TEXT, study_id INTEGER, objective INTEGER",
    "study_system_attributes": "study_id INTEGER, key TEXT, value_json TEXT",
    "trials": "trial_id INTEGER, number INTEGER, study_id INTEGER, state TEXT",
    "trial_params": "trial_id INTEGER, param_name TEXT, param_value FLOAT, distribution_json TEXT",
    "trial_values": "trial_id INTEGER, objective INTEGER, value FLOAT, value_type TEXT",
    "trial_intermediate_values": "trial_id INTEGER, step INTEGER, intermediate_value FLOAT, "
    "intermediate_value_type TEXT",
}
OUR_TABLES = {
    "steelyard_version": "id INTEGER, version INTEGER",
    "steelyard_studies": "study_id INTEGER, name TEXT, plan TEXT, target INTEGER, created FLOAT",
    "steelyard_trials": "study_id INTEGER, number INTEGER, state TEXT, point TEXT, 'values' TEXT, "
    "seconds FLOAT",
    "steelyard_networks": "study_id INTEGER, number INTEGER, fold INTEGER, seed TEXT, status TEXT, "
    "best_epoch INTEGER, epochs INTEGER, steps INTEGER, seconds FLOAT, best TEXT, curves BLOB",
}
_CATEGORIES = '{"name": "CategoricalDistribution", "attributes": {"choices": ["relu", "tanh"]}}'
_NUMBERS = '{"name": "FloatDistribution", "attributes": {"low": 0.0001, "high": 0.1, "log": true}}'


def database(tables: Mapping[str, str], rows: Mapping[str, Rows]) -> bytes:
    """The file of a database with these tables (columns by name) and their rows; small pages keep it mostly
    content."""
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("PRAGMA page_size = 512")
        for name, columns in tables.items():
            connection.execute(f"CREATE TABLE {name} ({columns})")
        for name, content in rows.items():
            for row in content:
                connection.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
        connection.commit()
        return bytes(connection.serialize())


def mlflow(
    metrics: Rows, params: Mapping[str, str] | None = None, tags: Mapping[str, str] | None = None
) -> bytes:
    """A store with one run; ``metrics`` are key, value, time, step and whether it is NaN."""
    return database(
        MLFLOW_TABLES,
        {
            "runs": [("a1", "brave-fox", 1, "active", 1), ("b2", "gone", 2, "deleted", 1)],
            "metrics": [(key, value, at, "a1", step, nan) for key, value, at, step, nan in metrics],
            "params": [(key, value, "a1") for key, value in (params or {}).items()],
            "tags": [(key, value, "a1") for key, value in (tags or {}).items()],
        },
    )


def optuna(
    values: Mapping[int, float | None], *, direction: str = "MINIMIZE", names: Sequence[str] = ()
) -> bytes:
    """A study with a trial for each value; without one the trial was pruned."""
    return database(
        OPTUNA_TABLES,
        {
            "studies": [(1, "st")],
            "study_directions": [(direction, 1, 0)],
            "study_system_attributes": [(1, "study:metric_names", json.dumps(names))] if names else [],
            "trials": [
                *((at + 1, at, 1, "PRUNED" if value is None else "COMPLETE") for at, value in values.items()),
                (99, 98, 1, "RUNNING"),
            ],
            "trial_params": [
                row
                for at in values
                for row in ((at + 1, "lr", 0.01 * (at + 1), _NUMBERS), (at + 1, "act", at % 2, _CATEGORIES))
            ],
            "trial_values": [
                (at + 1, 0, value, "FINITE") for at, value in values.items() if value is not None
            ],
            "trial_intermediate_values": [
                (at + 1, step, 1.0 / (step + 1) + at, "FINITE") for at in values for step in range(3)
            ],
        },
    )


def curves(**series: Sequence[float]) -> bytes:
    """The curves of a network as our database has them."""
    heads = b"".join(
        struct.pack(f"<B{len(name)}sI", len(name), name.encode(), len(values))
        for name, values in series.items()
    )
    values = b"".join(struct.pack(f"<{len(one)}f", *one) for one in series.values())
    return b"SYC1" + struct.pack("<H", len(series)) + heads + values


def our_study(best: bytes | None = None, version: int = 1, plan: str | None = None) -> bytes:
    """A study of two trials and one that still runs; the second is the better one."""
    content = curves(train_loss=[0.5, 0.25], validation_loss=[0.5, 0.375]) if best is None else best
    network = ("completed", 2, 2, 20, 0.5)
    return database(
        OUR_TABLES,
        {
            "steelyard_version": [(1, version)],
            "steelyard_studies": [(1, "bank", PLAN.model_dump_json() if plan is None else plan, 3, 0.0)],
            "steelyard_trials": [
                (1, 0, "complete", '{"network.activation": "relu"}', "[0.25, 0.5]", 1.0),
                (1, 1, "complete", '{"network.activation": "tanh"}', "[0.375, 0.25]", 1.0),
                (1, 2, "running", '{"network.activation": "relu"}', None, 0.0),
            ],
            "steelyard_networks": [
                (1, trial, 0, seed, *network, f'{{"average_precision": {ap}, "log_loss": 0.25}}', content)
                for trial, seed, ap in ((0, "0", 0.25), (1, "0", 0.25), (1, "1", 0.5))
            ],
        },
    )


def message(*fields: tuple[int, bytes | int]) -> bytes:
    """A protocol buffer."""
    out = b""
    for number, value in fields:
        if isinstance(value, int):
            out += _varint(number << 3) + _varint(value)
        else:
            out += _varint(number << 3 | 2) + _varint(len(value)) + value
    return out


def item(name: str, value: str) -> bytes:
    """An item of a record of W&B: a key and its JSON."""
    return message((1, name.encode()), (16, value.encode()))


def wandb_history(values: Mapping[str, float | str]) -> bytes:
    """A record of values that were logged together."""
    return message((2, message(*((1, item(name, str(value))) for name, value in values.items()))))


def wandb_run(config: Mapping[str, str], name: str = "r1") -> bytes:
    """The record of the run itself."""
    settings = message(*((1, item(key, value)) for key, value in config.items()))
    return message((17, message((1, b"id1"), (4, settings), (8, name.encode()))))


def wandb_file(records: Sequence[bytes]) -> bytes:
    """Records in blocks of 32 KiB, those that do not fit into the rest of one in pieces."""
    out = bytearray(b":W&B\xe1\xbe\x00")
    for record in records:
        rest, first = record, True
        while True:
            room = 32768 - len(out) % 32768
            if room < 7:
                out += b"\0" * room
                room = 32768
            piece, rest = rest[: room - 7], rest[room - 7 :]
            kind = (1 if not rest else 2) if first else (4 if not rest else 3)
            checksum = zlib.crc32(bytes([kind]) + piece)
            out += struct.pack("<IHB", checksum, len(piece), kind) + piece
            first = False
            if not rest:
                break
    return bytes(out)


def _varint(value: int) -> bytes:
    out = b""
    while value > 0x7F:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


AUTOLOG = [
    ("loss", 0.75, 10, 0, 0),
    ("val_loss", 0.5, 10, 0, 0),
    ("validation_loss", 0.5, 9, 0, 0),
    ("loss", 0.5, 20, 1, 0),
    ("val_loss", 0.375, 20, 1, 0),
    ("validation_loss", 0.375, 19, 0, 0),
]
"""As ``mlflow.keras.autolog`` writes two epochs."""

DATABASE_SAMPLES = (
    Sample("mlflow", "mlflow.db", (mlflow(AUTOLOG, {"class_weight": "{0: 1.0, 1: 9.0}", "epochs": "2"}),)),
    Sample("optuna", "optuna.db", (optuna({0: 0.5, 1: 0.25, 2: None}),)),
    Sample("steelyard study", "study.sqlite3", (our_study(),)),
    Sample(
        "wandb",
        "run-id1.wandb",
        (
            wandb_run({"lr": "0.001", "class_weight": '{"0":1,"1":9}'}),
            *(
                wandb_history({"epoch": at, "loss": 0.5 - at / 8, "val_loss": 0.5, "_step": at})
                for at in range(3)
            ),
        ),
        wandb_file,
    ),
)
