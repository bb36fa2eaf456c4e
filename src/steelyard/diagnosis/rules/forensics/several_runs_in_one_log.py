"""LOG909: more than one run in one log."""

from __future__ import annotations

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import counted, listed
from steelyard.finding import Confidence, Severity


@rule("LOG909", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="forensics")
def several_runs_in_one_log(segments: tuple[tuple[int, int], ...]) -> Outcome:
    """The log holds more than one run, one after the other.

    How it is detected
    ------------------
    The epochs start again within the log: it was appended to, or ``fit`` was called again.

    When it misleads
    ----------------
    A run that was interrupted and resumed may count its epochs anew and still be one run: the curve then goes
    on where it stopped.

    Why it matters
    --------------
    Drawn as one curve, the start of the second run looks like a collapse of the first, and the best epoch may
    be one of another run. All other findings are about the last run of the log.

    What to change
    --------------
    Write each run to a file of its own (``CSVLogger(append=False)``), or count on (``initial_epoch=``).

    Source
    ------
    Keras: ``CSVLogger(append=True)``, and ``fit`` called twice on one History.
    """
    if len(segments) < 2:
        return Passed("the log holds one run")
    lengths = [last - first + 1 for first, last in segments]
    return Fired(
        f"The log holds {len(segments)} runs, one after the other, of {listed(lengths)} epochs. What is "
        f"judged here is the last one, of {counted(lengths[-1], 'epoch')}.",
        evidence={"runs": len(segments), "epochs_of_last": lengths[-1]},
        advice="Write each run to a log of its own, or go on counting with initial_epoch=.",
    )
