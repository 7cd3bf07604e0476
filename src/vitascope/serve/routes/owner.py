"""What the owner of the library asks: health, status, problems, pipelines, models, and work that takes long."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Annotated

import orjson
from fastapi import APIRouter, Query
from fastapi.responses import PlainTextResponse, Response, StreamingResponse

from vitascope import __version__
from vitascope.base.errors import UnknownModel, UnknownSurface, VitascopeError
from vitascope.base.people import Surface
from vitascope.base.ports.service import Service
from vitascope.serve import _cursor
from vitascope.serve._jobs import Jobs
from vitascope.serve._problems import problem
from vitascope.serve.routes._common import Cursor, problems
from vitascope.serve.routes.events import IdempotencyKey
from vitascope.serve.wire import shape
from vitascope.serve.wire.answers import (
    HealthOut,
    JobOut,
    JobsOut,
    ModelOut,
    ModelsOut,
    ProblemsOut,
    StatusOut,
)
from vitascope.serve.wire.asked import JobIn


def router(service: Service, jobs: Jobs) -> APIRouter:
    """The routes over a library."""
    api = APIRouter(prefix="/v1", tags=["owner"])

    @api.get("/health/live", tags=["health"], summary="The process answers")
    async def live() -> HealthOut:
        return HealthOut(status="live", version=__version__)

    @api.get(
        "/health/ready",
        tags=["health"],
        summary="The library answers",
        response_model=HealthOut,
        responses=problems(503),
    )
    def ready() -> Response:
        try:
            version = service.status().version
        except VitascopeError as error:
            return problem(503, "not-ready", error.thing, place=error.place, remedy=error.remedy)
        return Response(
            orjson.dumps({"status": "ready", "version": version}),
            media_type="application/json",
        )

    @api.get(
        "/status",
        summary="Sizes, pending work, last fit, disk left",
        responses=problems(503),
    )
    def status() -> StatusOut:
        return shape.status(service.status())

    @api.get("/problems", summary="Inputs that were set aside", responses=problems())
    def set_aside(
        n: Annotated[int, Query(ge=1, le=1_000)] = 200,
        offset: Annotated[int, Query(ge=0, le=10_000_000)] = 0,
        cursor: Cursor = None,
    ) -> ProblemsOut:
        """In pages by `cursor`; `offset` does the same by number."""
        offset = _cursor.number("problems", cursor) or offset
        found = service.problems()
        some = tuple(shape.problem(p) for p in itertools.islice(found, offset, offset + n))
        rest = sum(1 for _ in found)
        return ProblemsOut(
            problems=some,
            total=offset + len(some) + rest if some else service.status().counts.problems,
            cursor=_cursor.wrap("problems", offset + len(some) if some and rest else None),
        )

    @api.get(
        "/export",
        summary="Every description, one JSON object a line",
        response_class=StreamingResponse,
        responses={200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}}},
    )
    def export() -> StreamingResponse:
        def lines() -> Iterator[bytes]:
            for line in service.export():
                yield orjson.dumps(line, default=str) + b"\n"

        return StreamingResponse(lines(), media_type="application/x-ndjson")

    @api.get(
        "/flow/{surface}",
        summary="A surface's pipeline, drawn",
        response_class=PlainTextResponse,
        responses=problems(404),
    )
    def flow(surface: str) -> str:
        try:
            return service.flow(Surface(surface))
        except ValueError as error:
            raise UnknownSurface(
                "there is no such surface",
                place=surface[:40],
                remedy=f"one of {', '.join(Surface)}",
            ) from error

    @api.get("/models", summary="Trained models with their evaluations")
    def models() -> ModelsOut:
        return ModelsOut(models=tuple(shape.model(m) for m in service.models()))

    @api.get("/models/current", summary="The model that ranks now", responses=problems(404))
    def current() -> ModelOut:
        trained = service.status().model
        if trained is None:
            raise UnknownModel(
                "nothing is trained yet",
                remedy="run `vitascope fit`, or POST a fit to /v1/jobs",
            )
        return shape.model(trained)

    @api.post(
        "/models/rollback",
        summary="Go back to the model before",
        responses=problems(404),
    )
    def rollback() -> ModelOut:
        return shape.model(service.rollback())

    @api.post(
        "/jobs",
        status_code=202,
        summary="Start a fit or a describe run",
        responses=problems(409),
    )
    def start(body: JobIn, idempotency_key: IdempotencyKey = None) -> JobOut:
        """One at a time; ask /v1/jobs/{id} how far it is. With `Idempotency-Key`, a repeated call finds the same job."""
        return jobs.start(body.kind, body.seed, idempotency_key)

    @api.get("/jobs", summary="What was begun")
    def begun() -> JobsOut:
        return JobsOut(jobs=tuple(jobs.all()))

    @api.get("/jobs/{job_id}", summary="How far a job is", responses=problems(404))
    def job(job_id: str) -> JobOut:
        return jobs.get(job_id)

    return api
