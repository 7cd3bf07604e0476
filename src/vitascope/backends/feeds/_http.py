"""HttpFetcher: the Fetcher port over httpx."""

from __future__ import annotations

import ipaddress
import socket
import time
from typing import Any
from urllib.parse import urljoin, urlsplit

from vitascope.base.errors import FetchError, Refused, SourceUnavailable

_REDIRECTS = 5


class HttpFetcher:
    """Fetches feeds. Implements `base.ports.media.Fetcher`.

    Every hop's name is resolved first, the addresses are checked, and the connection goes to the checked address, so
    that a name which changes its answer in between (DNS rebinding) leads nowhere.
    """

    def __init__(self, seconds: float = 30.0) -> None:
        self._seconds = seconds

    def fetch(self, url: str, limit: int, private: bool = False) -> bytes:
        """At most `limit` bytes. Raises SourceUnavailable, Refused, FetchError."""
        import httpx

        deadline = time.monotonic() + self._seconds
        # trust_env off: a proxy would resolve the name again, past the check
        with httpx.Client(timeout=min(10.0, self._seconds), follow_redirects=False, trust_env=False) as client:
            for _ in range(_REDIRECTS + 1):
                try:
                    target, headers, extensions = _checked(url, private)
                    with client.stream("GET", target, headers=headers, extensions=extensions) as answer:
                        if answer.is_redirect:
                            url = urljoin(url, answer.headers.get("location", ""))
                            continue
                        if answer.status_code != 200:
                            raise SourceUnavailable(
                                f"the server answered {answer.status_code}",
                                place=url,
                                remedy="check the address, try later",
                            )
                        return self._read(answer, url, limit, deadline)
                except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
                    raise SourceUnavailable(
                        f"it cannot be fetched ({type(error).__name__})",
                        place=url,
                        remedy="check the address and the network",
                    ) from error
        raise SourceUnavailable("it redirects too often", place=url, remedy="name the address it leads to")

    def _read(self, answer: Any, url: str, limit: int, deadline: float) -> bytes:
        parts, size = [], 0
        for part in answer.iter_bytes():
            size += len(part)
            if size > limit:
                raise FetchError(f"it is longer than {limit:,} bytes", place=url, remedy="raise catalog.feed_bytes")
            if time.monotonic() > deadline:
                raise SourceUnavailable(f"it took longer than {self._seconds:.0f} s", place=url, remedy="try later")
            parts.append(part)
        return b"".join(parts)


def _checked(url: str, private: bool) -> tuple[str, dict[str, str], dict[str, Any]]:
    """The address with its host replaced by a checked IP address, and what keeps the host's name in the request."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Refused("a feed's address is http or https", place=url, remedy="name an http(s) address")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = {str(info[4][0]) for info in socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)}
    if not private and any(not ipaddress.ip_address(a.split("%")[0]).is_global for a in found):
        raise Refused(
            "the address is on this machine or its network",
            place=url,
            remedy="set catalog.private_addresses to allow it",
        )
    address = sorted(found, key=lambda a: ":" in a)[0]
    host = f"[{address}]" if ":" in address else address
    target = parts._replace(netloc=f"{host}:{port}", fragment="").geturl()
    name = parts.hostname if parts.port is None else f"{parts.hostname}:{parts.port}"
    return target, {"Host": name, "User-Agent": "vitascope"}, {"sni_hostname": parts.hostname}
