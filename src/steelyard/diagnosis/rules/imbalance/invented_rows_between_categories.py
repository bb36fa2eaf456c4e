"""IMB705: SMOTE mixed columns that cannot be mixed."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.diagnosis.arithmetic.samplers import INVENTING, spoken
from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import counted
from steelyard.finding import Confidence, Severity
from steelyard.log import FeatureFact, LayerFact


@rule("IMB705", severity=Severity.WARNING, catalogue="G5")
def invented_rows_between_categories(
    resampling: str,
    one_hot_columns: int | None,
    features: tuple[FeatureFact, ...] | None,
    layers: tuple[LayerFact, ...] | None,
    scaling: str | None,
    framework: str | None,
    data_warnings: Mapping[str, str] | None,
    *,
    many: int = 50,
    ratio: float = 10.0,
) -> Outcome:
    """Rows were invented between categories, or by the widest column alone.

    How it is detected
    ------------------
    SMOTE or one of its kin was used, and inputs are columns of zeros and ones (counted where the columns are
    known; with ``many`` or more inputs and nothing else known, "possible": tables seldom hold so many
    measured numbers). Or nothing was scaled, and one column spreads ``ratio`` times as far as another.

    When it misleads
    ----------------
    SMOTENC treats categories as such, and so does Steelyard where it knows the column as one category;
    neither is reported. Wide tables of measurements (sensors, genes) have many inputs without categories.

    Why it matters
    --------------
    Between two levels there is nothing, but SMOTE puts 0.37 of one and 0.63 of the other there: rows only the
    invented class has, and a network learns to know them by that. Unscaled, "nearest" means nearest in the
    widest column.

    What to change
    --------------
    SMOTENC with the categories named, after scaling; or class weights; or a threshold, which needs neither.

    Source
    ------
    Catalogue G5; Chawla et al. (2002), section 6.1 for SMOTENC.
    """
    if resampling not in INVENTING:
        return Passed(f"no rows were invented ({resampling})")
    if resampling == "smote_nc":
        return Passed("SMOTENC takes categories as such")
    name = spoken(resampling)
    advice = "Use SMOTENC with the categories named, or no resampling and a chosen threshold."
    if said := (data_warnings or {}).get("D108"):
        return Fired(f"{name} mixes one-hot columns: {said}", evidence={"warning": "D108"}, advice=advice)
    if framework == "steelyard":
        return Passed("columns known as categories are not mixed")
    flags = one_hot_columns
    if flags is None and features is not None:
        flags = sum(one.minimum == 0.0 and one.maximum == 1.0 and one.distinct == 2 for one in features)
    inputs = layers[0].inputs if layers else None
    if flags:
        share = f"{flags} of {inputs} inputs" if inputs else counted(flags, "input")
        are = "is a column" if flags == 1 else "are columns"
        return Fired(
            f"{name} put new rows between existing ones, and {share} {are} of zeros and ones: between two "
            "categories there is nothing, so the new rows hold fractions that no real "
            "row has, and the network can know them by that.",
            evidence={"one_hot_columns": flags, "inputs": inputs or 0},
            advice=advice,
        )
    if features is not None and scaling in (None, "none"):
        spreads = [one.deviation for one in features if one.deviation > 0.0]
        if len(spreads) > 1 and max(spreads) > ratio * min(spreads):
            return Fired(
                f"{name} looks for nearest rows among inputs that were not scaled: one spreads "
                f"{max(spreads) / min(spreads):,.0f} times as far as another and decides alone what is near.",
                evidence={"spread_ratio": max(spreads) / min(spreads)},
                advice="Scale first, by the training rows.",
                confidence=None if scaling == "none" else Confidence.POSSIBLE,
                settle="" if scaling == "none" else "Were these columns scaled before rows were invented?",
            )
    if flags is None and inputs is not None and inputs >= many:
        return Fired(
            f"{name} put new rows between existing ones, and the network has {inputs} inputs, more than "
            "tables hold measured numbers as a rule: some are probably columns of zeros and ones, between "
            "which there is nothing. Then the new rows hold fractions that no real row has.",
            evidence={"inputs": inputs},
            advice=advice,
            settle=f"How many of the {inputs} inputs are only ever 0 or 1?",
            confidence=Confidence.POSSIBLE,
        )
    if flags is None:
        return CannotTell("it is not known which inputs are categories")
    return Passed("no input is a column of zeros and ones")
