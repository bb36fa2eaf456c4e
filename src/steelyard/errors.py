"""What Steelyard raises when it is used wrongly.

::

    SteelyardError
    ├── DataError            a file or table cannot be used as it is
    ├── RecipeError          a recipe, or a change to one, does not make sense
    ├── RunFolderError       a run folder is missing, unfinished or damaged
    ├── StorageError         a database of studies cannot be used, or refused something
    ├── StudyError           there is no study of that name, or it is another search
    └── OutputError          a result cannot be written where it should go

    SteelyardWarning         (a UserWarning) something is legal but probably not meant

A training run that diverges, is stopped early or is interrupted is *not* an
error: it is a :class:`~steelyard.run.Run` whose status says so.

Every message names the place, what was found there, what is allowed and what
to do. An error can hold several problems, because a person who fixes one thing
at a time wants to see them all at once.
"""

from __future__ import annotations

import difflib
import re
import warnings
from collections.abc import Iterable, Sequence


class SteelyardError(Exception):
    """Base of all errors that are the caller's to mend.

    ``problems`` holds one sentence per problem; ``str(error)`` shows them all.
    ``help`` is one line that says what to do next, or an empty string.
    """

    def __init__(self, *problems: str, help: str = "") -> None:
        self.problems: tuple[str, ...] = problems
        self.help = help
        super().__init__(*problems)

    def __str__(self) -> str:
        lines = list(self.problems)
        if self.help:
            lines.append(f"help: {self.help}")
        return "\n".join(lines)


class DataError(SteelyardError, ValueError):
    """A file or table cannot be used as it is."""


class RecipeError(SteelyardError, ValueError):
    """A recipe, or a change to one, does not make sense."""


class RunFolderError(SteelyardError):
    """A run folder is missing, unfinished or damaged."""


class StorageError(SteelyardError):
    """A database of studies cannot be used, or refused something."""


class StudyError(SteelyardError):
    """There is no study of that name, or it is another search than the one asked for."""


class OutputError(SteelyardError, OSError):
    """A result cannot be written where it should go."""


class SteelyardWarning(UserWarning):
    """Something is legal but probably not meant.

    ``code`` names the kind of warning ("K104"), or is empty. A message with a code begins with it.
    """

    def __init__(self, message: str, code: str = "") -> None:
        self.code = code
        super().__init__(message)


def silence(*codes: str) -> None:
    """Stops warnings with these codes for the rest of the process: ``silence("K104", "K103")``.

    The same as ``warnings.filterwarnings("ignore", "K104:")``; use :class:`warnings.catch_warnings`
    around it to silence them for a while.
    """
    for code in codes:
        warnings.filterwarnings("ignore", message=re.escape(code) + ":", category=SteelyardWarning)


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """``" (did you mean 'x'?)"`` for the closest known name, or an empty string.

    >>> did_you_mean("dropuot", ["dropout", "units"])
    " (did you mean 'dropout'?)"
    >>> did_you_mean("zebra", ["dropout", "units"])
    ''
    """
    choices: Sequence[str] = list(known)
    folded = {choice.casefold(): choice for choice in choices}
    close = difflib.get_close_matches(name.casefold(), list(folded), n=1, cutoff=0.6)
    return f" (did you mean {folded[close[0]]!r}?)" if close else ""
