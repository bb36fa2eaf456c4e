"""From a network's logits to probabilities and labels; what is fitted for it is fitted on validation rows."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from steelyard.recipe.base import Part


def _as_text(value: Any) -> Any:
    """0.3 means "0.3"."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


class Decision(Part):
    """Calibration and threshold. Neither changes how rows are ranked."""

    calibration: Literal["auto", "none", "logistic", "beta", "temperature", "isotonic"] = "auto"
    """``auto``: a two-parameter logistic where it lowers the cross-fitted log loss by more than noise, and
    always after SMOTE or focal loss, which distort probabilities in a way no formula undoes."""
    threshold: Annotated[str, BeforeValidator(_as_text)] = "f1"
    """What the threshold is chosen for: ``f1``, ``f2``, ``fbeta=0.5``, ``balanced_accuracy``, ``mcc``,
    ``cost fp=1 fn=10``, ``recall>=0.8``, ``precision>=0.5``, ``top=800``, ``rate=0.1``, a number, or
    ``as_trained``: where the network itself is undecided, so that class weights count as costs."""
