"""An incident that can't be advanced, for a fault of ours, holds up none of the others."""

from collections.abc import Callable, Iterator, Mapping

import pytest

from tests.stories.test_correlation import alert, groups
from tests.stories.town import person, step
from tests.stories.world import World
from watchbill.domain.civil import HOUR, MINUTE
from watchbill.domain.escalation import advance
from watchbill.domain.incident import Incident, Outcome, Phase
from watchbill.domain.organization import Organization
from watchbill.domain.timeline import Kind
from watchbill.usecases.incidents import Advanced, advance_due


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.has(person("ann"), person("bob"))
    world.policy("p", step("ann"), step("bob", wait=5 * MINUTE))
    world.key("k", "p", default=True)
    world.engine_stops()
    yield world
    world.close()


def failing(of: Callable[[Incident], bool], monkeypatch: pytest.MonkeyPatch) -> None:
    def faulty(incident: Incident, org: Organization, now: int, turns: Mapping[str, int]) -> Outcome:
        if of(incident):
            raise ZeroDivisionError("a fault")
        return advance(incident, org, now, turns)

    monkeypatch.setattr("watchbill.usecases.storm.advance", faulty)


def advanced(world: World) -> Advanced:
    done: Advanced = world.write(advance_due, world.now, None, 100)
    return done


def test_it_says_so_and_comes_up_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.alert("k", "good")
    world.now += 1  # else they were alike, and decided once
    world.alert("k", "bad")
    failing(lambda one: one.title == "bad", monkeypatch)
    world.now += 5 * MINUTE
    [(_, number, error)] = advanced(world).faults
    assert (number, str(error)) == (world.number("bad"), "a fault")
    assert [page.user_id for page in world.deliveries("good")] == ["ann", "bob"]
    assert [page.user_id for page in world.deliveries("bad")] == ["ann"]
    assert world.story("bad")[-1].kind == Kind.FAULT
    assert advanced(world).count == 0
    monkeypatch.undo()
    world.now += MINUTE
    assert advanced(world).count >= 1
    assert [page.user_id for page in world.deliveries("bad")] == ["ann", "bob"]


def test_also_where_it_hears_of_another_one_in_the_same_transaction(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    groups(world)
    world.settings(auto_resolve=HOUR)
    for title in ("disk", "cpu"):
        alert(world, title, key="k")
    failing(lambda one: bool(one.members), monkeypatch)
    world.now += HOUR
    assert len(advanced(world).faults) == 1
    assert {world.incident(title).phase for title in ("disk", "cpu")} == {Phase.RESOLVED}
