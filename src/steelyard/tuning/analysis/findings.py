"""The warnings about a search, by code: T1xx."""

from __future__ import annotations

from dataclasses import dataclass

from steelyard.codes import Code, table, worded
from steelyard.recipe import Change
from steelyard.study import Parameter


@dataclass(frozen=True)
class Finding:
    """One thing that was found, as a sentence with its numbers; ``str()`` puts the code in front.

    What to do about it comes as data, where data can say it: ``changes`` of the recipe, ``parameters`` to
    put in the place of those of the same path, and the ``metric`` to rank by instead, or an empty string.
    ``trials`` are the numbers of those it is about.
    """

    code: str
    message: str
    trials: tuple[int, ...] = ()
    changes: tuple[Change, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    metric: str = ""

    def __str__(self) -> str:
        return worded(self.code, self.message)


CODES = table(
    (
        Code(
            "T101",
            "the best trials lie on the edge of the space",
            "What is best inside a space need not be good: here the score still improves where the space "
            "ends.",
            "Widen the range on that side, or add values, and let the search go on.",
        ),
        Code(
            "T102",
            "the ranking metric cannot rank",
            "If every trial has the same score, as accuracy does where all predict the majority, the first "
            "trial wins by being the first.",
            "Rank by a metric of the probabilities: average_precision, or log_loss.",
        ),
        Code(
            "T103",
            "the configurations differ by no more than noise",
            "The means of the trials are no further apart than equally good configurations would be by the "
            "chance of folds and seeds. The winner is a lucky number.",
            "Search where it matters: other parameters, wider ranges; or measure more finely, with more "
            "folds and seeds. Any of the trials can be taken; the fastest or the plainest is as good.",
        ),
        Code(
            "T104",
            "networks diverged",
            "A part of the space is not searched but wasted; and next to where all networks diverge lie "
            "points where some seeds do.",
            "Cut the part off where they diverge, or clip gradients.",
        ),
        Code(
            "T105",
            "the best trials were still improving when they ended",
            "Their best epoch is the last one they were given: the search ranks how fast recipes learn, not "
            "how well.",
            "Give them more epochs.",
        ),
        Code(
            "T106",
            "too few positives to rank by",
            "The score of a single model is known less precisely than the trials differ, however many trials "
            "there are.",
            "More rows of the rarer class help; more trials do not. With one fold, give more folds.",
        ),
        Code(
            "T107",
            "the search promised more than the test rows keep",
            "A score by which the best of many was picked is too high. What rows say that nothing was chosen "
            "on is what to expect.",
            "Tell the held-out score to others, not the search's. Fewer trials, or more folds, deceive less.",
        ),
    )
)
"""Every code, in the order of the documentation."""
