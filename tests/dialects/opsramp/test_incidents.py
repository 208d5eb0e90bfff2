"""Incidents: made, shown, changed, talked about, searched (reference, part 6)."""

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest

from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.dialects.speaking import keep
from tests.stories.town import person, ring, step
from tests.stories.world import World
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.plans import Action, Stop

LAN: dict[str, Any] = {
    "subject": "LAN cable is not working",
    "description": "LAN cable is not working properly",
    "priority": "Low",
    "dueDate": "2026-06-26T06:43:00+0000",
    "extTicketId": "000042526342",
    "cc": "tester1@example.org,escalate@example.org",
    "toEmail": "tester2@example.org",
    "requester": {"id": "USR0000000001", "loginName": "ann"},
    "assignedUser": {"id": "USR0000000099", "loginName": "somebody"},
    "assigneeGroup": {"name": "Ops"},
    "category": {"id": "24", "uniqueId": "SCAT-662b16e1"},
    "resources": [{"id": "481af404"}, {"id": "SGP-7adf3762"}],
    "customFields": [{"id": "UDF0000003791", "name": "text_api_lab_3791", "value": "custom"}],
    "changeRequest": {"id": "CHG0000001028"},
    "problem": {"id": "PRB0000001112"},
    "attachedRequests": [{"id": "SRQ0000001388"}],
    "knowledgeArticleIds": ["KB0000000025"],
}
DISK: dict[str, Any] = {
    "subject": "Disk full",
    "currentState": "Critical",
    "metric": "disk",
    "device": {"hostName": "db01"},
}


@pytest.fixture
def desk(world: World, client: Ramp) -> World:
    """Ann is paged for whatever comes, again and again; she is in Ops."""
    world.has(replace(person("ann", ring("pocket"), repeats=True), number=1, email="ann@example.org"))
    world.team("Ops", "ann")
    world.policy("all", step("ann"))
    world.key("in", "all", default=True)
    return world


def made(api: Ramp, **more: Any) -> Any:
    return api.post("incidents", LAN | more).expect(200)


def alert(api: Ramp) -> Any:
    event = api.post("alert", DISK).expect(200)[0]
    return api.get(f"alerts/event/{event}").expect(200)


# --- Making


def test_an_incident_comes_back_as_told_and_more(desk: World, client: Ramp) -> None:
    shown = made(client)
    assert shown == client.get(f"incidents/{shown['id']}").expect(200)
    assert shown["id"] == "INC0000000001"
    for name, value in LAN.items():
        if name in ("requester", "assigneeGroup", "customFields"):
            continue
        assert shown[name] == value, name
    assert shown["requester"]["email"] == "ann@example.org"
    assert LAN["requester"].items() <= shown["requester"].items()
    assert (shown["assigneeGroup"]["uniqueId"], shown["assigneeGroup"]["userCount"]) == ("USRGRP-Ops", 1)
    assert LAN["customFields"][0].items() <= shown["customFields"][0].items()
    assert shown["customFields"][0]["classCode"] == "INCIDENT"
    assert (shown["status"], shown["oldStatus"], shown["oldPriority"], shown["alertIds"]) == ("New", "New", "Low", [])
    assert shown["createdUser"]["loginName"] == "opsramp_api_user"
    assert shown["createdDate"] == shown["updatedDate"] == "2026-06-01T00:00:00+0000"
    assert (shown["source"], shown["sourceEntityType"]) == ("INTEGRATION", "INCIDENT")
    assert shown["client"] == {"id": 2, "uniqueId": "client_2", "name": "Client", "activated": True}
    assert [one["name"] for one in shown["allowedStatus"]] == ["Open", "Pending", "Resolved", "Closed", "On Hold"]
    assert [one["status"] for one in shown["statusFlow"]] == ["New"]
    assert "resolvedDate" not in shown


