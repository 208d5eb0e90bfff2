"""What is removed is named by nothing any more, and what is left is valid."""

from dataclasses import replace

import pytest

from tests.usecases.organizations import DAY, ORG, POLICY, at
from watchbill.domain.checks import check
from watchbill.domain.organization import Endpoint, Organization
from watchbill.domain.plans import EscalationPolicy, Step, Target, TargetKind
from watchbill.domain.rota import Override
from watchbill.domain.routes import RoutingKey, Rule, Start
from watchbill.usecases.directory import changed
from watchbill.usecases.removal import removal

EVERYTHING = (
    Target(TargetKind.USER, "ann"),
    Target(TargetKind.SCHEDULE, "rota"),
    Target(TargetKind.TEAM, "web"),
    Target(TargetKind.POLICY, "policy"),
    Target(TargetKind.WEBHOOK, "hook"),
    Target(TargetKind.EMAIL, "ops@example.org"),
)
CALLS_ALL = EscalationPolicy("all", 2, "all", "All", (Step("all-1", EVERYTHING),), team_ids=("web",))
FULL = replace(
    ORG,
    settings=replace(ORG.settings, safety_net=(*ORG.settings.safety_net, Target(TargetKind.USER, "ann"))),
    policies={"policy": POLICY, "all": CALLS_ALL},
    endpoints={"hook": Endpoint("hook", 1, "hook", "Hook", "webhook", "https://hook.example")},
    overrides={
        "cover": Override("cover", at(5), at(6), 0, "bob", "ann", schedule_id="rota"),
        "other": Override("other", at(5), at(5) + DAY, 0, "bob", "cyd"),
    },
    rules={
        "own": Rule("own", 1, "own", 1, starts=(Start("policy"), Start(user_id="ann")), team_id="web"),
        "to web": Rule("to web", 2, "to web", 2, reroute_team_id="web"),
        "told": Rule("told", 3, "told", 3, starts=(Start("all"),), notify=(Target(TargetKind.WEBHOOK, "hook"),)),
    },
    routing_keys={"key": RoutingKey("key", 1, "db", (Start("policy"), Start(user_id="ann")), is_default=True)},
)


def without(kind: str, id: str) -> Organization:
    return changed(FULL, removal(FULL, kind, id))


def test_the_full_organization_is_valid() -> None:
    assert check(FULL) == []


@pytest.mark.parametrize(
    ("kind", "id"), [("user", "ann"), ("schedule", "rota"), ("team", "web"), ("policy", "policy"), ("endpoint", "hook")]
)
def test_what_is_left_is_valid(kind: str, id: str) -> None:
    left = without(kind, id)
    assert check(left) == []
    assert len(left.policies["all"].steps[0].targets) == len(EVERYTHING) - 1


def test_a_user_leaves_turns_teams_starts_and_the_safety_net() -> None:
    left = without("user", "ann")
    assert "ann" not in left.users
    assert [turn.user_ids for turn in left.schedules["rota"].layers[0].turns] == [(), ("bob",)]
    assert [member.user_id for member in left.teams["web"].members] == ["bob"]
    assert left.routing_keys["key"].starts == (Start("policy"),)
    assert left.rules["own"].starts == (Start("policy"),)
    assert left.settings.safety_net == ORG.settings.safety_net
    assert set(left.overrides) == {"other"}


def test_a_schedule_takes_its_overrides_along() -> None:
    assert set(without("schedule", "rota").overrides) == {"other"}


def test_a_team_takes_its_rules_along_and_those_that_hand_over_to_it() -> None:
    left = without("team", "web")
    assert set(left.rules) == {"told"}
    assert left.policies["policy"].team_id is None
    assert left.schedules["rota"].team_ids == ()


def test_a_policy_is_started_by_nothing_any_more() -> None:
    left = without("policy", "policy")
    assert left.routing_keys["key"].starts == (Start(user_id="ann"),)
    assert left.rules["own"].starts == (Start(user_id="ann"),)


def test_an_endpoint_is_told_nothing_any_more() -> None:
    assert without("endpoint", "hook").rules["told"].notify == ()


def test_what_nothing_names_goes_alone() -> None:
    assert [change.id for change in removal(FULL, "rule", "told")] == ["told"]
