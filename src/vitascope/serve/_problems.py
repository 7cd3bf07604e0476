"""Errors as RFC 9457 problem details (`application/problem+json`).

Takes what went wrong; gives an answer with a stable `code`, the thing, the place and the remedy. What was not foreseen
is logged and answered without its text: an exception may quote what nobody should read.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

import orjson
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from vitascope.base import errors
from vitascope.base.errors import VitascopeError
from vitascope.serve._etag import Changed
from vitascope.serve._jobs import Busy

log = logging.getLogger(__name__)

PROBLEM_TYPE = "application/problem+json"

_STATUS: tuple[tuple[type[VitascopeError], int], ...] = (  # first match wins: leaves before branches
    (errors.UnknownItem, 404),
    (errors.UnknownPerson, 404),
    (errors.UnknownSurface, 404),
    (errors.UnknownModel, 404),
    (errors.UnknownUpload, 404),
    (errors.WrongOffset, 409),
    (errors.TooLarge, 413),
    (errors.InputError, 422),
    (errors.UsageError, 422),
    (Busy, 409),
    (errors.Refused, 403),
    (Changed, 412),
    (errors.NoSpace, 507),
    (errors.ModelError, 503),
    (errors.FetchError, 503),
    (errors.StoreError, 503),
    (errors.Stopped, 503),
)


def status_of(error: VitascopeError) -> int:
    """The HTTP status of an error of the tree."""
    return next((status for kind, status in _STATUS if isinstance(error, kind)), 500)


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    place: str | None = None,
    remedy: str | None = None,
    headers: Mapping[str, str] | None = None,
    **more: Any,
) -> Response:
    """A problem answer."""
    body: dict[str, Any] = {
        "type": f"urn:vitascope:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if place:
        body["place"] = place
    if remedy:
        body["remedy"] = remedy
    return Response(
        orjson.dumps(body | more, default=str),
        status,
        media_type=PROBLEM_TYPE,
        headers=dict(headers) if headers else None,
    )


def _route(request: Request) -> str:
    """The template of the route: the path itself may hold a person's name."""
    return str(getattr(request.scope.get("route"), "path", "unknown"))


def install(app: FastAPI) -> None:
    """Make every error of the application a problem answer."""

    @app.exception_handler(VitascopeError)
    def _known(request: Request, error: VitascopeError) -> Response:
        status = status_of(error)
        if status >= 500:
            log.warning("%s %s: %s", request.method, _route(request), error.code)  # its place may be a person
        return problem(status, error.code, error.thing, place=error.place, remedy=error.remedy)

    @app.exception_handler(RequestValidationError)
    def _invalid(_request: Request, error: RequestValidationError) -> Response:
        found = [
            {
                "field": ".".join(str(part) for part in e.get("loc", ())),
                "reason": str(e.get("msg", ""))[:300],
            }
            for e in error.errors()[:20]
        ]
        first = found[0] if found else {"field": "request", "reason": "not understood"}
        return problem(
            422,
            "invalid-request",
            first["reason"],
            place=first["field"],
            remedy="correct the field; /v1/openapi.json says what is expected",
            errors=found,
        )

    @app.exception_handler(HTTPException)
    def _http(_request: Request, error: HTTPException) -> Response:
        remedy = "see /v1/openapi.json for the paths there are" if error.status_code == 404 else None
        phrase = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        return problem(
            error.status_code,
            phrase,
            str(error.detail),
            remedy=remedy,
            headers=error.headers,
        )

    @app.exception_handler(Exception)
    def _unforeseen(request: Request, error: Exception) -> Response:
        log.error("%s %s failed", request.method, _route(request), exc_info=error)
        return problem(
            500,
            "internal",
            "the server made a mistake",
            remedy="look into the log of the home and report it",
        )
