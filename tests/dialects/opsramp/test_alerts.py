"""Alerts raised, shown, searched and acted upon (reference, part 5)."""

from typing import Any

import pytest

from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.dialects.speaking import keep
from tests.stories.town import person, ring, step
from tests.stories.world import World
from watchbill.domain.alert import Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND
from watchbill.domain.incident import Phase
from watchbill.domain.organization import Integration

DISK: dict[str, Any] = {
    "subject": "Disk /var above 90 percent",
    "description": "18 GB of 20",
    "currentState": "Critical",
    "serviceName": "system.disk",
    "component": "/var",
    "app": "OPSRAMP",
    "device": {"hostName": "db01", "ipAddress": "10.0.0.9", "resourceType": "Linux"},
}


@pytest.fixture
def desk(world: World, client: Ramp) -> World:
    """Ann is paged for whatever comes."""
    world.has(person("ann", ring("pocket"), repeats=True))
    world.policy("all", step("ann"))
    world.key("all", "all", default=True)
    return world


def post(api: Ramp, **more: Any) -> str:
    """The id of the event."""
    events: list[str] = api.post("alert", DISK | more).expect(200)
    assert len(events) == 1
    return events[0]


def raised(api: Ramp, **more: Any) -> Any:
    return api.get(f"alerts/event/{post(api, **more)}").expect(200)


# --- Raising


def test_an_alert_pages_and_is_shown(desk: World, client: Ramp) -> None:
    alert = raised(client)
    desk.phone("ann").expects(DISK["subject"], at=0)
    assert alert["uniqueId"].isdigit()
    assert alert == client.get(f"alerts/{alert['uniqueId']}").expect(200)
    shown = {
        "subject": "Disk /var above 90 percent",
        "description": "18 GB of 20",
        "currentState": "Critical",
        "serviceName": "system.disk",
        "metric": "system.disk",
        "component": "/var",
        "problemArea": "",
        "acknowledged": False,
        "suppressed": False,
        "permanentlySuppressed": False,
        "closed": False,
        "ticketed": False,
        "clientUniqueId": "client_2",
        "tenantId": 2,
        "tenantName": "Client",
        "alertType": "Monitoring",
        "app": "OPSRAMP",
        "repeatCount": "1",
        "status": "New",
        "priority": "N/A",
        "eventType": "ALERT",
        "inferenceId": 0,
        "createdDate": "2026-06-01T00:00:00+0000",
        "statusHistory": {"createdBy": "system", "createdTime": "2026-06-01T00:00:00+0000"},
    }
    assert {name: alert[name] for name in shown} == shown
    assert alert["device"]["name"] == alert["resource"]["name"] == "db01"
    assert (alert["device"]["type"], alert["resource"]["type"]) == ("DEVICE", "Linux")
    assert alert["device"]["id"] == alert["resource"]["id"]
    assert not {"incidentId", "healedTimeString", "oldState"} & set(alert)


@pytest.mark.parametrize("path", ["alert", "alerts", "alerts/"])
def test_one_or_many_at_both_addresses(desk: World, client: Ramp, path: str) -> None:
    assert len(client.post(path, DISK).expect(200)) == 1
    events = client.post(path, [DISK | {"component": name} for name in ("a", "b", "a")]).expect(200)
    assert len(set(events)) == 3
    ids = [client.get(f"alerts/event/{event}").expect(200)["uniqueId"] for event in events]
    assert ids[0] == ids[2] != ids[1]
    desk.phone("ann").expects(DISK["subject"], at=0)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": None}, "subject"),
        ({"subject": "  "}, "subject"),
        ({"currentState": None}, "currentState"),
        ({"currentState": "Bad"}, "currentState"),
        ({"currentState": 3}, "currentState"),
        ({"serviceName": None}, "serviceName"),
    ],
)
def test_what_is_no_alert_is_refused_and_nothing_is_kept(
    world: World, client: Ramp, change: dict[str, Any], field: str
) -> None:
    assert client.post("alert", DISK | change).expect(400)["fieldName"] == field
    assert client.post("alerts", [DISK | change]).expect(400)["fieldName"] == field
    told = client.post("alerts", [DISK | change, DISK | change]).expect(400)
    assert [one["fieldName"] for one in told] == [f"[0].{field}", f"[1].{field}"]
    assert client.get("alerts/search").expect(200)["totalResults"] == 0


