"""Event files as rows: CSV, JSONL or Parquet, a bounded piece at a time.

Takes a path. Gives (line, row) pairs, a row being the columns that the contract knows, or the reason why the line is no
row. Knows nothing of what the values mean.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from vitascope.base.errors import BadRow, UsageError

REQUIRED = ("user_id", "item_id", "type")
OPTIONAL = ("value", "timestamp", "surface", "session_id", "event_id", "text", "target")
KNOWN = frozenset(REQUIRED + OPTIONAL)

LONGEST_LINE = 1_000_000
"""Characters; a longer line is no event."""

_BATCH = 50_000

Row = dict[str, Any]


@dataclass
class RowReader:
    """Reads one event file.

    Raises:
        UsageError: it cannot be opened.
        BadRow: it has not the columns that an event needs, or is no such file at all.
    """

    path: Path
    ignored: dict[str, None] = field(default_factory=dict)
    """Columns that were there and mean nothing to us, in order of appearance."""
    total: int | None = None
    """How many rows there are, where the format says so."""

    def rows(self) -> Iterator[tuple[int, Row | str]]:
        """(line or row number from 1, row or reason)."""
        suffix = self.path.suffix.lower()
        if not self.path.is_file():
            raise UsageError(
                "there is no such event file", place=str(self.path), remedy="name a CSV, JSONL or Parquet file"
            )
        if suffix in (".parquet", ".pq"):
            return self._parquet()
        if suffix in (".jsonl", ".ndjson", ".json"):
            return self._jsonl()
        if suffix in (".csv", ".tsv", ".txt"):
            return self._csv("\t" if suffix == ".tsv" else ",")
        raise BadRow(
            "an event file is CSV, JSONL or Parquet", place=str(self.path), remedy="name it .csv, .jsonl or .parquet"
        )

    def _columns(self, names: list[str]) -> None:
        missing = [name for name in REQUIRED if name not in names]
        if missing:
            raise BadRow(
                f"the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} {'are' if len(missing) > 1 else 'is'} missing",
                place=str(self.path),
                remedy="an event file has at least the columns user_id, item_id and type",
            )
        self.ignored.update(dict.fromkeys(str(name)[:200] for name in names if name not in KNOWN))

    def _csv(self, delimiter: str) -> Iterator[tuple[int, Row | str]]:
        csv.field_size_limit(LONGEST_LINE)
        with self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as file:
            lines = csv.reader(file, delimiter=delimiter)
            try:
                names = [name.strip() for name in next(lines)]
            except StopIteration:
                return
            except csv.Error as error:
                raise BadRow(
                    f"the head line cannot be read: {error}", place=f"{self.path}:1", remedy="save it as CSV"
                ) from error
            self._columns(names)
            wanted = [(i, name) for i, name in enumerate(names) if name in KNOWN]
            width = len(names)
            while True:
                line = lines.line_num + 1
                try:
                    cells = next(lines)
                except StopIteration:
                    return
                except csv.Error as error:
                    yield line, f"the line is no CSV: {error}"
                    continue
                if not cells:
                    continue
                if len(cells) != width:
                    yield line, f"the line has {len(cells)} cells, the head line {width}"
                    continue
                yield line, {name: cells[i] for i, name in wanted}

    def _jsonl(self) -> Iterator[tuple[int, Row | str]]:
        with self.path.open("rb") as file:
            number = 0
            while True:
                raw = file.readline(LONGEST_LINE + 1)
                if not raw:
                    return
                number += 1
                if len(raw) > LONGEST_LINE:
                    while raw and not raw.endswith(b"\n"):  # skip the rest of it without keeping it
                        raw = file.readline(LONGEST_LINE)
                    yield number, f"the line is longer than {LONGEST_LINE:,} characters"
                    continue
                if not raw.strip():
                    continue
                try:
                    row = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
                except (ValueError, RecursionError) as error:
                    yield number, f"the line is no JSON: {error}"
                    continue
                if not isinstance(row, dict):
                    yield number, "the line is no JSON object"
                    continue
                for name in row:
                    if name not in KNOWN and len(self.ignored) < 1_000:
                        self.ignored[str(name)[:200]] = None
                yield number, {name: value for name, value in row.items() if name in KNOWN}

    def _parquet(self) -> Iterator[tuple[int, Row | str]]:
        import pyarrow
        import pyarrow.parquet

        try:
            file = pyarrow.parquet.ParquetFile(self.path)
        except (pyarrow.ArrowException, OSError, ValueError) as error:
            raise BadRow(f"it is no Parquet file: {error}", place=str(self.path), remedy="write it anew") from error
        with file:
            names = file.schema_arrow.names
            self._columns(names)
            self.total = file.metadata.num_rows
            wanted = [name for name in names if name in KNOWN]
            number = 0
            try:
                for batch in file.iter_batches(batch_size=_BATCH, columns=wanted):
                    columns = [batch.column(i).to_pylist() for i in range(len(batch.schema.names))]
                    order = batch.schema.names
                    for cells in zip(*columns, strict=True):
                        number += 1
                        yield number, dict(zip(order, cells, strict=True))
            except (pyarrow.ArrowException, OSError, ValueError) as error:
                yield number + 1, f"the rest of the file cannot be read: {error}"
