"""The gate in front of every request: who may speak to this server, and what an answer may do in a browser.

A library on loopback is still reachable from any page that the same browser shows. So: the Host header must name this
server (DNS rebinding), a call that changes state must carry JSON and come from this page or from no page at all (CSRF),
bodies are bounded, and every answer carries the headers that keep hostile titles and media from becoming code. Then who
calls (`_access_who`), how often (`_limits`), and what that caller may do (`_access`).

Takes ASGI messages; gives them on, or answers with a problem. It knows no route and no library.
"""

from __future__ import annotations

import math
from functools import partial
from urllib.parse import unquote_to_bytes, urlsplit

import anyio.to_thread
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitascope.base.context import WHO
from vitascope.base.ports.access import NOBODY, OPEN, Access, Grant
from vitascope.serve._access import PAGE, ROOTS, Refusal, Rule, check_body, decide
from vitascope.serve._access_who import Callers, offered_token
from vitascope.serve._config import ServeConfig, is_loopback
from vitascope.serve._limits import Buckets, Tries, address_of
from vitascope.serve._problems import problem

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})

PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types svelte-trusted-html"
)
DATA_POLICY = "default-src 'none'; frame-ancestors 'none'; sandbox"

_HEADERS = {
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), microphone=(), geolocation=(), interest-cohort=()",
}


