"""Rules beside the ordered ones, policies that resume, follow their changes and send one message to each person."""

from typing import Any

import pytest

from tests.stories.phones import Trouble
from tests.stories.town import layer, person, policy, ring, schedule, step, user
from tests.stories.world import BEGINNING, World
from watchbill.domain.alert import Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.facts import ALERTS, ORGANIZATION, WITHIN
from watchbill.domain.people import Role, User
from watchbill.domain.plans import Since, Step, Stop
from watchbill.domain.routes import Condition, Op, Start
from watchbill.usecases import incidents

STOPS = frozenset({Stop.ACKNOWLEDGED, Stop.RESOLVED, Stop.SUPPRESSED, Stop.CLOSED, Stop.TICKETED})


def often(name: str) -> User:
    return person(name, ring("pocket", then=MINUTE), repeats=True)


def lasting(world: World, name: str, *steps: Step, condition: Condition | None = None, **more: Any) -> None:
    """A policy that resumes, follows and sends once, selected by a rule beside the others."""
    more = {"stop_on": STOPS, "once_each": True, "resumes": True, "follows": True} | more
    world.policy(name, *steps, **more)
    world.rule(name, condition=condition, starts=(Start(name),), beside=True)


def at(wait: int, *names: str, **more: Any) -> Step:
    return step(*names, wait=wait, since=Since.START, **more)


def says(word: str) -> Condition:
    return Condition(field="title", op=Op.CONTAINS, value=word)


@pytest.fixture
def desk(world: World) -> World:
    world.has(often("ann"), often("bob"), often("carl"))
    return world


def alerts(world: World, title: str = "disk", signal: Signal = Signal.CRITICAL, **more: Any) -> None:
    world.alert(None, title, signal, lasting=True, **more)


def test_what_a_rule_beside_starts_is_added_to_what_the_others_decide(desk: World) -> None:
    desk.policy("key", step("ann"))
    desk.key("db", "key")
    lasting(desk, "all", at(0, "bob"))
    lasting(desk, "disks", at(0, "carl"), condition=says("disk"))
    desk.alert("db", "disk full")
    for name in ("ann", "bob", "carl"):
        desk.phone(name).expects("disk full", at=0)
    desk.alert("db", "500s")
    desk.phone("ann").expects("500s")
    desk.phone("bob").expects("500s")
    desk.phone("carl").expects_nothing()


def test_an_alert_that_lasts_and_starts_nothing_rests(desk: World) -> None:
    desk.has(person("boss", role=Role.GLOBAL_ADMIN))
    alerts(desk)
    desk.pass_(DAY)
    desk.nothing_else_was_sent()
    assert not desk.incident("disk").unreached


def test_a_send_is_one_message_to_each_person(desk: World) -> None:
    lasting(desk, "all", at(5 * MINUTE, "ann", "ann", repeat_every=15 * MINUTE, repeat_limit=3))
    alerts(desk)
    desk.pass_(DAY)
    for minute in (5, 20, 35):
        desk.phone("ann").expects("disk", at=minute * MINUTE)
    desk.nothing_else_was_sent()
    assert len(desk.incident("disk").course.pagings) == 1


def test_a_send_that_fails_goes_to_the_next_contact(desk: World) -> None:
    desk.has(person("dora", ring("sms"), ring("email")))
    desk.phone("dora").breaks(Trouble.NEVER, "sms")
    lasting(desk, "all", at(0, "dora"))
    alerts(desk)
    desk.phone("dora").expects("disk", at=0, by="email")
    desk.stays_quiet(DAY)


def test_steps_keep_their_own_clocks(desk: World) -> None:
    lasting(
        desk,
        "all",
        at(0, "ann", repeat_every=10 * MINUTE, repeat_limit=3),
        at(15 * MINUTE, "bob", repeat_every=5 * MINUTE, repeat_limit=2),
    )
    alerts(desk)
    desk.pass_(DAY)
    for minute in (0, 10, 20):
        desk.phone("ann").expects("disk", at=minute * MINUTE)
    for minute in (15, 20):
        desk.phone("bob").expects("disk", at=minute * MINUTE)
    desk.nothing_else_was_sent()


