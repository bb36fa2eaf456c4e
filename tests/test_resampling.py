"""Resampling against imbalanced-learn, and what it promises about rows it was not given."""

from __future__ import annotations

import dataclasses
import inspect

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from imblearn import combine, over_sampling, under_sampling
from numpy.typing import NDArray

import steelyard
from steelyard.data import (
    FIRST_LEVEL,
    UNSEEN,
    Column,
    ColumnKind,
    Encoding,
    Features,
    Schema,
    Target,
)
from steelyard.errors import RecipeError
from steelyard.preprocessing import encode, fit_encoding
from steelyard.recipe.imbalance import (
    ADASYN,
    SMOTE,
    SMOTEENN,
    BalancedBatches,
    BorderlineSMOTE,
    NoResampling,
    RandomOverSampling,
    RandomUnderSampling,
    Resampling,
    SMOTETomek,
)
from steelyard.recipe.preprocessing import Preprocessing
from steelyard.resampling import Resampled, resample
from steelyard.resampling.space import enter

EVERY: list[Resampling] = [
    RandomOverSampling(),
    RandomUnderSampling(),
    SMOTE(),
    BorderlineSMOTE(),
    ADASYN(),
    SMOTEENN(),
    SMOTETomek(),
]


@dataclasses.dataclass(frozen=True)
class Problem:
    """A table, its training rows and the encoding fitted on them."""

    features: Features
    target: NDArray[np.uint8]
    rows: NDArray[np.int64]
    schema: Schema
    encoding: Encoding

    def resample(
        self, spec: Resampling, seed: int = 0, weights: NDArray[np.float32] | None = None
    ) -> Resampled:
        return resample(
            self.features, self.target, self.rows, self.encoding, self.schema, spec, seed, weights=weights
        )

    @property
    def labels(self) -> NDArray[np.uint8]:
        return self.target[self.rows]

    @property
    def scaled(self) -> NDArray[np.float64]:
        """All numbers of the training rows in the encoding's scale, filled; computed the plain way."""
        x = self.features.numeric[self.rows].astype(np.float64)
        z = (x - self.encoding.shift) * self.encoding.scale
        return np.where(np.isnan(z), self.encoding.fill, z)


