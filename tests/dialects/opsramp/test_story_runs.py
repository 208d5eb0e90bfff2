"""What escalation policies do, from 10:00 on in virtual time (reference, parts 8.5, 10 and 17)."""

from typing import Any

import pytest

from tests.dialects.opsramp.policies import (
    UNTIL_SUPPRESSED,
    UNTIL_TICKETED,
    alert,
    group,
    message,
    policy,
    post,
    roster,
    settle,
    staff,
    team,
    user,
)
from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.stories.town import layer
from tests.stories.world import World
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.incident import Actor
from watchbill.domain.rota import Schedule
from watchbill.domain.tickets import Ticket
from watchbill.usecases import tickets
from watchbill.usecases.explain import explain

TYPES = (UNTIL_TICKETED, UNTIL_SUPPRESSED, "AUTOMATIC")
TEN = 10 * HOUR


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    """Ten o'clock, with ann on duty until noon and bob after her."""
    staff(world, "ann", "bob", "carl", "dora")
    team(world, "ops", "ann", "bob", email="ops@example.org")
    duty = layer("ann", "bob", start=world.now - 12 * HOUR, days=1)
    settle(world, Schedule("duty", 1, "duty", "Duty", "UTC", (duty,)))
    world.pass_(TEN)
    return client


def at(clock: str) -> int:
    """ "10:05" as a time of the story."""
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


def until(world: World, clock: str) -> None:
    world.pass_(at(clock) - world.elapsed)


def act(desk: Ramp, action: str, **body: Any) -> None:
    answer = desk.post(f"alerts/{1_000_000 + desk.world.org}/actions/{action}", body)
    answer.expect(200)


def gets(world: World, name: str, *clocks: str) -> None:
    for clock in clocks:
        world.phone(name).expects("disk full", at=at(clock))


def tells(world: World, *texts: str) -> None:
    lines = " | ".join(line.text for line in world.write(explain, world.org, 1).lines)
    for text in texts:
        assert text in lines, lines


def over(world: World) -> None:
    """Nothing more comes, for a week, and nothing came that was not told of."""
    world.pass_(7 * DAY)
    world.nothing_else_was_sent()


@pytest.mark.parametrize("kind", TYPES)
def test_a_step_waits_repeats_and_ends_after_its_limit_the_first_included(world: World, desk: Ramp, kind: str) -> None:
    post(desk, policy(message(user(1), wait=5, notifyLimitCount=5), escalationType=kind))
    alert(desk)
    until(world, "12:00")
    gets(world, "ann", "10:05", "10:20", "10:35", "10:50", "11:05")
    over(world)


def test_the_limit_is_two_where_none_is_sent(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), wait=5)))
    alert(desk)
    until(world, "12:00")
    gets(world, "ann", "10:05", "10:20")
    over(world)


def test_waits_count_from_the_alert_and_steps_do_not_end_each_other(world: World, desk: Ramp) -> None:
    steps = (
        message(user(3), wait=30, notifyLimitCount=1),
        message(user(1), wait=5, notifyLimitCount=4),
        message(user(2)),
    )
    post(desk, policy(*steps))
    alert(desk)
    until(world, "10:02")
    alert(desk)  # a repeat moves no clock
    until(world, "12:00")
    gets(world, "bob", "10:00", "10:15")
    gets(world, "ann", "10:05", "10:20", "10:35", "10:50")
    gets(world, "carl", "10:30")
    over(world)


def test_a_group_a_roster_and_a_mailing_list(world: World, desk: Ramp) -> None:
    mailing = {"id": "USRGRP-ops", "type": "USERGROUP_DL"}
    post(desk, policy(message(group("ops"), roster("duty"), user(1), mailing, notifyLimitCount=1)))
    alert(desk)
    gets(world, "ann", "10:00")
    gets(world, "bob", "10:00")
    world.phone("ops@example.org").expects("disk full", at=TEN, by="email")
    over(world)


