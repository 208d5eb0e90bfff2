"""The checklist for a drop-in (reference, part 11), row by row, as far as it is about schedules, policies, rules and
pages; every answer as the official client reads it."""

from typing import Any

import pytest
from datadog_api_client.v2.model.create_page_response import CreatePageResponse
from datadog_api_client.v2.model.escalation_policy import EscalationPolicy
from datadog_api_client.v2.model.schedule import Schedule
from datadog_api_client.v2.model.schedule_on_call_responders import ScheduleOnCallResponders
from datadog_api_client.v2.model.schedules import Schedules
from datadog_api_client.v2.model.shift import Shift
from datadog_api_client.v2.model.team_on_call_responders import TeamOnCallResponders
from datadog_api_client.v2.model.team_routing_rules import TeamRoutingRules

from tests.dialects.datadog.asking import body, made_team, made_user, speaker
from tests.dialects.datadog.models import parsed
from tests.dialects.datadog.oncall import (
    NOWHERE,
    ON_CALL,
    PAGES,
    POLICIES,
    SCHEDULES,
    details,
    found,
    layer,
    page,
    policy,
    rules,
    schedule,
    step,
    target,
    weekly,
)
from tests.dialects.speaking import Answer
from tests.stories.world import World
from watchbill.api.datadog.routes import DIALECT

JSON_API = "application/vnd.api+json"
GONE = "00000000-dead-beef-dead-ffffffffffff"

OPERATIONS = {
    "ListOnCallSchedules": "GET /api/v2/on-call/schedules",
    "CreateOnCallSchedule": "POST /api/v2/on-call/schedules",
    "GetOnCallSchedule": "GET /api/v2/on-call/schedules/{schedule_id}",
    "UpdateOnCallSchedule": "PUT /api/v2/on-call/schedules/{schedule_id}",
    "DeleteOnCallSchedule": "DELETE /api/v2/on-call/schedules/{schedule_id}",
    "GetScheduleOnCallUser": "GET /api/v2/on-call/schedules/{schedule_id}/on-call",
    "GetScheduleOnCallResponders": "GET /api/v2/on-call/schedules/{schedule_id}/responders",
    "CreateOnCallEscalationPolicy": "POST /api/v2/on-call/escalation-policies",
    "GetOnCallEscalationPolicy": "GET /api/v2/on-call/escalation-policies/{policy_id}",
    "UpdateOnCallEscalationPolicy": "PUT /api/v2/on-call/escalation-policies/{policy_id}",
    "DeleteOnCallEscalationPolicy": "DELETE /api/v2/on-call/escalation-policies/{policy_id}",
    "GetOnCallTeamRoutingRules": "GET /api/v2/on-call/teams/{team_id}/routing-rules",
    "SetOnCallTeamRoutingRules": "PUT /api/v2/on-call/teams/{team_id}/routing-rules",
    "GetTeamOnCallUsers": "GET /api/v2/on-call/teams/{team_id}/on-call",
    "CreateOnCallPage": "POST /api/v2/on-call/pages",
    "AcknowledgeOnCallPage": "POST /api/v2/on-call/pages/{page_id}/acknowledge",
    "EscalateOnCallPage": "POST /api/v2/on-call/pages/{page_id}/escalate",
    "ResolveOnCallPage": "POST /api/v2/on-call/pages/{page_id}/resolve",
}