def test_custom_fields_have_the_types_that_are_published(client: Ramp) -> None:
    told = [
        {"id": "U1", "name": "n", "value": 5, "editable": 7, "mandatory": True, "options": [{"label": "a", "x": 1}]}
    ]
    shown = made(client, customFields=told)["customFields"]
    assert [(one["value"], one["editable"], one["mandatory"], one["options"]) for one in shown] == [
        ("5", True, True, [{"label": "a"}])
    ]
    wrong: object
    for wrong in ([7], [{"options": 7}], [{"selectedOption": []}], {}):
        client.post("incidents", LAN | {"customFields": wrong}).expect(400)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": None}, "subject"),
        ({"subject": " "}, "subject"),
        ({"subject": "x" * 1001}, "subject"),
        ({"description": None}, "description"),
        ({"description": "x" * 20_001}, "description"),
        ({"priority": "Highest"}, "priority"),
        ({"status": "Lost"}, "status"),
        ({"alertId": 77}, "alertId"),
        ({"alertId": "x"}, "alertId"),
        ({"requester": "ann"}, "requester"),
        ({"resources": {"id": "x"}}, "resources"),
        ({"cc": "x" * 70_000}, "cc"),
        ({"toEmail": {}}, "toEmail"),
        ({"attachments": "x"}, "attachments"),
        ({"attachments": [{"name": "a", "file": "not base 64!"}]}, "attachments[0].file"),
        ({"attachments": [{"name": "a"}]}, "attachments[0]"),
    ],
)
def test_incidents_that_are_none(desk: World, client: Ramp, change: dict[str, Any], field: str) -> None:
    assert client.post("incidents", LAN | change).expect(400)["fieldName"] == field
    assert client.get("incidents/search").expect(200)["totalResults"] == 0


def test_priorities_with_and_without_a_blank(desk: World, client: Ramp) -> None:
    assert made(client, priority="VeryLow")["priority"] == "Very Low"
    assert made(client, priority=None)["priority"] == "Normal"


@pytest.mark.parametrize("id", ["INC0000000099", "INC1", "x", "%00", "SRQ0000000001"])
def test_no_such_incident(client: Ramp, id: str) -> None:
    assert client.get(f"incidents/{id}").expect(404)["code"] == "0005"
    for path in ("", "/close", "/responses"):
        client.post(f"incidents/{id}{path}", {}).expect(404)
    client.get(f"incidents/{id}/activitylog").expect(404)


# --- With an alert


def test_an_incident_of_an_alert(desk: World, client: Ramp) -> None:
    desk.policy("all", step("ann"), stop_on=frozenset({Stop.ACKNOWLEDGED, Stop.RESOLVED, Stop.TICKETED}))
    one = alert(client)
    desk.phone("ann").expects("Disk full", at=0)
    shown = made(client, alertId=int(one["uniqueId"]), resources=None)
    assert shown["alertIds"] == [int(one["uniqueId"])]
    assert (shown["sourceEntityType"], shown["sourceEntityTypeId"]) == ("ALERT", one["uniqueId"])
    assert shown["resources"] == [{"name": "db01", "type": "DEVICE"}]
    after = client.get(f"alerts/{one['uniqueId']}").expect(200)
    assert (after["ticketed"], after["status"], after["incidentId"]) == (True, "Ticketed", shown["id"])
    assert after["statusHistory"]["ticketedBy"] == "opsramp_api_user"
    desk.stays_quiet(DAY)
    rows = client.get(f"/api/v2/alerts/tenants/client_2/tickets/{shown['id']}").expect(200)
    assert [(row["uniqueId"], row["tktId"]) for row in rows] == [(one["uniqueId"], shown["id"])]
    assert client.get("alerts/search", queryString=f"ticketId:{shown['id']}").expect(200)["totalResults"] == 1
    assert client.get("alerts/search", queryString="actions:TICKETED").expect(200)["totalResults"] == 1


def test_a_policy_that_does_not_end_with_a_ticket_goes_on(desk: World, client: Ramp) -> None:
    one = alert(client)
    desk.phone("ann").expects("Disk full", at=0)
    made(client, alertId=int(one["uniqueId"]))
    desk.pass_(5 * MINUTE)
    desk.phone("ann").expects("Disk full", at=5 * MINUTE)


def test_status_words_in_their_order(desk: World, client: Ramp) -> None:
    one = alert(client)
    desk.phone("ann").expects("Disk full")
    made(client, alertId=int(one["uniqueId"]))
    path = f"alerts/{one['uniqueId']}"
    seen = []
    for action in ("acknowledge", "suppress", "close"):
        client.post(f"{path}/actions/{action}").expect(200)
        seen.append(client.get(path).expect(200)["status"])
    assert seen == ["Acknowledged", "Suppressed", "Closed"]