@pytest.mark.parametrize("bad", [DISK | {"subject": ""}, 5, None, [], {}, DISK | {"clientUniqueId": "client_9"}])
def test_what_is_no_alert_takes_none_of_the_others_with_it(desk: World, client: Ramp, bad: Any) -> None:
    told = client.post("alerts", [bad, DISK, bad, DISK | {"component": "b"}]).expect(200)
    assert [one["code"] for one in (told[0], told[2])] == ["0002", "0002"]
    assert [one["fieldName"].split(".")[0] for one in (told[0], told[2])] == ["[0]", "[2]"]
    for event in (told[1], told[3]):
        assert client.get(f"alerts/event/{event}").expect(200)["subject"] == DISK["subject"]
    assert client.get("alerts/search").expect(200)["totalResults"] == 2
    desk.phone("ann").expects(DISK["subject"], at=0)
    desk.phone("ann").ignores_the_rest()


@pytest.mark.parametrize("body", [b"", b"{}", b"[]x", b"[1]", b"\xff", b'"x"', b"[[]]", b"null"])
def test_odd_bodies_are_refused(client: Ramp, body: bytes) -> None:
    answer = client.post("alerts", body)
    assert answer.expect(400)["code"] == "0002"


def test_no_alerts_at_all(client: Ramp) -> None:
    assert client.post("alerts", []).expect(200) == []


def test_odd_values_do_not_lose_an_alert(client: Ramp) -> None:
    odd = {
        "subject": "x" * 5000 + "\0",
        "currentState": " critical ",
        "metric": "cpu\0load",
        "serviceName": None,
        "alertTime": "yesterday",
        "component": 7,
        "device": {"hostName": 12, "tags": {"a": [1]}, "deviceGroups": [{"name": "dg1"}, 5]},
        "resource": "db",
        "tags": [{"name": "a", "value": 1}, {"b": None}, 3],
        "alertType": "maintenance",
        "alertKey": {"a": 1},
        "app": "",
    }
    alert = raised(client, **odd)
    assert alert["subject"] == "x" * 1024
    assert (alert["metric"], alert["serviceName"], alert["app"]) == ("cpuload", "cpuload", "OPSRAMP")
    assert (alert["alertType"], alert["device"]["name"]) == ("Maintenance", "12")


def test_an_alert_without_a_device(client: Ramp) -> None:
    assert raised(client, device=None)["device"]["name"] == ""


def test_a_partner_posts_for_a_client(world: World, client: Ramp, partner: Ramp) -> None:
    event = partner.post("alert", DISK | {"clientUniqueId": "client_2"}).expect(200)[0]
    assert client.get(f"alerts/event/{event}").expect(200)["clientUniqueId"] == "client_2"
    assert partner.get(f"alerts/event/{event}").expect(200)["clientUniqueId"] == "client_2"
    for other in ("client_3", "client_x", "msp_2", "client_02"):
        assert partner.post("alert", DISK | {"clientUniqueId": other}).expect(400)["fieldName"] == "clientUniqueId"


# --- The webhook


