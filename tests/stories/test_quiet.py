"""What keeps an incident quiet for a time: snooze, acknowledgement, maintenance, support hours."""

import pytest

from tests.stories.town import daily, hook, layer, person, policy, ring, schedule, step
from tests.stories.world import BEGINNING, World
from watchbill.domain.alert import Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, WEEK, Hours
from watchbill.domain.delivery import State
from watchbill.domain.errors import Conflict, Invalid
from watchbill.domain.incident import Phase
from watchbill.domain.people import Role
from watchbill.domain.plans import Stop
from watchbill.domain.routes import Start
from watchbill.usecases import incidents


@pytest.fixture
def desk(world: World) -> World:
    """Ann is paged every five minutes for "db", Bob after ten; Dora for "web"."""
    world.has(person("ann", ring("pocket"), repeats=True), person("bob"), person("dora"))
    world.policy("db", step("ann"), step("bob", wait=10 * MINUTE))
    world.policy("web", step("dora"))
    world.key("db", "db")
    world.key("web", "web")
    return world


def phase(world: World, title: str = "disk") -> Phase:
    return world.incident(title).phase


# --- Snooze and acknowledgement


def test_a_snooze_is_an_acknowledgement_until_its_end_and_then_all_begins_again(desk: World) -> None:
    desk.alert("db", "disk")
    desk.phone("ann").expects("disk", at=0)
    desk.snoozes("bob", "disk", 2 * HOUR)
    assert (phase(desk), desk.incident("disk").acked_by) == (Phase.ACKNOWLEDGED, "bob")
    desk.stays_quiet(2 * HOUR - 1)
    desk.pass_(1)
    assert phase(desk) is Phase.TRIGGERED
    desk.phone("ann").expects("disk", at=2 * HOUR)
    desk.pass_(10 * MINUTE)
    for at in (5, 10):
        desk.phone("ann").expects("disk", at=2 * HOUR + at * MINUTE)
    desk.phone("bob").expects("disk", at=2 * HOUR + 10 * MINUTE)


def test_only_the_snoozer_moves_the_end(desk: World) -> None:
    desk.alert("web", "disk")
    desk.phone("dora").expects("disk", at=0).replies("ack")
    desk.snoozes("dora", "disk", HOUR)
    with pytest.raises(Conflict):
        desk.snoozes("bob", "disk", 2 * HOUR)
    desk.snoozes("dora", "disk", 3 * HOUR)
    desk.stays_quiet(3 * HOUR - 1)
    desk.pass_(1)
    desk.phone("dora").expects("disk", at=3 * HOUR)


@pytest.mark.parametrize("state", ["acknowledged", "suppressed"])
def test_a_policy_that_sends_nothing_now_is_not_begun_by_one_that_goes_on(world: World, state: str) -> None:
    """What asks for it hears so at once, and takes its next step; no page is made that would be dropped later."""
    world.has(person("ann"), person("bob"), person("dora"))
    world.policy("until-ack", step("bob"))
    onwards = (step("ann"), step(policy("until-ack"), wait=10 * MINUTE), step("dora", wait=HOUR))
    world.policy("through", *onwards, stop_on=frozenset({Stop.RESOLVED}))
    world.key("k", "through")
    world.alert("k", "disk")
    world.phone("ann").expects("disk", at=0)
    world.pass_(MINUTE)
    if state == "acknowledged":
        world.acknowledges("ann", "disk")
    else:
        world.does(incidents.suppress, "ann", "disk", None)
    world.pass_(HOUR)
    world.phone("dora").expects("disk", at=10 * MINUTE)
    world.tells("disk", f"policy until-ack is not begun: the incident is {state}")
    assert not [one for one in world.deliveries("disk") if one.state is State.DROPPED]


@pytest.mark.parametrize("span", [0, -HOUR, 8 * DAY])
def test_a_snooze_ends_within_a_week(desk: World, span: int) -> None:
    desk.alert("web", "disk")
    desk.phone("dora").expects("disk")
    with pytest.raises(Invalid):
        desk.snoozes("dora", "disk", span)


