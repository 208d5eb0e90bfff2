"""Training files, and incidents filled by what was learned (reference, part 12)."""

import json
from typing import Any

import pytest

from tests.dialects.opsramp.policies import alert, incident, policy, post, staff, team
from tests.dialects.opsramp.ramp import Ramp
from tests.dialects.speaking import Answer, keep
from tests.stories.world import World
from watchbill.domain.civil import SECOND
from watchbill.domain.incident import Actor
from watchbill.domain.records import TicketQuery
from watchbill.domain.tickets import CLOSED, Revision, Ticket
from watchbill.domain.training import case_key
from watchbill.usecases import tickets
from watchbill.wiring.loops import training

ESCALATION = "ALERT_ESCALATION_TRAINING"
GROUP, PRIORITY = "incident.assigneeGroup", "incident.priority"
TABLE = f"""resource.generalInfo.resourceType,{GROUP},{PRIORITY}
Linux,Storage,Urgent
,Everybody,Low
"""
LEARNING = {
    "continuousLearning": False,
    "trainingFileId": "ml_alert_escalation_training",
    "learnedFieldsToOutputColumnsMap": {"Assignee Group": GROUP, "Priority": PRIORITY},
}
OPERATOR = Actor("operator")


@pytest.fixture
def desk(world: World, client: Ramp) -> Ramp:
    staff(world, "ann")
    team(world, "storage", "ann")
    return client


def form(*parts: tuple[str, str, bytes], boundary: str = "b0undary") -> tuple[bytes, str]:
    lines = []
    for name, filename, content in parts:
        file = f'; filename="{filename}"' if filename else ""
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'
        lines.append(head.encode() + content + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode(), f"multipart/form-data; boundary={boundary}"


def upload(desk: Ramp, text: str | bytes = TABLE, name: str = "teams.csv", **about: Any) -> Answer:
    columns = {"inputColumns": ["resource.generalInfo.resourceType"], "outputColumns": [GROUP, PRIORITY]}
    told = {"category": ESCALATION, "properties": columns} | about
    content = text if isinstance(text, bytes) else text.encode()
    body, kind = form(("metaData", "", json.dumps(told).encode()), ("attachment", name, content))
    return desk.ask("POST", "machineLearning/files", body, content_type=kind)


def train(desk: Ramp, category: str = ESCALATION) -> None:
    """Asks for it, and lets the engine do it."""
    answer = desk.post(f"machineLearning/train/{category}")
    assert (answer.status, answer.body) == (200, b"")
    desk.world.run(training(desk.world.db, lambda: desk.world.now).act(desk.world.now))  # type: ignore[arg-type]


def ticket(world: World, number: int = 1) -> Ticket:
    found: Ticket = world.write(lambda tx: tx.ticket(world.org, number))
    return found


def texts(world: World, number: int = 1) -> str:
    return " | ".join(entry.text for entry in world.write(lambda tx: tx.timeline(world.org, number)))


def raised(desk: Ramp, kind: str = "Linux", **more: Any) -> None:
    alert(desk, resource={"hostName": "db01", "resourceType": kind}, **more)


# --- Files


def test_a_file_is_kept_and_listed(desk: Ramp) -> None:
    answer = upload(desk)
    assert (answer.status, answer.body) == (200, b"")
    told = desk.get("machineLearning/files").expect(200)
    assert (told["orderBy"], told["totalResults"]) == ("createdTime", 1)
    assert told["results"] == [
        {
            "name": "teams.csv",
            "category": ESCALATION,
            "createdTime": "2026-06-01T00:00:00+0000",
            "status": "uploaded",
            "properties": {
                "inputColumns": ["resource.generalInfo.resourceType"],
                "outputColumns": [GROUP, PRIORITY],
            },
        }
    ]
    train(desk)
    assert desk.get("machineLearning/files").expect(200)["results"][0]["status"] == "complete"


def test_until_the_engine_has_learned_the_file_waits(world: World, desk: Ramp) -> None:
    upload(desk)
    desk.post(f"machineLearning/train/{ESCALATION}").expect(200)
    assert desk.get("machineLearning/files").expect(200)["results"][0]["status"] == "queued"
    post(desk, policy(incident(priority="High", machineLearning=LEARNING)))
    raised(desk)
    assert ticket(world).priority == "High"


def test_what_can_not_be_learned_is_said(desk: Ramp) -> None:
    upload(desk, TABLE + "x,y,z\n" * 50_001)
    train(desk)
    (row,) = desk.get("machineLearning/files").expect(200)["results"]
    assert row["status"] == "error"
    assert "at most 50000" in row["message"]
    upload(desk)
    train(desk)
    (row,) = desk.get("machineLearning/files").expect(200)["results"]
    assert (row["status"], "message" in row) == ("complete", False)


def test_a_new_file_takes_the_place_of_the_old_one(world: World, desk: Ramp) -> None:
    upload(desk)
    world.pass_(SECOND)
    upload(desk, name="new.csv")
    upload(desk, category="ALERT_CORRELATION_TRAINING", name="")
    rows = desk.get("machineLearning/files").expect(200)["results"]
    assert {row["name"] for row in rows} == {"new.csv", "alert_correlation_training.csv"}


def test_training_without_a_file_is_all_right(desk: Ramp) -> None:
    for category in (ESCALATION, "ALERT_FIRST_RESPONSE_TRAINING", "ALERT_CORRELATION_TRAINING"):
        train(desk, category)
    desk.post("machineLearning/train/SOMETHING").expect(400)
    assert desk.get("machineLearning/files").expect(200)["results"] == []


@pytest.mark.parametrize(
    ("text", "about", "field"),
    [
        (TABLE, {"category": "ELSE"}, "category"),
        (TABLE, {"category": None}, "category"),
        (TABLE, {"properties": []}, "properties"),
        (TABLE, {"properties": {"inputColumns": "x"}}, "inputColumns"),
        (TABLE, {"properties": {"inputColumns": [5]}}, "inputColumns"),
        (TABLE, {"properties": {"inputColumns": ["nothing"], "outputColumns": [GROUP]}}, None),
        (TABLE, {"properties": {"inputColumns": ["resource.generalInfo.name"]}}, "metaData"),
        (b"\xff\xff", {}, None),
        ("", {}, None),
        ("metric,colour\n", {"properties": {}}, None),
    ],
)
def test_a_file_that_is_refused(desk: Ramp, text: Any, about: dict[str, Any], field: str | None) -> None:
    told = upload(desk, text, **about).expect(400)
    assert told.get("fieldName") == field
    assert desk.get("machineLearning/files").expect(200)["results"] == []


def test_a_file_that_is_too_large_is_refused(desk: Ramp) -> None:
    upload(desk, TABLE + "x" * 10 * 1024 * 1024).expect(413)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", "application/json"),
        (b"", "multipart/form-data"),
        (b"", "multipart/form-data; boundary=b"),
        (b"--b\r\nnonsense", "multipart/form-data; boundary=b"),
        (b"--b\r\n\r\n\r\n--b--", "multipart/form-data; boundary=b"),
        form(("metaData", "", b"{"), ("attachment", "x", b"a"))[::1],
        form(("metaData", "", b"[]"), ("attachment", "x", b"a")),
        form(("attachment", "x", b"a")),
        form(*[("metaData", "", b"{}")] * 30),
    ],
)
def test_any_form_is_refused(desk: Ramp, body: bytes, kind: str) -> None:
    desk.ask("POST", "machineLearning/files", body, content_type=kind).expect(400)


