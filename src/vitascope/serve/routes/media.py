"""Media and thumbnails: seekable byte ranges of a file that a browser plays, made on demand where it does not."""

from __future__ import annotations

import re
from functools import partial
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, urlencode

import anyio
import anyio.to_thread
from fastapi import APIRouter, Query, Request
from fastapi import Path as PathParam
from fastapi.responses import FileResponse, Response

from vitascope.base.errors import InputError, UnknownItem
from vitascope.base.ports.media import Playable
from vitascope.base.ports.service import Service
from vitascope.serve import _etag
from vitascope.serve._config import ServeConfig
from vitascope.serve._problems import problem
from vitascope.serve.routes._common import Audience, IfNoneMatch, ItemId, User, audience_of, problems
from vitascope.serve.wire.answers import PlayableOut

_SAFE_TYPE = re.compile(r"(?:audio|video)/[A-Za-z0-9.+-]+(?:\s*;\s*codecs=[\"A-Za-z0-9., _-]+)?")
_WIDTHS = (160, 320, 480, 960)
"""Thumbnails come in these widths only, so that nobody fills the cache with a thousand sizes."""

AssetNumber = Annotated[int, PathParam(ge=0, le=999)]


def router(service: Service, config: ServeConfig) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1/items/{item_id}", tags=["media"])
    gates: list[anyio.CapacityLimiter] = []  # made inside the running loop

    def shown(item_id: str, asset: int, audience: str | None, user_id: str | None) -> Playable:
        service.check_shown(item_id, audience_of(service, audience, user_id))
        return service.playable(item_id, asset)

    async def prepared(item_id: str, asset: int, audience: str | None, user_id: str | None) -> tuple[Playable, int]:
        if not gates:
            gates.append(anyio.CapacityLimiter(config.media_workers))
        call = partial(shown, item_id, asset, audience, user_id)
        for last in (False, True):
            found = await anyio.to_thread.run_sync(call, limiter=gates[0])
            try:
                return found, found.path.stat().st_size
            except OSError:  # the cache made room between the answer and this look: ask once more
                if last:
                    break
        raise UnknownItem(
            "its media file is not there any more",
            place=item_id,
            remedy="put the file back, or ingest its folder again",
        )

    @api.head("/media/{asset}", include_in_schema=False)
    @api.get(
        "/media/{asset}",
        summary="The media itself, in byte ranges",
        response_class=FileResponse,
        responses={
            200: {"content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}},
            206: {"description": "a range of it"},
            416: {"description": "no such range"},
            **problems(403, 404, 415),
        },
    )
    async def stream(item_id: ItemId, asset: AssetNumber, audience: Audience = None, user_id: User = None) -> Response:
        """The file where browsers play it, else a version made and kept for that. The first call may take a while."""
        found, _size = await prepared(item_id, asset, audience, user_id)
        if not _SAFE_TYPE.fullmatch(found.mime):
            return problem(
                415,
                "not-media",
                "this file is neither sound nor pictures",
                place=item_id,
            )
        return FileResponse(
            found.path,
            media_type=found.mime,
            filename=_filename(found.path),
            content_disposition_type="inline",
            headers={
                "cache-control": "private, max-age=3600",
                "accept-ranges": "bytes",
            },
        )

    @api.get(
        "/media/{asset}/status",
        summary="Prepare the media for a player",
        responses=problems(403, 404),
    )
    async def status(
        item_id: ItemId, asset: AssetNumber, audience: Audience = None, user_id: User = None
    ) -> PlayableOut:
        """Answers once it can be played, or says why it cannot; a player that asks first never stands dead."""
        try:
            found, size = await prepared(item_id, asset, audience, user_id)
        except InputError as error:
            return PlayableOut(playable=False, reason=error.thing, remedy=error.remedy)
        if not _SAFE_TYPE.fullmatch(found.mime):
            return PlayableOut(
                playable=False,
                reason="this file is neither sound nor pictures",
                remedy="take the item out, or replace its file",
            )
        asked = {name: said for name, said in (("audience", audience), ("user_id", user_id)) if said}
        url = f"/v1/items/{_quoted(item_id)}/media/{asset}" + (f"?{urlencode(asked)}" if asked else "")
        return PlayableOut(playable=True, url=url, mime=found.mime, bytes=size, made=found.made)

    @api.get(
        "/thumbnail",
        summary="A telling picture, or its cover",
        response_class=FileResponse,
        responses={
            200: {"content": {"image/jpeg": {}}},
            304: {"description": "you have it already"},
            **problems(403, 404),
        },
    )
    def thumbnail(
        request: Request,
        item_id: ItemId,
        width: Annotated[int, Query(ge=16, le=1920)] = 480,
        audience: Audience = None,
        user_id: User = None,
        if_none_match: IfNoneMatch = None,
    ) -> Response:
        service.check_shown(item_id, audience_of(service, audience, user_id))
        fitting = next((w for w in _WIDTHS if w >= width), _WIDTHS[-1])
        path = service.thumbnail(item_id, fitting)
        if path is None or not path.is_file():
            return problem(404, "no-picture", "this item has no picture", place=item_id)
        mine = _etag.of_file(path)
        headers = {"cache-control": "private, max-age=3600", "etag": mine}
        if _etag.has(request, mine):
            return Response(status_code=304, headers=headers)
        return FileResponse(path, media_type="image/jpeg", headers=headers)

    return api


def _quoted(item_id: str) -> str:
    return quote(item_id, safe="")


def _filename(path: Path) -> str:
    """A plain name for a download; the real one may hold anything."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "_", path.stem).strip("._-")[:80] or "media"
    return stem + re.sub(r"[^A-Za-z0-9.]", "", path.suffix)[:8]
