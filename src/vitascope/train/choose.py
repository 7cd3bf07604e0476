"""Chooses a recipe on held-out events and judges one, by the very scorers that serve.

Takes a ScoreBench, split histories and the settings; gives a Recipe, figures, and the arrays of the model that a recipe
makes. Knows no store and no registry.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.service import Progress
from vitascope.base.ranking import Metric
from vitascope.train import judge, near
from vitascope.train.artifacts import MemoryArtifacts
from vitascope.train.config import TrainConfig
from vitascope.train.recipe import Recipe

if TYPE_CHECKING:
    from vitascope.base.ports.ranking import FeatureTables, ScoreBench

Floats = npt.NDArray[np.float32]
_CHUNK = 512
_GRID = {
    "taste": (0.05, 0.15, 0.4, 1.0),
    "content": (0.05, 0.15, 0.4, 0.8),
    "popular": (0.0, 0.05, 0.15, 0.4),
}


class Chooser:
    """Chooses, judges, and makes the arrays of a model."""

    def __init__(self, bench: ScoreBench, features: FeatureTables, config: TrainConfig) -> None:
        self._bench, self._features, self._config = bench, features, config

    def sides(self, split: judge.Split, seed: int) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
        """People to choose by, and other people to judge by; with few people the same."""
        people = np.flatnonzero(split.answer >= 0)
        if len(people) < 2 * self._config.few:
            return people, people
        mixed = np.random.default_rng(seed + 1).permutation(people)
        half = len(mixed) // 2
        return np.sort(mixed[:half][: self._config.judges]), np.sort(mixed[half:][: self._config.judges])

    def choose(self, split: judge.Split, people: npt.NDArray[np.int64], n: int, progress: Progress) -> Recipe:
        """The best recipe for these people's held-out events; the defaults where they are too few."""
        config, defaults = self._config, self._bench.defaults()
        first = Recipe(300.0, 5.0, 0.0 if n <= config.closed_form_up_to else 1.0, tuple(sorted(defaults.items())))
        if len(people) < config.few:
            return first
        train = judge.pick(split.train, people)
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

    def judge(self, split: judge.Split, people: npt.NDArray[np.int64], n: int, recipe: Recipe) -> tuple[Metric, ...]:
        """HR@10 and NDCG@10 of the recipe on held-out events, and of popularity beside them."""
        nothing = np.zeros(0, np.float32)
        if not len(people):
            return (*judge.figures(nothing), *judge.figures(nothing, "popular "))
        train, answer = judge.pick(split.train, people), split.answer[people]
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

    def arrays(self, histories: Histories, items: npt.NDArray[np.int64], recipe: Recipe) -> dict[str, npt.NDArray[Any]]:
        """The arrays of the model that a recipe makes of these histories."""
        return _pack(self._matrix(near.interactions(histories, len(items)), recipe), items)


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
