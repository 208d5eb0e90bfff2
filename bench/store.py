"""How fast the store keeps: new incidents with alert, timeline leaf and delivery, one more alert of open incidents,
claims, wake-ups. Each batch is a durable commit.

    python bench/store.py sqlite:////tmp/bench.db        (or postgresql://…; an empty database)
"""

import asyncio
import cProfile
import pstats
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import MINUTE
from watchbill.domain.delivery import Delivery, Purpose
from watchbill.domain.incident import Course, Incident, Paging, Phase, Run, Transition
from watchbill.domain.people import PagingRule, PagingStep, Urgency
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.records import Alert, Saved
from watchbill.domain.routes import Start
from watchbill.domain.timeline import Entry, Kind
from watchbill.store.database import Database, open_database
from watchbill.store.transaction import Transaction

NOW = 1_780_000_000_000_000
SECONDS = 3.0
STEPS = tuple(Step(f"s{n}", (Target(TargetKind.USER, f"u{n}"), Target(TargetKind.TEAM, "t")), MINUTE) for n in range(5))
POLICY = EscalationPolicy("p1", 1, "primary", "Primary", STEPS)
PERSONAL = tuple(PagingStep((PagingRule("sms"), PagingRule("voice")), MINUTE) for _ in range(3))
STATE = (Phase.TRIGGERED, Urgency.HIGH, Signal.CRITICAL)
WHY = "Ann: on call by layer 2 of Primary"
COURSE = Course(
    policies=(POLICY,),
    starts=(Start("p1"),),
    runs=(Run(1, "p1", Urgency.HIGH, NOW, NOW + MINUTE, 1, paged=("u1",)),),
    pagings=(Paging(1, "u1", 1, Urgency.HIGH, NOW, NOW + MINUTE, PERSONAL, True, WHY),),
)
ENTRIES = tuple(Entry(NOW, kind, f"{WHY} until Mon 09:00") for kind in (Kind.OPENED, Kind.STEP, Kind.PAGE))
RAW = b'{"message_type":"CRITICAL","entity_id":"disk/full","state_message":"' + b"x" * 300 + b'"}'
FIELDS = {"message_type": "CRITICAL", "entity_id": "disk/full", "state_message": "x" * 100, "host": "db1", "n": 7}

Work = Callable[[Transaction, int], None]


def receive(tx: Transaction, first: int, count: int) -> None:
    """What taking a batch in asks of the store, without the decisions."""
    keys = [f"host-{number:09}/disk" for number in range(first, first + count)]
    tx.organizations({1})
    assert not tx.open_incidents([(1, key) for key in keys])
    numbers = tx.next_numbers(1, "incident", count)
    alerts, saves = [], []
    for number, key in zip(numbers, keys, strict=True):
        alert = Alert(tx.new_id(NOW), 1, "i1", NOW, event(key), number)
        alerts.append(alert)
        incident = Incident(
            *(1, number, tx.new_id(NOW), key, "Disk full", "/var is at 99 %", *STATE, NOW, NOW, NOW),
            routing_key="db",
            host="db1",
            first_alert_id=alert.id,
            last_alert_id=alert.id,
            transitions=(Transition(Phase.TRIGGERED, NOW),),
            course=COURSE,
        )
        saves.append(Saved(None, incident, NOW + MINUTE, ENTRIES, (page(tx.new_id(NOW), number),)))
    tx.add_alerts(alerts)
    tx.save(saves)


def event(key: str) -> AlertEvent:
    return AlertEvent(Signal.CRITICAL, key, "Disk full", fields=FIELDS, raw=RAW)


def page(id: str, number: int) -> Delivery:
    due = (NOW, NOW, NOW)
    return Delivery(id, 1, number, Purpose.PAGE, "sms", "+33123456789", Urgency.HIGH, WHY, *due, contact_id="c1", run=1)


def repeat(tx: Transaction, first: int, count: int) -> None:
    """One more alert each of the first incidents."""
    keys = [(1, f"host-{number % 1000 + 1:09}/disk") for number in range(first, first + count)]
    known = tx.open_incidents(keys)
    alerts = [Alert(tx.new_id(NOW), 1, "i1", NOW, event(key), 1) for _, key in keys]
    tx.add_alerts(alerts)
    tx.save([Saved(i, replace(i, alert_count=i.alert_count + 1), NOW + MINUTE) for i in known.values()])


def claim(tx: Transaction, first: int, count: int) -> None:
    assert len(tx.claim_deliveries(NOW, MINUTE, "n1", count)) == count


def wake(tx: Transaction, first: int, count: int) -> None:
    due = tx.due_incidents(NOW + MINUTE, count)
    assert len(due) == count
    course = replace(COURSE, runs=())
    tx.save([Saved(i, replace(i, course=course), NOW + 9 * MINUTE, ENTRIES) for i in due])


async def rate(db: Database, name: str, work: Callable[..., None], batch: int, waiting: int, most: int) -> None:
    """Batches of this size, so many waiting at a time, until the time is up or `most` rows are done."""
    done, began = 0, time.perf_counter()
    cpu = time.process_time()

    async def one() -> None:
        nonlocal done
        while time.perf_counter() - began < SECONDS and done < most:
            first, done = done + 1, done + batch
            await db.write(work, STARTED[0] + first, batch)

    await asyncio.gather(*(one() for _ in range(waiting)))
    STARTED[0] += done
    took, cpu = time.perf_counter() - began, time.process_time() - cpu
    each = cpu / done * 1e6
    print(f"{name:10} batch {batch:5} x {waiting:3}: {done / took:9,.0f}/s  {each:6.1f} us of CPU each", flush=True)


STARTED = [0]


async def main(url: str) -> None:
    db = open_database(url)
    await db.write(lambda tx: tx.create_organization("acme", "Acme", None, NOW))
    for batch, waiting in ((1, 1), (1, 64), (20, 3), (100, 8), (500, 2), (1000, 1)):
        await rate(db, "receive", receive, batch, waiting, 200_000)
    for batch, waiting in ((1, 64), (100, 4)):
        await rate(db, "repeat", repeat, batch, waiting, 200_000)
    await rate(db, "claim", claim, 500, 1, STARTED[0] // 8)
    await rate(db, "wake", wake, 500, 1, 40_000)
    db.close()


async def profiled(url: str) -> None:
    """Where the time of the writer goes, in batches of 100."""
    db = open_database(url)
    await db.write(lambda tx: tx.create_organization("acme", "Acme", None, NOW))
    profile = cProfile.Profile()

    def work(tx: Transaction, first: int, count: int) -> None:
        profile.enable()
        receive(tx, first, count)
        profile.disable()

    for number in range(200):
        await db.write(work, number * 100 + 1, 100)
    db.close()
    pstats.Stats(profile).sort_stats("tottime").print_stats(22)


if __name__ == "__main__":
    run: Callable[[str], Awaitable[None]] = profiled if "--profile" in sys.argv else main
    asyncio.run(run(sys.argv[1]))  # type: ignore[arg-type]
