from __future__ import annotations

from pathlib import Path

import numpy as np
import optuna as real_optuna
import pytest

from steelyard.diagnosis.readers import read
from steelyard.errors import DataError
from tests.diagnosis.readers.database_samples import OPTUNA_TABLES, database, optuna


def test_a_study_and_the_curve_of_its_best_trial(shared_logs: Path) -> None:
    study, best = read(shared_logs / "optuna.db")
    assert study.history is None and study.trials is not None
    assert study.trials.parameters["act"] == ["relu", "relu"]
    assert study.trials.metrics["objective"].tolist() == [0.010186527808870013, 0.000796198600831459]
    assert study.trials.ranked_by == "objective"
    assert study.trials.epochs is not None and study.trials.epochs.tolist() == [3.0, 3.0]
    assert best.history is not None
    assert best.history.epochs.tolist() == [1, 2, 3]
    assert best.history["validation_reported"][0] == 1.0007961986008314
    assert best.notes[0].startswith(
        "what it is that the trial reported after each epoch is not known, and its objective in the end, "
        "0.0007962, is none of these values"
    )
    assert study.trials.lower_is_better is True
    assert best.facts.learning_rate == 0.000796198600831459


@pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
def test_what_optuna_itself_writes(tmp_path: Path) -> None:
    real_optuna.logging.set_verbosity(real_optuna.logging.ERROR)
    path = tmp_path / "o.db"
    study = real_optuna.create_study(storage=f"sqlite:///{path}", study_name="s", direction="maximize")
    study.set_metric_names(["auc"])
    categories = real_optuna.distributions.CategoricalDistribution(("relu", "tanh"))
    units = real_optuna.distributions.IntDistribution(4, 64)
    for number, (value, state) in enumerate(
        (
            (0.75, real_optuna.trial.TrialState.COMPLETE),
            (None, real_optuna.trial.TrialState.PRUNED),
            (float("-inf"), real_optuna.trial.TrialState.COMPLETE),
        )
    ):
        study.add_trial(
            real_optuna.trial.create_trial(
                state=state,
                value=value,
                params={"act": "tanh", "units": 8 + number},
                distributions={"act": categories, "units": units},
                intermediate_values={1: 0.5, 2: float("nan")},
            )
        )
    table, best = read(path)
    assert table.trials is not None
    assert table.trials.parameters == {"act": ["tanh"] * 3, "units": [8, 9, 10]}
    np.testing.assert_array_equal(table.trials.metrics["validation_roc_auc"], [0.75, np.nan, -np.inf])
    assert any("1 trials were pruned and 0 failed" in note for note in table.notes)
    assert best.history is not None
    assert best.history.epochs.tolist() == [1, 2]
    assert best.history["validation_roc_auc"][0] == 0.5 and np.isnan(best.history["validation_roc_auc"][1])


def test_the_direction_decides_which_trial_is_the_best(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    path.write_bytes(optuna({0: 0.5, 1: 0.25}, direction="MAXIMIZE"))
    _, best = read(path)
    assert best.facts.learning_rate == 0.01
    path.write_bytes(optuna({0: 0.5, 1: 0.25}, direction="MINIMIZE"))
    _, best = read(path)
    assert best.facts.learning_rate == 0.02


def test_trials_that_still_run_are_left_out(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    path.write_bytes(optuna({0: 0.5}))
    assert "1 trials are not finished and are left out" in read(path)[0].notes


def test_a_study_without_a_finished_trial(tmp_path: Path) -> None:
    path = tmp_path / "o.db"
    path.write_bytes(database(OPTUNA_TABLES, {"studies": [(1, "s")]}))
    with pytest.raises(DataError, match="holds 1 studies of Optuna and no finished trial"):
        read(path)


def test_a_parameter_for_each_trial_does_not_swell(tmp_path: Path) -> None:
    count = 1500
    path = tmp_path / "o.db"
    path.write_bytes(
        database(
            OPTUNA_TABLES,
            {
                "studies": [(1, "s")],
                "trials": [(at, at, 1, "COMPLETE") for at in range(count)],
                "trial_params": [(at, f"p{at}", 0.5, "{}") for at in range(count)],
            },
        )
    )
    with pytest.raises(DataError, match="1,500 trials have 1,500 parameters"):
        read(path)


def test_what_a_pruned_trial_reported_last_is_no_objective(tmp_path: Path) -> None:
    real_optuna.logging.set_verbosity(real_optuna.logging.ERROR)
    path = tmp_path / "o.db"
    study = real_optuna.create_study(storage=f"sqlite:///{path}", pruner=real_optuna.pruners.NopPruner())

    def objective(trial: real_optuna.Trial) -> float:
        trial.report(0.125 if trial.number else 1.0, 0)
        if trial.number:
            raise real_optuna.TrialPruned
        return 0.5

    study.optimize(objective, n_trials=2)
    assert study.trials[1].value == 0.125, "Optuna stores it as the value"
    table, *_ = read(path)
    assert table.trials is not None
    np.testing.assert_array_equal(table.trials.metrics["objective"], [0.5, np.nan])
