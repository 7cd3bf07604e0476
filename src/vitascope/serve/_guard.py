"""The gate in front of every request: who may speak to this server, and what an answer may do in a browser.

A library on loopback is still reachable from any page that the same browser shows. So: the Host header must name this
server (DNS rebinding), a call that changes state must carry JSON and come from this page or from no page at all (CSRF),
bodies are bounded, and every answer carries the headers that keep hostile titles and media from becoming code.

Takes ASGI messages; gives them on, or answers with a problem. It knows no route and no library.
"""

from __future__ import annotations

import hmac
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from vitascope.serve._config import ServeConfig, is_loopback
from vitascope.serve._problems import problem

COOKIE = "vitascope_token"
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

    def __init__(self, app: ASGIApp, config: ServeConfig) -> None:
        self.app, self.config = app, config
        self.hosts = _LOOPBACK | {h.lower().strip("[]") for h in config.allowed_hosts}
        if not is_loopback(config.host):
            self.hosts |= {config.host.lower().strip("[]")}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Check, bound, pass on, and put the headers on the answer."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return  # no web sockets here

        async def dressed(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                html = headers.get("content-type", "").startswith("text/html")
                headers.setdefault("content-security-policy", PAGE_POLICY if html else DATA_POLICY)
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refused = self._refuse(scope)
        if refused is not None:
            await refused(scope, receive, dressed)
            return
        scope = dict(scope, path=_route_path(scope))
        taken = 0

        async def bounded() -> Message:
            nonlocal taken
            message = await receive()
            if message["type"] == "http.request":
                taken += len(message.get("body", b""))
                if taken > self.config.max_body:
                    raise HTTPException(413, f"the body is over {self.config.max_body} bytes")
            return message

        await self.app(scope, bounded, dressed)

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
        return self._unknown(scope, headers)

    @staticmethod
    def _cross_site(headers: Headers, host: str, scheme: str) -> Response | None:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
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
        return problem(
            415,
            "not-json",
            "a call that changes something is JSON",
            remedy="send Content-Type: application/json",
        )

    def _unknown(self, scope: Scope, headers: Headers) -> Response | None:
        """Ask for the token where one is set; a browser trades it once for a cookie."""
        if self.config.token is None:
            return None
        token = self.config.token.get_secret_value()
        kind, _, given = headers.get("authorization", "").partition(" ")
        if kind.lower() == "bearer" and _equal(given.strip(), token):
            return None
        if _equal(_cookie(headers), token):
            return None
        if scope["method"] == "GET" and scope["path"] == "/":
            query = dict(parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=20))
            if _equal(query.get("token", ""), token):
                answer = RedirectResponse("/", 303)
                answer.set_cookie(
                    COOKIE,
                    token,
                    httponly=True,
                    samesite="strict",
                    secure=scope["scheme"] == "https",
                    path="/",
                )
                return answer
        return problem(
            401,
            "no-token",
            "this library asks for its token",
            remedy="send Authorization: Bearer TOKEN, or open /?token=TOKEN once in a browser",
            headers={"www-authenticate": 'Bearer realm="vitascope"'},
        )


def _equal(given: str, token: str) -> bool:
    return hmac.compare_digest(given.encode(), token.encode())


def _cookie(headers: Headers) -> str:
    try:
        morsel = SimpleCookie(headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return morsel.value if morsel else ""


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
