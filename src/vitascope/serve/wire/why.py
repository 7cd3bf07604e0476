"""Why an item is there, as JSON: reasons with words in two languages, no internal keys."""

from __future__ import annotations

from vitascope.base.reasons import Attribution, Reason, label
from vitascope.base.whys import Why
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import Card, RecommendedOut, Wire


class ReasonOut(Wire):
    """One named reason and what it adds."""

    kind: str
    """feature | scorer | figure | act | word | segment"""
    name: str
    label: str
    label_zh: str
    amount: float
    given: float | None = None
    start: float | None = None
    end: float | None = None
    title: str = ""
    did: str = ""


class AttributionOut(Wire):
    """What one way of explaining says."""

    method: str
    of: str
    score: float
    base: float
    exact: bool
    shown: bool
    """It held in the deletion test: a page shows it unasked."""
    fit: float | None = None
    reasons: tuple[ReasonOut, ...]


class AttentionOut(Wire):
    """How much the sequential model looks at each act: [layer][head][act]."""

    acts: tuple[ReasonOut, ...]
    weights: tuple[tuple[tuple[float, ...], ...], ...]


class WithoutOut(Wire):
    """The item's place had the person not done something."""

    acts: tuple[ReasonOut, ...]
    place: int
    gone: bool


class MoreOut(Wire):
    """What one more act would bring."""

    feature: str
    item_id: str
    title: str
    did: str
    before: int
    after: int


class WhyOut(Wire):
    """Why an item is where it is in a person's list."""

    user_id: str
    surface: str
    item: RecommendedOut
    title: str
    place: int
    n: int
    sentence: str = ""
    sentence_by: str = ""
    told: tuple[AttributionOut, ...]
    attention: AttentionOut | None = None
    without: tuple[WithoutOut, ...] = ()
    more: tuple[MoreOut, ...] = ()
    gaps: tuple[str, ...] = ()


def reason(one: Reason) -> ReasonOut:
    """A reason with its words."""
    english, chinese = label(one)
    return ReasonOut(
        kind=one.kind,
        name=one.name,
        label=english,
        label_zh=chinese,
        amount=one.amount,
        given=one.given,
        start=float(one.span.start) if one.span else None,
        end=float(one.span.end) if one.span else None,
        title=one.title,
        did=one.did,
    )


def told(one: Attribution, shown: tuple[str, ...]) -> AttributionOut:
    """One way of explaining."""
    return AttributionOut(
        method=one.method,
        of=one.of,
        score=one.score,
        base=one.base,
        exact=one.exact,
        shown=one.method in shown,
        fit=one.fit,
        reasons=tuple(reason(r) for r in one.reasons),
    )


def why(found: Why, cards: dict[str, Card]) -> WhyOut:
    """The whole record."""
    ranked = found.item.explanation.told if found.item.explanation is not None else ()
    attention = found.attention
    return WhyOut(
        user_id=found.user_id,
        surface=found.surface.value,
        item=shape.recommended(found.item, cards),
        title=found.title,
        place=found.place,
        n=found.n,
        sentence=found.sentence,
        sentence_by=found.sentence_by,
        told=tuple(told(one, found.shown) for one in (*ranked, *found.told)),
        attention=None
        if attention is None
        else AttentionOut(acts=tuple(reason(a) for a in attention.acts), weights=attention.weights),
        without=tuple(
            WithoutOut(acts=tuple(reason(a) for a in w.acts), place=w.place, gone=w.gone) for w in found.without
        ),
        more=tuple(MoreOut(**m.model_dump()) for m in found.more),
        gaps=found.gaps,
    )
