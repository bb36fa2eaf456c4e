"""Whatever a log holds, its questions are answered in whole sentences, without a number that is none."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from steelyard.diagnosis.answers import Answer, answers_of
from steelyard.diagnosis.diagnosis import diagnosis_of
from steelyard.diagnosis.signals import SIGNALS, BestEpoch, Signals
from steelyard.finding import Status
from steelyard.log import Log
from tests.diagnosis.deriving.test_any_log import logs
from tests.diagnosis.rules.test_answers import strategy

YES_OR_NO = ("Has it", "Has any", "Is it overfitting", "May the")


def check(answers: tuple[Answer, ...]) -> None:
    """Each question once, and each answer fit to be read aloud."""
    questions = [one.question for one in answers]
    assert len(set(questions)) == len(questions) and questions[-1] == "What should be changed first?"
    for one in answers:
        assert one.question.endswith("?")
        assert re.search(r"[.)]$", one.answer) and "  " not in one.answer, one.answer
        assert not re.search(r"\bnan\b|\binf\b|[{}]|\.\.|: [A-Z][a-z]+ .*: not known", _own(one.answer)), one
        if one.question.startswith(YES_OR_NO):
            assert one.answer.startswith(("Yes", "No", "Cannot tell", "It may be")), one


def _own(text: str) -> str:
    """Without the advice that shows code, and the contents of files."""
    return re.sub(r"class_weight=\{0: w0, 1: w1\}", "", text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(logs())
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of numpy, on infinities that are put in here
def test_of_any_log(log: Log) -> None:
    diagnosis = diagnosis_of(log)
    check(diagnosis.answers)
    told = {result.code for result in diagnosis.results if result.status is not Status.IGNORED}
    assert {code for one in diagnosis.answers for code in one.codes} <= told


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_of_signals_that_do_not_fit_together(data: st.DataObject) -> None:
    """As a caller could put them together, with nothing said by any rule."""
    names = data.draw(
        st.sets(st.sampled_from(sorted(set(SIGNALS) - {"best_epoch", "telemetry"})), max_size=25)
    )
    drawn = {name: data.draw(strategy(name), label=name) for name in names if _known(name)}
    best = data.draw(st.none() | st.just(BestEpoch(1, 1, 2, "validation loss")))
    check(answers_of(Signals(**drawn, best_epoch=best), ()))


def _known(name: str) -> bool:
    try:
        strategy(name)
    except KeyError:
        return False
    return True
