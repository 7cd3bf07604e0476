"""What the generated methods stand on: a connection, errors, and how models go out and come in.

Takes the address of a server and, where it asks for one, a token or API key. Gives models. Knows no operation.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, ConfigDict


class Asked(BaseModel):
    """Base of what is sent: unknown fields are errors before anything is sent."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Answered(BaseModel):
    """Base of what is answered: fields that a newer server adds are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


Answer = TypeVar("Answer", bound=Answered)


class ApiError(Exception):
    """The server said no, as RFC 9457 problem details.

    Attributes:
        status: of HTTP; 0 where no server answered.
        code: stable name of what is wrong, such as "unknown-item".
        place: the thing, field or header it is about.
        remedy: what to do.
    """

    def __init__(
        self, status: int, code: str, detail: str, place: str | None = None, remedy: str | None = None
    ) -> None:
        self.status, self.code, self.detail, self.place, self.remedy = status, code, detail, place, remedy
        head = f"{place}: {detail}" if place else detail
        super().__init__(f"{head} ({remedy})" if remedy else head)


def _part(text: object) -> str:
    """An id as one part of a path; it may hold any character."""
    return quote(str(text), safe="")


class Http:
    """A connection to one server. Use it as a context manager, or close it. Safe from several threads.

    Args:
        address: such as "http://127.0.0.1:8000".
        token: the server's token, an API key or a person's own token.
        timeout: seconds.
        transport: for tests.
    """

    def __init__(
        self,
        address: str = "http://127.0.0.1:8000",
        token: str | None = None,
        *,
        timeout: float = 60.0,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        headers = {"accept": "application/json"} | ({"authorization": f"Bearer {token}"} if token else {})
        self._client = httpx.Client(base_url=address, headers=headers, timeout=timeout, transport=transport)
        self.last: httpx.Response | None = None
        """The last answer as it came, for its headers (`ETag` ...)."""

    def close(self) -> None:
        """Close the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def _send(
        self,
        method: str,
        path: str,
        query: Mapping[str, object] | None = None,
        headers: Mapping[str, object] | None = None,
        body: BaseModel | bytes | None = None,
    ) -> httpx.Response:
        sent = {name: str(value) for name, value in (headers or {}).items() if value is not None}
        if isinstance(body, bytes):
            content: bytes | None = body
            sent["content-type"] = "application/offset+octet-stream"
        else:
            content = None if body is None else body.model_dump_json(exclude_unset=True).encode()
            if method not in ("GET", "DELETE"):
                sent["content-type"] = "application/json"
        if path.startswith("/v1/uploads"):
            sent["tus-resumable"] = "1.0.0"
        params = {name: _plain(value) for name, value in (query or {}).items() if value is not None}
        try:
            answer = self._client.request(method, path, params=params, headers=sent, content=content)
        except httpx.HTTPError as error:
            raise ApiError(0, "offline", f"the server does not answer: {error}", str(self._client.base_url)) from error
        self.last = answer
        if answer.status_code >= 400:
            raise _error(answer)
        return answer

    def _model(self, kind: type[Answer], method: str, path: str, **given: Any) -> Answer:
        return kind.model_validate_json(self._send(method, path, **given).content)

    def _nothing(self, method: str, path: str, **given: Any) -> None:
        self._send(method, path, **given)

    def _text(self, method: str, path: str, **given: Any) -> str:
        return self._send(method, path, **given).text

    def _bytes(self, method: str, path: str, **given: Any) -> bytes:
        return self._send(method, path, **given).content


def _plain(value: object) -> Any:
    """A value of a query; a list is the name repeated."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return value


def _error(answer: httpx.Response) -> ApiError:
    try:
        told = answer.json()
    except ValueError:
        told = {}
    if not isinstance(told, dict):
        told = {}
    return ApiError(
        answer.status_code,
        str(told.get("code", "error")),
        str(told.get("detail", answer.reason_phrase)),
        told.get("place"),
        told.get("remedy"),
    )
