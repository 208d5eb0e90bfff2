"""What breaks real clients, row by row (reference, part 15)."""

from typing import Any

import pytest

from tests.dialects.opsramp.ramp import FORM, Ramp
from tests.stories.town import person
from tests.stories.world import World

ALERT: dict[str, Any] = {
    "subject": "Disk full",
    "currentState": "Critical",
    "metric": "disk",
    "device": {"hostName": "db01"},
}
POLICY: dict[str, Any] = {
    "name": "Disk to storage",
    "resources": [{"id": "client_2", "type": "CLIENT"}, {"id": "nobody knows this", "type": "RESOURCE"}],
    "filterCriteria": {
        "matchingType": "ALL",
        "rules": [{"key": "Alert  : Description", "operator": "CONTAINS", "value": "critical"}],
    },
    "escalationType": "AUTOMATIC",
    "escalations": [
        {
            "waitMins": 5,
            "action": "NOTIFICATION",
            "repeatFrequency": 15,
            "recipients": [{"id": "ES-x", "type": "ROSTER"}],
        }
    ],
}


@pytest.mark.parametrize("path", ["/auth/oauth/token", "/tenancy/auth/oauth/token"])
def test_1_a_token_on_both_paths_in_a_flat_body(client: Ramp, path: str) -> None:
    told = client.token("key2", "secret2", path)
    assert all(isinstance(value, str | int) for value in told.values())
    assert float(told["expires_in"]) == 7199


def test_2_bearer_in_any_case(client: Ramp) -> None:
    token = client.headers["authorization"].partition(" ")[2]
    for scheme in ("bearer", "Bearer", "BEARER"):
        client.ask("GET", "users/minimal", authorization=f"{scheme} {token}").expect(200)


def test_3_a_slash_before_the_question_mark(client: Ramp) -> None:
    client.get("rosters/search/?pageNo=1&pageSize=100").expect(200)


def test_4_of_two_page_numbers_the_last(client: Ramp) -> None:
    assert client.get("users/search?pageNo=1&pageSize=1&pageNo=2").expect(200)["pageNo"] == 2


def test_5_a_next_page_number_when_there_is_one(client: Ramp) -> None:
    for name in "ab":
        client.post("userGroups", {"name": name}).expect(200)
    first, second = (client.get(f"userGroups?pageSize=1&pageNo={no}").expect(200) for no in (1, 2))
    assert (first["nextPage"], first["nextPageNo"]) == (True, 2)
    assert second["nextPage"] is False
    assert "nextPageNo" not in second


def test_6_never_204_and_empty_bodies(world: World, client: Ramp) -> None:
    world.has(person("ann"))
    group = client.post("userGroups", {"name": "a"}).expect(200)["uniqueId"]
    event = client.post("alert", ALERT).expect(200)[0]
    alert = client.get(f"alerts/event/{event}").expect(200)["uniqueId"]
    policy = client.post("escalations", POLICY).expect(200)["id"]
    answers = [
        client.post("users/ann", {"designation": "x"}),
        client.post(f"alerts/{alert}/actions/acknowledge"),
        client.post(f"escalations/{policy}/disable"),
        client.delete(f"escalations/{policy}"),
        client.delete(f"userGroups/{group}"),
    ]
    assert {(answer.status, answer.body, answer.headers["content-length"]) for answer in answers} == {(200, b"", "0")}


@pytest.mark.parametrize(
    "path", ["users/USR0000000099", "userGroups/USRGRP-x", "rosters/ES-x", "roles/ROLE-x", "escalations/POLICY-x"]
)
def test_7_what_is_missing_is_404(client: Ramp, path: str) -> None:
    assert client.get(path).expect(404)["code"] == "0005"
    if not path.startswith("users"):
        client.delete(path).expect(404)


@pytest.mark.parametrize(
    "query",
    [
        "queryString=",
        "queryString=name:a+allList:true",
        "queryString=name:a%2BallList:true",
        "queryString=name:a allList:true",
        "queryString=startCreationDate:2017-05-05T13:25:15 0000",
    ],
)
def test_8_raw_pluses_and_blanks(client: Ramp, query: str) -> None:
    client.post("escalations", POLICY | {"name": "a"}).expect(200)
    assert client.get(f"escalations/search?{query}").expect(200)["totalResults"] == 1


