"""The loops of a node, and how they do."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from itertools import count

from watchbill.asgi import health
from watchbill.asgi.metrics import Metrics
from watchbill.channels.registry import Registry
from watchbill.config import Config
from watchbill.domain.civil import SECOND
from watchbill.domain.delivery import Delivery, Message, Purpose, Verdict
from watchbill.domain.records import Health
from watchbill.domain.tokens import code_of
from watchbill.domain.training import Group, TrainingFile
from watchbill.engine.departures import Departures
from watchbill.engine.escalator import escalator
from watchbill.engine.janitor import janitor
from watchbill.engine.loop import Loop
from watchbill.engine.sender import Outside, Provider, Sender
from watchbill.engine.trainer import Shelf, trainer
from watchbill.engine.watchdog import watchdog
from watchbill.store.database import Database
from watchbill.usecases import deliveries, incidents
from watchbill.usecases import training as learning
from watchbill.usecases.deliveries import LEASE, Claimed, Result
from watchbill.usecases.ports import Tx
from watchbill.usecases.self_alarm import self_alarm
from watchbill.wiring.clock import Clock

# A loop that has not come round for this long is not ready.
STUCK_AFTER = 30 * SECOND


def _next_delivery(tx: Tx) -> int | None:
    return tx.next_delivery_due_at()


def _next_wake(tx: Tx) -> int | None:
    return tx.next_wake_at()


def _put_off_delivery(tx: Tx, now: int) -> object:
    return tx.put_off_delivery(now, now + LEASE)


def _put_off_incident(tx: Tx, now: int) -> object:
    return tx.put_off_incident(now, now + LEASE)


def _forget(tx: Tx, moment: int, limit: int) -> int:
    return tx.forget_before(moment, limit)


def _health(tx: Tx, now: int) -> Health:
    return tx.health(now)


def _dresser(config: Config, secret: bytes) -> Callable[[Message, Delivery], Message]:
    """Adds to what can be answered the code by which it is, and the links that hold it."""

    def dress(message: Message, delivery: Delivery) -> Message:
        if message.purpose not in (Purpose.PAGE, Purpose.VERIFY):
            return message
        code = code_of(secret, delivery.org, delivery.id)
        page = f"{config.url}/p/{code}"
        if message.purpose is Purpose.VERIFY:
            return replace(message, code=code, links={"verify": page})
        links = {"incident": page, "acknowledge": f"{page}?do=acknowledge", "resolve": f"{page}?do=resolve"}
        return replace(message, code=code, links=links)

    return dress


def sending(config: Config, database: Database, registry: Registry, parts: tuple[Metrics, Clock, str, bytes]) -> Sender:
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
    return Sender(
        Outside(claim, partial(database.write, _put_off_delivery), record, next_due, providers, dress, sent, clock)
    )


def escalating(database: Database, metrics: Metrics, clock: Clock, departures: Departures) -> Loop:
    async def advance_due(now: int, limit: int) -> incidents.Advanced:
        return await departures.carried_through(advance(now, limit))

    async def advance(now: int, limit: int) -> incidents.Advanced:
        done = await database.write(departures.claiming(partial(incidents.advance_due, limit=limit), now))
        departures.begin(done.kept)
        return done

    async def next_due() -> int | None:
        return await database.read(_next_wake)

    def advanced(done: incidents.Advanced, now: int) -> None:
        metrics.advanced.inc(done.count)
        for due in done.due_at:
            metrics.wake_up.observe(max(0, now - due) / SECOND)

    return escalator(advance_due, partial(database.write, _put_off_incident), next_due, advanced, clock)


def sweeping(database: Database, keep: int, clock: Clock) -> Loop:
    async def forget(moment: int, limit: int) -> int:
        return await database.write(_forget, moment, limit)

    return janitor(forget, keep, clock)


def training(database: Database, clock: Clock) -> Loop:
    async def queued() -> tuple[TrainingFile, bytes] | None:
        return await database.read(learning.waiting)

    async def forget(file: TrainingFile, limit: int) -> int:
        return await database.write(_forget_training, file, limit)

    async def add(file: TrainingFile, groups: Sequence[Group]) -> None:
        await database.write(_add_training, file, groups)

    async def finish(file: TrainingFile) -> bool:
        return await database.write(learning.finish, file)

    return trainer(Shelf(queued, forget, add, finish), clock)


def _forget_training(tx: Tx, file: TrainingFile, limit: int) -> int:
    return tx.forget_training(file.org, file.category, limit)


def _add_training(tx: Tx, file: TrainingFile, groups: Sequence[Group]) -> None:
    tx.add_training(file.org, file.category, groups)


def watching(database: Database, metrics: Metrics, clock: Clock) -> Loop:
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


def checks(database: Database, metrics: Metrics, clock: Clock, loops: Sequence[Loop]) -> health.Checks:
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