def problem(
    *,
    rows: int = 400,
    numbers: int = 4,
    truths: int = 0,
    levels: tuple[int, ...] = (),
    missing: float = 0.0,
    rate: float = 0.15,
    seed: int = 0,
    min_level_rows: int = 1,
) -> Problem:
    rng = np.random.default_rng(seed)
    y = (rng.random(rows) < rate).astype(np.uint8)
    y[:6], y[6:12] = 1, 0
    x = rng.normal(size=(rows, numbers)) * 10.0 ** np.arange(numbers) + 0.8 * y[:, None] + 100
    x[rng.random(x.shape) < missing] = np.nan
    truth = (rng.random((rows, truths)) < 0.4 + 0.3 * y[:, None]).astype(np.float64)
    truth[rng.random(truth.shape) < missing] = np.nan
    codes = np.stack([rng.geometric(0.4, rows).clip(max=n) for n in levels] or [np.zeros(rows)], axis=1)
    columns = [Column(f"x{j}", ColumnKind.NUMERIC) for j in range(numbers)]
    columns += [Column(f"t{j}", ColumnKind.BOOLEAN, levels=("no", "yes")) for j in range(truths)]
    columns += [
        Column(f"c{j}", ColumnKind.CATEGORY, levels=tuple(f"l{i}" for i in range(n)))
        for j, n in enumerate(levels)
    ]
    schema = Schema(tuple(columns), Target("bought", "yes", "no", True))
    features = Features(
        np.ascontiguousarray(np.hstack((x, truth)), np.float32),
        np.ascontiguousarray(codes[:, : len(levels)] - 1 + FIRST_LEVEL, np.int32),
    )
    train = np.sort(rng.choice(rows, rows * 3 // 4, replace=False))
    train = np.union1d(train, np.arange(12)).astype(np.int64)
    for array in (features.numeric, features.codes, y, train):
        array.setflags(write=False)  # what is handed in stays as it is
    encoding = fit_encoding(features, schema, train, Preprocessing(min_level_rows=min_level_rows))
    return Problem(features, y, train, schema, encoding)


def in_scale(synthetic: Features, encoding: Encoding) -> NDArray[np.float64]:
    return (synthetic.numeric.astype(np.float64) - encoding.shift) * encoding.scale


@pytest.mark.parametrize(
    ("spec", "oracle"),
    [
        (SMOTE(ratio=0.7, k_neighbors=3), over_sampling.SMOTE(sampling_strategy=0.7, k_neighbors=3)),
        (
            BorderlineSMOTE(ratio=0.8, k_neighbors=4, m_neighbors=7),
            over_sampling.BorderlineSMOTE(sampling_strategy=0.8, k_neighbors=4, m_neighbors=7),
        ),
        (ADASYN(ratio=0.9, k_neighbors=6), over_sampling.ADASYN(sampling_strategy=0.9, n_neighbors=6)),
    ],
)
def test_invented_rows_are_those_of_imbalanced_learn(spec: Resampling, oracle: over_sampling.SMOTE) -> None:
    given_rows = problem()
    expected, labels = oracle.set_params(random_state=7).fit_resample(given_rows.scaled, given_rows.labels)
    result = given_rows.resample(spec, seed=7)
    assert result.synthetic is not None
    count = len(given_rows.rows)
    np.testing.assert_array_equal(result.rows, given_rows.rows)
    np.testing.assert_allclose(in_scale(result.synthetic, given_rows.encoding), expected[count:], atol=2e-5)
    np.testing.assert_array_equal(result.synthetic_target, labels[count:])
    assert result.odds == labels.sum() / (len(labels) - labels.sum())


@pytest.mark.parametrize(
    ("spec", "oracle"),
    [
        (SMOTEENN(enn_neighbors=3), combine.SMOTEENN(random_state=3)),
        (SMOTETomek(), combine.SMOTETomek(random_state=3)),
    ],
)
def test_cleaning_leaves_out_what_imbalanced_learn_leaves_out(
    spec: Resampling, oracle: combine.SMOTEENN
) -> None:
    given_rows = problem()
    expected, labels = oracle.fit_resample(given_rows.scaled, given_rows.labels)
    result = given_rows.resample(spec, seed=3)
    assert result.synthetic is not None
    assert set(result.rows) < set(given_rows.rows)
    old = given_rows.scaled[np.isin(given_rows.rows, result.rows)]
    found = np.vstack((old, in_scale(result.synthetic, given_rows.encoding)))
    assert len(found) == len(expected)
    order, expected_order = np.argsort(found[:, 0]), np.argsort(expected[:, 0])
    np.testing.assert_allclose(found[order], expected[expected_order], atol=2e-5)
    assert result.odds == labels.sum() / (len(labels) - labels.sum())
    (note,) = result.notes
    assert f"{len(given_rows.rows) - len(result.rows)} of {len(given_rows.rows)} training rows" in note


def test_smotenc_is_that_of_imbalanced_learn() -> None:
    """The numbers are the same; a state is, unless several are equally common among the neighbours."""
    given_rows = problem(rows=800, truths=1, levels=(3, 5))
    space = enter(
        given_rows.features, given_rows.rows, given_rows.encoding, given_rows.schema, truths_are_states=True
    )
    oracle = over_sampling.SMOTENC([4, 5, 6], random_state=5, k_neighbors=5)
    expected, _ = oracle.fit_resample(space.matrix, given_rows.labels)
    expected = expected[len(given_rows.rows) :].astype(np.float64)
    result = given_rows.resample(SMOTE(), seed=5)
    assert result.synthetic is not None
    in_units = in_scale(result.synthetic, given_rows.encoding)[:, :4]
    np.testing.assert_allclose(in_units, expected[:, :4], atol=2e-5)
    states = np.hstack((result.synthetic.numeric[:, 4:], result.synthetic.codes))
    slots = [category.slots for category in given_rows.encoding.categories]
    for j in (1, 2):
        states[:, j] = slots[j - 1][states[:, j].astype(int)]
    agreement = (states == expected[:, 4:]).mean(axis=0)
    assert (agreement > 0.75).all()
    assert agreement[0] == 1.0  # five neighbours cannot tie over two states


def test_categories_alone_are_smoten() -> None:
    given_rows = problem(numbers=0, levels=(3, 4, 5))
    codes = given_rows.features.codes[given_rows.rows]
    expected, _ = over_sampling.SMOTEN(random_state=2).fit_resample(codes, given_rows.labels)
    result = given_rows.resample(SMOTE(), seed=2)
    assert result.synthetic is not None
    np.testing.assert_array_equal(result.synthetic.codes, expected[len(codes) :])
    assert result.synthetic.numeric.shape == (len(expected) - len(codes), 0)


@pytest.mark.parametrize(("rate", "ratio"), [(0.15, 1.0), (0.15, 0.5), (0.85, 0.5)])
def test_random_resampling_reaches_the_ratio_as_imbalanced_learn_does(rate: float, ratio: float) -> None:
    given_rows = problem(rate=rate)
    samplers = {
        RandomOverSampling(ratio=ratio): over_sampling.RandomOverSampler(sampling_strategy=ratio),
        RandomUnderSampling(ratio=ratio): under_sampling.RandomUnderSampler(sampling_strategy=ratio),
    }
    for spec, oracle in samplers.items():
        _, labels = oracle.fit_resample(given_rows.scaled, given_rows.labels)
        result = given_rows.resample(spec, seed=1)
        found = given_rows.target[result.rows]
        np.testing.assert_array_equal(np.bincount(found), np.bincount(labels))
        assert set(result.rows) <= set(given_rows.rows)
        assert result.synthetic is None
        assert result.odds == pytest.approx(found.sum() / (1 - found.astype(int)).sum())
        rare = int(rate < 0.5)
        once = np.unique(result.rows[found == (rare if isinstance(spec, RandomUnderSampling) else 1 - rare)])
        of_class = given_rows.rows[
            given_rows.labels == (rare if isinstance(spec, RandomUnderSampling) else 1 - rare)
        ]
        np.testing.assert_array_equal(once, of_class)


def test_over_sampling_draws_every_row_alike() -> None:
    given_rows = problem(rows=3000)
    counts = np.zeros(3000)
    for seed in range(60):
        counts += np.bincount(given_rows.resample(RandomOverSampling(), seed).rows, minlength=3000)
    of_class = counts[given_rows.rows[given_rows.labels == 1]]
    assert of_class.std() < 1.25 * np.sqrt(of_class.mean())
    assert (counts[given_rows.rows[given_rows.labels == 0]] == 60).all()


def test_what_changes_no_row_tells_the_odds() -> None:
    given_rows = problem()
    nothing = given_rows.resample(NoResampling())
    assert nothing.rows is given_rows.rows
    assert nothing.odds == nothing.natural_odds
    batches = given_rows.resample(BalancedBatches(positive_share=0.2))
    assert batches.rows is given_rows.rows
    assert batches.odds == 0.25


def content(result: Resampled) -> tuple[bytes, ...]:
    arrays = [result.rows, result.synthetic_target]
    if result.synthetic is not None:
        arrays += [result.synthetic.numeric, result.synthetic.codes]
    return tuple(array.tobytes() for array in arrays)


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: spec.name)
def test_rows_that_are_not_handed_in_leave_no_trace(spec: Resampling) -> None:
    """SMOTE before the split cannot be written: whatever the other rows hold, the result is the same."""
    given_rows = problem(missing=0.05)
    others = np.setdiff1d(np.arange(len(given_rows.target)), given_rows.rows)
    numeric, codes = given_rows.features.numeric.copy(), given_rows.features.codes.copy()
    numeric[others], codes[others] = 1e30, UNSEEN
    target = given_rows.target.copy()
    target[others] = 1 - target[others]
    spoilt = dataclasses.replace(given_rows, features=Features(numeric, codes), target=target)
    first, second = given_rows.resample(spec, seed=4), spoilt.resample(spec, seed=4)
    assert content(first) == content(second)
    assert (first.odds, first.natural_odds) == (second.odds, second.natural_odds)
    assert set(first.rows) <= set(given_rows.rows)
    assert content(first) == content(given_rows.resample(spec, seed=4))
    if not isinstance(spec, SMOTEENN | SMOTETomek):
        assert content(first) != content(given_rows.resample(spec, seed=5))


def test_no_door_takes_a_table_to_resample() -> None:
    """A whole table can be resampled only by a recipe, and a recipe is applied to training rows."""
    assert not [name for name in steelyard.__all__ if "sampl" in name.casefold()]
    assert list(inspect.signature(resample).parameters)[:4] == ["features", "target", "rows", "encoding"]


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**40),
    numbers=st.integers(1, 4),
    truths=st.integers(0, 2),
    levels=st.lists(st.integers(1, 6), max_size=2).map(tuple),
    missing=st.sampled_from([0.0, 0.3]),
    least=st.sampled_from([1, 8]),
    spec=st.sampled_from([SMOTE(), SMOTE(ratio=0.4, k_neighbors=2), SMOTEENN(), SMOTETomek()]),
)
def test_invented_rows_lie_within_their_class(
    seed: int,
    numbers: int,
    truths: int,
    levels: tuple[int, ...],
    missing: float,
    least: int,
    spec: Resampling,
) -> None:
    given_rows = problem(
        rows=120,
        numbers=numbers,
        truths=truths,
        levels=levels,
        missing=missing,
        seed=seed,
        min_level_rows=least,
    )
    try:
        result = given_rows.resample(spec, seed=seed)
    except RecipeError as error:
        assert "leaves no row" in str(error)
        return
    if result.synthetic is None:
        return
    rare = int(given_rows.labels.mean() <= 0.5)
    assert (result.synthetic_target == rare).all()
    class_rows = given_rows.rows[given_rows.labels == rare]
    new = result.synthetic.numeric
    old = given_rows.scaled[given_rows.labels == rare, :numbers]
    between = in_scale(result.synthetic, given_rows.encoding)[:, :numbers]
    assert (np.isnan(between) | (between >= old.min(axis=0) - 1e-4)).all()
    assert (np.isnan(between) | (between <= old.max(axis=0) + 1e-4)).all()
    assert np.isin(new[:, numbers:][~np.isnan(new[:, numbers:])], (0.0, 1.0)).all()
    assert new.dtype == np.float32
    assert result.synthetic.codes.dtype == np.int32
    assert missing > 0 or not np.isnan(new).any()
    for j, category in enumerate(given_rows.encoding.categories):
        present = category.slots[given_rows.features.codes[class_rows, j]]
        assert np.isin(category.slots[result.synthetic.codes[:, j]], present).all()
    assert np.isfinite(encode(result.synthetic, given_rows.encoding).toarray()).all()


