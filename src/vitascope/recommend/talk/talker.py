"""Answers an utterance from the library alone: the wish that holds now, the items that fulfil it, and which part each fulfils.

Takes a person, words and the conversation so far; gives a `TalkAnswer` with the conversation as it stands then. Keeps nothing of
what was said. What is not wanted, hidden or moderated is never given; other parts are given up one by one, the least telling
first, where nothing has them all, and the answer says which.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.people import Surface
from vitascope.base.ports.service import Hit
from vitascope.base.ranking import Request
from vitascope.base.records import ItemKey, PersonKey
from vitascope.base.talk import Conversation, Move, TalkAnswer, Told, Utterance, Wish
from vitascope.recommend.talk import _say as say
from vitascope.recommend.talk import language_of, parse
from vitascope.recommend.talk._facts import Facts
from vitascope.recommend.talk._slots import other_words
from vitascope.recommend.talk._turn import NEAR, Turn
from vitascope.recommend.talk.refine import like_of, refined

if TYPE_CHECKING:
    from vitascope.base.ports.stores import DescriptionStore, ItemStore
    from vitascope.recommend.recommender import Recommender

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Reader = Callable[[str], tuple[Utterance, str]]
"""Reads an utterance: what was understood, and what understood it."""

GIVES_WAY = ("mood", "time", "like", "length", "sound", "language", "seen", "kind", "category", "about", "by")
"""Parts of a wish in the order in which they are given up."""
_TASTE, _LIKE, _SEEN = 0.25, 1.0, 0.15
_FOUND = 500
N = 6
"""Items of an answer where no number was asked for."""


def by_rules(text: str) -> tuple[Utterance, str]:
    """The grammar alone."""
    return parse(text), "rules"


class Talker:
    """Talks about one library. Safe from several threads.

    Args:
        read: what reads utterances; the grammar where nothing is given.
    """

    def __init__(
        self, recommender: Recommender, items: ItemStore, descriptions: DescriptionStore, read: Reader = by_rules
    ) -> None:
        self._recommender, self._items, self._descriptions, self._read = recommender, items, descriptions, read
        self._facts: Facts | None = None

    def answer(
        self,
        person: PersonKey | None,
        text: str,
        state: Conversation,
        *,
        now: float,
        surface: Surface,
        n: int = N,
        audience: str | None = None,
        read: Reader | None = None,
    ) -> TalkAnswer:
        """What the library says to `text`, which `read` reads (None: the reader that it was made with)."""
        shelf = self._recommender.shelf()
        if self._facts is None or self._facts.shelf is not shelf:
            self._facts = Facts(shelf, self._items, self._descriptions)
        facts = self._facts
        said, spoke = (read or self._read)(text)
        rows = {item.item_id: row for row, item in enumerate(shelf.items)}
        if said.move is Move.RESET:
            return TalkAnswer(
                text="From the beginning, then.",
                text_zh="好的，从头来。",
                language=language_of(text),
                understood=said,
                state=Conversation(),
                spoke=spoke,
            )
        history = self._recommender.history(person, now)
        turn = Turn(facts, history, rows, now, surface, audience)
        shown = [rows[i] for i in state.shown if i in rows]
        if said.move is Move.WHY:
            return self._why(said, state, turn, shown, text, spoke)
        lengths = [float(facts.seconds[r]) for r in shown if np.isfinite(facts.seconds[r])]
        wish = refined(state, said, lengths, [float(shelf.arrived[r]) for r in shown])
        like, missing = self._like(said, state, turn, wish)
        refused = list(state.refused)
        if said.move is Move.REJECT:
            places, many = said.places or (1,), len(state.shown)
            refused += [state.shown[at] for p in places if -many <= (at := p - 1 if p > 0 else p) < many]
        out = {rows[i] for i in refused if i in rows}
        if said.move is Move.MORE or said.move is Move.REJECT:
            out |= {rows[i] for i in (state.given if said.move is Move.MORE else ()) if i in rows}
        if like is not None:
            out.add(like)
        count = min(wish.n or n, 100)
        found, relaxed, fit = self._found(person, wish, turn, like, out, count)
        items = self._told(found, fit, wish, turn, like)
        name = None if like is None else turn.title(like)
        english, chinese = say.answer_words(len(items), wish, name, relaxed, missing)
        given = [*state.given, *(i.item_id for i in items)]
        return TalkAnswer(
            text=english,
            text_zh=chinese,
            language=language_of(text),
            understood=said,
            items=items,
            relaxed=relaxed,
            spoke=spoke,
            state=Conversation(
                wish=wish,
                shown=tuple(i.item_id for i in items),
                given=tuple(dict.fromkeys(given))[-2_000:],
                refused=tuple(dict.fromkeys(refused))[-2_000:],
                like_id=None if like is None else shelf.items[like].item_id,
            ),
        )

    def _why(
        self, said: Utterance, state: Conversation, turn: Turn, shown: Sequence[int], text: str, spoke: str
    ) -> TalkAnswer:
        places = [p for p in (said.places or (1,)) if 1 <= p <= len(shown)]
        like = turn.rows.get(state.like_id or "")
        wanted = [shown[p - 1] for p in places]
        items = self._told(wanted, {}, state.wish, turn, like)
        english, chinese = say.wish_words(state.wish, None if like is None else turn.title(like))
        told = ", ".join(english) or "what you like"
        told_zh = "、".join(chinese) or "合您口味的"
        return TalkAnswer(
            text=f"You asked for: {told}. This is what each has of it." if items else "There is no such item.",
            text_zh=f"您要的是：{told_zh}。以下是各条目符合的部分。" if items else "列表里没有这个条目。",
            language=language_of(text),
            understood=said,
            items=items,
            state=state,
            spoke=spoke,
        )

    # --- what it should be like

    def _like(self, said: Utterance, state: Conversation, turn: Turn, wish: Wish) -> tuple[int | None, str | None]:
        """The row of what the items should be like, else what was named and not found."""
        named = like_of(said.wish)
        if named is None:
            return (turn.rows.get(state.like_id or "") if like_of(wish) else None), None
        if named.place is not None:
            at = named.place - 1
            return (turn.rows.get(state.shown[at]) if at < len(state.shown) else None), None
        mine = turn.taken(named.when)
        if named.text:
            hits = self._search(named.text, 50, turn)
            by_words = [turn.rows[h.item_id] for h in hits if h.found_in != "meaning" and h.item_id in turn.rows]
            known = set(mine)
            first = next((r for r in by_words if r in known), None)
            if first is None:
                first = self._of_category(named.text, mine, turn)
            if first is None and named.when is None:
                first = next(iter(by_words), None)
            if (
                first is None
            ):  # the person's own history comes before the library; a wrong day is likelier than a wrong name
                anytime = set(turn.taken(None))
                first = next((r for r in by_words if r in anytime), None)
            return first, (named.text if first is None else None)
        return (mine[0] if mine else None), (None if mine or named.when is None else named.when)

    @staticmethod
    def _of_category(text: str, mine: Sequence[int], turn: Turn) -> int | None:
        """ "The concert": the person's latest item of the category that the word names."""
        wanted = parse(text).wish.categories
        for name in wanted:
            value = turn.facts.category(name)
            best = next((r for r in mine if value[r] >= 0.2), None)
            if best is not None:
                return best
        return None

    # --- what fits

    def _found(
        self, person: PersonKey | None, wish: Wish, turn: Turn, like: int | None, out: set[int], n: int
    ) -> tuple[list[int], tuple[str, ...], dict[int, float]]:
        shelf = turn.shelf
        may = shelf.may(turn.surface, turn.audience) & turn.allowed(wish)
        for row in out:
            may[list(shelf.copies.get(row, (row,)))] = False
        may &= ~self._words(wish.not_about, turn, any_of=True)
        fit = np.zeros(len(shelf), np.float32)
        masks: dict[str, Mask] = turn.wanted(wish, fit)
        if wish.about:
            masks["about"] = self._words(wish.about, turn, any_of=False, fit=fit)
        if like is not None:
            near = np.maximum(shelf.likeness(np.array([like])), 0)
            fit += _LIKE * near
            masks["like"] = near >= min(NEAR, float(np.partition(near, -min(n, len(near)))[-min(n, len(near))]))
        # what nothing has is given up first, so that the rest is not given up in vain
        relaxed = [part for part in GIVES_WAY if part in masks and not (may & masks[part]).any()]
        for part in relaxed:
            del masks[part]
        while not (best := _all(may, masks)).any() and masks:
            last = next(part for part in GIVES_WAY if part in masks)
            del masks[last]
            relaxed.append(last)
        rows = np.flatnonzero(best)
        if len(rows):
            fit[rows] += _TASTE * self._taste(person, rows, turn)
            if wish.seen is None:
                fit[turn.seen] -= _SEEN
        order = rows[np.lexsort((rows, -fit[rows]))]
        kept: list[int] = []
        works: set[int] = set()
        for row in order.tolist():
            if int(shelf.group[row]) not in works:
                works.add(int(shelf.group[row]))
                kept.append(row)
            if len(kept) == n:
                break
        return kept, tuple(relaxed), {r: float(fit[r]) for r in kept}

    def _words(self, said: Sequence[str], turn: Turn, any_of: bool, fit: Floats | None = None) -> Mask:
        """Rows in which words are found: any of them, or all (those that are nowhere aside, unless all are)."""
        masks = []
        for word in said:
            mask = np.zeros(len(turn.shelf), np.bool_)
            for hit in self._search(word, _FOUND, turn):
                row = turn.rows.get(hit.item_id)
                if row is not None and (hit.found_in != "meaning" or not any_of):
                    mask[row] = True
                    if fit is not None:
                        fit[row] += min(1.0, hit.score) / len(said)
            masks.append(mask)
        if not masks:
            return np.zeros(len(turn.shelf), np.bool_)
        return np.asarray(np.any(masks, axis=0) if any_of else np.all(masks, axis=0), np.bool_)

    def _search(self, word: str, n: int, turn: Turn) -> list[Hit]:
        """Hits of a word and of its counterpart in the other language."""
        said = (word, *other_words(word))
        return [hit for one in said for hit in self._recommender.search(one, n, turn.audience)]

    def _taste(self, person: PersonKey | None, rows: npt.NDArray[np.int64], turn: Turn) -> Floats:
        """The person's own order of these rows, 1 for the first to 0 for the last."""
        keys = frozenset(ItemKey(int(turn.shelf.table.items[r])) for r in rows)
        made = self._recommender.recommend(
            Request(
                person=person,
                surface=turn.surface,
                n=min(len(keys), 500),
                candidates=keys,
                include_seen=True,
                now=turn.now,
                audience=turn.audience,
            )
        )
        places = {turn.rows[i.item_id]: p for p, i in enumerate(made.items) if i.item_id in turn.rows}
        many = max(len(places), 1)
        return np.array([1 - places[r] / many if r in places else 0.0 for r in rows.tolist()], np.float32)

    # --- why

    def _told(
        self,
        rows: Sequence[int],
        fit: dict[int, float],
        wish: Wish,
        turn: Turn,
        like: int | None,
    ) -> tuple[Told, ...]:
        known = turn.facts.described(rows)
        return tuple(
            Told(
                item_id=turn.shelf.items[row].item_id,
                title=turn.shelf.items[row].title or turn.shelf.items[row].item_id,
                score=round(fit.get(row, 0.0), 4),
                seconds=float(turn.facts.seconds[row]) if np.isfinite(turn.facts.seconds[row]) else None,
                reasons=tuple(turn.reasons(row, wish, known.get(row), like)),
            )
            for row in rows
        )


def _all(may: Mask, masks: dict[str, Mask]) -> Mask:
    out = may.copy()
    for mask in masks.values():
        out &= mask
    return out
