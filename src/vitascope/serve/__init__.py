"""Room 5: the HTTP API under /v1 and the web page, over one `Service`.

Takes a `base.ports.service.Service`; gives an ASGI application and a way to run it. It ranks nothing, writes no SQL and
builds no prompt: a route parses, calls once, shapes. FastAPI is imported only when an application is made.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from vitascope.serve._config import ServeConfig

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI

    from vitascope.base.ports.access import Access, IdentityProvider
    from vitascope.base.ports.observing import Tracer
    from vitascope.base.ports.service import Service

__all__ = ["ServeConfig", "create_app", "guarded", "run"]


def create_app(
    service: Service,
    config: ServeConfig | None = None,
    access: Access | None = None,
    identity: IdentityProvider | None = None,
    tracer: Tracer | None = None,
) -> FastAPI:
    """The application over a library. The caller keeps and closes the service.

    Args:
        access: keys and sign-ins; None: the server's token alone.
        identity: an OpenID Connect provider that owners may sign in with.
        tracer: where spans go; None: there are none. The application closes it.

    Raises:
        UsageError: the settings would open the library to other machines without a token.
    """
    from vitascope.serve._app import build

    return build(service, config or ServeConfig(), access, identity, tracer)


def guarded(inner: Any, config: ServeConfig, access: Access | None = None) -> FastAPI:
    """Another Starlette application behind the same gate, fit for `run`. Raises UsageError as `create_app` does."""
    from vitascope.serve._mount import guarded as build

    return build(inner, config, access)


def run(
    app: FastAPI,
    host: str | None = None,
    port: int | None = None,
    *,
    ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT, then end cleanly: running answers are finished, and the call returns.

    `host` and `port` default to the settings; port 0 takes a free one. `ready` is called with the address once the
    socket listens.

    Raises:
        UsageError: an address that other machines reach, without a token; or an address that cannot be bound.
    """
    from vitascope.serve._server import serve

    serve(app, host, port, ready)
