"""What the connectors share: JSON and CSV of strangers, within bounds and with the place in every complaint."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from typing import Any

from vitascope.base.errors import InputError
from vitascope.base.items import ItemDraft, ItemKind
from vitascope.base.ports.connectors import Fault, Source, SourceItem
from vitascope.catalog import _text as text
from vitascope.catalog._sidecars import decode_text

AGAIN = "download the archive again, as JSON where the service offers it"
NOTHING = "nothing, unless you miss it"
_TOLD = 50
"""Faults of one kind in one file that are told one by one; the rest is counted."""
_DEEP = 12


def place_of(source: Source, name: str) -> str:
    """Where a file of a source is, as a person looks for it."""
    return source.address if source.address.rsplit("/", 1)[-1] == name else f"{source.address}/{name}"


def load(source: Source, name: str) -> Any:
    """A JSON document. Raises InputError."""
    data = source.read(name)
    try:
        return json.loads(decode_text(data))
    except (ValueError, RecursionError) as error:
        raise InputError(
            f"it is no JSON that can be read ({str(error)[:100]})", place=place_of(source, name), remedy=AGAIN
        ) from error


def table(source: Source, name: str) -> Iterator[tuple[int, list[str]]]:
    """Rows of a CSV file with their line, the head line among them; empty ones left out. Raises InputError."""
    lines = decode_text(source.read(name)).splitlines()
    reader = csv.reader(lines)
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            continue
        if any(c.strip() for c in row):
            yield reader.line_num, [c.strip() for c in row]


def looks_like(source: Source, name: str, n: int, *marks: bytes) -> bool:
    """Whether a file's first n bytes hold one of the marks; False where it cannot be read."""
    try:
        head = source.head(name, n)
    except InputError:
        return False
    return any(mark in head for mark in marks)


def named(names: Iterable[str], *suffixes: str) -> list[str]:
    """Names with one of the suffixes, in any case."""
    return [n for n in names if n.lower().endswith(suffixes)]


def when(value: Any) -> float | None:
    """Seconds since 1970 of an ISO text, a usual written date or a number; None where it is empty.

    Raises:
        ValueError: it cannot be read.
    """
    try:
        return text.timestamp(value)
    except OverflowError as error:
        raise ValueError("outside the years 1 to 9999") from error


def draft(item_id: str, connector: str, kind: ItemKind, **fields: Any) -> ItemDraft:
    """An item of an archive: texts cleaned, empty ones left out."""
    limits = {"title": text.TITLE, "description": text.TEXT, "creator": text.NAME}
    said: dict[str, Any] = {}
    for name, value in fields.items():
        if name in limits:
            value = text.plain(value, limits[name]) if isinstance(value, str) else None
        if value:
            said[name] = value
    return ItemDraft(item_id=item_id, kind=kind, origin=f"connector:{connector}", **said)


class Once:
    """Gives each item once."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, bool]] = set()

    def __call__(self, item: SourceItem) -> Iterator[SourceItem]:
        """The item where it was not given yet (an untitled one is given again once it has a title)."""
        key = (item.draft.item_id, bool(item.draft.title))
        if key not in self._seen and (item.draft.item_id, True) not in self._seen:
            self._seen.add(key)
            yield item


class Complaints:
    """Faults of one file: some one by one, the rest counted."""

    def __init__(self, place: str) -> None:
        self._place, self._n = place, 0

    def __call__(self, where: object, reason: str, remedy: str = AGAIN, kept: bool = False) -> Iterator[Fault]:
        """One entry that could not be used, or (kept) not all of it."""
        self._n += 1
        if self._n <= _TOLD:
            yield Fault(place=f"{self._place}:{where}", reason=reason, remedy=remedy, kept=kept)

    def rest(self) -> Iterator[Fault]:
        """How many were not told."""
        if self._n > _TOLD:
            reason = f"{self._n - _TOLD:,} more entries could not be used"
            yield Fault(place=self._place, reason=reason, remedy="see the entries that are named first")


def objects(node: Any, deep: int = 0) -> Iterator[tuple[str, dict[str, Any]]]:
    """(path, object) of every object in a JSON document, outer ones first; not deeper than an archive needs."""
    waiting = [("", node, deep)]
    while waiting:
        path, at, depth = waiting.pop()
        if depth > _DEEP:
            continue
        if isinstance(at, dict):
            yield path, at
            waiting += [(f"{path}/{k}", v, depth + 1) for k, v in reversed(at.items()) if isinstance(v, dict | list)]
        elif isinstance(at, list):
            waiting += [
                (f"{path}/{i}", v, depth + 1) for i, v in reversed(list(enumerate(at))) if isinstance(v, dict | list)
            ]
