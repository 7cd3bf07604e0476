"""Content made for one person: why an item may matter, the week's digest, trailers. Given to that person alone."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from vitascope.base.made import Digest, Matter, Rendered
from vitascope.base.ports.service import Service
from vitascope.serve.routes._common import ItemId, UserId, problems

_ALONE = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'; sandbox"
"""A digest is a page of its own: its own style, nothing else."""
Seconds = Annotated[float, Query(ge=4, le=120, description="about how long")]


def router(service: Service) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1/people/{user_id}", tags=["people"])

    @api.get("/matter/{item_id}", summary="Why an item may matter to them", responses=problems(403, 404))
    def matter(user_id: UserId, item_id: ItemId) -> Matter:
        """Made of the reason of its rank and of quotations of the item, with their sources; nothing is invented."""
        return service.matter(user_id, item_id)

    @api.get("/digest", summary="Their week", responses=problems(404))
    def digest(user_id: UserId) -> Digest:
        """What was watched, what may matter next and why, what is new, what they turn to. Made by machine, and says so."""
        return service.digest(user_id)

    @api.get("/digest.html", summary="Their week as a page", response_class=HTMLResponse, responses=problems(404))
    def page(user_id: UserId, language: Literal["en", "zh"] = "en") -> HTMLResponse:
        """A page without scripts and without anything from elsewhere."""
        return HTMLResponse(service.digest_page(user_id, language), headers={"content-security-policy": _ALONE})

    @api.get(
        "/digest.wav",
        summary="Their week read aloud",
        response_class=Response,
        responses={200: {"content": {"audio/wav": {}}}, **problems(404, 503)},
    )
    def sound(user_id: UserId) -> Response:
        """In English, by the voice that comes with the product."""
        return Response(service.digest_sound(user_id), media_type="audio/wav")

    def made(user_id: str, item_id: str, seconds: float) -> tuple[bytes, Rendered]:
        with tempfile.TemporaryDirectory(prefix="vitascope-trailer-") as folder:
            target = Path(folder) / "trailer.mp4"
            _, told = service.trailer(user_id, [item_id], target, seconds)
            return target.read_bytes(), told

    @api.get(
        "/trailers/{item_id}",
        summary="A trailer of what they like in an item",
        response_class=Response,
        responses={200: {"content": {"video/mp4": {}, "audio/mp4": {}}}, **problems(403, 404)},
    )
    def trailer(user_id: UserId, item_id: ItemId, seconds: Seconds = 30.0) -> Response:
        """Cut from the item's own stretches; its captions stand at `/captions` under it. The first call takes a while."""
        data, told = made(user_id, item_id, seconds)
        return Response(data, media_type=told.mime)

    @api.get(
        "/trailers/{item_id}/captions",
        summary="What is said in that trailer",
        response_class=Response,
        responses={200: {"content": {"text/vtt": {}}}, **problems(403, 404)},
    )
    def captions(user_id: UserId, item_id: ItemId, seconds: Seconds = 30.0) -> Response:
        """WebVTT."""
        return Response(made(user_id, item_id, seconds)[1].captions, media_type="text/vtt")

    return api