class Town:
    """What the client's own suites set up: a user who never came, a team, a schedule that links a team that is not
    there, a policy over all of them, rules, a page."""

    def __init__(self, world: World) -> None:
        self.api = speaker(world)
        self.user = made_user(self.api, "Test-User@Example.com")["id"]
        self.team = made_team(self.api)["id"]
        restricted = layer(self.user, None, restrictions=[weekly("monday", "00:00:00", "friday", "17:00:00")])
        second = layer(self.user, name="Layer 2", interval={"days": 2, "seconds": 300}, time_zone="Asia/Tokyo")
        self.asked_schedule = schedule(restricted, second, name="S", zone="America/New_York", teams=[NOWHERE])
        self.schedule_made = self.api.post(f"{SCHEDULES}?include=layers,layers.members.user,teams", self.asked_schedule)
        self.schedule = self.of(self.schedule_made)
        every = [
            target(self.user),
            target(self.schedule, "schedules"),
            target(self.schedule, "schedules", "previous"),
            target(self.schedule, "schedules", "current"),
            target(self.team, "teams"),
        ]
        round_robin = step(target(self.team, "teams"), after=3600, assignment="round-robin")
        self.asked_policy = policy(step(*every, after=3600), round_robin, teams=[self.team], retries=2)
        self.policy_made = self.api.post(f"{POLICIES}?include=teams,steps.targets", self.asked_policy)
        self.policy = self.of(self.policy_made)
        action = {"type": "escalation_policy", "policy_id": self.policy, "urgency": "low"}
        self.asked_rules = rules(self.team, {"query": "tags.a:b", "actions": [action]}, {"policy_id": self.policy})
        self.rules_path = f"{ON_CALL}/teams/{self.team}/routing-rules"
        self.rules_set = self.api.put(f"{self.rules_path}?include=rules,rules.policy", self.asked_rules)
        self.page_made = self.api.post(PAGES, page("Service: Test is down", team_handle="ops"))

    def of(self, answer: Answer) -> str:
        return str(answer.json["data"]["id"])


@pytest.fixture
def town(world: World) -> Town:
    return Town(world)


def test_row_1_all_paths() -> None:
    served = {f"{route.method} {route.path}" for route in DIALECT.routes}
    assert {name for name, path in OPERATIONS.items() if path not in served} == set()


# --- 2. Status codes


def test_row_2_status_codes(town: Town) -> None:
    assert [town.schedule_made.status, town.policy_made.status, town.rules_set.status] == [201, 201, 200]
    assert town.page_made.status == 200
    for action in ("acknowledge", "escalate", "resolve"):
        answer = town.api.ask("POST", f"{PAGES}/{town.of(town.page_made)}/{action}", accept="*/*")
        assert (answer.status, answer.body) == (202, b"")


def test_row_2_deletions_answer_204_without_a_body(town: Town) -> None:
    """In the order of the suites: rules emptied, policy, schedule, team, user."""
    empty = {"data": {"id": town.team, "type": "team_routing_rules"}}
    assert town.api.put(town.rules_path, empty).status == 200
    for path in (
        f"{POLICIES}/{town.policy}",
        f"{SCHEDULES}/{town.schedule}",
        f"/api/v2/team/{town.team}",
        f"/api/v2/users/{town.user}",
    ):
        answer = town.api.delete(path)
        assert (answer.status, answer.body) == (204, b"")
        assert "content-type" not in answer.headers


@pytest.mark.parametrize("first", ["schedule", "team"])
def test_row_2_schedule_and_team_go_in_either_order(town: Town, first: str) -> None:
    paths = [f"{SCHEDULES}/{town.schedule}", f"/api/v2/team/{town.team}"]
    for path in paths if first == "schedule" else reversed(paths):
        town.api.delete(path).expect(204)
    town.api.get(f"{POLICIES}/{town.policy}?include=steps.targets").expect(200)
    town.api.delete(f"{POLICIES}/{town.policy}").expect(204)


# --- 3. Media types and errors


@pytest.mark.parametrize(
    ("path", "thing"),
    [
        (f"{SCHEDULES}/{{}}", "schedule"),
        (f"{SCHEDULES}/{{}}/on-call", "schedule"),
        (f"{SCHEDULES}/{{}}/responders", "schedule"),
        (f"{POLICIES}/{{}}", "escalation policy"),
        (f"{ON_CALL}/teams/{{}}/routing-rules", "team"),
        (f"{ON_CALL}/teams/{{}}/on-call", "team"),
    ],
)
def test_row_3_errors_are_objects(town: Town, path: str, thing: str) -> None:
    unknown = town.api.get(path.format(GONE))
    assert unknown.expect(404) == {"errors": [{"title": "Generic Error", "detail": f"{thing} not found"}]}
    malformed = town.api.get(path.format("REPLACE.ME"))
    assert malformed.expect(400)["errors"][0]["title"] == "Invalid Parameter"
    assert {unknown.headers["content-type"], malformed.headers["content-type"]} == {JSON_API}


