"""What a text says in words and in printed counts, beside its code."""

from __future__ import annotations

import re
from typing import Any

from steelyard.diagnosis.readers.post.anchors import Anchor, Own
from steelyard.diagnosis.readers.post.claims import Claim
from steelyard.diagnosis.readers.post.class_weights import class_weights
from steelyard.diagnosis.readers.post.evidence import Evidence
from steelyard.diagnosis.readers.post.parts import part_of
from steelyard.diagnosis.readers.post.program import Training
from steelyard.diagnosis.readers.post.sheet import FactSheet

_SOME_FACTS = ("learning_rate", "batch_size", "planned_epochs", "optimizer", "loss")
"""What a text says beside its code, where the two may differ."""


def put_said(sheet: FactSheet, found: Evidence, own: Own, varied: set[str], notes: list[str]) -> None:
    """What the text says in words. Where code says otherwise the code counts, and a note tells."""
    for claim in own.claims:
        if claim.fact in _SOME_FACTS and claim.fact not in varied:
            value: Any = claim.value
            if claim.fact in ("batch_size", "planned_epochs"):
                value = int(float(value))
            known = sheet[claim.fact]
            if known is None:
                sheet.put(claim.fact, value, f"the text: {claim.quote}")
            elif known != value:
                notes.append(
                    f"{claim.fact} is {value} in the words of the text ({claim.quote}) and {known} by "
                    f"{sheet.origin(claim.fact)}, which is believed"
                )
        elif claim.fact in ("rows_train", "rows_validation", "positives_train", "positives_validation"):
            sheet.put(claim.fact, int(float(claim.value)), f"the text: {claim.quote}")
        elif claim.fact == "reported_auc":
            sheet.put("reported_auc", claim.value, f"the text: {claim.quote}")
            _put_reported_on(sheet, found, claim)
    for claim in found.claims:
        if claim.fact in ("odds_said", "base_rate"):
            sheet.put(claim.fact, claim.value, f"the text: {claim.quote}")


def _put_reported_on(sheet: FactSheet, found: Evidence, claim: Claim) -> None:
    scored = [
        one for one in found.program.measured if one.function == "roc_auc_score" and one.start < claim.start
    ]
    said = [(" ".join(one.names), f"{one.function}({', '.join(one.names)})") for one in scored[-1:]]
    for text, origin in (*said, (claim.quote, f"the text: {claim.quote}")):
        for split, words in (("test", r"test|holdout"), ("validation", r"val"), ("train", r"train")):
            if re.search(rf"(?:^|[\W_]){words}", text, re.I):
                sheet.put("reported_on", split, origin)
                return


def put_counts(sheet: FactSheet, found: Evidence) -> None:
    """Printed class counts, as those of the rows that they fit."""
    resampled = sheet["resampling"] not in (None, "none")
    for counts in found.counts:
        total = counts.negatives + counts.positives
        origin = f"printed class counts: {counts.quote}"
        part = part_of(found, counts.start)
        if total == sheet["rows_validation"] or (part == "validation" and sheet["rows_validation"] is None):
            sheet.put("positives_validation", counts.positives, origin)
            sheet.put("rows_validation", total, origin)
        elif total == sheet["rows_train"] or (part == "train" and sheet["rows_train"] is None):
            if not resampled:
                sheet.put("positives_train", counts.positives, origin)
                sheet.put("rows_train", total, origin)
        elif not (resampled and counts.positives == counts.negatives):
            sheet.put("base_rate", counts.positives / total, origin)
    for share in found.shares:
        sheet.put("base_rate", share.positives, f"printed shares of the classes: {share.quote}")


def put_balanced_weights(sheet: FactSheet, anchor: Anchor) -> None:
    """The weights that scikit-learn's formula gives at the base rate that the text tells."""
    if not isinstance(anchor, Training) or sheet["class_weight"] is not None:
        return
    asked = class_weights(anchor.call.argument(None, "class_weight"))
    rate, by = sheet["base_rate"], sheet.origin("base_rate")
    if sheet["positives_train"] and sheet["rows_train"]:
        rate, by = sheet["positives_train"] / sheet["rows_train"], sheet.origin("positives_train")
    elif rate is None and sheet["odds_said"] is not None:
        rate, by = 1 / (1 + sheet["odds_said"]), f"{sheet.origin('odds_said')}, positives as the rarer class"
    if asked.balanced and rate:
        pair = (0.5 / (1 - rate), 0.5 / rate)
        sheet.put("class_weight", pair, f"inferred: 'balanced' ({by})")
