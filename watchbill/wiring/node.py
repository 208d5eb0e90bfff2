"""What is plugged into what: one straight line from the configuration to a running node, torn down in reverse order."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from watchbill.asgi import descriptions, health
from watchbill.asgi.body import Receive, Scope, Send
from watchbill.asgi.metrics import Metrics
from watchbill.channels.pocket import Pocket
from watchbill.config import Config
from watchbill.domain.delivery import Message
from watchbill.engine.departures import Departures
from watchbill.engine.loop import Loop
from watchbill.intake.collector import Collector
from watchbill.intake.doors import Doors
from watchbill.intake.routes import PREFIXES, Intake
from watchbill.intake.smtpd import listen
from watchbill.store.database import Database, open_database
from watchbill.usecases.alerts import Arrival, Receipt
from watchbill.usecases.ports import Tx
from watchbill.web.routes import routes
from watchbill.wiring import dialects, doors, loops
from watchbill.wiring.channels import channels
from watchbill.wiring.clock import Clock, keep_time
from watchbill.wiring.dialects import App
from watchbill.wiring.late import Late

log = structlog.get_logger()

# How long a node that stops waits for sends under way.
DRAIN_SECONDS = 10.0
# What only some answers need, and finds for itself where it is not loaded yet.
LATE_MODULES = ("watchbill.domain.phones", "watchbill.web.templating")
# One log line names so many incidents at most.
MOST_LOGGED = 20


@dataclass(frozen=True, slots=True)
class Node:
    """A running node: what the command line and the tests hold in their hands. Whoever stops it sets `stopping` first,
    which ends the streams that browsers hold open. `intake` is a part of `app`. `load` loads, in a thread, what it did
    not need to begin."""

    app: Callable[[Scope, Receive, Send], Awaitable[None]]
    intake: Intake
    database: Database
    pocket: Pocket
    metrics: Metrics
    clock: Clock
    secret: bytes
    stopping: asyncio.Event
    load: Callable[[], None]


def new_secret() -> bytes:
    return secrets.token_bytes(32)


@asynccontextmanager
async def node(config: Config, say: Callable[[Message], None] | None = None) -> AsyncIterator[Node]:
    """Starts a node and its loops; stops them in reverse order. `say` is told of each page that a pocket gets."""
    async with AsyncExitStack() as stack:
        metrics = Metrics()
        clock = Clock()
        name = secrets.token_hex(4)
        database = await asyncio.to_thread(open_database, config.database, config.patience, _observer(metrics))
        stack.callback(database.close)
        clock.offset = await database.clock_offset(clock.local)
        secret = await database.write(_server_secret)
        pocket = Pocket(say) if say is not None else Pocket()
        registry, providers = channels(config, pocket)
        stack.push_async_callback(registry.close)

        sender = loops.sending(config, database.lane("engine"), registry, (metrics, clock, name, secret))
        departures = Departures(name, sender, clock, lambda: _hint(sender.loop, escalate))
        escalate = loops.escalating(database.lane("engine"), metrics, clock, departures)
        watch = loops.watching(database, metrics, clock)

        def taken(arrivals: Sequence[Arrival], receipts: Sequence[Receipt]) -> None:
            for signal, count in Counter(arrival.event.signal for arrival in arrivals).items():
                metrics.alerts.labels(signal).inc(count)
            numbers = sorted({receipt.incident for receipt in receipts if receipt.incident is not None})
            log.info("alerts taken in", count=len(arrivals), incidents=numbers[:MOST_LOGGED])

        collector = Collector(doors.taking_in(database.lane("intake"), departures), clock, taken)
        known = Doors(doors.finder(database))
        answered = doors.answered(database, clock, sender.loop.hint)
        room = doors.mail_room(config, (known, collector, clock), secret, answered)
        learn = loops.training(database.lane("engine"), clock)
        tasks = [sender.run(), escalate.run(), watch.run(), learn.run(), keep_time(database, clock)]
        if config.keep is not None:
            tasks.append(loops.sweeping(database.lane("engine"), config.keep, clock).run())
        stack.push_async_callback(sender.drain, DRAIN_SECONDS)
        for task in [asyncio.create_task(one) for one in tasks]:
            stack.push_async_callback(_stopped, task)
        if config.mail_port is not None:
            server = await listen(room, config.mail_host, config.mail_port, config.mail_domain or "localhost")
            stack.callback(server.close)
        stopping = asyncio.Event()
        web = doors.web(database, pocket, secret, answered, stopping)
        checks = loops.checks(database, metrics, clock, [sender.loop, escalate])
        apis = dialects.dialects(config, database, clock, metrics, lambda: _hint(sender.loop, escalate))
        intake = Intake(known, collector, clock, doors.new_key, metrics.refuse)
        others = [*health.routes(checks), *descriptions.routes(dialects.published()), *routes(web)]
        app = _app(intake, dialects.doors(apis), others)
        late = partial(_load, [*providers, *apis.values()])
        yield Node(app, intake, database, pocket, metrics, clock, secret, stopping, late)


def _server_secret(tx: Tx) -> bytes:
    return tx.server_secret("pages", new_secret)


def _load(late: Sequence[Late[Any]]) -> None:
    for each in late:
        each.load()
    for module in LATE_MODULES:
        import_module(module)


async def _stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])


def _observer(metrics: Metrics) -> Callable[[int, float], None]:
    def observe(size: int, seconds: float) -> None:
        metrics.commits.observe(size)
        metrics.commit_seconds.observe(seconds)

    return observe


def _hint(*them: Loop) -> None:
    for loop in them:
        loop.hint()


def _app(
    intake: Intake, apis: Sequence[tuple[str, App]], others: Sequence[BaseRoute]
) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    """Who answers for a path: the longest prefix that fits decides."""
    rest = Starlette(routes=others)
    doors: list[tuple[str, App]] = [*((prefix, intake) for prefix in PREFIXES), *apis]
    doors.sort(key=lambda door: -len(door[0]))

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        path = "/" + scope["path"].lstrip("/") if scope["type"] == "http" else ""
        for prefix, door in doors:
            if path.startswith(prefix):
                await door(scope, receive, send)
                return
        await rest(scope, receive, send)

    return app
