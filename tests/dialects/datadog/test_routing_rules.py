"""The routing rules of a team (reference, part 4.5)."""

from typing import Any

import pytest
from datadog_api_client.v2.model.team_routing_rules import TeamRoutingRules

from tests.dialects.datadog.asking import speaker
from tests.dialects.datadog.models import parsed
from tests.dialects.datadog.oncall import (
    ANN,
    DB,
    ON_CALL,
    POLICIES,
    WEB,
    details,
    made,
    policy,
    rules,
    staffed,
    step,
    uuid,
    weekly,
)
from tests.stories.town import hook, mailbox, room
from tests.stories.world import World
from watchbill.domain.civil import MINUTE, SECOND, Hours, Window
from watchbill.domain.organization import Endpoint
from watchbill.domain.people import Member, Role, Team, Urgency
from watchbill.domain.record import replace
from watchbill.domain.routes import Condition, Op, Rule, Start

PLACE = f"{ON_CALL}/teams/{WEB}/routing-rules"
PARIS = {"time_zone": "Europe/Paris", "restrictions": [weekly("monday", "09:00:00", "monday", "17:00:00")]}
SLACK = {"type": "send_slack_message", "workspace": "w/1", "channel": "C 2"}
TEAMS = {"type": "send_teams_message", "tenant": "t", "team": "x", "channel": "c"}
WORKFLOW = {"type": "workflow", "handle": "My Workflow"}


def escalation(id: str, **more: Any) -> dict[str, Any]:
    return {"type": "escalation_policy", "policy_id": id, **more}


def with_policy(world: World) -> tuple[Any, str]:
    api = staffed(world)
    return api, made(api, POLICIES, policy(step(ANN)))


def test_the_recorded_example(world: World) -> None:
    api, p = with_policy(world)
    wednesday = {
        "time_zone": "Europe/Paris",
        "restrictions": [weekly("wednesday", "09:00:00", "wednesday", "17:00:00")],
    }
    asked = rules(
        WEB,
        {"query": "tags.service:a", "time_restriction": PARIS, "actions": [escalation(p, urgency="low")]},
        {
            "query": "tags.service:b",
            "actions": [escalation(p, urgency="low", ack_timeout_minutes=30, support_hours=wednesday)],
        },
        {"query": "tags.service:c", "policy_id": p, "urgency": "low"},
        {"query": "", "actions": [], "policy_id": p, "urgency": "dynamic"},
    )
    body = api.put(PLACE + "?include=rules,rules.policy", asked).expect(200)
    parsed(TeamRoutingRules, body)
    assert (body["data"]["id"], body["data"]["type"]) == (WEB, "team_routing_rules")
    each = body["included"]
    assert [one["id"] for one in body["data"]["relationships"]["rules"]["data"]] == [one["id"] for one in each]
    link = {"policy": {"data": {"id": p, "type": "policies"}}}
    assert [one["relationships"] for one in each] == [link] * 4
    assert [one["attributes"] for one in each] == [
        {
            "actions": [escalation(p, urgency="low")],
            "query": "tags.service:a",
            "time_restriction": PARIS,
            "urgency": "low",
        },
        {
            "actions": [escalation(p, urgency="low", ack_timeout_minutes=30, support_hours=wednesday)],
            "query": "tags.service:b",
            "urgency": "low",
        },
        {"actions": [escalation(p, urgency="low")], "query": "tags.service:c", "urgency": "low"},
        {"actions": [escalation(p, urgency="dynamic")], "query": "", "urgency": "dynamic"},
    ]
    assert api.get(PLACE + "?include=rules").expect(200) == body
    assert "included" not in api.get(PLACE).expect(200)


def test_what_they_are_in_the_core(world: World) -> None:
    api, p = with_policy(world)
    first = {"query": "tags.a:b", "actions": [escalation(p, urgency="high", ack_timeout_minutes=45)]}
    api.put(PLACE, rules(WEB, first, {"policy_id": p})).expect(200)
    one, other = world.organization.ordered_rules[WEB]
    assert one.starts == (Start(p, urgency=Urgency.HIGH, ack_timeout=45 * MINUTE),)
    assert one.condition == Condition(field="tags.a", value="b", ignore_case=False)
    assert (one.order, other.order, one.name, other.name) == (1, 2, "web 1", "web 2")
    assert (other.condition, other.starts) == (None, (Start(p),))


def test_a_team_without_rules_has_an_empty_set(world: World) -> None:
    api = staffed(world)
    empty = {"id": WEB, "type": "team_routing_rules", "relationships": {"rules": {"data": []}}}
    assert api.get(PLACE).expect(200) == {"data": empty}
    assert api.get(PLACE + "?include=rules").expect(200) == {"data": empty, "included": []}
    assert details(api.get(f"{ON_CALL}/teams/{uuid(99)}/routing-rules").expect(404)) == ["team not found"]
    api.put(f"{ON_CALL}/teams/{uuid(99)}/routing-rules", rules(uuid(99))).expect(404)


