from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from steelyard.tuning.storage.curves import MAGIC, curves_from_bytes, curves_to_bytes

CURVES = st.dictionaries(
    st.text(st.characters(codec="utf-8"), max_size=60),
    hnp.arrays(np.float32, st.integers(0, 20), elements=st.floats(width=32)),
    max_size=5,
)


@given(CURVES)
def test_what_is_written_is_read(curves: dict[str, np.ndarray]) -> None:
    found = curves_from_bytes(curves_to_bytes(curves))
    assert list(found) == list(curves)
    for name, series in curves.items():
        np.testing.assert_array_equal(found[name].view(np.uint32), series.view(np.uint32))


def test_the_layout_is_the_documented_one() -> None:
    written = curves_to_bytes({"a": np.float32([1.0, 2.0]), "bc": np.float32([0.5])})
    heads = b"\x02\x00\x01a\x02\x00\x00\x00\x02bc\x01\x00\x00\x00"
    assert written == MAGIC + heads + np.array([1.0, 2.0, 0.5], "<f4").tobytes()


@given(CURVES, st.data())
def test_damage_is_an_error_and_nothing_else(curves: dict[str, np.ndarray], data: st.DataObject) -> None:
    written = curves_to_bytes(curves)
    cut = data.draw(st.integers(0, len(written) - 1))
    with pytest.raises(ValueError):
        curves_from_bytes(written[:cut])
    with pytest.raises(ValueError):
        curves_from_bytes(written + b"\0")


@given(st.binary(max_size=80))
def test_any_bytes_after_the_magic_are_read_or_refused(rest: bytes) -> None:
    try:
        found = curves_from_bytes(MAGIC + rest)
    except ValueError:
        return
    assert len(curves_to_bytes(found)) == 4 + len(rest)


def test_a_length_that_is_not_there_takes_no_memory() -> None:
    with pytest.raises(ValueError, match="series need"):
        curves_from_bytes(MAGIC + b"\x01\x00\x01a\xff\xff\xff\xff")


def test_a_series_is_one_number_an_epoch() -> None:
    with pytest.raises(ValueError, match=r"must be \(epochs,\)"):
        curves_to_bytes({"a": np.zeros((2, 2), np.float32)})
