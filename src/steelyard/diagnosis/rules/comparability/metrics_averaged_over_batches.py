"""CMP108: precision, recall or F1 is a plain function of a batch, averaged over batches."""

from __future__ import annotations

from steelyard.diagnosis.rule import Fired, Outcome, Passed, rule
from steelyard.diagnosis.signals import Estimate
from steelyard.diagnosis.wording import listed, percent
from steelyard.finding import Confidence, Severity

_RATIOS = ("f1", "fbeta", "precision", "recall", "sensitivity", "auc", "mcc", "matthews")


@rule("CMP108", severity=Severity.WARNING, confidence=Confidence.CERTAIN, catalogue="A8")
def metrics_averaged_over_batches(
    metric_functions: tuple[str, ...],
    batch_size: int | None,
    base_rate_train: Estimate | None,
    base_rate_validation: Estimate | None,
) -> Outcome:
    """Precision, recall or F1 is computed per batch and averaged over batches.

    How it is detected
    ------------------
    Among the metrics of the program is a plain function whose name says precision, recall, F1, AUC or
    correlation. What Keras logs of a function is its mean over batches. A batch of B rows holds no positive
    with probability (1 - p)^B, p the base rate; in it all of these are 0 or undefined.

    When it misleads
    ----------------
    Metric objects of ``keras.metrics`` count over the whole epoch; they are no plain functions and pass.

    Why it matters
    --------------
    The mean of ratios is not the ratio of the whole: the logged values depend on the batch size and are too
    low where positives are rare. At one positive in 21 rows 21% of batches of 32 have none, at 0.18% it is
    94%.

    What to change
    --------------
    Use ``keras.metrics.Precision()``, ``Recall()``, ``F1Score()`` and ``AUC()``, or compute them from
    predictions at the end of the epoch.

    Source
    ------
    Catalogue A8; Keras issues 4592, 5794 and 6002: Keras 2 removed these functions for this reason.
    """
    found = [name for name in metric_functions if any(part in name.lower() for part in _RATIOS)]
    if not found:
        return Passed("no metric that is a ratio of counts is a plain function of a batch")
    evidence: dict[str, float | int | str] = {"metrics": ", ".join(found)}
    empty = ""
    rates = {"training": base_rate_train, "validation": base_rate_validation}
    if batch_size is not None:
        parts = []
        for split, rate in rates.items():
            if rate is not None:
                most, least = (1.0 - rate.low) ** batch_size, (1.0 - rate.high) ** batch_size
                evidence[f"{split}_batches_without_positive"] = (1.0 - rate.value) ** batch_size
                shares = [percent(least)] if least == most else [percent(least), percent(most)]
                parts.append(f"{' to '.join(shares)} of {split} batches")
        if parts:
            evidence["batch_size"] = batch_size
            empty = (
                f" With {batch_size} rows to a batch, {' and '.join(parts)} hold no positive at all and "
                "count as 0."
            )
    what = f"The metric {found[0]} is a plain function"
    if len(found) > 1:
        what = f"The metrics {listed(found)} are plain functions"
    return Fired(
        f"{what} of a batch, and the log holds the mean over batches, which is not the value for all "
        f"rows.{empty}",
        evidence=evidence,
        advice="Use keras.metrics.Precision(), Recall() and F1Score(), which count over the whole epoch.",
    )
