"""Health and metrics, for balancers and Prometheus."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from watchbill.asgi.metrics import Metrics


@dataclass(frozen=True, slots=True)
class Checks:
    """`ready` says what is wrong, by name; empty when this node can take alerts and page. `refresh` brings the
    gauges up
    to date before they are read."""

    ready: Callable[[], Awaitable[dict[str, str]]]
    refresh: Callable[[], Awaitable[None]]
    metrics: Metrics


def routes(checks: Checks) -> list[Route]:
    async def live(request: Request) -> Response:
        return JSONResponse({"status": "live"})

    async def ready(request: Request) -> Response:
        wrong = await checks.ready()
        return JSONResponse({"status": "not ready" if wrong else "ready", "wrong": wrong}, 503 if wrong else 200)

    async def metrics(request: Request) -> Response:
        await checks.refresh()
        return Response(checks.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")

    return [
        Route("/health/live", live),
        Route("/health/ready", ready),
        Route("/metrics", metrics),
    ]
