"""Scorers: what a person may think of each item, from taste, content, other people and popularity.

Takes histories over the rows of a shelf and a trained model's artifacts; gives a score matrix a scorer, people x items.
`normalised` scales each person's row to at most 1, so that the weights of a blend mean the same for everyone.

taste          R(u, v) = sum of w_i u_i v_i over named features
content        likeness to the middle of what the person took to lately
collaborative  EASE (Steck 2019, arXiv 1905.03375): x B, x being the history with newer acts counting more
popular        how many people took to it
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories, rows_of
from vitascope.base.ports.ranking import Artifacts, FeatureTable, TasteMaker
from vitascope.base.records import PersonKey
from vitascope.base.strength import SEEN_CODES
from vitascope.recommend._shelf import VECTOR_WEIGHTS, Shelf

Floats = npt.NDArray[np.float32]

DEFAULT_WEIGHTS: dict[str, float] = {"taste": 1.0, "content": 0.6, "collaborative": 1.0, "popular": 0.2}
"""Where no fit chose."""


@dataclass(frozen=True, eq=False)
class Learned:
    """What a trained model says, over the rows of a shelf."""

    version: str
    weights: dict[str, float]
    half_life: float
    """Acts after which an act counts half for the collaborative scorer; 0: all alike."""
    matrix: Any
    """(n, n), an array or sparse: what having row i says about row j; None without a collaborative part."""

    def says(self, row: int) -> Floats:
        """What having one item says about every other, shape (n,)."""
        return _flat(self.matrix[row] if isinstance(self.matrix, np.ndarray) else self.matrix[[row]])

    def said_of(self, row: int) -> Floats:
        """What having each item says about one, shape (n,)."""
        return _flat(self.matrix[:, row] if isinstance(self.matrix, np.ndarray) else self.matrix[:, [row]])


def learned(artifacts: Artifacts | None, table: FeatureTable) -> Learned:
    """Read a model's artifacts onto the table's rows; items it does not know get nothing from it."""
    from scipy import sparse

    if artifacts is None:
        return Learned("none", dict(DEFAULT_WEIGHTS), 0.0, None)
    told = json.loads(artifacts.text("blend") or "{}")
    items, start, dense = artifacts.array("items"), artifacts.array("near_start"), artifacts.array("ease")
    matrix = None
    if items is not None and len(items) and (dense is not None or start is not None):
        rows = rows_of(table.items, np.asarray(items, np.int64))
        known = np.flatnonzero(rows >= 0)
        n = len(table.items)
        if dense is not None and np.array_equal(rows, np.arange(n)):
            matrix = np.asarray(dense, np.float32)
        elif dense is not None:
            matrix = np.zeros((n, n), np.float32)
            matrix[np.ix_(rows[known], rows[known])] = np.asarray(dense, np.float32)[np.ix_(known, known)]
        else:
            column, value = artifacts.array("near_column"), artifacts.array("near_value")
            own = sparse.csr_matrix((np.asarray(value, np.float32), column, start), shape=(len(items), len(items)))
            place = sparse.csr_matrix((np.ones(len(known), np.float32), (known, rows[known])), shape=(len(items), n))
            matrix = (place.T @ own @ place).tocsr()
    return Learned(
        artifacts.version,
        DEFAULT_WEIGHTS | {name: float(w) for name, w in told.get("weights", {}).items()},
        float(told.get("half_life", 0.0)),
        matrix,
    )


def recency(histories: Histories, half_life: float) -> Floats:
    """How much each act of a history counts for the collaborative scorer, shape (events,).

    An item counts once, at its newest act; dated acts count less the more came after them (floor .1). What the person
    turned away from counts little: it was watched, and people alike watch it too.
    """
    n = len(histories.item)
    if not n:
        return np.zeros(0, np.float32)
    owner = histories.owner
    end = histories.start[1:][owner] - 1
    from_end = (end - np.arange(n)).astype(np.float32)
    decay = np.ones(n, np.float32)
    if half_life > 0:
        dated = ~np.isnan(histories.time)
        decay[dated] = 0.1 + 0.9 * np.exp2(-from_end[dated] / half_life)
    weight = decay * np.where(histories.strength < 0, 0.5, 1.0).astype(np.float32)
    weight[~np.isin(histories.type, SEEN_CODES)] = 0
    order = np.lexsort((np.arange(n), histories.item, owner))
    last = np.ones(n, np.bool_)
    last[:-1] = (owner[order][1:] != owner[order][:-1]) | (histories.item[order][1:] != histories.item[order][:-1])
    weight[order[~last]] = 0
    return weight


def acts(histories: Histories, weight: Floats, n: int) -> Any:
    """A sparse matrix people x items of weighted acts."""
    from scipy import sparse

    return sparse.csr_matrix((weight, histories.item, histories.start), shape=(len(histories), n))


def collaborative(histories: Histories, model: Learned, n: int) -> Floats:
    """x B, shape (p, n)."""
    if model.matrix is None:
        return np.zeros((len(histories), n), np.float32)
    scores = acts(histories, recency(histories, model.half_life), n) @ model.matrix
    return np.asarray(scores if isinstance(scores, np.ndarray) else scores.todense(), np.float32)


def _flat(part: Any) -> Floats:
    return np.asarray(part if isinstance(part, np.ndarray) else part.todense(), np.float32).ravel()


def taste_scores(values: Floats, weights: Floats, table: FeatureTable) -> Floats:
    """R(u, v) of p people and n items, shape (p, n)."""
    from scipy import sparse

    if not len(table.names):
        return np.zeros((len(values), len(table.items)), np.float32)
    matrix = sparse.csr_matrix((table.value, table.column, table.start), shape=(len(table.items), len(table.names)))
    return np.asarray((matrix @ (values * weights).T).T, np.float32)


def recent_acts(histories: Histories, most: int) -> Floats:
    """Weight of the newest acts that speak for an item, shape (events,): strength, halving every `most` / 3 acts."""
    n = len(histories.item)
    owner = histories.owner
    from_end = (histories.start[1:][owner] - 1 - np.arange(n)).astype(np.float32) if n else np.zeros(0, np.float32)
    weight = np.maximum(histories.strength, 0) * np.exp2(-3 * from_end / most)
    weight[from_end >= 3 * most] = 0
    return weight.astype(np.float32)


def content(histories: Histories, shelf: Shelf, most: int) -> Floats:
    """Likeness of every item to what each person took to lately; kinds fused, missing ones masked; shape (p, n)."""
    n = len(shelf)
    total = np.zeros((len(histories), n), np.float32)
    share = np.zeros((len(histories), n), np.float32)
    mine = acts(histories, recent_acts(histories, most), n)
    for kind, matrix in shelf.vectors.items():
        middle = np.asarray(mine @ matrix, np.float32)
        length = np.linalg.norm(middle, axis=1, keepdims=True)
        has_taste = (length > 1e-6).astype(np.float32)
        middle = np.divide(middle, length, out=np.zeros_like(middle), where=length > 1e-6)
        has = np.abs(matrix).any(axis=1).astype(np.float32)
        counts = np.float32(VECTOR_WEIGHTS.get(kind, 1.0))
        total += counts * has * (middle @ matrix.T)
        share += counts * has_taste * has
    return np.divide(total, share, out=np.zeros_like(total), where=share > 0)


def normalised(scores: Floats) -> Floats:
    """Each row divided by its largest magnitude; a row of zeros stays."""
    top = np.abs(scores).max(axis=1, keepdims=True) if scores.size else np.ones((len(scores), 1), np.float32)
    return np.asarray(np.divide(scores, top, out=np.zeros_like(scores), where=top > 1e-9), np.float32)


def centred(scores: Floats, shown: npt.NDArray[np.bool_]) -> Floats:
    """Likeness less its middle over the shown items: all films are a little alike, and that says nothing."""
    if not shown.any():
        return scores
    return np.asarray(scores - scores[:, shown].mean(axis=1, keepdims=True), np.float32)


@dataclass(frozen=True, eq=False)
class Scores:
    """Raw and normalised scores by scorer, each (p, n), and what the taste part was made of."""

    raw: dict[str, Floats]
    normalised: dict[str, Floats]
    taste: Floats
    weights: Floats


def score(
    histories: Histories, shelf: Shelf, popular: Floats, tastes: TasteMaker, model: Learned, recent: int, only: str = ""
) -> Scores:
    """All scorers for p people, or the one named."""
    table = shelf.table
    if only == "collaborative":
        nothing = np.zeros((0, 0), np.float32)
        made = collaborative(histories, model, len(shelf))
        return Scores({only: made}, {only: normalised(made)}, nothing, nothing)
    people = [PersonKey(int(p)) for p in histories.people]
    taste = tastes.tastes(histories, table).values
    weights = tastes.weights(people, table)
    raw = {
        "taste": taste_scores(taste, weights, table),
        "content": centred(content(histories, shelf, recent), shelf.shown),
        "collaborative": collaborative(histories, model, len(shelf)),
        "popular": np.repeat(popular[None, :], len(histories), axis=0),
    }
    has_recent = np.asarray(np.abs(raw["content"]).max(axis=1, initial=0) > 1e-6)
    raw["content"][~has_recent] = 0
    return Scores(raw, {name: normalised(matrix) for name, matrix in raw.items()}, taste, weights)
