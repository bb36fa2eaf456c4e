"""The command line: one file per command, loaded when it is needed.

Nothing heavy is imported until a command has been understood, so that ``--help`` and a mistyped
option answer at once: the command files import click alone and reach for the rest when they run.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

import click

from steelyard.cli.failure import admit_fault, reporting
from steelyard.errors import did_you_mean

COMMANDS = (
    "train",
    "predict",
    "export",
    "cv",
    "compare",
    "tune",
    "worker",
    "diagnose",
    "explain",
    "runs",
    "show",
    "demo",
)
"""In the order in which a newcomer needs them; each is ``steelyard.cli.<name>.command``."""


class Commands(click.Group):
    """The commands by name; what goes wrong in one becomes a message and an exit code."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All names, in the order of :data:`COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the one file that holds the command."""
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"steelyard.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that was typed; suggests one if there is none of that name."""
        if args[0] not in COMMANDS and args[0].isidentifier():
            ctx.fail(f"No such command {args[0]!r}{did_you_mean(args[0], COMMANDS)}.")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was typed."""
        with reporting(ctx):
            return super().invoke(ctx)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="steelyard")
def app() -> None:
    """Train, evaluate and use neural-network classifiers on tables where one class is rare.

    Begin with `steelyard demo`, or with a file of yours: `steelyard train FILE --target COLUMN`.
    """


def main() -> None:
    """What the command ``steelyard`` and ``python -m steelyard`` run; ends the process."""
    if "--debug" not in sys.argv:
        sys.excepthook = admit_fault
    try:
        app(prog_name="steelyard")
    except KeyboardInterrupt:  # before or after click's own watch
        click.echo("interrupted", err=True)
        sys.exit(130)
