"""Calls to an OpenAI-compatible endpoint of the owner's choice: JSON or a form out, bounded JSON back.

Takes an `EndpointConfig`; gives parsed answers. The key never reaches a log or an error, redirects are not followed, proxies of
the environment are not used, and an answer over the bound is refused before it is read. Pictures and sound are only sent where
they may be: to this machine, or where the owner said so. Failures that may pass are tried again, and an endpoint that is gone is
left alone for a while (`Patience`). It knows nothing of what an answer means.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vitascope.backends.models import EndpointConfig
from vitascope.base.errors import ConfigError, ModelFailed
from vitascope.base.policy import stays_here

from ._patience import PASSING_STATUSES, Passing, Patience, retry_after

if TYPE_CHECKING:
    import httpx

_MOST = 64 << 20
"""Bytes of one answer that are read: 2,000 vectors of 1,024 numbers as text are about 45 MB."""


def may_hold_media(config: EndpointConfig) -> bool:
    """Whether pictures and sound may be sent there."""
    return config.media or stays_here(config.url)


def http_client(url: str, key: str | None) -> httpx.Client:
    """A client of that address: no proxies of the environment, no redirects."""
    import httpx  # a third of a second that most commands do without

    return httpx.Client(
        base_url=url.rstrip("/") + "/",
        headers={"Authorization": f"Bearer {key}"} if key else {},
        trust_env=False,
        follow_redirects=False,
    )


def posted(
    http: httpx.Client,
    path: str,
    patience: Patience,
    most: int,
    failed: Callable[[str], ModelFailed],
    place: str,
    **what: Any,
) -> bytes:
    """The body that answers a POST of `what` (json, data, files), tried again where the failure may pass.

    Raises:
        ModelResting; what `failed` makes: no answer, another status than 200, or over `most` bytes.
    """
    import httpx

    def ask(seconds: float) -> bytes:
        try:
            with http.stream("POST", path, timeout=seconds, **what) as response:
                return _read(response, seconds, most, failed)
        except httpx.HTTPError as error:
            raise Passing(failed(type(error).__name__)) from error

    return patience.call(ask, place)


def _read(response: httpx.Response, seconds: float, most: int, failed: Callable[[str], ModelFailed]) -> bytes:
    """The body; a server that drips is cut off at the time limit, which the library applies to each read alone."""
    if response.status_code != 200:
        error = failed(f"status {response.status_code}")
        if response.status_code in PASSING_STATUSES:
            raise Passing(error, retry_after(response.headers.get("Retry-After")))
        raise error
    data, end = bytearray(), time.monotonic() + seconds
    for chunk in response.iter_bytes():
        data += chunk
        if len(data) > most:
            raise failed(f"an answer over {most >> 20} MB")
        if time.monotonic() > end:
            raise Passing(failed(f"no whole answer within {seconds:.0f} s"))
    return bytes(data)


class Endpoint:
    """An endpoint and how to ask it.

    Args:
        config: its address, model and key.
        setting: its name among the settings, for errors: "models.endpoints.speech".

    Raises:
        ConfigError: the address is none of http or https.
    """

    def __init__(self, config: EndpointConfig, setting: str) -> None:
        if not config.url.startswith(("http://", "https://")):
            raise ConfigError(
                "not an address of an endpoint", place=f"setting {setting}.url", remedy="http(s)://HOST:PORT/v1"
            )
        self.config, self._setting = config, setting
        self._patience = Patience(config.timeout_seconds, config.retries, config.failures, config.rest_seconds)

    @cached_property
    def _http(self) -> httpx.Client:
        return http_client(self.config.url, self.config.key.get_secret_value() if self.config.key else None)

    def post(
        self,
        path: str,
        body: Mapping[str, Any] | None = None,
        form: Mapping[str, Any] | None = None,
        file: tuple[str, bytes, str] | None = None,
    ) -> Any:
        """The parsed answer to a JSON body, or to a form with a file (name, bytes, type).

        Raises:
            ModelFailed: no answer, another status than 200, too large, or not JSON.
        """
        asked: dict[str, Any] = {"json": body} if body is not None else {"data": form}
        if file is not None:
            asked["files"] = {"file": file}
        data = posted(self._http, path, self._patience, _MOST, self.failed, self.config.url, **asked)
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self.failed("an answer that is not JSON") from error

    def failed(self, why: str) -> ModelFailed:
        """The error of an endpoint that gave no usable answer."""
        return ModelFailed(
            f"the endpoint gave no usable answer: {why}",
            place=self.config.url,
            remedy=f"check the endpoint (settings {self._setting}); what needs it is left out and named",
        )

    def close(self) -> None:
        """Close the connection, if there is one."""
        if "_http" in self.__dict__:
            self._http.close()