@pytest.mark.parametrize("attributes", [{"rules": []}, {"rules": None}, {}, None])
def test_both_ways_to_empty_the_set(world: World, attributes: Any) -> None:
    api, p = with_policy(world)
    api.put(PLACE, rules(WEB, {"policy_id": p})).expect(200)
    data = {"id": WEB, "type": "team_routing_rules"} | ({} if attributes is None else {"attributes": attributes})
    assert api.put(PLACE, {"data": data}).expect(200)["data"]["relationships"]["rules"] == {"data": []}
    assert not world.organization.rules


def test_null_and_empty_members_are_as_absent(world: World) -> None:
    api, p = with_policy(world)
    chat = {"query": "tags.a:b", "policy_id": "", "time_restriction": None, "actions": [SLACK], "urgency": None}
    body = api.put(PLACE + "?include=rules", rules(WEB, chat, {"policy_id": p, "actions": None})).expect(200)
    parsed(TeamRoutingRules, body)
    first = body["included"][0]
    assert first["attributes"] == {"actions": [SLACK], "query": "tags.a:b"}
    assert "relationships" not in first


def test_an_urgency_that_was_not_said_is_left_out(world: World) -> None:
    """Terraform would find a difference else."""
    api, p = with_policy(world)
    body = api.put(
        PLACE + "?include=rules", rules(WEB, {"query": "tags.a:b", "actions": [escalation(p)]}, {"policy_id": p})
    ).expect(200)
    for one in body["included"]:
        assert one["attributes"]["actions"] == [escalation(p)]
        assert "urgency" not in one["attributes"]
    assert [rule.starts[0].urgency for rule in world.organization.ordered_rules[WEB]] == [None, None]


def test_a_put_replaces_the_set_and_keeps_ids_that_it_names(world: World) -> None:
    api, p = with_policy(world)
    first = api.put(PLACE, rules(WEB, {"query": "tags.a:b", "policy_id": p}, {"policy_id": p})).expect(200)
    one, last = (each["id"] for each in first["data"]["relationships"]["rules"]["data"])
    asked = rules(WEB, {"query": "tags.c:d", "policy_id": p}, {"id": one, "query": "tags.e:f"}, {"policy_id": p})
    body = api.put(PLACE + "?include=rules", asked).expect(200)
    ids = [each["id"] for each in body["data"]["relationships"]["rules"]["data"]]
    assert ids[1] == one
    assert last not in ids
    assert [each["attributes"]["query"] for each in body["included"]] == ["tags.c:d", "tags.e:f", ""]
    assert len(world.organization.rules) == 3


# --- Actions


def test_actions_come_back_in_their_order(world: World) -> None:
    api, p = with_policy(world)
    actions = [SLACK, WORKFLOW, escalation(p, urgency="high"), TEAMS]
    body = api.put(PLACE + "?include=rules", rules(WEB, {"actions": actions})).expect(200)
    parsed(TeamRoutingRules, body)
    assert body["included"][0]["attributes"]["actions"] == actions


def test_rooms_and_workflows_are_endpoints_and_each_is_made_once(world: World) -> None:
    api, p = with_policy(world)
    actions = [SLACK, TEAMS, WORKFLOW, escalation(p)]
    for _ in range(2):
        api.put(PLACE, rules(WEB, {"query": "tags.a:b", "actions": [SLACK]}, {"actions": actions})).expect(200)
    places = {(one.kind, one.slug, one.address) for one in world.organization.endpoints.values()}
    assert places == {
        ("chat", "c-2", "slack://w%2F1/C%202"),
        ("chat", "c", "msteams://t/x/c"),
        ("webhook", "my-workflow", "https://my-workflow.invalid"),
    }


def test_a_workflow_is_the_webhook_of_that_name(world: World) -> None:
    api, p = with_policy(world)
    world.hook("status-page")
    asked = {"actions": [{"type": "workflow", "handle": "status-page"}, escalation(p)]}
    api.put(PLACE, rules(WEB, asked)).expect(200)
    assert list(world.organization.endpoints) == ["status-page"]
    assert world.organization.ordered_rules[WEB][0].notify == (hook("status-page"),)


def test_handing_over_to_another_team(world: World) -> None:
    api, p = with_policy(world)
    reroute = {"type": "reroute_to_team", "destination_team_id": DB}
    asked = rules(WEB, {"query": "tags.a:b", "actions": [SLACK, reroute]}, {"policy_id": p})
    body = api.put(PLACE + "?include=rules", asked).expect(200)
    parsed(TeamRoutingRules, body)
    assert body["included"][0]["attributes"]["actions"] == [SLACK, reroute]
    assert world.organization.ordered_rules[WEB][0].reroute_team_id == DB