def test_taking_an_acknowledgement_back_lets_a_run_go_on_without_making_up(desk: World) -> None:
    lasting(desk, "all", at(0, "ann", repeat_every=10 * MINUTE, repeat_limit=4), at(60 * MINUTE, "bob"))
    alerts(desk)
    desk.pass_(11 * MINUTE)
    desk.acknowledges("ann", "disk")
    desk.pass_(24 * MINUTE)
    desk.does(incidents.unacknowledge, "ann", "disk")
    desk.pass_(DAY)
    for minute in (0, 10, 40, 50):
        desk.phone("ann").expects("disk", at=minute * MINUTE)
    desk.phone("bob").expects("disk", at=60 * MINUTE)
    desk.nothing_else_was_sent()


def test_an_acknowledgement_that_lasts_too_long_begins_everything_anew(desk: World) -> None:
    desk.settings(ack_timeout=HOUR)
    lasting(desk, "all", at(0, "ann"))
    alerts(desk)
    desk.phone("ann").expects("disk", at=0)
    desk.acknowledges("bob", "disk")
    desk.pass_(DAY)
    desk.phone("ann").expects("disk", at=HOUR)


def test_escalating_takes_the_next_step_of_a_run_that_is_held_up(desk: World) -> None:
    lasting(desk, "all", at(0, "ann"), at(HOUR, "bob"), at(2 * HOUR, "carl"))
    alerts(desk)
    desk.phone("ann").expects("disk", at=0)
    desk.acknowledges("ann", "disk")
    desk.pass_(10 * MINUTE)
    desk.escalates("ann", "disk")
    desk.phone("bob").expects("disk", at=10 * MINUTE)
    desk.pass_(DAY)
    desk.phone("carl").expects("disk", at=2 * HOUR)


def test_a_step_that_fell_due_meanwhile_still_acts(desk: World) -> None:
    lasting(
        desk,
        "all",
        at(5 * MINUTE, "ann"),
        at(10 * MINUTE, "bob", repeat_every=15 * MINUTE, repeat_limit=2),
        at(20 * MINUTE, "carl"),
    )
    alerts(desk)
    desk.acknowledges("ann", "disk")
    desk.pass_(12 * MINUTE)
    desk.does(incidents.unacknowledge, "ann", "disk")
    desk.phone("ann").expects("disk", at=12 * MINUTE)
    desk.pass_(DAY)
    desk.phone("carl").expects("disk", at=20 * MINUTE)
    desk.phone("bob").expects("disk", at=25 * MINUTE)
    desk.phone("bob").expects("disk", at=40 * MINUTE)
    desk.nothing_else_was_sent()


@pytest.mark.parametrize("heals", [True, False])
def test_an_end_of_a_suppression_or_of_health_lets_it_go_on_too(desk: World, heals: bool) -> None:
    lasting(desk, "all", at(0, "ann", repeat_every=10 * MINUTE, repeat_limit=3))
    alerts(desk)
    desk.pass_(5 * MINUTE)
    if heals:
        alerts(desk, signal=Signal.RECOVERY)
        desk.pass_(20 * MINUTE)
        alerts(desk, signal=Signal.WARNING)
    else:
        desk.does(incidents.suppress, "bob", "disk", desk.now + 20 * MINUTE)
    desk.pass_(DAY)
    for minute in (0, 30, 40):
        desk.phone("ann").expects("disk", at=minute * MINUTE)
    desk.nothing_else_was_sent()


def test_a_run_that_was_complete_sends_no_more(desk: World) -> None:
    lasting(desk, "all", at(0, "ann"))
    alerts(desk)
    desk.phone("ann").expects("disk", at=0)
    alerts(desk, signal=Signal.RECOVERY)
    desk.pass_(MINUTE)
    alerts(desk)
    desk.stays_quiet(DAY)


def test_a_worse_state_leaves_an_acknowledgement_of_a_lasting_alert(desk: World) -> None:
    lasting(desk, "all", at(0, "ann", repeat_every=10 * MINUTE, repeat_limit=9))
    alerts(desk, signal=Signal.WARNING)
    desk.phone("ann").expects("disk", at=0)
    desk.acknowledges("ann", "disk")
    alerts(desk)
    desk.stays_quiet(DAY)


def test_a_state_that_is_left_sends_one_message_each_time(desk: World) -> None:
    lasting(desk, "all", step("ann", on_state_left="critical"))
    alerts(desk, signal=Signal.WARNING)
    alerts(desk)
    desk.stays_quiet(HOUR)
    assert not desk.incident("disk").unreached
    alerts(desk, signal=Signal.RECOVERY)
    desk.phone("ann").expects("disk", at=HOUR)
    alerts(desk)
    desk.acknowledges("bob", "disk")
    alerts(desk, signal=Signal.WARNING)
    desk.stays_quiet(HOUR)


