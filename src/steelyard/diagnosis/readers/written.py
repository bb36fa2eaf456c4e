"""Whether a text is what a person wrote, around the output of a program or not."""

from __future__ import annotations

import re

_WRITTEN = re.compile(
    rb"^\s{0,8}(?:import \w|from \w{1,40}[\w.]{0,80} import )"
    rb"|^> \S"
    rb"|(?:\bSequential|\bDense|\w\.(?:add|compile|fit))\("
    rb"|\b(?:I'm|I am|I have|I use|I get|I tr(?:y|ied)|[Mm]y (?:model|network|data|loss|accuracy))\b"
    rb"|\b[Ww]hy (?:is|does|do|are)\b|\b[Hh]ow (?:do|can|to)\b",
    re.M,
)


def is_written(head: bytes) -> bool:
    """Does the beginning of a text hold code, a question or lines that quote another? Such a text is a post,
    which tells more than the output in it.

    >>> is_written(b"h = model.fit(x, y)"), is_written(b"Epoch 1/2 - loss: 0.5")
    (True, False)
    """
    return _WRITTEN.search(head) is not None