def test_unacknowledged_and_ticketed_is_ticketed(desk: World, client: Ramp) -> None:
    one = alert(client)
    made(client, alertId=int(one["uniqueId"]))
    for action in ("acknowledge", "unAcknowledge"):
        client.post(f"alerts/{one['uniqueId']}/actions/{action}").expect(200)
    assert client.get(f"alerts/{one['uniqueId']}").expect(200)["status"] == "Ticketed"


def test_attached_to_an_alert(desk: World, client: Ramp) -> None:
    one, shown = alert(client), made(client)
    path = f"alerts/{one['uniqueId']}/incidents/{shown['id']}/attach"
    answer = client.post(path, {"status": "Open", "priority": "High"})
    assert (answer.status, answer.body) == (200, b"")
    client.post(path).expect(200)
    after = client.get(f"incidents/{shown['id']}").expect(200)
    assert (after["status"], after["priority"], after["alertIds"]) == ("Open", "High", [int(one["uniqueId"])])
    assert client.get(f"alerts/{one['uniqueId']}").expect(200)["incidentId"] == shown["id"]
    client.post(f"alerts/{one['uniqueId']}/incidents/INC0000000099/attach").expect(404)
    client.post(f"alerts/77/incidents/{shown['id']}/attach").expect(404)
    answer = client.put(f"alerts/{one['uniqueId']}/tickets/{shown['id']}/update", {"status": "Pending"})
    assert (answer.status, answer.body) == (200, b"")
    assert client.get(f"incidents/{shown['id']}").expect(200)["status"] == "Pending"
    other = made(client)
    client.put(f"alerts/{one['uniqueId']}/tickets/{other['id']}/update", {}).expect(404)


def test_what_a_step_made_is_an_incident_here(desk: World, client: Ramp) -> None:
    desk.policy("all", step("ann"), step(wait=5 * MINUTE, action=Action.TICKET))
    one = alert(client)
    desk.pass_(5 * MINUTE)
    rows = client.get("incidents/search").expect(200)["results"]
    assert [(row["subject"], row["sourcePolicyType"], row["policy"]["name"]) for row in rows] == [
        ("Disk full", "AUTOINCIDENT", "all")
    ]
    assert rows[0]["createdUser"]["loginName"] == "opsramp_system_user"
    after = client.get(f"alerts/{one['uniqueId']}").expect(200)
    assert (after["incidentId"], after["statusHistory"]["ticketedBy"]) == (rows[0]["id"], "opsramp_system_user")


def test_the_alert_of_another_tenant(desk: World, client: Ramp, partner: Ramp) -> None:
    one = alert(client)
    body = LAN | {"alertId": int(one["uniqueId"])}
    assert partner.post("incidents", body).expect(400)["fieldName"] == "alertId"


# --- Changing


def test_a_change_answers_the_incident_and_leaves_the_rest(desk: World, client: Ramp) -> None:
    shown = made(client)
    desk.pass_(HOUR)
    after = client.post(f"incidents/{shown['id']}", {"status": "on hold", "priority": "Urgent"}).expect(200)
    assert (after["status"], after["oldStatus"]) == ("On Hold", "New")
    assert (after["priority"], after["oldPriority"]) == ("Urgent", "Low")
    assert after["statusUpdatedDate"] == after["updatedDate"] == "2026-06-01T01:00:00+0000"
    assert (after["subject"], after["cc"], after["createdDate"]) == (
        shown["subject"],
        shown["cc"],
        shown["createdDate"],
    )
    assert [(one["status"], one["timeSpent"]) for one in after["statusFlow"]] == [("New", 3600), ("On Hold", 0)]