def test_a_webhook_needs_the_key_of_an_integration(world: World, client: Ramp) -> None:
    world.has(Integration("i", 1, "Hook", "rest"))
    keep(world, "hook-key", "ingest", "i")
    hook = "/integrations/alertsWebhook/client_2/alerts"
    event = client.ask("POST", f"{hook}?vtoken=hook-key", DISK, authorization="").expect(200)[0]
    assert client.get(f"alerts/event/{event}").expect(200)["subject"] == DISK["subject"]
    for path in (hook, f"{hook}?vtoken=wrong", "/integrations/alertsWebhook/client_3/alerts?vtoken=hook-key"):
        client.ask("POST", path, DISK, authorization="").expect(401)
    assert len(client.ask("POST", f"{hook}?vtoken=hook-key", [DISK, DISK], authorization="").expect(200)) == 2


# --- Repeats and healing


def test_a_repeat_joins_and_takes_the_newest_words(world: World, client: Ramp) -> None:
    first = raised(client, currentState="Warning")
    world.pass_(5 * MINUTE)
    again = raised(client, subject="Disk full", currentState="CRITICAL", metric="system.disk", serviceName=None)
    assert again["uniqueId"] == first["uniqueId"]
    assert (again["subject"], again["repeatCount"]) == ("Disk full", "2")
    assert (again["oldState"], again["currentState"]) == ("Warning", "Critical")
    assert (again["createdDate"], again["updatedTime"]) == (first["createdDate"], "2026-06-01T00:05:00+0000")
    assert raised(client, component="/tmp")["uniqueId"] != first["uniqueId"]
    assert raised(client, device={"hostName": "db02"})["uniqueId"] != first["uniqueId"]


@pytest.mark.parametrize(
    "device", [{"hostName": "db01"}, {"extResourceId": "x-7", "hostName": "db01"}, {"resourceUUID": "u-7"}]
)
def test_a_device_as_it_was_shown_is_the_same_device(client: Ramp, device: dict[str, str]) -> None:
    shown = raised(client, device=device)
    healed = raised(client, device=shown["device"], currentState="Ok")
    assert (healed["uniqueId"], healed["currentState"]) == (shown["uniqueId"], "Ok")
    again = raised(client, device=device)
    assert (again["uniqueId"], again["currentState"]) == (shown["uniqueId"], "Critical")


def test_an_alert_key_replaces_metric_and_component(client: Ramp) -> None:
    first = raised(client, alertKey="disk")
    assert raised(client, alertKey="disk", metric="other", component="other")["uniqueId"] == first["uniqueId"]
    assert raised(client)["uniqueId"] != first["uniqueId"]


def test_ok_heals_and_the_next_event_is_the_same_alert(desk: World, client: Ramp) -> None:
    first = raised(client)
    desk.phone("ann").expects(DISK["subject"])
    desk.pass_(2 * HOUR + 47 * MINUTE)
    for at in range(5, 170, 5):
        desk.phone("ann").expects(DISK["subject"], at=at * MINUTE)
    healed = raised(client, currentState="OK")
    assert healed["uniqueId"] == first["uniqueId"]
    assert (healed["currentState"], healed["oldState"], healed["status"]) == ("Ok", "Critical", "New")
    assert healed["healedTimeString"] == "2h 47m "
    desk.stays_quiet(DAY)
    back = raised(client, currentState="Warning")
    assert (back["uniqueId"], back["oldState"], back["currentState"]) == (first["uniqueId"], "Ok", "Warning")
    assert "healedTimeString" not in back
    assert back["elapsedTimeString"] == "1d 2h 47m "


@pytest.mark.parametrize(("state", "shown"), [("OK", "Ok"), ("info", "Info")])
def test_what_needs_nobody_is_recorded(desk: World, client: Ramp, state: str, shown: str) -> None:
    assert raised(client, currentState=state)["currentState"] == shown


def test_after_closing_a_new_alert(client: Ramp) -> None:
    first = raised(client)
    client.post(f"alerts/{first['uniqueId']}/actions/close").expect(200)
    assert client.get(f"alerts/{first['uniqueId']}").expect(200)["status"] == "Closed"
    assert raised(client)["uniqueId"] != first["uniqueId"]


# --- Other tenants


