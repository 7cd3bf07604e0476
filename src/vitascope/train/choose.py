"""Chooses a recipe on held-out events, by the very scorers that serve.

Takes a ScoreBench, split histories and the settings; gives a Recipe and the arrays of the model that a recipe
makes. Settings are tried one after the other, each at the best of those before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
_CUT_DOWN = 500
"""People at most, and at most a quarter of all, whose histories are cut down to weigh the scorers for short ones."""
_FEW_ACTS = 5
"""Acts up to which the number of factors is chosen by."""


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

        Who stands where hangs on the person alone and is the same in every fit: no recipe was ever chosen on, and no ranker
        taught by, those who judge a model against the next. Whether its ranker speaks at all they do decide (ranker.py).
        """
        people = np.flatnonzero(split.answer >= 0)
        if len(people) < 2 * self._config.few:
            return people, people
        mark = judge.marks(split.train.people[people])
        order = np.argsort(mark, kind="stable")
        choosing = mark[order] < judge.MIDDLE
        most = self._config.judges
        return np.sort(people[order[choosing][:most]]), np.sort(people[order[~choosing][:most]])

    def choose(
        self, split: judge.Split, people: Ints, n: int, progress: Progress, start: Recipe | None = None
    ) -> Recipe:
        """The best recipe for these people's held-out events; the defaults where they are too few.

        Args:
            start: what the model before chose: it stands unless a neighbouring setting is surely better. None: begin anew.
        """
        config = self._config
        kernels, parts = self._kernel(), self._part(split.train, n)
        taken = parts.taken[parts.taken > 0]
        first = Recipe(
            strength=float(np.clip(_PER_TAKER * taken.mean(), 10, 300)) if len(taken) else 300.0,
            half_life=5.0,
            channels=tuple(sorted(mixes(kernels.names)[0].items())) if kernels.names else (),
            weights=tuple(sorted(self._bench.defaults().items())),
        )
        if start is not None:
            first = replace(start, short=())
        if len(people) < config.few:
            return first
        train, answer = judge.pick(split.train, people), split.answer[people]
        large = n > _LARGE
        best = first
        if parts.closed and kernels.names and start is None:
            progress("fit", 1, 5, "items that nobody knows")
            best = hidden.choose(parts, kernels, best, config, large=large)
        dated = bool((~np.isnan(train.time)).any())
        if start is None:
            best = replace(best, half_life=5.0 if dated else 0.0, smooth_share=0.0)

        def gains(recipe: Recipe) -> Floats:
            return self._gains(train, answer, parts.mixed(recipe), recipe)

        def better(best: Recipe, tries: Iterable[Recipe], gain: Floats) -> tuple[Recipe, Floats]:
            for recipe in tries:
                found = gains(recipe)
                if judge.surer(found, gain):
                    best, gain = recipe, found
            return best, gain

        if start is not None:
            progress("fit", 1, 5, "from the settings of the model before")
            gain = gains(best)
            for name, values in _settings(config, dated, parts.closed).items():
                best, gain = better(best, (_with(best, name, v) for v in _next_to(values, best, name)), gain)
            return self._weigh(split.train, people, train, answer, parts, best, progress, start)
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
        return self._weigh(split.train, people, train, answer, parts, best, progress)

    def arrays(self, histories: Histories, items: Ints, recipe: Recipe) -> dict[str, npt.NDArray[Any]]:
        """The arrays of the model that a recipe makes of these histories."""
        parts = self._part(histories, len(items))
        return _pack(parts.whole(recipe), items) | self._beside(parts, recipe) | dict(self.also.arrays)

    def done(self) -> None:
        """Give back what was kept between the steps."""
        self._parts = self._kernels = None
        self.also = MemoryArtifacts("")

    # --- inside

    def _weigh(
        self,
        everyone: Histories,
        people: Ints,
        train: Histories,
        answer: Ints,
        parts: Parts,
        recipe: Recipe,
        progress: Progress,
        start: Recipe | None = None,
    ) -> Recipe:
        """The weights of the scorers: for all, and for people with short histories."""
        config = self._config
        matrix, popular = parts.whole(recipe), self._bench.popularity(everyone)
        most = min(_CUT_DOWN, len(everyone) // 4)
        strangers = np.sort(np.random.default_rng(0).permutation(people)[:most])
        apart = self._apart(everyone, strangers, parts.matrix.shape[1])
        unknown = judge.pick(everyone, strangers)
        if start is None or not (start.factors and start.flatten >= 0):
            recipe = self._for_few(unknown, apart, recipe, progress)
        beside = self._beside(parts, recipe)
        progress("fit", 2, 5, "weighing the scorers")
        usual = weigh.for_all(
            weigh.Race(self._scores(train, matrix, recipe, popular, "", beside), answer[:, None], train),
            dict(recipe.weights),
            None if start is None else dict(start.weights),
        )
        progress("fit", 2, 5, "weighing the scorers for people with few acts")
        few: tuple[tuple[int, dict[str, float]], ...] = ()
        self.said = []
        if config.short_histories and len(strangers) >= config.few:
            matrix, beside = apart.whole(recipe), self._beside(apart, recipe)

            def scores(histories: Histories) -> dict[str, Floats]:
                return self._scores(histories, matrix, recipe, popular, "", beside)

            few, self.said = weigh.short(unknown, config.short_histories, usual, scores, config.few)
        short = tuple((most, tuple(sorted(weights.items()))) for most, weights in few)
        recipe = replace(recipe, weights=tuple(sorted(usual.items())), short=short)
        if not recipe.asks("factors"):
            recipe = replace(recipe, factors=0)
        return recipe if recipe.asks("neighbours") else replace(recipe, flatten=-1.0)

    def _apart(self, everyone: Histories, strangers: Ints, n: int) -> Parts:
        """Models that know nothing of some people, as they know nothing of who comes tomorrow."""
        known = judge.pick(everyone, np.setdiff1d(np.arange(len(everyone)), strangers))
        return Parts(near.interactions(known, n), self._kernel(), self._config)

    def _for_few(self, unknown: Histories, apart: Parts, recipe: Recipe, progress: Progress) -> Recipe:
        """How many factors, and how flat the company of items, tell most of people with a few acts."""
        cut = weigh.windows(unknown, 1, _FEW_ACTS, 1, 0)
        progress("fit", 2, 5, "choosing for people with few acts")

        def best(scorer: str, tries: Iterable[Recipe], none: Recipe) -> Recipe:
            found, gain = none, -1.0
            for tried in tries if len(cut.answers) else ():
                scores = self._scores(cut.histories, None, tried, None, scorer, self._beside(apart, tried))[scorer]
                here = float(weigh.Race({scorer: scores}, cut.answers, cut.histories).worth({scorer: 1.0}).mean())
                if here > gain:
                    found, gain = tried, here
            return found

        none = replace(recipe, factors=0, flatten=-1.0)
        widths = [w for w in self._config.factors if w < min(apart.matrix.shape)]
        wide = best("factors", (replace(none, factors=w) for w in widths), none)
        flat = best("neighbours", (replace(none, flatten=b) for b in self._config.flattens), none)
        return replace(recipe, factors=wide.factors, flatten=flat.flatten)

    def _beside(self, parts: Parts, recipe: Recipe) -> dict[str, npt.NDArray[Any]]:
        """Arrays of what stands beside the collaborative matrix; none where the recipe asks for none."""
        out: dict[str, npt.NDArray[Any]] = {}
        if recipe.factors:
            out["factors"] = parts.factors(recipe)
            out["factors_told"] = np.array([self._config.factor_confidence, self._config.factor_ridge])
        if recipe.flatten >= 0:
            out |= _sparse("close", parts.together(recipe))
        return out

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
        self,
        train: Histories,
        mixed: Any,
        recipe: Recipe,
        popular: Floats | None,
        only: str,
        beside: Mapping[str, npt.NDArray[Any]] | None = None,
    ) -> dict[str, Floats]:
        arrays = _pack(mixed, self._features.table().items) | dict(beside or {})
        if popular is not None:
            arrays["popular"] = popular
        arrays |= self.also.arrays
        artifacts = MemoryArtifacts("trial", arrays, {"blend": recipe.text(), **self.also.texts})
        parts: list[dict[str, Floats]] = [
            self._bench.scores(train.chunk(first, min(first + _CHUNK, len(train))), artifacts, only)
            for first in range(0, len(train), _CHUNK)
        ]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _settings(config: TrainConfig, dated: bool, closed: bool) -> dict[str, tuple[float, ...]]:
    """Settings of a recipe that a refit looks at again, with what may be tried."""
    out: dict[str, tuple[float, ...]] = {"half_life": config.half_lives} if dated else {}
    if closed:
        out |= {
            "strength": config.strengths,
            "content": config.contents,
            "smooth_share": (0.0, *config.smooth_shares),
            "neighbour_share": config.neighbour_shares,
        }
    return out


def _with(recipe: Recipe, name: str, value: float) -> Recipe:
    changed: dict[str, Any] = {name: value}
    return replace(recipe, **changed)


def _next_to(values: tuple[float, ...], recipe: Recipe, name: str) -> list[float]:
    """The next smaller and the next larger value that may be tried."""
    now = float(getattr(recipe, name))
    below, above = [v for v in values if v < now], [v for v in values if v > now]
    return [*sorted(below)[-1:], *sorted(above)[:1]]


def _pack(mixed: Any, items: Ints) -> dict[str, npt.NDArray[Any]]:
    if mixed is None:
        return {"items": items}
    if isinstance(mixed, np.ndarray):
        return {"items": items, "ease": mixed.astype(np.float32, copy=False)}
    return {"items": items} | _sparse("near", mixed)


def _sparse(name: str, matrix: Any) -> dict[str, npt.NDArray[Any]]:
    return {
        f"{name}_start": np.asarray(matrix.indptr, np.int64),
        f"{name}_column": np.asarray(matrix.indices, np.int32),
        f"{name}_value": np.asarray(matrix.data, np.float32),
    }