def test_resolved_reopened_and_closed(desk: World, client: Ramp) -> None:
    shown = made(client)
    path = f"incidents/{shown['id']}"
    assert client.post(path, {"status": "Resolved"}).expect(200)["resolvedDate"] == "2026-06-01T00:00:00+0000"
    after = client.post(path, {"status": "Open"}).expect(200)
    assert (after["reOpenCount"], "resolvedDate" in after) == (1, False)
    client.post(f"{path}/close", {"reason": 5}).expect(400)
    desk.pass_(HOUR)
    closed = client.post(f"{path}/close", {"reason": "done", "notes": "Cable replaced"}).expect(200)
    assert (closed["status"], closed["oldStatus"], closed["closedSummary"]) == ("Closed", "Open", "Cable replaced")
    assert (closed["reason"], closed["closedDate"], closed["allowedStatus"]) == ("done", "2026-06-01T01:00:00+0000", [])
    assert client.post(f"{path}/close", {"notes": "again"}).expect(200) == closed


def test_a_subject_is_not_taken_away(desk: World, client: Ramp) -> None:
    shown = made(client)
    assert client.post(f"incidents/{shown['id']}", {"subject": " "}).expect(400)["fieldName"] == "subject"
    assert client.get(f"incidents/{shown['id']}").expect(200) == shown


def test_what_is_shown_can_be_sent_back(desk: World, client: Ramp) -> None:
    shown = made(client)
    after = client.post(f"incidents/{shown['id']}", shown).expect(200)
    assert after == shown


def test_an_update_with_a_response(desk: World, client: Ramp) -> None:
    shown = made(client)
    response = {"description": "on it", "internal": "false", "creator": {"loginName": "ANN"}, "tags": "a, b"}
    client.post(f"incidents/{shown['id']}", {"response": response}).expect(200)
    rows = client.get(f"incidents/{shown['id']}/responses/search").expect(200)["results"]
    assert [(row["description"], row["creator"]["loginName"], row["tags"]) for row in rows] == [
        ("on it", "ann", "a, b")
    ]


# --- Talking


def test_responses_and_their_files(desk: World, client: Ramp) -> None:
    shown = made(client)
    path = f"incidents/{shown['id']}"
    file = b64encode(b"Sample\xff file").decode()
    body = {
        "description": "see files",
        "internal": True,
        "extTicketResponseId": "12345",
        "attachments": [{"name": "1.txt", "file": file}, {"name": "2.txt", "file": file}],
    }
    said = client.post(f"{path}/responses", body).expect(200)
    assert (said["internal"], said["hasAttachments"], said["extTicketResponseId"]) == (True, True, "12345")
    assert [one["name"] for one in said["attachments"]] == ["1.txt", "2.txt"]
    url = said["attachments"][0]["contentURL"].removeprefix("https://watchbill.example.org")
    answer = client.get(url)
    assert (answer.status, answer.body) == (200, b"Sample\xff file")
    assert answer.headers["content-type"] == "application/octet-stream"
    client.post(f"{path}/responses", {"description": "second"}).expect(200)
    rows = client.get(f"{path}/responses/search").expect(200)
    assert [row["description"] for row in rows["results"]] == ["second", "see files"]
    assert (rows["orderBy"], rows["results"][0]["hasAttachments"]) == ("response.id", False)
    assert rows["results"][1] == said
    for bad in (
        f"{path}/responses/0/resources/1",
        f"{path}/responses/1/resources/x",
        f"{path}/responses/1/resources/99",
    ):
        client.get(bad).expect(404)
    client.post(f"{path}/responses", {}).expect(400)
    client.post(f"{path}/responses", {"description": "x", "attachments": [5]}).expect(400)


def test_notes(desk: World, client: Ramp) -> None:
    shown = made(client)
    path = f"INCIDENT/{shown['id']}/notes"
    note = client.post(path, {"description": "first"}).expect(200)
    assert note == {"id": note["id"], "subject": LAN["subject"]}
    whole = client.get(f"{path}/{note['id']}").expect(200)
    assert (whole["description"], whole["updatedTime"]) == ("first", "")
    assert whole["createdBy"]["loginName"] == "opsramp_api_user"
    desk.pass_(HOUR)
    client.post(f"{path}/{note['id']}", {"subject": "S", "description": "changed"}).expect(200)
    assert client.get(f"{path}/{note['id']}").expect(200) == whole | {
        "subject": "S",
        "description": "changed",
        "updatedTime": "2026-06-01T01:00:00+0000",
    }
    client.post(f"incidents/{shown['id']}/notes", {"description": "second"}).expect(200)
    rows = client.get(path).expect(200)
    assert ([row["description"] for row in rows["results"]], rows["orderBy"]) == (["second", "changed"], "note.id")
    answer = client.delete(f"{path}/{note['id']}")
    assert (answer.status, answer.body) == (200, b"")
    client.get(f"{path}/{note['id']}").expect(404)
    client.delete(f"{path}/{note['id']}").expect(404)
    client.post(path, {"description": ""}).expect(400)
    client.get(f"{path}/x").expect(404)


