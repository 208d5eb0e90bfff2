"""Incidents that last until somebody closes them, suppression, and taking things back (OpsRamp reference, part 5)."""

import pytest

from tests.stories.town import mailbox, paged_by, person, ring, step
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, WEEK
from watchbill.domain.errors import Conflict, Invalid
from watchbill.domain.incident import Phase
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Stop
from watchbill.usecases import incidents


@pytest.fixture
def desk(world: World) -> World:
    """Ann is paged every five minutes for "db", Bob after ten."""
    world.has(person("ann", ring("pocket"), repeats=True), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=10 * MINUTE))
    world.key("db", "db")
    return world


def says(world: World, signal: Signal, title: str = "disk", message: str = "") -> int | None:
    """An alert of a sender whose alerts last."""
    event = AlertEvent(signal, "disk", title, message, routing_key="db", lasting=True)
    number = world.alerts(event)[0].incident
    assert number is not None
    world._numbers["disk"] = number
    return number


# --- Healing


def test_a_recovery_heals_and_the_next_alert_joins_and_pages_again(desk: World) -> None:
    first = says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk", at=0)
    desk.pass_(MINUTE)
    assert says(desk, Signal.RECOVERY) == first
    incident = desk.incident("disk")
    assert (incident.phase, incident.state, incident.old_state) == (Phase.TRIGGERED, Signal.RECOVERY, Signal.CRITICAL)
    assert incident.healed_at == desk.now
    desk.stays_quiet(DAY)
    assert says(desk, Signal.WARNING) == first
    incident = desk.incident("disk")
    assert (incident.state, incident.old_state, incident.healed_at) == (Signal.WARNING, Signal.RECOVERY, None)
    assert incident.alert_count == 3
    desk.phone("ann").expects("disk", at=DAY + MINUTE)


