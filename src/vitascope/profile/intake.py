"""Events come in: checked, resolved to inside ids, appended; what cannot be used is set aside with place and remedy.

Takes raw events of a client, or an event file. Gives a report, and who was touched. Knows nothing of tastes.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from pathlib import Path
from typing import Any

from vitascope.base.errors import UsageError, VitascopeError
from vitascope.base.media import Problem
from vitascope.base.people import Event, EventDraft
from vitascope.base.ports.people import EventStore, PeopleStore
from vitascope.base.ports.service import EventsReport, Progress, RawEvent, Rejected, silent
from vitascope.base.ports.stores import ItemStore, ProblemStore
from vitascope.base.records import PersonKey
from vitascope.profile._checks import Bad, Checked, check, identity
from vitascope.profile._rows import RowReader
from vitascope.profile.config import ProfileConfig

_PAYLOAD = 2_000
_TOLD = 100


@dataclass(frozen=True)
class Intake:
    """What came in: the report for the outside, and for the inside who is touched by events after number `since`."""

    report: EventsReport
    people: tuple[PersonKey, ...]
    since: int


@dataclass
class _Run:
    """State of one import or request."""

    source: str
    counts: dict[tuple[int, str], int] = field(default_factory=lambda: defaultdict(int))
    people: set[PersonKey] = field(default_factory=set)
    added: int = 0
    known: int = 0
    rejected: list[Rejected] = field(default_factory=list)
    rejected_total: int = 0
    problems: list[Problem] = field(default_factory=list)
    problem_places: set[str] = field(default_factory=set)
    kept_problems: int = 0


class EventIntake:
    """The only way in for events.

    Args:
        people: who; ids not known yet are made.
        items: what; an event of an item that is not in the library is set aside.
        events: the log.
        problems: where what was set aside is told.
    """

    def __init__(
        self,
        *,
        people: PeopleStore,
        items: ItemStore,
        events: EventStore,
        problems: ProblemStore,
        config: ProfileConfig | None = None,
    ) -> None:
        self._people, self._items, self._events, self._problems = people, items, events, problems
        self._config = config or ProfileConfig()

    def record(self, events: Sequence[RawEvent], *, now: float, source: str = "api") -> Intake:
        """Take events of a client as they happen. One without a timestamp happened now.

        Durable when it returns; the same event again changes nothing. What is wrong is in the report and in the
        problems, and keeps nothing else back.
        """
        since = self._events.last_number()
        run = _Run(source)
        rows: list[tuple[int, Mapping[str, Any] | str]] = []
        for index, raw in enumerate(events):
            row = raw.model_dump(exclude={"propensity"})
            if row["timestamp"] is None or row["timestamp"] == "":
                row["timestamp"] = now
            rows.append((index, row))
        propensity = {i: raw.propensity for i, raw in enumerate(events) if raw.propensity is not None}
        self._take(rows, run, now, lambda index: f"{source} event {_digest(events[index])}", propensity)
        self._tell(run)
        return self._done(run, since, ())

    def passing(self, events: Sequence[RawEvent], *, now: float) -> list[Event]:
        """Acts of somebody unknown, checked and resolved, in the order they came; nothing is stored.

        Acts of items that are not in the library are passed over. Person -1 stands for whoever it is.

        Raises:
            UsageError: an act that makes no sense.
        """
        good: list[Checked] = []
        for index, raw in enumerate(events):
            try:
                good.append(check(raw.model_dump(exclude={"propensity"}), now))
            except Bad as bad:
                raise UsageError(bad.reason, place=f"events.{index}", remedy=bad.remedy) from bad
        items = self._items.keys({event.item_id for event in good if event.item_id is not None})
        nobody = PersonKey(-1)
        return [
            Event(
                person=nobody,
                item=items.get(event.item_id) if event.item_id is not None else None,
                type=event.type,
                value=event.value,
                time=now if event.time is None else event.time,
                surface=event.surface,
                session=event.session,
                identity=str(number),
                target=event.target,
                number=number,
            )
            for number, event in enumerate(good, 1)
            if event.undoes is None and (event.target is not None or event.item_id in items)
        ]

    def import_file(self, path: Path, *, now: float, progress: Progress = silent) -> Intake:
        """Import an event file, a chunk at a time; the same file again changes nothing.

        Raises:
            UsageError: there is no such file.
            BadRow: it is no event file; it is in the problems as well.
        """
        since = self._events.last_number()
        run = _Run(f"import:{path.name}")
        reader = RowReader(path)
        place = str(path)
        before = {p.place for p in self._problems.iter("bad-row") if p.place.startswith(place)}
        before |= {p.place for p in self._problems.iter("unknown-item") if p.place.startswith(place)}
        try:
            rows = reader.rows()
            done = 0
            for chunk in _chunks(rows, self._config.chunk):
                self._take(chunk, run, now, lambda line: f"{place}:{line}", {})
                done += len(chunk)
                progress("events", done, reader.total, path.name)
        except VitascopeError as error:
            if error.code == "bad-row":
                run.problems.append(
                    Problem(
                        kind=error.code,
                        place=error.place or place,
                        reason=error.thing,
                        remedy=error.remedy or "",
                        first_seen=now,
                        last_seen=now,
                    )
                )
            self._tell(run)
            raise
        if run.rejected_total > run.kept_problems:
            more = run.rejected_total - run.kept_problems
            run.problems.append(
                Problem(
                    kind="bad-row",
                    place=place,
                    reason=f"{more:,} more rows could not be used",
                    remedy="correct the rows named before and import the file again",
                    first_seen=now,
                    last_seen=now,
                )
            )
            run.problem_places.add(place)
        self._tell(run)
        solved = before - run.problem_places
        if solved:
            self._problems.clear(solved)
        return self._done(run, since, tuple(reader.ignored))

    def import_rows(
        self, rows: Iterable[tuple[str, Mapping[str, Any]]], *, name: str, now: float, progress: Progress = silent
    ) -> Intake:
        """Take the acts of someone's archive: (place, row), a row as in an event file. Without a timestamp one has no
        time. The same archive again changes nothing; nothing of it is ever taken for automation."""
        since = self._events.last_number()
        run = _Run(f"import:{name}")
        done = 0
        for chunk in _chunks(enumerate(rows, 1), self._config.chunk):
            places = {number: place for number, (place, _) in chunk}
            self._take([(number, row) for number, (_, row) in chunk], run, now, places.__getitem__, {})
            done += len(chunk)
            progress("events", done, None, name)
        self._tell(run)
        return self._done(run, since, ())

    def _take(
        self,
        rows: Sequence[tuple[int, Mapping[str, Any] | str]],
        run: _Run,
        now: float,
        place: Any,
        propensity: Mapping[int, float],
    ) -> None:
        good: list[tuple[int, Checked]] = []
        raw: dict[int, Mapping[str, Any]] = {}
        for line, row in rows:
            if isinstance(row, str):
                self._reject(
                    run, line, place(line), "bad-row", row, "correct the line and import the file again", None, now
                )
                continue
            try:
                good.append((line, check(row, now)))
                raw[line] = row
            except Bad as bad:
                self._reject(run, line, place(line), "bad-row", bad.reason, bad.remedy, row, now)
        items = self._items.keys({event.item_id for _, event in good if event.item_id is not None})
        known: list[tuple[int, Checked]] = []
        for line, event in good:
            if event.item_id is not None and event.item_id not in items and event.target is None:
                self._reject(
                    run,
                    line,
                    place(line),
                    "unknown-item",
                    f"there is no item {event.item_id[:100]}",
                    "ingest the item first, then import again",
                    raw[line],
                    now,
                    event.item_id,
                )
            else:
                known.append((line, event))
        if not known:
            return
        people = self._people.ensure(list(dict.fromkeys(event.user_id for _, event in known)))
        drafts: list[EventDraft] = []
        counts = run.counts
        source = run.source
        for line, event in known:
            person = people[event.user_id]
            count = 0
            if event.time is None and event.event_id is None:
                equal = (person, f"{event.item_id}\0{event.target}\0{event.type}\0{event.undoes}")
                counts[equal] += 1
                count = counts[equal]
            drafts.append(
                EventDraft.model_construct(
                    person=person,
                    item=items.get(event.item_id) if event.item_id is not None else None,
                    type=event.type,
                    value=event.value,
                    time=event.time,
                    surface=event.surface,
                    session=event.session,
                    identity=identity(person, event, count),
                    text=event.text,
                    target=event.target,
                    undoes=event.undoes,
                    propensity=propensity.get(line),
                    source=source,
                )
            )
        appended = self._events.append(drafts)
        run.added += appended.added
        run.known += appended.known
        run.people.update(people.values())

    def _reject(
        self,
        run: _Run,
        index: int,
        place: str,
        kind: str,
        reason: str,
        remedy: str,
        row: Mapping[str, Any] | None,
        now: float,
        item_id: str | None = None,
    ) -> None:
        run.rejected_total += 1
        if len(run.rejected) < _TOLD:
            run.rejected.append(Rejected(index=index, reason=reason, remedy=remedy))
        if run.kept_problems >= self._config.most_problems:
            return
        run.kept_problems += 1
        run.problem_places.add(place)
        payload = None if row is None else json.dumps(row, ensure_ascii=True, default=str)[:_PAYLOAD]
        run.problems.append(
            Problem(
                kind=kind,
                place=place,
                reason=reason,
                remedy=remedy,
                item_id=item_id,
                payload=payload,
                first_seen=now,
                last_seen=now,
            )
        )
        if len(run.problems) >= 1_000:
            self._tell(run)

    def _tell(self, run: _Run) -> None:
        if run.problems:
            self._problems.add(run.problems)
            run.problems = []

    def _done(self, run: _Run, since: int, ignored: tuple[str, ...]) -> Intake:
        report = EventsReport(
            added=run.added,
            known=run.known,
            rejected=tuple(run.rejected),
            rejected_total=run.rejected_total,
            ignored_columns=ignored,
        )
        return Intake(report, tuple(sorted(run.people)), since)


def _digest(raw: RawEvent) -> str:
    """A short name of a refused event: the same again is the same problem."""
    return blake2b(raw.model_dump_json().encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()


def _chunks(rows: Iterable[tuple[int, Any]], size: int) -> Iterator[list[tuple[int, Any]]]:
    chunk: list[tuple[int, Any]] = []
    for row in rows:
        chunk.append(row)
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
