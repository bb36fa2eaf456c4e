"""Logits into probabilities by a calibrator that has been fitted, and calibrators as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pydantic import TypeAdapter, ValidationError
from scipy.special import expit, logit

from steelyard.data.calibrator import Beta, Calibrator, Isotonic, Logistic, Temperature
from steelyard.errors import DataError

LARGEST_LOGIT = 36.0
"""Logits beyond it, infinite ones too, count as this: float64 knows no larger probability below 1."""

_ADAPTER: TypeAdapter[Calibrator] = TypeAdapter(Calibrator)


def apply_calibrator(calibrator: Calibrator | None, z: ArrayLike) -> NDArray[np.float64]:
    """The probability of the positive class for every logit ``z``, float64, of the same shape.

    Without a calibrator it is the sigmoid. ``z`` is the logit that the calibrator was fitted to: with the
    prior already put right. Raises :class:`DataError` for NaN.

    >>> apply_calibrator(Logistic(slope=2.0, intercept=0.0), [-np.inf, 0.0]).round(3)
    array([0. , 0.5])
    """
    probability: NDArray[np.float64] = expit(calibrated_logit(calibrator, bounded(z)))
    return probability


def calibrated_logit(calibrator: Calibrator | None, z: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logit of the calibrated probability; ``z`` has been through :func:`bounded`."""
    match calibrator:
        case None:
            return z
        case Logistic(slope=slope, intercept=intercept):
            return slope * z + intercept
        case Temperature(temperature=temperature):
            return z / temperature
        case Beta(a=a, b=b, c=c):
            # log p and -log(1 - p), without p: it would be rounded to 1.
            return a * -np.logaddexp(0.0, -z) + b * np.logaddexp(0.0, z) + c
        case Isotonic(logits=logits, probabilities=probabilities):
            straight: NDArray[np.float64] = logit(np.interp(z, logits, probabilities))
            return straight


def bounded(z: ArrayLike) -> NDArray[np.float64]:
    """Logits as float64 within +-:data:`LARGEST_LOGIT`; :class:`DataError` for NaN."""
    values = np.asarray(z, np.float64)
    if np.isnan(values).any():
        raise DataError(f"calibration: {int(np.isnan(values).sum()):,} logits of {values.size:,} are NaN")
    return np.clip(values, -LARGEST_LOGIT, LARGEST_LOGIT)


def calibrator_to_dict(calibrator: Calibrator) -> dict[str, Any]:
    """Plain values (text, numbers, lists) that JSON and TOML can hold, ``name`` among them.

    >>> calibrator_to_dict(Temperature(temperature=1.5))
    {'name': 'temperature', 'temperature': 1.5}
    """
    return calibrator.model_dump(mode="json")


def calibrator_from_dict(values: Mapping[str, Any]) -> Calibrator:
    """The calibrator; :class:`DataError` that names the place if the values are not one."""
    try:
        return _ADAPTER.validate_python(dict(values))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(["calibrator", *(str(step) for step in first["loc"])])
        raise DataError(f"{place}: {first['msg']}") from None
