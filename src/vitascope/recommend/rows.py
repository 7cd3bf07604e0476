"""Rows of a home page: continue watching, next episodes, the list itself, and rows named after the person's interests.

Takes a moment (everything scored once) and series; gives rows with titles in English and Chinese made of named features.
Titles name nothing but what stands in the profile. No item stands in two rows. Writes to no store.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, rows_of
from vitascope.base.people import EventType
from vitascope.base.strength import SEEN_CODES
from vitascope.base.surfaces import Home, HomeRow, RowItem, RowKind
from vitascope.recommend.episodes import Series
from vitascope.recommend.moment import Moment
from vitascope.recommend.recommender import Recommender
from vitascope.recommend.wording import words

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]

BEGUN, ENDED = 0.05, 0.9
"""Watched shares between which an item counts as begun and not ended."""
_SPEAKING = ("topic:", "category:", "tag:", "creator:", "mood:", "scene:")
_LEAST = 3
"""Items that make a row."""
_INTERESTS = 60
"""Strongest features of a taste that may name a row."""
_STOPS = np.array([EventType.COMPLETE.code, EventType.SKIP.code, EventType.HIDE.code, EventType.DISLIKE.code], np.int8)
_WATCHED = np.array([EventType.PLAY.code, EventType.PROGRESS.code, EventType.COMPLETE.code], np.int8)


@dataclass(frozen=True)
class Begun:
    """Something begun and not ended."""

    row: int
    watched: float
    at: float


def begun(history: Histories) -> list[Begun]:
    """What one person began, newest first: the furthest point of the newest watch, unless a later act ended it."""
    out: dict[int, Begun] = {}
    for at in range(len(history.item)):
        row, kind = int(history.item[at]), int(history.type[at])
        value, when = float(history.value[at]), float(history.time[at])
        if kind in _STOPS:
            out.pop(row, None)
        elif kind == EventType.PROGRESS.code and not np.isnan(value):
            if BEGUN <= value <= ENDED and not np.isnan(when):
                out[row] = Begun(row, value, when)
            elif value > ENDED:
                out.pop(row, None)
    return sorted(out.values(), key=lambda b: (-b.at, b.row))


def next_rows(history: Histories, series: Series) -> list[tuple[int, float]]:
    """For each series that the person watches: the first episode after the last ended one that they have not taken up."""
    taken = set(history.item[np.isin(history.type, SEEN_CODES)].tolist())
    gone = set(history.item[history.type == EventType.HIDE.code].tolist())
    last: dict[str, tuple[float, int]] = {}
    for at in np.flatnonzero(np.isin(history.type, _WATCHED)).tolist():
        row = int(history.item[at])
        place = series.place.get(row)
        if place is not None:
            last[place.name] = (float(np.nan_to_num(history.time[at])), row)
    out = []
    for when, row in last.values():
        following = next((r for r in series.after(row) if r not in taken and r not in gone), None)
        if following is not None:
            out.append((following, when))
    return sorted(out, key=lambda pair: (-pair[1], pair[0]))


class HomePages:
    """Makes home pages."""

    def __init__(self, recommender: Recommender) -> None:
        self._recommender = recommender

    def home(self, moment: Moment, series: Series, rows: int, n: int) -> Home:
        """At most `rows` rows of at most `n` items each."""
        page = _Page(moment, series, n)
        page.go_on()
        page.follow()
        listed = self._recommender.recommend(
            moment.request.model_copy(
                update={"n": n, "rerank": True, "exclude": moment.request.exclude | page.keys(), "explain": False}
            )
        )
        page.listed([(int(i.item), i.score, i.source) for i in listed.items])
        room = rows - len(page.rows)
        made = page.interests(max(room - 2, 1)) if room > 0 else []
        made += self._because(page, max(1, room // 4)) if room > 2 else []
        page.rows += _mixed(made)[: max(rows - len(page.rows) - (2 if room > 3 else 0), 0)]
        page.fresh(max(rows - len(page.rows), 0))
        return Home(surface=moment.request.surface.value, rows=tuple(page.rows[:rows]), model=moment.model)

    def _because(self, page: _Page, most: int) -> list[HomeRow]:
        """Rows that follow what the person took to last."""
        moment, shelf = page.moment, page.moment.shelf
        history = moment.history
        liked = history.item[history.strength >= 0.6][::-1]
        out: list[HomeRow] = []
        for row in list(dict.fromkeys(liked.tolist()))[:6]:
            if len(out) >= most:
                break
            if not moment.allowed[row]:
                continue  # its title may not be shown (any more)
            like = np.maximum(shelf.likeness(np.array([row])), 0) + self._recommender.together(row, shelf)
            if float(like.max(initial=0)) <= 0.2:
                continue
            value = np.asarray(like + 0.3 * moment.blend, np.float32)
            found = moment.best(value, moment.may & (like > 0.2), page.n, page.taken | {row})
            if len(found) < _LEAST:
                continue
            item = shelf.items[row]
            title = item.title or item.item_id
            out.append(
                page.made(
                    RowKind.BECAUSE,
                    f"because:{item.item_id}",
                    f"Because you liked “{title}”",
                    f"因为您喜欢“{title}”",
                    [(r, float(value[r]), "similar") for r in found.tolist()],
                    item.item_id,
                )
            )
        return out


class _Page:
    """A page being made."""

    def __init__(self, moment: Moment, series: Series, n: int) -> None:
        self.moment, self.series, self.n = moment, series, n
        self.rows: list[HomeRow] = []
        self.taken: set[int] = set()

    def keys(self) -> frozenset[int]:
        """Items that stand in a row, as the inside names them."""
        return frozenset(int(self.moment.shelf.table.items[row]) for row in self.taken)

    def item(self, row: int, score: float, source: str, start: Begun | None = None) -> RowItem:
        """One item of a row."""
        place = self.series.place.get(row)
        return RowItem(
            item_id=self.moment.shelf.items[row].item_id,
            score=round(score, 6),
            source=source,
            watched=None if start is None else start.watched,
            watched_at=None if start is None else start.at,
            series=None if place is None else place.series,
            season=None if place is None else place.season,
            episode=None if place is None else place.episode,
        )

    def made(
        self,
        kind: RowKind,
        name: str,
        title: str,
        title_zh: str,
        found: list[tuple[int, float, str]],
        because: str | None = None,
    ) -> HomeRow:
        """A row; its items stand in no other."""
        self.taken |= {row for row, _, _ in found}
        items = tuple(self.item(row, score, source) for row, score, source in found)
        return HomeRow(kind=kind, name=name, title=title, title_zh=title_zh, because_id=because, items=items)

    def go_on(self) -> None:
        """Continue watching."""
        moment = self.moment
        found = [b for b in begun(moment.history) if moment.allowed[b.row]][: self.n]
        if found:
            self.taken |= {b.row for b in found}
            items = tuple(self.item(b.row, 0.0, "continue", b) for b in found)
            self.rows.append(
                HomeRow(
                    kind=RowKind.CONTINUE, name="continue", title="Continue watching", title_zh="继续观看", items=items
                )
            )

    def follow(self) -> None:
        """Next episodes."""
        moment = self.moment
        found = [(r, at) for r, at in next_rows(moment.history, self.series) if moment.allowed[r]]
        found = [(r, at) for r, at in found if r not in self.taken][: self.n]
        if found:
            row = self.made(
                RowKind.NEXT, "next", "Next episodes", "下一集", [(r, float(moment.blend[r]), "next") for r, _ in found]
            )
            self.rows.append(row)

    def listed(self, found: list[tuple[int, float, str]]) -> None:
        """The list of the surface: (item key, score, source)."""
        shelf = self.moment.shelf
        at = rows_of(shelf.table.items, np.array([key for key, _, _ in found], np.int64)).tolist()
        rows = [(row, score, source) for row, (_, score, source) in zip(at, found, strict=True) if row >= 0]
        if rows:
            self.rows.append(self.made(RowKind.FOR_YOU, "for_you", "For you", "为您推荐", rows))

    def interests(self, most: int) -> list[HomeRow]:
        """Rows named after the strongest features of the taste that enough unseen items have."""
        moment, shelf = self.moment, self.moment.shelf
        table, taste = shelf.table, self.moment.taste
        if not len(taste):
            return []
        strong = np.argsort(-taste * table.rarity, kind="stable")[:_INTERESTS]
        owner = np.repeat(np.arange(len(shelf)), np.diff(table.start))
        out: list[HomeRow] = []
        families: dict[str, int] = {}
        for column in strong.tolist():
            if len(out) >= most or taste[column] <= 0:
                break
            name = table.names[column]
            family = name.partition(":")[0]
            if not name.startswith(_SPEAKING) or families.get(family, 0) >= max(2, most // 2):
                continue
            entries = np.flatnonzero(table.column == column)
            value = np.full(len(shelf), -np.inf, np.float32)
            value[owner[entries]] = moment.blend[owner[entries]] + 0.2 * table.value[entries]
            found = moment.best(value, moment.may & np.isfinite(value), self.n, self.taken)
            if len(found) < _LEAST:
                continue
            families[family] = families.get(family, 0) + 1
            english, chinese = _title(name, family)
            told = [(r, float(value[r]), moment.source(r)) for r in found.tolist()]
            out.append(self.made(RowKind.INTEREST, f"interest:{name}", english, chinese, told))
        return out

    def fresh(self, room: int) -> None:
        """What is new and what many take to, at the end."""
        moment, shelf = self.moment, self.moment.shelf
        told = (
            (RowKind.NEW, "new", "New here", "最新", shelf.arrived.astype(np.float64)),
            (RowKind.POPULAR, "popular", "Many here watch", "大家在看", moment.scored.crowd.popular.astype(np.float64)),
        )
        for kind, name, english, chinese, value in told[: max(room, 0)]:
            may = moment.may & (value > 0)
            found = moment.best(value.astype(np.float64), may, self.n, self.taken)
            if len(found) >= 1:
                rows = [(r, float(moment.blend[r]), name) for r in found.tolist()]
                self.rows.append(self.made(kind, name, english, chinese, rows))


def _title(name: str, family: str) -> tuple[str, str]:
    english, chinese = words(name)
    if family == "creator":
        return f"More {english}", f"更多：{chinese}"
    if family == "mood":
        return f"In a {english}", f"适合的{chinese}"
    return f"More on {english}", f"更多：{chinese}"


def _mixed(rows: list[HomeRow]) -> list[HomeRow]:
    """Interest rows with a "because" row after every second."""
    interest = [r for r in rows if r.kind is RowKind.INTEREST]
    because = [r for r in rows if r.kind is RowKind.BECAUSE]
    out: list[HomeRow] = []
    for at, row in enumerate(interest):
        out.append(row)
        if at % 2 == 1 and because:
            out.append(because.pop(0))
    return out + because
