"""`vitascope top`: the live state of a running server in a terminal."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import click

from vitascope.base.time import clock
from vitascope.cli._common import Run, command
from vitascope.cli._home import size
from vitascope.cli._say import _, plain

if TYPE_CHECKING:
    from rich.console import Group

    from vitascope.base.ports.observing import LiveState


@command("top", help="The live state of a running server: requests, events, lists, jobs, model, backlog")
@click.option("--url", help="Where it answers (default: the address of this home's settings)")
@click.option(
    "--token-file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="File with the server's token or a key of the scope metrics (default: serve.token of the settings)",
)
@click.option("--every", type=click.FloatRange(0.2, 3_600), default=1.0, help="Seconds between two looks")
@click.option("--once", is_flag=True, help="Look twice, say it once, end")
def top(run: Run, url: str | None, token_file: Path | None, every: float, once: bool) -> None:
    """Look, and look again."""
    from vitascope.assemble import live_server

    token = token_file.read_text(encoding="utf-8").strip() if token_file is not None else None
    with ExitStack() as stack:
        server = live_server(run.home, url, token)
        stack.callback(server.close)
        server.look()
        if once or run.as_json:
            time.sleep(every)
            state = server.look()
            run.result(state, lambda: text(state))
            return
        from rich.live import Live

        shown = stack.enter_context(Live(screen=True, auto_refresh=False))
        while True:  # until Ctrl-C
            shown.update(drawn(server.look()), refresh=True)
            time.sleep(every)


def rows(state: LiveState) -> list[tuple[str, str]]:
    """What there is to say, in order."""
    model = plain(state.model, 60) or _("none")
    if state.model_age_seconds is not None:
        model += "  " + _("{age} old").format(age=clock(state.model_age_seconds))
    return [
        (_("server"), f"{plain(state.address, 80)}  " + _("up {time}").format(time=clock(state.up_seconds))),
        (
            _("requests"),
            _(
                "{rate:.1f} a second, {mean:.1f} ms each; {all} in all, {now} now, {refused} refused, {failed} failed"
            ).format(
                rate=state.requests_per_second,
                mean=state.mean_ms,
                all=state.requests,
                now=state.in_progress,
                refused=state.refused,
                failed=state.failed,
            ),
        ),
        (_("events"), _("{rate:.1f} a second; {all} in all").format(rate=state.events_per_second, all=state.events)),
        (_("lists"), _("{rate:.1f} a second; {all} in all").format(rate=state.lists_per_second, all=state.lists)),
        (_("model"), model),
        (_("jobs"), str(state.jobs_running)),
        (_("backlog"), _("{n} of {all} items wait to be described").format(n=state.backlog, all=state.items)),
        (_("live feeds"), str(state.feeds)),
        (_("memory"), size(state.memory_bytes)),
    ]


def text(state: LiveState) -> str:
    """The state as lines."""
    lines = [f"{name:12} {value}" for name, value in rows(state)]
    lines += [f"  {surface} {plain(source, 40)}: {count}" for surface, source, count in state.listed[:12]]
    lines += [f"  {r.requests:>8}  {r.method} {plain(r.route, 80)}" for r in state.routes]
    return "\n".join(lines)


def drawn(state: LiveState) -> Group:
    """The state as tables."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    head = Table.grid(padding=(0, 2))
    for name, value in rows(state):
        head.add_row(Text(name, style="bold"), Text(value))
    routes = Table(title=_("busiest routes"), title_justify="left", box=None)
    for name in (_("route"), _("requests"), _("mean ms"), _("failed")):
        routes.add_column(name, justify="left" if name == _("route") else "right")
    for load in state.routes:
        mean = 1_000 * load.seconds / load.requests if load.requests else 0.0
        routes.add_row(
            Text(f"{load.method} {plain(load.route, 70)}"), str(load.requests), f"{mean:.1f}", str(load.failed)
        )
    given = Table(title=_("items of lists, by the source that spoke"), title_justify="left", box=None)
    for name in (_("surface"), _("source"), _("items")):
        given.add_column(name)
    for surface, source, count in state.listed[:8]:
        given.add_row(Text(surface), Text(plain(source, 40)), str(count))
    return Group(head, Text(""), routes, Text(""), given)