def test_the_activity_log(desk: World, client: Ramp) -> None:
    shown = made(client)
    path = f"incidents/{shown['id']}"
    desk.pass_(HOUR)
    client.post(path, {"status": "Open"}).expect(200)
    desk.pass_(HOUR)
    client.post(f"{path}/responses", {"description": "hello"}).expect(200)
    log = client.get(f"{path}/activitylog").expect(200)
    assert [row["logType"] for row in log["results"]] == ["TICKET_RESPONSE", "TICKET", "TICKET"]
    assert log["results"][1]["changeLog"] == [{"attribute": "status", "oldValue": "New", "newValue": "Open"}]
    assert log["results"][2]["activity"].endswith("created by OpsRamp API User")
    up = client.get(f"{path}/activitylog", isDescendingOrder="false", startTs="2026-06-01T01:00:00 0000").expect(200)
    assert [row["createdTime"] for row in up["results"]] == ["2026-06-01T01:00:00+0000", "2026-06-01T02:00:00+0000"]


# --- Searching


@pytest.fixture
def many(desk: World, client: Ramp) -> Ramp:
    for number in range(6):
        status = ("New", "Open", "Resolved")[number % 3]
        group = {"assigneeGroup": {"uniqueId": f"USRGRP-{number % 2}"}, "resources": [{"id": f"r{number}"}]}
        made(client, subject=f"S{number}", status=status, priority=("Low", "High")[number % 2], **group)
        desk.pass_(DAY)
    return client


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", "543210"),
        ("status:open,Resolved", "5421"),
        ("status:Lost", ""),
        ("priority:High", "531"),
        ("priority:Highest", ""),
        ("status:New+priority:low", "0"),
        ("subject:s3", "3"),
        ("uniqueId:INC0000000002,INC0000000004", "31"),
        ("assignedTo:somebody+requester:ann", "543210"),
        ("assignedTo:nobody", ""),
        ("assigneeGroupIds:USRGRP-1", "531"),
        ("deviceId:r2", "2"),
        ("extTicketId:000042526342+source:INTEGRATION", "543210"),
        ("sourcePolicyType:AUTOINCIDENT", ""),
        ("startCreationDate:2026-06-03T00:00:00+0000+endCreationDate:2026-06-04T00:00:00 0000", "32"),
        ("startUpdationDate:2026-06-05T00:00:00Z", "54"),
        ("startResolvedDate:2026-06-04T00:00:00Z", "5"),
        ("startClosedDate:2026-06-04T00:00:00Z", ""),
        ("minReOpens:1", ""),
        ("maxReOpens:0", "543210"),
        ("maxResolutionTime:0", "52"),
        ("minResponseTime:0", ""),
        ("unheard:of", "543210"),
    ],
)
def test_search_keys(many: Ramp, query: str, found: str) -> None:
    rows = many.get("incidents/search", queryString=query).expect(200)
    assert [row["subject"] for row in rows["results"]] == [f"S{number}" for number in found]
    assert rows["orderBy"] == "ticket.id"


def test_without_a_date_the_last_month_only(many: Ramp, desk: World) -> None:
    desk.pass_(28 * DAY)
    assert [row["subject"] for row in many.get("incidents/search").expect(200)["results"]] == ["S5", "S4", "S3"]
    for query in ("startCreationDate:2026-01-01T00:00:00Z", "endClosedDate:2027-01-01T00:00:00Z"):
        rows = many.get("incidents/search", queryString=query).expect(200)
        assert rows["totalResults"] == (6 if "Creation" in query else 0)
    assert many.get("incidents/search", queryString="uniqueId:INC0000000001").expect(200)["totalResults"] == 1


