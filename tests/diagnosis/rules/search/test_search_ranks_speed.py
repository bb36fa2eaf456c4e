"""SRC813: losses that fall with the way a trial could go."""

import numpy as np

from steelyard.diagnosis.rules.search.search_ranks_speed import search_ranks_speed
from steelyard.finding import Status
from steelyard.log import Stopping
from tests.diagnosis.asking import ask, fired, not_applicable, passed
from tests.diagnosis.tables import NOTEBOOK, table


def test_the_notebook_s_slow_trials_had_not_arrived() -> None:
    found = fired(search_ranks_speed, trials=NOTEBOOK)
    assert "-0.62 over 10 trials" in found.message and "1.525" in found.message and "0.3571" in found.message


def test_early_stopping_lets_trials_arrive() -> None:
    assert "early stopping" in passed(search_ranks_speed, trials=NOTEBOOK, stopping=Stopping("val_loss", 10))


def test_a_valley_of_learning_rates_passes() -> None:
    valley = table(
        {"lr": [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2]},
        validation_loss=[0.5, 0.4, 0.2, 0.19, 0.2, 0.4, 0.6],
    )
    assert passed(search_ranks_speed, trials=valley)


def test_small_gains_are_no_journey() -> None:
    slight = table(
        {"lr": [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3]}, validation_loss=[0.205, 0.204, 0.203, 0.202, 0.201, 0.2]
    )
    assert passed(search_ranks_speed, trials=slight)


def test_too_few_trials_or_no_learning_rate() -> None:
    three = table({"lr": [1e-5, 1e-4, 1e-3]}, validation_loss=[0.5, 0.4, 0.2])
    assert "fewer than 6" in not_applicable(search_ranks_speed, trials=three)
    assert "learning rates" in not_applicable(
        search_ranks_speed, trials=table({"u": [1, 2]}, validation_loss=[0.5, 0.4])
    )


def test_losses_that_have_nothing_to_do_with_it_seldom_alarm() -> None:
    random = np.random.default_rng(813)
    rates = np.geomspace(1e-5, 1e-2, 12)
    alarms = seen = 0
    for _ in range(400):
        noise = random.lognormal(0.0, 0.2, 12)
        for travelled, losses in ((False, 0.2 * noise), (True, (0.2 + np.exp(-300 * rates)) * noise)):
            grid = table({"learning_rate": list(rates)}, validation_loss=losses)
            found = ask(search_ranks_speed, trials=grid).status is Status.FIRED
            alarms, seen = alarms + (found and not travelled), seen + (found and travelled)
    assert alarms <= 20 and seen >= 360


def test_patience_that_never_ran_out_ended_nothing() -> None:
    asked = {"trials": NOTEBOOK, "stopping": Stopping("val_loss", 50)}
    found = fired(search_ranks_speed, planned_epochs=10, **asked)
    assert [str(change) for change in found.changes] == ["training.epochs=40"]
    assert "early stopping" in passed(search_ranks_speed, planned_epochs=100, **asked)
    assert fired(search_ranks_speed, trials=NOTEBOOK, stopping=Stopping("val_loss"))


def test_rates_of_several_optimizers_are_no_one_axis() -> None:
    rates = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3]
    losses = [0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
    assert fired(search_ranks_speed, trials=table({"lr": rates}, validation_loss=losses))
    mixed = table({"lr": rates, "optimizer": ["adam", "sgd"] * 3}, validation_loss=losses)
    assert "optimizer" in not_applicable(search_ranks_speed, trials=mixed)
    functions = table({"lr": rates, "losses": ["bce", "mse"] * 3}, validation_loss=losses)
    assert "loss functions" in not_applicable(search_ranks_speed, trials=functions)


def test_six_networks_of_two_settings_are_two_trials() -> None:
    seeds = table(
        {"lr": [1e-4] * 3 + [1e-3] * 3, "seed": [1, 2, 3] * 2},
        epochs=[60, 60, 59, 60, 60, 58],
        validation_loss=[0.70, 0.71, 0.72, 0.40, 0.41, 0.42],
    )
    assert "fewer than 6" in not_applicable(search_ranks_speed, trials=seeds)
