"""How things that go wrong are told: messages on standard error and exit codes, no tracebacks.

Exit codes: 0 all went well (also a diverged run: that is a result), 2 the caller has something to
mend, 130 stopped by Ctrl-C; 1 is a fault of Steelyard itself, and of ``diagnose`` that it found something.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import IO, Any, TypeVar

import click

from steelyard.errors import SteelyardError, SteelyardWarning

F = TypeVar("F", bound=Callable[..., Any])

MISUSE = 2
INTERRUPTED = 130
_DEBUG = "steelyard.debug"


class Failure(click.ClickException):
    """Something the caller can mend."""

    exit_code = MISUSE

    def __init__(self, problems: tuple[str, ...], help: str) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
        self.help = help

    def show(self, file: IO[Any] | None = None) -> None:
        """``error: ...`` for each problem, then ``help: ...``."""
        for problem in self.problems:
            click.echo(f"{click.style('error:', fg='red', bold=True)} {problem}", err=True)
        if self.help:
            click.echo(f"{click.style('help:', fg='cyan', bold=True)} {self.help}", err=True)


class Interrupted(click.ClickException):
    """Ctrl-C where nothing could be kept."""

    exit_code = INTERRUPTED

    def show(self, file: IO[Any] | None = None) -> None:
        """One line, below the ``^C`` of the terminal."""
        click.echo(f"\n{self.message}", err=True)


@contextmanager
def reporting(ctx: click.Context) -> Iterator[None]:
    """Turns errors into messages, unless ``--debug`` was given."""
    try:
        yield
    except SteelyardError as error:
        if ctx.meta.get(_DEBUG):
            raise
        raise Failure(error.problems, error.help) from error
    except MemoryError as error:
        if ctx.meta.get(_DEBUG):
            raise
        raise Failure(
            (f"out of memory: {error}",), "try fewer rows or columns, or a larger machine"
        ) from error
    except KeyboardInterrupt:
        raise Interrupted("interrupted: nothing was written") from None


def admit_fault(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A ``sys.excepthook`` for what nobody foresaw: one line, and how to get the traceback."""
    click.echo(f"internal error: {kind.__name__}: {error}", err=True)
    click.echo("help: this is a fault of Steelyard; --debug shows the traceback for a report", err=True)


def debug_option(command: F) -> F:
    """Adds ``--debug``."""

    def remember(ctx: click.Context, option: click.Parameter, value: bool) -> None:
        ctx.meta[_DEBUG] = value

    option = click.option(
        "--debug",
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=remember,
        help="Show the traceback of an error.",
    )
    return option(command)


@contextmanager
def telling_warnings() -> Iterator[list[str]]:
    """Shows warnings as ``warning: ...`` on standard error as they come; yields the list of them."""
    told: list[str] = []

    def tell(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: object = None,
        line: str | None = None,
    ) -> None:
        text = str(message)
        if text not in told:
            told.append(text)
            click.echo(f"{click.style('warning:', fg='yellow', bold=True)} {text}", err=True)

    with warnings.catch_warnings():
        warnings.simplefilter("always", SteelyardWarning)
        warnings.showwarning = tell
        yield told