def test_what_was_acknowledged_stays_so_when_it_heals_and_comes_back(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk").replies("ack")
    says(desk, Signal.RECOVERY)
    assert desk.incident("disk").phase is Phase.ACKNOWLEDGED
    says(desk, Signal.WARNING)
    assert desk.incident("disk").phase is Phase.ACKNOWLEDGED
    desk.stays_quiet(WEEK)


def test_a_recovery_of_something_unknown_is_kept_and_pages_nobody(desk: World) -> None:
    assert says(desk, Signal.RECOVERY) is not None
    assert desk.incident("disk").healed_at == desk.now
    desk.stays_quiet(WEEK)
    desk.tells("disk", "healed already")


def test_the_newest_words_are_shown(desk: World) -> None:
    says(desk, Signal.CRITICAL, "disk 91 %", "nearly full")
    desk.phone("ann").expects("disk 91 %")
    says(desk, Signal.CRITICAL, "disk 92 %", "fuller")
    assert (desk.incident("disk").title, desk.incident("disk").message) == ("disk 92 %", "fuller")


def test_a_new_alert_after_closing_opens_another(desk: World) -> None:
    first = says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk")
    desk.does(incidents.close, "bob", "disk")
    assert desk.incident("disk").state is Signal.CRITICAL
    desk.stays_quiet(HOUR)
    assert says(desk, Signal.CRITICAL) != first
    desk.phone("ann").expects("disk", at=HOUR)


def test_steps_that_wait_for_a_change_hear_of_the_recovery(desk: World) -> None:
    desk.policy("db", step("ann"), step(mailbox("ops@example.org"), on_state_left="critical"))
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk")
    desk.pass_(MINUTE)
    says(desk, Signal.RECOVERY)
    desk.phone("ops@example.org").expects("disk", at=MINUTE)
    desk.stays_quiet(WEEK)


def test_by_hand_what_lasts_is_healed_and_anything_else_resolved(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.alert("db", "other")
    assert desk.does(incidents.heal, "bob", "disk").healed_at == desk.now
    assert desk.does(incidents.heal, "bob", "other").phase is Phase.RESOLVED
    desk.phone("ann").expects("disk")
    desk.phone("ann").expects("other")
    desk.stays_quiet(WEEK)


# --- Suppression


def test_suppressed_until_undone(desk: World) -> None:
    says(desk, Signal.WARNING)
    desk.phone("ann").expects("disk", at=0)
    desk.does(incidents.suppress, "bob", "disk", None)
    desk.stays_quiet(DAY)
    says(desk, Signal.CRITICAL)
    desk.stays_quiet(DAY)
    assert desk.incident("disk").suppressed_by == "bob"
    desk.does(incidents.unsuppress, "bob", "disk")
    assert desk.incident("disk").suppressed_at is None
    desk.phone("ann").expects("disk", at=2 * DAY)


def test_suppressed_for_a_time(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk", at=0)
    desk.does(incidents.suppress, "bob", "disk", desk.now + 30 * MINUTE)
    desk.stays_quiet(30 * MINUTE - 1)
    desk.pass_(1)
    desk.phone("ann").expects("disk", at=30 * MINUTE)
    desk.tells("disk", "suppressed by bob", "suppressed no more: its time is over")


def test_a_page_that_waits_is_not_sent_for_what_is_suppressed(desk: World) -> None:
    desk.running = False
    says(desk, Signal.CRITICAL)
    desk.does(incidents.suppress, "bob", "disk", None)
    desk.engine_starts()
    desk.stays_quiet(DAY)
    assert {one.verdict for one in desk.deliveries("disk")} == {"suppressed by bob"}


def test_what_is_suppressed_and_healed_pages_nobody_when_it_is_suppressed_no_more(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk")
    desk.does(incidents.suppress, "bob", "disk", desk.now + HOUR)
    says(desk, Signal.RECOVERY)
    desk.stays_quiet(DAY)
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk", at=DAY)


def test_a_policy_that_pages_through_an_acknowledgement_may_still_end_with_a_suppression(desk: World) -> None:
    desk.policy("db", step("ann"), stop_on=frozenset({Stop.RESOLVED, Stop.SUPPRESSED}))
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk", at=0)
    desk.acknowledges("bob", "disk")
    desk.pass_(5 * MINUTE)
    desk.phone("ann").expects("disk", at=5 * MINUTE)
    desk.does(incidents.suppress, "bob", "disk", None)
    desk.stays_quiet(WEEK)


def test_to_undo_what_is_not_done_changes_nothing(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk")
    before = desk.incident("disk")
    desk.does(incidents.unsuppress, "bob", "disk")
    desk.does(incidents.unacknowledge, "bob", "disk")
    assert desk.incident("disk") == before


def test_a_suppression_ends_later_than_now(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk")
    with pytest.raises(Invalid):
        desk.does(incidents.suppress, "bob", "disk", desk.now)


def test_what_is_closed_takes_no_more_verbs(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk")
    desk.does(incidents.suppress, "bob", "disk", desk.now + HOUR)
    desk.does(incidents.close, "bob", "disk")
    desk.stays_quiet(DAY)
    for verb in (incidents.close, incidents.heal, incidents.unsuppress, incidents.unacknowledge):
        with pytest.raises(Conflict):
            desk.does(verb, "bob", "disk")


def test_escalating_by_hand_ends_a_suppression(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk", at=0)
    desk.does(incidents.suppress, "ann", "disk", None)
    desk.escalates("ann", "disk")
    assert desk.incident("disk").suppressed_at is None
    desk.phone("bob").expects("disk", at=0)


# --- Taking an acknowledgement back


def test_an_acknowledgement_taken_back_pages_again(desk: World) -> None:
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk", at=0).replies("ack")
    desk.pass_(HOUR)
    desk.does(incidents.unacknowledge, "bob", "disk")
    assert desk.incident("disk").phase is Phase.TRIGGERED
    desk.phone("ann").expects("disk", at=HOUR)
    desk.tells("disk", "bob took the acknowledgement back")


# --- What is no trouble when it opens


@pytest.mark.parametrize("first", [Signal.INFO, Signal.RECOVERY])
def test_what_is_no_trouble_pages_nobody_until_it_is(desk: World, first: Signal) -> None:
    desk.key("other", "db", default=True)
    number = says(desk, first)
    desk.stays_quiet(DAY)
    assert says(desk, Signal.CRITICAL) == number
    desk.phone("ann").expects("disk", at=DAY)
    desk.tells("disk", "no trouble yet: no route is asked", "routing key db")
    assert desk.incident("disk").routing_key == "db"


def test_trouble_that_comes_to_what_is_acknowledged_waits_for_that(desk: World) -> None:
    says(desk, Signal.INFO)
    desk.acknowledges("bob", "disk")
    says(desk, Signal.CRITICAL)
    desk.stays_quiet(DAY)
    desk.does(incidents.unacknowledge, "bob", "disk")
    desk.phone("ann").expects("disk", at=DAY)


def test_warnings_that_open_nothing_page_nobody(desk: World) -> None:
    desk.settings(warning_opens=False)
    says(desk, Signal.WARNING)
    desk.stays_quiet(DAY)
    says(desk, Signal.CRITICAL)
    desk.phone("ann").expects("disk", at=DAY)


def test_each_policy_has_to_answer_though_the_route_was_asked_late(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("a", step("ann"))
    world.policy("b", step("bob"))
    world.key("db", "a", "b", multi=True)
    says(world, Signal.INFO)
    world.nothing_else_was_sent()
    says(world, Signal.CRITICAL)
    world.phone("ann").expects("disk", at=0).replies("ack")
    assert world.incident("disk").phase is Phase.TRIGGERED
    world.phone("bob").expects("disk", at=0).replies("ack")
    assert world.incident("disk").phase is Phase.ACKNOWLEDGED


def test_what_becomes_a_warning_is_no_more_urgent_than_that(world: World) -> None:
    calm = paged_by("calm", ring("email"), urgency=Urgency.LOW)
    world.has(person("ann", policies=(calm, paged_by("loud", ring("voice"), urgency=Urgency.HIGH))))
    world.policy("db", step("ann"))
    world.key("db", "db")
    says(world, Signal.INFO)
    says(world, Signal.WARNING)
    world.phone("ann").expects("disk", at=0, by="email")
    assert world.incident("disk").urgency is Urgency.LOW
    says(world, Signal.CRITICAL)
    world.phone("ann").expects("disk", at=0, by="voice")
