"""Watchbill's alarms on itself reach somebody."""

from collections.abc import Iterator

import pytest

from watchbill.domain.incident import Incident, Phase
from watchbill.domain.records import IncidentQuery
from watchbill.store.database import Database, open_database
from watchbill.usecases.ports import Tx
from watchbill.usecases.self_alarm import self_alarm

NOW = 1_780_000_000_000_000


@pytest.fixture
def db() -> Iterator[Database]:
    database = open_database("sqlite:///:memory:")
    yield database
    database.close()


def _found(tx: Tx) -> int:
    partner = tx.create_organization("main-partner", "Main (partner)", None, NOW)
    return tx.create_organization("main", "Main", partner.number, NOW).number


async def _incidents(db: Database, org: int) -> list[Incident]:
    return list(await db.read(lambda tx: tx.incidents(IncidentQuery(org))))


async def test_an_alarm_opens_and_ends_in_the_organization_that_has_people(db: Database) -> None:
    org = await db.write(_found)
    await db.write(self_alarm, "late", "the oldest due work is late by 90 seconds", True, NOW)
    [incident] = await _incidents(db, org)
    assert (incident.title, incident.routing_key) == (
        "Watchbill: the oldest due work is late by 90 seconds",
        "watchbill",
    )
    await db.write(self_alarm, "late", "over", False, NOW)
    [incident] = await _incidents(db, org)
    assert incident.phase is Phase.RESOLVED


async def test_before_the_first_organization_there_is_nobody_to_tell(db: Database) -> None:
    await db.write(self_alarm, "late", "late", True, NOW)
    assert await db.read(lambda tx: tx.organization_numbers()) == []
