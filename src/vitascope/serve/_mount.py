"""Another ASGI application behind the same gate: host names, token, origin, bounded bodies, headers."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI

from vitascope.base.ports.access import Access
from vitascope.serve._config import ServeConfig, check_address
from vitascope.serve._guard import Guard


class _NoFeeds:
    """Stands where the page's application keeps its open feeds: there are none here."""

    def end(self) -> None:
        """Nothing to end."""


def guarded(inner: Any, config: ServeConfig, access: Access | None = None) -> FastAPI:
    """`inner` (a Starlette application) with the gate in front, fit for `run`.

    Raises:
        UsageError: the settings would open it to other machines without a token.
    """
    check_address(config.host, config.token, access is not None and access.closed())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        async with inner.router.lifespan_context(inner):
            yield

    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None, lifespan=lifespan)
    app.state.config, app.state.feeds, app.state.access = config, _NoFeeds(), access
    app.mount("/", inner)
    app.add_middleware(Guard, config=config, access=access)
    return app
