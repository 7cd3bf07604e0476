"""The application: routes, errors, the gate, the page, put together over one library."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Response

from vitascope import __version__
from vitascope.base.ports.access import Access, IdentityProvider
from vitascope.base.ports.observing import Tracer
from vitascope.base.ports.service import Service
from vitascope.serve import _access_routes, _openapi, _page, _problems
from vitascope.serve._config import ServeConfig, check_address
from vitascope.serve._feed import Feeds
from vitascope.serve._guard import Guard
from vitascope.serve._jobs import Jobs
from vitascope.serve._metrics import CONTENT_TYPE, Metrics
from vitascope.serve._observe import Observe, watched
from vitascope.serve.routes import (
    events,
    find,
    items,
    lists,
    live,
    media,
    moderation,
    owner,
    people,
    personal,
    privacy,
    surfaces,
    talk,
    uploads,
    why,
)

_ABOUT = """
A recommender for audio and video: items and what is known of them, what people did, lists with reasons.

Calls that change something carry `Content-Type: application/json`. Errors are RFC 9457 problem details with a stable
`code`, the place and the remedy. Acknowledged events are on disk, and the very next list knows them.
"""


def build(
    service: Service,
    config: ServeConfig,
    access: Access | None = None,
    identity: IdentityProvider | None = None,
    tracer: Tracer | None = None,
) -> FastAPI:
    """The application; see `create_app`."""
    check_address(config.host, config.token, access is not None and access.closed())
    metrics = Metrics(service, lambda: jobs.running, lambda: feeds.open_now)
    service = watched(service, metrics, tracer)
    jobs = Jobs(service)
    feeds = Feeds(
        service, every=config.feed_seconds, beat=config.feed_beat, most=config.feeds, most_each=config.feeds_each
    )

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        if service.received():  # before a restart, perhaps of another process
            jobs.soon("uploads")
        yield
        feeds.end()
        jobs.close(config.shutdown_seconds)
        if tracer is not None:
            tracer.close()

    app = FastAPI(
        title="Vitascope",
        version=__version__,
        description=_ABOUT,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # the usual pages load their scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        redirect_slashes=False,
    )
    app.state.config = config
    app.state.feeds = feeds
    app.state.access = access
    _problems.install(app)
    _openapi.install(app)
    app.include_router(media.router(service, config))
    app.include_router(items.router(service))
    app.include_router(find.router(service))
    app.include_router(events.router(service, config))
    app.include_router(lists.router(service))
    app.include_router(people.router(service))
    app.include_router(privacy.router(service))
    app.include_router(surfaces.router(service, feeds))
    app.include_router(live.router(service))
    app.include_router(talk.router(service))
    app.include_router(uploads.router(service, jobs))
    app.include_router(personal.router(service))
    app.include_router(moderation.router(service))
    app.include_router(why.router(service))
    app.include_router(owner.router(service, jobs))
    if access is not None:
        _access_routes.install(app, config, access, identity)

    @app.get("/metrics", include_in_schema=False)
    def scrape() -> Response:
        return Response(metrics.text(), media_type=CONTENT_TYPE)

    _page.install(app, config.static)
    app.add_middleware(Guard, config=config, access=access)
    # the last added is the outermost
    app.add_middleware(Observe, metrics=metrics, tracer=tracer, log_all=config.log_requests)
    return app
