"""DAT611: keys of rows among the inputs."""

import numpy as np

from steelyard.diagnosis.rules.data_and_split.identifier_as_input import identifier_as_input
from steelyard.finding import Confidence
from steelyard.log import FeatureFact
from tests.diagnosis.asking import fired, not_applicable, passed


def fact(name: str, values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> FeatureFact:
    return FeatureFact(
        name,
        len(values),
        float(values.min()),
        float(values.max()),
        float(values.mean()),
        float(values.std()),
        len(np.unique(values)),
    )


def test_the_warning_about_keys_is_passed_on() -> None:
    found = fired(identifier_as_input, data_warnings={"D104": "customer has 9,981 values in 10,000 rows."})
    assert "9,981" in found.message


def test_figures_of_a_key_are_known_again() -> None:
    key = fact("row", np.arange(5000.0) + 100_000.0)
    found = fired(identifier_as_input, features=(key,))
    assert (
        "row has 5,000 different whole numbers" in found.message and found.confidence is Confidence.POSSIBLE
    )


def test_measurements_are_no_keys() -> None:
    random = np.random.default_rng(611)
    features = (
        fact("normal", random.standard_normal(5000)),
        fact("income", np.round(random.lognormal(10, 1, 5000))),
        fact("uniform", random.random(5000)),
        fact("age", random.integers(18, 90, 5000).astype(float)),
    )
    assert passed(identifier_as_input, features=features)


def test_fractions_between_whole_ends_are_no_keys() -> None:
    share = np.append(np.random.default_rng(611).uniform(0.0, 6000.0, 4998), [0.0, 6000.0])
    assert passed(identifier_as_input, features=(fact("share", share),))


def test_keys_as_large_as_they_come_are_known_again() -> None:
    first = fact("account", np.arange(100_000.0) * 7.0 + 4e15)
    assert "account" in fired(identifier_as_input, features=(first,)).message


def test_the_table_itself_tells_more_than_figures_of_its_columns() -> None:
    evenly = fact("distance", np.random.default_rng(1).choice(10**6, 200, replace=False).astype(float))
    fired(identifier_as_input, features=(evenly,))
    assert passed(identifier_as_input, features=(evenly,), data_warnings={})


def test_sums_beyond_all_numbers_are_of_no_key() -> None:
    still = FeatureFact("x", 6235, 0.0, 0.0, 2.9e304, 0.0, 1)
    assert passed(identifier_as_input, features=(still,))


def test_thirty_sample_rows_show_no_key() -> None:
    assert "100 rows" in not_applicable(identifier_as_input, features=(fact("row", np.arange(30.0)),))
    assert "--data FILE" in not_applicable(identifier_as_input)
    assert passed(identifier_as_input, data_warnings={})
