"""The fit: events -> clean -> split -> choose on held-out events -> judge on others -> fit on everything -> promote.

Takes ports and the serving scorers (a ScoreBench): what is judged is what will serve. Gives a model in the registry with
its evaluation; the current one changes only when the new one is not worse on the same held-out events.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import blake2b
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vitascope.base.errors import UnknownModel, UsageError
from vitascope.base.histories import Histories, from_columns
from vitascope.base.people import NoiseCount
from vitascope.base.ports.service import Progress, silent
from vitascope.base.ranking import FitReport, Metric, TrainedModel
from vitascope.train import judge, near
from vitascope.train.artifacts import ArtifactFolder, MemoryArtifacts
from vitascope.train.config import TrainConfig

if TYPE_CHECKING:
    from vitascope.base.ports.models import TextEmbedder
    from vitascope.base.ports.people import EventStore, ProfileStore
    from vitascope.base.ports.ranking import Cleaner, FeatureTables, ScoreBench, TasteMaker
    from vitascope.base.ports.registry import ModelRegistry
    from vitascope.base.ports.stores import ItemStore, VectorStore

Floats = npt.NDArray[np.float32]
_CHUNK = 512
_GRID = {
    "taste": (0.05, 0.15, 0.4, 1.0),
    "content": (0.05, 0.15, 0.4, 0.8),
    "popular": (0.0, 0.05, 0.15, 0.4),
}


@dataclass(frozen=True)
class Recipe:
    """Everything that a fit chooses."""

    strength: float
    half_life: float
    neighbour_share: float
    weights: tuple[tuple[str, float], ...]

    def text(self) -> str:
        """As kept with the model."""
        return json.dumps(
            {
                "strength": self.strength,
                "half_life": self.half_life,
                "neighbour_share": self.neighbour_share,
                "weights": dict(self.weights),
            }
        )

    @classmethod
    def read(cls, text: str, weights: Mapping[str, float]) -> Recipe:
        """From what was kept; what it lacks is the default."""
        told = json.loads(text)
        mixed = dict(weights) | told.get("weights", {})
        return cls(
            float(told.get("strength", 300.0)),
            float(told.get("half_life", 0.0)),
            float(told.get("neighbour_share", 0.0)),
            tuple(sorted((str(k), float(v)) for k, v in mixed.items())),
        )


class Trainer:
    """Fits, judges, promotes, rolls back."""

    def __init__(
        self,
        *,
        items: ItemStore,
        events: EventStore,
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
        prepare: Callable[[Progress], object] | None = None,
        config: TrainConfig | None = None,
    ) -> None:
        self._events, self._registry, self._features = events, registry, features
        self._cleaner, self._bench, self._clock = cleaner, bench, clock
        self._folder = ArtifactFolder(models_dir)
        self._prepare = prepare
        self._config = config or TrainConfig()

    def fit(self, seed: int = 0, promote: str = "better", progress: Progress = silent) -> FitReport:
        """Fit on what is stored. The same events and seed give the same model.

        Args:
            promote: always | better (not worse on the same held-out events) | never.
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
        split = judge.leave_last_out(histories, seed)
        choosers, judges = self._sides(split, seed)
        recipe = self._choose(split, choosers, n, progress)
        progress("fit", 3, 5, "judging")
        evaluation = self._judge(split, judges, n, recipe)
        parent = self._registry.current()
        parent_gain = None
        if parent is not None and len(judges):
            kept = self._folder(parent.path).text("blend")
            old = Recipe.read(kept or "{}", self._bench.defaults())
            parent_gain = self._judge(split, judges, n, old)[1].value if old != recipe else evaluation[1].value
        progress("fit", 4, 5, "fitting on everything")
        arrays = self._arrays(histories, table.items, recipe)
        version = self._version(seed, arrays, recipe)
        self._folder.write(MemoryArtifacts(version, arrays, {"blend": recipe.text()}))
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
            note=self._note(len(judges), recipe),
            seconds=round(perf_counter() - began, 3),
        )
        self._registry.add(model)
        promoted, reason = self._verdict(promote, parent, parent_gain, evaluation)
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

    # --- inside

    def _sides(self, split: judge.Split, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """People to choose by, and other people to judge by; with few people the same."""
        people = np.flatnonzero(split.answer >= 0)
        if len(people) < 2 * self._config.few:
            return people, people
        mixed = np.random.default_rng(seed + 1).permutation(people)
        half = len(mixed) // 2
        return np.sort(mixed[:half][: self._config.judges]), np.sort(mixed[half:][: self._config.judges])

    def _choose(self, split: judge.Split, people: npt.NDArray[np.int64], n: int, progress: Progress) -> Recipe:
        config, defaults = self._config, self._bench.defaults()
        first = Recipe(300.0, 5.0, 0.0 if n <= config.closed_form_up_to else 1.0, tuple(sorted(defaults.items())))
        if len(people) < config.few:
            return first
        train = _pick(split.train, people)
        answer = split.answer[people]
        half_lives = config.half_lives if (~np.isnan(train.time)).any() else (0.0,)
        matrix = near.interactions(split.train, n)
        best, best_gain = first, -1.0
        best_base: Floats | None = None
        closed = n <= config.closed_form_up_to
        together = near.gram(matrix) if closed else None
        close = near.neighbours(matrix, config.neighbours)
        strengths = (
            (config.strengths if n <= 4_000 else config.strengths[1:-1] or config.strengths) if closed else (0.0,)
        )
        for number, strength in enumerate(strengths):
            progress("fit", 1, 5, f"choosing {number + 1} of {len(strengths)}")
            base = near.ease(together, strength) if together is not None else None
            mixed = _mix(base, close, 0.0)
            for half_life in half_lives:
                recipe = replace(first, strength=strength, half_life=half_life, neighbour_share=0.0 if closed else 1.0)
                found = self._gain_of(train, answer, mixed, recipe)
                if found > best_gain:
                    best, best_gain, best_base = recipe, found, base
        for share in config.neighbour_shares if closed else ():
            recipe = replace(best, neighbour_share=share)
            found = self._gain_of(train, answer, _mix(best_base, close, share), recipe)
            if found > best_gain:
                best, best_gain = recipe, found
        progress("fit", 2, 5, "weighing the scorers")
        popular = self._bench.popularity(split.train)
        scores = self._scores(train, _mix(best_base, close, best.neighbour_share), best, popular, "")
        weights = dict(best.weights) | {"collaborative": 1.0}
        best_gain = judge.gain(judge.places(judge.blend(scores, weights), answer, train))
        for _ in range(3):
            before = best_gain
            for name, grid in _GRID.items():
                for value in grid:
                    tried = weights | {name: value}
                    found = judge.gain(judge.places(judge.blend(scores, tried), answer, train))
                    if found > best_gain + 1e-6:
                        weights, best_gain = tried, found
            if best_gain - before < 1e-6:
                break
        return replace(best, weights=tuple(sorted(weights.items())))

    def _judge(self, split: judge.Split, people: npt.NDArray[np.int64], n: int, recipe: Recipe) -> tuple[Metric, ...]:
        """HR@10 and NDCG@10 of the recipe on held-out events, and of popularity beside them."""
        nothing = np.zeros(0, np.float32)
        if not len(people):
            return (*judge.figures(nothing), *judge.figures(nothing, "popular "))
        train, answer = _pick(split.train, people), split.answer[people]
        popular = self._bench.popularity(split.train)
        mixed = self._matrix(near.interactions(split.train, n), recipe)
        scores = self._scores(train, mixed, recipe, popular, "")
        place = judge.places(judge.blend(scores, dict(recipe.weights)), answer, train)
        by_popular = judge.places(np.repeat(popular[None, :], len(answer), axis=0), answer, train)
        return (*judge.figures(place), *judge.figures(by_popular, "popular "))

    def _gain_of(self, train: Histories, answer: npt.NDArray[np.int64], mixed: Any, recipe: Recipe) -> float:
        scores = self._scores(train, mixed, recipe, None, "collaborative")
        return judge.gain(judge.places(scores["collaborative"], answer, train))

    def _matrix(self, matrix: Any, recipe: Recipe) -> Any:
        closed = matrix.shape[1] <= self._config.closed_form_up_to
        base = near.ease(near.gram(matrix), recipe.strength) if closed else None
        share = recipe.neighbour_share if closed else 1.0
        close = near.neighbours(matrix, self._config.neighbours) if share > 0 else None
        return _mix(base, close, share)

    def _scores(
        self, train: Histories, mixed: Any, recipe: Recipe, popular: Floats | None, only: str
    ) -> dict[str, Floats]:
        arrays = _pack(mixed, self._features.table().items)
        if popular is not None:
            arrays["popular"] = popular
        artifacts = MemoryArtifacts("trial", arrays, {"blend": recipe.text()})
        parts: list[dict[str, Floats]] = [
            self._bench.scores(train.chunk(first, min(first + _CHUNK, len(train))), artifacts, only)
            for first in range(0, len(train), _CHUNK)
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _arrays(
        self, histories: Histories, items: npt.NDArray[np.int64], recipe: Recipe
    ) -> dict[str, npt.NDArray[Any]]:
        return _pack(self._matrix(near.interactions(histories, len(items)), recipe), items)

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
        return (
            f"closed form {recipe.strength:g}, half-life {recipe.half_life:g} acts, "
            f"neighbours {recipe.neighbour_share:g}; {weights}"
        )

    @staticmethod
    def _verdict(
        promote: str, parent: TrainedModel | None, parent_gain: float | None, evaluation: tuple[Metric, ...]
    ) -> tuple[bool, str]:
        mine = evaluation[1].value
        if promote == "never":
            return False, "not promoted: asked not to"
        if promote == "always":
            return True, "promoted: asked to"
        if parent is None:
            return True, "promoted: there was no model before"
        if parent_gain is None:
            return True, "promoted: there is nothing to compare on"
        said = (
            f"NDCG@{judge.K} {mine:.4f}, the recipe of {parent.version} on the same held-out events {parent_gain:.4f}"
        )
        return (True, f"promoted: {said}") if mine >= parent_gain - 1e-9 else (False, f"not promoted: {said}")


def _pick(histories: Histories, people: npt.NDArray[np.int64]) -> Histories:
    """The histories of some people, by their places (ascending)."""
    keep = np.isin(histories.owner, people)
    counts = np.diff(histories.start)[people]
    chosen = histories.select(keep)
    place = {int(p): i for i, p in enumerate(people)}
    return replace(
        chosen,
        people=histories.people[people],
        start=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        follows=tuple(replace(f, person=place[f.person]) for f in histories.follows if f.person in place),
    )


def _mix(base: Floats | None, close: Any, share: float) -> Any:
    """The closed form scaled to a largest value of 1, plus a share of the neighbours."""
    if base is None:
        return close
    top = float(np.abs(base).max(initial=0.0))
    out = base / top if top > 0 else base
    if share > 0 and close is not None:
        out = out + np.float32(share) * np.asarray(close.todense(), np.float32)
    return out


def _pack(mixed: Any, items: npt.NDArray[np.int64]) -> dict[str, npt.NDArray[Any]]:
    if isinstance(mixed, np.ndarray):
        return {"items": items, "ease": mixed.astype(np.float32, copy=False)}
    return {
        "items": items,
        "near_start": np.asarray(mixed.indptr, np.int64),
        "near_column": np.asarray(mixed.indices, np.int32),
        "near_value": np.asarray(mixed.data, np.float32),
    }
