"""Of one judgement after another only what is new is told."""

from __future__ import annotations

from dataclasses import replace

from steelyard.diagnosis.diagnosis import Diagnosis
from steelyard.diagnosis.rules import CATALOGUE
from steelyard.doctor.bulletin import LASTING, ONLY_AT_THE_END, Bulletin
from steelyard.finding import Confidence, Finding, Result, Severity, Status

LIKELY = Finding(
    "REG401", "overfitting", Severity.WARNING, Confidence.LIKELY, "It rises by 5%.", advice="Stop early."
)
CERTAIN = Finding("OPT308", "loss_not_finite", Severity.ERROR, Confidence.CERTAIN, "It is NaN.")


def judged(*findings: Finding, passed: str = "", masked: str = "") -> Diagnosis:
    results = [Result(one.code, one.name, Status.FIRED, finding=one) for one in findings]
    fired = {one.code for one in findings}
    for one in (LIKELY, CERTAIN):
        if one.code not in fired:
            status = Status.MASKED if masked else Status.PASSED
            results.append(Result(one.code, one.name, status, masked or passed))
    return Diagnosis("a log", "keras", tuple(results))


def test_what_lasts_is_told_once() -> None:
    bulletin = Bulletin()
    told = [bulletin.news(judged(LIKELY), epoch) for epoch in range(1, 10)]
    assert [len(one) for one in told] == [0] * (LASTING - 1) + [1] + [0] * (9 - LASTING)
    assert told[LASTING - 1][0].splitlines() == [
        f"epoch {LASTING}: warning REG401 overfitting",
        "  It rises by 5%.",
        "  do: Stop early.",
    ]


def test_what_passes_is_not_told() -> None:
    bulletin = Bulletin()
    assert not any(bulletin.news(judged(LIKELY) if epoch % 3 else judged(), epoch) for epoch in range(1, 20))


def test_a_certain_error_is_told_at_once() -> None:
    (told,) = Bulletin().news(judged(CERTAIN), 1)
    assert told.splitlines()[0] == "epoch 1: error OPT308 loss not finite (certain)"


def test_that_it_no_longer_holds_is_told_with_the_reason() -> None:
    bulletin = Bulletin()
    for epoch in range(1, 1 + LASTING):
        bulletin.news(judged(LIKELY), epoch)
    assert bulletin.news(judged(), 10) == []
    assert bulletin.news(judged(LIKELY), 11) == [], "it was gone once, and is still known"
    gone = [bulletin.news(judged(passed="it falls again"), epoch) for epoch in range(12, 12 + LASTING)]
    assert [len(one) for one in gone] == [0] * (LASTING - 1) + [1]
    assert gone[-1] == [f"epoch {11 + LASTING}: REG401 overfitting no longer holds: it falls again"]
    again = [bulletin.news(judged(LIKELY), epoch) for epoch in range(20, 20 + LASTING)]
    assert len(again[-1]) == 1, "and may come back"


def test_what_another_finding_explains() -> None:
    bulletin = Bulletin()
    for epoch in range(1, 1 + LASTING):
        bulletin.news(judged(LIKELY), epoch)
    later = [bulletin.news(judged(CERTAIN, masked="explained by OPT308"), 5) for _ in range(LASTING)]
    assert "OPT308" in later[0][0]
    assert later[-1] == ["epoch 5: REG401 overfitting is no longer told by itself: explained by OPT308"]


def test_it_is_told_again_if_it_becomes_graver() -> None:
    smell = replace(LIKELY, severity=Severity.SMELL)
    bulletin = Bulletin()
    first = [bulletin.news(judged(smell), epoch) for epoch in range(LASTING)]
    second = [bulletin.news(judged(LIKELY), epoch) for epoch in range(LASTING)]
    third = [bulletin.news(judged(smell), epoch) for epoch in range(LASTING)]
    assert [len(one[-1]) for one in (first, second, third)] == [1, 1, 0]


def test_what_a_training_came_to_is_not_said_while_it_goes_on() -> None:
    assert {one.code for one in CATALOGUE} >= ONLY_AT_THE_END
    early = replace(LIKELY, code="OPT303", name="stopped_while_improving")
    bulletin = Bulletin()
    assert not any(bulletin.news(judged(early), epoch) for epoch in range(10))
