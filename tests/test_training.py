"""The train procedure: what it averages, scores and says of runs that went wrong."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import roc_auc_score

from steelyard.data import Features, Split, Table
from steelyard.engine import Decision, EpochEnd, Job, fit_population, predict_probability
from steelyard.errors import RecipeError
from steelyard.preprocessing import fit_encoding
from steelyard.recipe import Change, Recipe, apply
from steelyard.run import Run, RunStatus
from steelyard.splitting import split_rows
from steelyard.tables import table_from
from steelyard.training import advise, overall, sound, train

QUICK = apply(Recipe(), Change("training.epochs", 5), Change("network.hidden_units", [8]))


@pytest.fixture(scope="module")
def table() -> Table:
    random = np.random.default_rng(0)
    x, z = random.normal(size=(2, 800))
    kind = random.choice(["a", "b", "c"], 800)
    y = random.random(800) < 1 / (1 + np.exp(2.5 - 2 * x * (kind == "a") - z))
    return table_from(pl.DataFrame({"x": x, "z": z, "kind": kind}), y)


@pytest.fixture(scope="module")
def split(table: Table) -> Split:
    return split_rows(table)


def part(table: Table, rows: np.ndarray) -> Features:
    return Features(table.features.numeric[rows], table.features.codes[rows])


def test_the_encoding_is_fitted_on_training_rows_only(table: Table, split: Split) -> None:
    numeric = table.features.numeric.copy()
    numeric[split.validation] += 1000.0
    numeric[split.test] -= 1000.0
    moved = replace(table, features=Features(numeric, table.features.codes))
    result = train(moved, QUICK, split)
    expected = fit_encoding(table.features, table.schema, split.train, QUICK.preprocessing)
    np.testing.assert_array_equal(result.runs[0].encoding.shift, expected.shift)
    np.testing.assert_array_equal(result.runs[0].encoding.scale, expected.scale)


def test_labels_of_test_rows_do_not_touch_the_model(table: Table, split: Split) -> None:
    target = table.target.copy()
    target[split.test] = 1 - target[split.test]
    first, second = train(table, QUICK, split), train(replace(table, target=target), QUICK, split)
    np.testing.assert_array_equal(first.probabilities["test"], second.probabilities["test"])
    assert first.scores["validation"] == second.scores["validation"]
    assert second.scores["test"].roc_auc == pytest.approx(1 - first.scores["test"].roc_auc)


def test_the_runs_are_those_of_the_engine(table: Table, split: Split) -> None:
    result = train(table, QUICK, split, seeds=2, seed=3)
    encoding = fit_encoding(table.features, table.schema, split.train, QUICK.preprocessing)
    jobs = [Job(QUICK, split, encoding, seed=seed) for seed in (3, 4)]
    for ours, theirs in zip(result.runs, fit_population(table.features, table.target, jobs), strict=True):
        assert ours.seed == theirs.seed
        np.testing.assert_array_equal(ours.history["validation_loss"], theirs.history["validation_loss"])


def test_probabilities_are_averaged_over_the_seeds(table: Table, split: Split) -> None:
    recipe = apply(QUICK, Change("decision.calibration", "none"))
    result = train(table, recipe, split, seeds=3)
    assert len(result.runs) == len(result.model.weights) == len(result.network_scores) == 3
    alone = [train(table, recipe, split, seed=seed).probabilities["test"] for seed in range(3)]
    np.testing.assert_allclose(result.probabilities["test"], np.mean(alone, axis=0), rtol=1e-12)


def test_the_model_alone_gives_the_probabilities(table: Table, split: Split) -> None:
    result = train(table, QUICK, split, seeds=2)
    for name, rows in (("validation", split.validation), ("test", split.test)):
        again = predict_probability(result.model, part(table, rows))
        np.testing.assert_allclose(again, result.probabilities[name], rtol=1e-12)
        np.testing.assert_array_equal(result.targets[name], table.target[rows])
        assert result.scores[name].roc_auc == roc_auc_score(table.target[rows], result.probabilities[name])


def test_the_number_of_threads_changes_nothing(table: Table, split: Split) -> None:
    one, two = (train(table, QUICK, split, seeds=2, threads=threads) for threads in (1, 2))
    np.testing.assert_array_equal(one.probabilities["test"], two.probabilities["test"])
    assert one.scores == two.scores


def test_row_weights_count_in_the_scores(table: Table, split: Split) -> None:
    weights = np.random.default_rng(1).uniform(0.2, 3.0, len(table)).astype(np.float32)
    result = train(replace(table, weights=weights), QUICK, split)
    expected = roc_auc_score(
        table.target[split.test], result.probabilities["test"], sample_weight=weights[split.test]
    )
    assert result.scores["test"].roc_auc == pytest.approx(expected)


def test_parts_without_rows_have_no_scores(table: Table) -> None:
    nothing = np.zeros(0, np.int64)
    everything = Split(np.arange(len(table)), nothing, nothing, "all rows train")
    recipe = apply(QUICK, Change("training.monitor", "train_loss"))
    result = train(table, recipe, everything)
    assert result.scores == {}
    assert result.probabilities == {}
    assert result.baselines == {"prevalence": {}, "logistic_regression": {}}


def test_who_watches_can_stop_a_network(table: Table, split: Split) -> None:
    seen: list[EpochEnd] = []

    def watch(end: EpochEnd) -> Decision:
        seen.append(end)
        return Decision(stop=end.job == 0 and end.epoch == 2)

    result = train(table, QUICK, split, seeds=2, on_epoch=watch)
    assert [run.status for run in result.runs] == [RunStatus.PRUNED, RunStatus.COMPLETED]
    assert result.status is RunStatus.PRUNED
    assert [end.epoch for end in seen if end.job == 0] == [1, 2]
    assert [end.epoch for end in seen if end.job == 1] == [1, 2, 3, 4, 5]


def test_stages_are_told_in_order(table: Table, split: Split) -> None:
    stages: list[str] = []
    train(table, QUICK, split, on_stage=stages.append)
    assert stages == ["training", "scoring", "fitting logistic regression"]


def test_a_divergence_at_the_very_start_is_a_result(table: Table, split: Split) -> None:
    recipe = apply(
        QUICK,
        Change("optimizer.name", "sgd"),
        Change("optimizer.schedule", {"name": "constant"}),
        Change("optimizer.learning_rate", 1e30),
    )
    result = train(table, recipe, split, seeds=2)
    assert result.status is RunStatus.DIVERGED
    assert "diverged" in result.reason
    assert np.isfinite(result.probabilities["test"]).all()
    assert result.advice == (
        Change("optimizer.learning_rate", 0.01),
        Change("optimizer.global_clip_norm", 1.0),
    )


def test_after_a_divergence_a_tenth_of_the_step_is_advised(run: Run) -> None:
    recipe = apply(
        run.recipe, Change("optimizer.learning_rate", 0.003), Change("preprocessing.scaling", "none")
    )
    assert advise([replace(run, recipe=recipe, status=DIVERGED)]) == (
        Change("optimizer.learning_rate", 0.0003),
        Change("optimizer.global_clip_norm", 1.0),
        Change("preprocessing.scaling", "robust"),
    )


def test_fewer_than_one_network_is_refused(table: Table, split: Split) -> None:
    with pytest.raises(RecipeError, match="seeds"):
        train(table, QUICK, split, seeds=0)


def test_ctrl_c_during_the_logistic_regression_leaves_it_out(
    table: Table, split: Split, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("steelyard.training.logistic_regression", interrupted)
    result = train(table, QUICK, split)
    assert set(result.baselines) == {"prevalence"}
    assert any("interrupted" in note for note in result.notes)


@pytest.fixture(scope="module")
def run(table: Table, split: Split) -> Run:
    return train(table, QUICK, split).runs[0]


COMPLETED, STOPPED, DIVERGED, INTERRUPTED = (
    RunStatus.COMPLETED,
    RunStatus.STOPPED_EARLY,
    RunStatus.DIVERGED,
    RunStatus.INTERRUPTED,
)


@pytest.mark.parametrize(
    ("runs", "members"),
    [
        ([(COMPLETED, 3), (STOPPED, 2)], [0, 1]),
        ([(COMPLETED, 3), (DIVERGED, 2)], [0]),
        ([(INTERRUPTED, 0), (INTERRUPTED, 1)], [1]),
        ([(DIVERGED, 0), (DIVERGED, 2)], [1]),
        ([(DIVERGED, 0), (INTERRUPTED, 0)], [0, 1]),
    ],
)
def test_only_sound_networks_are_averaged(
    run: Run, runs: list[tuple[RunStatus, int]], members: list[int]
) -> None:
    assert sound([replace(run, status=status, best_epoch=best) for status, best in runs]) == members


def test_the_status_of_several_is_the_worst(run: Run) -> None:
    runs = [
        replace(run, status=COMPLETED, reason="all epochs"),
        replace(run, status=DIVERGED, reason="the loss was not finite"),
        replace(run, status=INTERRUPTED, reason="Ctrl-C"),
    ]
    status, reason = overall(runs, [0, 2])
    assert status is DIVERGED
    assert reason == "1 of 3 networks diverged: the loss was not finite; 1 left out of the average"


def test_more_epochs_are_advised_if_the_last_was_the_best(run: Run) -> None:
    epochs = run.recipe.training.epochs
    assert advise([replace(run, status=COMPLETED, best_epoch=epochs)]) == (
        Change("training.epochs", 2 * epochs),
    )
    assert advise([replace(run, status=COMPLETED, best_epoch=epochs - 1)]) == ()
    assert advise([replace(run, status=STOPPED, best_epoch=epochs)]) == ()