def test_row_3_media_type(town: Town) -> None:
    answers = [town.schedule_made, town.policy_made, town.rules_set, town.page_made, town.api.get(SCHEDULES)]
    assert {answer.headers["content-type"] for answer in answers} == {JSON_API}


def test_row_3_what_a_body_must_have(town: Town) -> None:
    for path, type in ((SCHEDULES, "schedules"), (POLICIES, "policies"), (PAGES, "pages")):
        for sent, detail in (
            (b"", "unexpected end of JSON input"),
            (b"{}", "document is missing required top-level members"),
            (b'{"data":{"type":"x"}}', f'got type "x" expected one of "{type}"'),
            (b'{"data":[]}', '"data" must be a single resource object'),
        ):
            assert detail in details(town.api.post(path, sent).expect(400))[0]


# --- 4. Include


@pytest.mark.parametrize(
    ("include", "types"),
    [
        ("", []),
        ("strange,steps", []),
        ("layers", ["layers"]),
        ("layers.members", ["layers", "members"]),
        ("layers.members.user", ["layers", "members", "users"]),
        ("teams", []),
    ],
)
def test_row_4_include_of_a_schedule(town: Town, include: str, types: list[str]) -> None:
    answered = town.api.get(f"{SCHEDULES}/{town.schedule}", include=include).expect(200)
    assert list(dict.fromkeys(one["type"] for one in answered.get("included", []))) == types
    assert ("included" in answered) is (include not in ("", "strange,steps"))


@pytest.mark.parametrize(
    ("include", "types"),
    [
        ("teams", ["teams"]),
        ("steps", ["steps"]),
        ("steps.targets", ["steps", "schedule_target", "users", "schedules", "teams"]),
        ("teams,steps.targets", ["steps", "schedule_target", "users", "schedules", "teams"]),
    ],
)
def test_row_4_include_of_a_policy(town: Town, include: str, types: list[str]) -> None:
    answered = town.api.get(f"{POLICIES}/{town.policy}", include=include).expect(200)
    assert list(dict.fromkeys(one["type"] for one in answered["included"])) == types
    ids = [(one["type"], one["id"]) for one in answered["included"]]
    assert len(ids) == len(set(ids))


def test_row_4_include_of_rules(town: Town) -> None:
    for include in ("rules", "rules.policy", "rules,rules.policy"):
        answered = town.api.get(town.rules_path, include=include).expect(200)
        assert {one["type"] for one in answered["included"]} == {"team_routing_rules"}


# --- 5. Order and ids


def test_row_5_a_put_of_what_was_got_changes_nothing(world: World, town: Town) -> None:
    before = world.organization
    asked = town.asked_schedule["data"]
    layers = town.schedule_made.json["data"]["relationships"]["layers"]["data"]
    for given, one in zip(asked["attributes"]["layers"], layers, strict=True):
        given["id"] = one["id"]
    again = town.api.put(f"{SCHEDULES}/{town.schedule}", {"data": {**asked, "id": town.schedule}}).expect(200)
    assert again["data"] == town.schedule_made.json["data"]
    asked = town.asked_policy["data"]
    steps = town.policy_made.json["data"]["relationships"]["steps"]["data"]
    for given, one in zip(asked["attributes"]["steps"], steps, strict=True):
        given["id"] = one["id"]
    again = town.api.put(f"{POLICIES}/{town.policy}", {"data": {**asked, "id": town.policy}}).expect(200)
    assert again["data"] == town.policy_made.json["data"]
    asked = town.asked_rules["data"]
    linked = town.rules_set.json["data"]["relationships"]["rules"]["data"]
    for given, one in zip(asked["attributes"]["rules"], linked, strict=True):
        given["id"] = one["id"]
    assert town.api.put(f"{town.rules_path}?include=rules", {"data": asked}).expect(200) == town.rules_set.json
    after = world.organization
    assert (after.schedules, after.policies, after.rules) == (before.schedules, before.policies, before.rules)


# --- 6. Pending users, unknown owners, small forms