def test_a_rule_is_asked_again_and_its_policy_waits_from_the_opening(desk: World) -> None:
    often_enough = Condition(field=ALERTS, op=Op.AT_LEAST, value="3")
    lasting(desk, "third", at(10 * MINUTE, "ann"), condition=often_enough)
    alerts(desk)
    desk.pass_(5 * MINUTE)
    alerts(desk)
    desk.pass_(MINUTE)
    alerts(desk)
    desk.pass_(DAY)
    alerts(desk)
    desk.pass_(DAY)
    desk.phone("ann").expects("disk", at=10 * MINUTE)
    desk.nothing_else_was_sent()


def test_a_policy_that_joins_late_acts_at_once_and_not_while_somebody_has_acknowledged(desk: World) -> None:
    alerts(desk, "one")
    alerts(desk, "two")
    desk.acknowledges("bob", "two")
    lasting(desk, "late", at(10 * MINUTE, "ann", repeat_every=15 * MINUTE, repeat_limit=2))
    desk.stays_quiet(HOUR)
    alerts(desk, "one")
    alerts(desk, "two")
    desk.pass_(10 * MINUTE)
    desk.phone("ann").expects("one", at=HOUR)
    desk.does(incidents.unacknowledge, "bob", "two")
    desk.pass_(DAY)
    desk.phone("ann").expects("two", at=70 * MINUTE)
    desk.phone("ann").expects("one", at=75 * MINUTE)
    desk.phone("ann").expects("two", at=85 * MINUTE)
    desk.nothing_else_was_sent()


def test_so_many_alerts_within_a_span(desk: World) -> None:
    flaps = Condition(field=f"{WITHIN}{10 * MINUTE}", op=Op.AT_LEAST, value="3")
    lasting(desk, "flaps", at(0, "ann"), condition=flaps)
    for _ in range(5):
        alerts(desk)
        desk.pass_(6 * MINUTE)
    desk.nothing_else_was_sent()
    alerts(desk)
    desk.pass_(2 * MINUTE)
    alerts(desk)
    desk.phone("ann").expects("disk", at=32 * MINUTE)


def test_a_policy_that_is_changed_is_followed(desk: World) -> None:
    first = at(5 * MINUTE, "ann", id="first", repeat_every=10 * MINUTE, repeat_limit=9)
    lasting(desk, "all", first, at(HOUR, "bob", id="second"), at(2 * HOUR, "boss", id="gone"))
    alerts(desk)
    desk.pass_(6 * MINUTE)
    changed = at(5 * MINUTE, "carl", id="first", repeat_every=20 * MINUTE, repeat_limit=3)
    lasting(desk, "all", changed, at(30 * MINUTE, "bob", id="second"), at(40 * MINUTE, "ann", id="new"))
    desk.pass_(DAY)
    desk.phone("ann").expects("disk", at=5 * MINUTE)
    desk.phone("carl").expects("disk", at=15 * MINUTE)
    desk.phone("carl").expects("disk", at=35 * MINUTE)
    desk.phone("bob").expects("disk", at=30 * MINUTE)
    desk.phone("ann").expects("disk", at=40 * MINUTE)
    desk.nothing_else_was_sent()


def test_a_policy_that_is_switched_off_ends_and_is_a_new_one_when_it_is_back(desk: World) -> None:
    lasting(desk, "all", at(0, "ann", repeat_every=10 * MINUTE, repeat_limit=9))
    alerts(desk)
    desk.phone("ann").expects("disk", at=0)
    lasting(desk, "all", at(0, "ann", repeat_every=10 * MINUTE, repeat_limit=9), active=False)
    desk.stays_quiet(HOUR)
    alerts(desk)
    desk.stays_quiet(HOUR)
    desk.tells("disk", "all: switched off")
    lasting(desk, "all", at(0, "ann"))
    alerts(desk)
    desk.phone("ann").expects("disk", at=2 * HOUR)


def test_a_policy_that_is_removed_ends(desk: World) -> None:
    lasting(desk, "all", at(0, "ann", repeat_every=10 * MINUTE, repeat_limit=9))
    alerts(desk)
    desk.phone("ann").expects("disk", at=0)
    desk.loses(desk.organization.rules["all"], desk.organization.policies["all"])
    desk.stays_quiet(DAY)
    desk.tells("disk", "all: removed")