def test_who_is_on_duty_is_asked_before_each_message(world: World, desk: Ramp) -> None:
    post(desk, policy(message(roster("duty"), repeatFrequency=90, notifyLimitCount=3)))
    alert(desk)
    until(world, "15:00")
    gets(world, "ann", "10:00", "11:30")
    gets(world, "bob", "13:00")
    over(world)


def test_an_empty_roster_is_told_of_and_the_others_get_their_message(world: World, desk: Ramp) -> None:
    settle(world, Schedule("none", 2, "none", "None", "UTC", (layer("", start=world.now - HOUR),)))
    post(desk, policy(message(roster("none"), user(3), notifyLimitCount=1)))
    alert(desk)
    gets(world, "carl", "10:00")
    tells(world, "schedule None (current) has nobody now")
    over(world)


@pytest.mark.parametrize("action", ["acknowledge", "close", "suppress", "heal"])
@pytest.mark.parametrize("kind", TYPES)
def test_what_ends_a_run(world: World, desk: Ramp, kind: str, action: str) -> None:
    post(desk, policy(message(user(1), notifyLimitCount=9), message(user(2), wait=20), escalationType=kind))
    alert(desk)
    until(world, "10:10")
    act(desk, action)
    gets(world, "ann", "10:00")
    over(world)


def test_an_ok_ends_a_run_too(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), notifyLimitCount=9)))
    alert(desk)
    alert(desk, state="OK")
    gets(world, "ann", "10:00")
    over(world)


@pytest.mark.parametrize(("kind", "goes_on"), [(UNTIL_TICKETED, False), ("AUTOMATIC", False), (UNTIL_SUPPRESSED, True)])
def test_a_ticket_ends_a_run_of_one_type_only(world: World, desk: Ramp, kind: str, goes_on: bool) -> None:
    post(desk, policy(message(user(1), notifyLimitCount=2), escalationType=kind))
    alert(desk)
    until(world, "10:10")
    ticketed(world)
    until(world, "10:30")
    gets(world, "ann", "10:00", *(["10:15"] if goes_on else []))
    over(world)


def ticketed(world: World) -> None:
    """An operator attaches an incident."""
    draft = Ticket(world.org, 0, 0, subject="by hand", incidents=(1,))
    world.write(tickets.create, draft, Actor("operator"), world.now)


@pytest.mark.parametrize(
    ("holds", "goes_on"),
    [("acknowledge", "unAcknowledge"), ("suppress", "Unsuppress"), ("heal", "")],
)
def test_a_run_goes_on_without_making_up_and_keeps_its_count(
    world: World, desk: Ramp, holds: str, goes_on: str
) -> None:
    post(desk, policy(message(user(1), notifyLimitCount=4)))
    alert(desk)
    until(world, "10:10")
    act(desk, holds)
    until(world, "10:50")
    if goes_on:
        act(desk, goes_on)
    else:
        alert(desk, state="Warning")
    until(world, "12:00")
    gets(world, "ann", "10:00", "11:00", "11:15", "11:30")
    over(world)


def test_the_end_of_a_snooze_lets_it_go_on(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), notifyLimitCount=3)))
    alert(desk)
    act(desk, "suppress", snoozeDuration=40)
    until(world, "12:00")
    gets(world, "ann", "10:00", "10:45", "11:00")
    over(world)


def test_a_run_that_was_complete_sends_no_more_when_it_is_worse_again(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), notifyLimitCount=1), message(user(2), alertStateTransitionFrom="WARNING")))
    alert(desk, state="Warning")
    gets(world, "ann", "10:00")
    alert(desk, state="Ok")
    gets(world, "bob", "10:00")
    until(world, "11:00")
    alert(desk, state="Warning")
    alert(desk, state="Critical")
    gets(world, "bob", "11:00")
    over(world)


