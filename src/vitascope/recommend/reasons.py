"""Why each item of a draft is there: parts, terms, cause and sentence, of the numbers that ranked it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from vitascope.base.content import Description
from vitascope.base.histories import Histories
from vitascope.base.people import EventType
from vitascope.base.ports.components import Components
from vitascope.base.ranking import Explanation, ScorePart
from vitascope.base.records import ItemKey
from vitascope.base.shelf import Shelf
from vitascope.recommend._draft import Draft
from vitascope.recommend._exact import Shap, fusion
from vitascope.recommend.explain import cause, contributions, evidence_of, sentences
from vitascope.recommend.scorers import Loaded, Scores

Floats = npt.NDArray[np.float32]


def reason(
    draft: Draft,
    history: Histories,
    scored: Scores,
    place: int,
    weights: dict[str, float],
    model: Loaded,
    shelf: Shelf,
    components: Components,
    many: Callable[[Sequence[ItemKey]], dict[ItemKey, Description]],
    prefer: Mapping[str, float],
    shap: Shap | None,
) -> dict[int, Explanation]:
    """Row -> explanation. `history` is of the one person at `place` of the scores.

    Args:
        prefer: what the surface adds to items that have a feature.
        shap: the ranker, where it spoke.
    """
    table = shelf.table
    crowd = scored.crowd.one(place)
    taste, w = crowd.tastes[0], crowd.weights[0]
    known = many([ItemKey(int(table.items[row])) for row in draft.rows])
    caused = {name for name, source in components.sources.items() if source.caused}
    ranked = shap.told(draft.rows) if shap is not None else {}
    preferred = {name: amount * shelf.feature(name) for name, amount in prefer.items()}
    out: dict[int, Explanation] = {}
    for row, source, score in zip(draft.rows, draft.sources, draft.scores, strict=True):
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
        if len(history.item) and source in caused:
            amounts = np.zeros(len(history.item), np.float32)
            for part in parts:
                share = max(part.normalised * part.weight, 0.0)
                if share == 0:  # it spoke not for the item: no act did through it
                    continue
                pulls = components.scorers[part.scorer].pulls(history, model.states[part.scorer], row, shelf, crowd)
                if pulls is not None:
                    amounts += _share(pulls, share)
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
        told = ranked.get(row)
        if told is None:
            mine = {name: float(amount[row]) for name, amount in preferred.items()}
            # behind those that a ranker looked at, a score is the blend moved below theirs: the blend itself is told
            summed = sum(p.weight * p.normalised for p in parts) + sum(mine.values())
            told = fusion(parts, mine, score if draft.said is None else summed)
        out[row] = Explanation(
            item=key,
            source=source,
            because=ItemKey(int(table.items[because_row])) if because_row is not None else None,
            because_id=shelf.items[because_row].item_id if because_row is not None else None,
            because_event=because[1] if because is not None else None,
            parts=parts,
            contributions=terms,
            told=(told,),
            sentence=english,
            sentence_zh=chinese,
        )
    return out


def _share(amounts: Floats, share: float) -> Floats:
    top = float(amounts.max(initial=0.0))
    return np.maximum(amounts, 0) * np.float32(share / top) if top > 1e-9 else np.zeros_like(amounts)