def test_parts_that_are_asked_for(many: Ramp) -> None:
    row = many.get("incidents/search", pageSize=1).expect(200)["results"][0]
    assert not {"customFields", "statusFlow"} & set(row)
    row = many.get("incidents/search", pageSize=1, include="customFields,statusFlow").expect(200)["results"][0]
    assert {"customFields", "statusFlow"} <= set(row)


def test_pages(many: Ramp) -> None:
    page = many.get("incidents/search", pageSize=4, pageNo=2, isDescendingOrder="false").expect(200)
    assert [row["subject"] for row in page["results"]] == ["S4", "S5"]


# --- The service desk


@pytest.mark.parametrize(("noun", "prefix"), [("businessImpacts", "SIMPACT-"), ("urgencies", "SURG-")])
def test_impacts_and_urgencies(desk: World, client: Ramp, noun: str, prefix: str) -> None:
    path = f"incidents/{noun}"
    assert client.get(path).expect(200) == []
    one = client.post(path, {"name": "Servers down", "description": "in SJ"}).expect(200)
    assert one["uniqueId"].startswith(prefix)
    assert (one["createdBy"]["loginName"], one["createdDate"]) == ("opsramp_api_user", "2026-06-01T00:00:00+0000")
    desk.pass_(HOUR)
    after = client.post(f"{path}/{one['uniqueId']}", {"name": "Network down"}).expect(200)
    assert after == one | {"name": "Network down", "updatedDate": "2026-06-01T01:00:00+0000"}
    assert client.get(path).expect(200) == [
        {"id": 1, "uniqueId": one["uniqueId"], "name": "Network down", "description": "in SJ"}
    ]
    client.post(path, {"name": "Other"}).expect(200)
    config = f"serviceDesk/config/{noun}"
    assert client.get(config).expect(200)["totalResults"] == 2
    assert client.get(config, queryString=f"id:{one['uniqueId']}").expect(200)["results"] == [after]
    assert client.get(config, queryString="name:Network down").expect(200)["results"] == [after]
    assert client.get(config, queryString="name:Network").expect(200)["results"] == []
    answer = client.delete(f"serviceDesk/{noun}", {"Ids": [one["uniqueId"]]})
    assert (answer.status, answer.body) == (200, b"")
    client.delete(f"serviceDesk/{noun}", {"Ids": [one["uniqueId"]]}).expect(404)
    client.delete(f"serviceDesk/{noun}", {}).expect(400)
    client.post(f"{path}/{one['uniqueId']}", {"name": "x"}).expect(404)
    for body in ({}, {"name": ""}, {"name": 5}):
        client.post(path, body).expect(400)


def test_what_an_incident_names_is_filled_in(desk: World, client: Ramp) -> None:
    impact = client.post("incidents/businessImpacts", {"name": "Site down", "description": "all"}).expect(200)
    shown = made(client, businessImpact={"uniqueId": impact["uniqueId"]})
    assert shown["businessImpact"] == {
        "id": 1,
        "uniqueId": impact["uniqueId"],
        "name": "Site down",
        "description": "all",
    }
    assert made(client, urgency={"uniqueId": "SURG-x", "x": "1"})["urgency"] == {"uniqueId": "SURG-x", "x": "1"}


def test_categories(desk: World, client: Ramp) -> None:
    top = client.post("incidents/categories", {"names": ["Hardware"]}).expect(200)
    parent = {"uniqueId": top[0]["uniqueId"], "name": "Hardware"}
    below = client.post("incidents/categories", {"names": ["CPU", "Monitors"], "parentCategory": parent}).expect(200)
    assert [one["name"] for one in below] == ["CPU", "Monitors"]
    assert below[0]["parentCategory"] == parent
    rows = client.get(f"INCIDENT/categories/{parent['uniqueId']}").expect(200)
    assert [row["name"] for row in rows] == ["CPU", "Monitors"]
    assert [row["name"] for row in client.get("INCIDENT/categories/0").expect(200)] == ["Hardware"]
    after = client.post(f"incidents/categories/{below[1]['uniqueId']}", {"name": "Screens"}).expect(200)
    assert (after["name"], after["parentCategory"]) == ("Screens", parent)
    client.post(f"incidents/categories/{parent['uniqueId']}", {"parentCategory": parent}).expect(400)
    client.post("incidents/categories/SCAT-x", {"name": "x"}).expect(404)
    bodies: list[Any] = [{}, {"names": []}, {"names": [5]}, {"names": ["x"], "parentCategory": {"uniqueId": "SCAT-x"}}]
    for body in bodies:
        client.post("incidents/categories", body).expect(400)