def test_9_what_is_read_can_be_sent_back(client: Ramp) -> None:
    whole = client.post("escalations", POLICY).expect(200)
    assert client.post(f"escalations/{whole['id']}", whole).expect(200) == whole
    assert client.post(f"escalations/{whole['id']}", {"description": "x"}).expect(200) == whole | {"description": "x"}


def test_10_to_12_references_spacing_and_defaults(client: Ramp) -> None:
    whole = client.post("escalations", POLICY).expect(200)
    assert whole["resources"][1]["id"] == "nobody knows this"
    assert whole["filterCriteria"]["rules"][0]["key"] == "Alert  : Description"
    assert whole["escalations"][0]["notifyLimitCount"] == 2
    steps = [{"recipients": [{"id": "ES-x", "type": "ROSTER"}]}]
    manual = client.post("escalations", POLICY | {"escalationType": "MANUAL", "escalations": steps}).expect(200)
    assert manual["escalations"][0]["action"] == "NOTIFICATION"


@pytest.mark.parametrize("path", ["escalations/search", "alerts/search", "userGroups", "rosters/search"])
def test_13_pages_of_500(client: Ramp, path: str) -> None:
    assert client.get(path, pageSize=500).expect(200)["pageSize"] == 500


def test_14_the_scope_is_the_tenant_of_the_address(client: Ramp, partner: Ramp) -> None:
    own, over = (api.post("escalations", POLICY).expect(200) for api in (client, partner))
    assert (own["scope"]["uniqueId"], own.get("allClients")) == ("client_2", None)
    assert (over["scope"]["uniqueId"], over["allClients"]) == ("msp_1", True)


def test_15_a_client_is_no_partner(partner: Ramp, client: Ramp) -> None:
    for api in (partner, client):
        assert api.get("/api/v2/tenants/client_2").status == 404
    partner.get("/api/v2/tenants/msp_1").expect(200)


def test_16_one_alert_or_several_at_both_addresses(client: Ramp) -> None:
    for path in ("alert", "alerts"):
        assert len(client.post(path, ALERT).expect(200)) == 1
        assert len(client.post(path, [ALERT, ALERT]).expect(200)) == 2


def test_17_actions_in_any_case_without_a_body(client: Ramp) -> None:
    event = client.post("alert", ALERT).expect(200)[0]
    alert = client.get(f"alerts/event/{event}").expect(200)["uniqueId"]
    for action in ("Acknowledge", "UNACKNOWLEDGE", "Suppress", "unSuppress", "HEAL", "close"):
        client.post(f"alerts/{alert}/actions/{action}").expect(200)


def test_18_texts_that_are_always_there(client: Ramp) -> None:
    client.post("alert", ALERT).expect(200)
    (row,) = client.get("alerts/search").expect(200)["results"]
    names = ("uniqueId", "repeatCount", "app", "component", "metric", "problemArea")
    assert all(isinstance(row[name], str) for name in names)


def test_19_an_incident_that_is_changed_answers_itself(client: Ramp) -> None:
    incident = client.post("incidents", {"subject": "s", "description": "d"}).expect(200)
    assert client.post(f"incidents/{incident['id']}", {"priority": "High"}).expect(200)["priority"] == "High"


def test_20_no_headers_of_limits(client: Ramp) -> None:
    assert not any(name.startswith("x-ratelimit") for name in client.get("users/minimal").headers)


def test_21_a_precedence_of_null(client: Ramp) -> None:
    assert client.post("escalations", POLICY | {"precedence": None}).expect(200)["precedence"] is None


def test_22_lists_that_a_migration_reads(client: Ramp) -> None:
    for path in ("deviceGroups/minimal", "customFields/INCIDENT", "incidents/urgencies"):
        assert client.get(path).expect(200) == []
    assert client.get("userGroups").expect(200)["results"] == []
    assert client.get("clients/client_2").expect(200)["uniqueId"] == "client_2"


def test_a_form_with_another_content_type(client: Ramp) -> None:
    form = "grant_type=client_credentials&client_id=key2&client_secret=secret2"
    for kind in (FORM, "text/plain", "application/json"):
        client.ask("POST", "/auth/oauth/token", form, content_type=kind).expect(200)


def test_a_body_with_an_odd_content_type(client: Ramp) -> None:
    client.ask("POST", "userGroups", {"name": "a"}, content_type="text/plain").expect(200)
