"""Values for the store's tests, with as much in them as can be."""

from collections.abc import Callable
from typing import Any

from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.civil import MINUTE, SECOND, Hours, Window
from watchbill.domain.delivery import Delivery, Purpose
from watchbill.domain.incident import Course, Incident, Paging, Phase, Repeat, Run, Transition
from watchbill.domain.organization import Organization
from watchbill.domain.people import PagingRule, PagingStep, Urgency
from watchbill.domain.plans import EscalationPolicy, Step, Stop, Target, TargetKind
from watchbill.domain.records import Alert, Saved
from watchbill.domain.routes import Start
from watchbill.domain.timeline import Entry, Kind
from watchbill.store.database import Database
from watchbill.store.transaction import Transaction

NOW = 1_780_000_000_000_000
HOURS = Hours("Europe/Paris", (Window(0, 0, 4, 64_800),))
POLICY = EscalationPolicy(
    "p1",
    1,
    "primary",
    "Primary",
    (Step("s1", (Target(TargetKind.USER, "u1"),), 5 * MINUTE),),
    stop_on=frozenset({Stop.RESOLVED, Stop.ACKNOWLEDGED}),
)
RUN = Run(1, "p1", Urgency.HIGH, NOW, NOW + MINUTE, support_hours=HOURS, repeats=(Repeat(1, 2, NOW),), paged=("u1",))
PAGING = Paging(1, "u1", 1, Urgency.HIGH, NOW, NOW, (PagingStep((PagingRule("sms"),), MINUTE),), True, "on call")
COURSE = Course(
    policies=(POLICY,),
    starts=(Start("p1", urgency=Urgency.LOW),),
    runs=(RUN,),
    pagings=(PAGING,),
    snoozed_by="ann",
)
OPENED = (Entry(NOW, Kind.OPENED, "opened by an alert", data={"alert": "a1", "deep": {"n": [1, None, 2.5]}}),)


async def an_organization(db: Database, slug: str = "acme") -> Organization:
    return await db.write(lambda tx: tx.create_organization(slug, slug.title(), None, NOW))


def an_incident(number: int, key: str | None = None, **more: Any) -> Incident:
    values: dict[str, Any] = {
        "org": 1,
        "number": number,
        "id": f"incident-{number:09}",
        "key": key or f"key {number}",
        "title": "Disk full",
        "message": "/var is at 99 %",
        "phase": Phase.TRIGGERED,
        "urgency": Urgency.HIGH,
        "state": Signal.CRITICAL,
        "opened_at": NOW + number * SECOND,
        "phase_at": NOW + number * SECOND,
        "last_alert_at": NOW + number * SECOND,
        "routing_key": "db",
        "host": "db1",
        "annotations": (Annotation(AnnotationKind.URL, "runbook", "https://example.org/r"),),
        "transitions": (Transition(Phase.TRIGGERED, NOW, "ann", True, "by hand", "a1"),),
        "course": COURSE,
    }
    return Incident(**(values | more))


def new(incident: Incident, wake_at: int | None = None, **more: Any) -> Saved:
    return Saved(None, incident, wake_at, **more)


def a_delivery(id: str, **more: Any) -> Delivery:
    values: dict[str, Any] = {
        "id": id,
        "org": 1,
        "incident": 1,
        "purpose": Purpose.PAGE,
        "channel": "sms",
        "address": "+33123456789",
        "urgency": Urgency.HIGH,
        "reason": "Ann: on call by layer 2 of Primary",
        "created_at": NOW,
        "first_due_at": NOW,
        "due_at": NOW,
        "user_id": "u1",
        "contact_id": "c1",
    }
    return Delivery(**(values | more))


def an_alert(id: str, incident: int | None = 1, **more: Any) -> Alert:
    event = AlertEvent(Signal.CRITICAL, "key 1", "Disk full", tags={"team": "db"}, fields={"load": 1.5, "up": None})
    return Alert(id, 1, "integration", NOW, more.pop("event", event), incident, **more)


async def save(db: Database, *saves: Saved) -> None:
    await db.write(lambda tx: tx.save(saves))


async def keep(db: Database, *deliveries: Delivery) -> None:
    await db.write(lambda tx: tx.keep_deliveries(deliveries))


async def found(db: Database, number: int) -> Incident:
    return await db.read(lambda tx: tx.incident(1, number))


Fn = Callable[[Transaction], Any]
