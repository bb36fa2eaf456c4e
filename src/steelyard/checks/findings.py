"""The warnings about data and splits, by code: D1xx."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.codes import Code, table, worded


@dataclass(frozen=True)
class Finding:
    """One thing that was found, as a sentence with its numbers; ``str()`` puts the code in front.

    ``columns`` are the names of the columns it is about, worst first; empty if it is about rows.
    """

    code: str
    message: str
    columns: tuple[str, ...] = ()

    def __str__(self) -> str:
        return worded(self.code, self.message)


CODES = table(
    (
        Code(
            "D101",
            "one column predicts alone",
            "A single column that ranks as well as a good model, and better than all others together, is "
            "more often a consequence of the target than a cause: the length of a call that ended in a sale, "
            "a value computed from the purchase.",
            "Ask whether its value is known when the prediction is needed; if not, drop it.",
        ),
        Code(
            "D102",
            "missing values predict alone",
            "Whether a value is there often depends on what happened afterwards: a form that only buyers "
            "fill in.",
            "Ask whether the gap is there when the prediction is needed; if not, drop the column.",
        ),
        Code(
            "D103",
            "the same rows in different parts",
            "A row that was trained on is no test: the network may remember it. Rows repeated before the "
            "split, to balance the classes, look like this.",
            "Remove the repetitions, or split by a group that keeps them together.",
        ),
        Code(
            "D104",
            "an identifier is used as a number",
            "Larger keys are not more of anything. In training a key can stand for the order of the rows, "
            "which new rows do not share.",
            "Drop the column.",
        ),
        Code(
            "D105",
            "the base rate differs between the parts",
            "Average precision, precision and thresholds depend on the base rate, so they are not comparable "
            "between parts; probabilities are off by the difference.",
            "Expected of a split by time, which shows what deployment will meet; else stratify.",
        ),
        Code(
            "D106",
            "the base rate drifts along the rows",
            "Rows in order of time whose base rate changes: a random split lets the model learn the period, "
            "and promises more than the next period will keep.",
            "Split by time or in file order.",
        ),
        Code(
            "D107",
            "few positives in a part",
            "Differences smaller than the interval are noise, and so is whatever is chosen by them: the "
            "epoch, the threshold, the better of two recipes.",
            "Use cross-validation, which judges on every row.",
        ),
        Code(
            "D108",
            "SMOTE on one-hot columns",
            "Between two levels there is nothing, but SMOTE puts 0.37 of one and 0.63 of the other there: "
            "rows that only the invented class has.",
            "Give the table the category as one column of text: smote then becomes SMOTENC.",
        ),
        Code(
            "D109",
            "rows that were invented before the split",
            "A row that SMOTE has put between two others tells about both of them; if they are divided, what "
            "is judged has been trained on. Scores come out far too good, and the base rate is not the real "
            "one.",
            "Give the table as it was, and ask for smote in the recipe: it stays inside each fold.",
        ),
        Code(
            "D110",
            "one column is strong",
            "A column that ranks as well as a good model may be a consequence of the target. That the others "
            "together rank better speaks for an honest one, but a leak among good columns looks the same.",
            "Ask whether its value is known when the prediction is needed; if not, drop it.",
        ),
    )
)
"""Every code, in the order of the documentation."""
