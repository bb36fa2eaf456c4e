"""Metrics of tables by the names that rules know."""

import numpy as np

from steelyard.diagnosis.deriving import signals_from
from steelyard.diagnosis.deriving.trial_names import with_known_names
from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.finding import Status
from steelyard.log import Facts, Log
from tests.diagnosis.tables import table

SCORES = [0.700, 0.710, 0.690, 0.705, 0.701]


def test_the_area_under_the_roc_curve_has_one_name() -> None:
    foreign = table(
        {"u": [1, 2]},
        ranked_by="validation_roc_auc",
        spread={"validation_roc_auc": [0.01, 0.02]},
        validation_roc_auc=[0.7, 0.8],
        validation_loss=[0.3, 0.2],
    )
    found = with_known_names(foreign)
    assert list(found.metrics) == ["validation_auc", "validation_loss"]
    assert found.ranked_by == "validation_auc" and list(found.spread) == ["validation_auc"]


def test_two_areas_keep_their_names() -> None:
    both = table({"u": [1, 2]}, validation_roc_auc=[0.7, 0.8], validation_auc=[0.6, 0.9])
    assert list(with_known_names(both).metrics) == ["validation_roc_auc", "validation_auc"]


def test_rules_judge_the_tables_of_others() -> None:
    facts = Facts(rows_validation=1050, positives_validation=50)
    log = Log(
        "talos.csv", "talos", facts=facts, trials=table({"u": list(range(5))}, validation_roc_auc=SCORES)
    )
    trials = signals_from(log).trials
    assert trials is not None and np.array_equal(trials.metrics["validation_auc"], SCORES)
    found = diagnosis_of(log)
    assert found["SRC802"].status is Status.FIRED
    assert found["SRC806"].finding is not None
    assert "validation ROC AUC" in found["SRC806"].finding.message
