"""REG402: a network that does better on training rows, which is no fault."""

from __future__ import annotations

from steelyard.diagnosis.arithmetic.rise import rise
from steelyard.diagnosis.measured import finite_part, last_known
from steelyard.diagnosis.rule import CannotTell, Outcome, Passed, rule
from steelyard.diagnosis.signals import Curve
from steelyard.finding import Severity


@rule("REG402", severity=Severity.SMELL, catalogue="D2")
def gap_without_rise(
    train_skill: Curve,
    validation_skill: Curve,
    validation_loss: Curve,
    *,
    gap: float = 0.1,
    percent: float = 5.0,
) -> Outcome:
    """Training rows are predicted better than validation rows, and nothing is wrong with that.

    How it is detected
    ------------------
    It never fires. It compares skill, 1 - loss / entropy of the base rate, on training and on validation rows
    at the end of the run, and says of a gap of more than ``gap`` whether the validation loss rises (by more
    than ``percent`` above its lowest point; then REG401 judges it) or not, and that it is then no fault.

    When it misleads
    ----------------
    It is here because of what misleads: most published rules call this gap overfitting, and fire on 37 % to
    100 % of sound runs.

    Why it matters
    --------------
    Who fights the gap gives up what the network knows about validation rows too.

    What to change
    --------------
    Nothing.

    Source
    ------
    Catalogue D2; Tuning playbook: overfitting is a problem where the validation loss rises.
    """
    at_train, at_validation = last_known(train_skill), last_known(validation_skill)
    losses = finite_part(validation_loss)
    if at_train is None or at_validation is None or not len(losses):
        return CannotTell("nothing was measured")
    train, train_low, train_high = at_train
    validation, validation_low, validation_high = at_validation
    low, high = train_low - validation_high, train_high - validation_low
    if low <= gap < high:
        return CannotTell(f"the gap in skill is only known to lie between {low:.2f} and {high:.2f}")
    seen = f"skill {train:.2f} on training rows, {validation:.2f} on validation rows"
    if high <= gap:
        return Passed(f"{seen}: no gap to speak of")
    found = rise(losses.values)
    if found.lowest <= 0.0 < found.height:
        return Passed(f"{seen}, and the validation loss rises from 0: see REG401")
    if found.percent > percent:
        return Passed(f"{seen}, and the validation loss rises by {found.percent:.0f}%: see REG401")
    return Passed(f"{seen}: a gap, but the validation loss does not rise, so it is no fault")
