"""The whole record of why one item is where it is: what ranked it, what it hangs on, what would bring more.

Takes the draft that ranked the item and ways to ask again; gives a `Why`. Writes to no store.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from vitascope.base.histories import Histories
from vitascope.base.people import EVENT_TYPES, Surface
from vitascope.base.ports.attribution import Attributor
from vitascope.base.ranking import Explanation, Recommended, Request
from vitascope.base.reasons import Attribution, Method, Reason
from vitascope.base.records import ItemKey
from vitascope.base.shelf import TOPICAL, Shelf
from vitascope.base.tokens import tokens
from vitascope.base.whys import Attention, More, Why
from vitascope.recommend import _texts
from vitascope.recommend._draft import Draft
from vitascope.recommend._exact import Shap, ordered
from vitascope.recommend._looks import looks
from vitascope.recommend._what_if import WhatIf
from vitascope.recommend.scorers import Scores
from vitascope.recommend.scorers._sequence import Network

if TYPE_CHECKING:
    from vitascope.base.ports.models import TextEmbedder
    from vitascope.base.ports.stores import DescriptionStore

_SHOWN_ACTS = 40
"""Newest acts of a heat map."""
_MORE_OF = (*TOPICAL, "creator:", "mood:", "sound:")


def tell(
    line: Recommended,
    surface: Surface,
    draft: Draft,
    shap: Shap | None,
    what_if: WhatIf,
    shelf: Shelf,
    request: Request,
    shown: tuple[Method, ...],
    deep: Deep | None,
) -> Why:
    """Join the parts.

    Args:
        line: the item with its explanation.
        draft: of the item alone, with its place.
        shap: the ranker, where it spoke.
        deep: what to ask for words, stretches and the sequential model; None: not asked.
    """
    row = draft.rows[0]
    left, without = what_if.told()
    told = [*(shap.outcomes(row) if shap is not None else ())]
    if left is not None:
        told.append(left)
    attention: Attention | None = None
    gaps: list[str] = []
    if deep is not None:
        more, attention, gaps = deep.tell(row)
        told += more
    item = shelf.items[row]
    return Why(
        surface=surface,
        item=line,
        title=item.title or item.item_id,
        place=draft.place or 1,
        n=request.n,
        told=tuple(told),
        attention=attention,
        gaps=tuple(gaps),
        without=without,
        more=_more(line.explanation, what_if),
        shown=shown,
    )


@dataclass(frozen=True, eq=False)
class Deep:
    """What takes seconds to tell, and what it is told from."""

    history: Histories
    scored: Scores
    """Of the one person."""
    weights: dict[str, float]
    states: dict[str, object]
    shelf: Shelf
    descriptions: DescriptionStore
    embedder: TextEmbedder | None
    attributor: Attributor | None
    seed: int

    def tell(self, row: int) -> tuple[list[Attribution], Attention | None, list[str]]:
        """Further attributions, the attention, and what could not be told and why."""
        found, gaps = self._texts(row)
        acts, attention = self._acts(row)
        if attention is None:
            gaps.append(
                "attention, rollout, gradients: the model has no sequential part, or nothing of the person is dated"
            )
        return found + acts, attention, gaps

    def _texts(self, row: int) -> tuple[list[Attribution], list[str]]:
        if self.embedder is None or self.attributor is None:
            return [], ["words, stretches: no text model"]
        g = _texts.slope(self.history, self.scored, self.weights, self.states, row, self.shelf)
        if g is None:
            return [], ["words, stretches: nothing that ranks this item looks at its text for this person"]
        item = self.shelf.items[row]
        key = ItemKey(int(self.shelf.table.items[row]))
        description = self.descriptions.many([key]).get(key)
        blend = sum(self.weights[name] * float(self.scored.normalised[name][0, row]) for name in self.weights)
        text, passages = _texts.words_of(item, description), _texts.stretches_of(description)
        words = _texts.by_words(text, g, blend, self.embedder, self.attributor, self.seed)
        stretches = _texts.by_stretches(passages, g, blend, self.embedder, self.attributor, self.seed)
        gaps = [] if words is not None else ["words: fewer than three"]
        gaps += [] if stretches is not None else ["stretches: nothing said or shown in the media is known"]
        return [told for told in (words, stretches) if told is not None], gaps

    def _acts(self, row: int) -> tuple[list[Attribution], Attention | None]:
        state = self.states.get("sequence")
        if not isinstance(state, Network):
            return [], None
        data = tokens(self.history, state.weights.length)
        if not len(data.item):
            return [], None
        made = looks(state.weights, state.items, data, row, self.attributor)
        acts = [self._act(int(place)) for place in data.event]
        mean = made.attention.mean(axis=(0, 1))

        def told(method: Method, amounts: npt.NDArray[np.float64], exact: bool, base: float) -> Attribution:
            reasons = [a.model_copy(update={"amount": float(x)}) for a, x in zip(acts, amounts, strict=True)]
            return Attribution(
                method=method, of="sequence", score=made.score, base=base, exact=exact, reasons=ordered(reasons)
            )

        found = [told("attention", mean, False, 0.0), told("rollout", made.rollout, False, 0.0)]
        if made.gradients is not None:
            # the base is the score less the amounts: what the steps of the integral miss is in it
            found.append(told("gradients", made.gradients, True, made.base))
        newest = slice(max(0, len(acts) - _SHOWN_ACTS), None)
        named = [a.model_copy(update={"amount": float(x)}) for a, x in zip(acts, mean, strict=True)]
        weights = [[head[newest].tolist() for head in layer] for layer in made.attention]
        return found, Attention(acts=tuple(named[newest]), weights=tuple(tuple(map(tuple, layer)) for layer in weights))

    def _act(self, place: int) -> Reason:
        item = self.shelf.items[int(self.history.item[place])]
        return Reason(
            kind="act",
            name=item.item_id,
            amount=0.0,
            event=int(self.history.number[place]),
            title=item.title or item.item_id,
            did=EVENT_TYPES[int(self.history.type[place])].value,
        )


def _more(explanation: Explanation | None, what_if: WhatIf) -> tuple[More, ...]:
    """Of the strongest feature that a person could want more of."""
    terms = explanation.contributions if explanation is not None else ()
    for term in terms:
        if term.product > 0 and term.feature.startswith(_MORE_OF):
            found = what_if.more(term.feature)
            if found:
                return found
    return ()
