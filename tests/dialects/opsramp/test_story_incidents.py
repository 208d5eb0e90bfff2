"""What an INCIDENT step makes of an alert, and what further alerts do to it (reference, parts 9.5, 11 and 17)."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.dialects.opsramp.policies import (
    UNTIL_SUPPRESSED,
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
from tests.stories.town import layer
from tests.stories.world import World
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.incident import Actor
from watchbill.domain.rota import Schedule
from watchbill.domain.tickets import CLOSED, Remark, Revision, Ticket
from watchbill.usecases import tickets

Body = dict[str, Any]
TEN = 10 * HOUR
OPERATOR = Actor("operator")


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    """Ten o'clock; ann is on duty."""
    staff(world, "ann", "bob", "carl")
    team(world, "ops", "ann", "bob")
    team(world, "listed", "carl", email="listed@example.org")
    settle(world, Schedule("duty", 1, "duty", "Duty", "UTC", (layer("ann", start=world.now),)))
    world.pass_(TEN)
    return client


def at(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * HOUR + int(minutes) * MINUTE


def until(world: World, clock: str) -> None:
    world.pass_(at(clock) - world.elapsed)


def ticket(world: World, number: int = 1) -> Ticket:
    found: Ticket = world.write(lambda tx: tx.ticket(world.org, number))
    return found


def said(world: World, kind: str = "response") -> Sequence[Remark]:
    found: Sequence[Remark] = world.write(lambda tx: tx.remarks(world.org, 1, kind))
    return found


def the_alert(desk: Ramp) -> Body:
    told: Body = desk.get(f"alerts/{1_000_000 + desk.world.org}").expect(200)
    return told


def act(desk: Ramp, action: str) -> None:
    desk.post(f"alerts/{1_000_000 + desk.world.org}/actions/{action}").expect(200)


def no_ticket(world: World) -> None:
    world.write(lambda tx: tx.next_numbers(world.org, "ticket", 1))[0]
    assert not world.write(lambda tx: tx.tickets_by_number(world.org, [1, 2, 3]))


WORKED = {
    **policy(
        message(roster("duty"), wait=5, priority="High"),
        {
            "waitMins": 45,
            "action": "INCIDENT",
            "incident": {"priority": "High", "toEmail": "noc@example.com"},
            "updateIncident": {
                "withAlertState": True,
                "priorityRules": [
                    {"key": "currentState.code", "operator": "Is", "value": "Critical", "priority": "Urgent"}
                ],
            },
            "notifyIncident": "whenAlertStateChanged",
        },
        name="Disk to storage team",
    ),
    "resources": [{"id": "client_2", "type": "CLIENT"}],
    "filterCriteria": criteria(rule("Alert: Metric", "Contains", "disk")),
}


# --- The worked example


def test_the_worked_example_with_nobody_reacting(world: World, desk: Ramp) -> None:
    told = post(desk, WORKED)
    assert told["escalations"][0]["notifyLimitCount"] == 2
    noc = world.phone("noc@example.com")
    alert(desk, state="Warning")
    until(world, "10:44")
    world.phone("ann").expects("disk full", at=at("10:05"))
    world.phone("ann").expects("disk full", at=at("10:20"))
    noc.expects_nothing()
    until(world, "10:46")
    noc.expects("disk full", at=at("10:45"), by="email")
    made = ticket(world)
    assert (made.priority, made.status, made.subject, made.incidents) == ("High", "New", "disk full", (1,))
    shown = the_alert(desk)
    assert (shown["status"], shown["ticketed"], shown["incidentId"]) == ("Ticketed", True, "INC0000000001")
    history = shown["statusHistory"]
    assert history["ticketedBy"] == "opsramp_system_user"
    assert history["ticketedTime"] == "2026-06-01T10:45:00+0000"
    until(world, "10:50")
    alert(desk, state="Critical")
    noc.expects("disk full", at=at("10:50"))
    assert (ticket(world).priority, ticket(world).old_priority) == ("Urgent", "High")
    until(world, "10:55")
    alert(desk, state="Critical")
    world.pass_(DAY)
    world.nothing_else_was_sent()
    assert len(said(world)) == 1


def test_the_worked_example_acknowledged_at_ten_past(world: World, desk: Ramp) -> None:
    post(desk, WORKED)
    alert(desk, state="Warning")
    until(world, "10:10")
    act(desk, "acknowledge")
    world.pass_(DAY)
    world.phone("ann").expects("disk full", at=at("10:05"))
    world.nothing_else_was_sent()
    no_ticket(world)


def test_the_worked_example_with_an_incident_attached_by_hand(world: World, desk: Ramp) -> None:
    post(desk, WORKED | {"escalationType": UNTIL_SUPPRESSED})
    alert(desk, state="Warning")
    until(world, "10:10")
    draft = Ticket(world.org, 0, 0, subject="by hand", priority="Low", incidents=(1,))
    world.write(tickets.create, draft, OPERATOR, world.now)
    until(world, "11:00")
    world.phone("ann").expects("disk full", at=at("10:05"))
    world.phone("ann").expects("disk full", at=at("10:20"))
    world.phone("noc@example.com").expects("disk full", at=at("10:45"))
    assert ticket(world).subject == "by hand"
    assert [one.at for one in said(world)] == [world.now - 15 * MINUTE]
    assert not world.write(lambda tx: tx.tickets_by_number(world.org, [2]))
    alert(desk, state="Critical")
    assert ticket(world).priority == "Urgent"
    world.phone("noc@example.com").expects("disk full", at=at("11:00"))
    world.nothing_else_was_sent()


def test_the_incident_of_the_sample_ends_the_run(world: World, desk: Ramp) -> None:
    post(desk, policy(message(roster("duty"), user(2), repeatFrequency=10), incident(5)))
    alert(desk)
    world.phone("ann").expects("disk full", at=TEN)
    world.phone("bob").expects("disk full", at=TEN)
    world.pass_(DAY)
    world.nothing_else_was_sent()
    assert the_alert(desk)["incidentId"] == "INC0000000001"


def test_in_the_other_type_messages_go_on(world: World, desk: Ramp) -> None:
    body = policy(message(user(1), repeatFrequency=10, notifyLimitCount=3), incident(5))
    post(desk, body | {"escalationType": UNTIL_SUPPRESSED})
    alert(desk)
    world.pass_(DAY)
    for clock in ("10:00", "10:10", "10:20"):
        world.phone("ann").expects("disk full", at=at(clock))


@pytest.mark.parametrize("action", ["acknowledge", "suppress", "close", "heal"])
@pytest.mark.parametrize("kind", ["AUTOMATIC", UNTIL_SUPPRESSED])
def test_what_stops_a_run_stops_its_incident(world: World, desk: Ramp, action: str, kind: str) -> None:
    post(desk, policy(incident(30), escalationType=kind))
    alert(desk)
    until(world, "10:20")
    act(desk, action)
    world.pass_(DAY)
    no_ticket(world)


def test_an_incident_that_fell_due_meanwhile_is_made_when_the_acknowledgement_is_taken_back(
    world: World, desk: Ramp
) -> None:
    post(desk, policy(incident(30)))
    alert(desk)
    act(desk, "acknowledge")
    until(world, "11:00")
    act(desk, "unacknowledge")
    assert ticket(world).created_at == world.now


# --- What is created


def test_everything_that_the_step_says_is_in_the_incident(world: World, desk: Ramp) -> None:
    fields: Body = {
        "subject": "[$alert.currentState] $alert.subject on $alert.resource.name",
        "description": "$alert.metric/$alert.component of $alert.app: $alert.unknown $alert.description",
        "priority": "VeryLow",
        "status": "Open",
        "assigneeGroup": {"uniqueId": "USRGRP-ops"},
        "assignedUser": {"id": "USR0000000003", "loginName": "carl"},
        "businessImpact": {"uniqueId": "SIMPACT-1"},
        "urgency": {"uniqueId": "SURG-1"},
        "category": {"uniqueId": "SCAT-1"},
        "cc": "x@example.org",
        "toEmail": "y@example.org, z@example.org",
        "knowledgeArticleIds": ["KB0000000001"],
        "customFields": [
            {"id": "UDF0000000004", "value": "$function.substring($alert.description ,'SITE ID=','\n')"},
            {"id": "UDF0000000005", "value": "$alert.ipAddress and $alert.rack"},
        ],
    }
    post(desk, policy(incident(**fields), name="P"))
    more: Body = {
        "component": "/var",
        "description": "Full\nSITE ID=42\nend",
        "tags": [{"name": "rack", "value": "R7"}],
    }
    alert(desk, resource={"hostName": "db01", "ipAddress": "10.0.0.9"}, **more)
    made = ticket(world)
    assert made.subject == "[Critical] disk full on db01"
    assert made.description == "system.disk//var of OPSRAMP: $alert.unknown Full\nSITE ID=42\nend"
    assert (made.priority, made.status, made.created_by) == ("Very Low", "Open", "")
    custom: Any = made.fields["customFields"]
    assert [field["value"] for field in custom] == ["42", "10.0.0.9 and R7"]
    kept = ("assigneeGroup", "assignedUser", "businessImpact", "urgency", "category", "cc", "knowledgeArticleIds")
    assert {name: made.fields[name] for name in kept} == {name: fields[name] for name in kept}
    (made_by,) = world.organization.policies
    assert made.policy_id == made_by
    mailed = ("carl@example.org", "ann@example.org", "bob@example.org", "x@example.org", "y@example.org")
    for address in (*mailed, "z@example.org"):
        world.phone(address).expects("disk full", at=TEN, by="email")
    world.nothing_else_was_sent()


def test_a_step_that_says_little_takes_the_alerts_words(world: World, desk: Ramp) -> None:
    post(desk, policy({"action": "INCIDENT"}))
    alert(desk, description="All of it")
    made = ticket(world)
    assert (made.subject, made.description, made.priority, made.status) == ("disk full", "All of it", "Normal", "New")
    world.nothing_else_was_sent()


MACROS = [
    ("$alert.subject", "disk full"),
    ("$alert.subject.", "disk full."),
    ("$alert.resourceType", "Linux"),
    ("$alert.resource.resourceType", "Linux"),
    ("$alert.repeatCount", "1"),
    ("$alert.alertType", "Monitoring"),
    ("$alert.", "$alert."),
    ("$alert", "$alert"),
    ("$alert.nobody.knows", "$alert.nobody.knows"),
    ("$function.substring($alert.description,'SITE ID=','\\n')", "42"),
    ("$function.substring($alert.description , 'SITE ID=' , '!')", "42\nit's over"),
    ("$function.substring($alert.description,'NOT THERE','\n')", ""),
    ("$function.substring($alert.description,'it\\'s ','r')", "ove"),
    ("$function.substring($alert.unknown,'a','b')", "$function.substring($alert.unknown,'a','b')"),
    ("$function.upper($alert.subject)", "$function.upper(disk full)"),
    ("<$function.substring($alert.subject,'disk ','')>", "<full>"),
]


@pytest.mark.parametrize(("text", "filled"), MACROS)
def test_a_macro(world: World, desk: Ramp, text: str, filled: str) -> None:
    post(desk, policy(incident(description=text)))
    alert(desk, description="SITE ID=42\nit's over", resource={"hostName": "db01", "resourceType": "Linux"})
    assert ticket(world).description == filled


def test_a_mailing_list_stands_for_its_group_and_nobody_is_mailed_twice(world: World, desk: Ramp) -> None:
    fields: Body = {"assigneeGroup": {"name": "listed"}, "toEmail": "listed@example.org;nonsense;;", "cc": "a@b c@d"}
    post(desk, policy(incident(**fields)))
    alert(desk)
    for address in ("listed@example.org", "a@b", "c@d"):
        world.phone(address).expects("disk full", by="email")
    world.nothing_else_was_sent()


def test_a_roster_to_notify_means_those_on_duty(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(notifyRoster={"id": "ES-duty"})))
    alert(desk)
    world.phone("ann@example.org").expects("disk full", at=TEN, by="email")
    world.nothing_else_was_sent()


