"""The recommender: a request goes through its surface's pipeline and comes back as a list with its reasons.

Takes ports and requests. Gives lists, explanations, moves, similar items, search hits. Writes to no store and reads no
clock; the same state and request give the same list.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, from_columns, from_events, lengths
from vitascope.base.people import Event, EventType, Surface
from vitascope.base.ports.components import Components, Crowd, Glance
from vitascope.base.ports.outcomes import OUTCOMES, OutcomeModel, OutcomeModels
from vitascope.base.ports.ranking import ArtifactLoader, Artifacts, FeatureTable, TasteMaker
from vitascope.base.ports.service import Hit, Progress, silent
from vitascope.base.ranking import Move, RecommendationList, Recommended, Request
from vitascope.base.records import ItemKey, PersonKey
from vitascope.base.shelf import Shelf
from vitascope.base.strength import SEEN_CODES
from vitascope.recommend import outcomes
from vitascope.recommend import pipeline as pipelines
from vitascope.recommend import scorers as scoring
from vitascope.recommend._draft import Draft, Worth, drafts, shelf_blend
from vitascope.recommend._shelf import Shelves, popularity_of
from vitascope.recommend.config import RecommendConfig
from vitascope.recommend.explain import moves
from vitascope.recommend.reasons import reason
from vitascope.recommend.rerankers import unit
from vitascope.recommend.search import Finder

if TYPE_CHECKING:
    from vitascope.base.moderation import ModerationPolicy
    from vitascope.base.ports.models import LanguageModel, PictureTextModel, TextEmbedder
    from vitascope.base.ports.moderation import ModerationStore
    from vitascope.base.ports.people import EventStore
    from vitascope.base.ports.ranking import FeatureTables
    from vitascope.base.ports.registry import ModelRegistry
    from vitascope.base.ports.stores import DescriptionStore, DuplicateStore, ItemStore, SettingsStore, VectorStore

Floats = npt.NDArray[np.float32]
Trial = tuple[pipelines.Built, list[dict[str, float]], scoring.Scores, Shelf]
Ranker = tuple[OutcomeModel, int]
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


class Recommender:
    """Makes lists. Implements the port ScoreBench too, so that a fit is judged by the very scorers that serve."""

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
        settings: SettingsStore,
        text: TextEmbedder | None = None,
        pictures: PictureTextModel | None = None,
        language: LanguageModel | None = None,
        config: RecommendConfig | None = None,
        home_pipelines: Path | None = None,
        moderation: ModerationStore | None = None,
        policy: ModerationPolicy | None = None,
    ) -> None:
        self._config = config or RecommendConfig()
        self._shelves = Shelves(
            items,
            descriptions,
            duplicates,
            vectors,
            events,
            features,
            self._config.popular_half_life_days,
            moderation,
            policy,
            self._config.show_empty,
        )
        self._descriptions, self._events, self._tastes = descriptions, events, tastes
        self._registry, self._load, self._settings = registry, load, settings
        self._components, self._outcomes, self._language = components, outcomes, language
        self._home_pipelines = home_pipelines
        self._finder = Finder(descriptions, text, pictures)
        self._lock = threading.Lock()
        self._loaded: tuple[str, Shelf, scoring.Loaded, Ranker | None] | None = None
        self._pipelines: dict[Surface, pipelines.Built] = {}
        self._tried: tuple[Histories, Artifacts, Surface, Mapping[str, float] | None, Trial] | None = None

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

    def explain(self, request: Request, item: ItemKey) -> RecommendationList:
        """A list of one: the item with its explanation, whether or not it would be shown."""
        shelf = self._shelves.shelf()
        row = shelf.row(item)
        if row is None:
            return RecommendationList(person=request.person, surface=request.surface, items=(), model="none")
        one = request.model_copy(update={"explain": True, "n": 1})
        return self._answer(one, self._history(request, shelf), shelf, None, only=row)[0]

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
        model = self._model(shelf)[0].states.get("collaborative")
        together = np.zeros(len(shelf), np.float32)
        if isinstance(model, scoring.Together) and model.matrix is not None:
            together = np.maximum(model.says(row), 0)
            if together.max(initial=0) > 0:
                together = together / together.max()
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

    def search(self, query: str, n: int = 20, audience: str | None = None) -> list[Hit]:
        """Items by their words (any script) and, where the text model speaks the language, by meaning."""
        return self._finder.find(query, self._shelves.shelf(), n, audience)

    def flow(self, surface: Surface) -> str:
        """The surface's pipeline as text."""
        made = self._pipeline(surface)
        model, ranker = self._model(self._shelves.shelf())
        known = () if ranker is None else ranker[0].outcomes
        return pipelines.draw(made, self._weights(made, model), model.version, known)

    def default_surface(self) -> Surface:
        """The surface that most stored events have, else video."""
        counts = self._events.surfaces()
        known = [(counts.get(s.value, 0), -i, s) for i, s in enumerate(Surface)]
        most = max(known)
        return most[2] if most[0] > 0 else Surface.VIDEO

    # --- the bench

    def scorers(self) -> tuple[str, ...]:
        """Names of the scorers whose weights a fit may choose."""
        return tuple(self._components.scorers)

    def defaults(self) -> dict[str, float]:
        """Their weights where no fit chose."""
        return {name: scorer.weight for name, scorer in self._components.scorers.items()}

    def scores(self, histories: Histories, artifacts: Artifacts | None, only: str = "") -> dict[str, Floats]:
        """Normalised scores by scorer, shape (p, n). Popularity is left to who asks: what is stored has seen the answers."""
        shelf = self._shelves.shelf()
        scorers = {n: s for n, s in self._components.scorers.items() if not only or n == only}
        told = artifacts.array("popular") if artifacts is not None else None
        popular = np.zeros(len(shelf), np.float32) if told is None else np.asarray(told, np.float32)
        model = scoring.load(scorers, artifacts, shelf)
        crowd = self._crowd(histories, shelf, popular)
        return scoring.score(scorers.values(), histories, model, shelf, crowd).normalised

    def popularity(self, histories: Histories) -> Floats:
        """Popularity as it would be if these histories were all that is known, shape (n,)."""
        shelf = self._shelves.shelf()
        return popularity_of(histories, len(shelf), self._config.popular_half_life_days)

    def refresh(self) -> FeatureTable:
        """Take up what changed in the library."""
        return self._shelves.shelf().table

    def rerankers(self, surface: Surface) -> tuple[str, ...]:
        """Names of the re-rankers of a surface's pipeline."""
        return tuple(reranker.name for reranker, _ in self._pipeline(surface).rerankers)

    def lists(
        self,
        histories: Histories,
        artifacts: Artifacts,
        request: Request,
        weights: Mapping[str, float] | None = None,
        rerankers: Sequence[str] = (),
    ) -> list[npt.NDArray[np.int64]]:
        """Rows of each person's list, best first, by a model that need not be the current one."""
        made, counts, scored, shelf = self._trial(histories, artifacts, request, weights)
        made = replace(
            made,
            sources=tuple(s for s in made.sources if weights is None or weights.get(s[0].scorer or "", 0) > 0),
            rerankers=tuple(pipelines.reranker(text, made, self._components) for text in rerankers),
        )
        asked = request.model_copy(update={"rerank": bool(rerankers)})
        worth = None if weights is not None else self._worth(scored, made, self._ranker(artifacts), lengths(histories))
        made_of = drafts(asked, made, counts, scored, histories, shelf, None, worth, self._language)
        return [np.array(d.rows, np.int64) for d in made_of]

    def objective(self, surface: Surface) -> Mapping[str, float]:
        """What an outcome is worth on a surface; empty where no ranker is wanted."""
        if self._outcomes is None:
            return {}
        return {str(name): value for name, value in self._pipeline(surface).plan.objective.items()}

    def candidates(self, histories: Histories, artifacts: Artifacts, request: Request) -> list[npt.NDArray[np.int64]]:
        """Rows that the ranker would look at, best by the blend first."""
        made, counts, scored, shelf = self._trial(histories, artifacts, request, None)
        asked = request.model_copy(update={"rerank": False, "n": outcomes.POOL})
        return [np.array(d.rows, np.int64) for d in drafts(asked, made, counts, scored, histories, shelf)]

    def figures(
        self,
        histories: Histories,
        artifacts: Artifacts,
        request: Request,
        rows: Sequence[npt.NDArray[np.int64]],
    ) -> tuple[Floats, tuple[str, ...]]:
        """What the ranker looks at for each person's rows, one after another; and the names of the figures."""
        made, counts, scored, shelf = self._trial(histories, artifacts, request, None)
        parts = []
        for place, mine in enumerate(rows):
            blend = shelf_blend(made, counts[place], scored, shelf, place)
            one = histories.chunk(place, place + 1)
            parts.append(outcomes.figures(scored, place, blend, mine, one, shelf, newest(one, request.now)))
        return np.concatenate(parts), outcomes.names(tuple(scored.normalised))

    def shown(self) -> npt.NDArray[np.bool_]:
        """Which rows may be shown at all, shape (n,)."""
        return self._shelves.shelf().shown

    def variety(self, rows: npt.NDArray[np.int64]) -> float:
        """1 - the mean likeness of the items of a list to one another; 1 for a list of one."""
        if len(rows) < 2:
            return 1.0
        vectors = unit(self._shelves.shelf(), rows)
        near = vectors @ vectors.T
        return float(1 - (near.sum() - np.trace(near)) / (len(rows) * (len(rows) - 1)))

    # --- inside

    def _pipeline(self, surface: Surface) -> pipelines.Built:
        with self._lock:
            if surface not in self._pipelines:
                self._pipelines[surface] = pipelines.build(surface, self._components, self._home_pipelines)
            return self._pipelines[surface]

    def _model(self, shelf: Shelf) -> tuple[scoring.Loaded, Ranker | None]:
        current = self._registry.current()
        version = current.version if current is not None else "none"
        with self._lock:
            if self._loaded is None or self._loaded[0] != version or self._loaded[1] is not shelf:
                artifacts = self._load(current.path) if current is not None else None
                loaded = scoring.load(self._components.scorers, artifacts, shelf)
                self._loaded = (version, shelf, loaded, self._ranker(artifacts))
            return self._loaded[2], self._loaded[3]

    def _ranker(self, artifacts: Artifacts | None) -> Ranker | None:
        """A model's ranker, and how many items a person must have taken up for it to speak."""
        if self._outcomes is None or artifacts is None:
            return None
        names = ["outcomes", *(f"outcomes_{name}" for name in OUTCOMES)]
        arrays = {name: array for name in names if (array := artifacts.array(name)) is not None}
        made, least = self._outcomes.load(arrays), artifacts.array("outcomes_from")
        return None if made is None else (made, 0 if least is None else int(np.asarray(least, np.int64)[0]))

    def _worth(
        self,
        scored: scoring.Scores,
        made: pipelines.Built,
        ranker: Ranker | None,
        known: npt.NDArray[np.int64],
    ) -> Worth | None:
        if ranker is None or not made.plan.objective:
            return None
        model, least = ranker
        wanted = outcomes.names(tuple(scored.normalised))
        if model.features != wanted:
            return None  # fitted for other scorers: the blend ranks until the next fit
        objective = {str(name): value for name, value in made.plan.objective.items()}

        def worth(place: int, blend: Floats, rows: npt.NDArray[np.int64], glance: Glance) -> Floats | None:
            if known[place] < least:
                return None
            now = newest(glance.history, glance.request.now)
            x = outcomes.figures(scored, place, blend, rows, glance.history, glance.shelf, now)
            return outcomes.value(model, objective, x)

        return worth

    def _trial(
        self, histories: Histories, artifacts: Artifacts, request: Request, weights: Mapping[str, float] | None
    ) -> Trial:
        """Scores by a model that need not be the current one; the last answer is kept, since a fit asks twice."""
        shelf = self._shelves.shelf()
        kept = self._tried
        if (
            kept is not None
            and kept[0] is histories
            and kept[1] is artifacts
            and kept[2:4] == (request.surface, weights)
        ):
            return kept[4]
        made = self._pipeline(request.surface)
        model = scoring.load({n: self._components.scorers[n] for n in made.plan.scorers}, artifacts, shelf)
        if weights is None:
            counts = self._counts(self._weights(made, model), histories)
        else:
            counts = [{n: weights.get(n, 0.0) for n in made.plan.scorers}] * len(histories)
        told = artifacts.array("popular")
        popular = np.zeros(len(shelf), np.float32) if told is None else np.asarray(told, np.float32)
        scorers = [self._components.scorers[name] for name in made.plan.scorers]
        scored = scoring.score(scorers, histories, model, shelf, self._crowd(histories, shelf, popular))
        trial = (made, counts, scored, shelf)
        self._tried = (histories, artifacts, request.surface, weights, trial)
        return trial

    def _crowd(self, histories: Histories, shelf: Shelf, popular: Floats) -> Crowd:
        people = [PersonKey(int(p)) for p in histories.people]
        return Crowd(
            lambda: self._tastes.tastes(histories, shelf.table).values,
            lambda: self._tastes.weights(people, shelf.table),
            popular,
            self._config.recent,
        )

    def _weights(self, made: pipelines.Built, model: scoring.Loaded) -> scoring.Weights:
        return model.weights.stated(made.plan.scorers, made.plan.weights | self._config.weights)

    @staticmethod
    def _counts(weights: scoring.Weights, histories: Histories) -> list[dict[str, float]]:
        return [weights.of(length) for length in lengths(histories).tolist()]

    def _history(self, request: Request, shelf: Shelf) -> Histories:
        if request.person is not None:
            return from_events([request.person], [self._events.of(request.person)], shelf.table.items)
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

    def _answer(
        self, request: Request, histories: Histories, shelf: Shelf, until: int | None, only: int | None = None
    ) -> list[RecommendationList]:
        self._tried = None  # a fit is over: its matrices are not kept
        made = self._pipeline(request.surface)
        model, ranker = self._model(shelf)
        evidence = histories if until is None else histories.select(histories.number <= until)
        weights = self._counts(self._weights(made, model), evidence)
        crowd = self._crowd(evidence, shelf, self._shelves.popularity(shelf))
        scorers = [self._components.scorers[name] for name in made.plan.scorers]
        scored = scoring.score(scorers, evidence, model, shelf, crowd)
        worth = self._worth(scored, made, ranker, lengths(evidence))
        out = []
        made_of = drafts(request, made, weights, scored, histories, shelf, only, worth, self._language)
        for place, draft in enumerate(made_of):
            person = (
                None
                if request.person is None and histories.people[place] < 0
                else PersonKey(int(histories.people[place]))
            )
            out.append(
                self._finish(
                    request,
                    draft,
                    person,
                    evidence.chunk(place, place + 1),
                    scored,
                    place,
                    weights[place],
                    model,
                    shelf,
                )
            )
        return out

    def _finish(
        self,
        request: Request,
        draft: Draft,
        person: PersonKey | None,
        history: Histories,
        scored: scoring.Scores,
        place: int,
        weights: dict[str, float],
        model: scoring.Loaded,
        shelf: Shelf,
    ) -> RecommendationList:
        explanations = {}
        if request.explain and draft.rows:
            explanations = reason(
                draft, history, scored, place, weights, model, shelf, self._components, self._descriptions.many
            )
        spoke: dict[str, int] = {}
        items = []
        for row, score, source, propensity in zip(
            draft.rows, draft.scores, draft.sources, draft.propensities, strict=True
        ):
            spoke[source] = spoke.get(source, 0) + 1
            items.append(
                Recommended(
                    item=ItemKey(int(shelf.table.items[row])),
                    item_id=shelf.items[row].item_id,
                    score=round(score, 6),
                    source=source,
                    explanation=explanations.get(row),
                    propensity=propensity,
                )
            )
        return RecommendationList(
            person=person,
            surface=request.surface,
            items=tuple(items),
            model=model.version,
            spoke=tuple(spoke.items()),
            note="" if items else "nothing may be shown: all of it was seen, hidden, blocked, empty or left out",
        )


def newest(history: Histories, now: float) -> float:
    """The moment that ages are counted from: a little after the person's newest dated act, at most now.

    A model is fitted on what was, and serves what is: a person's own clock makes both alike.
    """
    dated = history.time[~np.isnan(history.time)]
    return min(float(dated.max()) + 3_600.0, now) if len(dated) else now


def _copies(shelf: Shelf, rows: npt.NDArray[np.int64]) -> set[int]:
    return {copy for row in rows.tolist() for copy in shelf.copies.get(row, (row,))}
