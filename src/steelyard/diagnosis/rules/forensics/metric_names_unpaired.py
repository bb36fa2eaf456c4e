"""LOG910: metrics that have different names on training and validation rows."""

from __future__ import annotations

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.wording import listed
from steelyard.finding import Confidence, Severity


@rule("LOG910", severity=Severity.SMELL, confidence=Confidence.CERTAIN, catalogue="forensics")
def metric_names_unpaired(names_unpaired: tuple[str, ...], framework: str | None) -> Outcome:
    """A metric of one split has no namesake in the other.

    How it is detected
    ------------------
    Both splits were measured, and a metric appears for one of them only: in a log of Keras, which measures
    all of them on both, or where each split has one that the other lacks. The readers have already undone
    what Keras does to names (``val_``, and the numbers of ``auc_1``).

    When it misleads
    ----------------
    Someone may want a metric on validation rows only, and other frameworks and people's own loops do so by
    habit: there it passes. What is measured once per epoch, such as the learning rate, does not count.

    Why it matters
    --------------
    Early stopping and checkpoints that watch the missing name do nothing, with no more than a warning. And
    two curves with different names are easily held for one measured twice, or the reverse.

    What to change
    --------------
    Give metrics a name: ``keras.metrics.AUC(name="auc")``.

    Source
    ------
    Keras counts up the names of metric objects that were made without one: ``auc``, ``auc_1``, ``auc_2``.
    """
    if not names_unpaired:
        return Passed("every metric has its like in the other split")
    splits = {name.partition("_")[0] for name in names_unpaired}
    if len(splits) == 1 and not (framework or "").startswith("keras"):
        return Passed(f"{listed(names_unpaired)}: measured on rows of one split only, as loops often do")
    one = len(names_unpaired) == 1
    names = [name.replace("_", " ") for name in names_unpaired]
    return Fired(
        f"The {'metric' if one else 'metrics'} {listed(names)} {'has' if one else 'have'} no counterpart in "
        f"the other split, so {'it' if one else 'they'} cannot be compared, and a callback that watches the "
        "missing name does nothing.",
        evidence={"names": ", ".join(names_unpaired)},
        advice="Name the metrics (AUC(name='auc')) and measure them on both splits.",
    )
