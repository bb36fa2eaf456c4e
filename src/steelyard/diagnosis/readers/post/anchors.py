"""Trainings and searches of a document, and which of them a place in its text belongs to."""

from __future__ import annotations

from steelyard.diagnosis.readers.post.claims import Claim
from steelyard.diagnosis.readers.post.evidence import Curves, Evidence
from steelyard.diagnosis.readers.post.pasted import PastedRun
from steelyard.diagnosis.readers.post.program import Search, Training
from steelyard.diagnosis.readers.post.results import PrintedDecisions
from steelyard.diagnosis.readers.post.tables import PrintedTable
from steelyard.diagnosis.readers.post.trials import ScoredTrials, is_a_search

Anchor = Training | Search | None
"""What a log is of; None: of something whose code the document does not show."""

_MOST = 200
"""Trainings and searches of one document; each becomes a log."""


def anchors_of(found: Evidence) -> list[Anchor]:
    """Searches, and trainings that are not the inside of one; the first 200 of them."""
    searched = {search.function for search in found.program.searches if search.function}
    trainings = [one for one in found.program.trainings if one.function not in searched]
    anchors: list[Anchor] = [*trainings, *found.program.searches]
    anchors.sort(key=lambda one: one.start if one is not None else 0)
    shows = found.curves or found.runs or found.scored or any(is_a_search(one, None) for one in found.tables)
    if not anchors and (shows or found.program.networks or is_pytorch(found)):
        return [None]
    return anchors[:_MOST]


def owner(anchors: list[Anchor], at: int) -> Anchor:
    """What a place in the text belongs to: the last training or search before it, else the first."""
    before = [one for one in anchors if one is not None and one.start <= at]
    return before[-1] if before else anchors[0]


class Own:
    """What of the evidence belongs to one training or search."""

    def __init__(self, found: Evidence, anchors: list[Anchor], anchor: Anchor) -> None:
        def mine(at: int) -> bool:
            return owner(anchors, at) is anchor

        self.curves: tuple[Curves, ...] = tuple(one for one in found.curves if mine(one.start))
        self.runs: tuple[PastedRun, ...] = tuple(one for one in found.runs if mine(one.start))
        self.tables: tuple[PrintedTable, ...] = tuple(one for one in found.tables if mine(one.start))
        self.scored: tuple[ScoredTrials, ...] = tuple(one for one in found.scored if mine(one.start))
        self.decisions: tuple[PrintedDecisions, ...] = tuple(
            one for one in found.decisions if mine(one.start)
        )
        self.claims: tuple[Claim, ...] = tuple(one for one in found.claims if mine(one.start))


def is_pytorch(found: Evidence) -> bool:
    """Is the code PyTorch's, without Keras on top?"""
    modules = found.program.modules
    return any(one == "torch" or one.startswith("torch.") for one in modules) and not any(
        "keras" in one for one in modules
    )
