"""The calls for escalation policies: made, shown, changed, switched, removed (reference, part 7)."""

from typing import Any

import pytest

from tests.dialects.opsramp.policies import (
    UNTIL_SUPPRESSED,
    UNTIL_TICKETED,
    alert,
    criteria,
    group,
    incident,
    message,
    policy,
    post,
    roster,
    rule,
    settle,
    staff,
    team,
    user,
)
from tests.dialects.opsramp.ramp import Ramp
from tests.dialects.speaking import keep
from tests.stories.town import layer
from tests.stories.world import World
from watchbill.domain.civil import MINUTE, SECOND
from watchbill.domain.plans import Target, TargetKind
from watchbill.domain.rota import Schedule

MANUAL = {"name": "By hand", "escalationType": "MANUAL", "escalations": [{"recipients": [user(1)]}]}
NOBODY = "POLICY-00000000-0000-7000-8000-000000000000"

# Everything that the reference tells of in part 8, with references that nobody can resolve.
FULL: dict[str, Any] = {
    "name": "Everything",
    "description": "All of it",
    "clientMatchingType": "ALL",
    "enabledMode": "ON",
    "precedence": 3,
    "escalationType": UNTIL_SUPPRESSED,
    "resources": [
        {"id": "bf3a10a2-92f1-4610-b3f4-174ed83db7b9", "type": "RESOURCE", "name": "LPT00001", "hostName": ""},
        {"id": "DGP-0b165e70-7152-49f1-bfe3-ebe77409d5f2", "type": "DEVICEGROUP"},
        {"id": "SGP-11f1a6a8-acc8-411f-86c1-b693dd8e9817", "type": "SERVICEGROUP"},
        {"id": "7_AWS", "type": "LOCATION"},
    ],
    "filterCriteria": {
        "matchingType": "ANY",
        "rules": [
            {"key": "Alert  : Description", "operator": "CONTAINS", "value": "critical"},
            {
                "key": "Alert : Occurrence Frequency",
                "operator": "GREATERTHANOREQUALTO",
                "value": {"occurrences": "5", "frequency": "2", "frequencyType": "hours"},
            },
            {"key": "Resource : Resource Type", "operator": "MATCH", "value": {"type": "DEVICE"}},
        ],
        "searchQuery": "",
    },
    "escalations": [
        {
            "waitMins": 5,
            "priority": "VeryLow",
            "repeatFrequency": 5,
            "notifyLimitCount": 3,
            "action": "NOTIFICATION",
            "notificationType": "advanced",
            "notificationTemplateId": "TPL-1",
            "recipients": [
                {"id": "USR0000000028", "name": "AP_User", "type": "USER"},
                {"id": "USRGRP-9498fc95-67b7-3477-953f-1ec70bf0c61d", "name": "Cloud group", "type": "USERGROUP"},
                {"id": "ES-de9bfd9f-d8ee-430f-4bc0-e6e4645cdb47", "name": "Cloud roster", "type": "ROSTERS"},
                {"id": "USRGRP-9498fc95-67b7-3477-953f-1ec70bf0c61d", "type": "USERGROUP_DL"},
            ],
        },
        {"action": "NOTIFICATION", "alertStateTransitionFrom": "WARNING", "notifyLimitCount": 2, "recipients": []},
        {
            "waitMins": 5,
            "action": "INCIDENT",
            "notifyIncident": "whenAlertStateChanged",
            "updateIncident": {
                "none": True,
                "withAlertState": True,
                "autoHealWaitTime": 15,
                "priorityRules": [
                    {
                        "key": "currentState.code",
                        "operator": "Is",
                        "value": "CRITICAL",
                        "businessImpact": {"uniqueId": "SIMPACT-e8853b21-ebc5-dd1d-d9a3-7a7b121a5e0f"},
                        "urgency": {"uniqueId": "SURG-09358506-4af1-4d35-b902-cd3b14a00c10"},
                        "priority": "High",
                    }
                ],
            },
            "incident": {
                "status": "New",
                "priority": "Very Low",
                "subject": "$alert.subject",
                "assigneeGroup": {"uniqueId": "USRGRP-4189ae2e-bcf5-f686-26d0-8b6eabd91558", "name": "Test Group"},
                "assignedUser": {"id": "USR0000000030", "loginName": "OpsAdmin"},
                "businessImpact": {"uniqueId": "SIMPACT-e8853b21-ebc5-dd1d-d9a3-7a7b121a5e0f"},
                "urgency": {"uniqueId": "SURG-09358506-4af1-4d35-b902-cd3b14a00c10"},
                "category": {"uniqueId": "SCAT-1"},
                "customFields": [
                    {
                        "id": "UDF0000000004",
                        "name": "esc_custom_field_4",
                        "value": "$function.substring($alert.description ,'SITE ID=','\n')",
                    }
                ],
                "cc": "tester1@example.org",
                "toEmail": "tester2@example.org",
                "notifyRoster": {"id": "ES-1"},
                "knowledgeArticleIds": ["KB0000000001"],
                "estimatedHours": 0,
                "machineLearning": {
                    "continuousLearning": False,
                    "trainingFileId": "ml_alert_escalation_training",
                    "learnedFieldsToOutputColumnsMap": {"Assignee Group": "incident.assigneeGroup"},
                },
            },
        },
    ],
}


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    """A client with three people, a group and a roster."""
    staff(world, "ann", "bob", "carl")
    team(world, "ops", "ann", "bob", email="ops@example.org")
    settle(world, Schedule("duty", 1, "duty", "Duty", "UTC", (layer("ann", start=world.now),)))
    return client


