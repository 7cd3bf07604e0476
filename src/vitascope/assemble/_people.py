"""The people half of the library as one service: events in, lists and profiles out.

Takes and gives outside ids. An event is on disk, in the taste and in the weights when `record` returns.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from vitascope.assemble._moderation import Moderators
from vitascope.base.errors import UnknownItem, UnknownPerson, UnknownSurface, UsageError
from vitascope.base.live import Happening
from vitascope.base.people import Correction, EventDraft, EventType, Surface
from vitascope.base.ports.service import (
    Ask,
    EventsReport,
    Feedback,
    ProfileView,
    Progress,
    RawEvent,
    silent,
)
from vitascope.base.privacy import Purpose
from vitascope.base.ranking import RecommendationList, Request
from vitascope.base.records import ItemKey, PersonKey
from vitascope.base.whys import Why

_BATCH = 1_024
_FEW = 8
"""People in one batch of events up to whom weights and profiles are brought up to date before the answer."""


class People(Moderators):
    """What people do and get."""

    # --- what they do

    def record(self, events: Sequence[RawEvent], source: str = "api") -> EventsReport:
        """Durable when it returns; the very next list knows it.

        What the events of many people at once teach the weights w is learned right after; tastes are made of the events.
        """
        rooms = self._rooms
        now = rooms.clock()
        intake = rooms.intake.record(events, source=source, now=now)
        agreeing = self._agreeing(intake.people)
        if len(agreeing) > _FEW:
            rooms.later.do(lambda: rooms.learner.step(agreeing, intake.since))
        elif agreeing:
            rooms.learner.step(agreeing, intake.since)
            rooms.profiler.update_many(agreeing, now)
        report: EventsReport = intake.report
        return report

    def import_events(self, path: Path, progress: Progress = silent) -> EventsReport:
        """Import an event file; tastes are made from it when they are next asked for."""
        from vitascope.assemble._archives import Archives

        archives = Archives(self._rooms)
        claimed = archives.claimed(str(path)) if archives.offered(str(path)) and path.is_file() else None
        if claimed is not None:
            raise UsageError(
                f"it is an archive ({claimed[0].name}), which does not say whose it is",
                place=str(path),
                remedy=f"vitascope events import-archive {path} --user ID",
            )
        report: EventsReport = self._rooms.intake.import_file(path, now=self._rooms.clock(), progress=progress).report
        return report

    def feedback(self, events: Sequence[RawEvent], ask: Ask) -> Feedback:
        """Record events and say how the person's list moved, and why."""
        request = self._request(ask.model_copy(update={"explain": True}), self._person(ask.user_id))
        before = self._rooms.recommender.recommend(request)
        report = self.record(events)
        after_request = self._request(ask.model_copy(update={"explain": True}), self._person(ask.user_id))
        after = self._rooms.recommender.recommend(after_request)
        moves = self._rooms.recommender.moves(before, after, after_request)
        return Feedback(report=report, before=before, after=after, moves=tuple(moves))

    def preview(self, user_id: str, corrections: Sequence[Correction], ask: Ask) -> Feedback:
        """What the person's list would be had they corrected this; the taste stays as it is."""
        person = self._known(user_id)
        asked = ask.model_copy(update={"explain": True, "explore": False, "log_impressions": False})
        request = self._request(asked, person)
        recommender = self._rooms.recommender
        before = recommender.recommend(request)
        with self._rooms.profiler.supposing(person, corrections):
            after = recommender.recommend(request)
            moves = recommender.moves(before, after, request)
        return Feedback(report=EventsReport(added=0, known=0), before=before, after=after, moves=tuple(moves))

    # --- what they get

    def recommend(self, ask: Ask) -> RecommendationList:
        """One list."""
        person = self._person(ask.user_id)
        answer = self._rooms.recommender.recommend(self._request(ask, person))
        if ask.log_impressions and person is not None:
            self._log_impressions(person, answer, ask.session_id)
        return answer

    def recommend_many(
        self, user_ids: Iterable[str], ask: Ask, progress: Progress = silent
    ) -> Iterator[tuple[str, RecommendationList]]:
        """A list for each of many people, in the order they came; an unknown person gets the fallback."""
        everyone = list(user_ids)
        known = self._rooms.stores.people.find(everyone)
        request = self._request(ask, None)
        stranger: RecommendationList | None = None
        done = 0
        for first in range(0, len(everyone), _BATCH):
            batch = everyone[first : first + _BATCH]
            keys = list(dict.fromkeys(known[u] for u in batch if u in known))
            agreeing = set(self._agreeing(keys))
            keys = [k for k in keys if k in agreeing]
            answers: dict[PersonKey, RecommendationList] = {}
            own = self._rooms.stores.moderation.audiences(keys)
            for audience in dict.fromkeys([None, *own.values()]):
                theirs = [k for k in keys if own.get(k) == audience]
                asked = request if audience is None else request.model_copy(update={"audience": audience})
                answers |= zip(theirs, self._rooms.recommender.recommend_many(theirs, asked), strict=True)
            for user_id in batch:
                if user_id in known and known[user_id] not in answers:  # said no: served as a stranger
                    answer = self._rooms.recommender.recommend(self._request(ask, known[user_id]))
                elif user_id in known:
                    answer = answers[known[user_id]]
                    if ask.log_impressions:
                        self._log_impressions(known[user_id], answer, ask.session_id)
                else:
                    stranger = stranger or self._rooms.recommender.recommend(request)
                    answer = stranger
                done += 1
                yield user_id, answer
            progress("recommend", done, len(everyone))

    def explain(self, user_id: str, item_id: str, surface: str | None = None) -> RecommendationList:
        """A list of one, with its explanation."""
        ask = Ask(user_id=user_id, surface=surface, n=1, explain=True, include_seen=True)
        key = self._keys([item_id], strict=True)[0]
        self.check_shown(item_id, self.audience_of(user_id))
        return self._rooms.recommender.explain(self._request(ask, self._known(user_id)), key)

    def why(self, user_id: str, item_id: str, surface: str | None = None, n: int = 10, deep: bool = True) -> Why:
        """The whole record of why an item is where it is."""
        key = self._keys([item_id], strict=True)[0]
        self.check_shown(item_id, self.audience_of(user_id))
        request = self._request(Ask(user_id=user_id, surface=surface, n=n), self._known(user_id))
        found = self._rooms.recommender.why(request, key, deep)
        return found.model_copy(update={"user_id": user_id})

    def _log_impressions(self, person: PersonKey, answer: RecommendationList, session: str | None) -> None:
        now = self._rooms.clock()
        drafts = [
            EventDraft(
                person=person,
                item=item.item,
                type=EventType.IMPRESSION,
                time=now,
                surface=answer.surface,
                session=session,
                identity=f"impression:{person}:{item.item}:{now!r}:{place}",
                propensity=item.propensity,
                source="shown",
            )
            for place, item in enumerate(answer.items)
        ]
        self._rooms.stores.events.append(drafts)

    # --- who they are

    def profile(self, user_id: str) -> ProfileView:
        """A person's taste, with its evidence; nothing of one who does not want to have a taste."""
        if not self._agreeing([self._known(user_id)]):
            return ProfileView(
                user_id=user_id, text="", text_source="", rows=(), events=0, updated_at=self._rooms.clock()
            )
        return self._rooms.profiler.view(self._known(user_id), user_id, self._rooms.clock())

    def correct_profile(self, user_id: str, correction: Correction) -> ProfileView:
        """What a person says of their own taste wins over behaviour."""
        self._rooms.profiler.correct(self._known(user_id), correction, self._rooms.clock())
        return self.profile(user_id)

    def reset_profile(self, user_id: str) -> None:
        """Forget a taste."""
        self._rooms.profiler.reset(self._known(user_id))

    def people(self, limit: int = 100) -> list[str]:
        """Outside ids, the most recently active first."""
        stores = self._rooms.stores
        keys = stores.events.recent_people(limit)
        names = stores.people.external(keys)
        return [names[key] for key in keys if key in names]

    # --- ids

    def _request(self, ask: Ask, person: PersonKey | None) -> Request:
        if ask.n < 1:
            raise UsageError("a list has at least one item", place="n", remedy="ask for 1 or more")
        surface = self._surface(ask.surface)
        happening = self._happening() if surface is Surface.LIVE else ()
        unfit = [h.item for h in happening if h.blocked]
        return Request(
            person=self._served(person),
            surface=surface,
            n=ask.n,
            include_seen=ask.include_seen,
            candidates=None if ask.candidates is None else frozenset(self._keys(ask.candidates)),
            exclude=frozenset([*self._keys(ask.exclude), *unfit]),
            filters=ask.filters,
            session=ask.session_id,
            seed_items=tuple(self._keys(ask.session_items)),
            explain=ask.explain,
            explore=ask.explore,
            rerank=ask.rerank,
            now=self._rooms.clock(),
            audience=self._audience(ask, person),
            utc_offset=ask.utc_offset,
            happening=happening,
        )

    def _served(self, person: PersonKey | None) -> PersonKey | None:
        """As whom somebody is served: one who does not want lists of their own is nobody known."""
        return person if person is not None and self._rooms.agrees(person, Purpose.RECOMMEND) else None

    def _agreeing(self, people: Sequence[PersonKey]) -> list[PersonKey]:
        """Those whose behaviour may make their own lists."""
        if not people:
            return []
        default = self._rooms.by_default(Purpose.RECOMMEND)
        named = self._rooms.stores.consents.said(Purpose.RECOMMEND, not default)
        return [p for p in people if (p not in named) == default]

    def _happening(self) -> tuple[Happening, ...]:
        from vitascope.assemble._live import happenings

        return happenings(self._rooms)

    def _audience(self, ask: Ask, person: PersonKey | None) -> str | None:
        """A person's own audience, else the one that was asked for."""
        own = None if person is None else self._rooms.stores.moderation.audiences([person]).get(person)
        return own or self.check_audience(ask.audience)

    def _surface(self, name: str | None) -> Surface:
        if name is None:
            return self._rooms.recommender.default_surface()
        try:
            return Surface(name)
        except ValueError as error:
            raise UnknownSurface(
                "no such surface", place=name, remedy="one of short, video, music, tv, live"
            ) from error

    def _person(self, user_id: str | None) -> PersonKey | None:
        return None if user_id is None else self._rooms.stores.people.find([user_id]).get(user_id)

    def _known(self, user_id: str) -> PersonKey:
        person = self._person(user_id)
        if person is None:
            raise UnknownPerson(
                "no such person", place=user_id, remedy="a person is known once an event of theirs is stored"
            )
        return person

    def _keys(self, item_ids: Sequence[str], strict: bool = False) -> list[ItemKey]:
        """Internal keys in order; unknown ids are passed over unless `strict`."""
        found = self._rooms.stores.items.keys(item_ids)
        for item_id in item_ids if strict else ():
            if item_id not in found:
                raise UnknownItem("no such item", place=item_id, remedy="ingest it first")
        return [found[i] for i in item_ids if i in found]
