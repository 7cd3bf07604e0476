"""The fit: events -> clean -> split -> choose on held-out events -> judge on others -> fit on everything -> promote.

Takes ports and the serving scorers (a ScoreBench): what is judged is what will serve. Gives a model in the registry with
its evaluation; the current one changes only when the new one is not worse on the same held-out events.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vitascope.base.errors import UnknownModel, UsageError
from vitascope.base.histories import Histories, from_columns, rows_of
from vitascope.base.people import EventType, NoiseCount, Surface
from vitascope.base.ports.service import Progress, silent
from vitascope.base.ranking import EvaluationReport, FitReport, Request, TrainedModel
from vitascope.train import gate, judge, logged, ranker
from vitascope.train.artifacts import ArtifactFolder, MemoryArtifacts
from vitascope.train.choose import Chooser
from vitascope.train.config import TrainConfig
from vitascope.train.evaluate import SPLITS, evaluate
from vitascope.train.recipe import Recipe
from vitascope.train.sequence import ready

if TYPE_CHECKING:
    from vitascope.base.ports.models import TextEmbedder
    from vitascope.base.ports.outcomes import OutcomeModels
    from vitascope.base.ports.people import EventLog, ProfileStore
    from vitascope.base.ports.ranking import Cleaner, FeatureTables, ScoreBench, TasteMaker
    from vitascope.base.ports.registry import ModelRegistry
    from vitascope.base.ports.stores import ItemStore, VectorStore
    from vitascope.train.sequence.learn import Learned


@dataclass(frozen=True, eq=False)
class Learnt:
    """What a fit chose, the split it chose on, people of it who had no part in that, and the ranker."""

    recipe: Recipe
    split: judge.Split
    judges: npt.NDArray[np.int64]
    ranker: ranker.Lesson
    order: Learned | None
    """The sequential model of the split; None where there is too little for one."""


class Trainer:
    """Fits, judges, promotes, rolls back."""

    def __init__(
        self,
        *,
        items: ItemStore,
        events: EventLog,
        vectors: VectorStore,
        registry: ModelRegistry,
        models_dir: Path,
        features: FeatureTables,
        cleaner: Cleaner,
        tastes: TasteMaker,
        bench: ScoreBench,
        profiles: ProfileStore,
        clock: Callable[[], float],
        text: TextEmbedder | None = None,
        outcomes: OutcomeModels | None = None,
        prepare: Callable[[Progress], object] | None = None,
        config: TrainConfig | None = None,
    ) -> None:
        self._events, self._registry, self._features = events, registry, features
        self._cleaner, self._bench, self._clock = cleaner, bench, clock
        self._folder = ArtifactFolder(models_dir)
        self._prepare, self._outcomes = prepare, outcomes
        self._config = config or TrainConfig()
        self._vectors = vectors
        self._chooser = Chooser(bench, features, items, vectors, self._config)

    def fit(self, seed: int = 0, promote: str = "better", progress: Progress = silent, warm: bool = False) -> FitReport:
        """Fit on what is stored. The same events and seed give the same model.

        Args:
            promote: always | better (not worse on the same held-out events) | never.
            warm: start from what the current model chose and look at neighbouring settings alone; without one, anew.
        """
        if promote not in ("always", "better", "never"):
            raise UsageError(f"promote {promote}", place="--promote", remedy="one of always, better, never")
        began = perf_counter()
        if self._prepare is not None:
            self._prepare(progress)
        progress("fit", 0, 5, "reading events")
        table = self._bench.refresh()
        columns = self._events.columns()
        cleaned = self._cleaner.clean(columns)
        histories = from_columns(columns.take(cleaned.keep), table.items)
        n = len(table.items)
        progress("fit", 1, 5, "choosing on held-out events")
        parent = self._registry.current()
        start = self._before(parent)[0] if warm and parent is not None else None
        learnt = self._learn(histories, n, seed, progress, start)
        recipe, split, judges = learnt.recipe, learnt.split, learnt.judges
        progress("fit", 3, 5, "judging")
        asked = self._asked()
        mine = self._trial(split.train, recipe, learnt.ranker.arrays)
        evaluation = gate.figures(self._bench, split, judges, mine, asked)
        parent_gain = None
        if parent is not None and len(judges):
            old, ranked = self._before(parent)
            if old == recipe and not ranked and not learnt.ranker.arrays:
                parent_gain = evaluation[1].value
            else:
                theirs = self._trial(split.train, old, ranked)
                parent_gain = gate.figures(self._bench, split, judges, theirs, asked)[1].value
        progress("fit", 4, 5, "fitting on everything")
        arrays, texts = self._whole(histories, table.items, learnt, progress)
        self._chooser.done()
        version = self._version(seed, arrays, recipe)
        self._folder.write(MemoryArtifacts(version, arrays, texts))
        model = TrainedModel(
            version=version,
            created_at=self._clock(),
            seed=seed,
            path=version,
            evaluation=evaluation,
            parent=parent.version if parent is not None else None,
            events=len(columns),
            items=n,
            people=len(histories),
            noise=cleaned.counts,
            note="; ".join(
                filter(
                    None,
                    (self._note(len(judges), recipe), learnt.order.said if learnt.order else "", learnt.ranker.note),
                )
            ),
            seconds=round(perf_counter() - began, 3),
        )
        self._registry.add(model)
        promoted, reason = gate.verdict(promote, parent, parent_gain, evaluation)
        if promoted:
            self._registry.promote(version)
            model = model.model_copy(update={"current": True})
        progress("fit", 5, 5, "done")
        return FitReport(
            model=model,
            promoted=promoted,
            compared_with=parent.version if parent is not None else None,
            reason=reason,
        )

    def rollback(self) -> TrainedModel:
        """Make the model before the current one current again.

        Raises:
            UnknownModel: there is none.
        """
        current = self._registry.current()
        before = self._registry.get(current.parent) if current is not None and current.parent else None
        if before is None:
            raise UnknownModel(
                "there is no model to go back to", remedy="run vitascope fit; each fit keeps the model before it"
            )
        self._registry.promote(before.version)
        return before.model_copy(update={"current": True})

    def noise(self) -> tuple[NoiseCount, ...]:
        """What each noise rule sets aside now."""
        return self._cleaner.clean(self._events.columns()).counts

    def evaluate(
        self,
        request: Request,
        splits: Sequence[str] = SPLITS,
        people: int = 2_000,
        seed: int = 0,
        progress: Progress = silent,
        rerankers: Sequence[str] = (),
    ) -> tuple[EvaluationReport, ...]:
        """What this library's lists are worth on events that were held out, beside popularity and chance.

        A model is fitted anew without the held-out events, its choices included; the current one is not touched.

        Args:
            request: surface, length and re-rankers; all but the person.
            splits: last (each person's last item), time (all after one moment), logged (what this would have earned where
                others were shown with a known chance).
            people: judged at most, drawn by seed.
            rerankers: those whose price is wanted ("quota:share=0.3"); none: the surface's own.
        """
        table = self._bench.refresh()
        columns = self._events.columns()
        histories = from_columns(columns.take(self._cleaner.clean(columns).keep), table.items)

        def learn(train: Histories) -> MemoryArtifacts:
            learnt = self._learn(train, len(table.items), seed + 1, progress)
            arrays, texts = self._whole(train, table.items, learnt, progress)
            self._chooser.done()
            arrays["popular"] = self._bench.popularity(train)
            return MemoryArtifacts("evaluation", arrays, texts)

        def one(split: str) -> EvaluationReport:
            if split != logged.SPLIT:
                return evaluate(histories, split, self._bench, learn, request, people, seed, progress, rerankers)
            shown = columns.number[
                (columns.type == EventType.IMPRESSION.code) & (columns.surface == tuple(Surface).index(request.surface))
            ]
            chance = self._propensities(shown.tolist())
            return logged.evaluate(histories, chance, self._bench, learn, request, people, seed, progress)

        return tuple(one(split) for split in splits)

    # --- inside

    def _learn(
        self, histories: Histories, n: int, seed: int, progress: Progress, start: Recipe | None = None
    ) -> Learnt:
        split = judge.leave_last_out(histories, seed)
        choosers, judges = self._chooser.sides(split)
        order = self._order(split, choosers, seed, progress)
        self._chooser.also = MemoryArtifacts("") if order is None else MemoryArtifacts("", order.arrays, order.texts)
        recipe = self._chooser.choose(split, choosers, n, progress, start)
        lesson = ranker.Lesson()
        if self._outcomes is not None and self._config.ranker and len(choosers) >= self._config.few:
            progress("fit", 2, 5, "learning what comes of showing")
            lesson = ranker.learn(
                self._bench,
                self._outcomes,
                histories,
                split,
                np.flatnonzero(split.answer >= 0),
                judges,
                self._trial(split.train, recipe),
                self._asked(),
                self._propensities,
                seed,
            )
        return Learnt(recipe, split, judges, lesson, order)

    def _order(
        self, split: judge.Split, choosers: npt.NDArray[np.int64], seed: int, progress: Progress
    ) -> Learned | None:
        """The sequential model of the split, stopped by the choosers' held-out items; None where it would not pay."""
        if not ready(split.train, self._config):
            return None
        from vitascope.train.sequence import learn  # loads torch

        table = self._features.table()
        vectors = {}
        for kind in self._vectors.keys():  # noqa: SIM118 (a port, no dict)
            owners, matrix = self._vectors.matrix(kind)
            rows = rows_of(table.items, owners)
            vectors[kind] = np.zeros((len(table.items), matrix.shape[1]), np.float32)
            vectors[kind][rows[rows >= 0]] = matrix[rows >= 0]
        answer = np.full(len(split.answer), -1, np.int64)
        answer[choosers] = split.answer[choosers]
        said = partial(_say, progress)
        return learn.first(split.train, answer, table, vectors, self._config, seed, said)

    def _whole(
        self, histories: Histories, items: npt.NDArray[np.int64], learnt: Learnt, progress: Progress
    ) -> tuple[dict[str, npt.NDArray[Any]], dict[str, str]]:
        """Arrays and texts of the model of all these histories."""
        texts, order = {"blend": learnt.recipe.text()}, learnt.order
        self._chooser.also = MemoryArtifacts("")
        if order is not None and learnt.recipe.asks("sequence"):
            from vitascope.train.sequence import learn

            order = learn.last(histories, order, partial(_say, progress))
            self._chooser.also = MemoryArtifacts("", order.arrays, order.texts)
            texts |= order.texts
        return dict(self._chooser.arrays(histories, items, learnt.recipe)) | learnt.ranker.arrays, texts

    def _asked(self) -> Request:
        """The lists that a model is judged by."""
        surface = self._bench.default_surface()
        return Request(person=None, surface=surface, n=judge.K, include_seen=False, now=self._clock())

    def _trial(
        self, histories: Histories, recipe: Recipe, ranked: Mapping[str, npt.NDArray[Any]] | None = None
    ) -> MemoryArtifacts:
        """A model of these histories as it would serve, with a ranker that is there already."""
        arrays = dict(self._chooser.arrays(histories, self._features.table().items, recipe)) | dict(ranked or {})
        arrays["popular"] = self._bench.popularity(histories)
        return MemoryArtifacts("trial", arrays, {"blend": recipe.text(), **self._chooser.also.texts})

    def _before(self, parent: TrainedModel) -> tuple[Recipe, dict[str, npt.NDArray[Any]]]:
        """What the current model chose, and its ranker."""
        kept = self._folder(parent.path)
        without = {} if kept.text("sequence") else {"sequence": 0.0}
        recipe = Recipe.read(kept.text("blend") or "{}", self._bench.defaults() | without)
        return recipe, {name: a for name, a in kept.arrays.items() if name.startswith("outcomes")}

    def _propensities(self, numbers: Sequence[int]) -> dict[int, float]:
        found: dict[int, float] = {}
        for first in range(0, len(numbers), 500):
            for number, event in self._events.by_number(numbers[first : first + 500]).items():
                if event.propensity is not None:
                    found[number] = event.propensity
        return found

    def _version(self, seed: int, arrays: Mapping[str, npt.NDArray[Any]], recipe: Recipe) -> str:
        digest = blake2b(f"{seed}{recipe.text()}".encode(), digest_size=4)
        for name in sorted(arrays):
            digest.update(np.ascontiguousarray(arrays[name]).tobytes())
        stamp = datetime.fromtimestamp(self._clock(), UTC).strftime("%Y%m%d-%H%M%S")
        version = f"{stamp}-{digest.hexdigest()}"
        number = 1
        while self._registry.get(version) is not None:
            number += 1
            version = f"{stamp}-{digest.hexdigest()}-{number}"
        return version

    def _note(self, judges: int, recipe: Recipe) -> str:
        if judges < self._config.few:
            return f"only {judges} people have events to hold out: nothing was chosen, the defaults stay"
        weights = ", ".join(f"{name} {value:g}" for name, value in recipe.weights)
        few = "".join(
            f"; up to {most} items: " + ", ".join(f"{name} {value:g}" for name, value in theirs)
            for most, theirs in recipe.short
            if theirs != recipe.weights
        )
        found = f" (weights for short histories: {', '.join(self._chooser.said)})" if self._chooser.said else ""
        channels = ", ".join(f"{name} {value:g}" for name, value in recipe.channels)
        return (
            f"closed form {recipe.strength:g} with content {recipe.content:g}, half-life {recipe.half_life:g} acts, "
            f"spectral {recipe.smooth_share:g} of rank {recipe.smooth_rank} with content {recipe.smooth_content:g}, "
            f"neighbours {recipe.neighbour_share:g}, {recipe.factors} factors, company {recipe.flatten:g}; "
            f"content by {channels or 'nothing'}, unknown items {recipe.cold:g}; "
            f"{weights}{few}{found}"
        )


def _say(progress: Progress, done: float, text: str) -> None:
    progress("fit", 1, 5, f"learning the order of acts, {done:.0%}: {text}")
