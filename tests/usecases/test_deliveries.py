"""Sending and answering cross: what is noted later does not undo what was answered sooner."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from tests.stories.town import person, step
from tests.stories.world import World
from watchbill.domain.check_values import LONGEST_DURATION
from watchbill.domain.civil import SECOND
from watchbill.domain.delivery import Outcome as Came
from watchbill.domain.delivery import State, Verdict
from watchbill.domain.organization import Change
from watchbill.usecases.deliveries import Result, claim, record
from watchbill.usecases.directory import Unfit, apply
from watchbill.usecases.replies import Answer, answer


@pytest.fixture
def world() -> Iterator[World]:
    world = World()
    world.has(person("ann"))
    world.policy("p", step("ann"))
    world.key("k", "p")
    world.engine_stops()
    yield world
    world.close()


def test_an_answer_before_the_verdict_is_kept_stays(world: World) -> None:
    world.alert("k", "disk")
    [send] = world.write(claim, world.now, "node", 10).sends
    world.write(answer, world.org, send.deliveries[0].id, Answer.ACKNOWLEDGE, world.now)
    world.write(record, [Result(send.deliveries, Verdict(Came.ACCEPTED), 1, 0.0)], world.now)
    [delivery] = world.deliveries("disk")
    assert (delivery.state, delivery.answered_at) == (State.DELIVERED, world.now)


@pytest.mark.parametrize("pages", [1, 3, 5])
def test_a_claim_that_is_run_again_sends_what_it_would_have_sent(world: World, pages: int) -> None:
    """Its commit may have been kept without an answer: nothing of it was handed over, so nothing counts as sent."""
    titles = [f"disk {n}" for n in range(pages)]
    for title in titles:
        world.alert("k", title)
    first = world.write(claim, world.now, "node", 10)
    again = world.write(claim, world.now, "node", 10, True)
    assert first.sends == again.sends
    assert sum(len(send.deliveries) for send in again.sends) == pages
    assert {one.attempts for title in titles for one in world.deliveries(title)} == {1}


def test_settings_that_would_stop_the_pages_of_all_organizations_are_refused_or_harmless(world: World) -> None:
    settings = world.organization.settings
    for wrong in (0, -SECOND, SECOND - 1):
        change = Change("settings", "settings", replace(settings, bundle_every=wrong))
        with pytest.raises(Unfit, match=r"too short|negative"):
            world.write(apply, world.org, [change], "ann", world.now)
    largest = replace(settings, bundle_every=LONGEST_DURATION, bundle_after=1_000_000)
    world.write(apply, world.org, [Change("settings", "settings", largest)], "ann", world.now)
    world.alert("k", "disk")
    assert len(world.write(claim, world.now, "node", 10).sends) == 1
