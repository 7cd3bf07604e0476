"""Manifests as rows: CSV, JSONL or Parquet, a bounded piece at a time; and one row as what it states.

Takes a path. Gives (line, row) pairs or the reason why a line is no row; `read_row` turns a row into an `ItemDraft`, its
uri, its vectors, and the fields that were dropped. Knows no store and opens no media.
"""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from vitascope.base.errors import BadRow
from vitascope.base.items import ItemDraft, ItemKind, OwnVector
from vitascope.catalog import _text as text

MANIFESTS = {".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".pq"}
KNOWN = {"item_id", "uri", "title", "description", "tags", "language", "published_at", "creator", "kind", "licence"}
KNOWN |= {"vectors", "credit"}
LONGEST_LINE = 4_000_000
_EXTRA = 60

Row = dict[str, Any]


def rows(path: Path) -> Iterator[tuple[int, Row | str]]:
    """(line or row number from 1, row or reason). Raises BadRow where the file as a whole is no manifest, OSError."""
    match path.suffix.lower():
        case ".parquet" | ".pq":
            return _parquet(path)
        case ".csv" | ".tsv":
            return _csv(path)
        case _:
            return _jsonl(path)


def _csv(path: Path) -> Iterator[tuple[int, Row | str]]:
    csv.field_size_limit(LONGEST_LINE)
    with open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        head = file.read(64_000)
        file.seek(0)
        if "\0" in head:
            raise BadRow("it holds binary data, not rows", place=str(path), remedy="save it as CSV in UTF-8")
        first = head.splitlines()[0] if head.splitlines() else ""
        comma = max("\t;,", key=first.count) if first else ","
        reader = csv.reader(file, delimiter=comma)
        try:
            names = [n.strip() for n in next(reader)]
        except StopIteration:
            return
        except csv.Error as error:
            raise BadRow(
                f"its first line is no CSV ({error})", place=str(path), remedy="save it as CSV in UTF-8"
            ) from error
        _need_id(path, names)
        while True:
            try:
                values = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield reader.line_num, f"this line is no CSV ({error})"
                continue
            if not any(v.strip() for v in values):
                continue
            if len(values) > len(names) and any(v.strip() for v in values[len(names) :]):
                yield reader.line_num, f"{len(values)} values for {len(names)} columns: quote values that hold a comma"
                continue
            yield reader.line_num, {n: v for n, v in zip(names, values, strict=False) if v != "" and n}


def _jsonl(path: Path) -> Iterator[tuple[int, Row | str]]:
    with open(path, encoding="utf-8-sig", errors="replace") as file:
        number = 0
        while True:
            line = file.readline(LONGEST_LINE + 1)
            if not line:
                return
            number += 1
            if len(line) > LONGEST_LINE:
                while line and not line.endswith("\n"):
                    line = file.readline(LONGEST_LINE)
                yield number, f"the line is longer than {LONGEST_LINE:,} characters"
                continue
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, f"this line is no JSON ({str(error)[:100]})"
                continue
            yield number, row if isinstance(row, dict) else "this line is no JSON object"


def _parquet(path: Path) -> Iterator[tuple[int, Row | str]]:
    import pyarrow
    import pyarrow.parquet

    try:
        file = pyarrow.parquet.ParquetFile(path)
        _need_id(path, file.schema_arrow.names)
        number = 0
        for batch in file.iter_batches(batch_size=2_000):
            for row in batch.to_pylist():
                number += 1
                yield number, {k: v for k, v in row.items() if v is not None}
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise BadRow(
            f"it is no Parquet file that can be read ({str(error)[:120]})", place=str(path), remedy="write it again"
        ) from error


def _need_id(path: Path, names: list[str]) -> None:
    if "item_id" not in names:
        raise BadRow(
            f"the column item_id is missing (there are: {', '.join(names)[:200]})",
            place=str(path),
            remedy="add a column item_id with a name of your own for each item",
        )


@dataclass(frozen=True)
class Stated:
    """What one row says."""

    draft: ItemDraft
    uri: str | None
    vectors: tuple[OwnVector, ...]
    dropped: tuple[tuple[str, str], ...]
    """(field, why) of optional fields that could not be used."""


def item_id_of(value: Any) -> str:
    """The outside id of a row. Raises BadRow."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if value is None or isinstance(value, bool | dict | list | float):
        raise BadRow("item_id is missing or no text", remedy="give each row an item_id")
    name = str(value).strip()
    if not name:
        raise BadRow("item_id is missing", remedy="give each row an item_id")
    if len(name) > 500 or any(ord(c) < 32 or ord(c) == 127 for c in name) or not _encodes(name):
        raise BadRow("item_id is too long or holds control characters", remedy="use up to 500 printable characters")
    return name


def _encodes(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def read_row(row: Mapping[str, Any], text_fields: tuple[str, ...], origin: str) -> Stated:
    """Read one row. A bad optional field is dropped and named; a bad item_id raises BadRow."""
    fields: dict[str, Any] = {"item_id": item_id_of(row.get("item_id"))}
    dropped: list[tuple[str, str]] = []
    for name, limit in (
        ("title", text.TITLE),
        ("description", text.TEXT),
        ("creator", text.NAME),
        ("licence", 300),
        ("credit", 300),
    ):
        value = row.get(name)
        if value is None:
            continue
        if isinstance(value, dict | list | bool):
            dropped.append((name, "not a text"))
        else:
            fields[name] = text.clean(value, limit) or None
    readers = {"tags": text.tag_list, "language": text.language_code, "published_at": text.timestamp, "kind": _kind}
    for name, reader in readers.items():
        if row.get(name) is not None:
            try:
                value = reader(row[name])
            except (ValueError, OverflowError) as error:
                dropped.append((name, str(error)))
            else:
                if value is not None:
                    fields[name] = value
    uri = row.get("uri")
    if uri is not None and not isinstance(uri, str):
        dropped.append(("uri", "not a text"))
        uri = None
    if uri is not None and (not uri.strip() or len(uri) > 8_000 or "\0" in uri):
        dropped.append(("uri", "empty, too long or not a path"))
        uri = None
    vectors = _vectors(row.get("vectors"), dropped)
    extra: list[tuple[str, str]] = []
    for name, value in row.items():
        if name in KNOWN or value is None or len(extra) >= _EXTRA:
            continue
        shown = value if isinstance(value, str) else json.dumps(_bare(value), ensure_ascii=False, default=str)
        cleaned = text.clean(shown, 4_000)
        if cleaned:
            extra.append((text.clean(name, 100), cleaned))
    draft = ItemDraft(**fields, extra=tuple(extra), text_fields=text_fields, origin=origin)
    return Stated(draft=draft, uri=uri.strip() if uri else None, vectors=vectors, dropped=tuple(dropped))


def _bare(value: Any) -> Any:
    return value.tolist() if hasattr(value, "tolist") else value


def _kind(value: Any) -> ItemKind | None:
    name = text.clean(value, 40).lower()
    if not name:
        return None
    try:
        return ItemKind(name)
    except ValueError:
        raise ValueError(f"kind is one of {', '.join(ItemKind)}") from None


def _vectors(value: Any, dropped: list[tuple[str, str]]) -> tuple[OwnVector, ...]:
    if value is None or value == "":
        return ()
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            value = None
    if not isinstance(value, dict):
        dropped.append(("vectors", 'not a table of lists: {"picture": [..], ..}'))
        return ()
    found = []
    for key, numbers in list(value.items())[:32]:
        if numbers is None:
            continue
        numbers = _bare(numbers)
        good = isinstance(numbers, list | tuple) and 0 < len(numbers) <= 16_384
        if good and all(isinstance(n, int | float) and not isinstance(n, bool) and math.isfinite(n) for n in numbers):
            found.append(OwnVector(key=text.clean(key, 60), values=tuple(float(n) for n in numbers)))
        else:
            dropped.append((f"vectors.{text.clean(key, 60)}", "not a list of finite numbers"))
    return tuple(found)
