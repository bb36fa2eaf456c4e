"""A document of prose, code and output, and where each is, as far as its format says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from steelyard.diagnosis.readers.typography import typed, without_entities

_FENCE = re.compile(r"^ {0,3}(```|~~~)[^\S\n]*([\w.+-]*)[^\n]*$", re.M)
_PYTHON = frozenset({"", "python", "python3", "py", "ipython", "ipython3", "pycon"})
_QUOTED = re.compile(r"^(?:> ){1,9}(?!>)", re.M)
"""As mail and Markdown mark the lines of others; ``>>> `` is a prompt."""
_PROMPT = re.compile(
    r"^(?:>>> |\.\.\. |In ?\[[\d ]{0,6}\]: ?|Out ?\[[\d ]{0,6}\]: ?| {2,12}\.{3,6}: ?)", re.M
)
_PROGRESS = re.compile(r"^[^\n|]{0,40}\d{1,3}%\|[^\n]{0,200}$", re.M)


@dataclass(frozen=True)
class Part:
    """``kind`` is ``code``, ``output``, ``prose``, or ``mixed`` where only the text itself can tell."""

    kind: str
    start: int
    end: int
    place: str = ""
    """``cell 7``; empty if the document has no such places."""


@dataclass(frozen=True)
class Document:
    """Text, and its parts in order."""

    source: str
    text: str
    parts: tuple[Part, ...]

    def only(self, *kinds: str) -> str:
        """The text with all other parts blanked: places in it stay places in the document."""
        pieces: list[str] = []
        at = 0
        for part in self.parts:
            pieces.append(blank(self.text[at : part.start]))
            piece = self.text[part.start : part.end]
            pieces.append(piece if part.kind in kinds else blank(piece))
            at = part.end
        return "".join([*pieces, blank(self.text[at:])])

    def place(self, at: int) -> str:
        """In which part of the document this place is."""
        return next((part.place for part in self.parts if part.start <= at < part.end), "")

    def kind(self, at: int) -> str:
        """What stands at this place."""
        return next((part.kind for part in self.parts if part.start <= at < part.end), "mixed")


def document_of(text: str, source: str) -> Document:
    """A post, a script or notes in Markdown. Fenced blocks are code or output; prompts and progress bars are
    blanked, and quotes and dashes are those of a keyboard."""
    text = typed(without_entities(text))
    text = _PROGRESS.sub(lambda found: " " * len(found[0]), text)
    text = _QUOTED.sub("", text)
    text = _PROMPT.sub(lambda found: " " * len(found[0]) if ":" in found[0] else "", text)
    marks = list(_FENCE.finditer(text))
    if len(marks) < 2:
        return Document(source, text, (Part("mixed", 0, len(text)),))
    parts: list[Part] = []
    at = 0
    for opening, closing in zip(marks[::2], marks[1::2], strict=False):
        parts.append(Part("prose", at, opening.start()))
        language = opening[2].lower()
        kind = "mixed" if language in _PYTHON else "output"
        parts.append(Part(kind, opening.end(), closing.start()))
        at = closing.end()
    parts.append(Part("mixed" if len(marks) % 2 else "prose", at, len(text)))
    return Document(source, text, tuple(part for part in parts if part.end > part.start))


def blank(text: str) -> str:
    """Spaces and a line end, as long as the text: what follows begins a line, and nothing spans it."""
    return " " * (len(text) - 1) + "\n" if text else ""


def without(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with these spans blanked."""
    pieces: list[str] = []
    at = 0
    for start, end in sorted(spans):
        if end <= at:
            continue
        start = max(start, at)
        pieces += [text[at:start], blank(text[start:end])]
        at = end
    return "".join([*pieces, text[at:]])