def test_a_remark_is_noted_once(desk: World) -> None:
    desk.rule("watched", beside=True, condition=says("disk"), remark="would page ann")
    for _ in range(3):
        alerts(desk)
    assert [line.text for line in desk.story("disk")].count("would page ann") == 1


def test_a_partners_policy_acts_on_its_clients(desk: World) -> None:
    partner = desk.org
    lasting(desk, "msp", at(0, "ann"))
    desk.has(person("boss", role=Role.GLOBAL_ADMIN))
    for name in ("one", "two"):
        desk.write(lambda tx, name=name: tx.create_organization(name, name, partner, desk.now))
    mine = Condition(field=ORGANIZATION, value=str(partner + 1))
    desk.rule("msp", starts=(Start("msp"),), beside=True, clients=True, condition=mine)
    desk.org = partner + 1
    alerts(desk, "first")
    desk.phone("ann").expects("first").replies("ack")
    assert desk.incident("first").acked_by == "ann"
    desk.org = partner + 2
    alerts(desk, "second")
    desk.nothing_else_was_sent()


def test_the_partners_safety_net_holds_a_client_that_has_none(desk: World) -> None:
    desk.has(person("boss", role=Role.GLOBAL_ADMIN))
    desk.org = desk.write(lambda tx: tx.create_organization("one", "One", desk.org, desk.now)).number
    desk.alert("nothing", "disk")
    desk.phone("boss").expects("disk")
    desk.has(person("own", role=Role.GLOBAL_ADMIN))
    desk.alert("nothing", "web")
    desk.phone("own").expects("web")
    desk.nothing_else_was_sent()


def test_a_called_policy_that_is_off_reaches_nobody(desk: World) -> None:
    desk.policy("off", step("bob"), active=False)
    desk.policy("db", step(policy("off")), step("ann", wait=HOUR))
    desk.key("db", "db")
    desk.alert("db", "disk")
    desk.phone("ann").expects("disk", at=0)
    desk.tells("disk", "policy off is switched off")


def test_repeats_of_a_roster_that_is_empty_at_first_reach_who_comes(desk: World) -> None:
    desk.schedule("roster", layer("", "bob", start=BEGINNING, days=1))
    desk.settings(safety_net=(user("carl"),))
    lasting(desk, "all", step(schedule("roster"), since=Since.START, repeat_every=10 * MINUTE, repeat_limit=3))
    desk.pass_(DAY - 15 * MINUTE)
    alerts(desk)
    desk.pass_(HOUR)
    desk.phone("bob").expects("disk", at=DAY + 5 * MINUTE)
    desk.phone("carl").ignores_the_rest()


@pytest.mark.parametrize("left", [True, False])
def test_a_lasting_alert_whose_policy_is_switched_off_rests(desk: World, left: bool) -> None:
    desk.has(person("boss", role=Role.GLOBAL_ADMIN))
    lasting(desk, "all", at(10 * MINUTE, "ann"))
    alerts(desk)
    lasting(desk, "all", at(10 * MINUTE, "ann"), active=False)
    if left:
        alerts(desk, signal=Signal.WARNING)
    desk.stays_quiet(DAY)


def test_escalating_leaves_off_what_is_switched_off(desk: World) -> None:
    lasting(desk, "off", at(10 * MINUTE, "ann"), at(HOUR, "bob"))
    lasting(desk, "on", at(0, "carl"))
    alerts(desk)
    desk.phone("carl").expects("disk", at=0)
    lasting(desk, "off", at(10 * MINUTE, "ann"), at(HOUR, "bob"), active=False)
    desk.pass_(11 * MINUTE)
    desk.escalates("ann", "disk")
    desk.phone("carl").expects("disk", at=11 * MINUTE)
    desk.stays_quiet(DAY)


def test_a_step_that_does_not_repeat_acts_once_when_it_was_missed(desk: World) -> None:
    lasting(desk, "all", at(0, "bob"), at(10 * MINUTE, "ann", repeat_limit=3), at(DAY, "carl"))
    alerts(desk)
    desk.phone("bob").expects("disk", at=0).replies("ack")
    desk.pass_(20 * MINUTE)
    desk.does(incidents.unacknowledge, "bob", "disk")
    desk.phone("ann").expects("disk", at=20 * MINUTE)
    assert len([one for one in desk.deliveries("disk") if one.user_id == "ann"]) == 1
