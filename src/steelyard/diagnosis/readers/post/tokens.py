"""Tokens of Python code that stands among prose: what Python's own tokenizer would refuse to look at.

Text that is no code gives tokens too; they make no statement, and nothing more is asked of them. An
apostrophe is no string (``sklearn's``), a bracket need not be closed, and where a web page has put a whole
program onto one line a comment does not end it.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from keyword import kwlist

NAME, NUMBER, STRING, NUMBERS, OPEN, CLOSE, OPERATOR, NEWLINE, OTHER = range(9)
"""Kinds of token. ``NUMBERS`` is a whole list of numbers in square brackets, which keeps data small."""

KEYWORDS = frozenset(kwlist)
_NO_NAMES = KEYWORDS - {"False", "None", "True"}

_MARK = re.compile(
    r"""
      (?P<space>(?:[^\S\n]|\\\r?\n)++)
    | (?P<newline>\n)
    | (?P<name>(?!\d)\w++)
    | (?P<number>(?:0[xX][\da-fA-F]++|(?:\d[\d_]*+\.?+\d*+|\.\d++)(?:[eE][-+]?+\d++)?+))
    | (?P<numbers>\[[-+\d.,\sanifeoNAIE]{32,}+\])
    | (?P<open>[(\[{])
    | (?P<close>[)\]}])
    | (?P<comment>\#)
    | (?P<operator>\*\*|//|<<|>>|[=!<>]=|->|[-+*/%@&|^~<>=.,:;])
    | (?P<quote>\"\"\"|'''|["'])
    | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_KINDS = {
    "newline": NEWLINE,
    "name": NAME,
    "number": NUMBER,
    "numbers": NUMBERS,
    "open": OPEN,
    "close": CLOSE,
    "operator": OPERATOR,
    "other": OTHER,
    "quote": OTHER,
}
_STRINGS = {
    "'": re.compile(r"'(?:[^'\\\n]|\\.){0,2000}+'"),
    '"': re.compile(r'"(?:[^"\\\n]|\\.){0,2000}+"'),
    "'''": re.compile(r"'''(?:[^'\\]|\\.|'(?!'')){0,20000}+'''", re.DOTALL),
    '"""': re.compile(r'"""(?:[^"\\]|\\.|"(?!"")){0,20000}+"""', re.DOTALL),
}
_PREFIXES = re.compile(r"(?i:[rbfu]|br|rb|fr|rf)\Z")
_BEFORE_A_STRING = frozenset(
    {"in", "is", "not", "and", "or", "if", "else", "return", "elif", "assert", "yield"}
)
_COMMENT_AT_MOST = 200
"""Characters of a comment; what follows ``#`` for longer on one line, with calls in it, is code that lost its
line ends."""
_CALL = re.compile(r"\w\([^()]{0,200}+[()]")
_MARKS = (OPERATOR, OPEN, CLOSE)
_CLOSES = {")": "(", "]": "[", "}": "{"}
_DEPTH_SEARCHED = 64
"""Open brackets that a closing one looks back over for its partner."""


@dataclass(frozen=True, eq=False)
class Tokens:
    """Tokens of a text without space and comments.

    ``kinds[i]``, ``starts[i]`` and ``ends[i]`` describe token i; ``partners[i]`` is the token that closes
    the bracket it opens, -1 if none does or it is no bracket.
    """

    text: str
    kinds: Sequence[int]
    starts: Sequence[int]
    ends: Sequence[int]
    partners: Sequence[int]
    lines: Sequence[int]
    """Where the line of each begins."""
    flattened: bool
    """Has the text a line on which code goes on after a comment?"""

    def __len__(self) -> int:
        return len(self.kinds)

    def __getitem__(self, i: int) -> str:
        return self.text[self.starts[i] : self.ends[i]]

    def is_name(self, i: int) -> bool:
        """Is token i a name that is no keyword?"""
        return i < len(self.kinds) and self.kinds[i] == NAME and self[i] not in _NO_NAMES

    def is_mark(self, i: int, mark: str) -> bool:
        """Is token i this operator or bracket?"""
        return (
            i < len(self.kinds)
            and self.kinds[i] in _MARKS
            and self.text.startswith(mark, self.starts[i])
            and (self.ends[i] - self.starts[i] == len(mark))
        )

    def touches(self, i: int) -> bool:
        """Does token i follow the one before it without a space?"""
        return 0 < i < len(self) and self.ends[i - 1] == self.starts[i]


def tokens(text: str) -> Tokens:
    """All tokens of ``text``. Takes time in proportion to its length, whatever is in it."""
    kinds, starts, ends, lines = array("b"), array("i"), array("i"), array("i")
    at, line, flattened = 0, 0, False
    while at < len(text):
        mark = _MARK.match(text, at)
        assert mark is not None  # the last alternative matches anything
        group = str(mark.lastgroup)
        end = mark.end()
        if group == "space":
            at = end
            continue
        if group == "comment":
            line_end = _line_end(text, at)
            if line_end - at > _COMMENT_AT_MOST and _CALL.search(text, at, line_end):
                flattened, kind = True, OTHER
            else:
                at = line_end
                continue
        else:
            kind = _KINDS[group]
        if group == "quote" and (prefix := _may_open_a_string(text, at, kinds, starts, ends)) is not None:
            found = _STRINGS[mark[0]].match(text, at)
            if found is not None:
                kind, end = STRING, found.end()
                if prefix:
                    at = starts.pop()
                    kinds.pop()
                    ends.pop()
                    lines.pop()
        kinds.append(kind)
        starts.append(at)
        ends.append(end)
        lines.append(line)
        line = end if kind == NEWLINE else line
        at = end
    return Tokens(text, kinds, starts, ends, _partners(text, kinds, starts), lines, flattened)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _may_open_a_string(
    text: str, at: int, kinds: Sequence[int], starts: Sequence[int], ends: Sequence[int]
) -> bool | None:
    """May a quote at this place open a string, after what came before it? True if a prefix belongs to it."""
    if not kinds or kinds[-1] in (OPEN, OPERATOR, NEWLINE, STRING):
        return False
    if kinds[-1] != NAME:
        return None
    before = text[starts[-1] : ends[-1]]
    if ends[-1] == at:
        return True if _PREFIXES.match(before) and (len(kinds) < 2 or kinds[-2] != NAME) else None
    return False if before in _BEFORE_A_STRING else None


def _partners(text: str, kinds: Sequence[int], starts: Sequence[int]) -> Sequence[int]:
    partners = array("i", [-1]) * len(kinds)
    opened = array("i")
    for i, kind in enumerate(kinds):
        if kind == OPEN:
            opened.append(i)
        elif kind == CLOSE:
            wanted = _CLOSES[text[starts[i]]]
            for back in range(1, min(len(opened), _DEPTH_SEARCHED) + 1):
                if text[starts[opened[-back]]] == wanted:
                    partners[opened[-back]] = i
                    del opened[-back:]
                    break
    return partners