# --- Refusals

P = "POLICY"
CATCH_ALL = 'attribute "rules.default_rule" the last rule must not use a query or a time restriction'
REROUTE = {"type": "reroute_to_team", "destination_team_id": DB}


@pytest.mark.parametrize(
    ("each", "detail"),
    [
        ([{"query": "tags.a:b", "policy_id": P}], CATCH_ALL),
        ([{"time_restriction": PARIS, "policy_id": P}], CATCH_ALL),
        ([{"actions": [SLACK]}], 'attribute "rule.escalation_policy" escalation policy is required'),
        ([{}], 'attribute "rule.escalation_policy" escalation policy is required'),
        ([{"actions": [REROUTE]}], 'attribute "rule.escalation_policy" escalation policy is required'),
        ([{"actions": [escalation(P), escalation(P)]}], "at most one escalation policy"),
        ([{"policy_id": P, "actions": [escalation(P)]}], '"rules[0].policy_id" must not be used together'),
        (
            [{"query": "a:b", "time_restriction": PARIS, "actions": [escalation(P, support_hours=PARIS)]}, {}],
            '"rules[0].time_restriction" must not be used together with support hours',
        ),
        ([{"query": "a:b", "actions": [REROUTE, REROUTE]}, {}], "one team at most"),
        ([{"query": "a:b", "actions": [REROUTE, WORKFLOW]}, {}], "must not reroute and"),
        ([{"query": "a:b", "actions": [REROUTE, escalation(P)]}, {}], "must not reroute and"),
        ([{"query": "a:b", "actions": [REROUTE], "policy_id": P}, {}], "must not reroute and"),
        ([{"policy_id": uuid(99)}], '"rules[0].policy_id" names an unknown escalation policy'),
        ([{"actions": [escalation("")]}], '"rules[0].actions[0].policy_id" is required'),
        ([{"policy_id": P, "urgency": "medium"}], 'must be one of "low high dynamic"'),
        ([{"actions": [escalation(P, ack_timeout_minutes=29)]}], "must be between 30 and 4320"),
        ([{"actions": [escalation(P, support_hours={"time_zone": "UTC"})]}], "restrictions"),
        ([{"actions": [escalation(P, support_hours={**PARIS, "time_zone": "x"})]}], "must be a time zone"),
        ([{"time_restriction": {"time_zone": "UTC", "restrictions": []}, "policy_id": P}], "at least one restriction"),
        ([{"query": "tags.a:(", "policy_id": P}], '"rules[0].query" is no valid query'),
        ([{"query": "tags.a:b~", "policy_id": P}], "none is understood"),
        ([{"actions": [{"type": "call_home"}]}], "must be one of"),
        ([{"actions": [{"type": "workflow"}]}], '"rules[0].actions[0].handle" is required'),
        ([{"actions": [{"type": "send_slack_message", "channel": "c"}]}], "workspace"),
        ([{"actions": [{**REROUTE, "destination_team_id": uuid(99)}]}], "names an unknown team"),
        ([{"actions": [{**REROUTE, "destination_team_id": "x"}]}], "must be a valid UUID"),
        ([1], "error decoding"),
    ],
)
def test_what_is_refused(world: World, each: Any, detail: str) -> None:
    api, p = with_policy(world)
    version = world.organization.version
    asked = _filled(rules(WEB, *[one for one in each if isinstance(one, dict)]), p)
    asked["data"]["attributes"]["rules"] += [one for one in each if not isinstance(one, dict)]
    assert any(detail in one for one in details(api.put(PLACE, asked).expect(400)))
    assert world.organization.version == version


def _filled(value: Any, p: str) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, p) for name, inner in value.items()}
    if isinstance(value, list):
        return [_filled(inner, p) for inner in value]
    return p if value == P else value


def test_the_id_in_the_body_is_the_teams(world: World) -> None:
    api, p = with_policy(world)
    assert "does not match" in details(api.put(PLACE, rules(DB, {"policy_id": p})).expect(400))[0]


def test_team_administrators_write_the_rules_of_their_team(world: World) -> None:
    _, p = with_policy(world)
    lead = speaker(world, "lead", Role.USER)
    lead_id = world.organization.users_by_name["lead"].id
    world.has(Team(WEB, 1, "web", "Web", members=(Member(lead_id, admin=True),)))
    lead.put(PLACE, rules(WEB, {"policy_id": p})).expect(200)
    lead.put(f"{ON_CALL}/teams/{DB}/routing-rules", rules(DB, {"policy_id": p})).expect(403)
    lead.get(f"{ON_CALL}/teams/{DB}/routing-rules").expect(200)


