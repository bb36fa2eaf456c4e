"""``steelyard explain``: what lies behind a code, or the list of all codes."""

from __future__ import annotations

import click

from steelyard.cli.failure import debug_option


@click.command("explain")
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@debug_option
def command(codes: tuple[str, ...]) -> None:
    """Say what a finding or a warning means, when it misleads, and what to change.

    CODE is the code of a rule (OPT308), its name (loss_not_finite), the beginning of some codes (OPT), or
    the code of a warning about data, a search or a Keras program (D101, T101, K104). Without CODE, lists
    all.

    \b
    Examples:
      steelyard explain
      steelyard explain LOG911 COL202
      steelyard explain overfitting
    """
    from steelyard.cli import terminal
    from steelyard.cli.explain_page import Page
    from steelyard.cli.explanation import explained, overview

    page = Page(terminal.width(), terminal.colour())
    click.echo(explained(codes, page) if codes else overview(page))
