"""Who is calling: a credential becomes a `Grant`.

In this order: `Authorization: Bearer` with the server's token or a key, a session's cookie, the cookie that a browser got
for a token or key (/?token=...). Where nothing is asked for (loopback, no token, no owner's sign-in) a caller without a
credential is the owner, as on a machine of one's own; a key that does not hold is refused there too.
"""

from __future__ import annotations

import hmac
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qsl

import anyio.to_thread
from starlette.datastructures import Headers
from starlette.responses import RedirectResponse, Response
from starlette.types import Scope

from vitascope.base.ports.access import NOBODY, OPEN, Access, Grant
from vitascope.base.ports.access import Scope as May
from vitascope.serve._config import ServeConfig, is_loopback

COOKIE = "vitascope_token"
SESSION = "vitascope_session"
KEY = "vsk_"
"""What a key begins with."""
_SECONDS = 1.0
TOKEN = Grant(who="token", scopes=frozenset({May.OWNER}))


class Callers:
    """What credentials are worth on this server.

    Args:
        access: None: there are no keys and sessions, only the server's token.
    """

    def __init__(self, config: ServeConfig, access: Access | None) -> None:
        self.config, self.access = config, access
        self._signs_in: tuple[float, bool] = (-1e9, False)
        self._token = config.token.get_secret_value() if config.token is not None else ""

    async def closed(self) -> bool:
        """Whether somebody has to say who they are."""
        return bool(self._token) or not is_loopback(self.config.host) or await self.signs_in()

    async def signs_in(self) -> bool:
        """Whether there is a sign-in, so that the page comes before the credential."""
        if self.access is None:
            return False
        if self.config.oidc_issuer:
            return True
        asked, found = self._signs_in
        if time.monotonic() - asked > _SECONDS:
            found = await anyio.to_thread.run_sync(self.access.closed)
            self._signs_in = (time.monotonic(), found)
        return found

    async def who(self, headers: Headers) -> Grant | None:
        """The grant of a request; NOBODY for no credential where one is needed, None for one that does not hold."""
        kind, _, given = headers.get("authorization", "").partition(" ")
        given = given.strip()
        if kind.lower() == "bearer" and (self._token or given.startswith(KEY)):
            return await self._of(given)
        cookies = _cookies(headers)
        if (session := cookies.get(SESSION)) and self.access is not None:
            found = self.access.remembered(session) or await anyio.to_thread.run_sync(self.access.session, session)
            if found is not None:
                return found
        if kept := cookies.get(COOKIE):
            found = await self._of(kept)
            if found is not None:
                return found
            if kept.startswith(KEY):
                return None
        return NOBODY if await self.closed() else OPEN

    async def _of(self, secret: str) -> Grant | None:
        if self._token and equal(secret, self._token):
            return TOKEN
        if self.access is None or not secret.startswith(KEY):
            return None
        # the database in a thread; what is in memory at once, because a thread's turn costs more than the rest of the gate
        return self.access.remembered(secret) or await anyio.to_thread.run_sync(self.access.bearer, secret)

    def guessable(self, headers: Headers) -> bool:
        """Whether a request brings something that could be a guess at the server's token (a key is too long to guess)."""
        if not self._token:
            return False
        given = (headers.get("authorization", "").partition(" ")[2].strip(), _cookies(headers).get(COOKIE, ""))
        return any(one and not one.startswith(KEY) for one in given)

    async def trade(self, scope: Scope, given: str) -> RedirectResponse | None:
        """The answer to /?token=..., which a browser opens once: it keeps the token or key as a cookie."""
        if await self._of(given) is None:
            return None
        answer = RedirectResponse("/", 303)
        put(answer, COOKIE, given, scope["scheme"] == "https")
        return answer


def offered_token(scope: Scope) -> str:
    """The token or key in /?token=..., or ""."""
    if scope["method"] != "GET" or scope["path"] != "/" or b"token=" not in scope["query_string"]:
        return ""
    try:
        pairs = parse_qsl(scope["query_string"].decode("latin-1"), max_num_fields=20)
    except ValueError:
        return ""
    found: str = dict(pairs).get("token", "")
    return found


def put(answer: Response, name: str, value: str, secure: bool, seconds: float | None = None) -> None:
    """A cookie that no script reads and no other site sends."""
    age = None if seconds is None else int(seconds)
    answer.set_cookie(name, value, max_age=age, httponly=True, samesite="strict", secure=secure, path="/")


def equal(given: str, wanted: str) -> bool:
    """Compare without telling by time how much is right."""
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), wanted.encode())


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: morsel.value for name, morsel in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def session_of(headers: Headers) -> str:
    """The session's secret of a request, or ""."""
    return _cookies(headers).get(SESSION, "")
