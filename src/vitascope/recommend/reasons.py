"""Why each item of a draft is there: parts, terms, cause and sentence, of the numbers that ranked it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Description
from vitascope.base.histories import Histories
from vitascope.base.people import EventType
from vitascope.base.ranking import Explanation, ScorePart
from vitascope.base.records import ItemKey
from vitascope.recommend import scorers
from vitascope.recommend._draft import Draft
from vitascope.recommend._shelf import VECTOR_WEIGHTS, Shelf
from vitascope.recommend.explain import cause, contributions, evidence_of, sentences

Floats = npt.NDArray[np.float32]
_CAUSED = frozenset({"personal", "similar", "collaborative"})


def reason(
    draft: Draft,
    history: Histories,
    scored: scorers.Scores,
    place: int,
    weights: dict[str, float],
    model: scorers.Learned,
    shelf: Shelf,
    recent: int,
    many: Callable[[Sequence[ItemKey]], dict[ItemKey, Description]],
) -> dict[int, Explanation]:
    """Row -> explanation. `history` is of the one person at `place` of the scores."""
    table = shelf.table
    taste = scored.taste[place]
    w = scored.weights[place if len(scored.weights) > 1 else 0]
    known = many([ItemKey(int(table.items[row])) for row in draft.rows])
    collaborative_act = scorers.recency(history, model.half_life) * (history.strength > 0)
    recent_act = scorers.recent_acts(history, recent)
    own = _feature_rows(history.item, shelf) if len(history.item) else None
    out: dict[int, Explanation] = {}
    for row, source in zip(draft.rows, draft.sources, strict=True):
        key = ItemKey(int(table.items[row]))
        parts = tuple(
            ScorePart(
                scorer=name,
                raw=float(scored.raw[name][place, row]),
                normalised=float(scored.normalised[name][place, row]),
                weight=weights[name],
            )
            for name in weights
        )
        terms = contributions(taste, w, row, table, evidence_of(known.get(key)))
        because = None
        if own is not None and source in _CAUSED:
            share = {p.scorer: max(p.normalised * p.weight, 0.0) for p in parts}
            amounts = np.zeros(len(history.item), np.float32)
            if model.matrix is not None:
                amounts += _share(collaborative_act * model.said_of(row)[history.item], share.get("collaborative", 0.0))
            amounts += _share(recent_act * _alike(history.item, row, shelf), share.get("content", 0.0))
            pull = np.zeros(len(table.names), np.float32)
            for term in range(int(table.start[row]), int(table.start[row + 1])):
                column_of = table.column[term]
                pull[column_of] = table.value[term] * max(float(taste[column_of] * w[column_of]), 0.0)
            amounts += _share(np.maximum(history.strength, 0) * np.asarray(own @ pull), share.get("taste", 0.0))
            amounts[history.item == row] = 0
            because = cause(history, amounts)
        because_row = because[0] if because is not None else None
        shared: frozenset[str] = frozenset()
        if because_row is not None:
            a, b = int(table.start[because_row]), int(table.start[because_row + 1])
            shared = frozenset(table.names[c] for c in table.column[a:b])
        english, chinese = sentences(
            source,
            shelf.items[because_row] if because_row is not None else None,
            EventType(because[2]) if because is not None else None,
            terms,
            shared,
        )
        out[row] = Explanation(
            item=key,
            source=source,
            because=ItemKey(int(table.items[because_row])) if because_row is not None else None,
            because_event=because[1] if because is not None else None,
            parts=parts,
            contributions=terms,
            sentence=english,
            sentence_zh=chinese,
        )
    return out


def _share(amounts: Floats, share: float) -> Floats:
    top = float(amounts.max(initial=0.0))
    return np.maximum(amounts, 0) * np.float32(share / top) if top > 1e-9 else np.zeros_like(amounts)


def _feature_rows(rows: npt.NDArray[np.int64], shelf: Shelf):  # type: ignore[no-untyped-def]  # scipy has no types
    from scipy import sparse

    table = shelf.table
    return sparse.csr_matrix((table.value, table.column, table.start), shape=(len(table.items), len(table.names)))[rows]


def _alike(rows: npt.NDArray[np.int64], row: int, shelf: Shelf) -> Floats:
    total = np.zeros(len(rows), np.float32)
    share = np.zeros(len(rows), np.float32)
    for kind, matrix in shelf.vectors.items():
        counts = np.float32(VECTOR_WEIGHTS.get(kind, 1.0))
        has = np.abs(matrix[rows]).any(axis=1)
        if np.abs(matrix[row]).any():
            total += counts * has * (matrix[rows] @ matrix[row])
            share += counts * has
    return np.divide(total, share, out=np.zeros_like(total), where=share > 0)