class Guard:
    """ASGI middleware; see the module."""

    def __init__(self, app: ASGIApp, config: ServeConfig, access: Access | None = None) -> None:
        self.app, self.config, self.access = app, config, access
        self.callers = Callers(config, access)
        self.buckets = Buckets(config.rate, config.burst)
        self.wrong = Tries(3 * config.sign_in_tries)
        self.hosts = _LOOPBACK | {h.lower().strip("[]") for h in config.allowed_hosts}
        if not is_loopback(config.host):
            self.hosts |= {config.host.lower().strip("[]")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, bound, pass on, and put the headers on the answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no web sockets here
        shared = self._shared(Headers(scope=scope))

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in (_HEADERS | shared).items():
                    headers.setdefault(name, value)
                html = headers.get("content-type", "").startswith("text/html")
                headers.setdefault("content-security-policy", PAGE_POLICY if html else DATA_POLICY)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refused = self._refuse(scope) or self._preflight(scope, shared)
        if refused is not None:
            await refused(scope, receive, dressed)
            return
        inner = dict(scope, path=_route_path(scope))
        answer, grant, rule = await self._allowed(scope, inner)
        scope["vitascope_who"] = grant.who
        if answer is not None:
            await answer(scope, receive, dressed)
            return
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self.config.max_body:
                    raise HTTPException(413, f"the body is over {self.config.max_body} bytes")
            return message

        reader: Receive = bounded
        if grant.user_id is not None and scope["method"] not in _SAFE:
            body = await _read(bounded)
            if body is None:
                await self._too_large()(scope, receive, dressed)
                return
            try:
                check_body(grant, rule, body)
            except Refusal as error:
                await _not_allowed(str(error))(scope, receive, dressed)
                return
            reader = _again(body, receive)
        inner["vitascope_grant"] = grant
        status = 0

        async def seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await dressed(message)

        said = WHO.set(grant.who)
        try:
            await self.app(inner, reader, seen)
        finally:
            scope["route"] = inner.get("route")  # for who counts outside of the gate
            if rule.act and self.access is not None:
                note = partial(self.access.audit, rule.act, done=0 < status < 400, detail=_where(inner))
                await anyio.to_thread.run_sync(note)
            WHO.reset(said)

    async def _allowed(self, scope: Scope, inner: Scope) -> tuple[Response | None, Grant, Rule]:
        """The answer to a request that may not go on, or who asks by which rule; puts the query to go on with in place."""
        headers = Headers(scope=scope)
        address = address_of(scope["client"][0] if scope.get("client") else None)
        offered = offered_token(scope)
        if (offered or self.callers.guessable(headers)) and (wait := self.wrong.wait(address)) > 0:
            return _too_many(wait), NOBODY, PAGE
        if offered:
            traded = await self.callers.trade(scope, offered)
            if traded is not None:
                return traded, NOBODY, PAGE
        grant = await self.callers.who(headers)
        if grant is None or (offered and grant is NOBODY):
            self.wrong.failed(address)
            return _no_token(), NOBODY, PAGE
        if grant is not OPEN:
            who = address if grant is NOBODY else grant.who
            if (wait := self.buckets.take(who)) > 0:
                return _too_many(wait), grant, PAGE
        page = inner["path"].partition("/")[2].partition("/")[0] not in ROOTS
        if grant is NOBODY and page and await self.callers.signs_in():
            navigates = inner["path"] != "/sign-in" and "text/html" in headers.get("accept", "")
            return RedirectResponse("/sign-in", 303) if navigates else None, grant, PAGE
        try:
            rule, query = decide(grant, scope["method"], inner["path"], scope["query_string"])
        except (Refusal, ValueError) as error:
            if grant is NOBODY:
                return _no_token(), grant, PAGE
            return _not_allowed(str(error)), grant, PAGE
        inner["query_string"] = query
        return None, grant, rule

    def _shared(self, headers: Headers) -> dict[str, str]:
        """The headers that let a page of the allow-list read the answer; cookies never go there."""
        origin = headers.get("origin", "")
        if not origin or origin not in self.config.cors_origins:
            return {}
        return {
            "access-control-allow-origin": origin,
            "access-control-expose-headers": "etag, retry-after, x-request-id, location, tus-resumable, upload-expires, "
            "upload-length, upload-offset",
            "vary": "origin",
            "cross-origin-resource-policy": "cross-origin",
        }

    def _preflight(self, scope: Scope, shared: dict[str, str]) -> Response | None:
        """The answer to a browser that asks whether a page of the allow-list may call."""
        if scope["method"] != "OPTIONS" or not shared:
            return None
        if "access-control-request-method" not in Headers(scope=scope):
            return None
        return Response(
            status_code=204,
            headers={
                "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE",
                "access-control-allow-headers": "authorization, content-type, idempotency-key, if-match, if-none-match, "
                "tus-resumable, upload-length, upload-metadata, upload-offset",
                "access-control-max-age": "600",
            },
        )

    def _too_large(self) -> Response:
        return problem(
            413,
            "too-large",
            f"the body is over {self.config.max_body} bytes",
            remedy="send it in several smaller calls",
        )

    def _refuse(self, scope: Scope) -> Response | None:
        """The answer to a request that may not pass, or None."""
        headers = Headers(scope=scope)
        hosts = headers.getlist("host")
        host = hosts[0] if len(hosts) == 1 else ""
        if _name(host) not in self.hosts:
            return problem(
                421,
                "wrong-host",
                "this server does not answer under that host name",
                remedy="use http://127.0.0.1, or add the name to serve.allowed_hosts",
            )
        method = scope["method"]
        if method not in _SAFE:
            refused = self._cross_site(headers, host, scope["scheme"]) or self._form(headers, method)
            if refused is not None:
                return refused
        length = headers.get("content-length", "0")
        if not length.isdigit() or int(length) > self.config.max_body:
            return self._too_large()
        return None

    def _cross_site(self, headers: Headers, host: str, scheme: str) -> Response | None:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        if origin in self.config.cors_origins and headers.get("authorization") and not headers.get("cookie"):
            return None  # a page that the owner named, with a key of its own
        same = origin is None or _same_origin(origin, host, scheme)
        if same and site in (None, "same-origin", "none"):
            return None
        return problem(
            403,
            "cross-site",
            "another page may not change this library",
            remedy="call from this server's own page",
        )

    @staticmethod
    def _form(headers: Headers, method: str) -> Response | None:
        if method == "DELETE":  # never sent across sites without a preflight, which nobody answers here
            return None
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "application/json":
            return None
        if kind == "application/offset+octet-stream" or "tus-resumable" in headers:
            return None  # of an upload; neither is ever sent across sites without a preflight
        return problem(
            415,
            "not-json",
            "a call that changes something is JSON",
            remedy="send Content-Type: application/json",
        )


def _where(scope: Scope) -> str:
    """The route that was called; its template, because a path may hold a person's name."""
    return f"{scope['method']} {getattr(scope.get('route'), 'path', '')}"


async def _read(receive: Receive) -> bytes | None:
    """The whole body; None where it is too large."""
    parts: list[bytes] = []
    while True:
        try:
            message = await receive()
        except HTTPException:
            return None
        if message["type"] != "http.request":
            return b"".join(parts)  # the caller left
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


def _again(body: bytes, receive: Receive) -> Receive:
    """Give a body that was read once more, then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _no_token() -> Response:
    return problem(
        401,
        "no-token",
        "this library asks for its token",
        remedy="send Authorization: Bearer TOKEN, open /?token=TOKEN once in a browser, or sign in",
        headers={"www-authenticate": 'Bearer realm="vitascope"'},
    )


def _not_allowed(reason: str) -> Response:
    return problem(
        403, "not-allowed", reason, remedy="use a key with that scope: `vitascope access key create` makes one"
    )


def _too_many(wait: float) -> Response:
    seconds = max(1, math.ceil(wait))
    return problem(
        429,
        "too-many-requests",
        "too many requests in a short time",
        remedy=f"try again in {seconds} s",
        headers={"retry-after": str(seconds)},
    )


def _name(host: str) -> str:
    """The name of a Host header without its port, lower case; "" where it is no host."""
    try:
        parts = urlsplit("//" + host)
        _ = parts.port
    except ValueError:
        return ""
    if parts.username is not None or parts.path or parts.query or parts.fragment:
        return ""
    return (parts.hostname or "").rstrip(".")


def _same_origin(origin: str, host: str, scheme: str) -> bool:
    default = {"http": ":80", "https": ":443"}.get(scheme, "")
    return origin.lower().removesuffix(default) == f"{scheme}://{host.lower()}".removesuffix(default)


def _route_path(scope: Scope) -> str:
    """The path with `/` and `%` inside one segment still escaped, so that an id may hold any character.

    `segment` undoes it in the route.
    """
    raw: bytes | None = scope.get("raw_path")
    if raw is None:
        path: str = scope["path"]
        return path
    parts = [unquote_to_bytes(part).decode("utf-8", "replace") for part in raw.partition(b"?")[0].split(b"/")]
    return "/".join(part.replace("%", "%25").replace("/", "%2F") for part in parts)


def segment(text: str) -> str:
    """An id as the client meant it, from one segment of the path that the guard prepared."""
    return text.replace("%2F", "/").replace("%25", "%")