def path(told: dict[str, Any]) -> str:
    return f"escalations/{told['id']}"


def test_the_smallest_policy_is_answered_whole(desk: Ramp) -> None:
    body = policy(message(roster("duty"), wait=5, priority="High"))
    told = post(desk, body)
    assert told.pop("id").startswith("POLICY-")
    by = {"loginName": "opsramp_api_user", "lastName": " ", "firstName": "OpsRamp API User", "email": ""}
    step = {**body["escalations"][0], "notifyLimitCount": 2, "recipients": [{**roster("duty"), "name": "Duty"}]}
    assert told == {
        "name": "Disks",
        "description": "",
        "policyType": "ESCALATION_POLICY",
        "clientMatchingType": "ALL",
        "createdDate": "2026-06-01T00:00:00+0000",
        "updatedDate": "2026-06-01T00:00:00+0000",
        "active": True,
        "enabledMode": "ON",
        "scope": {"id": 2, "uniqueId": "client_2", "name": "Client", "activated": True},
        "createdBy": by,
        "updatedBy": by,
        "escalationType": UNTIL_TICKETED,
        "escalations": [step],
    }


def test_every_field_comes_back_value_for_value(desk: Ramp) -> None:
    told = post(desk, FULL)
    shown = desk.get(path(told)).expect(200)
    assert shown == told
    assert {name: shown[name] for name in FULL} == FULL


def test_what_was_shown_can_be_posted_back_and_posted_anew(desk: Ramp) -> None:
    told = post(desk, FULL)
    again = desk.post(path(told), told).expect(200)
    assert again == told
    copy = post(desk, told)
    assert copy["id"] != told["id"]
    assert {name: copy[name] for name in FULL} == FULL


def test_an_update_leaves_what_is_not_sent(world: World, desk: Ramp) -> None:
    told = post(desk, FULL)
    world.pass_(MINUTE)
    after = desk.post(path(told), {"name": "Renamed", "id": "POLICY-x", "scope": {"uuid": "x"}}).expect(200)
    assert after == {**told, "name": "Renamed", "updatedDate": "2026-06-01T00:01:00+0000"}
    fewer = desk.post(path(told), {"escalations": [message(user(1))], "resources": []}).expect(200)
    assert len(fewer["escalations"]) == 1
    assert fewer["resources"] == []
    assert fewer["filterCriteria"] == FULL["filterCriteria"]


def test_names_that_are_known_are_filled_in(desk: Ramp) -> None:
    told = post(desk, policy(message(user(1), group("ops"), roster("duty"), {"id": "bob", "type": "USERS"})))
    assert [one["name"] for one in told["escalations"][0]["recipients"]] == ["ann", "Ops", "Duty", "bob"]


def test_recipients_reach_the_core(world: World, desk: Ramp) -> None:
    mailing = {"id": "USRGRP-ops", "type": "USERGROUP_DL"}
    nobody = {"id": "USR0000000099", "type": "USER"}
    post(desk, policy(message(user(2), {"id": "ops", "type": "USER"}, group("ops"), roster("duty"), mailing, nobody)))
    (made,) = world.organization.policies.values()
    assert made.steps[0].targets == (
        Target(TargetKind.USER, "bob"),
        Target(TargetKind.TEAM, "ops"),
        Target(TargetKind.SCHEDULE, "duty"),
        Target(TargetKind.EMAIL, "ops@example.org"),
    )


