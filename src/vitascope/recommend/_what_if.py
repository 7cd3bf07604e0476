"""What the list would be had a person done something else: histories changed, everything scored and ranked anew.

Takes a bench's own way of answering. What was seen stays out of the list, and popularity stays as it is: one person's act
hardly moves it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.people import EVENT_TYPES, EventType
from vitascope.base.ranking import Request
from vitascope.base.reasons import Attribution, Reason
from vitascope.base.shelf import Shelf
from vitascope.base.strength import strength
from vitascope.base.whys import More, Without
from vitascope.recommend._draft import Draft
from vitascope.recommend._exact import ordered

Ints = npt.NDArray[np.int64]
Answer = Callable[[Request, Histories, int | None], list[Draft]]
"""Drafts of the people of some histories; a row: of that item alone."""

ACTS = 24
"""Newest items of a history that are left out in turn."""
_PAIRS = 4


@dataclass(frozen=True, eq=False)
class Act:
    """All that a person did with one item."""

    row: int
    events: Ints
    """Places in the history."""

    def reason(self, history: Histories, shelf: Shelf, amount: float) -> Reason:
        """As a record; the event named is the one that says most."""
        best = self.events[np.lexsort((self.events, history.strength[self.events]))[-1]]
        item = shelf.items[self.row]
        return Reason(
            kind="act",
            name=item.item_id,
            amount=amount,
            event=int(history.number[best]),
            title=item.title or item.item_id,
            did=EVENT_TYPES[int(history.type[best])].value,
        )


def acts_of(history: Histories, most: int = ACTS) -> list[Act]:
    """What one person did, by item, the newest last."""
    spoken = history.type != EventType.IMPRESSION.code
    places = np.flatnonzero(spoken)
    last = {int(history.item[at]): int(at) for at in places}
    newest = sorted(last, key=lambda row: last[row])[-most:]
    return [Act(row, places[history.item[places] == row]) for row in newest]


def level(draft: Draft) -> float:
    """What one item is ranked by, before a list is brought to one scale: comparable between histories."""
    if draft.said is not None:
        at = np.flatnonzero(draft.said.rows == draft.rows[0])
        if len(at):
            return float(draft.said.worth[at[0]])
    return draft.scores[0]


class WhatIf:
    """Questions about one person's history and one item."""

    def __init__(
        self, answer: Answer, request: Request, history: Histories, shelf: Shelf, row: int, seen: bool
    ) -> None:
        """`seen`: what was seen is kept out of the list."""
        kept = shelf.table.items[np.unique(history.item)].tolist() if seen else []
        n = request.n
        self._request = request.model_copy(update={"exclude": request.exclude | frozenset(kept)})
        self._answer, self._history, self._shelf, self._row, self._n = answer, history, shelf, row, n
        self.acts = acts_of(history)

    @cached_property
    def _now(self) -> Draft:
        """The person's list as it is."""
        return self._answer(self._request, self._history, None)[0]

    def without(self, removed: Sequence[Sequence[Act]]) -> list[Draft]:
        """The item's draft with all of the history, then without each set of acts."""
        everything = np.arange(len(self._history.item))
        gone = [np.concatenate([act.events for act in acts]) if acts else everything[:0] for acts in removed]
        kept = [everything, *(np.setdiff1d(everything, some) for some in gone)]
        made = self._history.gather(np.zeros(len(kept), np.int64), kept)
        followed = [replace(follow, person=place) for place in range(len(kept)) for follow in self._history.follows]
        made = replace(made, follows=tuple(followed))
        return self._answer(self._request, made, self._row)

    def told(self) -> tuple[Attribution | None, tuple[Without, ...]]:
        """How much each act carries, and which one or two the item's place hangs on."""
        if not self.acts:
            return None, ()
        drafts = self.without([[act] for act in self.acts])
        now = level(drafts[0])
        falls = [now - level(draft) for draft in drafts[1:]]
        reasons = {
            act.row: act.reason(self._history, self._shelf, fall) for act, fall in zip(self.acts, falls, strict=True)
        }
        told = Attribution(method="left-out", of="score", score=now, exact=False, reasons=ordered([*reasons.values()]))
        best = sorted(range(len(falls)), key=lambda i: (-(drafts[i + 1].place or 0), -falls[i]))[:_PAIRS]
        sets = [(i,) for i in best] + [(i, j) for a, i in enumerate(best) for j in best[a + 1 :]]
        tried = self.without([[self.acts[i] for i in some] for some in sets[len(best) :]])[1:]
        places = [drafts[i + 1].place or 0 for i in best] + [draft.place or 0 for draft in tried]
        found = [
            Without(acts=tuple(reasons[self.acts[i].row] for i in some), place=place, gone=place > self._n)
            for some, place in zip(sets, places, strict=True)
            if place > (drafts[0].place or 0)
        ]
        # the smallest set that is enough comes first, then what moves the item furthest
        found.sort(key=lambda w: (not w.gone, len(w.acts) if w.gone else 0, -w.place))
        return told, tuple(found[:3])

    def more(self, feature: str) -> tuple[More, ...]:
        """What liking the best-placed other item with a feature would bring, and what hiding it would."""
        draft = self._now
        has = self._shelf.feature(feature) > 0
        others = [row for row in draft.rows if has[row] and row != self._row]
        if not others:
            return ()
        chosen = others[0]
        kinds = (EventType.LIKE, EventType.HIDE)
        made = _joined([_added(self._history, chosen, kind, self._request.now) for kind in kinds])
        asked = self._request.model_copy(
            update={"exclude": self._request.exclude | {int(self._shelf.table.items[chosen])}}
        )
        before = sum(bool(has[row]) for row in draft.rows if row != chosen)
        item = self._shelf.items[chosen]
        return tuple(
            More(
                feature=feature,
                item_id=item.item_id,
                title=item.title or item.item_id,
                did=kind.value,
                before=before,
                after=sum(bool(has[row]) for row in after.rows),
            )
            for kind, after in zip(kinds, self._answer(asked, made, None), strict=True)
        )


def _added(history: Histories, row: int, kind: EventType, now: float) -> Histories:
    """A history with one more act at its end."""
    undated = len(history.time) > 0 and bool(np.isnan(history.time).all())

    def with_one(array: npt.NDArray[Any], value: float) -> npt.NDArray[Any]:
        return np.append(array, np.array([value]).astype(array.dtype))

    code = np.array([kind.code], np.int8)
    return replace(
        history,
        start=np.array([0, len(history.item) + 1], np.int64),
        item=with_one(history.item, row),
        type=with_one(history.type, kind.code),
        value=with_one(history.value, float("nan")),
        time=with_one(history.time, float("nan") if undated else now),
        number=with_one(history.number, int(history.number.max(initial=0)) + 1),
        session=with_one(history.session, int(history.session[-1]) if len(history.session) else -1),
        strength=with_one(history.strength, float(strength(code, np.array([np.nan], np.float32))[0])),
    )


def _joined(people: Sequence[Histories]) -> Histories:
    """Several histories of one person, as one record."""
    names = ("item", "type", "value", "time", "number", "session", "strength")
    arrays = {name: np.concatenate([getattr(one, name) for one in people]) for name in names}
    sizes = np.cumsum([0, *(len(one.item) for one in people)]).astype(np.int64)
    follows = tuple(replace(follow, person=place) for place, one in enumerate(people) for follow in one.follows)
    return Histories(people=np.repeat(people[0].people, len(people)), start=sizes, follows=follows, **arrays)
