"""The addresses that one client guesses do what it means by them (VictorOps reference, end of part 2.2)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.stories.world import World

MODE = f"{V1}/maintenancemode"


@pytest.fixture
def api(world: World) -> Speaker:
    return desk(world)


def opened(api: Speaker, title: str = "Slow") -> str:
    targets = [{"type": "User", "slug": "ann"}]
    body = {"summary": title, "details": "Ten seconds", "userName": "ann", "targets": targets}
    number: str = api.post(f"{V1}/incidents", body).expect(200)["incidentNumber"]
    return number


def phase(api: Speaker, number: str) -> Any:
    return api.get(f"{V1}/incidents/{number}").expect(200)["currentPhase"]


def test_incidents_are_acknowledged_rerouted_and_resolved(api: Speaker) -> None:
    number = opened(api)
    told = {"userName": "ann", "incidentNames": [number]}
    assert api.post(f"{V1}/incidents/acknowledge", told).expect(200)["results"][0]["cmdAccepted"] is True
    assert phase(api, number) == "ACKED"
    [status] = api.post(f"{V1}/incidents/reroute", told | {"targets": [{"type": "User", "slug": "bob"}]}).expect(200)[
        "statuses"
    ]
    assert (status["incidentNumber"], status["success"]) == (number, True)
    assert phase(api, number) == "UNACKED"
    assert api.post(f"{V1}/incidents/resolve", told).expect(200)["results"][0]["cmdAccepted"] is True
    assert phase(api, number) == "RESOLVED"


def test_all_that_somebody_was_paged_for(api: Speaker) -> None:
    numbers = {opened(api, "one"), opened(api, "two")}
    for verb, after in (("ack-all", "ACKED"), ("resolve-all", "RESOLVED")):
        done = api.post(f"{V1}/incidents/{verb}", {"userName": "ann"}).expect(200)["results"]
        assert {one["incidentNumber"] for one in done} == numbers
        assert {phase(api, number) for number in numbers} == {after}


def test_a_read_only_key_is_found_out_by_trying(api: Speaker) -> None:
    probe = {"userName": "", "incidentNames": []}
    assert api.post(f"{V1}/incidents/resolve", probe).status not in (200, 403)
    api.ask("POST", f"{V1}/incidents/resolve", probe, x_vo_api_key="reads-only").expect(403)


def test_what_happened(api: Speaker) -> None:
    number = opened(api)
    told = api.get(f"{V1}/incidents/{number}/timeline").expect(200)
    assert told["incidentNumber"] == number
    assert told["timeline"][0]["kind"] == "opened"
    api.get(f"{V1}/incidents/9999/timeline").expect(404)
    api.post(f"{V1}/chat", {"username": "ann", "text": "Hello"}).expect(200)
    assert api.get(f"{V1}/org/timeline").expect(200)["timeline"][0]["message"] == "Hello"
    assert api.get(f"{V1}/org").expect(200)["companyId"] == "acme"


def test_who_is_and_was_on_call(api: Speaker) -> None:
    now = api.get("/api-public/v2/oncall/current").expect(200)
    assert now == api.get(f"{V1}/oncall/current").expect(200)
    [slug] = {team["team"]["slug"] for team in now["teamsOnCall"]} or {""}
    log = api.get(f"{V1}/reporting/oncall/{slug}").expect(200)
    assert log["teamSlug"] == slug


def test_maintenance(api: Speaker) -> None:
    wanted = {"names": ["db"], "purpose": "kernel upgrade", "isGlobal": False, "endDate": "2100-01-01T00:00:00Z"}
    [one] = api.post(MODE, wanted).expect(200)["activeInstances"]
    assert api.get(f"{MODE}/{one['instanceId']}").expect(200) == one
    assert api.delete(f"{MODE}/{one['instanceId']}").expect(200)["activeInstances"] == []
    api.get(f"{MODE}/{one['instanceId']}").expect(404)


@pytest.mark.parametrize(
    "more",
    [
        {"isGlobal": True},
        {"names": [], "isGlobal": False},
        {"startDate": "2100-01-01T00:00:00Z"},
        {"startDate": "soon"},
    ],
)
def test_maintenance_that_says_two_things_is_refused(api: Speaker, more: Any) -> None:
    api.post(MODE, {"names": ["db"], "purpose": "kernel upgrade"} | more).expect(400)
    assert api.get(MODE).expect(200)["activeInstances"] == []


def test_a_policy_by_its_team_and_a_routing_key_by_its_policy(api: Speaker) -> None:
    team = api.post(f"{V1}/team", {"name": "Search"}).expect(200)["slug"]
    steps = [{"timeout": 0, "entries": [{"executionType": "user", "user": {"username": "ann"}}]}]
    policy = api.post(f"{V1}/policies", {"name": "Search", "team": {"slug": team}, "steps": steps}).expect(200)
    assert policy["teamSlug"] == team
    targets = [{"policySlug": policy["slug"], "type": "escalationPolicy"}]
    made = api.post(f"{V1}/org/routing-keys", {"routingKey": "search", "targets": targets}).expect(200)
    assert made["targets"] == [policy["slug"]]