def test_row_6_pending_users_and_unknown_owners(town: Town) -> None:
    [user] = found(town.schedule_made.json, "users")
    assert user["attributes"] == {"email": "test-user@example.com", "name": "", "status": "pending"}
    assert town.schedule_made.json["data"]["relationships"]["teams"]["data"] == [{"id": NOWHERE, "type": "teams"}]
    [team] = found(town.policy_made.json, "teams")
    assert team["attributes"] == {"avatar": "", "description": "", "handle": "ops", "name": "Team ops"}


# --- 7. and 8. Targets, members, intervals


def test_row_7_positions(town: Town) -> None:
    links = found(town.policy_made.json, "steps")[0]["relationships"]["targets"]["data"]
    assert [(one["type"], one["id"]) for one in links] == [
        ("users", town.user),
        ("schedules", town.schedule),
        ("schedule_target", f"{town.schedule}_previous"),
        ("schedules", town.schedule),
        ("teams", town.team),
    ]


def test_row_8_empty_members_and_zero_parts(town: Town) -> None:
    first, second = found(town.schedule_made.json, "layers")
    links = [one["id"] for one in first["relationships"]["members"]["data"]]
    assert links == [f"{first['id']}-member-1", f"{first['id']}-member-2"]
    assert links[1] not in [one["id"] for one in found(town.schedule_made.json, "members")]
    assert (first["attributes"]["interval"], second["attributes"]["interval"]) == (
        {"days": 1},
        {"days": 2, "seconds": 300},
    )
    assert second["attributes"]["restrictions"] == []
    assert town.api.post(SCHEDULES, schedule()).expect(201)["data"]["relationships"]["teams"] == {"data": []}


# --- 9. and 10. Rules, and who is on call


def test_row_9_both_views_of_the_policy(town: Town) -> None:
    for one in town.rules_set.json["included"]:
        assert one["relationships"]["policy"]["data"]["id"] == town.policy
        assert [action["policy_id"] for action in one["attributes"]["actions"]] == [town.policy]


def test_row_10_who_is_on_call(town: Town) -> None:
    empty = town.api.get(f"{SCHEDULES}/{town.schedule}/on-call", **{"filter[at_ts]": "2020-01-01T00:00:00Z"})
    assert empty.expect(200) == {"data": None}
    everywhere = {"filter[position]": "previous,current,next", "include": "responders"}
    answered = town.api.get(f"{SCHEDULES}/{town.schedule}/responders", **everywhere).expect(200)
    assert [one["attributes"]["position"] for one in answered["included"]] == ["current", "next"]


def test_row_9_the_last_rule_is_the_catch_all(town: Town) -> None:
    path = f"{ON_CALL}/teams/{town.team}/routing-rules"
    missing = 'attribute "rule.escalation_policy" escalation policy is required'
    selective = 'attribute "rules.default_rule" the last rule must not use a query or a time restriction'
    for last, detail in (({"actions": []}, missing), ({"policy_id": town.policy, "query": "x"}, selective)):
        assert details(town.api.put(path, rules(town.team, last)).expect(400)) == [detail]


@pytest.mark.parametrize("emptied", [{"attributes": {"rules": []}}, {}])
def test_row_9_both_ways_to_empty_the_set(town: Town, emptied: Any) -> None:
    path = f"{ON_CALL}/teams/{town.team}/routing-rules"
    given = {"data": {"id": town.team, "type": "team_routing_rules", **emptied}}
    assert town.api.put(path, given).expect(200)["data"]["relationships"]["rules"]["data"] == []


def test_row_10_a_shift_for_each_turn_and_the_later_layer_wins(town: Town) -> None:
    other = made_user(town.api, "other@example.com")["id"]
    office = layer(other, name="Office", restrictions=[weekly("monday", "09:00:00", "friday", "17:00:00")])
    id = town.of(town.api.post(SCHEDULES, schedule(layer(town.user), office)))
    for at, user, end in (
        ("2026-06-01T08:59:59Z", town.user, "2026-06-01T09:00:00+00:00"),
        ("2026-06-01T09:00:00Z", other, "2026-06-02T00:00:00+00:00"),
        ("2026-06-02T00:00:00Z", other, "2026-06-03T00:00:00+00:00"),
        ("2026-06-05T17:00:00Z", town.user, "2026-06-06T00:00:00+00:00"),
    ):
        shift = town.api.get(f"{SCHEDULES}/{id}/on-call", **{"filter[at_ts]": at}).expect(200)["data"]
        assert (shift["relationships"]["user"]["data"]["id"], shift["attributes"]["end"]) == (user, end), at


