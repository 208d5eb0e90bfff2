"""A dialect on the wire: from an HTTP request to one transaction and back.

    request -> Paths.find -> Limits.take -> database.read | database.write: authenticate, handler -> Reply
                     what is refused anywhere on the way -> refuse -> Reply

A handler is a plain function of the transaction: it looks up, asks for the right, calls a use case and says the result
in the dialect's words. It may be run again, so it changes nothing but the transaction.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

import structlog

from watchbill.asgi.body import Disconnected, Receive, Scope, Send, body_of
from watchbill.asgi.limits import Limits, Quota, Standing, TooOften
from watchbill.asgi.paths import Paths
from watchbill.asgi.requests import Call, Passwords, Reply, Request, raw_path, request_of
from watchbill.domain.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Refused,
    TooLarge,
    Unauthenticated,
    Unavailable,
)
from watchbill.domain.incident import Actor
from watchbill.usecases.access import Caller
from watchbill.usecases.ports import Tx

T = TypeVar("T")
log = structlog.get_logger()

LARGEST_BODY = 12 * 1024 * 1024
RETRY_AFTER = 5
NOBODY = Caller(0, Actor("nobody"), readonly=True)
# The protective limit counts over so many seconds, so that a client may come in bursts.
PROTECTION_SECONDS = 10


class NotAllowed(Refused):
    """The address is known, the method is not. `allow` are the methods that it knows."""

    def __init__(self, method: str, allow: Sequence[str]) -> None:
        super().__init__(f"{method} is not possible here; use {', '.join(allow)}")
        self.allow = tuple(allow)


STATUSES: tuple[tuple[type[Exception], int], ...] = (
    (TooOften, 429),
    (NotAllowed, 405),
    (Unauthenticated, 401),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (TooLarge, 413),
    (Refused, 400),
    (Unavailable, 503),
)


def status_of(error: Exception) -> int:
    """The status that HTTP has for a refusal; 500 for a fault of ours. A dialect may know better."""
    return next((status for kind, status in STATUSES if isinstance(error, kind)), 500)


Handler = Callable[[Tx, Call], Reply]


@dataclass(frozen=True, slots=True)
class Route:
    """`writes`: its transaction may change something. `open`: for callers who have no key yet; the handler gets one
    without rights. `ingest`: it takes alerts, so it is never limited."""

    method: str
    path: str
    handler: Handler
    writes: bool = False
    open: bool = False
    ingest: bool = False
    quota: Quota | None = None


def get(path: str, handler: Handler, **more: Any) -> Route:
    return Route("GET", path, handler, **more)


def post(path: str, handler: Handler, **more: Any) -> Route:
    return Route("POST", path, handler, True, **more)


def put(path: str, handler: Handler, **more: Any) -> Route:
    return Route("PUT", path, handler, True, **more)


def patch(path: str, handler: Handler, **more: Any) -> Route:
    return Route("PATCH", path, handler, True, **more)


def delete(path: str, handler: Handler, **more: Any) -> Route:
    return Route("DELETE", path, handler, True, **more)


def only_reads(route: Route) -> Route:
    """A POST that changes nothing, such as a search."""
    return replace(route, writes=False)


@dataclass(frozen=True, slots=True)
class Dialect:
    """`credential`: what of a request tells one caller from another, for counting. `authenticate` raises
    Unauthenticated, or Forbidden for a key that may not do such a thing at all.

    `refuse` clothes a refusal, an Unavailable, or (any other exception) a fault of ours. `counted` says a standing in
    headers, where the documented limits are on.
    """

    name: str
    routes: Sequence[Route]
    credential: Callable[[Request], str]
    authenticate: Callable[[Tx, Request], Caller]
    refuse: Callable[[Exception, Request], Reply]
    counted: Callable[[Standing], Mapping[str, str]] = lambda standing: {}


class Runs(Protocol):
    """The database, as a dialect uses it."""

    async def write(self, fn: Callable[..., T], *args: Any) -> T: ...
    async def read(self, fn: Callable[..., T], *args: Any) -> T: ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a dialect has around it. `written` is told after a write: pages may be due. `observe` is told the dialect,
    the method and the status of each answer. `protection`: requests a second of one caller, None for no limit."""

    database: Runs
    clock: Callable[[], int]
    url: str
    token: Callable[[int], str]
    written: Callable[[], None]
    observe: Callable[[str, str, int], None]
    protection: int | None
    documented_limits: bool
    passwords: Passwords | None = None


class Api:
    """An ASGI application for the paths of one dialect."""

    def __init__(self, dialect: Dialect, around: Surroundings) -> None:
        self._dialect = dialect
        self._around = around
        self._paths = Paths(dialect.routes)
        self._limits = Limits()
        self._protection = (
            Quota("protection", around.protection * PROTECTION_SECONDS, PROTECTION_SECONDS)
            if around.protection is not None
            else None
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        around = self._around
        request = request_of(scope, around.clock(), around.url, around.token, around.passwords)
        try:
            reply = await self._answer(request, receive)
        except Disconnected:
            return
        except Exception as error:
            if not isinstance(error, (Refused, Unavailable)):
                log.exception("api fault", dialect=self._dialect.name, method=request.method, path=raw_path(scope))
            reply = _retried(self._dialect.refuse(error, request), error)
        around.observe(self._dialect.name, request.method, reply.status)
        await _send(send, reply, head=request.method == "HEAD")

    async def _answer(self, request: Request, receive: Receive) -> Reply:
        route, params, allow = self._paths.find(request.method, request.path)
        told = self._count(request, route)
        request = replace(request, body=await body_of(receive, LARGEST_BODY))

        def run(tx: Tx) -> Reply:
            if route is not None and route.open:
                return route.handler(tx, Call(request, NOBODY, params))
            caller = self._dialect.authenticate(tx, request)
            if route is None:
                raise NotAllowed(request.method, allow) if allow else NotFound("there is no such address")
            if any("\0" in value for value in params.values()):
                raise NotFound("a name has no null character")
            return route.handler(tx, Call(request, caller, params))

        if route is not None and route.writes:
            reply = await self._around.database.write(run)
            self._around.written()
        else:
            reply = await self._around.database.read(run)
        return replace(reply, headers={**told, **reply.headers}) if told else reply

    def _count(self, request: Request, route: Route | None) -> Mapping[str, str]:
        """Raises TooOften. What the documented limits say of themselves in headers."""
        if route is not None and route.ingest:
            return {}
        who = hashlib.sha256(self._dialect.credential(request).encode("utf-8", "replace")).digest()
        if self._protection is not None:
            self._limits.take(who, self._protection, request.now)
        if route is None or route.quota is None or not self._around.documented_limits:
            return {}
        return self._dialect.counted(self._limits.take(who, route.quota, request.now))


def _retried(reply: Reply, error: Exception) -> Reply:
    """The reply with the headers that such a refusal has in HTTP."""
    headers = dict(reply.headers)
    if isinstance(error, TooOften):
        headers.setdefault("retry-after", str(error.standing.reset))
    if isinstance(error, Unavailable):
        headers.setdefault("retry-after", str(RETRY_AFTER))
    if isinstance(error, NotAllowed):
        headers.setdefault("allow", ", ".join(error.allow))
    return replace(reply, headers=headers)


async def _send(send: Send, reply: Reply, head: bool) -> None:
    body = reply.encoded()
    headers = [(name.encode(), value.encode("latin-1", "replace")) for name, value in reply.headers.items()]
    if body or reply.status not in (204, 304):
        headers.append((b"content-length", str(len(body)).encode()))
    if body:
        headers.append((b"content-type", reply.media_type.encode()))
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else body})