def test_missing_values_stay_as_common_as_they_were() -> None:
    """Were invented rows complete, the indicator of missing values would give them away."""
    given_rows = problem(rows=4000, missing=0.25)
    result = given_rows.resample(SMOTE())
    assert result.synthetic is not None
    x = given_rows.features.numeric[given_rows.rows[given_rows.labels == 1]]
    natural, invented = np.isnan(x).mean(axis=0), np.isnan(result.synthetic.numeric).mean(axis=0)
    np.testing.assert_allclose(invented, natural, atol=0.06)


def test_levels_that_share_a_slot_come_back_as_no_level_in_particular() -> None:
    given_rows = problem(levels=(6,), min_level_rows=60)
    (category,) = given_rows.encoding.categories
    assert category.names[-1] == "(rare)"
    result = given_rows.resample(SMOTE())
    assert result.synthetic is not None
    named = {given_rows.schema.categories[0].levels.index(name) + FIRST_LEVEL for name in category.names[:-1]}
    assert set(result.synthetic.codes[:, 0].tolist()) <= named | {UNSEEN}


def test_constant_and_empty_columns_pass_through() -> None:
    given_rows = problem(numbers=3)
    numeric = given_rows.features.numeric.copy()
    numeric[:, 0], numeric[:, 1] = 5.0, np.nan
    features = Features(numeric, given_rows.features.codes)
    encoding = fit_encoding(features, given_rows.schema, given_rows.rows, Preprocessing())
    result = dataclasses.replace(given_rows, features=features, encoding=encoding).resample(SMOTE())
    assert result.synthetic is not None
    assert (result.synthetic.numeric[:, 0] == 5.0).all()
    np.testing.assert_array_equal(encode(result.synthetic, encoding).toarray()[:, :2], 0.0)


