"""Sending and answering cross: what is noted later does not undo what was answered sooner."""

from collections.abc import Iterator

import pytest

from tests.stories.town import person, step
from tests.stories.world import World
from watchbill.domain.delivery import Outcome as Came
from watchbill.domain.delivery import State, Verdict
from watchbill.usecases.deliveries import Result, claim, record
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
