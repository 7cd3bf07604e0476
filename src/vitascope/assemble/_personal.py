"""Content for one person as one service: personal summaries, the weekly digest, trailers. Takes and gives outside ids.

What costs something (sound, video) is kept sealed in the person's own folder under the hash of all it was made of, and goes
with the person. Moderation decides what may be in it, as for every list.
"""

from __future__ import annotations

import datetime
import hashlib
import threading
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from vitascope.assemble._people import People
from vitascope.base.errors import Refused, UnknownItem, UsageError
from vitascope.base.made import Cut, Digest, Matter, Rendered, Source, Trailer, Trend
from vitascope.base.media import Asset
from vitascope.base.people import SEEN_TYPES
from vitascope.base.ports.media import CutPart
from vitascope.base.ports.service import Ask, ItemView
from vitascope.base.privacy import Purpose
from vitascope.base.records import ItemKey, PersonKey

_WEEK = 7 * 86_400.0
_MOST = 12
_MAKING = threading.Lock()
_RULES = "1"
"""Version of how trailers and sound are made: what was kept under another is made anew."""


class Personally(People):
    """What is made for one person."""

    def _agreed(self, user_id: str) -> PersonKey:
        """The person, where they agreed to content of their own. Raises UnknownPerson, Refused."""
        person = self._known(user_id)
        if not self._rooms.agrees(person, Purpose.CONTENT):
            raise Refused(
                "this person did not agree to content made for them",
                place=user_id,
                remedy="they may agree under the purpose `content`",
            )
        return person

    def matter(self, user_id: str, item_id: str) -> Matter:
        """Why an item may matter to them."""
        from vitascope.recommend.personal.matter import matter

        self._agreed(user_id)
        listed = self.explain(user_id, item_id)
        line = next(iter(listed.items), None)
        view = self._view(item_id)
        return matter(view.item, view.description, None if line is None else line.explanation)

    # --- the week

    def digest(self, user_id: str, until: float | None = None) -> Digest:
        """The week that ends now, or at `until`."""
        person = self._agreed(user_id)
        now = self._rooms.clock()
        last = now if until is None else until
        first = last - _WEEK
        audience = self.audience_of(user_id)
        events = [
            e
            for e in self._rooms.stores.events.of(person)
            if e.time is not None and first <= e.time <= last and e.type in SEEN_TYPES and e.item is not None
        ]
        watched = [e.item for e in reversed(events) if e.item is not None]
        ask = Ask(user_id=user_id, n=5, explain=True, rerank=True, include_seen=False)
        ahead = [self.matter(user_id, line.item_id) for line in self.recommend(ask).items]
        new = [
            i.key
            for i in sorted(self._rooms.stores.items.iter(True), key=lambda i: -i.created_at)
            if first <= i.created_at <= last
        ]
        profile = self._rooms.profiler.profile(person, now)  # not its text, which a language model may write
        year, week, _ = datetime.datetime.fromtimestamp(last, datetime.UTC).isocalendar()
        return Digest(
            user_id=user_id,
            week=f"{year}-W{week:02}",
            first=first,
            last=last,
            watched=self._sources(watched, audience),
            events=len(events),
            ahead=tuple(ahead),
            new=self._sources(new, audience),
            trends=tuple(Trend(topic=i.topic, trend=i.trend, strength=i.strength) for i in profile.interests[:8]),
        )

    def digest_page(self, user_id: str, language: str = "en") -> str:
        """The digest as an HTML page of its own."""
        from vitascope.recommend.personal.page import page

        return page(self.digest(user_id), language)

    def digest_sound(self, user_id: str) -> bytes:
        """The digest read aloud: a WAV file, kept until its words change."""
        from vitascope.recommend.personal.page import words

        person = self._agreed(user_id)
        text = words(self.digest(user_id))
        name = _name("digest", self._rooms.voice.info.id, text)
        kept = self._rooms.personal.get(person, name)
        if kept is None:
            kept = self._rooms.voice.speak(text)
            self._rooms.personal.put(person, name, kept)
        return kept

    def _sources(self, keys: Sequence[ItemKey], audience: str | None) -> tuple[Source, ...]:
        """Items as sources, each once, those that may not be shown left out."""
        known = self._rooms.stores.items.by_key(list(dict.fromkeys(keys)))
        out = []
        for key in dict.fromkeys(keys):
            item = known.get(key)
            if item is None or not item.available or not self._shown(item.item_id, audience):
                continue
            out.append(Source(item_id=item.item_id, title=item.title or item.item_id))
            if len(out) == _MOST:
                break
        return tuple(out)

    def _shown(self, item_id: str, audience: str | None) -> bool:
        try:
            self.check_shown(item_id, audience)
        except Refused:
            return False
        return True

    # --- trailers

    def trailer(
        self, user_id: str, item_ids: Sequence[str], target: Path, seconds: float = 30.0
    ) -> tuple[Trailer, Rendered]:
        """Cut what matches their taste: of one item, or the best of many with a chapter for each."""
        person = self._agreed(user_id)
        if not item_ids or len(set(item_ids)) != len(item_ids):
            raise UsageError("name each item once", place="items", remedy="give one item, or several different ones")
        plan, files = self._plan(user_id, item_ids, seconds)
        parts = [
            CutPart(path=files[c.item_id].path, start=c.start, end=c.end, title=title)
            for c, title in zip(plan.cuts, _chapters(plan), strict=True)
        ]
        name = _name("trailer", plan.model_dump_json(), *(files[i].sha256 for i in item_ids))
        with _MAKING:  # a page asks for a film and its captions at once
            return plan, self._made(person, name, plan, parts, target)

    def _made(self, person: PersonKey, name: str, plan: Trailer, parts: Sequence[CutPart], target: Path) -> Rendered:
        """The film at `target`: as it was kept, else made now."""
        from vitascope.recommend.personal.cuts import captions

        files = self._rooms.personal
        kept, told = files.get(person, name), files.get(person, name + ".json")
        if kept is not None and told is not None:
            target.write_bytes(kept)
            return Rendered.model_validate_json(told)
        made = self._rooms.cutter.cut(parts, target, plan.title)
        rendered = Rendered(
            seconds=round(made.seconds, 3),
            video=made.video,
            bytes=made.bytes,
            mime=made.mime,
            captions=captions(plan.cuts, made.starts),
        )
        files.put(person, name, target.read_bytes())
        files.put(person, name + ".json", rendered.model_dump_json().encode())
        return rendered

    def _plan(self, user_id: str, item_ids: Sequence[str], seconds: float) -> tuple[Trailer, dict[str, Asset]]:
        from vitascope.recommend.personal.cuts import cuts

        audience = self.audience_of(user_id)
        taste = self._taste(self._known(user_id))
        plan: list[Cut] = []
        files: dict[str, Asset] = {}
        titles, followed = [], False
        for item_id in item_ids:
            self.check_shown(item_id, audience)
            view = self._view(item_id)
            asset = next((a for a in view.assets if a.available and a.duration), None)
            if asset is None or view.description is None or asset.duration is None:
                raise UsageError(
                    "it has no media that were looked at", place=item_id, remedy="run `vitascope describe` first"
                )
            chosen, by_taste = cuts(item_id, view.description, float(asset.duration), taste, seconds / len(item_ids))
            plan += chosen
            followed |= by_taste
            files[item_id] = asset
            titles.append(view.item.title or item_id)
        if not plan:
            raise UsageError("it is too short to cut", place=", ".join(item_ids), remedy="name a longer item")
        title = titles[0] if len(titles) == 1 else f"Best of {len(titles)}"
        sources = tuple(
            Source(item_id=c.item_id, title=titles[list(item_ids).index(c.item_id)], start=c.start, end=c.end)
            for c in plan
        )
        return Trailer(user_id=user_id, title=title, cuts=tuple(plan), by_taste=followed, sources=sources), files

    def _taste(self, person: PersonKey) -> dict[str, float]:
        """How much the person cares for each feature, w times u."""
        from vitascope.profile.profiler import first_weight

        rooms = self._rooms
        general, own = rooms.stores.profiles.weights(None), rooms.stores.profiles.weights(person)
        return {
            f.name: f.value * own.get(f.name, general.get(f.name, first_weight(f.name)))
            for f in rooms.profiler.profile(person, rooms.clock()).features
        }

    def _view(self, item_id: str) -> ItemView:
        found = self._rooms.stores.items.get(item_id)
        if found is None:
            raise UnknownItem("no such item", place=item_id, remedy="look for it with `vitascope search`")
        keys = [found.key]
        return ItemView(
            item=found,
            assets=tuple(self._rooms.stores.items.assets(keys).get(found.key, ())),
            description=self._rooms.stores.descriptions.many(keys).get(found.key),
        )


def _chapters(plan: Trailer) -> list[str]:
    """A title where a new item begins, in a best-of; in a trailer of one item what speaks for the stretch."""
    many = len({c.item_id for c in plan.cuts}) > 1
    if not many:
        return [", ".join(c.reasons[:2]) or plan.title for c in plan.cuts]
    before = [None, *(a.item_id for a, _ in pairwise(plan.cuts))] if plan.cuts else []
    return [s.title if c.item_id != last else "" for c, s, last in zip(plan.cuts, plan.sources, before, strict=True)]


def _name(kind: str, *parts: str) -> str:
    digest = hashlib.sha256("\0".join((_RULES, *parts)).encode()).hexdigest()
    return f"{kind}-{digest}"
