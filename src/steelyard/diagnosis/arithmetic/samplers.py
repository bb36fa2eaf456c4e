"""Which ways of resampling repeat rows, invent them or leave them out."""

from __future__ import annotations

REPEATING = frozenset({"random_over_sampling"})
"""The rarer class is repeated."""
INVENTING = frozenset(
    {
        "smote",
        "smote_nc",
        "svm_smote",
        "kmeans_smote",
        "borderline_smote",
        "adasyn",
        "smote_enn",
        "smote_tomek",
    }
)
"""Rows of the rarer class are put between others."""
OVERSAMPLING = REPEATING | INVENTING
LEAVING_OUT = frozenset({"random_under_sampling", "near_miss"})
"""Rows of the commoner class are left out, until the classes are even."""
BALANCED_BATCHES = frozenset({"balanced_batches"})
EVENING = OVERSAMPLING | LEAVING_OUT | BALANCED_BATCHES
"""After all of these the classes are even, unless asked otherwise."""


def spoken(name: str) -> str:
    """``random over-sampling``; SMOTE and ADASYN keep their capitals."""
    words = name.replace("over_", "over-").replace("under_", "under-").split("_")
    return " ".join(
        word.upper() if word in ("smote", "adasyn", "enn", "svm", "nc") else word for word in words
    )
