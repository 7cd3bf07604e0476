"""Histories: the events of some people as arrays over the rows of a library, in order, for tastes and models.

Takes event columns or event records and the library's item keys (ascending). Gives one flat, ordered record. An item's
row is its place in those keys; events of items that are gone are left out. Knows no store and no clock.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vitascope.base.people import Event, EventColumns, EventType
from vitascope.base.strength import SEEN_CODES, standing, strength

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Follow:
    """A person follows a feature of items: "creator:X" or "topic:X"."""

    person: int
    """Place in `Histories.people`."""
    name: str
    time: float
    number: int


@dataclass(frozen=True, eq=False)
class Histories:
    """Events of p people, n in all: person j has those from `start[j]` to `start[j + 1]`, oldest first.

    Undated events come first and have time NaN: nothing that depends on order may be made of them. `strength` is the
    signed strength of base.strength, 0 for a verdict that a later one replaced.
    """

    people: Ints
    start: Ints
    item: Ints
    type: npt.NDArray[np.int8]
    value: npt.NDArray[np.float32]
    time: npt.NDArray[np.float64]
    number: Ints
    session: Ints
    strength: npt.NDArray[np.float32]
    follows: tuple[Follow, ...] = ()

    def __len__(self) -> int:
        return len(self.people)

    @property
    def owner(self) -> Ints:
        """The place of each event's person in `people`, shape (n,)."""
        return np.repeat(np.arange(len(self.people)), np.diff(self.start))

    def chunk(self, first: int, last: int) -> Histories:
        """The people from place `first` up to `last`."""
        a, b = int(self.start[first]), int(self.start[last])
        follows = tuple(
            replace(follow, person=follow.person - first) for follow in self.follows if first <= follow.person < last
        )
        return self._some(self.people[first:last], self.start[first : last + 1] - a, slice(a, b), follows)

    def select(self, keep: npt.NDArray[np.bool_]) -> Histories:
        """The same people with the events where `keep` holds; strengths are worked out anew."""
        start = _starts(np.bincount(self.owner[keep], minlength=len(self.people)))
        made = self._some(self.people, start, keep, self.follows)
        return replace(made, strength=_strengths(made.owner, made.item, made.type, made.value))

    def gather(self, people: Ints, events: Sequence[Ints]) -> Histories:
        """The people at those places, some of them several times, each with those events of theirs alone.

        Follows are left out; a verdict that a later one replaced stays so, whether or not the later one is among them.

        Args:
            people: places in `people`.
            events: places of events, for each of those people.
        """
        at = np.concatenate(events).astype(np.int64) if len(events) else np.zeros(0, np.int64)
        return self._some(self.people[people], _starts([len(some) for some in events]), at)

    def _some(
        self, people: Ints, start: Ints, at: slice | npt.NDArray[np.generic], follows: tuple[Follow, ...] = ()
    ) -> Histories:
        return Histories(
            people=people,
            start=start,
            item=self.item[at],
            type=self.type[at],
            value=self.value[at],
            time=self.time[at],
            number=self.number[at],
            session=self.session[at],
            strength=self.strength[at],
            follows=follows,
        )


def _starts(sizes: Sequence[int] | Ints) -> Ints:
    return np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def lengths(histories: Histories) -> Ints:
    """How many items each person took up, shape (p,): what is seen once counts once, what was only shown not at all."""
    taken = np.isin(histories.type, SEEN_CODES)
    width = int(histories.item.max(initial=0)) + 1
    pairs = np.unique(histories.owner[taken] * width + histories.item[taken])
    return np.bincount(pairs // width, minlength=len(histories)).astype(np.int64)


def _strengths(
    owner: Ints, item: Ints, kind: npt.NDArray[np.int8], value: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    out = strength(kind, value)
    out[~standing(owner, item, kind)] = 0
    return out


def rows_of(items: Ints, keys: Ints) -> Ints:
    """Rows of item keys in `items` (ascending), -1 where a key is not there."""
    if not len(items):
        return np.full(len(keys), -1, np.int64)
    at = np.minimum(np.searchsorted(items, keys), len(items) - 1)
    return np.where(items[at] == keys, at, -1).astype(np.int64)


def from_columns(
    columns: EventColumns, items: Ints, people: Ints | None = None, follows: Mapping[int, str] | None = None
) -> Histories:
    """Histories of `people` (all people of the columns where None, ascending) from event columns.

    Args:
        items: the library's item keys, ascending.
        follows: event number -> followed feature, of the follow events that name one.
    """
    row = rows_of(items, columns.item)
    wanted = np.unique(columns.person) if people is None else np.asarray(people, np.int64)
    order = np.argsort(wanted, kind="stable")
    place = rows_of(wanted[order], columns.person)
    owner = np.where(place >= 0, order[place] if len(order) else -1, -1)
    followed = []
    if follows:
        at = np.flatnonzero((columns.type == EventType.FOLLOW.code) & (owner >= 0))
        for i in at:
            name = follows.get(int(columns.number[i]))
            if name:
                followed.append(Follow(int(owner[i]), name, float(columns.time[i]), int(columns.number[i])))
    keep = np.flatnonzero((owner >= 0) & (row >= 0))
    dated = np.nan_to_num(columns.time[keep], nan=-np.inf)
    keep = keep[np.lexsort((columns.number[keep], dated, owner[keep]))]
    owner, row = owner[keep], row[keep]
    kind, value = columns.type[keep], columns.value[keep]
    return Histories(
        people=wanted,
        start=_starts(np.bincount(owner, minlength=len(wanted))),
        item=row,
        type=kind,
        value=value,
        time=columns.time[keep],
        number=columns.number[keep],
        session=columns.session[keep],
        strength=_strengths(owner, row, kind, value),
        follows=tuple(followed),
    )


def from_events(people: Sequence[int], events: Sequence[Sequence[Event]], items: Ints) -> Histories:
    """Histories from event records, one sequence a person (in any order)."""
    flat = [event for mine in events for event in mine]
    sessions = {name: i for i, name in enumerate(dict.fromkeys(e.session for e in flat if e.session is not None))}
    nan = float("nan")
    columns = EventColumns(
        number=np.array([e.number for e in flat], np.int64),
        person=np.array([p for p, mine in zip(people, events, strict=True) for _ in mine], np.int64),
        item=np.array([-1 if e.item is None else e.item for e in flat], np.int64),
        type=np.array([e.type.code for e in flat], np.int8),
        value=np.array([nan if e.value is None else e.value for e in flat], np.float32),
        time=np.array([nan if e.time is None else e.time for e in flat], np.float64),
        surface=np.full(len(flat), -1, np.int8),
        session=np.array([-1 if e.session is None else sessions[e.session] for e in flat], np.int64),
        imported=np.array([e.source.startswith("import") for e in flat], np.bool_),
    )
    follows = {e.number: e.target for e in flat if e.type is EventType.FOLLOW and e.target}
    return from_columns(columns, items, np.asarray(people, np.int64), follows)
