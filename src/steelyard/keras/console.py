"""What Keras users read while a model trains, written to stdout."""

from __future__ import annotations

import sys


def say(message: str, end: str = "\n") -> None:
    """Writes to ``sys.stdout`` as it is now (a notebook or a test may have replaced it) and flushes.

    Characters that the output cannot show are replaced: the bar becomes ``=``, others ``?``.
    """
    out = sys.stdout
    if out is None:  # no console at all: pythonw
        return
    text = message + end
    try:
        out.write(text)
    except UnicodeEncodeError:
        encoding = out.encoding or "ascii"
        out.write(text.replace("━", "=").encode(encoding, errors="replace").decode(encoding))
    out.flush()


def is_terminal() -> bool:
    """Whether colours are shown: in a terminal and in a notebook, not in a file."""
    return "ipykernel" in sys.modules or (sys.stdout is not None and sys.stdout.isatty())