# --- What further alerts do


CRITICAL_IS_URGENT = [
    {"key": "currentState.code", "operator": "Is", "value": "Warning", "priority": "Low"},
    {
        "key": "currentState.code",
        "operator": "Is",
        "value": "CRITICAL",
        "priority": "Urgent",
        "businessImpact": {"uniqueId": "SIMPACT-9"},
        "urgency": {"uniqueId": "SURG-9"},
    },
]


@pytest.mark.parametrize(
    ("update", "priority", "appended"),
    [
        ({"none": True}, "High", 2),
        ({}, "High", 2),
        ({"withAlertState": True}, "Urgent", 1),
        ({"none": True, "withAlertState": True}, "Urgent", 1),
        ({"updateWhenAlertStateChange": True}, "High", 1),
        ({"updateForEveryRepeatAlert": True}, "High", 2),
        ({"updateWithRuleWhenAlertStateChange": True}, "Urgent", 1),
        ({"updateWithRuleForEveryRepeatAlert": True}, "Urgent", 2),
    ],
)
def test_an_update(world: World, desk: Ramp, update: Body, priority: str, appended: int) -> None:
    """One repeat with the same state, then one that is critical."""
    post(desk, policy(incident(update={**update, "priorityRules": CRITICAL_IS_URGENT}, priority="High")))
    alert(desk, state="Warning", description="first")
    alert(desk, state="Warning", description="second")
    alert(desk, state="Critical", description="third")
    made = ticket(world)
    assert made.priority == priority
    assert (made.fields.get("businessImpact") == {"uniqueId": "SIMPACT-9"}) is (priority == "Urgent")
    assert [one.text for one in said(world)] == ["second", "third"][2 - appended :]
    assert made.subject == "disk full"


