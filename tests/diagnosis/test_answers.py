"""The questions people ask of a loss curve: each answer with its numbers, and where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from steelyard.diagnosis.answers import answers_of
from steelyard.diagnosis.arithmetic import entropy
from steelyard.diagnosis.rule import diagnose
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.log import Stopping, TrialTable
from tests.diagnosis.signals import BestEpoch, about, confusion, curve, exactly, signals

LEARNED = "Has it learned anything?"
OVERFIT = "Is it overfitting?"
COMPARED = "May the two losses be compared?"
COLLAPSED = "Is it a collapse, or only the threshold 0.5?"
EPOCH = "Which epoch is best, and how sure is that?"
TRIAL = "Which trial is best, and how sure is that?"
CHANGE = "What should be changed first?"

RATE = 1.0 / 21.0
FLOOR = entropy(RATE)


def answers(**fields: Any) -> dict[str, str]:
    """What is said of some signals, by question."""
    known = signals(**fields)
    return {one.question: one.answer for one in answers_of(known, diagnose(known, CATALOGUE))}


def run(loss: list[float], train: list[float] | None = None, **fields: Any) -> dict[str, str]:
    """Of a plain run on 20,000 validation rows, with all that follows from its losses."""
    validation = curve(loss)
    training = curve(loss if train is None else train)
    return answers(
        **{
            "validation_loss": validation,
            "validation_loss_logged": validation,
            "train_loss": training,
            "train_loss_logged": training,
            "base_rate_validation": exactly(RATE),
            "base_rate_train": exactly(RATE),
            "validation_floor": exactly(FLOOR),
            "train_floor": exactly(FLOOR),
            "validation_skill": curve([1.0 - value / FLOOR for value in loss]),
            "train_skill": curve([1.0 - value / FLOOR for value in (train or loss)]),
            "rows_validation": 20_000,
            "rows_train": 80_000,
            "positives_validation": exactly(round(20_000 * RATE)),
            "validation_noise": 0.001,
            **fields,
        }
    )


def test_every_question_once_and_in_order() -> None:
    said = run([0.18, 0.17, 0.165, 0.16, 0.158, 0.157], best_epoch=BestEpoch(6, 5, 6, "validation loss"))
    assert list(said) == [LEARNED, OVERFIT, COMPARED, EPOCH, CHANGE]


def test_nothing_is_known_of_nothing() -> None:
    said = answers()
    assert list(said) == [CHANGE]
    assert said[CHANGE].startswith("Nothing: 0 rules could judge this log, and none found a fault.")
    assert "--positives N --rows N" in said[CHANGE]


class TestLearned:
    def test_below_the_loss_of_the_base_rate(self) -> None:
        said = run([0.17, 0.15, 0.13, 0.12])[LEARNED]
        assert said.startswith("Yes. ")
        assert f"costs {FLOOR:.4g}" in said and f"{1 - 0.12 / FLOOR:.1%} below it" in said

    def test_a_little(self) -> None:
        assert run([0.188, 0.187, 0.186, 0.185])[LEARNED].startswith("Yes, but little.")

    def test_no_further_below_than_noise(self) -> None:
        said = run([FLOOR + 0.0002, FLOOR, FLOOR - 0.0001])[LEARNED]
        assert said.startswith("No, nothing that shows.") and "noise" in said

    def test_far_above_it_is_no_proof_of_nothing(self) -> None:
        """Class weights that were in force leave it there, whatever the ranking is."""
        said = run([0.7, 0.6, 0.55])[LEARNED]
        assert said.startswith("Cannot tell.") and "ranks well" in said and "ROC AUC" in said

    def test_the_ranking_decides_where_the_loss_does_not(self) -> None:
        said = run([0.7, 0.6, 0.55], validation_auc_interval=about(0.81, 0.78, 0.84))[LEARNED]
        assert said.startswith("Yes. The ROC AUC on validation rows is 0.810 (0.780 to 0.840 with 952")

    def test_training_rows_by_heart(self) -> None:
        loss = [FLOOR + 0.0005, FLOOR + 0.0002, FLOOR]
        said = run(loss, [0.15, 0.1, 0.05])[LEARNED]
        assert said.startswith("No") and f"undercut by {100 * (1 - 0.05 / FLOOR):.4g}%" in said

    def test_wide_bounds_are_not_taken_for_noise(self) -> None:
        wide = curve([0.0] * 4, low=[-0.4] * 4, high=[0.4] * 4)
        assert run([0.19] * 4, validation_skill=wide)[LEARNED].startswith("Cannot tell.")

    def test_hits_above_half_count_where_the_loss_is_weighted(self) -> None:
        hits = confusion(([600], [600]), ([5_000], [5_000]), rows=20_000, positives=exactly(952))
        said = run([0.7, 0.6], validation_confusion=hits)[LEARNED]
        assert said.startswith("Yes. Of the 5,000 validation rows above 0.5 in the last epoch 12% or more")

    def test_a_loss_that_is_no_number(self) -> None:
        said = answers(train_loss_logged=curve([0.5, np.nan, np.nan]))[LEARNED]
        assert said.startswith("No, not to its end") and "epoch 2" in said

    def test_without_a_base_rate(self) -> None:
        said = answers(validation_loss_logged=curve([0.3, 0.2]), train_loss_logged=curve([0.3, 0.2]))[LEARNED]
        assert said.startswith("Cannot tell") and "0.693" in said and "0.191" in said

    def test_an_accuracy_that_never_moves_says_more_than_no_base_rate(self) -> None:
        said = answers(
            validation_loss_logged=curve([0.36, 0.3589, 0.3589]), validation_accuracy=curve([0.884] * 3)
        )[LEARNED]
        assert said.startswith("Cannot tell. The validation accuracy is 88.4% in all 3 epochs.")

    def test_an_auc_of_nobody_knows_how_many(self) -> None:
        said = answers(validation_auc=curve([0.4, 0.24]))[LEARNED]
        assert "ends at 0.240" in said and "--positives N" in said


class TestOverfitting:
    def test_a_rise_while_training_goes_on(self) -> None:
        loss = [0.18, 0.16, 0.15, 0.145, 0.15, 0.16, 0.17, 0.18, 0.19, 0.2]
        said = run(loss, [0.18 - 0.012 * epoch for epoch in range(10)])[OVERFIT]
        assert said.startswith("Yes. The validation loss rises from") and "overfitting after epoch" in said

    def test_a_rise_that_may_be_something_else_says_so(self) -> None:
        loss = [0.18, 0.16, 0.15, 0.145, 0.15, 0.16, 0.17, 0.18, 0.19, 0.2]
        said = run(loss, [0.18 - 0.012 * epoch for epoch in range(10)], validation_noise=None)[OVERFIT]
        assert said.startswith("It may be.") and "would settle it" in said

    def test_a_rise_of_an_epoch_that_is_not_kept(self) -> None:
        loss = [0.18, 0.16, 0.15, 0.145, 0.15, 0.152, 0.155, 0.158, 0.16, 0.165]
        keeps = Stopping("val_loss", 5, "min", True)
        said = run(loss, [0.18 - 0.012 * epoch for epoch in range(10)], stopping=keeps)[OVERFIT]
        assert said.startswith("Yes, but without harm: ")

    def test_a_gap_is_no_rise(self) -> None:
        random = np.random.default_rng(0)
        loss = [0.16, *(0.15 + 0.003 * random.standard_normal(29))]
        said = run(loss, [0.12 - 0.0005 * epoch for epoch in range(30)])[OVERFIT]
        assert said.startswith("No, not in the ordinary sense: the validation loss ends")
        assert "no clear rise and no clear fall" in said
        assert f"the training loss is {1 - (0.12 - 0.0005 * 29) / FLOOR:.1%} below it" in said

    def test_the_base_rates_make_part_of_the_gap(self) -> None:
        loss, train = [0.17, 0.165, 0.16, 0.16, 0.16, 0.16], [0.1, 0.095, 0.09, 0.09, 0.09, 0.09]
        low = entropy(0.027)
        said = run(loss, train, base_rate_train=exactly(0.027), train_floor=exactly(low))[OVERFIT]
        assert f"Of the 0.07 between the two curves at the end, {FLOOR - low:.4g} is between" in said
        assert f"the rest, {0.07 - (FLOOR - low):.4g}," in said

    def test_a_ranking_that_does_not_suffer(self) -> None:
        loss = [0.18, 0.16, 0.15, 0.145, 0.15, 0.16, 0.17, 0.18, 0.19, 0.2]
        said = run(
            loss,
            [0.18 - 0.012 * epoch for epoch in range(10)],
            validation_auc=curve([0.8 + 0.001 * n for n in range(10)]),
        )[OVERFIT]
        assert said.startswith("No, not in the ordinary sense: the loss rises, the ranking does not suffer.")

    def test_another_fault_comes_first(self) -> None:
        said = run([0.2] * 5 + [0.3] * 3, [0.2] * 5 + [np.nan] * 3)[OVERFIT]
        assert said.startswith(("Cannot tell", "No"))

    def test_too_few_epochs(self) -> None:
        assert run([0.2, 0.1, 0.3])[OVERFIT].startswith("Cannot tell: 3 epochs are too few")

    def test_no_validation_loss(self) -> None:
        said = answers(train_loss_logged=curve([0.3, 0.2]))[OVERFIT]
        assert said.startswith("Cannot tell: the log has curves of training rows only")
        accuracy = {"validation_accuracy": curve([0.8, 0.9])}
        said = answers(train_loss_logged=curve([0.3, 0.2]), **accuracy)[OVERFIT]
        assert said.startswith("Cannot tell without the plain validation loss")


class TestCompared:
    def test_both_plain(self) -> None:
        said = run([0.18, 0.17, 0.16])[COMPARED]
        assert said.startswith("Yes: the log has the plain loss of both")
        assert "minimised" not in said

    def test_both_plain_beside_what_was_minimised(self) -> None:
        said = run([0.18, 0.17, 0.16], train_loss_logged=curve([0.9, 0.8, 0.7], weighted=True, dropout=True))
        assert said[COMPARED].startswith("Yes: ") and "minimised is another curve" in said[COMPARED]

    def test_weights_in_one_of_them(self) -> None:
        said = run(
            [0.6, 0.5, 0.4],
            [1.3, 1.2, 1.1],
            train_loss_logged=curve([1.3, 1.2, 1.1], weighted=True),
            class_weight=(1.0, 20.0),
            weights_in_force=True,
            train_loss=None,
            train_skill=None,
            weighted_train_floor=exactly(1.320),
            constant_validation_loss=exactly(0.693),
        )[COMPARED]
        assert said.startswith("No, not as they stand: the training loss counts a positive row 20 times")
        assert "1.32 and 0.693" in said

    def test_other_base_rates_and_dropout(self) -> None:
        said = run(
            [0.18] * 3,
            [0.1] * 3,
            base_rate_train=exactly(0.027),
            train_floor=exactly(entropy(0.027)),
            train_loss_logged=curve([0.1] * 3, dropout=True, epoch_mean=True),
            train_loss=None,
            dropout=True,
        )[COMPARED]
        assert said.startswith("No, not as they stand: 2.7% of the training rows are positive and 4.76%")
        assert "with dropout, which raises it" in said and "half an epoch older" in said

    def test_what_the_log_does_not_say(self) -> None:
        unknown = {"weighted": None, "penalized": None, "dropout": None}
        said = run([0.2, 0.1], train_loss_logged=curve([0.2, 0.1], **unknown), train_loss=None)[COMPARED]
        assert said.startswith(
            "Cannot tell. The log does not say whether the training loss holds class weights, a penalty and "
            "dropout (--model FILE"
        )

    def test_a_penalty_is_in_both(self) -> None:
        both = curve([0.5, 0.4], penalized=True)
        logged = {"train_loss_logged": both, "validation_loss_logged": both, "train_loss": None}
        said = run([0.5, 0.4], penalized=True, **logged)[COMPARED]
        assert said.startswith("Yes, with each other, but not with the loss of the base rate")

    def test_there_must_be_two(self) -> None:
        assert COMPARED not in answers(train_loss_logged=curve([0.3, 0.2]))


class TestCollapsed:
    def test_only_the_threshold(self) -> None:
        said = run(
            [0.18] * 3, validation_recall=curve([0.0] * 3), validation_auc_interval=about(0.73, 0.7, 0.76)
        )
        assert said[COLLAPSED].startswith("Only the threshold: positives rank above negatives (ROC AUC 0.730")
        assert "finds 0.125% at 0.5" in said[COLLAPSED]

    def test_a_constant(self) -> None:
        said = run([FLOOR] * 4, validation_recall=curve([0.0] * 4))[COLLAPSED]
        assert said.startswith("A collapse: the validation loss stays on that of predicting the base rate")

    def test_either(self) -> None:
        said = run([0.25] * 4, validation_recall=curve([0.0] * 4))[COLLAPSED]
        assert said.startswith("Cannot tell: it finds 0% of the positives") and "Compute the ROC AUC" in said

    def test_backwards(self) -> None:
        said = run(
            [0.25] * 4, validation_recall=curve([0.0] * 4), validation_auc_interval=about(0.3, 0.27, 0.33)
        )
        assert said[COLLAPSED].startswith("Neither: positives get lower probabilities")

    def test_false_alarms_at_the_top(self) -> None:
        alarms = confusion(([0], [0]), ([3_000], [3_100]), rows=20_000, positives=exactly(952))
        said = run([0.17] * 3, validation_recall=curve([0.0] * 3), validation_confusion=alarms)[COLLAPSED]
        assert said.startswith("No collapse, but not the threshold alone either")
        assert "the 3,000 rows that lie above 0.5" in said

    def test_nobody_asks_of_a_network_that_finds_positives(self) -> None:
        assert COLLAPSED not in run([0.17] * 3, validation_recall=curve([0.4] * 3))
        assert COLLAPSED not in run([0.17] * 3)


class TestEpoch:
    LOSS = (0.18, 0.16, 0.15, 0.1495, 0.1502, 0.17)

    def said(self, **fields: Any) -> str:
        return run(list(self.LOSS), best_epoch=BestEpoch(4, 3, 5, "validation loss"), **fields)[EPOCH]

    def test_give_or_take(self) -> None:
        said = self.said()
        assert said.startswith("Epoch 4 of 6, with a validation loss of 0.1495; between epochs 3 and 5")
        assert "standard error of that loss is about 0.001" in said
        assert f"worse by {0.17 / 0.1495 - 1:.1%}; whether those of the best were kept" in said

    def test_what_is_kept(self) -> None:
        assert "kept are those of the best" in self.said(stopping=Stopping("val_loss", restore_best=True))
        assert "kept are those of the last" in self.said(stopping=Stopping("val_loss", restore_best=False))
        assert "best epoch by val_auc." in self.said(stopping=Stopping("val_auc", restore_best=True))

    def test_noise_of_the_curve_where_rows_are_not_known(self) -> None:
        assert "is not known: from epoch to epoch" in self.said(validation_noise=None)

    def test_luck(self) -> None:
        random = np.random.default_rng(1)
        loss = list(0.15 + 0.01 * random.standard_normal(30))
        at = int(np.argmin(loss)) + 1
        said = run(loss, best_epoch=BestEpoch(at, at, at, "validation loss"))[EPOCH]
        assert said.startswith(f"Epoch {at} of 30") and "is luck" in said

    def test_by_the_ranking(self) -> None:
        said = answers(validation_auc=curve([0.6, 0.7, 0.69]), best_epoch=BestEpoch(2, 2, 3, "ROC AUC"))[
            EPOCH
        ]
        assert said.startswith("Epoch 2 of 3, with a ROC AUC of 0.7")

    def test_one_epoch_is_no_choice(self) -> None:
        assert EPOCH not in run([0.2], best_epoch=BestEpoch(1, 1, 1, "validation loss"))


class TestTrials:
    GRID = TrialTable(
        {"rate": [0.1, 0.2, 0.3, 0.4]},
        {"validation_loss": np.array([0.2, 0.15, 0.18, 0.19])},
        ranked_by="validation_loss",
        asked=4,
    )

    def test_the_first_of_a_table(self) -> None:
        said = answers(trials=self.GRID)[TRIAL]
        assert said.startswith("rate = 0.2 comes first of 4, by validation loss (0.15)")
        assert "trained once" in said

    def test_accuracy_that_cannot_rank(self) -> None:
        same = TrialTable(
            {"rate": [0.1, 0.2, 0.3, 0.4]},
            {"validation_accuracy": np.array([0.95, 0.95, 0.95, 0.9501])},
            ranked_by="validation_accuracy",
        )
        said = answers(trials=same, base_rate_validation=exactly(0.05), rows_validation=10_000)
        assert said[TRIAL].startswith("Cannot tell: rate = 0.4 comes first of 4")
        assert "3 of 4 trials have the very same validation accuracy" in said[TRIAL]

    def test_a_direction_that_the_search_says(self) -> None:
        values = {"objective": np.array([0.3, 0.1, 0.2])}
        for lower, best in ((True, "rate = 2"), (False, "rate = 1")):
            table = TrialTable({"rate": [1, 2, 3]}, values, ranked_by="objective", lower_is_better=lower)
            assert answers(trials=table)[TRIAL].startswith(best)
        unsaid = TrialTable({"rate": [1, 2, 3]}, values, ranked_by="objective")
        assert TRIAL not in answers(trials=unsaid)

    def test_a_setting_with_several_seeds_is_one_trial(self) -> None:
        lucky = {"validation_auc": np.array([0.70, 0.71, 0.72, 0.60, 0.62, 0.73])}
        table = TrialTable({"rate": [1] * 3 + [2] * 3, "seed": [1, 2, 3] * 2}, lucky)
        assert answers(trials=table)[TRIAL].startswith("rate = 1 comes first of 2, by validation ROC AUC")

    def test_whether_any_has_learned(self) -> None:
        said = answers(
            trials=self.GRID,
            validation_floor=exactly(0.12),
            base_rate_validation=exactly(RATE),
            penalized=False,
        )
        assert said["Has any trial learned anything?"].startswith("No: None of 4 trials")


class TestChange:
    def test_the_gravest_first_and_no_advice_twice(self) -> None:
        said = answers(
            train_loss_logged=curve([np.nan, np.nan]),
            train_accuracy=curve([0.7, 0.8]),
            metric_functions=("f1",),
            validation_f1=curve([0.1, 0.1]),
        )[CHANGE]
        assert said.startswith("One thing at a time, in this order: (1) Look for missing or infinite values")
        assert said.count("(1)") == 1

    def test_smells_alone_have_to_wait(self) -> None:
        said = answers(names_unpaired=("validation_auc",), framework="keras")[CHANGE]
        assert said.startswith("Nothing has to be.")

    def test_nothing_is_wrong_is_an_answer(self) -> None:
        said = run([0.18, 0.17, 0.16, 0.155, 0.1548, 0.1547, 0.1547, 0.1547])[CHANGE]
        assert said.startswith("Nothing: ") and "none found a fault" in said


@pytest.mark.parametrize("question", [LEARNED, OVERFIT, COMPARED])
def test_a_question_of_yes_or_no_is_answered_so_in_its_first_word(question: str) -> None:
    for loss in (
        [0.18, 0.17, 0.16, 0.15, 0.15, 0.15],
        [0.7] * 6,
        [FLOOR] * 6,
        [0.15, 0.14, 0.15, 0.2, 0.3, 0.4],
    ):
        said = run(loss)[question]
        assert said.startswith(("Yes", "No", "Cannot tell", "It may be")), said