def test_a_client_sees_its_own_alerts_only(world: World, client: Ramp, partner: Ramp) -> None:
    first = raised(client)
    other = client_of(world, "Other")
    stranger = Ramp(world, f"client_{other}", other)
    world.pass_(SECOND)
    theirs = raised(stranger)
    assert theirs["uniqueId"] != first["uniqueId"]
    stranger.get(f"alerts/{first['uniqueId']}").expect(404)
    stranger.post(f"alerts/{first['uniqueId']}/actions/close").expect(404)
    stranger.get("/api/v2/tenants/client_2/alerts/search").expect(403)
    client.get("/api/v2/tenants/msp_1/alerts/search").expect(403)
    found = partner.get("alerts/search").expect(200)
    assert [row["uniqueId"] for row in found["results"]] == [theirs["uniqueId"], first["uniqueId"]]
    assert partner.get("alerts/search", queryString="clientIds:client_2").expect(200)["totalResults"] == 1
    partner.post(f"alerts/{first['uniqueId']}/actions/acknowledge").expect(200)
    assert partner.get(f"alerts/{first['uniqueId']}").expect(200)["acknowledged"] is True


@pytest.mark.parametrize("id", ["0", "7", "x", "-1", "9" * 40, "99000002", "%00", "٣"])
def test_no_such_alert(client: Ramp, id: str) -> None:
    for path in (f"alerts/{id}", f"alerts/{id}/comments", f"alertStatusHistory/{id}", f"alerts/event/{id}"):
        assert client.get(path).expect(404)["code"] == "0005"


# --- Search


@pytest.fixture
def many(world: World, client: Ramp) -> Ramp:
    """One alert an hour, on five hosts."""
    for number in range(10):
        state = ("Critical", "Warning", "Info", "Ok")[number % 4]
        device = {"hostName": f"h{number % 5}", "resourceType": "Linux"}
        more = {"alertTime": "2026-05-01 10:00:00", "priority": f"P{number % 6}", "alertType": "Agent"}
        post(client, currentState=state, component=f"c{number}", metric=f"m{number % 3}", device=device, **more)
        world.pass_(HOUR)
    return client


def found(api: Ramp, query: str, **more: Any) -> list[str]:
    rows = api.get("alerts/search", queryString=query, **more).expect(200)
    assert rows["totalResults"] == len(rows["results"])
    return [row["component"] for row in rows["results"]]


@pytest.mark.parametrize(
    ("query", "components"),
    [
        ("", "9876543210"),
        ("states:critical,WARNING", "985410"),
        ("states:Ok", "73"),
        ("states:Info+priority:P2", "2"),
        ("metrics:m1", "741"),
        ("metrics:m1+states:Critical", "4"),
        ("apps:opsramp", "9876543210"),
        ("apps:Nagios", ""),
        ("alertTypes:AGENT", "9876543210"),
        ("resourceType:linux", "9876543210"),
        ("actions:OPEN", "9876543210"),
        ("actions:CLOSED,ACKNOWLEDGED", ""),
        ("startDate:2026-06-01T08:00:00+0000", "98"),
        ("startDate:2026-06-01T02:00:00 0000+endDate:2026-06-01T04:00:00Z+alertTimeBase:created", "432"),
        ("clientIds:client_2", "9876543210"),
        ("clientIds:client_9", ""),
        ("duration:1", "9876543210"),
        ("unheard:of", "9876543210"),
        ("deviceStatus:all", "9876543210"),
        ("ticketId:INC0000000001", ""),
    ],
)
def test_search_keys(many: Ramp, query: str, components: str) -> None:
    assert found(many, query) == [f"c{number}" for number in components]


def test_search_by_id_and_resource(many: Ramp) -> None:
    row = many.get("alerts/search", pageSize=1).expect(200)["results"][0]
    assert found(many, f"uniqueId:{row['uniqueId']}") == ["c9"]
    assert found(many, f"resourceIds:{row['resource']['id']}") == ["c9", "c4"]


