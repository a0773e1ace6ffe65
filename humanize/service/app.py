"""The FastAPI application: routes, and what they promise in OpenAPI."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.security import HTTPBearer
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import FileResponse, JSONResponse, Response

from humanize.errors import HumanizeError
from humanize.models.catalogue import catalogue
from humanize.options import DEFAULT_MODEL, OPTIONS, PERFORM_OPTIONS
from humanize.service import schemas
from humanize.service.answers import PackedFiles, PiecewiseResponse
from humanize.service.given import Given, taken_out
from humanize.service.guard import Admission, Interruption, SecurityHeaders, TokenCheck, WholeFiles
from humanize.service.interpreting import FORMS, PAIRS, interpreting_body, interpreting_options
from humanize.service.metrics import Metrics
from humanize.service.options import api_options
from humanize.service.pool import Pool
from humanize.service.problems import Problem, problem_of
from humanize.service.settings import ServiceSettings
from humanize.service.upload import receive, until_gone
from humanize.service.work import TABLES, Answer, UploadJob, Wanted

STATIC = Path(__file__).parent / "static"
log = logging.getLogger("humanize.service")

_ROUTES: dict[Wanted, str] = {
    "file": "humanize",
    "velocities": "velocities",
    "performance": "perform",
    "interpretation": "interpretation",
    "style": "style",
    "comparison": "compare",
    "morph": "morph",
}


def create_app(settings: ServiceSettings | None = None, pool: Pool | None = None) -> FastAPI:
    """Return the application.

    Parameters
    ----------
    settings : ServiceSettings, optional
        Limits and access; the defaults otherwise.
    pool : Pool, optional
        Of these settings, where the caller wants to stop it.
    """
    settings = settings or ServiceSettings()
    pool, metrics = pool or Pool(settings), Metrics()

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await pool.start()
        yield
        await pool.close()

    app = FastAPI(
        title="humanize",
        version=version("humanize-midi"),
        summary="A pianist's velocities for MIDI files and scores.",
        lifespan=lifespan,
        docs_url=None,  # /docs is a page of our own: FastAPI's asks another host for its scripts
        redoc_url=None,
        openapi_url="/openapi.json",
    )
    _add_uploads(app, settings, pool, metrics)
    _add_information(app, settings, pool, metrics)
    _add_page(app)
    _add_errors(app)
    app.add_middleware(Admission, settings=settings, refused=metrics.refused.inc)
    app.add_middleware(TokenCheck, token=settings.token)
    app.add_middleware(WholeFiles)
    app.add_middleware(Interruption)
    app.add_middleware(SecurityHeaders)
    return app


def _described_guards(settings: ServiceSettings) -> list[Any]:
    """Return what tells OpenAPI of the token; `TokenCheck` is what asks for it."""
    return [Depends(HTTPBearer(auto_error=False))] if settings.token else []


def _add_uploads(app: FastAPI, settings: ServiceSettings, pool: Pool, metrics: Metrics) -> None:
    guards = _described_guards(settings)

    async def answered(request: Request, wanted: Wanted) -> Response:
        started = time.perf_counter()
        route = _ROUTES[wanted]
        status = 499  # the client went away
        try:
            with metrics.under_way.track_inprogress():
                answer = await _answer(request, wanted, settings, pool)
            status = 200
            metrics.notes.inc(answer.notes)
            return PiecewiseResponse(
                answer.body, media_type=answer.media_type, seconds=settings.max_seconds
            )
        except Problem as problem:
            status = problem.status
            raise
        except ClientDisconnect:
            return Response(status_code=status)
        finally:
            metrics.requests.labels(route, str(status)).inc()
            metrics.seconds.labels(route).observe(time.perf_counter() - started)

    @app.post(
        "/v1/humanize",
        summary="Return the file with a pianist's velocities",
        openapi_extra=schemas.upload_body(given=True),
        responses=schemas.file_responses(settings),
        response_class=Response,
        dependencies=guards,
    )
    async def humanize(request: Request) -> Response:
        return await answered(request, "file")

    @app.post(
        "/v1/velocities",
        summary="Return the note table with old and new velocities",
        openapi_extra=schemas.upload_body(),
        responses=schemas.table_responses(settings),
        response_class=Response,
        dependencies=guards,
    )
    async def velocities(request: Request) -> Response:
        return await answered(request, "velocities")

    @app.post(
        "/v1/perform",
        summary="Return the file as a pianist would play it, a MIDI file",
        openapi_extra=schemas.upload_body(PERFORM_OPTIONS, given=True),
        responses=schemas.performance_responses(settings),
        response_class=Response,
        dependencies=guards,
    )
    async def perform(request: Request) -> Response:
        return await answered(request, "performance")

    @app.post(
        "/v1/interpretation",
        summary="Return how a pianist would play the notes: velocities, tempo, timing, pedal",
        openapi_extra=schemas.upload_body(PERFORM_OPTIONS),
        responses=schemas.interpretation_responses(settings),
        response_class=Response,
        dependencies=guards,
    )
    async def interpretation(request: Request) -> Response:
        return await answered(request, "interpretation")

    def interpreting(wanted: Wanted, summary: str, responses: Any) -> None:
        async def answer(request: Request) -> Response:
            return await answered(request, wanted)

        app.add_api_route(
            f"/v1/{_ROUTES[wanted]}",
            answer,
            methods=["POST"],
            summary=summary,
            operation_id=wanted,
            openapi_extra=interpreting_body(wanted),
            responses=responses,
            response_class=Response,
            dependencies=guards,
        )

    told = schemas.told_responses(settings)
    interpreting("style", "Return what is a pianist's own in a performance", told)
    interpreting("comparison", "Say how two interpretations of the same notes differ", told)
    played = schemas.performance_responses(settings)
    interpreting("morph", "Return what lies between two interpretations of the same notes", played)


async def _answer(
    request: Request, wanted: Wanted, settings: ServiceSettings, pool: Pool
) -> Answer:
    upload = await receive(request, settings, files=2 if wanted in PAIRS else 1)
    try:
        options, given = _options(wanted, upload.fields)
    except HumanizeError as error:
        raise problem_of(type(error).__name__, str(error)) from None
    job = UploadJob(
        wanted=wanted,
        data=upload.data,
        options=options,
        max_notes=settings.max_notes,
        given=given,
        second=upload.second,
    )
    answer = await pool.run(job, until_gone(request.receive))
    if answer.error:
        raise problem_of(answer.error, answer.message)
    return answer


def _options(wanted: Wanted, fields: list[tuple[str, str]]) -> tuple[dict[str, Any], Given | None]:
    """Return what the fields of a form ask for, and the interpretation among them."""
    if wanted in FORMS:
        return interpreting_options(wanted, fields), None
    known = OPTIONS if wanted in ("file", "velocities") else PERFORM_OPTIONS
    others, given = taken_out(fields) if wanted not in TABLES else (fields, None)
    return api_options(others, known), given


def _add_information(app: FastAPI, settings: ServiceSettings, pool: Pool, metrics: Metrics) -> None:
    guards = _described_guards(settings)

    @app.get(
        "/v1/models",
        summary="List the models",
        responses=schemas.models_responses(),
        dependencies=guards,
    )
    def models() -> JSONResponse:
        return JSONResponse(
            {"default": DEFAULT_MODEL, "models": [model.entry() for model in catalogue()]}
        )

    @app.get("/healthz", summary="Say that the service is up", responses=schemas.HEALTH)
    async def healthz() -> JSONResponse:
        return JSONResponse({"status": "ok"})

    @app.get(
        "/metrics",
        summary="Counters for Prometheus",
        responses=schemas.METRICS,
        dependencies=guards,
    )
    async def prometheus() -> Response:
        metrics.restarts.set(pool.restarts)
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)


def _add_page(app: FastAPI) -> None:
    def page(path: str, file: str) -> Callable[[], Any]:
        async def serve() -> FileResponse:
            return FileResponse(STATIC / file)

        app.add_api_route(path, serve, include_in_schema=False, methods=["GET", "HEAD"])
        return serve

    page("/", "index.html")
    page("/docs", "docs.html")
    app.mount("/static", PackedFiles(directory=STATIC), name="static")


def _add_errors(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(_: Request, error: Problem) -> JSONResponse:
        return error.response()

    @app.exception_handler(HTTPException)
    async def http_error(_: Request, error: HTTPException) -> JSONResponse:
        headers = dict(error.headers or {})
        return Problem(error.status_code, str(error.detail), headers=headers).response()

    @app.exception_handler(500)
    async def internal(_: Request, error: Exception) -> JSONResponse:
        log.error("an answer failed", exc_info=error)
        return Problem(500, "the service failed on this request; its log says why").response()