def test_the_columns_may_be_left_out(world: World, desk: Ramp) -> None:
    upload(desk, properties={}).expect(200)
    (row,) = desk.get("machineLearning/files").expect(200)["results"]
    assert row["properties"]["outputColumns"] == [GROUP, PRIORITY]


def test_a_key_that_reads_only_teaches_nothing(world: World, desk: Ramp) -> None:
    keep(world, "reader-secret", "opsramp", name="reader", readonly=True)
    desk.headers["authorization"] = f"Bearer {desk.token('reader', 'reader-secret')['access_token']}"
    upload(desk).expect(403)
    desk.post(f"machineLearning/train/{ESCALATION}").expect(403)
    desk.get("machineLearning/files").expect(200)


# --- What is learned


def test_a_row_fills_the_incident_and_says_which_and_how_sure(world: World, desk: Ramp) -> None:
    upload(desk)
    train(desk)
    told = post(desk, policy(incident(priority="Normal", assigneeGroup={"name": "Plain"}, machineLearning=LEARNING)))
    assert told["escalations"][0]["incident"]["machineLearning"] == LEARNING
    assert desk.get("escalations/search").expect(200)["results"][0]["mlBased"] is True
    raised(desk)
    made = ticket(world)
    assert (made.priority, made.fields["assigneeGroup"]) == ("Urgent", {"name": "Storage"})
    assert "machineLearning" not in made.fields
    sure = "row 2 of teams.csv (1 of 1 columns fit exactly; 1 of 1 such rows agree): 100% sure"
    assert f"priority Urgent was learned from {sure}" in texts(world)
    assert f"assigneeGroup Storage was learned from {sure}" in texts(world)
    world.phone("ann@example.org").expects("disk full", by="email")


def test_a_row_that_fits_anything_is_the_last(world: World, desk: Ramp) -> None:
    upload(desk)
    train(desk)
    post(desk, policy(incident(machineLearning=LEARNING)))
    raised(desk, "Windows")
    assert (ticket(world).priority, ticket(world).fields["assigneeGroup"]) == ("Low", {"name": "Everybody"})


