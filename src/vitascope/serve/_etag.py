"""Entity tags: what has not changed is not sent again, and nobody overwrites what they have not seen.

Takes a request and what would be answered; gives the answer with its `ETag`, or 304 Not Modified. A tag is the digest of
the answer itself (a strong validator, RFC 9110), so it needs no version in the store and holds across processes.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from fastapi import Request
from fastapi.responses import Response
from pydantic import BaseModel

from vitascope.base.errors import VitascopeError

_KEEP = "private, no-cache"
"""May be kept by the browser of whoever asked, and is asked for again each time."""


class Changed(VitascopeError):
    """Somebody changed it since the caller looked."""

    code = "changed"


def tag(body: bytes) -> str:
    """The entity tag of a body."""
    return f'"{sha256(body).hexdigest()[:32]}"'


def body_of(model: BaseModel) -> bytes:
    """A model as it is answered."""
    return model.model_dump_json().encode()


def answer(request: Request, model: BaseModel, status: int = 200) -> Response:
    """The answer, or 304 where the caller has it already (`If-None-Match`)."""
    body = body_of(model)
    mine = tag(body)
    headers = {"etag": mine, "cache-control": _KEEP}
    if status == 200 and has(request, mine):
        return Response(status_code=304, headers=headers)
    return Response(body, status, media_type="application/json", headers=headers)


def of_file(path: Path) -> str:
    """The tag of a file that is never changed in place: its time and size."""
    told = path.stat()
    return f'"{told.st_mtime_ns:x}-{told.st_size:x}"'


def has(request: Request, mine: str) -> bool:
    """Whether the caller has it already (`If-None-Match`)."""
    return mine in _tags(request.headers.get("if-none-match"), weak=True)


def check(request: Request, model: BaseModel | None) -> None:
    """Whether a change may go on: `If-Match` names what is there, `If-None-Match: *` that nothing is.

    Raises:
        Changed: it does not (412).
    """
    wanted = request.headers.get("if-match")
    if wanted is not None:
        there = None if model is None else tag(body_of(model))
        named = _tags(wanted, weak=False)
        if there is None or ("*" not in named and there not in named):
            raise Changed("it is not what you saw any more", place="If-Match", remedy="get it again, then change it")
    if request.headers.get("if-none-match", "").strip() == "*" and model is not None:
        raise Changed("it is there already", place="If-None-Match", remedy="change it, or leave the header out")


def _tags(header: str | None, *, weak: bool) -> set[str]:
    """The tags of a header. Weak ones count where bytes need not be the same."""
    found = {part.strip() for part in (header or "").split(",")}
    return {part.removeprefix("W/") if weak else part for part in found if part}
