"""What it means that two searches found the same: everything but the time it took."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from steelyard.study import NetworkOutcome, Trial


def assert_same_trials(found: Sequence[Trial], expected: Sequence[Trial]) -> None:
    """Bit for bit."""
    assert [one.number for one in found] == [one.number for one in expected]
    for one, other in zip(found, expected, strict=True):
        assert dict(one.point) == dict(other.point)
        assert (one.state, one.values) == (other.state, other.values)
        assert len(one.networks) == len(other.networks)
        for network, its_like in zip(one.networks, other.networks, strict=True):
            _assert_same_network(network, its_like)


def _assert_same_network(found: NetworkOutcome, expected: NetworkOutcome) -> None:
    for name in ("fold", "seed", "status", "reason", "best_epoch", "epochs", "steps"):
        assert getattr(found, name) == getattr(expected, name), name
    assert dict(found.best) == dict(expected.best)
    assert dict(found.last) == dict(expected.last)
    assert found.curves.keys() == expected.curves.keys()
    for name, series in found.curves.items():
        np.testing.assert_array_equal(series, expected.curves[name], err_msg=name)
