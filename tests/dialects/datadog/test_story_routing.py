"""Whom a page reaches, row by row (reference, part 5.2)."""

import pytest

from tests.dialects.datadog.oncall import ANN, BOB, CYD, DB, WEB, Story, step, weekly
from tests.stories.town import paged_by, person, ring
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.people import Urgency
from watchbill.domain.record import replace
from watchbill.domain.routing import select_for_team
from watchbill.usecases.alerts import Arrival, receive

OFFICE = {
    "time_zone": "UTC",
    "restrictions": [weekly(day, "09:00:00", day, "17:00:00") for day in ("monday", "tuesday")],
}


def escalation(id: str, **more: object) -> dict[str, object]:
    return {"type": "escalation_policy", "policy_id": id, **more}


def test_a_person_is_notified_directly_on_call_or_not_and_nothing_escalates(story: Story) -> None:
    story.steps(step(ANN), step(BOB))
    story.pages("disk", user_id=CYD)
    story.world.phone(CYD).expects("disk", at=0)
    story.world.stays_quiet(DAY)
    assert story.phase("disk") == "triggered"
    story.world.tells("disk", "admin pages Cyd")


def test_the_first_rule_that_matches_wins_and_the_last_matches_all(story: Story) -> None:
    ann, bob, cyd = (story.policy(step(one), name=one) for one in (ANN, BOB, CYD))
    story.rules(
        {"query": "tags.env:prod tags.service:(a OR b)", "policy_id": ann},
        {"query": "tags.env:prod", "policy_id": bob},
        {"policy_id": cyd},
    )
    for title, tags, who in (
        ("one", ["env:prod", "service:b"], ANN),
        ("two", ["env:prod", "service:c"], BOB),
        ("three", ["env:Prod", "service:a"], CYD),
        ("four", [], CYD),
        ("five", ["service:c", "service:a", "env:prod"], ANN),
    ):
        story.pages(title, tags=tags)
        story.world.phone(who).expects(title)
        story.world.pass_(HOUR)


def test_outside_its_windows_a_rule_is_skipped(story: Story) -> None:
    ann, bob = (story.policy(step(one), name=one) for one in (ANN, BOB))
    story.rules({"time_restriction": OFFICE, "policy_id": ann}, {"policy_id": bob})
    for at, who in ((9 * HOUR - 1, BOB), (9 * HOUR, ANN), (17 * HOUR - 1, ANN), (17 * HOUR, BOB), (33 * HOUR, ANN)):
        story.world.pass_(at - story.world.elapsed)
        story.pages(f"at {at}")
        story.world.phone(who).expects(f"at {at}", at=at)


def test_all_actions_of_the_rule_run(story: Story) -> None:
    story.world.hook("status-page")
    id = story.policy(step(ANN))
    slack = {"type": "send_slack_message", "workspace": "w", "channel": "ops"}
    story.rules({"actions": [slack, {"type": "workflow", "handle": "status-page"}, escalation(id, urgency="high")]})
    story.pages("disk")
    story.world.phone("slack ops").expects("disk", at=0)
    story.world.phone("status-page").expects("disk", at=0)
    story.world.phone(ANN).expects("disk", at=0)


def test_a_rule_with_chat_actions_alone_makes_a_page_that_escalates_to_nobody(story: Story) -> None:
    slack = {"type": "send_slack_message", "workspace": "w", "channel": "ops"}
    id = story.policy(step(ANN))
    story.rules({"query": "tags.env:test", "actions": [slack]}, {"policy_id": id})
    story.pages("disk", tags=["env:test"])
    story.world.phone("slack ops").expects("disk")
    story.world.stays_quiet(DAY)
    assert story.phase("disk") == "triggered"
    assert not story.world.incident("disk").unreached


