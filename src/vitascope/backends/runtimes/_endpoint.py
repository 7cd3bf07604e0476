"""Calls to an OpenAI-compatible endpoint of the owner's choice: JSON or a form out, bounded JSON back.

Takes an `EndpointConfig`; gives parsed answers. The key never reaches a log or an error, redirects are not followed, proxies of
the environment are not used, and an answer over the bound is refused before it is read. Pictures and sound are only sent where
they may be: to this machine, or where the owner said so. It knows nothing of what an answer means.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

from vitascope.backends.models import EndpointConfig
from vitascope.base.errors import ConfigError, ModelFailed
from vitascope.base.policy import stays_here

if TYPE_CHECKING:
    import httpx

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

    @cached_property
    def _http(self) -> httpx.Client:
        import httpx

        key = self.config.key.get_secret_value() if self.config.key else None
        return httpx.Client(
            base_url=self.config.url.rstrip("/") + "/",
            headers={"Authorization": f"Bearer {key}"} if key else {},
            timeout=self.config.timeout_seconds,
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
        try:
            with self._http.stream("POST", path, **asked) as response:
                if response.status_code != httpx.codes.OK:
                    raise self.failed(f"status {response.status_code}")
                data = bytearray()
                for chunk in response.iter_bytes():
                    data += chunk
                    if len(data) > _MOST:
                        raise self.failed(f"an answer over {_MOST >> 20} MB")
        except httpx.HTTPError as error:
            raise self.failed(type(error).__name__) from error
        try:
            return json.loads(bytes(data))
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