def test_priorities_follow_from_impact_and_urgency(desk: World, client: Ramp) -> None:
    impact = client.post("incidents/businessImpacts", {"name": "Site"}).expect(200)
    urgency = client.post("incidents/urgencies", {"name": "Now"}).expect(200)
    told = {name: {"uniqueId": one["uniqueId"]} for name, one in (("businessImpact", impact), ("urgency", urgency))}
    assert client.get("incidents/forwardMapping").expect(200) == []
    rows = client.post("incidents/forwardMapping", [{"priority": "Urgent", **told}]).expect(200)
    assert [(row["priority"], row["businessImpact"]["name"], row["urgency"]["name"]) for row in rows] == [
        ("Urgent", "Site", "Now")
    ]
    assert client.get("incidents/forwardMapping").expect(200) == rows
    assert made(client, priority=None, **told)["priority"] == "Urgent"
    assert made(client, priority="Low", **told)["priority"] == "Low"
    client.post("incidents/forwardMapping", [{"priority": "High", **told}]).expect(200)
    assert len(client.get("incidents/forwardMapping").expect(200)) == 1
    client.post("incidents/reverseMapping", [{"priority": "High", **told}]).expect(200)
    assert made(client, priority="High")["businessImpact"]["name"] == "Site"
    bodies: list[Any] = [
        [{}],
        [{"priority": "High"}],
        [{"priority": "X", **told}],
        [5],
        {"priority": "High", "urgency": 5},
    ]
    for body in bodies:
        client.post("incidents/forwardMapping", body).expect(400)


def test_fields_and_forms(client: Ramp) -> None:
    assert client.get("customFields/INCIDENT").expect(200) == []
    client.get("customFields/INCIDENT/UDF0000000001").expect(404)
    assert client.get("deviceGroups/minimal").expect(200) == []
    form = client.get("incidents/customForm").expect(200)
    assert {"subject", "description", "priority"} <= {row["name"] for row in form}
    assert not any(row["customField"] for row in form)
    reasons = client.get("INCIDENT/statusReasons").expect(200)
    assert [row["status"] for row in reasons] == ["New", "Open", "Pending", "Resolved", "Closed", "On Hold"]
    assert reasons[0] | {"module": "INCIDENT", "enabled": "false", "statusReasons": []} == reasons[0]


def test_lists_that_migration_reads_are_there_when_empty(client: Ramp) -> None:
    assert client.get("deviceGroups/minimal").expect(200) == []
    assert client.get("userGroups").expect(200)["results"] == []
    assert client.get("customFields/INCIDENT").expect(200) == []
    assert client.get("incidents/urgencies").expect(200) == []
    assert client.get("clients/client_2").expect(200)["uniqueId"] == "client_2"


# --- Who may


def test_a_read_only_key_changes_nothing(desk: World, client: Ramp) -> None:
    shown = made(client)
    keep(desk, "looks", "opsramp", name="looker", readonly=True)
    client.key, client.secret = "looker", "looks"
    client.renew()
    client.get(f"incidents/{shown['id']}").expect(200)
    for path in ("incidents", f"incidents/{shown['id']}", f"incidents/{shown['id']}/close", "incidents/urgencies"):
        client.post(path, LAN).expect(403)


def test_incidents_of_other_tenants_are_nobodys_business(desk: World, client: Ramp, partner: Ramp) -> None:
    shown = made(client)
    other = client_of(desk, "Other")
    stranger = Ramp(desk, f"client_{other}", other)
    stranger.get(f"incidents/{shown['id']}").expect(404)
    partner.get(f"incidents/{shown['id']}").expect(404)
    assert partner.get(f"/api/v2/tenants/client_2/incidents/{shown['id']}").expect(200)["subject"] == LAN["subject"]


def test_a_partner_has_incidents_of_its_own(partner: Ramp) -> None:
    assert made(partner)["client"]["uniqueId"] == "msp_1"