def test_the_subject_follows_where_that_is_wanted(world: World, desk: Ramp) -> None:
    update = {"withAlertState": True, "updateIncidentSubject": True}
    post(desk, policy(incident(update=update, subject="$alert.currentState: $alert.subject")))
    alert(desk, state="Warning")
    alert(desk, state="Critical")
    assert ticket(world).subject == "Critical: disk full"
    assert [one.data["changes"] for one in said(world, "activity")] == [
        [{"attribute": "subject", "old": "Warning: disk full", "new": "Critical: disk full"}]
    ]


@pytest.mark.parametrize(
    ("notify", "mails"),
    [(None, 1), ("forEveryUpdate", 3), ("whenAlertStateChanged", 2)],
)
def test_who_is_mailed_of_updates(world: World, desk: Ramp, notify: str | None, mails: int) -> None:
    step = incident(toEmail="noc@example.org") | ({"notifyIncident": notify} if notify else {})
    post(desk, policy(step))
    for state in ("Warning", "Warning", "Critical"):
        alert(desk, state=state)
        world.pass_(5 * MINUTE)
    assert len(world.phone("noc@example.org").ignores_the_rest()) == mails


@pytest.mark.parametrize(
    ("flag", "assigned", "wait", "resolved"),
    [
        ("autoResolveIncident", True, 15, True),
        ("autoResolveIncident", False, 0, True),
        ("autoResolveUnassignedIncident", False, 15, True),
        ("autoResolveUnassignedIncident", True, 15, False),
        ("none", False, 15, False),
    ],
)
def test_healing_resolves_the_incident(
    world: World, desk: Ramp, flag: str, assigned: bool, wait: int, resolved: bool
) -> None:
    fields: Body = {"assignedUser": {"loginName": "somebody"}} if assigned else {}
    post(desk, policy(incident(update={flag: True, "autoHealWaitTime": wait}, **fields)))
    alert(desk)
    until(world, "10:10")
    alert(desk, state="OK")
    if wait:
        world.pass_(wait * MINUTE - 1)
        assert ticket(world).status == "New"
        world.pass_(1)
    assert ticket(world).status == ("Resolved" if resolved else "New")
    world.pass_(DAY)


