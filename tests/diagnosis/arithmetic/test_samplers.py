"""Names of samplers, ours and those that readers give."""

from typing import get_args

import pytest

from steelyard.diagnosis.arithmetic.samplers import EVENING, spoken
from steelyard.recipe.imbalance import Resampling


def test_every_resampling_of_a_recipe_has_its_kind() -> None:
    union = get_args(Resampling)[0]
    names = {kind.model_fields["name"].default for kind in get_args(union)}
    assert names - {"none"} <= EVENING


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("smote", "SMOTE"),
        ("smote_nc", "SMOTE NC"),
        ("borderline_smote", "borderline SMOTE"),
        ("adasyn", "ADASYN"),
        ("random_over_sampling", "random over-sampling"),
        ("random_under_sampling", "random under-sampling"),
    ],
)
def test_names_are_spoken(name: str, words: str) -> None:
    assert spoken(name) == words