def test_numbers_that_do_not_vary_leave_neighbours_to_the_categories() -> None:
    """imbalanced-learn would measure distances with a spread of zero, and take any row for a neighbour."""
    given_rows = problem(numbers=1, levels=(4, 4), rows=1500)
    features = Features(np.ones_like(given_rows.features.numeric), given_rows.features.codes)
    encoding = fit_encoding(features, given_rows.schema, given_rows.rows, Preprocessing(min_level_rows=1))
    result = dataclasses.replace(given_rows, features=features, encoding=encoding).resample(SMOTE())
    assert result.synthetic is not None
    assert (result.synthetic.numeric == 1.0).all()
    present = {tuple(codes) for codes in features.codes[given_rows.rows[given_rows.labels == 1]]}
    natural = [tuple(codes) in present for codes in result.synthetic.codes]
    assert np.mean(natural) > 0.9


def test_the_rarer_class_may_be_the_negative_one() -> None:
    given_rows = problem(rate=0.85)
    result = given_rows.resample(SMOTE(ratio=0.5))
    assert (result.synthetic_target == 0).all()
    assert result.natural_odds > 3
    assert result.odds == pytest.approx(2.0, rel=0.05)


def test_weights_of_invented_rows() -> None:
    given_rows = problem()
    weights = np.random.default_rng(0).random(len(given_rows.target)).astype(np.float32)
    result = given_rows.resample(SMOTE(), weights=weights)
    assert result.synthetic_weights is not None
    mean = weights[given_rows.rows[given_rows.labels == 1]].mean()
    np.testing.assert_allclose(result.synthetic_weights, mean, rtol=1e-6)
    assert given_rows.resample(SMOTE()).synthetic_weights is None


