"""What people may ask about themselves: consent by purpose, everything that is kept of them, and its end."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from vitascope.base.errors import UsageError
from vitascope.base.ports.service import Service
from vitascope.base.privacy import Consent, PersonExport, Purpose, Receipt
from vitascope.serve.routes._common import UserId, problems


class ConsentsOut(BaseModel):
    """What holds for a person, purpose by purpose."""

    consents: tuple[Consent, ...]


class ConsentIn(BaseModel):
    """What a person says of some purposes."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"purposes": ["research", "outside"], "given": False}]}
    )

    purposes: tuple[Purpose, ...] = Field(min_length=1, max_length=10)
    given: bool


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["privacy"])

    @api.get("/people/{user_id}/consents", summary="What a person agreed to", responses=problems(404))
    def consents(user_id: UserId) -> ConsentsOut:
        """Each purpose, whether behaviour may serve it, and when the person said so (never: the home's default)."""
        return ConsentsOut(consents=service.consents(user_id))

    @api.put("/people/{user_id}/consents", summary="Agree or object", responses=problems())
    def consent(user_id: UserId, body: ConsentIn) -> ConsentsOut:
        """Holds from the next list on; the service works with every purpose off."""
        return ConsentsOut(consents=service.consent(user_id, body.purposes, body.given))

    @api.get("/people/{user_id}/export", summary="Everything that is kept of a person", responses=problems(404))
    def export(user_id: UserId, response: Response) -> PersonExport:
        """Machine-readable; its schema is part of this document."""
        response.headers["Content-Disposition"] = 'attachment; filename="export.json"'
        return service.person_export(user_id)

    @api.delete("/people/{user_id}", summary="Erase a person, for good", responses=problems(404))
    def erase(
        user_id: UserId,
        confirm: Annotated[str, Query(max_length=1_600, description="the person's id once more")],
    ) -> Receipt:
        """Removes everything and answers a signed receipt, which others can check with the library's public key."""
        if confirm != user_id:
            raise UsageError(
                "the confirmation is not the person's id", place="confirm", remedy="state the id once more"
            )
        return service.erase(user_id)

    return api
