"""How a policy's steps follow each other until somebody answers."""

from tests.stories.town import person, step
from tests.stories.world import World
from watchbill.domain.civil import MINUTE, WEEK
from watchbill.domain.incident import Phase


def test_the_next_step_pages_when_nobody_answers_and_an_answer_ends_it(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"))
    world.policy("db", step("ann"), step("bob", wait=5 * MINUTE), step("carl", wait=10 * MINUTE))
    world.key("db", "db")

    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.pass_(14 * MINUTE)
    world.phone("bob").expects("disk", at=5 * MINUTE).replies("ack")
    world.stays_quiet(2 * WEEK)
    assert world.incident("disk").phase is Phase.ACKNOWLEDGED
    assert world.incident("disk").acked_by == "bob"
    world.tells("disk", "acknowledged by bob", "ann: named by the step")


def test_waits_of_5_and_10_minutes_page_at_minutes_5_and_15(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann", wait=5 * MINUTE), step("bob", wait=10 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(WEEK)
    world.phone("ann").expects("disk", at=5 * MINUTE)
    world.phone("bob").expects("disk", at=15 * MINUTE)
