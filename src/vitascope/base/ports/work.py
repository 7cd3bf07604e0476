"""Long work on content: how far it is, and what it did. Knows no person, so that catalog and describe may use it."""

from __future__ import annotations

from typing import Protocol

from vitascope.base.records import Record


class Progress(Protocol):
    """Where long work says how far it is. `step` names the work; total None while unknown."""

    def __call__(self, step: str, done: int, total: int | None, what: str = "") -> None: ...


def silent(step: str, done: int, total: int | None, what: str = "") -> None:
    """A Progress that says nothing."""


class IngestReport(Record):
    """What an ingest did."""

    files: int = 0
    items_new: int = 0
    items_changed: int = 0
    items_same: int = 0
    items_gone: int = 0
    set_aside: int = 0
    duplicates: int = 0
    described: int = 0
    seconds: float = 0.0


class DescribeReport(Record):
    """What a describe run did."""

    described: int = 0
    unchanged: int = 0
    failed: int = 0
    gaps: tuple[str, ...] = ()
    seconds: float = 0.0
