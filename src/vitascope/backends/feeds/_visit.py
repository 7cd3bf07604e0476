"""One GET over httpx, its redirects followed one by one, cut off at its deadline whatever the server does.

Takes an address; gives the answer's head, its body still to be read. Every hop's name is resolved first, the addresses are
checked, and the connection goes to the checked address, so that a name which changes its answer in between (DNS
rebinding) leads nowhere.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urljoin

from vitascope.backends.feeds._addresses import checked, host_allowed, web
from vitascope.base.errors import Refused, SourceUnavailable

if TYPE_CHECKING:
    import httpx

REDIRECTS = 5


class Answer(NamedTuple):
    """A server's answer."""

    head: httpx.Response
    url: str
    """Where the redirects led."""
    cut: Cut


class Cut:
    """Cuts the connection at a deadline.

    httpx bounds each read, so that a server which sends a byte now and then, in its headers too, could hold us for ever.
    Shutting the socket down from a timer ends a read that waits, which closing it would not.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds, self.fired = seconds, False
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._timer = threading.Timer(max(0.0, seconds), self._fire)
        self._timer.daemon = True

    def __enter__(self) -> Cut:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        self._forget()

    def trace(self, event: str, info: dict[str, Any]) -> None:
        """httpcore's trace hook: learns each new connection."""
        if event != "connection.connect_tcp.complete":
            return
        stream = info.get("return_value")
        made = stream.get_extra_info("socket") if stream is not None else None
        if made is None:
            return
        self._forget()
        with self._lock:
            # a handle of our own on the same connection: TLS takes the first one over
            self._socket = socket.socket(fileno=os.dup(made.fileno()))
            if self.fired:
                self._shut()

    def _fire(self) -> None:
        with self._lock:
            self.fired = True
            self._shut()

    def _shut(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        with self._lock:
            if self._socket is not None:
                self._socket.close()
                self._socket = None


@contextlib.contextmanager
def visit(
    url: str,
    *,
    seconds: float,
    stall: float,
    private: bool,
    hosts: Sequence[str] = ("*",),
    headers: dict[str, str] | None = None,
) -> Iterator[Answer]:
    """Ask for an address.

    Args:
        seconds: for everything together. stall: without a byte.
        private: whether addresses of this machine and its network may be asked.
        hosts: names that may be asked, for every hop.

    Raises:
        Refused: the address, or one it leads to, may not be asked.
        SourceUnavailable: it cannot be reached, breaks off, or takes too long.
    """
    import httpx

    start = url
    with Cut(seconds) as cut:
        try:
            # trust_env off: a proxy would resolve the name again, past the check
            with httpx.Client(timeout=min(stall, seconds), follow_redirects=False, trust_env=False) as client:
                for _ in range(REDIRECTS + 1):
                    if cut.fired:
                        raise httpx.ReadTimeout("deadline")
                    host = web(url).hostname
                    if not host_allowed(url, hosts):
                        raise Refused(
                            f"its host is not on the list of hosts that may be asked ({host})",
                            place=start,
                            remedy="add the host to catalog.fetch.hosts",
                        )
                    target = checked(url, private)
                    extensions = target.extensions | {"trace": cut.trace}
                    with client.stream(
                        "GET", target.url, headers=target.headers | (headers or {}), extensions=extensions
                    ) as answer:
                        if answer.is_redirect:
                            url = urljoin(url, answer.headers.get("location", ""))
                            continue
                        yield Answer(answer, url, cut)
                        return
        except (httpx.HTTPError, httpx.InvalidURL, socket.gaierror, UnicodeError) as error:
            if cut.fired:
                raise SourceUnavailable(
                    f"it took longer than {seconds:.0f} s", place=url, remedy="try later"
                ) from error
            raise SourceUnavailable(
                f"it cannot be fetched ({type(error).__name__})", place=url, remedy="check the address and the network"
            ) from error
    raise SourceUnavailable("it redirects too often", place=url, remedy="name the address it leads to")