def test_what_is_ill_again_in_time_is_not_resolved(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(update={"autoResolveIncident": True, "autoHealWaitTime": 15})))
    alert(desk)
    alert(desk, state="OK")
    world.pass_(10 * MINUTE)
    alert(desk)
    world.pass_(HOUR)
    assert ticket(world).status == "New"


def test_healing_by_hand_counts_too(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(update={"autoResolveIncident": True, "autoHealWaitTime": 15})))
    alert(desk)
    act(desk, "heal")
    world.pass_(HOUR)
    assert ticket(world).status == "Resolved"


def test_a_closed_incident_is_not_changed_and_the_next_event_opens_another(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(update={"updateForEveryRepeatAlert": True})))
    alert(desk)
    world.write(tickets.revise, world.org, 1, Revision(status=CLOSED), OPERATOR, world.now)
    alert(desk, state="OK")
    assert len(said(world)) == 0
    world.pass_(MINUTE)
    alert(desk, state="Warning")
    assert ticket(world, 2).created_at == world.now
    assert the_alert(desk)["incidentId"] == "INC0000000002"
    alert(desk, state="Warning")
    assert not world.write(lambda tx: tx.tickets_by_number(world.org, [3]))


def test_a_resolved_incident_counts_as_open(world: World, desk: Ramp) -> None:
    post(desk, policy(incident()))
    alert(desk)
    world.write(tickets.revise, world.org, 1, Revision(status="Resolved"), OPERATOR, world.now)
    alert(desk)
    assert len(said(world)) == 1
    assert ticket(world).status == "Resolved"


