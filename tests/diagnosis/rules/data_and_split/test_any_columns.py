"""Whatever a stranger's columns and rates are, the rules of data, split and imbalance answer in words."""

from hypothesis import given
from hypothesis import strategies as st

from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.diagnosis.signals import Estimate
from steelyard.finding import Status
from steelyard.log import FeatureFact, LayerFact
from tests.diagnosis.signals import curve, signals

RULES = [one for one in CATALOGUE if one.code[:3] in ("DAT", "IMB")]
SHARES = st.floats(0, 1).map(lambda share: Estimate(share, share, share))
COLUMNS = st.builds(
    FeatureFact,
    name=st.sampled_from(["a", "b"]),
    rows=st.integers(1, 10**6),
    minimum=st.floats(),
    maximum=st.floats(),
    mean=st.floats(),
    deviation=st.floats(min_value=0.0),
    distinct=st.none() | st.integers(1, 10**6),
    missing=st.integers(0, 10**6),
)


@given(
    features=st.none() | st.lists(COLUMNS, max_size=4).map(tuple),
    base_rate_train=st.none() | SHARES,
    base_rate_validation=st.none() | SHARES,
    rows=st.none() | st.integers(1, 10**6),
    way=st.sampled_from([None, "tail", "random", "stratified", "time"]),
    resampling=st.sampled_from([None, "none", "smote", "random_under_sampling", "another"]),
    weights=st.none() | st.tuples(st.floats(1e-3, 1e3), st.floats(1e-3, 1e3)),
    kind=st.sampled_from([None, "none", "dict", "array", "string keys"]),
    in_force=st.sampled_from([None, True, False]),
    auc=st.none() | SHARES,
    losses=st.none() | st.lists(st.floats(), max_size=3),
    flag=st.sampled_from([None, True, False]),
)
def test_every_rule_has_an_answer(
    features: tuple[FeatureFact, ...] | None,
    base_rate_train: Estimate | None,
    base_rate_validation: Estimate | None,
    rows: int | None,
    way: str | None,
    resampling: str | None,
    weights: tuple[float, float] | None,
    kind: str | None,
    in_force: bool | None,
    auc: Estimate | None,
    losses: list[float] | None,
    flag: bool | None,
) -> None:
    positives = None
    if rows is not None and base_rate_validation is not None:
        count = round(rows * base_rate_validation.value)
        positives = Estimate(count, count, count)
    known = signals(
        features=features,
        layers=(LayerFact("dense", 7, 9),),
        base_rate_train=base_rate_train,
        base_rate_validation=base_rate_validation,
        base_rate_raw=base_rate_train,
        rows_train=rows,
        rows_validation=rows,
        positives_validation=positives,
        validation_way=way,
        resampling=resampling,
        class_weight=weights,
        class_weight_type=kind,
        weights_in_force=in_force,
        validation_auc_interval=auc,
        logistic_auc=None if auc is None else auc.value,
        train_loss_logged=None if losses is None else curve(losses),
        validation_skill=None if losses is None else curve(losses),
        scaled_before_split=flag,
        resampled_before_split=flag,
    )
    for result in diagnose(known, RULES):
        if result.status is Status.FIRED:
            assert result.finding is not None and result.finding.message.strip(), result
            assert "nan" not in result.finding.message.split(), result
        else:
            assert result.reason, result
