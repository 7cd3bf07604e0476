"""What a conversation answers on the wire. The records of `base.talk` hold outside ids only, so they go out as they are."""

from __future__ import annotations

from vitascope.base.talk import Conversation, TalkAnswer, TalkReason, Utterance
from vitascope.serve.wire.answers import Card, Wire


class ToldOut(Wire):
    """One item of an answer."""

    item_id: str
    title: str
    score: float
    seconds: float | None = None
    reasons: tuple[TalkReason, ...] = ()
    item: Card | None = None


class TalkOut(Wire):
    """What the library says. `state` goes back with the next utterance."""

    text: str
    text_zh: str
    language: str
    heard: str = ""
    """What a spoken request was understood to say."""
    spoke: str
    """What read it: rules, or a model and its prompt."""
    understood: Utterance
    relaxed: tuple[str, ...] = ()
    items: tuple[ToldOut, ...] = ()
    state: Conversation


def talked(answer: TalkAnswer, cards: dict[str, Card]) -> TalkOut:
    """An answer with the cards of its items."""
    return TalkOut(
        text=answer.text,
        text_zh=answer.text_zh,
        language=answer.language,
        heard=answer.heard,
        spoke=answer.spoke,
        understood=answer.understood,
        relaxed=answer.relaxed,
        items=tuple(
            ToldOut(
                item_id=i.item_id,
                title=i.title,
                score=i.score,
                seconds=i.seconds,
                reasons=i.reasons,
                item=cards.get(i.item_id),
            )
            for i in answer.items
        ),
        state=answer.state,
    )
