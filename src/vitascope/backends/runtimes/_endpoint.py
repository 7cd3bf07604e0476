"""Calls to an OpenAI-compatible endpoint of the owner's choice: JSON or a form out, bounded JSON back.

Takes an `EndpointConfig`; gives parsed answers. The key never reaches a log or an error, redirects are not followed, proxies of
the environment are not used, and an answer over the bound is refused before it is read. Pictures and sound are only sent where
they may be: to this machine, or where the owner said so. Failures that may pass are tried again, and an endpoint that is gone is
left alone for a while (`Patience`). It knows nothing of what an answer means.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vitascope.backends.models import EndpointConfig
from vitascope.base.errors import ConfigError, ModelFailed
from vitascope.base.policy import stays_here

from ._patience import Passing, Patience

if TYPE_CHECKING:
    import httpx

_PASSING = {408, 409, 425, 429, 500, 502, 503, 504}
"""Statuses that may pass."""
_MOST = 64 << 20
"""Bytes of one answer that are read: 2,000 vectors of 1,024 numbers as text are about 45 MB."""


def may_hold_media(config: EndpointConfig) -> bool:
    """Whether pictures and sound may be sent there."""
    return config.media or stays_here(config.url)


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
        import httpx

        key = self.config.key.get_secret_value() if self.config.key else None
        return httpx.Client(
            base_url=self.config.url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {key}"} if key else {},
            trust_env=False,
            follow_redirects=False,
        )

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
        import httpx

        asked: dict[str, Any] = {"json": body} if body is not None else {"data": form}
        if file is not None:
            asked["files"] = {"file": file}

        def ask(seconds: float) -> bytes:
            try:
                with self._http.stream("POST", path, timeout=seconds, **asked) as response:
                    return self._read(response, seconds)
            except httpx.HTTPError as error:
                raise Passing(self.failed(type(error).__name__)) from error

        data = self._patience.call(ask, self.config.url)
        try:
            return json.loads(data)
        except (ValueError, RecursionError) as error:
            raise self.failed("an answer that is not JSON") from error

    def _read(self, response: httpx.Response, seconds: float) -> bytes:
        """The body, bounded in size; a server that drips is cut off at the time limit."""
        if response.status_code != 200:
            error = self.failed(f"status {response.status_code}")
            if response.status_code in _PASSING:
                wait = response.headers.get("Retry-After", "").strip()
                raise Passing(error, float(wait) if wait.isdigit() else None)
            raise error
        data, end = bytearray(), time.monotonic() + seconds
        for chunk in response.iter_bytes():
            data += chunk
            if len(data) > _MOST:
                raise self.failed(f"an answer over {_MOST >> 20} MB")
            if time.monotonic() > end:
                raise Passing(self.failed(f"no whole answer within {seconds:.0f} s"))
        return bytes(data)

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
