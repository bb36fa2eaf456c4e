"""IMB703: rows were resampled before the split, so validation is not natural."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.diagnosis.arithmetic.samplers import OVERSAMPLING, spoken
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import percent
from steelyard.finding import Confidence, Severity


@rule("IMB703", severity=Severity.ERROR, catalogue="G3")
def resampled_before_split(
    resampling: str | None,
    resampled_before_split: bool | None,
    base_rate_validation: Estimate | None,
    base_rate_raw: Estimate | None,
    data_warnings: Mapping[str, str] | None,
    *,
    even: float = 0.05,
    natural: float = 0.3,
) -> Outcome:
    """Rows were resampled first and split afterwards.

    How it is detected
    ------------------
    The code resamples before it splits; or the table shows rows that were invented between others (warning
    D109); or rows were over-sampled, the validation rows are even (within ``even`` of one half), and in
    nature fewer than ``natural`` are positive.

    When it misleads
    ----------------
    Leaving rows out before the split leaks nothing; it only makes the base rate, and with it loss, precision
    and F1, that of no real rows. It is a warning then. A base rate that is even by nature excludes the last
    way.

    Why it matters
    --------------
    Copies and mixtures of a row stand on both sides, so validation is partly an exam on learned answers. A
    network showed a ROC AUC of 0.980 like that, and 0.722 on untouched rows.

    What to change
    --------------
    Split first; resample the training rows only (``imblearn.pipeline.Pipeline`` inside cross-validation).

    Source
    ------
    Catalogue G3, measured on generated rows, 6.2% of them positive (two layers of 80 and 40 units);
    imbalanced-learn, "Common pitfalls".
    """
    made = resampling in OVERSAMPLING
    name = spoken(resampling) if resampling else "resampling"
    if resampled_before_split:
        rate = ""
        if base_rate_validation is not None:
            rate = f"; {percent(base_rate_validation.value)} of the validation rows are positive"
        if made or resampling in (None, "none"):
            return Fired(
                f"Rows were resampled ({name}) before they were split{rate}. Rows made from training rows "
                "are among those that judge, so every validation metric is too good.",
                evidence={"resampling": resampling or "unknown"},
                advice="Split first, and resample the training rows only.",
                settle="" if made else "Was the rarer class added to, or the commoner thinned out?",
                confidence=Confidence.CERTAIN if made else Confidence.LIKELY,
            )
        return Fired(
            f"Rows were left out ({name}) before the split{rate}. No row stands on both sides, but loss, "
            "precision and F1 are those of a base rate that new rows do not have.",
            evidence={"resampling": resampling or "unknown"},
            advice="Split first, and thin out the training rows only.",
            severity=Severity.WARNING,
            confidence=Confidence.CERTAIN,
        )
    if said := (data_warnings or {}).get("D109"):
        return Fired(
            f"The table holds rows that were invented before it was split: {said}",
            evidence={"warning": "D109"},
            advice="Give the table as it was, and resample the training rows only.",
        )
    if resampled_before_split is False:
        return Passed("the rows were split before they were resampled")
    if resampling == "none":
        return Passed("rows were not resampled")
    if not made or base_rate_validation is None or base_rate_raw is None:
        return CannotTell("it is not known whether the split or the resampling came first")
    if abs(base_rate_validation.value - 0.5) > even or base_rate_raw.high >= natural:
        return Passed(f"{percent(base_rate_validation.value)} of the validation rows are positive")
    return Fired(
        f"{percent(base_rate_validation.value)} of the validation rows are positive, but only "
        f"{percent(base_rate_raw.value)} by nature: they were resampled ({name}) as well, probably before "
        "the split. Then rows made from training rows are among those that judge.",
        evidence={
            "base_rate_validation": base_rate_validation.value,
            "base_rate_natural": base_rate_raw.value,
        },
        advice="Split first, and resample the training rows only.",
    )
