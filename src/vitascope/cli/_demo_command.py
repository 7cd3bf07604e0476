"""The demo's command."""

from __future__ import annotations

import os

import click

from vitascope.cli._common import Run, command
from vitascope.cli._say import _


def _size(_context: click.Context, _parameter: click.Parameter, value: str | None) -> tuple[int, int] | None:
    if value is None:
        return None
    people, _x, items = value.lower().partition("x")
    if not (people.isascii() and people.isdigit() and items.isascii() and items.isdigit()):
        raise click.BadParameter(_("write PEOPLExITEMS, for example 1000x1000"))
    if not (10 <= int(people) <= 20_000 and 20 <= int(items) <= 20_000):
        raise click.BadParameter(_("10 to 20000 people and 20 to 20000 items"))
    return int(people), int(items)


@command("demo", help="Run the whole loop on real, freely licensed clips")
@click.option("--short", is_flag=True, help="Eight clips of different kinds")
@click.option("--no-input", is_flag=True, help="Play a short scripted exchange instead of asking at a prompt")
@click.option(
    "--simulated",
    callback=_size,
    metavar="PEOPLExITEMS",
    help="Instead: a simulated audience and library of that size, learning on against learning off",
)
@click.option("--events", type=click.IntRange(100, 10_000_000), help="With --simulated: exactly so many behaviour rows")
@click.option("--seeds", default=5, type=click.IntRange(1, 50), help="With --simulated: how many seeds")
def demo(
    run: Run, short: bool, no_input: bool, simulated: tuple[int, int] | None, events: int | None, seeds: int
) -> None:
    """Run the demo."""
    from vitascope.assemble import home_folder, open_system
    from vitascope.cli._demo import DemoOptions, default_home, run_demo

    home = home_folder(run.home) if run.home or os.environ.get("VITASCOPE_HOME") else default_home()
    if simulated is not None:
        from vitascope.cli._simulated import run_simulated

        run_simulated(run, home, simulated, events, seeds)
        return
    said: list[str] = []
    silent = run.as_json or run.quiet
    run_demo(
        lambda folder: open_system(folder, log_level=run.log_level),
        DemoOptions(home=home, short=short, no_input=no_input or silent, quiet=run.quiet),
        say=said.append if silent else None,
        interactive=False if silent else None,
    )
    if run.as_json:
        run.result({"home": str(home), "text": said}, "")
