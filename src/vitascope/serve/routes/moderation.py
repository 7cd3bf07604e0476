"""Moderation, as the owner asks: the queue, cases, decisions, appeals, the trail, the policy, people's audiences."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query

from vitascope.base.content import Verdict
from vitascope.base.ports.service import Service
from vitascope.serve.routes._common import ItemId, UserId, problems
from vitascope.serve.wire import moderation as wire
from vitascope.serve.wire.moderation import (
    AppealIn,
    AudienceIn,
    AudienceOut,
    AuditOut,
    CaseOut,
    CasesOut,
    DecisionIn,
)

N = Annotated[int, Query(ge=1, le=1_000)]
Offset = Annotated[int, Query(ge=0, le=10_000_000)]


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1/moderation", tags=["moderation"])

    @api.get("/queue", summary="What waits for review, appeals first", responses=problems())
    def queue(n: N = 100, offset: Offset = 0) -> CasesOut:
        cases = list(service.moderation_queue())
        return CasesOut(cases=tuple(map(wire.case, cases[offset : offset + n])), total=len(cases))

    @api.get("/items", summary="Items that are not simply allowed, or those of one verdict", responses=problems())
    def listed(verdict: Verdict | None = None, n: N = 100, offset: Offset = 0) -> CasesOut:
        cases = list(service.moderation_list(verdict))
        return CasesOut(cases=tuple(map(wire.case, cases[offset : offset + n])), total=len(cases))

    @api.get("/items/{item_id}", summary="One item as a moderator sees it", responses=problems(404))
    def one(item_id: ItemId) -> CaseOut:
        return wire.case(service.moderation_case(item_id))

    @api.post("/items/{item_id}/decision", summary="Decide about an item", responses=problems(404))
    def decide(item_id: ItemId, body: DecisionIn) -> CaseOut:
        """It stands above the policy until the next, and counts from the very next list on."""
        return wire.case(
            service.moderation_decide(item_id, body.verdict, body.who, body.why, audience=body.audience, age=body.age)
        )

    @api.post("/items/{item_id}/appeal", summary="Disagree with what is decided", responses=problems(404))
    def appeal(item_id: ItemId, body: AppealIn) -> CaseOut:
        """The item goes to the head of the queue; nothing is shown by it before somebody decides."""
        return wire.case(service.moderation_appeal(item_id, body.who, body.why))

    @api.get("/audit", summary="Who did what, when and why", responses=problems(404))
    def audit(item_id: Annotated[str | None, Query(max_length=512)] = None, n: N = 100, offset: Offset = 0) -> AuditOut:
        """`broken` names the first line that is not as it was written; null: the trail is whole."""
        return wire.audit(service.moderation_audit(item_id), offset, n)

    @api.get("/policy", summary="What is shown to whom, where", responses=problems())
    def policy() -> dict[str, Any]:
        return service.moderation_policy().model_dump(mode="json")

    @api.get("/audiences/{user_id}", summary="The audience a person is in", responses=problems())
    def audience(user_id: UserId) -> AudienceOut:
        return AudienceOut(user_id=user_id, audience=service.audience_of(user_id))

    @api.put("/audiences/{user_id}", summary="Put a person into an audience", responses=problems(404))
    def put_audience(user_id: UserId, body: AudienceIn) -> AudienceOut:
        """Such as children: from then on what the policy keeps from it is in none of the person's lists."""
        service.put_audience(user_id, body.audience, body.who, body.why)
        return AudienceOut(user_id=user_id, audience=service.audience_of(user_id))

    return api
