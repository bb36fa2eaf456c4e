"""What a search found, and how far it can be believed: calculations on its plan and trials alone."""

from steelyard.tuning.analysis.findings import CODES, Finding
from steelyard.tuning.analysis.importance import Importance, Share, importance
from steelyard.tuning.analysis.leaderboard import Entry, Leaderboard, leaderboard
from steelyard.tuning.analysis.ranking import Counts
from steelyard.tuning.analysis.review import findings
from steelyard.tuning.analysis.selection import Selection, selection
from steelyard.tuning.analysis.spreads import Spreads, spreads

__all__ = [
    "CODES",
    "Counts",
    "Entry",
    "Finding",
    "Importance",
    "Leaderboard",
    "Selection",
    "Share",
    "Spreads",
    "findings",
    "importance",
    "leaderboard",
    "selection",
    "spreads",
]