def few(positives: int, numbers: int = 3) -> Problem:
    base = problem(rows=200, numbers=numbers)
    target = np.zeros(200, np.uint8)
    target[base.rows[:positives]] = 1
    return dataclasses.replace(base, target=target)


def test_too_few_rows_for_the_neighbours() -> None:
    result = few(4).resample(SMOTE())
    assert result.odds == 1.0
    assert result.notes == (
        "smote chose among 3 neighbours instead of 5: the training rows hold 4 rows with bought = yes",
    )
    for spec in (SMOTE(), BorderlineSMOTE(), ADASYN(), SMOTEENN(), SMOTETomek()):
        with pytest.raises(RecipeError, match=r"needs two rows of the rarer class.* hold 1 rows with bought"):
            few(1).resample(spec)
    assert few(1).resample(RandomOverSampling()).odds == 1.0
    with pytest.raises(RecipeError, match=r"needs rows of both classes; all \d+ .* bought = no"):
        few(0).resample(RandomOverSampling())
    assert few(0).resample(NoResampling()).odds == 0.0


@pytest.mark.parametrize("spec", EVERY, ids=lambda spec: spec.name)
def test_a_ratio_that_is_passed_already_is_refused(spec: Resampling) -> None:
    lower = spec.model_copy(update={"ratio": 0.05})
    with pytest.raises(RecipeError, match=r"ratio 0\.05 cannot be reached: the training rows already hold"):
        problem(levels=()).resample(lower)


@pytest.mark.parametrize("spec", [BorderlineSMOTE(), ADASYN()], ids=lambda spec: spec.name)
def test_what_only_interpolates_refuses_categories(spec: Resampling) -> None:
    with pytest.raises(RecipeError, match=r"the table has 2 such columns: c0, c1.*\n.*SMOTENC"):
        problem(levels=(3, 4)).resample(spec)


def test_no_border_is_told() -> None:
    apart = problem(numbers=1, rows=200)
    numeric = apart.features.numeric + 1e6 * apart.target[:, None]
    features = Features(numeric.astype(np.float32), apart.features.codes)
    far = dataclasses.replace(
        apart, features=features, encoding=fit_encoding(features, apart.schema, apart.rows, Preprocessing())
    )
    result = far.resample(BorderlineSMOTE())
    assert result.synthetic is None
    assert result.odds == result.natural_odds
    assert result.notes == ("borderline_smote found no row to start from and invented none",)
    with pytest.raises(RecipeError, match="finds no such place"):
        far.resample(ADASYN())


def test_categories_alone_have_a_limit() -> None:
    target = np.zeros(50_000, np.uint8)
    target[:20_000] = 1
    codes = np.full((50_000, 1), FIRST_LEVEL, np.int32)
    schema = Schema((Column("c", ColumnKind.CATEGORY, levels=("a",)),), Target("y", "1", "0", True))
    features = Features(np.zeros((50_000, 0), np.float32), codes)
    rows = np.arange(50_000)
    encoding = fit_encoding(features, schema, rows, Preprocessing())
    with pytest.raises(RecipeError, match="there are 20,000 such rows, the limit is 10,000"):
        resample(features, target, rows, encoding, schema, SMOTE(), 0)


def test_an_encoding_of_other_rows_is_refused() -> None:
    given_rows = problem(levels=(4,))
    other = fit_encoding(
        given_rows.features, given_rows.schema, given_rows.rows[:3], Preprocessing(min_level_rows=1)
    )
    with pytest.raises(ValueError, match="not fitted on these rows"):
        dataclasses.replace(given_rows, encoding=other).resample(SMOTE())