def test_another_team_takes_the_page_by_its_own_rules(story: Story) -> None:
    ann, bob, cyd = (story.policy(step(one), name=one) for one in (ANN, BOB, CYD))
    slack = {"type": "send_slack_message", "workspace": "w", "channel": "ops"}
    story.rules(
        {"query": "tags.db:*", "actions": [slack, {"type": "reroute_to_team", "destination_team_id": DB}]},
        {"policy_id": ann},
    )
    story.rules({"query": "tags.db:big", "policy_id": bob}, {"policy_id": cyd}, team=DB)
    story.pages("small", tags=["db:small"])
    story.pages("big", tags=["db:big"])
    story.world.phone(CYD).expects("small")
    story.world.phone(BOB).expects("big")
    for title in ("small", "big"):
        story.world.phone("slack ops").expects(title)


def test_teams_that_hand_over_to_each_other_come_to_an_end(story: Story) -> None:
    ann = story.policy(step(ANN))
    for team, other in ((WEB, DB), (DB, WEB)):
        to_other = {"type": "reroute_to_team", "destination_team_id": other}
        story.rules({"query": "-tags.none:*", "actions": [to_other]}, {"policy_id": ann}, team=team)
    story.pages("disk")
    assert story.world.incident("disk").unreached
    story.world.phone(story.world.organization.users_by_name["admin"].id).expects("disk")


@pytest.mark.parametrize(("at", "starts"), [(0, 9 * HOUR), (9 * HOUR, 9 * HOUR), (17 * HOUR, 33 * HOUR)])
def test_outside_support_hours_the_policy_is_on_hold(story: Story, at: int, starts: int) -> None:
    id = story.policy(step(ANN), step(BOB))
    story.rules({"actions": [escalation(id, urgency="high", support_hours=OFFICE)]})
    story.world.pass_(at)
    story.pages("disk")
    assert story.phase("disk") == "triggered"
    if starts > at:
        story.world.tells("disk", "is held: outside support hours until")
    story.world.pass_(DAY)
    story.world.phone(ANN).expects("disk", at=starts)
    story.world.phone(BOB).expects("disk", at=starts + 5 * MINUTE)


@pytest.mark.parametrize(
    ("said", "asked", "channel"),
    [
        ("high", "low", "pocket"),
        ("low", "high", "email"),
        ("dynamic", "high", "pocket"),
        ("dynamic", "low", "email"),
        (None, "high", "pocket"),
        (None, "low", "email"),
    ],
)
def test_the_urgency_is_the_rules_or_the_pages_own(story: Story, said: str | None, asked: str, channel: str) -> None:
    low, high = paged_by("l", ring("email"), urgency=Urgency.LOW), paged_by("h", ring("pocket"), urgency=Urgency.HIGH)
    ann = story.world.organization.users[ANN]
    both = person(ANN, policies=(low, high))
    story.world.has(replace(ann, contacts=both.contacts, paging=both.paging))
    story.rules({"policy_id": story.policy(step(ANN)), "urgency": said})
    story.pages("disk", urgency=asked)
    story.world.phone(ANN).expects("disk", by=channel)
    assert story.world.incident("disk").urgency == (said if said in ("high", "low") else asked)


def test_a_monitor_that_warns_is_low_and_one_that_alerts_is_high(story: Story) -> None:
    """Monitors are alerts of other senders here; their rules are the same."""
    story.rules({"policy_id": story.policy(step(ANN)), "urgency": "dynamic"})
    world = story.world
    for signal, urgency in ((Signal.WARNING, Urgency.LOW), (Signal.CRITICAL, Urgency.HIGH)):
        event = AlertEvent(signal, signal.value, signal.value)
        selection = select_for_team(world.organization, WEB, event, world.now)
        arrival = Arrival(world.org, "", event, selection=selection)
        world.remembers(world.write(receive, [arrival], world.now))
        world.pass_(HOUR)
        assert world.incident(signal.value).urgency is urgency
        world.phone(ANN).expects(signal.value)


def test_a_team_without_any_rule_makes_a_page_and_says_that_it_reached_nobody(story: Story) -> None:
    story.pages("disk", team_id=DB)
    assert story.world.incident("disk").unreached
    story.world.tells("disk", "no routing rule of the team applies")
    story.world.phone(story.world.organization.users_by_name["admin"].id).expects("disk")
