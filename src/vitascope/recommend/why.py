"""The whole record of why one item is where it is: what ranked it, what it hangs on, what would bring more.

Takes the draft that ranked the item and ways to ask again; gives a `Why`. Writes to no store.
"""

from __future__ import annotations

from vitascope.base.people import Surface
from vitascope.base.ranking import Explanation, Recommended, Request
from vitascope.base.reasons import Method
from vitascope.base.shelf import TOPICAL, Shelf
from vitascope.base.whys import More, Why
from vitascope.recommend._draft import Draft
from vitascope.recommend._exact import Shap
from vitascope.recommend._what_if import WhatIf

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
) -> Why:
    """Join the parts.

    Args:
        line: the item with its explanation.
        draft: of the item alone, with its place.
        shap: the ranker, where it spoke.
    """
    row = draft.rows[0]
    left, without = what_if.told()
    told = [*(shap.outcomes(row) if shap is not None else ())]
    if left is not None:
        told.append(left)
    item = shelf.items[row]
    return Why(
        surface=surface,
        item=line,
        title=item.title or item.item_id,
        place=draft.place or 1,
        n=request.n,
        told=tuple(told),
        without=without,
        more=_more(line.explanation, what_if),
        shown=shown,
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
