"""DAT608: the same persons, devices or periods on both sides of the split."""

from __future__ import annotations

from collections.abc import Mapping

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import percent
from steelyard.finding import Confidence, Severity


@rule("DAT608", severity=Severity.WARNING, catalogue="F8")
def entities_in_both_parts(
    entities_shared: float | None,
    data_warnings: Mapping[str, str] | None,
    validation_way: str | None,
    *,
    some: float = 0.01,
    many: float = 0.05,
) -> Outcome:
    """Validation rows are of entities, or of a period, that were trained on.

    How it is detected
    ------------------
    More than ``some`` of the validation rows belong to a person, device or other group that has training
    rows too; up to ``many`` it is a smell. Or the base rate drifts along the table (warning D106) and the
    split is random, so that each period is on both sides.

    When it misleads
    ----------------
    If new rows will come from the same entities, they belong on both sides. And a key that has nothing to
    do with the label does no harm. That is for somebody to say who knows the table.

    Why it matters
    --------------
    A network can learn to know its customers, or the season; with new ones it will do worse than validation
    promises.

    What to change
    --------------
    Split by group, or by time.

    Source
    ------
    Catalogue F8; scikit-learn GroupKFold; deepchecks index and date leakage.
    """
    if entities_shared is not None and entities_shared > some:
        return Fired(
            f"{percent(entities_shared)} of the validation rows belong to an entity that was trained on as "
            "well. What the network remembers of it counts as skill.",
            evidence={"entities_shared": entities_shared},
            advice="Split by group, so that no entity is on both sides.",
            settle="Will predictions be needed for entities that were never seen? Then it matters.",
            severity=None if entities_shared > many else Severity.SMELL,
        )
    drift = (data_warnings or {}).get("D106")
    if drift and validation_way in ("random", "stratified"):
        return Fired(
            f"The split is random, and yet {drift[0].lower()}{drift[1:]} The network can learn the period, "
            "which new rows do not share.",
            evidence={"warning": "D106"},
            advice="Split by time, or in the order of the file.",
            settle="Score a model on the last period after training on those before.",
            confidence=Confidence.POSSIBLE,
        )
    if entities_shared is not None:
        return Passed(
            f"{percent(entities_shared)} of the validation rows belong to an entity that was trained on"
            if entities_shared
            else "no entity is on both sides"
        )
    if validation_way == "group":
        return Passed("the rows were split by group")
    if drift and validation_way is None:
        return CannotTell(
            f"{drift} How the rows were split is not known (supply --split random, or the code)"
        )
    return CannotTell(
        "which column names the person, device or other entity of a row is not known "
        "(supply --data FILE --target COLUMN with --group COLUMN)"
    )