def test_the_filled_in_and_the_normal_form(desk: Ramp) -> None:
    told = post(desk, MANUAL)
    assert told["escalations"] == [{"recipients": [{**user(1), "name": "ann"}], "action": "NOTIFICATION"}]
    update = {"none": "true", "withAlertState": "TRUE", "updateIncidentSubject": "false"}
    told = post(desk, policy(message(user(1), waitMins="5"), incident(update=update)))
    assert told["escalations"][0]["waitMins"] == 5
    assert told["escalations"][1]["updateIncident"] == {
        "none": True,
        "withAlertState": True,
        "updateIncidentSubject": False,
    }
    assert "notifyLimitCount" not in told["escalations"][1]
    lenient: dict[str, Any] | None
    for lenient in ({}, None):
        steps = [{**incident(), "updateIncident": lenient}]
        assert post(desk, policy(*steps))["escalations"][0]["updateIncident"] == lenient


@pytest.mark.parametrize("precedence", [None, 0, 7, "12"])
def test_a_precedence_may_be_null(desk: Ramp, precedence: Any) -> None:
    told = post(desk, policy(message(user(1)), precedence=precedence))
    assert told["precedence"] == (12 if precedence == "12" else precedence)


@pytest.mark.parametrize(
    ("sent", "mode"),
    [
        ({}, "ON"),
        ({"active": False}, "OFF"),
        ({"active": "true"}, "ON"),
        ({"active": True, "enabledMode": "OFF"}, "OFF"),
        ({"active": False, "enabledMode": "ON"}, "ON"),
        ({"enabledMode": "OBSERVED"}, "OBSERVED"),
        ({"enabledMode": "RECOMMEND"}, "RECOMMEND"),
    ],
)
def test_the_mode_wins_over_active(desk: Ramp, sent: dict[str, Any], mode: str) -> None:
    told = post(desk, policy(incident(), **sent))
    assert (told["enabledMode"], told["active"]) == (mode, mode != "OFF")
    again = desk.post(path(told), {"description": "x"}).expect(200)
    assert again["enabledMode"] == mode


def test_enable_and_disable_lose_nothing_and_may_be_repeated(desk: Ramp) -> None:
    told = post(desk, FULL)
    for verb, mode in (("disable", "OFF"), ("disable", "OFF"), ("enable", "ON"), ("enable", "ON")):
        answer = desk.post(f"{path(told)}/{verb}")
        assert (answer.status, answer.body) == (200, b"")
        assert desk.get(path(told)).expect(200) == {**told, "active": mode == "ON", "enabledMode": mode}


def test_enabling_what_only_watches_lets_it_act(desk: Ramp) -> None:
    told = post(desk, policy(incident(), enabledMode="OBSERVED"))
    desk.post(f"{path(told)}/enable").expect(200)
    assert desk.get(path(told)).expect(200)["enabledMode"] == "ON"


def test_a_policy_is_removed_with_its_rule(world: World, desk: Ramp) -> None:
    told = post(desk, FULL)
    answer = desk.delete(path(told))
    assert (answer.status, answer.body) == (200, b"")
    assert not world.organization.rules
    for missing in (desk.get(path(told)), desk.delete(path(told)), desk.post(path(told), {"name": "x"})):
        assert missing.expect(404) == {"code": "0005", "message": "No escalate alert policy details found"}


@pytest.mark.parametrize("id", [NOBODY, "POLICY-", "x", "POLICY-%00", "POLICY-AC-1"])
@pytest.mark.parametrize("verb", ["", "/enable", "/disable"])
def test_a_policy_that_is_not_there(desk: Ramp, id: str, verb: str) -> None:
    desk.post(f"escalations/{id}{verb}", {"name": "x"}).expect(404)
    if not verb:
        desk.get(f"escalations/{id}").expect(404)
        desk.delete(f"escalations/{id}").expect(404)


