"""Profiles: a person's taste kept, corrected, told and written down.

Takes events, the feature library and what a person corrected. Gives profiles, tastes for ranking, the weights w, and the
view a person sees. The language model is asked for the short text only, from evidence made safe, and checked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, from_events
from vitascope.base.items import Item
from vitascope.base.people import Correction, Event, EventColumns, EventType, Interest, Profile, TasteFeature
from vitascope.base.ports.ranking import FeatureTable, Tastes
from vitascope.base.ports.service import InterestRow, ProfileView, TasteRow
from vitascope.base.records import ItemKey, PersonKey
from vitascope.profile._words import interests_text, template_text
from vitascope.profile.config import ProfileConfig
from vitascope.profile.noise import Noise
from vitascope.profile.taste import spoken, tastes

if TYPE_CHECKING:
    from vitascope.base.ports.models import LanguageModel
    from vitascope.base.ports.people import EventStore, ProfileStore
    from vitascope.base.ports.stores import ItemStore
    from vitascope.profile.features import FeatureLibrary

Floats = npt.NDArray[np.float32]

WEIGHTS: dict[str, float] = {
    "category": 0.35,
    "topic": 0.5,
    "tag": 0.5,
    "creator": 0.6,
    "mood": 0.4,
    "sound": 0.35,
    "look": 0.25,
    "scene": 0.3,
    "kind": 0.15,
    "language": 0.25,
    "length": 0.1,
    "tempo": 0.2,
}
"""Where the weights w start, by the family of a feature; the online learner moves them from there."""
OTHER_WEIGHT = 0.3
_INTERESTS = ("topic", "category", "tag", "creator")
_DAY = 86_400.0
_VERBS = {
    EventType.COMPLETE: "finished",
    EventType.LIKE: "liked",
    EventType.DISLIKE: "disliked",
    EventType.FAVOURITE: "made a favourite of",
    EventType.SHARE: "shared",
    EventType.SKIP: "skipped",
    EventType.HIDE: "hid",
    EventType.RATE: "rated",
    EventType.COMMENT: "commented on",
    EventType.FOLLOW: "followed the creator of",
}


def first_weight(name: str) -> float:
    """The weight of a feature that nothing was learned of."""
    return WEIGHTS.get(name.partition(":")[0], OTHER_WEIGHT)


class Profiler:
    """Keeps profiles. Implements the port TasteMaker; safe from several threads (the stores order the writes)."""

    def __init__(
        self,
        *,
        features: FeatureLibrary,
        events: EventStore,
        profiles: ProfileStore,
        items: ItemStore,
        language: LanguageModel | None = None,
        config: ProfileConfig | None = None,
        may_write: Callable[[PersonKey], bool] = lambda _: True,
    ) -> None:
        self._features, self._events, self._profiles, self._items = features, events, profiles, items
        self._language, self._config = language, config or ProfileConfig()
        self._noise, self._may_write = Noise(self._config.noise), may_write
        self._kept: tuple[FeatureTable, Floats, Mapping[str, int]] | None = None
        self._made_of: WeakKeyDictionary[Histories, tuple[FeatureTable, Tastes]] = WeakKeyDictionary()
        self._supposed: ContextVar[tuple[PersonKey, tuple[Correction, ...]] | None]
        self._supposed = ContextVar("supposed", default=None)

    # --- for ranking

    def tastes(self, histories: Histories, table: FeatureTable) -> Tastes:
        """Behaviour since a reset, then what people corrected, which wins."""
        people = [PersonKey(int(p)) for p in histories.people]
        if found := self._profiles.resets_of(people):
            resets = np.array([found.get(p, 0) for p in people], np.int64)
            histories = histories.select(histories.number > resets[histories.owner])
            made = tastes(self._clean(histories), table, self._config)
        else:
            made = self._behaviour(histories, table)
        corrections = self._profiles.corrections_of(people)
        for place, person in enumerate(people):
            for correction in (*corrections.get(person, ()), *self._supposing(person)):
                column = self._features.column(table, correction.name)
                if column is not None and (correction.muted or correction.value is not None):
                    made.values[place, column] = 0.0 if correction.muted else correction.value
                    made.session[place, column] = 0.0
        return made

    def _behaviour(self, histories: Histories, table: FeatureTable) -> Tastes:
        """Tastes of behaviour alone; kept as long as that very history is."""
        if len(histories) != 1:
            return tastes(self._clean(histories), table, self._config)
        kept = self._made_of.get(histories)
        if kept is None or kept[0] is not table:
            kept = (table, tastes(self._clean(histories), table, self._config))
            self._made_of[histories] = kept
        return Tastes(kept[1].values.copy(), kept[1].session.copy())

    @contextmanager
    def supposing(self, person: PersonKey, corrections: Sequence[Correction]) -> Iterator[None]:
        """Within, this thread's tastes are as if the person had also said this; nothing is stored."""
        token = self._supposed.set((person, tuple(corrections)))
        try:
            yield
        finally:
            self._supposed.reset(token)

    def _supposing(self, person: PersonKey) -> tuple[Correction, ...]:
        supposed = self._supposed.get()
        return supposed[1] if supposed is not None and supposed[0] == person else ()

    def _clean(self, histories: Histories) -> Histories:
        """Without noise. Whether an event came in live is not asked here: automation is looked for over the whole log."""
        n = len(histories.item)
        keep = self._noise.clean(
            EventColumns(
                number=histories.number,
                # places, not keys: one person may be asked about several times, each time with other acts
                person=histories.owner,
                item=histories.item,
                type=histories.type,
                value=histories.value,
                time=histories.time,
                surface=np.full(n, -1, np.int8),
                session=histories.session,
                imported=np.ones(n, np.bool_),
            )
        ).keep
        return histories if keep.all() else histories.select(keep)

    def _first(self, table: FeatureTable) -> tuple[Floats, Mapping[str, int]]:
        """The weights of a table of which nothing was learned, to be changed; and where each feature stands."""
        kept = self._kept
        if kept is None or kept[0] is not table:
            weights = np.array([first_weight(name) for name in table.names], np.float32)
            kept = self._kept = (table, weights, {name: i for i, name in enumerate(table.names)})
        return kept[1].copy(), kept[2]

    def weights(self, people: Sequence[PersonKey], table: FeatureTable) -> Floats:
        """The weights w, shape (p, f), or (1, f) where nobody has his own."""
        general, place = self._first(table)
        for name, value in self._profiles.weights(None).items():
            if name in place:
                general[place[name]] = value
        own = self._profiles.weights_of(people)
        if not own:
            return general[None, :]
        out = np.repeat(general[None, :], len(people), axis=0)
        for row, person in zip(out, people, strict=True):
            for name, value in own.get(person, {}).items():
                if name in place:
                    row[place[name]] = value
        return out

    # --- keeping

    def history(self, person: PersonKey, table: FeatureTable) -> tuple[Histories, dict[int, Event]]:
        """What a person did since a reset, as arrays, and the events by number."""
        after = self._profiles.reset_after(person)
        events = [e for e in self._events.of(person) if e.number > after]
        return from_events([person], [events], table.items), {e.number: e for e in events}

    def update(self, person: PersonKey, now: float) -> Profile:
        """Make the profile anew from the person's events; milliseconds, no language model."""
        profile = self._made(person, now)
        self._profiles.put(profile)
        return profile

    def update_many(self, people: Sequence[PersonKey], now: float) -> None:
        """As `update` for many people, kept in one transaction."""
        self._profiles.put_many([self._made(person, now) for person in people])

    def _made(self, person: PersonKey, now: float) -> Profile:
        table = self._features.table()
        history, events = self.history(person, table)
        made = self.tastes(history, table)
        values, session = made.values[0], made.session[0]
        speaks = self._speaks(history, table)
        corrected = {c.name for c in self._profiles.corrections(person) if c.value is not None and not c.muted}
        strongest = np.argsort(-np.abs(values), kind="stable")[: self._config.most_features]
        features = tuple(
            TasteFeature(
                name=table.names[c],
                value=round(float(values[c]), 5),
                session=round(float(session[c]), 5),
                events=tuple(speaks.get(int(c), ())[:5]),
                corrected=table.names[c] in corrected,
            )
            for c in strongest
            if values[c] != 0
        )
        before = self._profiles.get(person)
        return Profile(
            person=person,
            features=features,
            interests=self._interests(features, events),
            text=before.text if before else "",
            text_source=before.text_source if before else "",
            events=len(events),
            last_event=max(events, default=0),
            updated_at=now,
        )

    def profile(self, person: PersonKey, now: float) -> Profile:
        """The profile, made anew if events came since."""
        kept = self._profiles.get(person)
        newest = max((e.number for e in self._events.of(person)), default=0)
        return kept if kept is not None and kept.last_event >= newest else self.update(person, now)

    def correct(self, person: PersonKey, correction: Correction, now: float) -> Profile:
        """What a person says of the own taste wins over behaviour."""
        self._profiles.correct(person, correction)
        return self.update(person, now)

    def reset(self, person: PersonKey) -> None:
        """Forget taste and corrections."""
        self._profiles.reset(person)

    def write_text(self, person: PersonKey, now: float) -> Profile:
        """The short text of interests: by the language model where it keeps to the evidence, else by template.

        Asked for only when the strongest interests are not those the text was written from.
        """
        profile = self.profile(person, now)
        basis = "|".join(f"{f.name}:{'+' if f.value > 0 else '-'}" for f in profile.features[:8])
        source = f"basis {basis}"
        if profile.text and profile.text_source.endswith(source):
            return profile
        written = None
        if self._language is not None and self._config.text and self._may_write(person):
            written = interests_text(self._language, profile)
        text, by = written or (template_text(profile), "template")
        profile = profile.model_copy(update={"text": text, "text_source": f"{by} {source}"})
        self._profiles.put(profile)
        return profile

    # --- showing

    def view(self, person: PersonKey, external_id: str, now: float) -> ProfileView:
        """The profile as the person sees it."""
        profile = self.write_text(person, now)
        table = self._features.table()
        place = {name: i for i, name in enumerate(table.names)}
        weights = self.weights([person], table)[0]
        numbers = sorted(
            {n for f in profile.features for n in f.events} | {n for i in profile.interests for n in i.events}
        )
        events = self._events.by_number(numbers)
        items = self._items.by_key(sorted({e.item for e in events.values() if e.item is not None}))

        def ids(said: Sequence[int]) -> tuple[str, ...]:
            found = [events[n].item for n in said if n in events]
            return tuple(dict.fromkeys(items[k].item_id for k in found if k is not None and k in items))

        rows = tuple(
            TasteRow(
                feature=f.name,
                taste=f.value,
                session=f.session,
                weight=float(weights[place[f.name]]) if f.name in place else first_weight(f.name),
                corrected=f.corrected,
                evidence=tuple(_evidence(events[n], items) for n in f.events if n in events),
                item_ids=ids(f.events),
            )
            for f in profile.features
        )
        mine = self._events.of(person)
        standing: dict[ItemKey, None] = {}
        for event in mine:
            if event.item is not None and event.type in (EventType.LIKE, EventType.FAVOURITE):
                standing[event.item] = None
            elif event.item is not None and event.type in (EventType.DISLIKE, EventType.HIDE):
                standing.pop(event.item, None)
        named = self._items.by_key(list(standing))
        return ProfileView(
            user_id=external_id,
            text=profile.text,
            text_source=profile.text_source.partition(" basis ")[0],
            rows=rows,
            interests=tuple(
                InterestRow(topic=i.topic, strength=i.strength, since=i.since, trend=i.trend, item_ids=ids(i.events))
                for i in profile.interests
            ),
            events=profile.events,
            liked=tuple(named[k].item_id for k in standing if k in named),
            muted=tuple(sorted(c.name for c in self._profiles.corrections(person) if c.muted)),
            updated_at=profile.updated_at,
        )

    def _speaks(self, history: Histories, table: FeatureTable) -> dict[int, list[int]]:
        out: dict[int, list[int]] = {}
        said = spoken(history, table, self._config)
        for column, at in zip(said.column, said.event, strict=True):
            numbers = out.setdefault(int(column), [])
            number = int(history.number[at])
            if len(numbers) < 5 and number not in numbers:
                numbers.append(number)
        return out

    def _interests(self, features: Sequence[TasteFeature], events: dict[int, Event]) -> tuple[Interest, ...]:
        found = []
        times = [e.time for e in events.values() if e.time is not None]
        newest = max(times, default=None)
        for feature in features:
            family, _, topic = feature.name.partition(":")
            if family not in _INTERESTS or feature.value < self._config.interest_at_least:
                continue
            when = sorted(t for n in feature.events if n in events and (t := events[n].time) is not None)
            trend = "steady"
            if when and newest is not None and times:
                span = max(newest - min(times), _DAY)
                recent = sum(t >= newest - span / 4 for t in when)
                trend = "rising" if recent == len(when) else "fading" if recent == 0 else "steady"
            found.append(
                Interest(
                    topic=topic if family != "creator" else feature.name,
                    strength=feature.value,
                    since=when[0] if when else None,
                    trend=trend,
                    events=feature.events,
                )
            )
        unique = {i.topic: i for i in reversed(found)}
        return tuple(sorted(unique.values(), key=lambda i: -i.strength)[: self._config.most_interests])


def _evidence(event: Event, items: Mapping[ItemKey, Item]) -> str:
    item = items.get(event.item) if event.item is not None else None
    title = (item.title or item.item_id) if item is not None else "something"
    stars = f" {event.value:.0f} of 5" if event.type is EventType.RATE and event.value is not None else ""
    return f"{_VERBS.get(event.type, 'played')} {title}{stars}"
