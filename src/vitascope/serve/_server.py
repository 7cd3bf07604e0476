"""Running the application: one process, one socket, a clean end."""

from __future__ import annotations

import signal
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from vitascope.base.errors import UsageError
from vitascope.serve._config import ServeConfig, check_address, is_loopback


class _Server(uvicorn.Server):
    """Ends at SIGTERM and SIGINT, and returns: the stock server raises the signal again after its clean end.

    Args:
        ending: called when a signal came, so that answers without an end (feeds) come to one.
    """

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Handle the signals while serving, and put back what was there."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return

        def end(number: int, frame: FrameType | None) -> None:
            self._ending()
            self.handle_exit(number, frame)

        before = {number: signal.signal(number, end) for number in (signal.SIGTERM, signal.SIGINT)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        listening = socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise UsageError(
            f"cannot listen here: {reason}",
            place=f"{host}:{port}",
            remedy="name another --port (0 takes a free one)",
        ) from error
    listening.set_inheritable(True)
    return listening


def _tls(config: ServeConfig) -> dict[str, Any]:
    """What the server needs to speak TLS (1.2 or later), or nothing.

    Raises:
        UsageError: one of the two files is missing, or they do not fit together.
    """
    if config.tls_cert is None and config.tls_key is None:
        return {}
    if config.tls_cert is None or config.tls_key is None:
        raise UsageError(
            "a certificate goes with its key", place="serve.tls_cert, serve.tls_key", remedy="set both, or neither"
        )
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(config.tls_cert, config.tls_key)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise UsageError(
            f"the certificate cannot be used: {error.strerror if isinstance(error, OSError) else error}",
            place=f"{config.tls_cert}, {config.tls_key}",
            remedy="name PEM files of a certificate (with its chain) and of its key, without a passphrase",
        ) from error
    return {"ssl_certfile": str(config.tls_cert), "ssl_keyfile": str(config.tls_key)}


def serve(
    app: FastAPI,
    host: str | None,
    port: int | None,
    ready: Callable[[str], None] | None,
) -> None:
    """Listen and serve; see `run`."""
    config: ServeConfig = app.state.config
    address = config.host if host is None else host
    access = getattr(app.state, "access", None)
    check_address(address, config.token, access is not None and access.closed())
    if not is_loopback(address) and is_loopback(config.host):
        raise UsageError(
            "the application was made for loopback only",
            place=address,
            remedy="set serve.host to this address",
        )
    tls = _tls(config)
    with _listen(address, config.port if port is None else port) as listening:
        bound = listening.getsockname()
        shown = f"[{bound[0]}]" if ":" in bound[0] else bound[0]
        server = _Server(
            uvicorn.Config(
                app,
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=config.shutdown_seconds,
                timeout_keep_alive=15,
                ws="none",
                **tls,
            ),
            app.state.feeds.end,
        )
        if ready is not None:
            ready(
                f"{'https' if tls else 'http'}://{shown}:{bound[1]}"
            )  # connections already wait in the socket's queue
        server.run(sockets=[listening])