def test_leaving_a_state_sends_one_message_each_time(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), wait=5, alertStateTransitionFrom="CRITICAL", notifyLimitCount=5)))
    alert(desk, state="Warning")
    until(world, "10:10")
    alert(desk, state="Critical")
    until(world, "10:20")
    alert(desk, state="Warning")
    gets(world, "ann", "10:20")
    alert(desk, state="Critical")
    until(world, "10:30")
    alert(desk, state="OK")
    gets(world, "ann", "10:30")
    alert(desk, state="Critical")
    act(desk, "acknowledge")
    alert(desk, state="Warning")
    over(world)


def test_nobody_is_told_that_a_policy_of_transitions_reached_nobody(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), alertStateTransitionFrom="CRITICAL")))
    alert(desk)
    over(world)


def test_an_event_after_closing_is_a_new_alert_and_a_new_run(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), notifyLimitCount=1)))
    alert(desk)
    act(desk, "close")
    until(world, "10:10")
    alert(desk)
    gets(world, "ann", "10:00", "10:10")
    over(world)


def test_manual_sends_nothing_by_itself(world: World, desk: Ramp) -> None:
    told = post(desk, policy(message(user(1)), escalationType="MANUAL"))
    alert(desk)
    over(world)
    assert desk.get(f"alerts/{1_000_000 + world.org}/escalations").expect(200)["id"] == told["id"]


def test_a_policy_is_changed_disabled_enabled_and_removed_while_it_runs(world: World, desk: Ramp) -> None:
    told = post(
        desk, policy(message(user(1), notifyLimitCount=9), message(user(2), wait=60), message(user(3), wait=90))
    )
    url = f"escalations/{told['id']}"
    alert(desk)
    until(world, "10:10")
    steps = told["escalations"]
    desk.post(url, {"escalations": [{**steps[0], "repeatFrequency": 10}, {**steps[1], "waitMins": 20}]}).expect(200)
    until(world, "10:30")
    gets(world, "ann", "10:00", "10:15", "10:25")
    gets(world, "bob", "10:20")
    desk.post(f"{url}/disable").expect(200)
    until(world, "11:30")
    world.nothing_else_was_sent()
    desk.post(f"{url}/enable").expect(200)
    until(world, "11:40")
    world.nothing_else_was_sent()
    alert(desk)  # a policy that is enabled later applies from the next event on, by the alert's clock
    gets(world, "ann", "11:40")
    gets(world, "bob", "11:40")
    desk.delete(url).expect(200)
    over(world)


def test_each_matching_policy_has_a_run_of_its_own(world: World, desk: Ramp) -> None:
    post(desk, policy(message(user(1), wait=5, notifyLimitCount=1), name="one"))
    post(desk, policy(message(user(1), wait=5, notifyLimitCount=1), message(user(2), wait=10, notifyLimitCount=1)))
    alert(desk)
    until(world, "11:00")
    assert len(world.phone("ann").ignores_the_rest()) >= 1
    gets(world, "bob", "10:10")
    over(world)


def test_a_restart_neither_loses_nor_doubles(tmp_path: Any) -> None:
    world = World(f"sqlite:///{tmp_path}/watchbill.db")
    number = client_of(world)
    desk = Ramp(world, f"client_{number}", number)
    staff(world, "ann")
    post(desk, policy(message(user(1), notifyLimitCount=4)))
    alert(desk)
    for _ in range(6):
        world.restarts()
        world.pass_(10 * MINUTE)
    for minute in (0, 15, 30, 45):
        world.phone("ann").expects("disk full", at=minute * MINUTE)
    world.nothing_else_was_sent()
    world.close()


def test_what_was_sent_to_whom_and_why_is_told(world: World, desk: Ramp) -> None:
    post(desk, policy(message(roster("duty"), notifyLimitCount=1)))
    alert(desk)
    tells(world, "rule Disks", "Disks: step 1 of 1", "on call by layer Layer of Duty until", "pocket to ann")
    gets(world, "ann", "10:00")
