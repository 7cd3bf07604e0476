"""Counts of one ingest, and where it says how far it is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from vitascope.base.ports.work import IngestReport, Progress
from vitascope.base.records import AssetKey


@dataclass
class Tally:
    """What an ingest did so far."""

    progress: Progress
    stop: Callable[[], bool]
    files: int = 0
    new: int = 0
    changed_items: int = 0
    same: int = 0
    gone: int = 0
    set_aside: int = 0
    duplicates: int = 0
    changed: set[AssetKey] = field(default_factory=set)
    """Assets whose bytes are new: their copies are looked for at the end."""

    def count(self, known: bool, differs: bool) -> None:
        """Count one item."""
        if not known:
            self.new += 1
        elif differs:
            self.changed_items += 1
        else:
            self.same += 1

    def report(self, seconds: float) -> IngestReport:
        """The counts as a record."""
        return IngestReport(
            files=self.files,
            items_new=self.new,
            items_changed=self.changed_items,
            items_same=self.same,
            items_gone=self.gone,
            set_aside=self.set_aside,
            duplicates=self.duplicates,
            seconds=round(seconds, 3),
        )