WRONG = [
    ({"name": None}, "name"),
    ({"name": " "}, "name"),
    ({"name": 5}, "name"),
    ({"name": "x\0"}, "name"),
    ({"escalationType": None}, "escalationType"),
    ({"escalationType": "SOON"}, "escalationType"),
    ({"escalations": None}, "escalations"),
    ({"escalations": []}, "escalations"),
    ({"escalations": {}}, "escalations"),
    ({"escalations": [5]}, "escalations[0]"),
    ({"enabledMode": "MAYBE"}, "enabledMode"),
    ({"active": "perhaps"}, "active"),
    ({"precedence": 1.5}, "precedence"),
    ({"resources": {}}, "resources"),
    ({"resources": ["x"]}, "resources"),
    ({"filterCriteria": []}, "filterCriteria"),
    ({"filterCriteria": {"matchingType": "SOME"}}, "matchingType"),
    ({"filterCriteria": {"rules": [{"key": 5, "operator": "Is"}]}}, "filterCriteria.rules[0].key"),
    ({"escalations": [message(action="SHOUT")]}, "escalations[0].action"),
    ({"escalations": [message(wait=-1)]}, "escalations[0].waitMins"),
    ({"escalations": [message(waitMins=1.5)]}, "escalations[0].waitMins"),
    ({"escalations": [message(waitMins="soon")]}, "escalations[0].waitMins"),
    ({"escalations": [message(notifyLimitCount=0)]}, "escalations[0].notifyLimitCount"),
    ({"escalations": [message(notifyLimitCount=11)]}, "escalations[0].notifyLimitCount"),
    ({"escalations": [message(repeatFrequency=0)]}, "escalations[0].repeatFrequency"),
    ({"escalations": [message(recipients="USR1")]}, "escalations[0].recipients"),
    ({"escalations": [incident(), message()]}, "escalations[0].action"),
    ({"escalations": [incident(), incident()]}, "escalations[0].action"),
    ({"escalations": [{**incident(), "notifyIncident": "never"}]}, "escalations[0].notifyIncident"),
    ({"escalations": [{**incident(), "incident": []}]}, "escalations[0].incident"),
    ({"escalations": [incident(update={"none": "maybe"})]}, "escalations[0].none"),
    ({"escalations": [incident(priority=5)]}, "escalations[0].priority"),
    ({"escalationType": "MANUAL", "escalations": [incident()]}, "escalations[0].action"),
    ({"escalations": [message(wait=10**9)]}, "steps[0].wait"),
    ({"escalations": [message()] * 101}, "steps"),
]


@pytest.mark.parametrize(("change", "field"), WRONG)
def test_what_is_wrong_is_refused_with_its_field(desk: Ramp, change: dict[str, Any], field: str) -> None:
    told = desk.post("escalations", policy(message(user(1))) | change).expect(400)
    assert (told["code"], told["fieldName"]) == ("0002", field)
    made = post(desk, policy(message(user(1))))
    if None not in change.values():
        desk.post(path(made), change).expect(400)
        assert desk.get(path(made)).expect(200) == made


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"5", b"\xff", b'{"name": "\\ud800"}', b"[" * 100_000, b'{"name": 1e999}', b"null", b'""']
)
def test_any_bytes_are_refused(desk: Ramp, body: bytes) -> None:
    desk.ask("POST", "escalations", body).expect(400)


def test_a_policy_that_is_too_large_is_refused(desk: Ramp) -> None:
    desk.post("escalations", policy(message(user(1)), description="x" * 1_000_001)).expect(413)


def test_odd_things_are_accepted_and_echoed(desk: Ramp) -> None:
    odd = {"newField": {"a": [1, None]}, "allClients": False}
    steps = [message(user(1), repeatFrequency=7, colour="red"), incident(7)]
    told = post(desk, policy(*steps, name="  two\nlines  ", **odd))
    assert told["newField"] == odd["newField"]
    assert told["name"] == "  two\nlines  "
    assert told["escalations"][0]["colour"] == "red"


def test_names_need_not_be_unique(desk: Ramp) -> None:
    one, two = post(desk, policy(message(user(1)))), post(desk, policy(message(user(2))))
    found = desk.get("escalations/search", queryString="name:Disks").expect(200)
    assert {row["id"] for row in found["results"]} == {one["id"], two["id"]}


# --- Searching


