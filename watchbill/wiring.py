"""What is plugged into what: one straight line from the configuration to a running node, torn down in reverse order."""

import asyncio
import secrets
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from importlib.metadata import version
from itertools import count

import structlog
from starlette.applications import Starlette
from starlette.routing import BaseRoute

from watchbill.asgi import health
from watchbill.asgi.body import Receive, Scope, Send
from watchbill.asgi.metrics import Metrics
from watchbill.channels import mailbox
from watchbill.channels.pocket import Pocket
from watchbill.channels.registry import Registry
from watchbill.channels.smtp import Smtp
from watchbill.channels.webhook import Webhook
from watchbill.config import Config
from watchbill.domain.civil import SECOND
from watchbill.domain.delivery import Delivery, Message, Purpose, Verdict
from watchbill.domain.records import Health
from watchbill.domain.tokens import code_of, opened_code, opened_pocket
from watchbill.engine.departures import Departures
from watchbill.engine.escalator import escalator
from watchbill.engine.janitor import janitor
from watchbill.engine.loop import Loop
from watchbill.engine.sender import Outside, Provider, Sender
from watchbill.engine.watchdog import watchdog
from watchbill.intake.collector import Collector
from watchbill.intake.doors import Door, Doors
from watchbill.intake.replies import Replies
from watchbill.intake.routes import PREFIXES, Intake
from watchbill.intake.smtpd import Letter, MailRoom, listen
from watchbill.store.database import Database, open_database
from watchbill.usecases import deliveries, incidents, replies
from watchbill.usecases.alerts import Arrival, Receipt, take_in
from watchbill.usecases.deliveries import Claimed, Result
from watchbill.usecases.keys import integration_of
from watchbill.usecases.ports import Tx
from watchbill.usecases.self_alarm import self_alarm
from watchbill.web.ports import WebPorts
from watchbill.web.routes import routes

log = structlog.get_logger()

# How long a node that stops waits for sends under way, and how often it compares its clock with the database's.
DRAIN_SECONDS = 10.0
CLOCK_EVERY = 5.0
# One log line names so many incidents at most.
MOST_LOGGED = 20
# A loop that has not come round for this long is not ready.
STUCK_AFTER = 30 * SECOND


class Clock:
    """Microseconds since 1970. With several nodes the database's clock counts: `offset` is how far ours is behind
    it.
    """

    def __init__(self) -> None:
        self.offset = 0

    def local(self) -> int:
        return time.time_ns() // 1000  # noqa: TID251 - the one place where the clock is read

    def __call__(self) -> int:
        return self.local() + self.offset


@dataclass(frozen=True, slots=True)
class Node:
    """A running node: what the command line and the tests hold in their hands. Whoever stops it sets `stopping` first,
    which ends the streams that browsers hold open."""

    app: Callable[[Scope, Receive, Send], Awaitable[None]]
    database: Database
    pocket: Pocket
    metrics: Metrics
    clock: Clock
    secret: bytes
    stopping: asyncio.Event


def new_secret() -> bytes:
    return secrets.token_bytes(32)


def new_key() -> str:
    """A deduplication key for an alert that has none."""
    return secrets.token_hex(16)


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
        registry = Registry([*(Smtp(relay) for relay in config.relays), Webhook(config.webhook), pocket])
        stack.push_async_callback(registry.close)

        sender = _sender(config, database.lane("engine"), registry, (metrics, clock, name, secret))
        departures = Departures(name, sender, clock, lambda: _hint(sender.loop, escalate))
        escalate = _escalator(database.lane("engine"), metrics, clock, departures)
        watch = _watchdog(database, metrics, clock)

        def taken(arrivals: Sequence[Arrival], receipts: Sequence[Receipt]) -> None:
            for signal, count in Counter(arrival.event.signal for arrival in arrivals).items():
                metrics.alerts.labels(signal).inc(count)
            numbers = sorted({receipt.incident for receipt in receipts if receipt.incident is not None})
            log.info("alerts taken in", count=len(arrivals), incidents=numbers[:MOST_LOGGED])

        collector = Collector(_take_in(database.lane("intake"), departures), clock, taken)
        doors = Doors(_finder(database))
        answered = _answered(database, clock, sender.loop.hint)
        room = _mail_room(config, (doors, collector, clock), secret, answered)
        tasks = [sender.run(), escalate.run(), watch.run(), _keep_time(database, clock)]
        if config.keep is not None:
            tasks.append(_janitor(database.lane("engine"), config.keep, clock).run())
        stack.push_async_callback(sender.drain, DRAIN_SECONDS)
        for task in [asyncio.create_task(one) for one in tasks]:
            stack.push_async_callback(_stopped, task)
        if config.mail_port is not None:
            server = await listen(room, config.mail_host, config.mail_port, config.mail_domain or "localhost")
            stack.callback(server.close)
        stopping = asyncio.Event()
        web = _web(database, pocket, secret, answered, stopping)
        checks = _checks(database, metrics, clock, [sender.loop, escalate])
        app = _app(Intake(doors, collector, clock, new_key, metrics.refuse), [*health.routes(checks), *routes(web)])
        yield Node(app, database, pocket, metrics, clock, secret, stopping)