def test_a_recovery_ends_a_snooze(desk: World) -> None:
    desk.alert("web", "disk")
    desk.phone("dora").expects("disk")
    desk.snoozes("dora", "disk", HOUR)
    desk.recovers("disk")
    desk.stays_quiet(WEEK)


def test_an_incident_of_one_user_pages_that_user_after_the_snooze(desk: World) -> None:
    desk.alert("db", "disk")
    desk.phone("ann").expects("disk")
    desk.reroutes("ann", "disk", Start(user_id="dora"))
    desk.phone("dora").expects("disk")
    desk.snoozes("dora", "disk", HOUR)
    desk.pass_(HOUR)
    desk.phone("dora").expects("disk", at=HOUR)


def test_acknowledged_for_too_long_is_triggered_again_from_the_first_step(desk: World) -> None:
    desk.settings(ack_timeout=HOUR)
    desk.alert("db", "disk")
    desk.phone("ann").expects("disk", at=0).replies("ack")
    desk.stays_quiet(HOUR - 1)
    desk.pass_(1)
    desk.phone("ann").expects("disk", at=HOUR).replies("resolve")
    desk.stays_quiet(WEEK)
    desk.tells("disk", "acknowledged for too long")


def test_a_route_may_be_more_impatient_even_when_its_incident_was_muted(desk: World) -> None:
    desk.settings(ack_timeout=DAY)
    desk.key("web", "web", ack_timeout=30 * MINUTE)
    desk.window("work", "web", end=10 * MINUTE)
    desk.alert("web", "disk")
    desk.acknowledges("dora", "disk")
    desk.pass_(HOUR)
    desk.phone("dora").expects("disk", at=30 * MINUTE)


def test_open_for_too_long_is_resolved(desk: World) -> None:
    desk.settings(auto_resolve=DAY)
    desk.alert("web", "disk")
    desk.alert("web", "acknowledged")
    desk.acknowledges("dora", "acknowledged")
    desk.pass_(DAY - 1)
    assert phase(desk) is Phase.TRIGGERED
    desk.pass_(1)
    assert phase(desk) is phase(desk, "acknowledged") is Phase.RESOLVED
    assert desk.incident("disk").resolved_by == "auto-resolve"
    desk.phone("dora").expects("disk")
    desk.phone("dora").expects("acknowledged")


# --- Maintenance


def test_new_incidents_of_a_key_under_maintenance_page_nobody_and_running_ones_go_on(desk: World) -> None:
    desk.alert("db", "before")
    desk.phone("ann").expects("before", at=0)
    desk.window("work", "db")
    desk.alert("db", "during")
    desk.alert("web", "other key")
    desk.phone("dora").expects("other key", at=0)
    desk.pass_(6 * MINUTE)
    desk.phone("ann").expects("before", at=5 * MINUTE).replies("ack")
    desk.stays_quiet(WEEK)
    assert desk.incident("during").muted
    desk.tells("during", "muted by maintenance: work")


def test_when_maintenance_is_ended_by_hand_what_is_still_triggered_pages(desk: World) -> None:
    window = desk.window("work", "web")
    for title in ("triggered", "acknowledged", "resolved"):
        desk.alert("web", title)
    desk.acknowledges("dora", "acknowledged")
    desk.resolves("dora", "resolved")
    desk.stays_quiet(DAY)
    desk.loses(window)
    desk.wakes_muted()
    desk.pass_(0)
    desk.phone("dora").expects("triggered", at=DAY)
    assert not desk.incident("acknowledged").muted
    desk.stays_quiet(WEEK)
    desk.tells("triggered", "maintenance is over")


def test_at_the_end_of_a_window_the_most_urgent_pages_first_and_the_rest_in_a_bundle(desk: World) -> None:
    desk.window("work", end=HOUR)
    for number in range(10):
        desk.alert("web", f"low {number}", Signal.WARNING)
    desk.alert("web", "high")
    desk.pass_(HOUR)
    dora = desk.phone("dora")
    dora.expects("high", at=HOUR)
    dora.expects("low 0", at=HOUR)
    dora.expects(*(f"low {number}" for number in range(1, 10)), at=HOUR)


