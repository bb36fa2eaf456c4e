"""Trials as lines through their parameters."""

from __future__ import annotations

from hypothesis import given

from steelyard.report.parallel_coordinates import parallel_coordinates_svg
from steelyard.run import RunStatus
from steelyard.study import Choice, Plan, Space, Trial, TrialState
from tests.report.searches import paths, searches, sound, texts, titles
from tests.studies import plan_of, trial_of


def _trials(plan: Plan) -> list[Trial]:
    return [
        trial_of(
            plan,
            number,
            0.3 + 0.01 * number,
            point={
                "optimizer.learning_rate": 1e-4 * 2**number,
                "network.dropout": (0.0, 0.2, 0.4)[number % 3],
            },
        )
        for number in range(8)
    ]


def test_a_line_per_trial_through_every_parameter_to_its_score() -> None:
    plan = plan_of()
    svg = parallel_coordinates_svg(plan, _trials(plan), marked=[6, 5])
    assert len(paths(svg, "sy-trial sy-one")) == 6 - 1
    assert len(paths(svg, "sy-top")) == 2
    (best,) = paths(svg, "sy-top sy-winner")
    assert best.count("L") == 2
    assert {"learning_rate", "dropout", "average_precision"} <= set(texts(svg))
    assert "thick: the 2 trials marked; best 0.370, trial 7" in texts(svg)
    assert "trial 0: 0.3000; optimizer.learning_rate 0.0001, network.dropout 0" in titles(svg)


def test_lines_of_trials_without_a_score_end_at_the_last_parameter() -> None:
    plan = plan_of()
    one, two = _trials(plan)[:2]
    lost = trial_of(plan, 8, 0.0, point=one.point, status=RunStatus.DIVERGED)
    pruned = trial_of(plan, 9, 0.9, point=two.point, state=TrialState.PRUNED)
    svg = parallel_coordinates_svg(plan, [one, two, lost, pruned])
    assert [path.count("L") for path in paths(svg, "sy-pruned sy-stopped")] == [1, 1]
    assert "thick: the best tenth; best 0.310, trial 1; 1 pruned, 1 diverged" in texts(svg)


def test_a_parameter_with_one_value_has_no_axis_and_an_inactive_one_is_met_below() -> None:
    space = Space(
        parameters=(
            Choice(path="optimizer.name", values=("sgd", "adam")),
            Choice(path="optimizer.momentum", values=(0.5, 0.9), when={"optimizer.name": ("sgd",)}),
            Choice(path="network.dropout", values=(0.1,)),
        )
    )
    plan = plan_of(space)
    trials = [
        trial_of(plan, 0, 0.3, point={"optimizer.name": "adam", "network.dropout": 0.1}),
        trial_of(
            plan, 1, 0.4, point={"optimizer.name": "sgd", "optimizer.momentum": 0.5, "network.dropout": 0.1}
        ),
    ]
    written = texts(parallel_coordinates_svg(plan, trials))
    assert "not used" in written and "dropout" not in written
    # "name" alone would say nothing.
    assert "optimizer.name" in written and "momentum" in written


def test_nothing_to_draw() -> None:
    assert "no trial is complete" in texts(parallel_coordinates_svg(plan_of(), []))
    plan = plan_of(Space(parameters=(Choice(path="network.dropout", values=(0.1,)),)))
    alone = [trial_of(plan, 0, 0.3, point={"network.dropout": 0.1})]
    assert "no parameter has two values" in texts(parallel_coordinates_svg(plan, alone))


@given(searches())
def test_any_search_can_be_drawn(search: tuple[Plan, list[Trial]]) -> None:
    sound(parallel_coordinates_svg(*search))
