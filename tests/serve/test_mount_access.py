"""Another application behind the gate asks who is there as the library's own does."""

from __future__ import annotations

from fastapi.testclient import TestClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from vitascope.base.ports.access import Grant, Scope
from vitascope.serve import ServeConfig, guarded


class Desk:
    """An access that knows two keys, and an owner's sign-in."""

    session_seconds = 60.0

    def __init__(self, closed: bool) -> None:
        self._closed = closed

    def closed(self) -> bool:
        return self._closed

    def remembered(self, secret: str) -> Grant | None:
        return None

    def bearer(self, secret: str) -> Grant | None:
        known = {"vsk_owner": Scope.OWNER, "vsk_read": Scope.READ}
        return Grant(who="key", scopes=frozenset({known[secret]})) if secret in known else None

    def session(self, secret: str) -> Grant | None:
        return None

    def sign_in(self, name: str, password: str) -> str | None:
        return None

    def sign_in_by(self, issuer: str, subject: str) -> str:
        return ""

    def sign_out(self, secret: str) -> None:
        pass

    def audit(self, act: str, subject: str = "", done: bool = True, detail: str = "", who: str | None = None) -> None:
        pass


async def tools(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("everything")


def status(closed: bool, key: str = "") -> int:
    inner = Starlette(routes=[Route("/mcp", tools, methods=["POST"])])
    client = TestClient(guarded(inner, ServeConfig(), Desk(closed)), base_url="http://127.0.0.1:8000")
    headers = {"authorization": f"Bearer {key}"} if key else {}
    found: int = client.post("/mcp", json={}, headers=headers).status_code
    return found


def test_tools_for_programs_are_the_owners_where_somebody_signs_in() -> None:
    assert [status(False), status(True), status(True, "vsk_read"), status(True, "vsk_owner")] == [200, 401, 403, 200]
    assert status(False, "vsk_gone") == 401