@pytest.mark.parametrize("end", [None, 10 * HOUR])
def test_a_window_that_gets_another_end_mutes_until_that(desk: World, end: int | None) -> None:
    desk.window("work", "web", end=end)
    desk.alert("web", "disk")
    desk.pass_(MINUTE)
    desk.window("work", "web", end=HOUR)
    desk.stays_quiet(HOUR - MINUTE - 1)
    desk.pass_(1)
    desk.phone("dora").expects("disk", at=HOUR)


def test_a_window_that_is_put_off_mutes_until_its_new_end(desk: World) -> None:
    desk.window("work", "web", end=HOUR)
    desk.alert("web", "disk")
    desk.pass_(MINUTE)
    desk.window("work", "web", end=3 * HOUR)
    desk.stays_quiet(3 * HOUR - MINUTE - 1)
    desk.pass_(1)
    desk.phone("dora").expects("disk", at=3 * HOUR)


def test_overlapping_windows_mute_until_the_last_ends(desk: World) -> None:
    desk.window("one", "web", end=HOUR)
    desk.window("all", start=30 * MINUTE, end=2 * HOUR)
    last = desk.window("by hand", "web", start=90 * MINUTE)
    desk.alert("web", "disk")
    desk.stays_quiet(3 * HOUR)
    desk.loses(last)
    desk.wakes_muted()
    desk.pass_(0)
    desk.phone("dora").expects("disk", at=3 * HOUR)


def test_a_weekly_window_mutes_within_its_hours_only(desk: World) -> None:
    desk.window("nightly", "web", weekly=daily("UTC", 2, 4))
    desk.alert("web", "at midnight")
    desk.phone("dora").expects("at midnight", at=0)
    desk.pass_(3 * HOUR)
    desk.alert("web", "at three")
    desk.stays_quiet(HOUR - 1)
    desk.pass_(1)
    desk.phone("dora").expects("at three", at=4 * HOUR)


def test_a_window_of_everything_mutes_what_has_no_routing_key(desk: World) -> None:
    desk.has(person("boss", role=Role.GLOBAL_ADMIN))
    desk.window("all", end=HOUR)
    desk.alert(None, "disk")
    desk.pass_(HOUR)
    desk.phone("boss").expects("disk", at=HOUR)


def test_nobody_to_page_at_the_end_of_maintenance_is_said_too(desk: World) -> None:
    desk.has(person("boss", role=Role.GLOBAL_ADMIN))
    window = desk.window("all")
    desk.alert("nowhere", "disk")
    desk.loses(window)
    desk.wakes_muted()
    desk.pass_(0)
    desk.phone("boss").expects("disk")
    assert desk.incident("disk").unreached


def test_a_recovery_during_maintenance_pages_nobody(desk: World) -> None:
    desk.window("work", "web", end=HOUR)
    desk.alert("web", "disk")
    desk.recovers("disk")
    desk.stays_quiet(WEEK)


def test_a_snooze_that_ends_in_maintenance_waits_for_its_end(desk: World) -> None:
    desk.window("work", end=3 * HOUR)
    desk.alert("nobody's", "disk")
    desk.reroutes("ann", "disk", Start(user_id="dora"))
    desk.phone("dora").expects("disk", at=0)

    desk.alert("web", "500s", Signal.WARNING)
    desk.snoozes("dora", "500s", HOUR)
    desk.stays_quiet(3 * HOUR - 1)
    desk.pass_(1)
    desk.phone("dora").expects("500s", at=3 * HOUR)


def test_what_becomes_critical_in_maintenance_is_triggered_and_pages_at_its_end(desk: World) -> None:
    desk.window("work", end=HOUR)
    desk.alert("web", "disk", Signal.WARNING)
    desk.acknowledges("dora", "disk")
    desk.alert("web", "disk")
    assert phase(desk) is Phase.TRIGGERED
    desk.stays_quiet(HOUR - 1)
    desk.pass_(1)
    desk.phone("dora").expects("disk", at=HOUR)


