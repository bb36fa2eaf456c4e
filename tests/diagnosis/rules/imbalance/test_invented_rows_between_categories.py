"""IMB705: SMOTE on columns of zeros and ones, and on columns of unlike width."""

from steelyard.diagnosis.rules.imbalance.invented_rows_between_categories import (
    invented_rows_between_categories,
)
from steelyard.finding import Confidence
from steelyard.log import FeatureFact, LayerFact
from tests.diagnosis.asking import fired, not_applicable, passed


def number(name: str, deviation: float) -> FeatureFact:
    return FeatureFact(name, 1000, -3 * deviation, 3 * deviation, 0.0, deviation, 1000)


FLAG = FeatureFact("city=Rome", 1000, 0.0, 1.0, 0.2, 0.4, 2)


def test_counted_columns() -> None:
    found = fired(
        invented_rows_between_categories,
        resampling="smote",
        one_hot_columns=113,
        layers=(LayerFact("dense", 80, 125),),
    )
    assert "113 of 125 inputs" in found.message


def test_columns_of_a_table() -> None:
    found = fired(
        invented_rows_between_categories, resampling="borderline_smote", features=(number("a", 1.0), FLAG)
    )
    assert "borderline SMOTE" in found.message and "1 input is a column of zeros" in found.message


def test_the_notebook_s_125_inputs_are_possible_only() -> None:
    found = fired(invented_rows_between_categories, resampling="smote", layers=(LayerFact("dense", 80, 125),))
    assert found.confidence is Confidence.POSSIBLE and "125" in found.message and "125" in found.settle


def test_unscaled_columns() -> None:
    features = (number("age", 12.0), number("salary", 9000.0))
    found = fired(invented_rows_between_categories, resampling="smote", features=features, scaling="none")
    assert "750 times" in found.message


def test_scaled_numbers_pass() -> None:
    features = (number("age", 12.0), number("salary", 9000.0))
    assert passed(invented_rows_between_categories, resampling="smote", features=features, scaling="standard")


def test_smotenc_repeating_and_our_own_smote_pass() -> None:
    assert "SMOTENC" in passed(invented_rows_between_categories, resampling="smote_nc", one_hot_columns=9)
    assert passed(invented_rows_between_categories, resampling="random_over_sampling", one_hot_columns=9)
    assert passed(
        invented_rows_between_categories, resampling="smote", one_hot_columns=9, framework="steelyard"
    )


def test_our_own_warning_counts() -> None:
    found = fired(
        invented_rows_between_categories,
        resampling="smote",
        framework="steelyard",
        data_warnings={"D108": "12 columns look like one-hot columns."},
    )
    assert "12 columns" in found.message


def test_a_few_unknown_inputs_say_nothing() -> None:
    layers = (LayerFact("dense", 7, 9),)
    assert "categories" in not_applicable(invented_rows_between_categories, resampling="smote", layers=layers)
    assert "--resampling" in not_applicable(invented_rows_between_categories)
