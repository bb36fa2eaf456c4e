"""Processes that are forked from the tests: what the tests have imported, they have."""

from __future__ import annotations

import os
import traceback
import warnings
from collections.abc import Callable

_FAILED = 70
NOBODY = 65534


class Child:
    """A process that calls a function and ends. Nothing of the parent may be used in it but what it reads."""

    def __init__(self, function: Callable[[], object]) -> None:
        with warnings.catch_warnings():
            # Python 3.12 warns that other threads may hold locks; those of the tests' libraries only wait.
            warnings.simplefilter("ignore", DeprecationWarning)
            self.pid = os.fork()
        if self.pid == 0:
            code = _FAILED
            try:
                function()
                code = 0
            except BaseException:
                traceback.print_exc()
            finally:
                os._exit(code)

    def kill(self, signal: int) -> None:
        """Sends a signal."""
        os.kill(self.pid, signal)

    def wait(self) -> int:
        """Its exit code; negative, the signal that ended it."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def succeed(function: Callable[[], object], *, as_nobody: bool = False) -> None:
    """Calls a function in a process of its own; fails if it fails there. Root becomes nobody if asked."""

    def run() -> None:
        if as_nobody and os.getuid() == 0:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
        function()

    assert Child(run).wait() == 0, "see the traceback on standard error"
