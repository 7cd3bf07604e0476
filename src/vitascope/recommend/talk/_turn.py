"""One turn of a conversation: what a person did, what a wish allows and wants, and which part of it an item fulfils.

Rows are those of the shelf. Every reason comes from what is recorded of the item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.languages import named
from vitascope.base.people import EventType, Surface
from vitascope.base.shelf import TOPICAL
from vitascope.base.strength import SEEN_CODES
from vitascope.base.talk import TalkReason, Wish
from vitascope.base.time import clock
from vitascope.recommend.talk import _say as say
from vitascope.recommend.talk._facts import PLAYED, SPOKEN, Facts
from vitascope.recommend.talk._slots import other_words
from vitascope.recommend.talk.refine import bounds, played

if TYPE_CHECKING:
    from vitascope.base.content import Description

Floats = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

NEAR = 0.2
"""Likeness from which an item counts as like another: text vectors of unlike things stand about there."""
_HIDE = EventType.HIDE.code


class Turn:
    """One turn: the library's facts, the person's history and the moment."""

    def __init__(
        self, facts: Facts, history: Histories, rows: dict[str, int], now: float, surface: Surface, audience: str | None
    ) -> None:
        self.facts, self.shelf, self.history, self.rows = facts, facts.shelf, history, rows
        self.now, self.surface, self.audience = now, surface, audience
        self.seen = np.zeros(len(self.shelf), np.bool_)
        for row in history.item[np.isin(history.type, SEEN_CODES)].tolist():
            self.seen[list(self.shelf.copies.get(row, (row,)))] = True
        self.hidden = np.zeros(len(self.shelf), np.bool_)
        for row in history.item[history.type == _HIDE].tolist():
            self.hidden[list(self.shelf.copies.get(row, (row,)))] = True

    def title(self, row: int) -> str:
        """What an item is called."""
        item = self.shelf.items[row]
        return item.title or item.item_id

    def taken(self, when: str | None) -> list[int]:
        """Rows that the person played in that time (None: ever), the newest first."""
        mine = np.isin(self.history.type, SEEN_CODES)
        if when is not None:
            first, last = played(when, self.now)
            with np.errstate(invalid="ignore"):
                mine &= (self.history.time >= first) & (self.history.time <= last)
        return list(dict.fromkeys(self.history.item[mine][::-1].tolist()))

    def allowed(self, wish: Wish) -> Mask:
        """Rows without what is not wanted: never given up."""
        facts, unwanted = self.facts, [self.hidden]
        unwanted += [facts.category(name) >= 0.3 for name in wish.not_categories]
        unwanted += [self.shelf.feature(f"mood:{name}") >= 0.3 for name in wish.not_moods]
        unwanted += [facts.creator(name) for name in wish.not_by]
        unwanted += [facts.sound(name) >= (PLAYED if name == "music" else SPOKEN) for name in wish.not_sounds]
        unwanted += [facts.language(code) for code in wish.not_languages]
        if wish.seen is False:
            unwanted.append(self.seen)
        return np.asarray(~np.any(unwanted, axis=0), np.bool_)

    def wanted(self, wish: Wish, fit: Floats) -> dict[str, Mask]:
        """Part -> rows that have it. How well they have it is added to `fit`."""
        facts, out = self.facts, dict[str, Mask]()
        if wish.moods:
            values = np.array([self.shelf.feature(f"mood:{m}") for m in wish.moods])
            fit += values.mean(axis=0)
            out["mood"] = np.asarray((values > 0).any(axis=0), np.bool_)
        if wish.categories:
            values = np.array([facts.category(c) for c in wish.categories])
            fit += 0.5 * values.mean(axis=0)
            out["category"] = np.asarray((values >= 0.2).all(axis=0), np.bool_)
            if not out["category"].any():
                out["category"] = np.asarray((values >= 0.2).any(axis=0), np.bool_)
        if wish.kinds:
            out["kind"] = np.any([facts.kind(k) for k in wish.kinds], axis=0)
        if wish.by:
            out["by"] = np.any([facts.creator(b) for b in wish.by], axis=0)
        if wish.languages:
            out["language"] = np.any([facts.language(code) for code in wish.languages], axis=0)
        if wish.sounds:
            least = [PLAYED if s == "music" else SPOKEN for s in wish.sounds]
            out["sound"] = np.all([facts.sound(s) >= m for s, m in zip(wish.sounds, least, strict=True)], axis=0)
        if wish.least is not None or wish.most is not None:
            low, high = wish.least or 0.0, wish.most if wish.most is not None else np.inf
            with np.errstate(invalid="ignore"):
                out["length"] = (facts.seconds >= low) & (facts.seconds <= high)
        if wish.time is not None:
            try:
                first, last = bounds(wish.time, self.now)
            except ValueError:
                pass  # a state that somebody made up
            else:
                out["time"] = (self.shelf.arrived >= first) & (self.shelf.arrived < last)
        if wish.seen:
            out["seen"] = self.seen.copy()
        return out

    def reasons(self, row: int, wish: Wish, description: Description | None, like: int | None) -> list[TalkReason]:
        """Which parts of the wish the item has, each from what is recorded."""
        evidence = {f.name: f for f in description.features} if description is not None else {}
        facts, out = self.facts, list[TalkReason]()

        def add(part: str, english: str, chinese: str, feature: str = "") -> None:
            found = evidence[feature].evidence if feature in evidence else ()
            stands = next((e for e in found if e.span is not None), next(iter(found), None))
            at = float(stands.span.start) if stands is not None and stands.span is not None else None
            where = f" (at {clock(stands.span.start)})" if stands is not None and stands.span is not None else ""
            where_zh = f"（见 {clock(stands.span.start)}）" if stands is not None and stands.span is not None else ""
            quote = stands.quote[:160] if stands is not None else ""
            out.append(TalkReason(part=part, text=english + where, text_zh=chinese + where_zh, at=at, quote=quote))

        for mood in wish.moods:
            if self.shelf.feature(f"mood:{mood}")[row] > 0:
                add("mood", f"{mood} mood", f"情绪：{say.MOODS.get(mood, mood)}", f"mood:{mood}")
        for name in wish.categories:
            if facts.category(name)[row] >= 0.2:
                add("category", name, f"类别：{say.CATEGORIES.get(name, name)}", f"category:{name}")
        if like is not None:
            title = self.title(like)
            near = float(self.shelf.likeness(np.array([like]))[row])
            if near >= NEAR:
                add("like", f"like “{title}” ({near:.0%} alike)", f"与“{title}”相近（{near:.0%}）")
        seconds = float(facts.seconds[row])
        high = wish.most if wish.most is not None else np.inf
        if (wish.least is not None or wish.most is not None) and (wish.least or 0) <= seconds <= high:
            english, chinese = say.length(seconds)  # a length that is unknown (NaN) lies in no bounds
            add("length", f"{english} long", f"长 {chinese}")
        for name in wish.by:
            if facts.creator(name)[row]:
                add("by", f"by {name}", f"作者：{name}")
        for code in wish.languages:
            if facts.language(code)[row]:
                add("language", f"in {named(code)}", named(code, "zh"), f"language:{code}")
        for name in wish.not_sounds:
            if facts.heard[row] and facts.sound(name)[row] < (PLAYED if name == "music" else SPOKEN):
                share = float(facts.sound(name)[row])
                exact, exact_zh = (
                    (" (none heard)", "（未听到）") if share == 0 else (f" (under {max(share, 0.01):.0%})", "（很少）")
                )
                add("sound", f"no {name}{exact}", f"没有{say.SOUNDS.get(name, name)}{exact_zh}")
        for word in wish.about:
            said = (word.casefold(), *other_words(word))
            shown = next((n for n in evidence if n.startswith(TOPICAL) and any(s in n for s in said)), "")
            text = f"{self.shelf.items[row].title or ''} {' '.join(self.shelf.items[row].tags)}".casefold()
            if shown or any(s in text for s in said):
                add("about", f"about {word}", f"关于“{word}”", shown)
        if wish.time and self.shelf.arrived[row] > 0:
            english, chinese = say.date(wish.time)
            try:
                first, last = bounds(wish.time, self.now)
            except ValueError:
                first, last = np.inf, -np.inf
            if first <= self.shelf.arrived[row] < last:
                add("time", english, chinese)
        if self.seen[row]:
            add("seen", "you know it", "您看过")
        return out
