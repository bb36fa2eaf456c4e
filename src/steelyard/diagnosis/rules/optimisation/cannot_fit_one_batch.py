"""OPT309: the network cannot even learn one batch by heart."""

from __future__ import annotations

import math

from steelyard.diagnosis.rule import CannotTell, Fired, Outcome, Passed, rule
from steelyard.finding import Severity


@rule("OPT309", severity=Severity.ERROR, catalogue="C9", unless=("OPT308", "ARC501", "ARC508"))
def cannot_fit_one_batch(one_batch_loss: float, *, share: float = 0.01) -> Outcome:
    """The network cannot learn a single batch by heart.

    How it is detected
    ------------------
    By an experiment of seconds, of which only the result is read here: 16 to 64 training rows of both
    classes, no penalty, no dropout, up to 1000 steps. The loss reached must be below ``share`` of ln 2, that
    of a network that is undecided. Without the experiment the rule does not apply.

    When it misleads
    ----------------
    Rows that are alike in every input but not in their label cannot be learned by heart. A network without
    hidden layers cannot learn every batch either.

    Why it matters
    --------------
    A network of a few hundred weights can learn a few dozen rows. One that cannot has a bug, in the data, the
    labels or the code, and no setting will mend it.

    What to change
    --------------
    Look for labels that do not belong to their rows, an activation that does not fit the loss, layers that
    are not trained, inputs that are all alike.

    Source
    ------
    Catalogue C9; Karpathy's recipe; Lightning's overfit_batches; TheDeepChecker (which asks for 1e-5).
    """
    limit = share * math.log(2.0)
    if not math.isfinite(one_batch_loss):
        return CannotTell("the loss reached on one batch is not a number: see OPT308 for what may cause that")
    if one_batch_loss < limit:
        return Passed(f"one batch was learned by heart: loss {one_batch_loss:.2g}")
    return Fired(
        f"Trained on one batch alone, the network still has a loss of {one_batch_loss:.3g}; it should learn "
        f"a few dozen rows by heart (below {limit:.2g}). That points to a bug, not to a setting.",
        evidence={"one_batch_loss": one_batch_loss, "should_be_below": limit},
        advice="Check labels against rows, output activation against loss, and that the layers are trained.",
        settle="Make sure that no two rows of the batch have equal inputs and different labels.",
    )