def _server_secret(tx: Tx) -> bytes:
    return tx.server_secret("pages", new_secret)


def _next_delivery(tx: Tx) -> int | None:
    return tx.next_delivery_due_at()


def _next_wake(tx: Tx) -> int | None:
    return tx.next_wake_at()


def _forget(tx: Tx, moment: int, limit: int) -> int:
    return tx.forget_before(moment, limit)


def _health(tx: Tx, now: int) -> Health:
    return tx.health(now)


async def _stopped(task: "asyncio.Task[None]") -> None:
    task.cancel()
    await asyncio.wait([task])


def _observer(metrics: Metrics) -> Callable[[int, float], None]:
    def observe(size: int, seconds: float) -> None:
        metrics.commits.observe(size)
        metrics.commit_seconds.observe(seconds)

    return observe


async def _keep_time(database: Database, clock: Clock) -> None:
    """Follows the database's clock, so that several nodes agree on what is due."""
    while True:
        await asyncio.sleep(CLOCK_EVERY)
        try:
            clock.offset = await database.clock_offset(clock.local)
        except Exception:
            log.warning("the database's clock can't be read")


def _hint(*loops: Loop) -> None:
    for loop in loops:
        loop.hint()


def _take_in(
    database: Database, departures: Departures
) -> Callable[[Sequence[Arrival], int], Awaitable[list[Receipt]]]:
    async def take(arrivals: Sequence[Arrival], now: int) -> list[Receipt]:
        taken = await database.write(departures.claiming(partial(take_in, arrivals=arrivals), now))
        departures.begin(taken.kept)
        return taken.receipts

    return take


def _finder(database: Database) -> Callable[[bytes], Awaitable[Door | None]]:
    def find(tx: Tx, digest: bytes) -> Door | None:
        found = integration_of(tx, digest)
        if found is None:
            return None
        org, integration = found
        return Door(org.number, integration, org.settings.unparseable_mail)

    async def look_up(digest: bytes) -> Door | None:
        return await database.read(find, digest)

    return look_up


def _answered(
    database: Database, clock: Clock, hint: Callable[[], None]
) -> Callable[[int, str, replies.Answer], Awaitable[replies.Question]]:
    async def answer(org: int, delivery_id: str, what: replies.Answer) -> replies.Question:
        question = await database.write(replies.answer, org, delivery_id, what, clock())
        hint()
        return question

    return answer


def _mail_room(
    config: Config,
    parts: tuple[Doors, Collector, Clock],
    secret: bytes,
    answered: Callable[[int, str, replies.Answer], Awaitable[object]],
) -> MailRoom:
    doors, collector, clock = parts

    def read(raw: bytes) -> Letter:
        mail = mailbox.read_mail(raw)
        return Letter(mail.sender, mail.subject, mail.text, mail.auto_submitted, mailbox.answer(mail))

    return MailRoom(
        read=read,
        reply_code=mailbox.reply_code,
        doors=doors,
        collector=collector,
        replies=Replies(lambda code: opened_code(secret, code), answered),
        clock=clock,
        domain=config.mail_domain,
        new_key=new_key,
    )


def _dresser(config: Config, secret: bytes) -> Callable[[Message, Delivery], Message]:
    """Adds to a page the code by which it is answered, and the links that hold it."""

    def dress(message: Message, delivery: Delivery) -> Message:
        if message.purpose is not Purpose.PAGE:
            return message
        code = code_of(secret, delivery.org, delivery.id)
        page = f"{config.url}/p/{code}"
        links = {"incident": page, "acknowledge": f"{page}?do=acknowledge", "resolve": f"{page}?do=resolve"}
        return replace(message, code=code, links=links)

    return dress


