"""Signing in and out: by name and password, or with an identity provider; and the small page for it.

Takes an `Access`; gives routes. A session is a cookie that no script reads and no other site sends.
"""

from __future__ import annotations

from typing import Annotated

import anyio
import anyio.to_thread
from fastapi import APIRouter, FastAPI, Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import Field

from vitascope.base.errors import Refused, VitascopeError
from vitascope.base.ports.access import OPEN, Access, Grant, IdentityProvider, Scope, Vouched
from vitascope.serve import _sign_in_page
from vitascope.serve._access_who import COOKIE, SESSION, put, session_of
from vitascope.serve._config import ServeConfig
from vitascope.serve._limits import Tries, address_of
from vitascope.serve._problems import problem
from vitascope.serve.routes._common import problems
from vitascope.serve.wire.answers import Wire
from vitascope.serve.wire.asked import Asked

_OIDC = "vitascope_oidc"
_OIDC_PATH = "/v1/session/oidc"
_OIDC_SECONDS = 600


class SignInIn(Asked):
    """A name and a password."""

    name: str = Field(min_length=1, max_length=200)
    password: str = Field(min_length=1, max_length=1_000)


class SessionOut(Wire):
    """Who is calling, and what they may do."""

    who: str
    """A name that says nothing of a person: "key 3f9a...", "owner 01ab...", "open", "nobody"."""
    scopes: tuple[Scope, ...]
    user_id: str | None
    """The one person whose own token it is."""
    password: bool
    """Whether owners can sign in by a password here."""
    provider: bool
    """Whether they can sign in with an identity provider."""


def install(app: FastAPI, config: ServeConfig, access: Access, identity: IdentityProvider | None) -> None:
    """Add the routes."""
    app.include_router(_router(config, access, identity))

    @app.get("/sign-in", include_in_schema=False)
    def page() -> Response:
        return HTMLResponse(_sign_in_page.page(identity is not None))

    @app.get("/sign-in/{name}", include_in_schema=False)
    def part(name: str) -> Response:
        if name not in _sign_in_page.PARTS:
            return problem(404, "not-found", "there is nothing here")
        text, kind = _sign_in_page.PARTS[name]
        return Response(text, media_type=kind)


def _router(config: ServeConfig, access: Access, identity: IdentityProvider | None) -> APIRouter:
    api = APIRouter(prefix="/v1/session", tags=["session"])
    accounts, addresses = Tries(config.sign_in_tries), Tries(3 * config.sign_in_tries)
    limiter: list[anyio.CapacityLimiter] = []  # each try takes 32 MB; made inside the running loop

    def signed_in(answer: Response, request: Request, secret: str) -> Response:
        put(answer, SESSION, secret, request.url.scheme == "https", access.session_seconds)
        return answer

    @api.get("", summary="Who is calling")
    def session(request: Request) -> SessionOut:
        grant: Grant = request.scope.get("vitascope_grant", OPEN)
        return SessionOut(
            who=grant.who,
            scopes=tuple(sorted(grant.scopes)),
            user_id=grant.user_id,
            password=access.closed(),
            provider=identity is not None,
        )

    @api.post("", status_code=204, summary="Sign in", responses=problems(401, 429))
    async def sign_in(body: SignInIn, request: Request) -> Response:
        """A wrong name and a wrong password are answered alike, after the same work."""
        address = address_of(request.client.host if request.client else None)
        if (wait := max(accounts.wait(body.name), addresses.wait(address))) > 0:
            return problem(
                429,
                "too-many-requests",
                "too many wrong passwords in a short time",
                remedy=f"try again in {int(wait) + 1} s",
                headers={"retry-after": str(int(wait) + 1)},
            )
        if not limiter:
            limiter.append(anyio.CapacityLimiter(2))
        accounts.failed(body.name)  # counted first: many tries at once are many tries
        addresses.failed(address)
        secret = await anyio.to_thread.run_sync(access.sign_in, body.name, body.password, limiter=limiter[0])
        if secret is None:
            return problem(401, "wrong-password", "the name or the password is wrong", remedy="try again")
        accounts.right(body.name)
        addresses.right(address)
        return signed_in(Response(status_code=204), request, secret)

    @api.delete("", status_code=204, summary="Sign out")
    def sign_out(request: Request) -> Response:
        """Ends the session everywhere, and takes the cookies back."""
        secret = session_of(request.headers)
        if secret:
            access.sign_out(secret)
        answer = Response(status_code=204)
        for name in (SESSION, COOKIE):
            answer.delete_cookie(name, path="/", httponly=True, samesite="strict")
        return answer

    if identity is None:
        return api

    def back(request: Request) -> str:
        return f"{request.url.scheme}://{request.headers['host']}{_OIDC_PATH}/back"

    @api.get("/oidc", summary="Sign in with the identity provider", status_code=303, responses=problems(503))
    def begin(request: Request) -> Response:
        """Sends the browser there (authorization code flow with PKCE)."""
        begun = identity.begin(back(request))
        answer = Response(status_code=303, headers={"location": begun.url})
        answer.set_cookie(
            _OIDC,
            begun.kept,
            max_age=_OIDC_SECONDS,
            httponly=True,
            samesite="lax",  # the provider sends the browser back from another site
            secure=request.url.scheme == "https",
            path=_OIDC_PATH,
        )
        return answer

    @api.get("/oidc/back", summary="Where the identity provider sends the browser", responses=problems(403, 503))
    def finish(
        request: Request,
        state: Annotated[str, Query(max_length=500)] = "",
        code: Annotated[str, Query(max_length=4_000)] = "",
    ) -> Response:
        try:
            found = identity.finish(back(request), request.cookies.get(_OIDC, ""), state, code)
            if not _owns(found, config.oidc_owners):
                raise Refused(
                    "the identity provider knows you, but you are no owner of this library",
                    remedy="its owner adds you to serve.oidc_owners",
                )
        except VitascopeError:
            access.audit("sign-in", done=False, detail="identity provider", who="nobody")
            raise
        secret = access.sign_in_by(found.issuer, found.subject)
        # A page of ours goes on to the library: on a redirect from another site the browser would keep the cookie back.
        answer = signed_in(HTMLResponse(_sign_in_page.ON), request, secret)
        answer.delete_cookie(_OIDC, path=_OIDC_PATH, httponly=True)
        return answer

    return api


def _owns(found: Vouched, owners: tuple[str, ...]) -> bool:
    return found.subject in owners or bool(found.email and found.email.lower() in {o.lower() for o in owners})
