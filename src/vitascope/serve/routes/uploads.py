"""Uploads of media in pieces, by the tus protocol 1.0 (core, creation, termination, expiration).

POST makes an upload and says where it is; PATCH puts a piece at its end; HEAD says where to go on after a break. The whole
file becomes an item, and is then described, in a job. https://tus.io/protocols/resumable-upload
"""

from __future__ import annotations

import base64
import binascii
from email.utils import formatdate
from typing import Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Path, Request, Response
from starlette.requests import ClientDisconnect

from vitascope.base.errors import UsageError
from vitascope.base.ports.service import Service
from vitascope.base.ports.uploads import Upload, UploadState
from vitascope.serve._jobs import Jobs
from vitascope.serve._problems import problem
from vitascope.serve.routes._common import problems
from vitascope.serve.routes.events import IdempotencyKey
from vitascope.serve.wire import shape
from vitascope.serve.wire import uploads as wire
from vitascope.serve.wire.uploads import UploadOut

VERSION = "1.0.0"
PIECE = "application/offset+octet-stream"
_MOST_KEYS = 50

UploadId = Annotated[str, Path(max_length=64)]
Length = Annotated[int, Header(ge=1, le=1 << 50, description="bytes of the whole file")]
Offset = Annotated[int, Header(ge=0, le=1 << 50, description="where this piece begins: what HEAD says")]
Metadata = Annotated[
    str | None,
    Header(
        max_length=30_000,
        description="pairs `key base64`, joined by commas: filename, item_id, title, description, tags, language, creator, "
        "licence, credit, kind, published_at",
    ),
]


def router(service: Service, jobs: Jobs) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1/uploads", tags=["uploads"])

    def headers(now: Upload) -> dict[str, str]:
        told = {"tus-resumable": VERSION, "upload-offset": str(now.offset), "upload-length": str(now.length)}
        if now.state is UploadState.OPEN:
            told["upload-expires"] = formatdate(now.expires_at, usegmt=True)
        return told

    def shaped(now: Upload) -> UploadOut:
        return wire.upload(now, shape.item_path(now.item_id))

    @api.options("", summary="What this server takes", status_code=204)
    def able() -> Response:
        return Response(
            status_code=204,
            headers={
                "tus-resumable": VERSION,
                "tus-version": VERSION,
                "tus-extension": "creation,termination,expiration",
                "tus-max-size": str(service.most_upload()),
            },
        )

    @api.post(
        "",
        status_code=201,
        summary="Begin an upload",
        response_model=UploadOut,
        responses={
            201: {"headers": {"Location": {"schema": {"type": "string"}, "description": "where the pieces go"}}},
            **problems(412, 413, 507),
        },
    )
    def begin(
        upload_length: Length,
        upload_metadata: Metadata = None,
        tus_resumable: Annotated[str | None, Header()] = None,
        idempotency_key: IdempotencyKey = None,
    ) -> Response:
        """With `Idempotency-Key`, a repeated call finds the upload that the first one made. Pieces may be as large as
        `serve.max_body`."""
        if (wrong := _other_version(tus_resumable)) is not None:
            return wrong
        now = service.begin_upload(upload_length, _read(upload_metadata), idempotency_key)
        told = shaped(now)
        return Response(
            told.model_dump_json(),
            201,
            media_type="application/json",
            headers=headers(now) | {"location": told.url},
        )

    @api.head("/{upload_id}", summary="Where to go on", responses=problems(404))
    def ask(upload_id: UploadId) -> Response:
        return Response(headers=headers(service.upload(upload_id)) | {"cache-control": "no-store"})

    @api.get("/{upload_id}", summary="How far an upload is", responses=problems(404))
    def get(upload_id: UploadId) -> UploadOut:
        """`taken` once it is an item; `failed` with the reason where it holds no media that can be read."""
        return shaped(service.upload(upload_id))

    @api.patch(
        "/{upload_id}",
        status_code=204,
        summary="Put a piece at the end",
        responses=problems(404, 409, 412, 413, 415, 507),
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {PIECE: {"schema": {"type": "string", "format": "binary"}}},
            }
        },
    )
    async def append(
        request: Request,
        upload_id: UploadId,
        upload_offset: Offset,
        tus_resumable: Annotated[str | None, Header()] = None,
    ) -> Response:
        """What is acknowledged is on disk. A piece that breaks off on the way is kept as far as it came."""
        if (wrong := _other_version(tus_resumable)) is not None:
            return wrong
        if request.headers.get("content-type", "").partition(";")[0].strip().lower() != PIECE:
            return problem(415, "not-a-piece", "a piece has another type", remedy=f"send Content-Type: {PIECE}")
        data = bytearray()
        try:
            async for part in request.stream():  # bounded by the gate
                data += part
        except ClientDisconnect:
            if not data:
                raise
        now = await to_thread.run_sync(service.append_upload, upload_id, upload_offset, bytes(data))
        if now.state is UploadState.RECEIVED:
            jobs.soon("uploads")
        return Response(status_code=204, headers=headers(now))

    @api.delete("/{upload_id}", status_code=204, summary="Forget an upload", responses=problems(404, 412))
    def drop(upload_id: UploadId, tus_resumable: Annotated[str | None, Header()] = None) -> Response:
        """Its bytes go, unless it is an item already; items are taken out through /v1/items."""
        if (wrong := _other_version(tus_resumable)) is not None:
            return wrong
        service.drop_upload(upload_id)
        return Response(status_code=204, headers={"tus-resumable": VERSION})

    return api


def _other_version(said: str | None) -> Response | None:
    """412 for a client that speaks another version; one that says none is taken as it comes."""
    if said in (None, VERSION):
        return None
    return problem(
        412,
        "other-version",
        "this server speaks tus 1.0.0",
        place="Tus-Resumable",
        remedy=f"send Tus-Resumable: {VERSION}",
        headers={"tus-version": VERSION},
    )


def _read(header: str | None) -> dict[str, str]:
    """The pairs of Upload-Metadata.

    Raises:
        UsageError: they are no pairs, or no UTF-8.
    """
    found: dict[str, str] = {}
    for pair in (header or "").split(","):
        if not pair.strip():
            continue
        name, _, value = pair.strip().partition(" ")
        try:
            told = base64.b64decode(value.strip(), validate=True).decode()
        except (ValueError, binascii.Error) as error:
            raise UsageError(
                "not pairs of a key and a value in base64", place="Upload-Metadata", remedy="see tus.io"
            ) from error
        if name in found or len(found) >= _MOST_KEYS or "\0" in told:
            raise UsageError(
                "a key that stands twice, too many keys, or a zero byte", place="Upload-Metadata", remedy="leave it out"
            )
        found[name] = told
    return found