def test_a_row_of_the_search(desk: Ramp) -> None:
    told = post(desk, FULL)
    (row,) = desk.get("escalations/search").expect(200)["results"]
    names = ("id", "name", "description", "policyType", "createdDate", "updatedDate", "active")
    scope = {"uniqueId": "client_2", "name": "Client", "activated": True}
    assert row == {name: told[name] for name in names} | {"mlBased": True, "scope": scope}


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["c", "b", "a"]),
        ("isDescendingOrder=false", ["a", "b", "c"]),
        ("queryString=", ["c", "b", "a"]),
        ("queryString=name:b", ["b"]),
        ("name=b", ["b"]),
        ("queryString=name:B", []),
        ("queryString=name:b%2BallList:true", ["b"]),
        ("queryString=name:b+allList:true", ["b"]),
        ("queryString=startCreationDate:2026-06-01T00:00:02+0000", ["c"]),
        ("queryString=endCreationDate:2026-06-01T00:00:01 0000", ["b", "a"]),
        ("queryString=startUpdationDate:2026-06-01T00:00:01Z%2BendUpdationDate:2026-06-01 00:00:01", ["b"]),
        ("queryString=colour:red", ["c", "b", "a"]),
        ("pageSize=2&pageNo=1&pageNo=2", ["a"]),
        ("pageSize=500&sortName=nothing", ["c", "b", "a"]),
        ("pageNo=9", []),
    ],
)
def test_the_search(world: World, desk: Ramp, query: str, names: list[str]) -> None:
    for name in "abc":
        post(desk, policy(message(user(1)), name=name))
        world.pass_(SECOND)
    found = desk.ask("GET", f"escalations/search?{query}").expect(200)
    assert [row["name"] for row in found["results"]] == names
    assert ("nextPageNo" in found) is found["nextPage"]


def test_a_partner_sees_its_own_and_on_request_its_clients(world: World, desk: Ramp, partner: Ramp) -> None:
    theirs = post(desk, policy(message(user(1)), name="client's"))
    own = post(partner, policy(message(user(1)), name="partner's"))
    assert own["allClients"] is True
    assert "allClients" not in theirs

    def rows(speaker: Ramp, **query: str) -> dict[str, Any]:
        return {row["id"]: row for row in speaker.get("escalations/search", **query).expect(200)["results"]}

    assert set(rows(partner)) == {own["id"]}
    assert set(rows(partner, queryString="allList:true")) == {own["id"], theirs["id"]}
    seen = rows(desk)
    assert set(seen) == {own["id"], theirs["id"]}
    assert (seen[own["id"]]["allClients"], seen[own["id"]]["scope"]["uniqueId"]) == (True, "msp_1")


def test_a_client_reads_its_partners_policy_and_can_not_change_it(desk: Ramp, partner: Ramp) -> None:
    own = post(partner, policy(message(user(1))))
    assert desk.get(path(own)).expect(200) == own
    for refused in (
        desk.post(path(own), {"name": "x"}),
        desk.delete(path(own)),
        desk.post(f"{path(own)}/disable"),
        partner.post(f"/api/v2/tenants/client_2/{path(own)}", {"name": "x"}),
    ):
        refused.expect(403)
    theirs = post(desk, policy(message(user(1))))
    partner.get(path(theirs)).expect(404)
    partner.get(f"/api/v2/tenants/client_2/{path(theirs)}").expect(200)


def test_a_client_sees_only_those_that_may_act_on_it(desk: Ramp, partner: Ramp) -> None:
    step = message(user(1))
    named, other = [{"uniqueId": "client_2"}], ["client_99"]
    for kind, clients, seen in (
        ("INCLUDE", named, True),
        ("INCLUDE", other, False),
        ("EXCLUDE", named, False),
        ("EXCLUDE", other, True),
    ):
        body = policy(step, name=kind, clientMatchingType=kind, includedClients=clients)
        assert desk.get(path(post(partner, body))).status == (200 if seen else 404)


def test_a_key_that_reads_only_changes_nothing(world: World, desk: Ramp) -> None:
    told = post(desk, FULL)
    keep(world, "reader-secret", "opsramp", name="reader", readonly=True)
    token = desk.token("reader", "reader-secret")["access_token"]
    desk.headers["authorization"] = f"bearer {token}"
    desk.get(path(told)).expect(200)
    desk.post("escalations", policy(message(user(1)))).expect(403)
    desk.post(path(told), {"name": "x"}).expect(403)
    desk.delete(path(told)).expect(403)


