"""The recommender: a request goes through its surface's pipeline and comes back as a list with its reasons.

Takes ports and requests. Gives lists, explanations, moves, similar items, search hits. Writes to no store and reads no
clock; the same state and request give the same list.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.errors import UnknownItem
from vitascope.base.histories import Histories, from_columns, from_events, lengths, rows_of
from vitascope.base.people import Event, EventType, Surface
from vitascope.base.ports.browsing import Chart
from vitascope.base.ports.components import Components
from vitascope.base.ports.outcomes import OutcomeModels
from vitascope.base.ports.ranking import ArtifactLoader, TasteMaker
from vitascope.base.ports.service import Hit, Progress, silent
from vitascope.base.ranking import Filters, Move, RecommendationList, Recommended, Request
from vitascope.base.records import ItemKey, PersonKey, made_all
from vitascope.base.shelf import Shelf
from vitascope.base.strength import SEEN_CODES
from vitascope.base.surfaces import RadioSeeds
from vitascope.base.whys import Why
from vitascope.recommend import around
from vitascope.recommend import pipeline as pipelines
from vitascope.recommend import scorers as scoring
from vitascope.recommend._draft import Draft, drafts, is_plain
from vitascope.recommend._exact import Shap
from vitascope.recommend._shelf import Shelves
from vitascope.recommend._what_if import WhatIf
from vitascope.recommend.bench import Bench, Ranker
from vitascope.recommend.config import RecommendConfig
from vitascope.recommend.explain import moves
from vitascope.recommend.facts import elsewhere, facts_of
from vitascope.recommend.moment import Moment
from vitascope.recommend.on_air import lift
from vitascope.recommend.reasons import reason
from vitascope.recommend.search import Finder
from vitascope.recommend.speak import speak
from vitascope.recommend.why import Deep, tell

if TYPE_CHECKING:
    from vitascope.base.moderation import ModerationPolicy
    from vitascope.base.ports.attribution import Attributor
    from vitascope.base.ports.models import LanguageModel, PictureTextModel, TextEmbedder
    from vitascope.base.ports.moderation import ModerationStore
    from vitascope.base.ports.people import EventStore
    from vitascope.base.ports.ranking import FeatureTables
    from vitascope.base.ports.registry import ModelRegistry
    from vitascope.base.ports.stores import DescriptionStore, DuplicateStore, ItemStore, VectorStore

_HISTORIES = 2_048
"""People whose history is kept, those who asked last."""
_RECENT = 200_000
"""Newest events of the log among which viewers are counted."""
_HIDE = EventType.HIDE.code
_DONE = {
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
    EventType.CLICK: "opened",
}


@dataclass(frozen=True, eq=False)
class Asked:
    """Lists on their way, with what they are made from."""

    drafts: Iterator[Draft]
    evidence: Histories
    scored: scoring.Scores
    weights: list[dict[str, float]]
    made: pipelines.Built
    model: scoring.Loaded
    ranker: Ranker | None

    def shap(self, draft: Draft) -> Shap | None:
        """The ranker, where it spoke."""
        if draft.said is None or self.ranker is None:
            return None
        return Shap(self.ranker[0], {str(k): v for k, v in self.made.plan.objective.items()}, draft.said)


class Recommender(Bench):
    """Makes lists. It is the bench of a fit too, so that what is judged are the very scorers that serve."""

    def __init__(
        self,
        *,
        items: ItemStore,
        descriptions: DescriptionStore,
        duplicates: DuplicateStore,
        vectors: VectorStore,
        events: EventStore,
        features: FeatureTables,
        tastes: TasteMaker,
        registry: ModelRegistry,
        load: ArtifactLoader,
        components: Components,
        outcomes: OutcomeModels | None = None,
        text: TextEmbedder | None = None,
        pictures: PictureTextModel | None = None,
        language: LanguageModel | None = None,
        config: RecommendConfig | None = None,
        home_pipelines: Path | None = None,
        moderation: ModerationStore | None = None,
        policy: ModerationPolicy | None = None,
        attributor: Attributor | None = None,
        allowed: Callable[[PersonKey], frozenset[ItemKey]] | None = None,
    ) -> None:
        config = config or RecommendConfig()
        shelves = Shelves(
            items,
            descriptions,
            duplicates,
            vectors,
            events,
            features,
            config.popular_half_life_days,
            moderation,
            policy,
            config.show_empty,
            allowed,
        )
        super().__init__(
            shelves=shelves,
            events=events,
            tastes=tastes,
            components=components,
            outcomes=outcomes,
            language=language,
            config=config,
            home_pipelines=home_pipelines,
        )
        self._items, self._descriptions, self._registry, self._load = items, descriptions, registry, load
        self._text, self._attributor = text, attributor
        self._lengths: tuple[Shelf, npt.NDArray[np.float64]] | None = None
        self._finder = Finder(descriptions, text, pictures)
        self._histories: OrderedDict[PersonKey, tuple[int, Shelf, Histories]] = OrderedDict()
        self._loaded: tuple[str, Shelf, scoring.Loaded, Ranker | None] | None = None

    # --- lists

    def recommend(self, request: Request) -> RecommendationList:
        """One list. An unknown person (None) gets what the items of the session say, else the fallback."""
        shelf = self._shelves.shelf()
        return self._answer(request, self._history(request, shelf), shelf, None)[0]

    def recommend_many(
        self,
        people: Sequence[PersonKey],
        request: Request,
        evidence_until: int | None = None,
        progress: Progress = silent,
    ) -> Iterator[RecommendationList]:
        """A list for each person, in order; `request` states everything but the person.

        Args:
            evidence_until: learn from events up to this number only (what came after still counts as seen).
        """
        shelf = self._shelves.shelf()
        columns = self._shelves.columns()
        wanted = np.asarray(people, np.int64)
        mine = columns.take(np.isin(columns.person, wanted))
        numbers = mine.number[mine.type == EventType.FOLLOW.code].tolist()
        follows = {n: e.target for n, e in self._events.by_number(numbers).items() if e.target} if numbers else {}
        histories = from_columns(mine, shelf.table.items, wanted, follows)
        size = max(16, min(self._config.batch, 40_000_000 // max(len(shelf) + len(shelf.table.names), 1)))
        for first in range(0, len(histories), size):
            piece = histories.chunk(first, min(first + size, len(histories)))
            yield from self._answer(request, piece, shelf, evidence_until)
            progress("recommend", min(first + size, len(histories)), len(histories))

    def moment(self, request: Request) -> Moment:
        """A person's moment on a surface, scored once, for pages that are more than one list."""
        shelf = self._shelves.shelf()
        history = self._history(request, shelf)
        made, model, _, weights, scored = self._scored(request.surface, history, shelf)
        moment = lift(request, history, scored.crowd, shelf)
        return Moment(request, made, shelf, history, scored, weights[0], model.version, moment)

    def watching(
        self, items: Sequence[ItemKey], now: float, seconds: float = 300.0
    ) -> dict[ItemKey, tuple[int, float]]:
        """How many people had an event of each item in the last seconds, and how many events a minute there were."""
        columns = self._shelves.columns()
        recent = columns.take(np.arange(max(len(columns) - _RECENT, 0), len(columns)))
        recent = recent.take((recent.time > now - seconds) & (recent.time <= now))
        out = {}
        for item in items:
            mine = recent.item == item
            out[item] = (len(np.unique(recent.person[mine])), float(mine.sum()) * 60 / seconds)
        return out

    def radio_seeds(self, n: int, audience: str | None) -> RadioSeeds:
        """Moods and creators that a radio can start from."""
        from vitascope.recommend.radio import seeds

        return seeds(self._shelves.shelf(), audience, n, Surface.MUSIC.value)

    def together(self, row: int, shelf: Shelf) -> npt.NDArray[np.float32]:
        """How much people who took up one item took up each other one, 0..1, shape (n,); zeros before a fit."""
        model = self._model(shelf)[0].states.get("collaborative")
        if not isinstance(model, scoring.Together) or model.matrix is None:
            return np.zeros(len(shelf), np.float32)
        said = np.maximum(model.says(row), 0)
        top = float(said.max(initial=0))
        return np.asarray(said / top if top > 0 else said, np.float32)

    def explain(self, request: Request, item: ItemKey) -> RecommendationList:
        """A list of one: the item with its explanation, whether or not it would be shown."""
        shelf = self._shelves.shelf()
        row = shelf.row(item)
        if row is None:
            return RecommendationList(person=request.person, surface=request.surface, items=(), model="none")
        one = request.model_copy(update={"explain": True, "n": 1})
        return self._answer(one, self._history(request, shelf), shelf, None, only=row)[0]

    def why(self, request: Request, item: ItemKey, deep: bool = True) -> Why:
        """All that is known of why an item is where it is in a person's list of `request.n`.

        Args:
            deep: with what takes seconds: words and stretches (LIME), attention, gradients.

        Raises:
            UnknownItem: it is not on the shelf (any more).
        """
        shelf = self._shelves.shelf()
        row = shelf.row(item)
        if row is None:
            raise UnknownItem("the item is not listed (yet)", place=str(item), remedy="vitascope ingest takes it in")
        history = self._history(request, shelf)
        asked = self._asked(request.model_copy(update={"explain": True, "explore": False}), history, shelf, None, row)
        draft = next(asked.drafts)
        answer = self._finish(request.model_copy(update={"explain": True}), draft, request.person, asked, 0, shelf)

        def again(request: Request, histories: Histories, only: int | None) -> list[Draft]:
            return list(self._asked(request, histories, shelf, None, only).drafts)

        seen = asked.made.plan.seen == "exclude" if request.include_seen is None else not request.include_seen
        why = tell(
            answer.items[0],
            answer.surface,
            draft,
            asked.shap(draft),
            WhatIf(again, request, history, shelf, row, seen),
            shelf,
            request,
            self._config.explain_shown,
            Deep(
                history,
                asked.scored,
                asked.weights[0],
                asked.model.states,
                shelf,
                self._descriptions,
                self._text,
                self._attributor,
                request.seed,
            )
            if deep
            else None,
        )
        if not deep:
            return why
        because = self.because(request, why)
        found = facts_of(why, because, elsewhere(shelf.table.names))
        text, by = speak(self._language, why, because, found)
        return why.model_copy(update={"sentence": text, "sentence_by": by})

    def because(self, request: Request, why: Why) -> tuple[str, str] | None:
        """Title of the item that led to another, and the type of the act; None where none did."""
        explanation = why.item.explanation
        if explanation is None or explanation.because is None or explanation.because_event is None:
            return None
        shelf = self._shelves.shelf()
        row = shelf.row(explanation.because)
        event = self._events.by_number([explanation.because_event]).get(explanation.because_event)
        if row is None or event is None:
            return None
        item = shelf.items[row]
        return item.title or item.item_id, event.type.value

    def moves(self, before: RecommendationList, after: RecommendationList, request: Request) -> tuple[Move, ...]:
        """How places changed between two lists of one person (both made with `explain`), and why."""
        shelf = self._shelves.shelf()
        history = self._history(request, shelf)
        seen = {shelf.items[r].item_id for r in _copies(shelf, history.item[np.isin(history.type, SEEN_CODES)])}
        hidden = {shelf.items[r].item_id for r in _copies(shelf, history.item[history.type == _HIDE])}
        gone = dict.fromkeys(seen, "seen") | dict.fromkeys(hidden, "hidden")
        done: dict[str, str] = {}
        if len(history.item):
            at = int(np.argmax(history.number))
            item = shelf.items[int(history.item[at])]
            kind = tuple(EventType)[int(history.type[at])]
            done[item.title or item.item_id] = _DONE.get(kind, "played")
        return moves(before, after, gone, done)

    # --- around lists

    def similar(self, item: ItemKey, n: int = 10, audience: str | None = None) -> list[Hit]:
        """Items like this one: by vectors of every kind both have, and by who watched both."""
        shelf = self._shelves.shelf()
        row = shelf.row(item)
        if row is None:
            return []
        like = shelf.likeness(np.array([row]))
        together = self.together(row, shelf)
        score = 0.6 * np.maximum(like, 0) + 0.4 * together
        score[~shelf.may(None, audience)] = 0
        score[list(shelf.copies.get(row, (row,)))] = 0
        best = np.lexsort((np.arange(len(score)), -score))[:n]
        return [
            Hit(
                item_id=shelf.items[r].item_id,
                score=round(float(score[r]), 6),
                found_in="watched by the same people" if 0.4 * together[r] > 0.6 * like[r] else "alike",
            )
            for r in best
            if score[r] > 0
        ]

    def search(
        self,
        query: str,
        n: int = 20,
        audience: str | None = None,
        filters: Filters | None = None,
        skip: int = 0,
    ) -> list[Hit]:
        """Items by their words (any script) and, where the text model speaks the language, by meaning."""
        shelf = self._shelves.shelf()
        return self._finder.find(query, shelf, n, audience, self._fits(shelf, filters), skip)

    def chart(
        self, chart: Chart, now: float, filters: Filters | None, n: int, skip: int, audience: str | None
    ) -> list[Hit]:
        """What is popular, new or rising among items that fit and may be shown; the same order every time."""
        shelf = self._shelves.shelf()
        if chart == "popular":
            score = self._shelves.popularity(shelf).astype(np.float64)
        elif chart == "trending":
            score = around.rising(shelf, self._shelves.columns(), now).astype(np.float64)
        else:
            score = shelf.arrived
        open_ = shelf.may(None, audience)
        fits = self._fits(shelf, filters)
        if fits is not None:
            open_ = open_ & fits
        if chart != "latest":
            open_ = open_ & (score > 0)
        rows = np.flatnonzero(open_)
        best = rows[np.lexsort((rows, -score[rows]))][skip : skip + n]
        return [
            Hit(item_id=shelf.items[r].item_id, score=round(float(score[r]), 6), found_in=chart) for r in best.tolist()
        ]

    def categories(self, audience: str | None) -> list[tuple[str, int]]:
        """Categories of what may be shown, with how many items have each, most first."""
        return around.categories(self._shelves.shelf(), audience)

    def similar_people(self, person: PersonKey, n: int) -> list[tuple[PersonKey, float, int]]:
        """People who took to the same items: (who, cosine, items in common)."""
        found = around.alike(self._shelves.shelf(), self._shelves.columns(), person, n)
        return [(PersonKey(who), score, common) for who, score, common in found]

    def _seconds(self, shelf: Shelf) -> npt.NDArray[np.float64]:
        """Length of each item, NaN where unknown, shape (n,). Read once a shelf: whatever changes a length makes a new one."""
        kept = self._lengths
        if kept is None or kept[0] is not shelf:
            seconds = np.full(len(shelf), np.nan)
            known = self._items.durations()
            rows = rows_of(shelf.table.items, np.fromiter(known, np.int64, len(known)))
            seconds[rows[rows >= 0]] = np.fromiter(known.values(), np.float64, len(known))[rows >= 0]
            self._lengths = kept = (shelf, seconds)
        return kept[1]

    def _fits(self, shelf: Shelf, filters: Filters | None) -> npt.NDArray[np.bool_] | None:
        if filters is None or filters == Filters():
            return None
        seconds = None
        if filters.shortest is not None or filters.longest is not None:
            seconds = self._seconds(shelf)
        return around.fitting(shelf, filters, seconds)

    def shelf(self) -> Shelf:
        """The library as it is now; the same object as long as nothing changed."""
        return self._shelves.shelf()

    def history(self, person: PersonKey | None, now: float) -> Histories:
        """What a person did, over the rows of `shelf`."""
        return self._history(Request(person=person, surface=Surface.VIDEO, now=now), self._shelves.shelf())

    def flow(self, surface: Surface) -> str:
        """The surface's pipeline as text."""
        made = self._pipeline(surface)
        model, ranker = self._model(self._shelves.shelf())
        known = () if ranker is None else ranker[0].outcomes
        return pipelines.draw(made, self._weights(made, model), model.version, known)

    # --- inside

    def _model(self, shelf: Shelf) -> tuple[scoring.Loaded, Ranker | None]:
        current = self._registry.current()
        version = current.version if current is not None else "none"
        with self._lock:
            if self._loaded is None or self._loaded[0] != version or self._loaded[1] is not shelf:
                artifacts = self._load(current.path) if current is not None else None
                loaded = scoring.load(self._components.scorers, artifacts, shelf)
                self._loaded = (version, shelf, loaded, self._ranker(artifacts))
            return self._loaded[2], self._loaded[3]

    def _history(self, request: Request, shelf: Shelf) -> Histories:
        if request.person is not None:
            return self._known_history(request.person, shelf)
        if request.acts:
            return from_events([-1], [request.acts], shelf.table.items)
        likes = [
            Event(
                person=PersonKey(-1),
                item=key,
                type=EventType.LIKE,
                time=request.now + place,
                identity=str(place),
                number=place + 1,
            )
            for place, key in enumerate(request.seed_items)
        ]
        return from_events([-1], [likes], shelf.table.items)

    def _known_history(self, person: PersonKey, shelf: Shelf) -> Histories:
        """A person's history, kept until their next event: models work their state out once for each."""
        head = self._events.heads([person]).get(person, 0)
        with self._lock:
            kept = self._histories.get(person)
            if kept is not None and kept[0] == head and kept[1] is shelf:
                self._histories.move_to_end(person)
                return kept[2]
        made = from_events([person], [self._events.of(person)], shelf.table.items)
        with self._lock:
            self._histories[person] = (head, shelf, made)
            if len(self._histories) > _HISTORIES:
                self._histories.popitem(last=False)
        return made

    def _answer(
        self, request: Request, histories: Histories, shelf: Shelf, until: int | None, only: int | None = None
    ) -> list[RecommendationList]:
        asked = self._asked(request, histories, shelf, until, only)
        out = []
        for place, draft in enumerate(asked.drafts):
            person = (
                None
                if request.person is None and histories.people[place] < 0
                else PersonKey(int(histories.people[place]))
            )
            out.append(self._finish(request, draft, person, asked, place, shelf))
        return out

    def _asked(
        self, request: Request, histories: Histories, shelf: Shelf, until: int | None, only: int | None
    ) -> Asked:
        evidence = histories if until is None else histories.select(histories.number <= until)
        bare = only is None and not request.explain and is_plain(request, self._pipeline(request.surface))
        made, model, ranker, weights, scored = self._scored(request.surface, evidence, shelf, bare)
        worth = self._worth(scored, made, ranker, lengths(evidence))
        moment = lift(request, evidence, scored.crowd, shelf)
        made_of = drafts(request, made, weights, scored, histories, shelf, only, worth, self._language, moment)
        return Asked(made_of, evidence, scored, weights, made, model, ranker)

    def _scored(
        self, surface: Surface, evidence: Histories, shelf: Shelf, bare: bool = False
    ) -> tuple[pipelines.Built, scoring.Loaded, Ranker | None, list[dict[str, float]], scoring.Scores]:
        self._tried = None  # a fit is over: its matrices are not kept
        made = self._pipeline(surface)
        model, ranker = self._model(shelf)
        weights = self._counts(self._weights(made, model), evidence)
        crowd = self._crowd(evidence, shelf, self._shelves.popularity(shelf))
        names = made.plan.scorers
        if bare and ranker is None:  # what counts for nobody here, and no fallback asks, need not be computed
            last = {source.scorer for source in made.fallback if source is not None}
            names = tuple(n for n in names if n in last or any(w.get(n) for w in weights))
        scorers = [self._components.scorers[name] for name in names]
        return made, model, ranker, weights, scoring.score(scorers, evidence, model, shelf, crowd)

    def _finish(
        self, request: Request, draft: Draft, person: PersonKey | None, asked: Asked, place: int, shelf: Shelf
    ) -> RecommendationList:
        explanations = {}
        if request.explain and draft.rows:
            explanations = reason(
                draft,
                asked.evidence.chunk(place, place + 1),
                asked.scored,
                place,
                asked.weights[place],
                asked.model,
                shelf,
                self._components,
                self._descriptions.many,
                asked.made.plan.prefer,
                asked.shap(draft),
            )
        spoke = Counter(draft.sources)
        rows = draft.rows
        columns = {
            "item": shelf.table.items[rows].tolist() if rows else [],
            "item_id": [shelf.items[row].item_id for row in rows],
            "score": np.round(np.asarray(draft.scores, np.float64), 6).tolist(),
            "source": draft.sources,
            "explanation": [explanations.get(row) for row in rows] if explanations else [None] * len(rows),
            "propensity": draft.propensities,
        }
        items = made_all(Recommended, columns)
        return RecommendationList(
            person=person,
            surface=request.surface,
            items=tuple(items),
            model=asked.model.version,
            spoke=tuple(spoke.items()),
            note="" if items else "nothing may be shown: all of it was seen, hidden, blocked, empty or left out",
        )


def _copies(shelf: Shelf, rows: npt.NDArray[np.int64]) -> set[int]:
    return {copy for row in rows.tolist() for copy in shelf.copies.get(row, (row,))}
