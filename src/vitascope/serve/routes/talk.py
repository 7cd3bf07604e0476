"""Conversation: one utterance in, an answer from the library out."""

from __future__ import annotations

from fastapi import APIRouter

from vitascope.base.ports.service import Service
from vitascope.serve.routes._common import UserId, cards, problems
from vitascope.serve.wire.asked import TalkIn
from vitascope.serve.wire.talk import TalkOut, talked


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["people"])

    @api.post("/people/{user_id}/talk", summary="Ask for something in words", responses=problems(403, 503))
    def talk(user_id: UserId, body: TalkIn) -> TalkOut:
        """English or Chinese, typed or spoken. Answered from the library alone, with the part of the wish each item has.

        Send `state` of the answer back with the next utterance ("shorter", "not that one", "再来点安静的"); nothing that was
        said is kept here. Somebody unknown is answered without taste or history.
        """
        said = body.text
        heard = ""
        if not said.strip() and body.audio:
            said = heard = service.heard(body.sound(), body.spoken_language)
        answer = service.talk(
            user_id, said, body.state, n=body.n, surface=body.surface, audience=body.audience
        ).model_copy(update={"heard": heard})
        return talked(answer, cards(service, (item.item_id for item in answer.items)))

    return api
