"""DAT602: inputs with missing or infinite values, or with one value only."""

from __future__ import annotations

import math

import numpy as np

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.diagnosis.wording import counted
from steelyard.finding import Confidence, Severity
from steelyard.log import FeatureFact


@rule("DAT602", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="F2")
def inputs_missing_or_constant(
    features: tuple[FeatureFact, ...], train_loss_logged: Curve | None, *, enough_rows: int = 1000
) -> Outcome:
    """Inputs hold values that are no numbers, or always the same one.

    How it is detected
    ------------------
    A column has missing or infinite values, or a single value in at least ``enough_rows`` rows.

    When it misleads
    ----------------
    A rare flag is constant in a small sample: of 30 rows with nothing but zeros one can only say that ones
    are fewer than one in ten, so nothing is said of constants in small samples. If the training loss is a
    number throughout, the gaps were filled before training or are allowed for, as trees do, and it is a
    smell: how they were filled matters.

    Why it matters
    --------------
    One NaN in a batch makes every weight NaN. A constant column is a second bias and nothing else.

    What to change
    --------------
    Fill gaps from training rows and add a column that says where they were; drop constant columns.

    Source
    ------
    Catalogue F2; deepchecks, TheDeepChecker and UMLAUT check the same.
    """
    missing = [one for one in features if one.missing]
    infinite = [one for one in features if math.isinf(one.minimum) or math.isinf(one.maximum)]
    still = [one for one in features if one.minimum == one.maximum and one.missing < one.rows]
    known_still = [one for one in still if one.rows >= enough_rows]
    clauses = []
    if missing:
        have = "has" if len(missing) == 1 else "have"
        worst = max(missing, key=lambda one: one.missing / one.rows)
        clauses.append(
            f"{len(missing)} of {len(features)} inputs {have} missing values (most in {worst.name}: "
            f"{worst.missing:,} of {worst.rows:,} rows)"
        )
    if infinite:
        holds = "holds" if len(infinite) == 1 else "hold"
        clauses.append(f"{counted(len(infinite), 'input')} {holds} infinity ({infinite[0].name} first)")
    if known_still:
        clauses.append(
            f"{counted(len(known_still), 'input')} never {'changes' if len(known_still) == 1 else 'change'} "
            f"(in {known_still[0].name} all {known_still[0].rows - known_still[0].missing:,} "
            f"rows are {known_still[0].minimum:g})"
        )
    if not clauses:
        if still:
            return CannotTell(
                f"{still[0].name} is {still[0].minimum:g} in all {still[0].rows} known rows, which are too "
                f"few to call it constant: other values may be up to {min(3.0 / still[0].rows, 1.0):.0%} of "
                "all"
            )
        return Passed(f"{len(features)} inputs vary and have no gaps")
    finite = train_loss_logged is not None and bool(np.isfinite(train_loss_logged.values).all())
    harmless = not (missing or infinite) or finite
    filled = " The training loss is a number all the same, so they were filled or allowed for."
    said = filled if finite and missing else ""
    return Fired(
        f"{'; '.join(clauses)}.{said}",
        evidence={"missing": len(missing), "infinite": len(infinite), "constant": len(known_still)},
        advice="Fill gaps by the training rows' median with a column that marks them; drop what never "
        "changes.",
        severity=Severity.SMELL if harmless else None,
    )
