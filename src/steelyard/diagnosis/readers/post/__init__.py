"""A post, notes or a script as people write them: code, results and words of one training or search.

The code is read, never run: :mod:`tokens` and :mod:`statements` find it among prose, also where a web page
has put all of it onto one line; :mod:`values` says what expressions are worth as far as that can be known;
:mod:`following` finds networks, trainings and searches in it (:mod:`program`), and :mod:`layers`,
:mod:`compiling`, :mod:`class_weights` and :mod:`rows` know what their parts mean. :mod:`histories`,
:mod:`pasted`, :mod:`tables`, :mod:`counts`, :mod:`samples` and :mod:`claims` read what is no code.
:mod:`logs` brings together what belongs to each training.
"""

from __future__ import annotations

from pathlib import Path

from steelyard.diagnosis.readers.post.document import document_of
from steelyard.errors import DataError
from steelyard.log import Log

LARGEST = 150_000
"""Characters of a text that is read: three thousand lines. Each takes up to forty bytes of memory and thirty
microseconds."""


def sniff(head: bytes, path: Path) -> bool:
    """Any text in UTF-8: what is in it only reading it can tell."""
    if not head or b"\0" in head:
        return False
    try:
        head[:-4].decode("utf-8")
    except UnicodeDecodeError as error:
        return error.reason == "unexpected end of data"
    return True


def read_text(text: str, source: str, format: str = "post") -> tuple[Log, ...]:
    """A log for each training and each search that the text shows; () if it shows none.

    :class:`~steelyard.errors.DataError` if the text is longer than :data:`LARGEST`.
    """
    if len(text) > LARGEST:
        raise DataError(
            f"{source} has {len(text):,} characters; a post or script is read up to {LARGEST:,}",
            help="give the part with the code and the results",
        )
    from steelyard.diagnosis.readers.post.logs import logs_of  # slow to load

    return logs_of(document_of(text, source), format)


def read(path: Path) -> tuple[Log, ...]:
    """The logs of a text file (``.txt``, ``.md``, ``.py``); bytes that are no UTF-8 are replaced."""
    with path.open("rb") as file:
        content = file.read(4 * LARGEST + 1)  # the longest characters have four bytes
    return read_text(content.decode("utf-8", errors="replace").replace("\r\n", "\n"), str(path))