def _sender(config: Config, database: Database, registry: Registry, parts: tuple[Metrics, Clock, str, bytes]) -> Sender:
    metrics, clock, name, secret = parts

    def providers(channel: str) -> Sequence[Provider]:
        return [provider.send for provider in registry.providers(channel)]

    def sent(delivery: Delivery, verdict: Verdict, late: int) -> None:
        metrics.sends.labels(delivery.channel, verdict.outcome).inc()
        if delivery.attempts == 1:
            metrics.first_page.observe(max(0, late) / SECOND)

    async def claim(now: int, limit: int) -> Claimed:
        runs = count()

        def once_more(tx: Tx) -> Claimed:
            return deliveries.claim(tx, now, name, limit, next(runs) > 0)

        return await database.write(once_more)

    async def record(results: Sequence[Result], now: int) -> None:
        await database.write(deliveries.record, results, now)

    async def next_due() -> int | None:
        return await database.read(_next_delivery)

    dress = _dresser(config, secret)
    return Sender(Outside(claim, record, next_due, providers, dress, sent, clock))


def _escalator(database: Database, metrics: Metrics, clock: Clock, departures: Departures) -> Loop:
    async def advance_due(now: int, limit: int) -> incidents.Advanced:
        return await database.write(departures.claiming(partial(incidents.advance_due, limit=limit), now))

    async def next_due() -> int | None:
        return await database.read(_next_wake)

    def advanced(done: incidents.Advanced, now: int) -> None:
        metrics.advanced.inc(done.count)
        for due in done.due_at:
            metrics.wake_up.observe(max(0, now - due) / SECOND)
        departures.begin(done.kept)

    return escalator(advance_due, next_due, advanced, clock)


def _janitor(database: Database, keep: int, clock: Clock) -> Loop:
    async def forget(moment: int, limit: int) -> int:
        return await database.write(_forget, moment, limit)

    return janitor(forget, keep, clock)


def _watchdog(database: Database, metrics: Metrics, clock: Clock) -> Loop:
    async def examine(now: int) -> Health:
        found = await database.read(_health, now)
        _show(metrics, found, now)
        return found

    async def alarm(name: str, text: str, on: bool) -> None:
        await database.write(self_alarm, name, text, on, clock())

    return watchdog(examine, alarm, clock)


def _show(metrics: Metrics, found: Health, now: int) -> None:
    def age(at: int | None) -> float:
        return max(0, now - at) / SECOND if at is not None else 0

    metrics.open_incidents.set(found.open_incidents)
    metrics.stuck.set(found.stuck_incidents)
    metrics.wake_queue_age.set(age(found.oldest_wake_at))
    metrics.page_queue_age.set(age(found.oldest_delivery_due_at))
    metrics.waiting_pages.set(found.waiting_deliveries)


def _checks(database: Database, metrics: Metrics, clock: Clock, loops: Sequence[Loop]) -> health.Checks:
    async def refresh() -> None:
        now = clock()
        _show(metrics, await database.read(_health, now), now)

    async def ready() -> dict[str, str]:
        now = clock()
        wrong = {}
        try:
            async with asyncio.timeout(2):
                await database.read(_next_wake)
        except Exception as error:
            wrong["database"] = type(error).__name__
        for loop in loops:
            if loop.last_turn_at is None or now - loop.last_turn_at > STUCK_AFTER:
                wrong[loop.name] = "has not come round lately"
        return wrong

    return health.Checks(ready, refresh, metrics)


def _web(
    database: Database,
    pocket: Pocket,
    secret: bytes,
    answered: Callable[[int, str, replies.Answer], Awaitable[replies.Question]],
    stopping: asyncio.Event,
) -> WebPorts:
    async def look_up(code: str) -> replies.Question:
        return await database.read(replies.look_up, *opened_code(secret, code))

    async def answer(code: str, what: replies.Answer) -> replies.Question:
        return await answered(*opened_code(secret, code), what)

    return WebPorts(
        look_up=look_up,
        answer=answer,
        pocket_address=lambda token: opened_pocket(secret, token),
        recent=pocket.recent,
        listen=pocket.listen,
        stopping=stopping.wait,
        version=version("watchbill"),
    )


def _app(intake: Intake, others: Sequence[BaseRoute]) -> Callable[[Scope, Receive, Send], Awaitable[None]]:
    rest = Starlette(routes=others)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(PREFIXES):
            await intake(scope, receive, send)
        else:
            await rest(scope, receive, send)

    return app
