"""Chooses a recipe on held-out events, by the very scorers that serve.

Takes a ScoreBench, split histories and the settings; gives a Recipe and the arrays of the model that a recipe
makes. Settings are tried one after the other, each at the best of those before it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.service import Progress
from vitascope.train import hidden, judge, near, weigh
from vitascope.train.artifacts import MemoryArtifacts
from vitascope.train.config import TrainConfig
from vitascope.train.content import channels, mixes
from vitascope.train.parts import Kernels, Parts
from vitascope.train.recipe import Recipe

if TYPE_CHECKING:
    from vitascope.base.ports.ranking import FeatureTables, ScoreBench
    from vitascope.base.ports.stores import ItemStore, VectorStore

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
_CHUNK = 512
_LARGE = 4_000
"""Items above which a closed form takes so long that fewer are tried."""
_PER_TAKER = 10.0
"""Where nothing can be chosen, the closed form's strength for each taker of an item, on average."""
_CUT_DOWN = 1_000
"""People at most whose histories are cut down to weigh the scorers for short ones."""


class Chooser:
    """Chooses, and makes the arrays of a model."""

    def __init__(
        self, bench: ScoreBench, features: FeatureTables, items: ItemStore, vectors: VectorStore, config: TrainConfig
    ) -> None:
        self._bench, self._features, self._config = bench, features, config
        self._items, self._vectors = items, vectors
        self.also = MemoryArtifacts("")
        """Parts of the model that are trained elsewhere (the sequential one): scorers find them in every trial."""
        self.said: list[str] = []
        """What weighing for short histories found, group by group."""
        self._kernels: tuple[str, Kernels] | None = None
        self._parts: tuple[Histories, Parts] | None = None

    def sides(self, split: judge.Split) -> tuple[Ints, Ints]:
        """People to choose by, and other people to judge by; with few people the same.

        Who stands where hangs on the person alone and is the same in every fit: no model, and no ranker of one, was ever
        chosen on or taught by those who judge it against the next.
        """
        people = np.flatnonzero(split.answer >= 0)
        if len(people) < 2 * self._config.few:
            return people, people
        mark = judge.marks(split.train.people[people])
        order = np.argsort(mark, kind="stable")
        choosing = mark[order] < judge.MIDDLE
        most = self._config.judges
        return np.sort(people[order[choosing][:most]]), np.sort(people[order[~choosing][:most]])

    def choose(self, split: judge.Split, people: Ints, n: int, progress: Progress) -> Recipe:
        """The best recipe for these people's held-out events; the defaults where they are too few."""
        config = self._config
        kernels, parts = self._kernel(), self._part(split.train, n)
        taken = parts.taken[parts.taken > 0]
        first = Recipe(
            strength=float(np.clip(_PER_TAKER * taken.mean(), 10, 300)) if len(taken) else 300.0,
            half_life=5.0,
            channels=tuple(sorted(mixes(kernels.names)[0].items())) if kernels.names else (),
            weights=tuple(sorted(self._bench.defaults().items())),
        )
        if len(people) < config.few:
            return first
        train, answer = judge.pick(split.train, people), split.answer[people]
        large = n > _LARGE
        best = first
        if parts.closed and kernels.names:
            progress("fit", 1, 5, "items that nobody knows")
            best = hidden.choose(parts, kernels, best, config, large=large)
        dated = bool((~np.isnan(train.time)).any())
        best = replace(best, half_life=5.0 if dated else 0.0, smooth_share=0.0)

        def gains(recipe: Recipe) -> Floats:
            return self._gains(train, answer, parts.mixed(recipe), recipe)

        def better(best: Recipe, tries: Iterable[Recipe], gain: Floats) -> tuple[Recipe, Floats]:
            for recipe in tries:
                found = gains(recipe)
                if judge.surer(found, gain):
                    best, gain = recipe, found
            return best, gain

        if parts.closed:
            strengths = config.strengths if not large else config.strengths[1:-1] or config.strengths
            shares = config.contents if kernels.names else (0.0,)
            middle = min(strengths, key=lambda s: abs(np.log(s / first.strength)))
            best = replace(best, strength=middle, content=shares[0])
            progress("fit", 1, 5, "choosing the closed form")
            gain = gains(best)
            best, gain = better(best, (replace(best, strength=s) for s in strengths if s != middle), gain)
            best, gain = better(best, (replace(best, content=c) for c in shares[1:]), gain)
            if best.content != shares[0] and not large:
                best, gain = better(best, (replace(best, strength=s) for s in strengths if s != best.strength), gain)
        else:
            gain = gains(best)
        half_lives = config.half_lives if dated else (0.0,)
        best, gain = better(best, (replace(best, half_life=h) for h in half_lives if h != best.half_life), gain)
        if parts.closed:
            progress("fit", 1, 5, "choosing what is mixed in")
            tried = replace(best, smooth_share=0.5)
            spectra = config.contents_smooth if kernels.names else (0.0,)
            smooth = [replace(tried, smooth_content=c, smooth_rank=r) for c in spectra for r in config.smooth_ranks]
            best, gain = better(best, smooth, gain)
            if best.smooth_share > 0:
                others = (replace(best, smooth_share=s) for s in config.smooth_shares if s not in (0.0, 0.5))
                best, gain = better(best, others, gain)
            best, gain = better(
                best, (replace(best, neighbour_share=s) for s in config.neighbour_shares if s > 0), gain
            )
        progress("fit", 2, 5, "weighing the scorers")
        return self._weigh(split.train, train, answer, parts, best, progress)

    def arrays(self, histories: Histories, items: Ints, recipe: Recipe) -> dict[str, npt.NDArray[Any]]:
        """The arrays of the model that a recipe makes of these histories."""
        return _pack(self._part(histories, len(items)).whole(recipe), items) | dict(self.also.arrays)

    def done(self) -> None:
        """Give back what was kept between the steps."""
        self._parts = self._kernels = None
        self.also = MemoryArtifacts("")

    # --- inside

    def _weigh(
        self, everyone: Histories, train: Histories, answer: Ints, parts: Parts, recipe: Recipe, progress: Progress
    ) -> Recipe:
        """The weights of the scorers: for all, and for people with short histories."""
        matrix, popular = parts.whole(recipe), self._bench.popularity(everyone)

        def scores(histories: Histories) -> dict[str, Floats]:
            return self._scores(histories, matrix, recipe, popular, "")

        usual = weigh.for_all(weigh.Race(scores(train), answer, train), dict(recipe.weights))
        progress("fit", 2, 5, "weighing the scorers for people with few acts")
        config = self._config
        short, said = weigh.short(train, answer, config.short_histories, usual, scores, 2 * config.few, _CUT_DOWN)
        self.said = said
        few = tuple((most, tuple(sorted(weights.items()))) for most, weights in short)
        return replace(recipe, weights=tuple(sorted(usual.items())), short=few)

    def _gains(self, train: Histories, answer: Ints, mixed: Any, recipe: Recipe) -> Floats:
        scores = self._scores(train, mixed, recipe, None, "collaborative")
        return judge.gains(judge.places(scores["collaborative"], answer, train))

    def _kernel(self) -> Kernels:
        table = self._features.table()
        if self._kernels is None or self._kernels[0] != table.version:
            fits = len(table.items) <= self._config.closed_form_up_to
            made = channels(self._items, table, self._vectors) if fits else {}
            self._kernels = (table.version, Kernels(made))
        return self._kernels[1]

    def _part(self, histories: Histories, n: int) -> Parts:
        if self._parts is None or self._parts[0] is not histories:
            self._parts = None
            self._parts = (histories, Parts(near.interactions(histories, n), self._kernel(), self._config))
        return self._parts[1]

    def _scores(
        self, train: Histories, mixed: Any, recipe: Recipe, popular: Floats | None, only: str
    ) -> dict[str, Floats]:
        arrays = _pack(mixed, self._features.table().items)
        if popular is not None:
            arrays["popular"] = popular
        arrays |= self.also.arrays
        artifacts = MemoryArtifacts("trial", arrays, {"blend": recipe.text(), **self.also.texts})
        parts: list[dict[str, Floats]] = [
            self._bench.scores(train.chunk(first, min(first + _CHUNK, len(train))), artifacts, only)
            for first in range(0, len(train), _CHUNK)
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _pack(mixed: Any, items: Ints) -> dict[str, npt.NDArray[Any]]:
    if isinstance(mixed, np.ndarray):
        return {"items": items, "ease": mixed.astype(np.float32, copy=False)}
    return {
        "items": items,
        "near_start": np.asarray(mixed.indptr, np.int64),
        "near_column": np.asarray(mixed.indices, np.int32),
        "near_value": np.asarray(mixed.data, np.float32),
    }
