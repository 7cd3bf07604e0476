"""The bench: the scorers, sources and rankers that serve, asked about histories and models that a fit is trying.

Takes histories and artifacts; gives scores, lists, and what a ranker looks at. What is judged on it is what serves
(`recommender.py` answers people by the same parts). Writes to no store and reads no clock.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, lengths
from vitascope.base.people import Surface
from vitascope.base.ports.components import Components, Crowd, Glance
from vitascope.base.ports.outcomes import OUTCOMES, OutcomeModel, OutcomeModels
from vitascope.base.ports.ranking import Artifacts, FeatureTable, TasteMaker
from vitascope.base.ranking import Request
from vitascope.base.records import PersonKey
from vitascope.base.shelf import Shelf
from vitascope.recommend import outcomes
from vitascope.recommend import pipeline as pipelines
from vitascope.recommend import scorers as scoring
from vitascope.recommend._draft import Worth, drafts, shelf_blend
from vitascope.recommend._shelf import Shelves, popularity_of
from vitascope.recommend.config import RecommendConfig
from vitascope.recommend.rerankers import unit

if TYPE_CHECKING:
    from vitascope.base.ports.models import LanguageModel
    from vitascope.base.ports.people import EventStore

Floats = npt.NDArray[np.float32]
Trial = tuple[pipelines.Built, list[dict[str, float]], scoring.Scores, Shelf]
Ranker = tuple[OutcomeModel, int]


class Bench:
    """Implements the port ScoreBench; a Recommender is one, with people to answer."""

    def __init__(
        self,
        *,
        shelves: Shelves,
        events: EventStore,
        tastes: TasteMaker,
        components: Components,
        outcomes: OutcomeModels | None,
        language: LanguageModel | None,
        config: RecommendConfig,
        home_pipelines: Path | None,
    ) -> None:
        self._shelves, self._events, self._tastes = shelves, events, tastes
        self._components, self._outcomes, self._language = components, outcomes, language
        self._config, self._home_pipelines = config, home_pipelines
        self._lock = threading.Lock()
        self._pipelines: dict[Surface, pipelines.Built] = {}
        self._tried: tuple[Histories, Artifacts, Surface, Mapping[str, float] | None, Trial] | None = None

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

    def default_surface(self) -> Surface:
        """The surface that most stored events have, else video."""
        counts = self._events.surfaces()
        known = [(counts.get(s.value, 0), -i, s) for i, s in enumerate(Surface)]
        most = max(known)
        return most[2] if most[0] > 0 else Surface.VIDEO

    # --- inside

    def _pipeline(self, surface: Surface) -> pipelines.Built:
        with self._lock:
            if surface not in self._pipelines:
                self._pipelines[surface] = pipelines.build(surface, self._components, self._home_pipelines)
            return self._pipelines[surface]

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

        def worth(
            place: int, blend: Floats, rows: npt.NDArray[np.int64], glance: Glance
        ) -> tuple[Floats, Floats] | None:
            if known[place] < least:
                return None
            now = newest(glance.history, glance.request.now)
            x = outcomes.figures(scored, place, blend, rows, glance.history, glance.shelf, now)
            return outcomes.value(model, objective, x), x

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


def newest(history: Histories, now: float) -> float:
    """The moment that ages are counted from: a little after the person's newest dated act, at most now.

    A model is fitted on what was, and serves what is: a person's own clock makes both alike.
    """
    dated = history.time[~np.isnan(history.time)]
    return min(float(dated.max()) + 3_600.0, now) if len(dated) else now
