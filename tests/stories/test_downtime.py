"""The engine was away for hours: what is still useful is sent, most urgent first, and the rest is noted."""

from tests.stories.phones import Trouble
from tests.stories.town import person, ring, step
from tests.stories.world import World
from watchbill.domain.alert import Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.people import Role


def staffed(world: World) -> None:
    world.has(person("ann", ring("pocket", then=10 * MINUTE), repeats=True), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=30 * MINUTE))
    world.key("db", "db")


def test_after_eight_hours_each_contact_gets_one_page_an_incident_and_the_rest_is_noted(world: World) -> None:
    staffed(world)
    world.engine_stops()
    world.alert("db", "low", Signal.WARNING)
    world.alert("db", "high")
    world.pass_(8 * HOUR)
    world.engine_starts()
    for who in ("ann", "bob"):
        world.phone(who).expects("high", at=8 * HOUR)
        world.phone(who).expects("low", at=8 * HOUR)
    world.tells("high", "not sent: a newer page to the same contact was waiting as well")
    sent = [one for one in world.deliveries("high") if one.state.value == "sent"]
    assert len(sent) == 2
    world.acknowledges("ann", "high")
    world.acknowledges("ann", "low")
    world.stays_quiet(DAY)


def test_what_was_answered_or_resolved_meanwhile_is_not_sent(world: World) -> None:
    staffed(world)
    world.engine_stops()
    world.alert("db", "resolved")
    world.alert("db", "acknowledged")
    world.pass_(HOUR)
    world.recovers("resolved")
    world.acknowledges("ann", "acknowledged")
    world.pass_(HOUR)
    world.engine_starts()
    world.stays_quiet(DAY)
    world.tells("resolved", "not sent: resolved by alert")
    world.tells("acknowledged", "not sent: acknowledged by ann")


def test_pages_piled_up_that_all_fail_are_nobody_reached(world: World) -> None:
    world.has(person("ann", ring("pocket"), ring("pocket")), person("boss", role=Role.GLOBAL_ADMIN))
    world.phone("ann").breaks(Trouble.NEVER)
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.engine_stops()
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.engine_starts()
    world.phone("boss").expects("disk", at=HOUR)
    assert world.incident("disk").unreached


def test_a_snooze_and_a_window_that_ended_in_the_downtime_end_with_it(world: World) -> None:
    staffed(world)
    world.window("work", "db", end=2 * HOUR)
    world.alert("db", "muted")
    world.pass_(2 * HOUR - MINUTE)
    world.engine_stops()
    world.pass_(HOUR)
    world.engine_starts()
    world.phone("ann").expects("muted", at=3 * HOUR - MINUTE)
    world.phone("bob").expects("muted", at=3 * HOUR - MINUTE)


def test_after_a_jump_forward_and_back_new_alerts_page_at_once(world: World) -> None:
    staffed(world)
    world.jumps(30 * DAY)
    world.alert("db", "in the future")
    world.phone("ann").expects("in the future", at=30 * DAY).replies("ack")
    world.jumps(-30 * DAY)
    world.alert("db", "now")
    world.phone("ann").expects("now", at=0).replies("ack")
    world.stays_quiet(DAY)
