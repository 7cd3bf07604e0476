"""One person's moment, scored: what several lists of one page are made of, worked out once.

Takes a pipeline, histories of one person, scores. Gives the blend over all items and what may be shown. Knows no store.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.ports.components import Glance
from vitascope.base.ranking import Request
from vitascope.base.shelf import Shelf
from vitascope.recommend._draft import allowed, shelf_blend
from vitascope.recommend._plain import visible
from vitascope.recommend.pipeline import Built
from vitascope.recommend.rerankers import reorder
from vitascope.recommend.scorers import Scores

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Moment:
    """What a person may be shown now, and what each item is worth to them."""

    request: Request
    built: Built
    shelf: Shelf
    history: Histories
    """Of the one person."""
    scored: Scores
    weights: dict[str, float]
    model: str
    lift: Floats | None = None
    """What each item gains at this very moment, shape (1, n)."""

    @cached_property
    def blend(self) -> Floats:
        """Worth of each item on this surface, shape (n,)."""
        made = shelf_blend(self.built, self.weights, self.scored, self.shelf, 0)
        return made if self.lift is None else made + self.lift[0]

    @cached_property
    def allowed(self) -> Mask:
        """Rows that may be shown on this surface to this audience, seen or not, hidden ones left out; shape (n,)."""
        return np.asarray(visible(self.history, self.shelf, allowed(self.request, self.shelf), False)[0], np.bool_)

    @cached_property
    def may(self) -> Mask:
        """The same without what was seen, where the surface shows nothing twice."""
        asked = self.request.include_seen
        out = self.built.plan.seen == "exclude" if asked is None else not asked
        return np.asarray(visible(self.history, self.shelf, allowed(self.request, self.shelf), out)[0], np.bool_)

    @property
    def taste(self) -> Floats:
        """w u: what each named feature adds, shape (f,)."""
        crowd = self.scored.crowd
        return np.asarray(crowd.tastes[0] * crowd.weights[0], np.float32)

    def source(self, row: int) -> str:
        """Which of the pipeline's scorers gives the row the most."""
        mine = {
            source.name: self.weights.get(source.scorer, 0.0) * float(self.scored.normalised[source.scorer][0, row])
            for source, _ in self.built.sources
            if source.scorer is not None
        }
        best = max(mine, key=lambda name: mine[name], default="any")
        return best if mine and mine[best] > 0 else "any"

    def best(
        self, value: npt.NDArray[np.floating], may: Mask, n: int, taken: Collection[int] = (), rerank: bool = False
    ) -> Ints:
        """The n rows worth most among those that `may` allows; one of each work, none whose work is taken.

        Args:
            value: worth of each item, shape (n,).
            taken: rows whose works are left out.
            rerank: apply the surface's re-rankers.
        """
        shelf = self.shelf
        eligible = np.flatnonzero(may)
        pool = min(len(eligible), max(6 * n, 60) + len(taken))
        if not pool:
            return np.zeros(0, np.int64)
        head = eligible[np.argpartition(-value[eligible], pool - 1)[:pool]]
        head = head[np.lexsort((head, -value[head]))]
        if taken:
            head = head[~np.isin(shelf.group[head], shelf.group[np.fromiter(taken, np.int64)])]
        if rerank and self.built.rerankers and len(head):
            glance = Glance(self.request, shelf, self.history, may)
            started = [reranker.start(config, head, glance) for reranker, config in self.built.rerankers]
            head = head[reorder(value[head], started, n + 20)]
        if shelf.copies:
            _, first = np.unique(shelf.group[head], return_index=True)
            head = head[np.sort(first)]
        return np.asarray(head[:n], np.int64)
