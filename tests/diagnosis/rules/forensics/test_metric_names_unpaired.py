"""LOG910: a metric without its like in the other split."""

from steelyard.diagnosis.rules.forensics.metric_names_unpaired import metric_names_unpaired
from tests.diagnosis.asking import fired, not_applicable, passed


def test_two_names() -> None:
    found = fired(metric_names_unpaired, names_unpaired=("train_auc", "validation_roc_auc"))
    assert "train auc and validation roc auc have no counterpart" in found.message
    assert found.evidence["names"] == "train_auc, validation_roc_auc"


def test_one_name() -> None:
    assert (
        "validation f1 has no counterpart"
        in fired(metric_names_unpaired, names_unpaired=("validation_f1",), framework="keras 3").message
    )


def test_a_loop_that_measures_on_one_split_only() -> None:
    for framework in (None, "pytorch"):
        said = passed(metric_names_unpaired, names_unpaired=("validation_accuracy",), framework=framework)
        assert "one split only" in said


def test_all_paired_and_unknown() -> None:
    passed(metric_names_unpaired, names_unpaired=())
    assert "a log" in not_applicable(metric_names_unpaired)
