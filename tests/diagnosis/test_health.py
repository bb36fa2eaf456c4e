"""Whether a run learned something."""

from __future__ import annotations

import pytest

from steelyard.diagnosis.health import learned
from steelyard.diagnosis.signals import Curve, Estimate
from tests.diagnosis.signals import about, curve


@pytest.mark.parametrize(
    ("skill", "auc", "expected"),
    [
        (None, None, None),
        (curve([0.3]), None, True),
        (curve([0.01]), None, False),
        (curve([0.1], low=[-0.1], high=[0.2]), None, None),
        (curve([0.01]), about(0.7, 0.65, 0.75), True),
        (curve([0.01]), about(0.55, 0.45, 0.65), None),
        (curve([-0.1]), about(0.5, 0.49, 0.51), False),
        (curve([0.3] * 8 + [-0.05] * 2), None, False),
        (curve([-1.5]), None, None),
        (curve([-1.5]), about(0.8, 0.75, 0.85), True),
        (curve([-1.5]), about(0.5, 0.48, 0.515), False),
    ],
)
def test_skill_and_auc(skill: Curve | None, auc: Estimate | None, expected: bool | None) -> None:
    assert learned(skill, auc) is expected
