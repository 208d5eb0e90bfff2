"""Whatever fails, and however often: no page is lost, and no incident is stuck."""

import os

import pytest

from tests.stories.chaos import DEADLY, POLL, Chaos, GroupedChaos, lost
from tests.stories.world import MEMORY

A_WORLD = 2_500
INCIDENTS = int(os.environ.get("WATCHBILL_SIMULATED_INCIDENTS", "1000000"))


def survive(seed: int, incidents: int, url: str = MEMORY, kind: type[Chaos] = Chaos) -> None:
    world = kind(seed, url)
    try:
        world.deadly = DEADLY
        while world.opened < incidents:
            world.something_happens(incidents)
        world.comes_to_rest()
        _is_sound(world, seed, incidents)
    finally:
        world.close()


def _is_sound(world: Chaos, seed: int, incidents: int) -> None:
    health = world.health()
    assert health.stuck_incidents == 0, seed
    assert health.oldest_wake_at is None or health.oldest_wake_at > world.now - POLL, seed
    assert health.oldest_delivery_due_at is None or health.oldest_delivery_due_at > world.now - POLL, seed
    assert len(world.every_incident()) >= incidents, seed
    assert lost(world) == [], seed


@pytest.mark.parametrize("seed", range(3))
def test_no_page_is_lost_and_no_incident_is_stuck(seed: int) -> None:
    survive(seed, 150)


def test_nor_on_postgresql(postgres_url: str) -> None:
    survive(11, 60, postgres_url)


@pytest.mark.parametrize("seed", range(3))
def test_nor_where_alerts_are_grouped(seed: int) -> None:
    survive(seed, 150, kind=GroupedChaos)


@pytest.mark.slow
def test_no_page_is_lost_in_a_million_incidents() -> None:
    """One in ten of their worlds groups alerts."""
    for seed in range(-(-INCIDENTS // A_WORLD)):
        survive(1_000 + seed, min(A_WORLD, INCIDENTS), kind=Chaos if seed % 10 else GroupedChaos)
