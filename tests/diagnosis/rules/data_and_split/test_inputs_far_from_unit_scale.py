"""DAT601: tiny, huge and unlike inputs; not flags, not what is scaled later."""

import sys

import pytest

from steelyard.diagnosis.rules.data_and_split.inputs_far_from_unit_scale import inputs_far_from_unit_scale
from steelyard.finding import Severity
from steelyard.log import FeatureFact, LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed
from tests.diagnosis.signals import curve


def feature(deviation: float, mean: float = 0.0, name: str = "x", rows: int = 30) -> FeatureFact:
    return FeatureFact(name, rows, mean - 2 * deviation, mean + 2 * deviation, mean, deviation, rows)


FLAG = FeatureFact("flag", 30, 0.0, 1.0, 0.3, 0.46, 2)
CONSTANT = FeatureFact("still", 30, 0.0, 0.0, 0.0, 0.0, 1)


def test_inputs_near_one_ten_thousandth_are_named_with_the_weight_they_would_need() -> None:
    found = fired(inputs_far_from_unit_scale, features=(feature(0.005, 3e-4, "speed"), FLAG, CONSTANT))
    assert "1 of 3 inputs varies by less than 0.01" in found.message
    assert "speed" in found.message and "200" in found.message
    assert found.severity is Severity.WARNING
    assert found.evidence["tiny_inputs"] == 1


def test_thousands_are_named() -> None:
    found = fired(inputs_far_from_unit_scale, features=(feature(1.0), feature(400.0, 3000.0, "salary")))
    assert "salary, about 3.03e+03" in found.message


def test_inputs_of_unlike_spread_are_named() -> None:
    found = fired(inputs_far_from_unit_scale, features=(feature(0.02, name="a"), feature(9.0, name="b")))
    assert "b varies 450 times as much as a" in found.message


def test_z_scores_pass_though_they_leave_minus_one_to_one() -> None:
    assert "0.9 to 1.1" in passed(inputs_far_from_unit_scale, features=(feature(0.9), feature(1.1), FLAG))


@pytest.mark.parametrize("kind", ["batch_normalization", "normalization"])
def test_a_first_layer_that_scales_excuses(kind: str) -> None:
    layers = (LayerFact(kind), LayerFact("dense", 7))
    assert kind in passed(inputs_far_from_unit_scale, features=(feature(1e-4),), layers=layers)


def test_code_that_scales_excuses_sample_rows_from_before() -> None:
    assert "standard" in passed(inputs_far_from_unit_scale, features=(feature(1e-4),), scaling="standard")


def test_flags_and_constants_are_no_numbers() -> None:
    assert "0/1 or constant" in passed(inputs_far_from_unit_scale, features=(FLAG, CONSTANT))


def test_a_network_that_learned_all_the_same_shows_a_smell() -> None:
    skill = curve([0.1, 0.4])
    found = fired(inputs_far_from_unit_scale, features=(feature(1e-3),), validation_skill=skill)
    assert found.severity is Severity.SMELL


def test_without_columns_nothing_is_said() -> None:
    assert "--data FILE" in not_applicable(inputs_far_from_unit_scale)


def test_one_sample_row_shows_no_spread() -> None:
    one = FeatureFact("speed", 1, 3e-4, 3e-4, 3e-4, 0.0, 1)
    assert "one sample row" in not_applicable(inputs_far_from_unit_scale, features=(one,))


def test_a_skill_that_is_no_number_at_the_end_still_was_one() -> None:
    skill = curve([0.1, 0.3, float("nan")])
    found = fired(
        inputs_far_from_unit_scale, features=(feature(0.005, 3e-4, "speed"),), validation_skill=skill
    )
    assert found.severity is Severity.SMELL


def test_a_spread_that_rounding_leaves_of_a_constant_is_none() -> None:
    """Its reciprocal, the weight such an input would need, is no number."""
    rest = feature(5e-324, name="still")
    assert "0.9 to 1.1" in passed(inputs_far_from_unit_scale, features=(feature(0.9), feature(1.1), rest))
    found = fired(inputs_far_from_unit_scale, features=(feature(0.005, name="speed"), rest))
    assert "speed" in found.message and "still" not in found.message and "inf" not in found.message


def test_inputs_as_large_as_numbers_go() -> None:
    most = sys.float_info.max
    huge = FeatureFact("x", 30, 0.0, most, 1e300, most, 30)
    assert "1.8e+308" in fired(inputs_far_from_unit_scale, features=(huge,)).message