def test_whoever_asks_for_paging_by_hand_ends_the_mute(desk: World) -> None:
    desk.window("work")
    desk.alert("web", "escalated")
    desk.escalates("ann", "escalated")
    desk.phone("dora").expects("escalated", at=0)
    desk.alert("web", "responders")
    desk.asks_for("ann", "responders", Start(user_id="bob"))
    desk.phone("bob").expects("responders", at=0)
    desk.alert("web", "rerouted")
    desk.reroutes("ann", "rerouted", Start(user_id="bob"))
    desk.phone("bob").expects("rerouted", at=0)


# --- Support hours


def test_outside_support_hours_the_policy_is_held_until_they_open(desk: World) -> None:
    desk.key("web", "web", support_hours=daily("Europe/Paris", 9, 17))
    desk.alert("web", "disk")
    desk.stays_quiet(7 * HOUR - 1)
    desk.pass_(1)
    desk.phone("dora").expects("disk", at=7 * HOUR)
    desk.tells("disk", "held: outside support hours until Mon 01 Jun 09:00 Europe/Paris")
    desk.alert("web", "inside")
    desk.phone("dora").expects("inside", at=7 * HOUR)


def test_an_answer_before_the_hours_open_pages_nobody(desk: World) -> None:
    desk.key("web", "web", support_hours=daily("UTC", 9, 17))
    desk.alert("web", "disk")
    desk.recovers("disk")
    desk.stays_quiet(WEEK)


def test_support_hours_that_never_open_reach_nobody(desk: World) -> None:
    desk.has(person("boss", role=Role.GLOBAL_ADMIN))
    desk.key("web", "web", support_hours=Hours("UTC", ()))
    desk.alert("web", "disk")
    desk.phone("boss").expects("disk", at=0)


# --- Overrides


def test_an_override_of_a_schedule_counts_from_when_a_step_starts(desk: World) -> None:
    desk.schedule("primary", layer("ann", start=BEGINNING))
    desk.policy("db", step(schedule("primary")), step(schedule("primary"), wait=10 * MINUTE))
    desk.has(person("ann"))
    desk.override("bob", "ann", start=5 * MINUTE, end=HOUR, schedule_id="primary")
    desk.alert("db", "disk")
    desk.pass_(HOUR)
    desk.phone("ann").expects("disk", at=0)
    desk.phone("bob").expects("disk", at=10 * MINUTE)
    desk.tells("disk", "on call by an override of primary until Mon 01:00 UTC")


def test_an_override_of_a_policy_counts_for_whom_it_names(desk: World) -> None:
    desk.has(person("ann"))
    desk.override("dora", "ann", start=0, end=HOUR, policy_id="db")
    desk.policy("other", step("ann"))
    desk.key("both", "db", "other")
    desk.alert("both", "disk")
    desk.phone("dora").expects("disk", at=0)
    desk.phone("ann").expects("disk", at=0)
    desk.tells("disk", "standing in for ann, named by the step")


def test_two_people_who_swap_keep_what_they_took(desk: World) -> None:
    desk.has(person("ann"))
    desk.schedule("primary", layer("ann", start=BEGINNING))
    desk.schedule("secondary", layer("bob", start=BEGINNING))
    desk.override("bob", "ann", start=0, end=DAY)
    desk.override("ann", "bob", start=0, end=DAY)
    desk.policy("db", step(schedule("primary")), step(schedule("secondary"), wait=MINUTE))
    desk.alert("db", "disk")
    desk.pass_(HOUR)
    desk.phone("bob").expects("disk", at=0)
    desk.phone("ann").expects("disk", at=MINUTE)


def test_a_muted_policy_is_called_by_its_waiting_room_after_the_window(desk: World) -> None:
    desk.hook("hook")
    desk.policy("room", step(policy("web"), hook("hook"), wait=10 * MINUTE))
    desk.key("room", "room")
    desk.window("work", "room", end=HOUR)
    desk.alert("room", "disk")
    desk.pass_(2 * HOUR)
    desk.phone("dora").expects("disk", at=70 * MINUTE)
    desk.phone("hook").expects("disk", at=70 * MINUTE)
