"""What a ``Trainer`` of Lightning shows of the training it runs, without Lightning being loaded here.

Source: ``lightning/pytorch/loops/fit_loop.py`` of Lightning 2. ``callback_metrics`` keeps a value until it is
logged again, and the last of an epoch come after the callbacks were told that it ended: all are there when
the next epoch begins.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from steelyard.diagnosis.readers.names import split_and_metric
from steelyard.doctor.watched import without_doubles
from steelyard.log import Facts

_SHUFFLED = MappingProxyType({"RandomSampler": True, "SequentialSampler": False})


def metrics_of(trainer: Any, *, validated: bool) -> dict[str, Any]:
    """The values of the epoch that has ended; those of validation rows only if it validated."""
    found: Mapping[str, Any] = dict(trainer.callback_metrics)
    kept = without_doubles(found)
    return {
        name: value
        for name, value in found.items()
        if name in kept and (validated or split_and_metric(name)[0] != "validation")
    }


def learning_rate_of(trainer: Any) -> float | None:
    """That of the first optimizer, now."""
    for optimizer in getattr(trainer, "optimizers", None) or ():
        return float(optimizer.param_groups[0]["lr"])
    return None


def facts_of(trainer: Any) -> Facts:
    """Optimizer, rows and batches, as far as they can be seen when training begins."""
    loader = getattr(trainer, "train_dataloader", None)
    most = getattr(trainer, "max_epochs", None)
    known: dict[str, Any] = {
        "optimizer": next((type(one).__name__.lower() for one in trainer.optimizers), None),
        "learning_rate": learning_rate_of(trainer),
        "planned_epochs": most if isinstance(most, int) and most > 0 else None,
        "batch_size": _whole(getattr(loader, "batch_size", None)),
        "rows_train": _length(getattr(loader, "dataset", None)),
        "shuffled": _SHUFFLED.get(type(getattr(loader, "sampler", None)).__name__),
    }
    known = {name: value for name, value in known.items() if value is not None}
    origins = MappingProxyType(dict.fromkeys(["framework", *known], "the Trainer"))
    return Facts(framework="lightning", **known, origins=origins)


def _whole(value: Any) -> int | None:
    return value if isinstance(value, int) and value > 0 else None


def _length(rows: Any) -> int | None:
    try:
        return _whole(len(rows))
    except (TypeError, NotImplementedError):
        return None  # rows that come as a stream