# --- 11. Lists


def test_row_11_the_list_of_schedules(town: Town) -> None:
    for number in range(10):
        town.api.post(SCHEDULES, schedule(layer(None), name=f"{9 - number} more")).expect(201)
    first, second, third = (town.api.get(SCHEDULES, **{"page[number]": number}).expect(200) for number in range(3))
    assert [one["attributes"]["name"] for one in first["data"]] == [f"{number} more" for number in range(10)]
    assert ([one["attributes"]["name"] for one in second["data"]], third["data"]) == (["S"], [])
    said = first["meta"]["page"]
    assert (said.pop("type"), said.pop("total"), said.pop("size")) == ("number_size", 11, 10)
    assert said == {"number": 0, "first_number": 0, "prev_number": None, "next_number": 1, "last_number": 1}
    counts = {"MORE": 10, "?*more": 10, f"user.id:({town.user} OR {GONE})": 1, f"team.id:{NOWHERE}": 1}
    for query, count in counts.items():
        assert town.api.get(SCHEDULES, **{"filter[query]": query}).expect(200)["meta"]["page"]["total"] == count


# --- 12. Times


def test_row_12_times_of_any_offset(town: Town) -> None:
    for said, told in (
        ("2026-06-01T00:00:00.123000+00:00", "2026-06-01T00:00:00.123Z"),
        ("2026-06-01T00:00:00.000Z", "2026-06-01T00:00:00Z"),
        ("2026-06-01T02:00:00+02:00", "2026-06-01T00:00:00Z"),
        ("2026-05-31T16:00:00.5-08:00", "2026-06-01T00:00:00.5Z"),
    ):
        asked = schedule(layer(town.user, effective_date=said, rotation_start=said))
        answered = town.api.post(f"{SCHEDULES}?include=layers", asked).expect(201)
        [one] = found(answered, "layers")
        assert one["attributes"]["effective_date"] == one["attributes"]["rotation_start"] == told


# --- Nothing unparsed anywhere


def test_the_official_client_reads_everything(town: Town) -> None:
    everyone = "include=layers,layers.members.user,teams"
    positions = "filter[position]=previous,current,next&include=schedule,responders.shifts.user"
    reads: list[tuple[Any, str]] = [
        (Schedules, SCHEDULES + "?include=teams"),
        (Schedule, f"{SCHEDULES}/{town.schedule}"),
        (Schedule, f"{SCHEDULES}/{town.schedule}?{everyone}"),
        (Shift, f"{SCHEDULES}/{town.schedule}/on-call?include=user"),
        (ScheduleOnCallResponders, f"{SCHEDULES}/{town.schedule}/responders?{positions}"),
        (EscalationPolicy, f"{POLICIES}/{town.policy}?include=teams,steps.targets"),
        (TeamRoutingRules, f"{town.rules_path}?include=rules,rules.policy"),
        (TeamOnCallResponders, f"{ON_CALL}/teams/{town.team}/on-call?include=responders,escalations.responders"),
    ]
    for kind, path in reads:
        parsed(kind, town.api.get(path).expect(200))
    for kind, answer in (
        (Schedule, town.schedule_made),
        (EscalationPolicy, town.policy_made),
        (TeamRoutingRules, town.rules_set),
        (CreatePageResponse, town.page_made),
    ):
        parsed(kind, answer.json)


def test_what_is_made_for_one_is_used_by_all(world: World, town: Town) -> None:
    """A membership makes the team's round robin reach somebody."""
    membership = body("team_memberships", {"role": "admin"}, user=("users", town.user))
    town.api.post(f"/api/v2/team/{town.team}/memberships", membership).expect(200)
    answered = town.api.get(f"{ON_CALL}/teams/{town.team}/on-call?include=escalations").expect(200)
    assert [one["id"] for one in answered["data"]["relationships"]["responders"]["data"]] == [town.user]
    assert len(answered["included"]) == 1
