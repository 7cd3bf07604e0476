"""Commands about live channels and programme guides."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

from vitascope.base.errors import VitascopeError
from vitascope.cli._app import TranslatedGroup
from vitascope.cli._common import Run, command
from vitascope.cli._say import _, plain

if TYPE_CHECKING:
    from vitascope.base.live import Happening, OnAir


@click.group("live", cls=TranslatedGroup, help="Live channels: add, list, look at the last minute, run, end")
def live() -> None:
    """The group of live commands."""


@command("add", help="Begin a channel from an HLS address, or from a file played as live")
@click.argument("item")
@click.argument("address")
@click.option("--title", help="Title of the channel (default: its id)")
@click.option("--tag", "tags", multiple=True, help="A tag; repeat it for several")
def add(run: Run, item: str, address: str, title: str | None, tags: tuple[str, ...]) -> None:
    """Begin a channel."""
    with run.system() as system:
        made = system.live_add(item, address, title, tags)
    run.result(made, lambda: line(made))


@command("list", help="What is on air, best for a person first")
@click.option("--user", help="For whom; without it for nobody in particular")
@click.option("--ended", is_flag=True, help="What is over too, at the end")
def list_(run: Run, user: str | None, ended: bool) -> None:
    """List channels."""
    with run.system() as system:
        found = system.live_channels(user, None, ended)
    run.result(
        {"channels": [one.model_dump(mode="json") for one in found]},
        lambda: "\n".join(map(line, found)) or _("nothing is on air"),
    )


@command("look", help="Look at the last minute of a channel now")
@click.argument("item")
def look(run: Run, item: str) -> None:
    """Look once."""
    with run.system() as system:
        found = system.live_look(item)
    run.result(found, lambda: told(found))


@command("run", help="Look at every channel again and again, until stopped")
@click.option("--every", type=click.FloatRange(1, 3_600), default=20.0, help="Seconds between two looks (default 20)")
@click.option("--rounds", type=click.IntRange(1), help="End after so many rounds (default: never)")
def run_(run: Run, every: float, rounds: int | None) -> None:
    """Keep what happens now up to date; a stream that is over ends its channel."""
    looked = failed = done = 0
    with run.system() as system:
        while rounds is None or done < rounds:
            began = time.monotonic()
            for one in system.live_channels():
                try:
                    system.live_look(one.item_id)
                    looked += 1
                except VitascopeError as error:  # the next channel, and the next round, may well work
                    failed += 1
                    run.say(_("{item}: {error}").format(item=plain(one.item_id), error=error))
            done += 1
            if rounds is None or done < rounds:
                time.sleep(max(every - (time.monotonic() - began), 0))
    run.result(
        {"rounds": done, "looked": looked, "failed": failed},
        lambda: _("{looked} looks, {failed} failed").format(looked=looked, failed=failed),
    )


@command("end", help="End a channel; its recording becomes an ordinary item")
@click.argument("item")
@click.option("--replay", help="The recording: an item of the library, or a file that is taken in")
def end(run: Run, item: str, replay: str | None) -> None:
    """End a channel."""
    with run.system() as system:
        done = system.live_end(item, replay)
    run.result(done, lambda: line(done))


def line(one: OnAir) -> str:
    """A channel on one line."""
    since = _when(one.ended_at if one.ended_at is not None else one.started_at)
    state = _("on air since") if one.ended_at is None else _("ended")
    replay = "  " + _("replay: {item}").format(item=plain(one.replay_id)) if one.replay_id else ""
    return f"{plain(one.item_id)}  {one.source.value}  {state} {since}{replay}"


def told(now: Happening) -> str:
    """What happens, as a person reads it."""
    named = {
        _("scenes"): ", ".join(f"{plain(n)} {s:.2f}" for n, s in now.scenes[:5]),
        _("moods"): ", ".join(f"{plain(n)} {s:.2f}" for n, s in now.moods[:5]),
        _("said"): " ".join(plain(row.text, 200) for row in now.transcript[-5:]),
    }
    lines = [_("the last {seconds:.0f} s").format(seconds=now.seconds)]
    if now.blocked:
        lines.append(_("kept out of lists: the moderation policy blocks what was seen or heard"))
    return "\n".join([*lines, *(f"  {name}: {text}" for name, text in named.items() if text)])


def _when(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")


@click.group("guide", cls=TranslatedGroup, help="Programme guides (XMLTV): import, show")
def guide() -> None:
    """The group of guide commands."""


@command("import", help="Take in an XMLTV file or address")
@click.argument("address")
def import_(run: Run, address: str) -> None:
    """Import a guide."""
    with run.system() as system:
        done = system.guide_import(address)
    run.result(
        done,
        lambda: _("{programmes} programmes on {channels} channels, {set_aside} set aside").format(
            programmes=done.programmes, channels=done.channels, set_aside=done.set_aside
        ),
    )


@command("show", help="What is on in the next hours")
@click.option("--hours", type=click.FloatRange(0, 336, min_open=True), default=6.0, help="How many hours (default 6)")
@click.option("--user", help="For whom: a child sees only what fits")
def show(run: Run, hours: float, user: str | None) -> None:
    """Show programmes."""
    now = time.time()
    with run.system() as system:
        found = system.guide(now, now + 3_600 * hours, user)
    run.result(
        {"programmes": [p.model_dump(mode="json") for p in found]},
        lambda: (
            "\n".join(
                f"{_when(p.start)}  {plain(p.channel_name or p.channel, 30)}  {plain(p.title, 80)}" for p in found
            )
            or _("no programme is known")
        ),
    )


for one in (add, list_, look, run_, end):
    live.add_command(one)
for one in (import_, show):
    guide.add_command(one)