def test_search_by_status_and_history(many: Ramp, world: World) -> None:
    rows = many.get("alerts/search").expect(200)["results"]
    for row, action in zip(rows, ("acknowledge", "suppress", "close"), strict=False):
        many.post(f"alerts/{row['uniqueId']}/actions/{action}").expect(200)
    assert found(many, "actions:acknowledged") == ["c9"]
    assert found(many, "actions:SUPPRESSED,CLOSED") == ["c8", "c7"]
    assert found(many, "actions:IGNORE") == ["c8"]
    assert found(many, "", statusHistory="closedBy:opsramp_api_user") == ["c7"]
    assert found(many, "", statusHistory="startAcknowledgedTime:2026-06-01T10:00:00+0000") == ["c9"]
    assert found(many, "", statusHistory="endAcknowledgedTime:2026-06-01T09:00:00+0000") == []


@pytest.mark.parametrize("query", ["", "metrics:m0,m1,m2"])
def test_pages_up_and_down(many: Ramp, query: str) -> None:
    """The same whether the store counts or every alert is looked at."""
    down = [many.get("alerts/search", queryString=query, pageSize=3, pageNo=no).expect(200) for no in range(1, 6)]
    assert [[row["component"] for row in page["results"]] for page in down] == [
        ["c9", "c8", "c7"],
        ["c6", "c5", "c4"],
        ["c3", "c2", "c1"],
        ["c0"],
        [],
    ]
    assert [page["nextPage"] for page in down] == [True, True, True, False, False]
    assert down[0]["orderBy"] == "ts"
    up = many.get("alerts/search", queryString=query, pageSize=4, pageNo=2, isDescendingOrder="false").expect(200)
    assert [row["component"] for row in up["results"]] == ["c4", "c5", "c6", "c7"]


def test_rows_have_all_that_clients_read_without_looking(many: Ramp) -> None:
    needed = (
        *("uniqueId", "createdDate", "updatedTime", "app", "component", "metric", "problemArea", "subject", "status"),
        *("eventType", "alertType", "currentState", "repeatCount", "serviceName"),
    )
    for row in many.get("alerts/search").expect(200)["results"]:
        assert set(needed) <= set(row)
        assert row["device"]["name"]
        assert row["alertTime"] == "2026-05-01T10:00:00+0000"


def test_a_date_that_is_none(client: Ramp) -> None:
    assert client.get("alerts/search", queryString="startDate:soon").expect(400)["fieldName"] == "startDate"


def test_incidents_made_elsewhere_are_alerts_here(world: World, client: Ramp) -> None:
    world.alert(None, "from elsewhere", host="web1", tool="Nagios", service="http")
    row = client.get("alerts/search").expect(200)["results"][0]
    assert (row["subject"], row["app"], row["metric"], row["device"]["name"]) == (
        "from elsewhere",
        "Nagios",
        "http",
        "web1",
    )
    world.recovers("from elsewhere")
    row = client.get(f"alerts/{row['uniqueId']}").expect(200)
    assert (row["status"], row["currentState"], row["healedTimeString"]) == ("Closed", "Ok", "0m ")


# --- Actions


def do(api: Ramp, alert: Any, action: str, body: Any = None) -> Any:
    answer = api.post(f"alerts/{alert['uniqueId']}/actions/{action}", body)
    assert (answer.status, answer.body) == (200, b"")
    return api.get(f"alerts/{alert['uniqueId']}").expect(200)


@pytest.mark.parametrize("action", ["acknowledge", "Acknowledge", "ACKNOWLEDGE"])
def test_acknowledged_and_taken_back(desk: World, client: Ramp, action: str) -> None:
    alert = raised(client)
    desk.phone("ann").expects(DISK["subject"])
    desk.pass_(MINUTE)
    shown = do(client, alert, action)
    assert (shown["acknowledged"], shown["status"]) == (True, "Acknowledged")
    assert shown["statusHistory"]["acknowledgedBy"] == "opsramp_api_user"
    assert shown["statusHistory"]["acknowledgedTime"] == "2026-06-01T00:01:00+0000"
    desk.stays_quiet(HOUR)
    shown = do(client, alert, "unAcknowledge")
    assert (shown["acknowledged"], shown["status"]) == (False, "New")
    desk.phone("ann").expects(DISK["subject"], at=HOUR + MINUTE)