@pytest.mark.parametrize("trained", [False, True])
def test_until_it_is_trained_and_where_no_row_fits_the_plain_values_stand(
    world: World, desk: Ramp, trained: bool
) -> None:
    upload(desk, TABLE if not trained else TABLE.replace(",Everybody,Low\n", "").replace("Linux", "Solaris"))
    if trained:
        train(desk)
    post(desk, policy(incident(priority="High", machineLearning=LEARNING)))
    raised(desk)
    assert ticket(world).priority == "High"


def test_only_mapped_fields_are_overridden_and_no_nonsense_is_taken(world: World, desk: Ramp) -> None:
    upload(desk, TABLE.replace("Urgent", "Tremendous"))
    train(desk)
    group_only = LEARNING | {"learnedFieldsToOutputColumnsMap": {"Assignee Group": GROUP}}
    post(desk, policy(incident(priority="Low", machineLearning=group_only)))
    raised(desk)
    assert (ticket(world).priority, ticket(world).fields["assigneeGroup"]) == ("Low", {"name": "Storage"})
    post(desk, policy(incident(priority="Low", machineLearning=LEARNING), precedence=1))
    raised(desk, subject="other", serviceName="else")
    assert ticket(world, 2).priority == "Low"


def test_a_partners_policy_learns_from_the_partners_file(world: World, desk: Ramp, partner: Ramp) -> None:
    upload(partner)
    train(partner)
    post(partner, policy(incident(machineLearning=LEARNING)))
    raised(desk)
    assert ticket(world).priority == "Urgent"
    assert desk.get("machineLearning/files").expect(200)["results"] == []


def test_what_was_learned_sets_the_priority_on_updates_where_wanted(world: World, desk: Ramp) -> None:
    upload(desk, f"currentState,{GROUP},{PRIORITY}\nWarning,A,Low\nCritical,A,Urgent\n", properties={})
    train(desk)
    update = {"withAlertState": True, "updatePriorityByMLConfiguration": True}
    post(desk, policy(incident(update=update, machineLearning=LEARNING)))
    alert(desk, state="Warning")
    assert ticket(world).priority == "Low"
    alert(desk, state="Critical")
    assert (ticket(world).priority, ticket(world).old_priority) == ("Urgent", "Low")


# --- Closed incidents


def closed(world: World, desk: Ramp, count: int, group: str = "Storage", kind: str = "Linux") -> None:
    """So many alerts of one kind, whose incidents people gave to a group and closed."""
    for _ in range(count):
        number = world.write(lambda tx: tx.next_numbers(world.org, "story", 1))[0]
        raised(desk, kind, component=f"c{number}", subject=f"old {number}")
        made = newest(world).number
        fields = {"assigneeGroup": {"name": group}}
        for revision in (Revision(priority="Urgent", fields=fields), Revision(status=CLOSED)):
            world.write(tickets.revise, world.org, made, revision, OPERATOR, world.now)


def newest(world: World) -> Ticket:
    found: list[Ticket] = world.write(lambda tx: tx.tickets(TicketQuery(world.org, limit=1)))
    return found[0]


def test_what_people_did_with_closed_incidents_is_learned(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(priority="Low", machineLearning={"continuousLearning": "true"})))
    closed(world, desk, 4)
    raised(desk, component="new", subject="four")
    assert newest(world).priority == "Low"
    closed(world, desk, 1, "Network")
    raised(desk, component="newer", subject="five")
    made = newest(world)
    assert (made.priority, made.fields["assigneeGroup"]) == ("Urgent", {"name": "Storage"})
    (number,) = made.incidents
    told, where = texts(world, number), "closed tickets of metric system.disk on Linux"
    assert f"priority Urgent was learned from 5 of 5 {where}: 100% sure" in told
    assert f"assigneeGroup Storage was learned from 4 of 5 {where}: 80% sure" in told


def test_other_alerts_and_reopened_incidents_teach_nothing(world: World, desk: Ramp) -> None:
    post(desk, policy(incident(priority="Low", machineLearning={"continuousLearning": True})))
    closed(world, desk, 5)
    raised(desk, "Windows", component="w", subject="windows")
    assert newest(world).priority == "Low"
    reopened = world.write(lambda tx: tx.cases(world.org, case_key("system.disk", "Linux")))[0].ticket
    world.write(tickets.revise, world.org, reopened, Revision(status="Open"), OPERATOR, world.now)
    raised(desk, component="l", subject="linux")
    assert newest(world).priority == "Low"


def test_a_row_of_the_file_goes_before_closed_incidents(world: World, desk: Ramp) -> None:
    upload(desk, f"metric,{GROUP},{PRIORITY}\nsystem.disk,From the file,\n", properties={})
    train(desk)
    post(desk, policy(incident(machineLearning=LEARNING | {"continuousLearning": True})))
    closed(world, desk, 5, "From people")
    raised(desk, component="n", subject="new")
    assert (newest(world).fields["assigneeGroup"], newest(world).priority) == ({"name": "From the file"}, "Urgent")
