"""What a metric is: one number of a whole set of rows."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from steelyard.keras.codes import refuse
from steelyard.keras.serialized import snake_case

Direction = Literal["up", "down"]
Target = NDArray[np.uint8]
"""Labels 0 and 1, (rows,)."""
Output = NDArray[np.float32]
"""What the network predicts, (rows,): probabilities, or logits if the model ends in a linear unit."""


class Metric(ABC):
    """One number of a whole set of rows.

    Keras updates a metric batch by batch (``update_state``) and lets the weights change in between. Here
    :meth:`result` sees all rows at once, so that it is one quantity of one network.

    ``name`` is its key in the history (``val_`` in front for validation rows); None means the name of the
    class in snake case. ``dtype`` is kept for files of Keras; results are Python floats.
    """

    direction: ClassVar[Direction | None] = None
    """Whether more is better; None where callbacks cannot know, as Keras' ``_direction``."""
    needs_positives: bool = False
    """Undefined (NaN; Keras reports 0.0) on rows without positives."""
    needs_negatives: bool = False
    """Undefined (NaN; Keras reports 0.0) on rows without negatives."""
    threshold: float | None = None
    """Rows whose output exceeds it are predicted positive; None for a metric without a threshold."""

    def __init__(self, name: str | None = None, dtype: Any = None) -> None:
        self.name = name or self.default_name()
        self.dtype = dtype or "float32"

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "update_state" in cls.__dict__:
            raise refuse(
                "K223",
                f"{cls.__name__} defines update_state; metrics here see the whole set at once, not batch by "
                "batch",
                help="Write a function: def name(y_true, y_pred), with numpy or steelyard.keras.backend.",
            )

    @classmethod
    def default_name(cls) -> str:
        """``true_positives`` for ``TruePositives``."""
        return snake_case(cls.__name__)

    @property
    def series(self) -> str | None:
        """The engine's metric of the same meaning if the network's output is a probability: "accuracy",
        "precision", "recall", "f1", "roc_auc", "average_precision" or "loss". It is then read from the
        epoch's row instead of computed."""
        return None

    @property
    def logit_series(self) -> str | None:
        """The same if the network's output is a logit."""
        return None

    @abstractmethod
    def result(self, target: Target, output: Output) -> float:
        """The metric of all rows; NaN where it is undefined."""

    def get_config(self) -> dict[str, Any]:
        """The arguments that make it again, as Keras writes them into a file."""
        return {"name": self.name, "dtype": self.dtype}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Metric:
        """The reverse of :meth:`get_config`."""
        return cls(**config)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} name={self.name}>"


def only_one_output(owner: str, **arguments: object) -> None:
    """Refuses arguments that are for several classes; each must be None or what says the same for one."""
    for argument, value in arguments.items():
        if value is None or value is False or (argument == "class_id" and value == 0):
            continue
        raise refuse(
            "K224",
            f"{owner}({argument}={value!r}): there is one output, the probability of class 1; {argument} is "
            "for several",
        )
