"""DAT612: so few positives that no metric of them says much."""

from __future__ import annotations

from steelyard.diagnosis.arithmetic import wilson
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve, Estimate
from steelyard.diagnosis.wording import counted
from steelyard.finding import Confidence, Severity


@rule("DAT612", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="F12")
def too_few_positives(
    positives_validation: Estimate, validation_recall: Curve | None, *, widest: float = 0.1
) -> Outcome:
    """Validation rows hold too few positives to tell anything finely.

    How it is detected
    ------------------
    The 95 % interval (Wilson) of a recall of one half, the usual yardstick, is wider than ± ``widest``: 92
    positives or fewer at the default. The rarer class counts where it is given as the number of positives.

    When it misleads
    ----------------
    It asks for caution and nothing else. Where the number of positives is known within bounds only, it must
    hold at both.

    Why it matters
    --------------
    Differences smaller than the interval are noise, and so is whatever is chosen by them: the epoch, the
    threshold, the better of two models.

    What to change
    --------------
    Cross-validate, repeatedly: then every positive judges once per repetition. Or collect more of them.

    Source
    ------
    Catalogue F12; Wilson (1927).
    """
    fewest, most = positives_validation.low, positives_validation.high
    if most <= 0.0:
        return Fired(
            "There is no positive among the validation rows: recall and ROC AUC are undefined, and precision "
            "can be nothing but 0.",
            evidence={"positives": 0},
            advice="Split with stratify=y, or cross-validate.",
            severity=Severity.ERROR,
        )
    if _half(0.5, fewest) <= widest:
        return Passed(
            f"{positives_validation.value:,.0f} positives tell a recall to ± {_half(0.5, fewest):.2f}"
        )
    if _half(0.5, most) <= widest:
        return CannotTell(f"the validation rows hold between {fewest:,.0f} and {most:,.0f} positives")
    shown = 0.5
    if validation_recall is not None and len(validation_recall):
        last = float(validation_recall.values[-1])
        shown = last if 0.0 <= last <= 1.0 else shown
    low, high = wilson(shown * most, most)
    held = (
        counted(round(most), "positive")
        if fewest == most
        else f"between {fewest:,.0f} and {counted(round(most), 'positive')}"
    )
    return Fired(
        f"The validation rows hold {held}. A recall of {shown:.2f} on "
        f"them means {low:.2f} to {high:.2f} (95 %), and one row more or less moves it by {1.0 / most:.2g}.",
        evidence={"positives": positives_validation.value, "recall": shown, "low": low, "high": high},
        advice="Cross-validate so that every positive judges, and report intervals.",
    )


def _half(share: float, rows: float) -> float:
    if rows <= 0.0:
        return 0.5
    low, high = wilson(share * rows, rows)
    return (high - low) / 2.0