def test_the_other_way_to_acknowledge(client: Ramp) -> None:
    alert = raised(client)
    client.post(f"alerts/{alert['uniqueId']}/acknowledge", {"description": "on it"}).expect(200)
    assert client.get(f"alerts/{alert['uniqueId']}").expect(200)["acknowledged"] is True
    said = client.get(f"alerts/{alert['uniqueId']}/comments").expect(200)
    assert said["results"][0] == {
        "cumulativeAlertId": int(alert["uniqueId"]),
        "commentType": 5,
        "description": "on it",
        "createdBy": {
            "loginName": "opsramp_api_user",
            "lastName": " ",
            "firstName": "OpsRamp API User",
            "email": "",
        },
        "createdDate": "2026-06-01T00:00:00+0000",
    }
    assert said["orderBy"] == "created_date"


def test_suppressed_for_some_minutes(desk: World, client: Ramp) -> None:
    alert = raised(client)
    desk.phone("ann").expects(DISK["subject"])
    shown = do(client, alert, "suppress", {"description": "known", "snoozeDuration": "30"})
    assert (shown["suppressed"], shown["status"]) == (True, "Suppressed")
    assert shown["statusHistory"]["suppressedBy"] == "opsramp_api_user"
    assert raised(client)["status"] == "Suppressed"
    desk.stays_quiet(30 * MINUTE - SECOND)
    desk.pass_(SECOND)
    desk.phone("ann").expects(DISK["subject"], at=30 * MINUTE)
    assert client.get(f"alerts/{alert['uniqueId']}").expect(200)["status"] == "New"


def test_suppressed_until_undone(desk: World, client: Ramp) -> None:
    alert = raised(client)
    desk.phone("ann").expects(DISK["subject"])
    do(client, alert, "suppress")
    desk.stays_quiet(DAY)
    assert do(client, alert, "Unsuppress")["status"] == "New"
    desk.phone("ann").expects(DISK["subject"], at=DAY)


def test_healed_and_closed_by_hand(desk: World, client: Ramp) -> None:
    alert = raised(client)
    desk.phone("ann").expects(DISK["subject"])
    shown = do(client, alert, "heal")
    assert (shown["currentState"], shown["oldState"], shown["status"]) == ("Ok", "Critical", "New")
    shown = do(client, alert, "close")
    assert (shown["closed"], shown["status"], shown["currentState"]) == (True, "Closed", "Ok")
    assert do(client, alert, "close") == shown
    desk.stays_quiet(DAY)
    for action in ("acknowledge", "heal", "suppress", "unSuppress"):
        client.post(f"alerts/{alert['uniqueId']}/actions/{action}").expect(409)


@pytest.mark.parametrize(
    ("action", "body"),
    [
        ("explode", None),
        ("suppress", {"snoozeDuration": -1}),
        ("suppress", {"snoozeDuration": "soon"}),
        ("suppress", {"snoozeDuration": 10**9}),
        ("acknowledge", {"description": 5}),
        ("acknowledge", "[]"),
        ("acknowledge", "{"),
    ],
)
def test_actions_that_are_none(client: Ramp, action: str, body: Any) -> None:
    alert = raised(client)
    client.post(f"alerts/{alert['uniqueId']}/actions/{action}", body).expect(400)
    assert client.get(f"alerts/{alert['uniqueId']}").expect(200)["status"] == "New"


