"""Our own alarms page like any other alert, and leave nothing behind when there is nothing to clear."""

from collections.abc import Iterator

import pytest

from tests.stories.town import person, step
from tests.stories.world import World
from watchbill.domain.incident import Phase
from watchbill.domain.records import AlertQuery
from watchbill.usecases.self_alarm import self_alarm


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.has(person("ann"))
    world.policy("p", step("ann"))
    world.key("k", "p", default=True)
    yield world
    world.close()


def test_it_pages_and_resolves(world: World) -> None:
    world.write(self_alarm, "late", "late by 61 seconds", True, world.now)
    world.pass_(0)
    world.phone("ann").expects("Watchbill: late by 61 seconds", at=0)
    world.write(self_alarm, "late", "over", False, world.now)
    assert world.write(lambda tx: tx.incident(world.org, 1)).phase is Phase.RESOLVED


def test_what_is_not_open_is_not_cleared(world: World) -> None:
    world.write(self_alarm, "late", "over", False, world.now)
    assert world.write(lambda tx: tx.alerts(AlertQuery(world.org))) == []
