"""Alerts come back as they came in, bytes and all."""

import pytest

from tests.store.make import NOW, an_alert
from watchbill.domain.alert import AlertEvent, Annotation, AnnotationKind, Signal
from watchbill.domain.errors import NotFound
from watchbill.domain.people import Urgency
from watchbill.domain.records import AlertQuery
from watchbill.store.database import Database

FULL = AlertEvent(
    Signal.WARNING,
    "ключ",
    "Título",
    "message",
    "db",
    NOW,
    NOW + 1,
    urgency=Urgency.LOW,
    annotations=(Annotation(AnnotationKind.NOTE, "a", "b"),),
    tags={"env": "prod"},
    fields={"nested": {"list": [1, 2.5, None, True, "\0 x"]}, "big": 2**60},
    raw=bytes(range(256)) * 4,
    content_type="application/json",
)


async def test_an_alert_comes_back_with_its_body_apart(db: Database) -> None:
    alert = an_alert("a1", event=FULL)
    await db.write(lambda tx: tx.add_alerts([alert]))
    read = await db.read(lambda tx: tx.alert(1, "a1"))
    assert read.event.raw == b""
    assert await db.read(lambda tx: tx.raw_body(1, "a1")) == FULL.raw
    assert (read.event.key, read.event.fields, read.event.tags) == (FULL.key, FULL.fields, FULL.tags)
    assert (read.event.annotations, read.event.urgency, read.event.content_type) == (
        FULL.annotations,
        Urgency.LOW,
        "application/json",
    )
    assert (read.incident, read.received_at, read.integration_id) == (1, NOW, "integration")


async def test_a_large_body_is_kept(db: Database) -> None:
    body = bytes(range(251)) * 20_000
    await db.write(lambda tx: tx.add_alerts([an_alert("a1", event=AlertEvent(Signal.INFO, "k", "t", raw=body))]))
    assert await db.read(lambda tx: tx.raw_body(1, "a1")) == body


async def test_several_alerts_of_one_body_share_it(db: Database) -> None:
    await db.write(lambda tx: tx.add_alerts([an_alert("a1", event=FULL), an_alert("a2", raw_of="a1")]))
    assert await db.read(lambda tx: tx.raw_body(1, "a2")) == FULL.raw


async def test_alerts_are_paged_newest_first(db: Database) -> None:
    await db.write(lambda tx: tx.add_alerts([an_alert(f"a{n:02}", n % 2 or None) for n in range(20)]))

    async def ids(**query: object) -> list[str]:
        return [each.id for each in await db.read(lambda tx: tx.alerts(AlertQuery(1, **query)))]  # type: ignore[arg-type]

    assert await ids(limit=3) == ["a19", "a18", "a17"]
    assert await ids(limit=3, before_id="a17") == ["a16", "a15", "a14"]
    assert await ids(incident=1, limit=2, before_id="a05") == ["a03", "a01"]
    assert await ids(incident=7) == []


async def test_alerts_of_another_organization_are_not_found(db: Database) -> None:
    await db.write(lambda tx: tx.add_alerts([an_alert("a1", event=FULL)]))
    with pytest.raises(NotFound):
        await db.read(lambda tx: tx.alert(2, "a1"))
    with pytest.raises(NotFound):
        await db.read(lambda tx: tx.raw_body(2, "a1"))