def test_a_read_only_key_acts_on_nothing(world: World, client: Ramp) -> None:
    alert = raised(client)
    keep(world, "looks", "opsramp", name="looker", readonly=True)
    client.key, client.secret = "looker", "looks"
    client.renew()
    client.get(f"alerts/{alert['uniqueId']}").expect(200)
    client.post("alert", DISK).expect(403)
    client.post(f"alerts/{alert['uniqueId']}/actions/close").expect(403)


# --- What is told besides


def test_status_history(world: World, client: Ramp) -> None:
    alert = raised(client)
    do(client, alert, "acknowledge")
    assert client.get(f"alertStatusHistory/{alert['uniqueId']}").expect(200) == {
        "alertId": int(alert["uniqueId"]),
        "createdBy": "system",
        "createdTime": "2026-06-01T00:00:00+0000",
        "acknowledgedBy": "opsramp_api_user",
        "acknowledgedTime": "2026-06-01T00:00:00+0000",
    }


def test_occurrences_are_walked_by_time(world: World, client: Ramp) -> None:
    alert = raised(client, description="0")
    for number in range(1, 250):
        world.now += SECOND * (number % 2)
        post(client, description=str(number))
    seen: list[str] = []
    query: dict[str, str] = {}
    while True:
        page = client.get(f"alerts/{alert['uniqueId']}/occurrences", **query).expect(200)
        assert len(page["results"]) <= page["pageSize"] == 100
        assert page["descendingOrder"] is True
        seen += [row["description"] for row in page["results"]]
        if not page["nextPage"]:
            break
        query = {"queryString": f"startTime:2026-01-01T00:00:00+0000+endTime:{page['endDate']}"}
    assert seen == [str(number) for number in range(249, -1, -1)]


def test_more_occurrences_in_a_second_than_a_page_holds(client: Ramp) -> None:
    alert = raised(client)
    for _ in range(120):
        post(client)
    page = client.get(f"alerts/{alert['uniqueId']}/occurrences").expect(200)
    assert (len(page["results"]), page["nextPage"]) == (100, True)


def test_the_older_shape(client: Ramp) -> None:
    alert = raised(client)
    old = client.get(f"/api/v2/alerts/tenants/client_2/alerts/{alert['uniqueId']}").expect(200)
    assert [row["uniqueId"] for row in old] == [alert["uniqueId"]]
    assert (old[0]["createdTime"], old[0]["mspId"]) == (1_780_272_000_000, "msp_1")


def test_words(world: World, client: Ramp) -> None:
    assert client.get("/api/v2/alertTypes").expect(200) == [
        "MONITORING",
        "MAINTENANCE",
        "AGENT",
        "APPLIANCE",
        "SCHEDULED MAINTENANCE",
        "OBSOLETE",
        "FORECAST",
        "CHANGE DETECTION",
    ]
    assert client.post("subAlertTypes?alertTypes=MONITORING").expect(200) == []
    world.has(Integration("i", 1, "Hook", "rest"))
    assert client.get("/api/v2/cfg/alertSource/available/custIntg/INTG-1").expect(200) == [
        {"id": 1, "name": "Hook", "displayName": "Hook", "techUid": "REST"}
    ]


def test_what_happens_here_is_seen_by_the_core(world: World, client: Ramp) -> None:
    raised(client)
    incident = world.write(lambda tx: tx.incident(world.org, 1))
    assert (incident.lasting, incident.state, incident.host, incident.service) == (
        True,
        Signal.CRITICAL,
        "db01",
        "system.disk",
    )
    client.post("alerts/1000002/actions/acknowledge").expect(200)
    assert world.write(lambda tx: tx.incident(world.org, 1)).phase is Phase.ACKNOWLEDGED


def test_a_byte_order_mark_loses_no_alert(client: Ramp) -> None:
    """Windows shells put one before what they post."""
    body = b'\xef\xbb\xbf{"subject": "disk full", "currentState": "Critical", "metric": "disk"}'
    assert len(client.post("alert", body).expect(200)) == 1