def test_a_deleted_policy_leaves_a_rule_without_one(world: World) -> None:
    api, p = with_policy(world)
    api.put(PLACE, rules(WEB, {"policy_id": p, "urgency": "low"})).expect(200)
    api.delete(f"{POLICIES}/{p}").expect(204)
    body = api.get(PLACE + "?include=rules").expect(200)
    assert body["included"][0]["attributes"] == {"actions": [], "query": ""}


# --- What was made elsewhere


def test_a_put_keeps_what_this_dialect_cannot_say(world: World) -> None:
    api, p = with_policy(world)
    world.hook("hook")
    world.hook("ops", "chat")
    whole_week = Hours("UTC", (Window(0, 0, 6, 86_400),))
    given = Rule(
        uuid(70),
        1,
        "elsewhere",
        5,
        Condition(field="title", op=Op.STARTS_WITH, value="disk"),
        whole_week,
        (Start(user_id=ANN), Start(p, ack_timeout=90 * SECOND)),
        (mailbox("a@example.org"), hook("hook"), room("ops")),
        WEB,
        multi_responder=True,
        go_on=True,
        settings={"victorops": 1},
    )
    off = Rule(uuid(71), 2, "off", 9, team_id=WEB, starts=(Start(p),), active=False)
    world.has(given, off, Rule(uuid(72), 3, "last", 7, team_id=WEB, starts=(Start(p),)))
    body = api.get(PLACE + "?include=rules").expect(200)
    parsed(TeamRoutingRules, body)
    first = body["included"][0]
    assert first["attributes"] == {
        "query": "title:disk*",
        "urgency": "dynamic",
        "time_restriction": {
            "time_zone": "UTC",
            "restrictions": [weekly("monday", "00:00:00", "sunday", "23:59:59")],
        },
        "actions": [
            escalation(p, urgency="dynamic", ack_timeout_minutes=1),
            {"type": "workflow", "handle": "hook"},
        ],
    }
    asked = rules(WEB, {"id": uuid(70), **first["attributes"]}, {"id": uuid(72), "policy_id": p})
    assert api.put(PLACE + "?include=rules", asked).expect(200)["included"][0] == first
    after = world.organization.rules
    kept = after[uuid(70)]
    assert set(kept.starts) == set(given.starts)
    assert set(kept.notify) == set(given.notify)
    same = replace(kept, starts=given.starts, notify=given.notify, order=given.order, settings=given.settings)
    assert same == given
    assert kept.settings["victorops"] == 1
    assert after[uuid(71)] == off


def test_a_rule_that_starts_a_policy_and_hands_over_goes_on_doing_both(world: World) -> None:
    api, p = with_policy(world)
    world.has(Rule(uuid(70), 1, "r", 1, team_id=WEB, starts=(Start(p),), reroute_team_id=DB))
    api.put(PLACE, rules(WEB, {"id": uuid(70), "policy_id": p, "urgency": "high"})).expect(200)
    assert world.organization.rules[uuid(70)].reroute_team_id == DB


def test_a_rule_can_be_named_once(world: World) -> None:
    api, p = with_policy(world)
    world.has(Rule(uuid(70), 1, "r", 1, team_id=WEB, starts=(Start(p),)))
    twice = rules(WEB, *[{"id": uuid(70), "policy_id": p}] * 2)
    assert 'attribute "rules[1].id" must be unique' in details(api.put(PLACE, twice).expect(400))


def test_a_condition_that_was_changed_elsewhere_is_shown_anew(world: World) -> None:
    api, p = with_policy(world)
    api.put(PLACE, rules(WEB, {"query": "tags.a:b   tags.c:d", "policy_id": p}, {"policy_id": p})).expect(200)
    stored = world.organization.ordered_rules[WEB][0]
    world.has(replace(stored, condition=Condition(field="tags.x", value="y z", ignore_case=False)))
    body = api.get(PLACE + "?include=rules").expect(200)
    assert body["included"][0]["attributes"]["query"] == 'tags.x:"y z"'


def test_a_room_that_has_no_name_here_stays(world: World) -> None:
    api, p = with_policy(world)
    world.has(Endpoint("ops", 1, "ops", "Ops", "chat", "https://chat.example"))
    world.has(Rule(uuid(70), 1, "r", 1, team_id=WEB, starts=(Start(p),), notify=(room("ops"),)))
    body = api.get(PLACE + "?include=rules").expect(200)
    assert [one["type"] for one in body["included"][0]["attributes"]["actions"]] == ["escalation_policy"]
    api.put(PLACE, rules(WEB, {"id": uuid(70), "policy_id": p, "urgency": "high"})).expect(200)
    assert world.organization.rules[uuid(70)].notify == (room("ops"),)
