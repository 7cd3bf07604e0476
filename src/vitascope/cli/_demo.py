"""The demo: the whole loop on real clips, from fetching them to a list that moves with what you type.

Takes a way to open a library, options, and a place to print; gives an exit code. What it knows of the clips is their
table; what a clip is about, what a person likes and what is recommended all come from the library itself.
"""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from vitascope.cli._audience import simulate_events
from vitascope.cli._prompt import Exchange, list_lines
from vitascope.cli._say import _, language, note, plain, progress_bars

if TYPE_CHECKING:
    from vitascope.backends.demo import ClipTable, DemoPerson, Haul
    from vitascope.base.ports.service import EventsReport, Progress, Service

ENOUGH = 8
"""With fewer real clips than this (half of it in the short demo), made ones are added."""
SHOWN = 5
SCRIPT = ("list", "why 1", "like 1", "skip 1", "rate 2 5", "profile")
SCRIPT_NEWCOMER = ("list", "like 2")


@dataclass(frozen=True)
class DemoOptions:
    """How the demo is run."""

    home: Path
    short: bool = False
    no_input: bool = False
    quiet: bool = False
    clips: Path | None = None
    """Where clips are kept; None: the user's cache folder."""


@dataclass
class Timer:
    """What took how long."""

    steps: list[tuple[str, float]] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Time a step."""
        start = time.monotonic()
        yield
        self.steps.append((name, time.monotonic() - start))

    @property
    def total(self) -> float:
        """Seconds since the demo began."""
        return time.monotonic() - self.started


def default_home() -> Path:
    """The demo's own home, apart from a person's library."""
    import platformdirs

    return Path(platformdirs.user_data_dir("vitascope-demo", appauthor=False))


def run_demo(
    open_service: Callable[[Path], Service],
    options: DemoOptions,
    *,
    fetch: Callable[[ClipTable, Path, bool, Progress], Haul] | None = None,
    read: Callable[[str], str] = input,
    say: Callable[[str], None] | None = None,
    interactive: bool | None = None,
) -> int:
    """Run it; 0 when it came to its end, also when the reader left the prompt with Ctrl-C or Ctrl-D.

    Args:
        open_service: opens the library of a home.
        fetch: gives the clips (tests give their own); default: fetch, and make some where too few can be had.
        read: reads a line at a prompt; raises EOFError at the end.
        say: prints a line of the result; default stdout.
        interactive: default: stdin is a terminal and `no_input` is off.
    """
    from vitascope.backends.demo import clip_table, default_clip_folder, write_manifest

    say = say or _print
    if interactive is None:
        interactive = sys.stdin.isatty() and not options.no_input
    table, timer = clip_table(), Timer()
    with progress_bars(options.quiet) as progress, timer.step(_("clips")):
        haul = (fetch or get_clips)(table, options.clips or default_clip_folder(), options.short, progress)
    _tell_clips(haul, say)
    manifest = write_manifest(haul, "short" if options.short else "full")
    service = open_service(options.home)
    with contextlib.closing(service):
        with progress_bars(options.quiet) as progress, timer.step(_("reading, watching and listening")):
            taken = service.ingest([str(manifest)], progress=progress)
        say(
            _("{files} files: {new} new items, {same} known, {described} described, {aside} set aside").format(
                files=taken.files,
                new=taken.items_new,
                same=taken.items_same,
                described=taken.described,
                aside=taken.set_aside,
            )
        )
        for problem in list(service.problems())[:5]:
            say(f"  {plain(problem.place, 80)}: {plain(problem.reason)} ({plain(problem.remedy)})")
        for gap in service.status().gaps:
            say(_("  not covered: {gap}").format(gap=plain(gap)))
        with timer.step(_("audience")):
            told = service.record(simulate_events(table.person, haul.clips, time.time()), source="demo")
        _tell_audience(table.person, told, say)
        with progress_bars(options.quiet) as progress, timer.step(_("learning")):
            report = service.fit(progress=progress)
        say(
            _("Learnt from {events} events of {people} people in {seconds:.1f} s; model {version}: {verdict}").format(
                events=report.model.events,
                people=report.model.people,
                seconds=report.model.seconds,
                version=plain(report.model.version, 40),
                verdict=plain(report.reason),
            )
        )
        with timer.step(_("lists")):
            _tell_lists(service, table.person, say)
        _tell_times(timer, say)
        people = [(p.id, p.name, says(p)) for p in table.person]
        exchange = Exchange(service, people, say, person=_first(service, table.person))
        _exchange(exchange, interactive, read, say)
    _tell_end(options, say)
    return 0


def get_clips(table: ClipTable, folder: Path, short: bool, progress: Progress) -> Haul:
    """Fetch the clips; where too few can be had, make some and say so."""
    from vitascope.backends.demo import fetch_clips, make_clips

    haul = fetch_clips(table, folder, short=short, progress=progress)
    if len(haul.clips) >= (ENOUGH // 2 if short else ENOUGH):
        return haul
    made = make_clips(folder, short=short, progress=progress)
    return haul.model_copy(update={"clips": (*haul.clips, *made.clips), "made": True})


def says(person: DemoPerson) -> str:
    """A person's stated taste in the reader's language."""
    return person.says_zh if language() == "zh" else person.says


def _print(line: str) -> None:
    print(line, flush=True)


def _tell_clips(haul: Haul, say: Callable[[str], None]) -> None:
    from vitascope.base.items import ItemKind

    works = [c for c in haul.clips if c.same_work_as is None]
    say(
        _(
            "{n} clips, {works} distinct works: {video} moving pictures, {spoken} spoken ({languages}), {music} music"
        ).format(
            n=len(haul.clips),
            works=len(works),
            video=sum(c.kind is ItemKind.VIDEO for c in works),
            spoken=sum(c.language is not None for c in works),
            languages=", ".join(haul.spoken_languages) or "-",
            music=sum("music" in c.group for c in works),
        )
    )
    for licence in sorted({c.licence for c in haul.clips}):
        say(f"  {licence}: " + "; ".join(sorted({c.creator for c in haul.clips if c.licence == licence})))
    for missing in haul.missing:
        say(
            _("  missing: {n} clips of {package}: {reason}").format(
                n=len(missing.clips), package=missing.package, reason=plain(missing.reason, 300)
            )
        )
    if haul.missing_languages:
        say(
            _("  missing: recorded speech in a second language ({languages})").format(
                languages=", ".join(haul.missing_languages)
            )
        )
    if haul.made:
        say(
            _(
                "  The package index could not be reached, so clips were MADE here: tones, chords, beats and moving "
                "shapes, each titled as made. Nothing is spoken in them."
            )
        )


def _tell_audience(people: Sequence[DemoPerson], told: EventsReport, say: Callable[[str], None]) -> None:
    say("")
    say(_("A small SIMULATED audience. Their tastes, stated openly:"))
    for person in people:
        say(f"  {person.name} {says(person)}")
    say(
        _(
            "  What they did is simulated by a stated rule: about half of each kind they like watched to the end, some of "
            "it liked or rated, and four other clips skipped early. Vitascope sees these events alone."
        )
    )
    say(_("  {added} events recorded, {known} known from before").format(added=told.added, known=told.known))
    for refused in told.rejected[:5]:
        note(f"{plain(refused.reason)} ({plain(refused.remedy)})")


def _tell_lists(service: Service, people: Sequence[DemoPerson], say: Callable[[str], None]) -> None:
    from vitascope.base.ports.service import Ask

    viewer = Exchange(service, (), say)
    for person in people:
        answer = service.recommend(Ask(user_id=person.id, surface="video", n=SHOWN, explain=True))
        say("")
        say(_("For {name}, who {says}:").format(name=person.name, says=says(person)))
        for line in list_lines(answer.items, viewer.title):
            say(line)
        if not answer.items:
            say(_("  (empty: everything was seen or hidden)"))
    say("")


def _tell_times(timer: Timer, say: Callable[[str], None]) -> None:
    parts = ", ".join(f"{name} {seconds:.1f} s" for name, seconds in timer.steps)
    say(_("First recommendations after {total:.0f} s ({parts})").format(total=timer.total, parts=parts))


def _first(service: Service, people: Sequence[DemoPerson]) -> str:
    """The first person who did something and still has a list."""
    from vitascope.base.ports.service import Ask

    for person in people:
        if service.recommend(Ask(user_id=person.id, surface="video", n=2)).items:
            return person.id
    return people[0].id


def _exchange(exchange: Exchange, interactive: bool, read: Callable[[str], str], say: Callable[[str], None]) -> None:
    say("")
    name = exchange.name(exchange.person)
    if interactive:
        say(
            _("You are {name} now. Say what you think of an item and the list moves at once; help tells how.").format(
                name=name
            )
        )
        exchange.show_list()
        exchange.run(_typed(exchange, read, say))
    else:
        say(_("No terminal to type at, so a short scripted exchange is played, first as {name}:").format(name=name))
        newcomer = exchange.people[-1][1]
        exchange.run(_scripted((*SCRIPT, f"person {newcomer}", *SCRIPT_NEWCOMER[1:], "quit"), exchange, say))


def _typed(exchange: Exchange, read: Callable[[str], str], say: Callable[[str], None]) -> Iterator[str]:
    while True:
        try:
            line = read(f"{exchange.name(exchange.person)}> ")
        except (EOFError, KeyboardInterrupt):
            say("")
            return
        except UnicodeDecodeError:
            line = "?"
        yield line


def _scripted(lines: Sequence[str], exchange: Exchange, say: Callable[[str], None]) -> Iterator[str]:
    for line in lines:
        say(f"{exchange.name(exchange.person)}> {line}")
        yield line
        say("")


def _tell_end(options: DemoOptions, say: Callable[[str], None]) -> None:
    say(_("The same library as a page: make serve (http://127.0.0.1:8000)"))
    if options.home != default_home():
        say(_("  or: vitascope serve --home {home}").format(home=options.home))
