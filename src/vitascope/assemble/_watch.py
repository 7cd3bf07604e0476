"""Sources that are looked at again: folders when they change, feeds and single files now and then.

Takes the inputs of an ingest; gives a report for each time that something was taken in. Ends only when it is stopped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from vitascope.base.errors import UsageError
from vitascope.base.ports.service import IngestReport, Progress, silent

if TYPE_CHECKING:
    from vitascope.assemble._system import System

_TICK = 5.0

Ingest = Callable[[Sequence[str]], IngestReport]


def watch(
    system: System,
    paths: Sequence[str],
    describe: bool = True,
    text_fields: tuple[str, ...] | None = None,
    every: float | None = None,
    poll: bool = False,
    progress: Progress = silent,
) -> Iterator[tuple[tuple[str, ...], IngestReport]]:
    """Ingest everything once, then what changes: (which inputs, what came of it).

    Args:
        every: seconds between two looks at inputs that are no folders; default `catalog.watch.every`.
        poll: look at folders again and again instead of being told of changes (network folders).

    Raises:
        UsageError: none of the inputs could be opened at the start, or a folder cannot be watched.
    """
    config = system.rooms.settings.catalog.watch
    tick = min(_TICK, every or config.every)
    folders = {Path(p).absolute(): p for p in paths if Path(p).is_dir()}
    single = [p for p in paths if not Path(p).is_dir()]

    def take(these: Sequence[str]) -> tuple[tuple[str, ...], IngestReport]:
        return tuple(these), system.ingest(these, describe, text_fields, progress)

    changes = (
        system.rooms.watcher.changes(list(folders), [system.rooms.home.path], config.settle, tick, poll)
        if folders
        else _ticks(tick)
    )
    yield take(paths)
    last = time.monotonic()
    begun = False
    for changed in changes:
        # what came between the first look and the first watch was told to nobody: one more look, which costs little
        again = [folders[folder] for folder in sorted(changed if begun else folders)]
        begun = True
        if time.monotonic() - last >= (every or config.every):
            last = time.monotonic()
            again += single
        if not again:
            continue
        try:
            yield take(again)
        except UsageError:
            continue  # a disk that is not there just now, a feed that does not answer: it is in the problems


def _ticks(seconds: float) -> Iterator[frozenset[Path]]:
    while True:
        time.sleep(seconds)
        yield frozenset()