def test_the_rule_in_the_core_is_beside_all_others(world: World, desk: Ramp) -> None:
    told = post(desk, policy(message(user(1)), filterCriteria=criteria(rule("Alert: Metric", "Contains", "disk"))))
    (made,) = world.organization.rules.values()
    assert (made.beside, made.active, made.clients, made.starts[0].policy_id) == (True, True, False, told["id"][7:])
    desk.post(f"{path(told)}/disable").expect(200)
    (made,) = world.organization.rules.values()
    assert (made.active, made.starts) == (False, ())


def test_what_an_incident_step_refers_to_is_filled_in_where_it_is_known(desk: Ramp) -> None:
    impact = desk.post("incidents/businessImpacts", {"name": "Wide", "description": "Many"}).expect(200)
    urgency = desk.post("incidents/urgencies", {"name": "Now", "description": ""}).expect(200)
    ids = {"businessImpact": impact["uniqueId"], "urgency": urgency["uniqueId"]}
    named: dict[str, Any] = {name: {"uniqueId": id} for name, id in ids.items()}
    group_sent = {"uniqueId": "USRGRP-ops", "name": "As sent"}
    rules = [{"key": "currentState.code", "operator": "Is", "value": "Critical", **named}]
    step = incident(update={"withAlertState": True, "priorityRules": rules}, **named, assignedUser={"loginName": "ann"})
    step["incident"]["assigneeGroup"] = group_sent
    told = post(desk, policy(step))["escalations"][0]
    made = told["incident"]
    assert (made["businessImpact"]["name"], made["businessImpact"]["description"]) == ("Wide", "Many")
    assert made["urgency"]["name"] == "Now"
    assert (made["assignedUser"]["id"], made["assignedUser"]["email"]) == ("USR0000000001", "ann@example.org")
    assert {**made["assigneeGroup"], **group_sent} == made["assigneeGroup"]
    assert made["assigneeGroup"]["description"] == ""
    assert told["updateIncident"]["priorityRules"][0]["businessImpact"]["name"] == "Wide"
    again = post(desk, policy(told))
    assert again["escalations"][0] == told


def test_a_priority_follows_from_impact_and_urgency(world: World, desk: Ramp) -> None:
    named: dict[str, Any] = {
        "businessImpact": {"uniqueId": desk.post("incidents/businessImpacts", {"name": "Wide"}).json["uniqueId"]},
        "urgency": {"uniqueId": desk.post("incidents/urgencies", {"name": "Now"}).json["uniqueId"]},
    }
    desk.post("incidents/forwardMapping", [{**named, "priority": "Urgent"}]).expect(200)
    post(desk, policy(incident(**named)))
    alert(desk)
    shown = desk.get("incidents/INC0000000001").expect(200)
    assert (shown["priority"], shown["urgency"]["name"]) == ("Urgent", "Now")
    assert shown["alertIds"] == [1_000_002]
    assert shown["sourcePolicyType"] == "AUTOINCIDENT"
    assert shown["policy"]["name"] == "Disks"


def test_a_copy_of_a_partners_policy_is_the_clients_own(desk: Ramp, partner: Ramp) -> None:
    """Clients fetch what is marked `allClients` from the partner, where the copy is not."""
    theirs = partner.post("escalations", {**MANUAL, "allClients": True}).expect(200)
    assert theirs["allClients"] is True
    copy = desk.post("escalations", theirs).expect(200)
    assert "allClients" not in copy
    assert "allClients" not in desk.get(f"escalations/{copy['id']}").expect(200)


def test_null_says_that_there_is_none(client: Ramp) -> None:
    nulls: dict[str, Any] = dict.fromkeys(("allClients", "resources", "includedClients", "filterCriteria"))
    made = post(client, policy(message(user(1))) | nulls)
    told = client.post(f"escalations/{made['id']}", nulls).expect(200)
    assert not set(nulls) & {name for name, value in (made | told).items() if value is None}


@pytest.mark.parametrize("field", ["incident", "updateIncident"])
def test_what_an_incident_is_to_be_is_an_object_in_any_step(client: Ramp, field: str) -> None:
    told = client.post("escalations", policy({**message(user(1)), field: -1380})).expect(400)
    assert told["fieldName"] == f"escalations[0].{field}"
    made = post(client, policy({**message(user(1)), field: None}))
    assert made["escalations"][0].get(field) is None
    client.get("escalations/search").expect(200)