def test_an_event_after_closing_the_alert_opens_an_incident_of_its_own(world: World, desk: Ramp) -> None:
    post(desk, policy(incident()))
    alert(desk)
    act(desk, "close")
    alert(desk)
    assert (ticket(world, 1).incidents, ticket(world, 2).incidents) == ((1,), (2,))


def test_a_storm_in_one_body_makes_one_incident_of_each_alert(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(update={"withAlertState": True, "priorityRules": CRITICAL_IS_URGENT})))
    event = {"currentState": "Warning", "serviceName": "m", "device": {"hostName": "db01"}}
    bodies = [event | {"subject": f"{place % 3}", "component": f"{place % 3}"} for place in range(9)]
    bodies += [body | {"currentState": "Critical"} for body in bodies[:3]]
    desk.post("alerts", bodies).expect(200)
    assert [ticket(world, number).priority for number in (1, 2, 3)] == ["Urgent"] * 3
    assert not world.write(lambda tx: tx.tickets_by_number(world.org, [4]))


# --- Several policies


def priorities(world: World) -> list[str]:
    found = world.write(lambda tx: tx.tickets_by_number(world.org, range(1, 9)))
    return [found[number].priority for number in sorted(found)]


@pytest.mark.parametrize(
    ("precedences", "first"),
    [((None, None), "High"), ((None, 5), "Low"), ((7, 5), "Low"), ((3, 5), "High"), ((5, 5), "High")],
)
def test_only_one_policy_makes_an_incident(
    world: World, desk: Ramp, precedences: tuple[int | None, int | None], first: str
) -> None:
    one, two = precedences
    post(desk, policy(message(user(1), notifyLimitCount=1), incident(priority="High"), name="one", precedence=one))
    post(desk, policy(message(user(2), notifyLimitCount=1), incident(priority="Low"), name="two", precedence=two))
    alert(desk)
    world.pass_(HOUR)
    assert priorities(world) == [first]
    world.phone("ann").expects("disk full", at=TEN)
    world.phone("bob").expects("disk full", at=TEN)


def test_the_first_by_precedence_makes_it_though_its_time_comes_later(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(5, priority="Low"), name="sooner", precedence=9))
    post(desk, policy(incident(30, priority="High"), name="first", precedence=1))
    alert(desk)
    world.pass_(20 * MINUTE)
    assert priorities(world) == []
    world.pass_(HOUR)
    assert priorities(world) == ["High"]


@pytest.mark.parametrize("partner_first", [False, True])
def test_a_clients_incident_goes_before_its_partners_unless_set_otherwise(
    world: World, desk: Ramp, partner: Ramp, partner_first: bool
) -> None:
    if partner_first:
        world.settings(partner_tickets_first=True)
    post(partner, policy(incident(priority="High"), precedence=1))
    post(desk, policy(incident(priority="Low")))
    alert(desk)
    assert priorities(world) == ["High" if partner_first else "Low"]


@pytest.mark.parametrize(("mode", "verb"), [("OBSERVED", "would open"), ("RECOMMEND", "recommends")])
def test_one_that_watches_only_notes_it(world: World, desk: Ramp, mode: str, verb: str) -> None:
    post(desk, policy(message(user(1)), incident(30, priority="High"), name="Watch", enabledMode=mode))
    post(desk, policy(incident(priority="Low"), name="Acts"))
    alert(desk)
    alert(desk)
    world.pass_(HOUR)
    assert priorities(world) == ["Low"]
    texts = [entry.text for entry in world.write(lambda tx: tx.timeline(world.org, 1))]
    assert texts.count(f"policy Watch {verb} an incident of High priority after 30 minutes") == 1
    world.nothing_else_was_sent()


def test_a_group_that_gets_messages_gets_no_mail_of_them(world: World, desk: Ramp) -> None:
    post(desk, policy(message(group("ops"), notifyLimitCount=1), incident(toEmail="noc@example.org")))
    alert(desk)
    for name in ("ann", "bob", "noc@example.org"):
        world.phone(name).expects("disk full", at=TEN)
    world.nothing_else_was_sent()
