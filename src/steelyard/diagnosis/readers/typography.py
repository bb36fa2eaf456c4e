"""Dashes, quotes and spaces as they are typed, where a web page or a word processor has made finer ones."""

from __future__ import annotations

import html
import re
from types import MappingProxyType

_TYPED = MappingProxyType(
    {
        **dict.fromkeys(map(ord, "\u2010\u2011\u2012\u2013\u2014\u2015\u2212"), "-"),
        **dict.fromkeys(map(ord, "\u2018\u2019\u201a\u201b\u2032"), "'"),
        **dict.fromkeys(map(ord, "\u201c\u201d\u201e\u201f\u2033"), '"'),
        **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2009\u200b\u202f\ufeff"), " "),
    }
)


def typed(text: str) -> str:
    """The text with plain dashes, quotes and spaces; as long as it was, so that places in it stay.

    >>> typed("\\u2013 loss: 0.69 \\u2013 metrics=[\\u2018acc\\u2019]")
    "- loss: 0.69 - metrics=['acc']"
    """
    return text if text.isascii() else text.translate(_TYPED)


_ENTITY = re.compile(r"&(?:lt|gt|amp|quot|apos|nbsp|#39|#x27|#34);")


def without_entities(text: str) -> str:
    """The text with the characters that HTML writes by name; shorter than it was if there are any.

    >>> without_entities("metrics=[&#39;acc&#39;] &amp; a < b")
    "metrics=['acc'] & a < b"
    """
    return _ENTITY.sub(lambda found: html.unescape(found[0]), text) if "&" in text else text
