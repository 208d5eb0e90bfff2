"""Maintenance mode, seen through the API: what it mutes, and what happens when it ends (VictorOps reference, parts 2.6
and 4.8)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.stories.town import daily
from tests.stories.world import World
from watchbill.domain.alert import Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, WEEK

MODE = f"{V1}/maintenancemode"


@pytest.fixture
def api(world: World) -> Speaker:
    return desk(world)


def start(api: Speaker, *names: str, **more: Any) -> Any:
    body = {"type": "RoutingKeys", "names": list(names), "purpose": "kernel upgrade", **more}
    return api.post(f"{MODE}/start", body).expect(200)


def ids(state: Any) -> list[str]:
    return [one["instanceId"] for one in state["activeInstances"]]


def test_it_begins_and_ends_with_the_whole_state(api: Speaker) -> None:
    assert api.get(MODE).expect(200) == {"companyId": "acme", "activeInstances": []}
    state = start(api, "DB", "db", ".+")
    [instance] = state["activeInstances"]
    assert instance["instanceId"].startswith("mm-")
    assert len(instance["instanceId"]) == 35
    assert instance == {
        "instanceId": instance["instanceId"],
        "startedBy": "admin",
        "startedAt": 1780272000000,
        "purpose": "kernel upgrade",
        "targets": [{"type": "RoutingKeys", "names": ["db", "everything"]}],
        "isGlobal": False,
    }
    assert api.get(MODE).expect(200) == state
    ended = api.put(f"{MODE}/{instance['instanceId']}/end", {}).expect(200)
    assert ended == {"companyId": "acme", "activeInstances": []}
    assert "error" in api.put(f"{MODE}/{instance['instanceId']}/end").expect(404)


def test_an_empty_list_means_everything_and_there_is_one_such(api: Speaker) -> None:
    [instance] = start(api)["activeInstances"]
    assert (instance["isGlobal"], instance["targets"]) == (True, [{"type": "RoutingKeys", "names": []}])
    assert "error" in api.post(f"{MODE}/start", {"names": []}).expect(409)
    assert len(ids(start(api, "db"))) == 2


def test_there_are_not_too_many_at_once(api: Speaker) -> None:
    for _ in range(100):
        start(api, "db")
    assert "error" in api.post(f"{MODE}/start", {"names": ["web"]}).expect(420)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"names": ["none"]}, 404),
        ({"names": None}, 400),
        ({}, 400),
        ({"names": "db"}, 400),
        ({"names": ["db"], "type": "Users"}, 400),
        ({"names": ["db"], "purpose": "x" * 4001}, 400),
        ({"names": ["db"], "endDate": "soon"}, 400),
        ({"names": ["db"], "endDate": "2020-01-01"}, 400),
        ({"names": ["db"], "endDate": 99**20}, 400),
    ],
)
def test_what_is_refused(api: Speaker, body: Any, status: int) -> None:
    assert "error" in api.post(f"{MODE}/start", body).expect(status)
    assert ids(api.get(MODE).json) == []


def test_a_purpose_of_several_lines_is_told_as_it_was_given(api: Speaker) -> None:
    [instance] = start(api, "db", purpose="one\n two " * 100)["activeInstances"]
    assert instance["purpose"] == "one\n two " * 100
    assert start(api, purpose=None)["activeInstances"][1]["purpose"] == ""


def test_new_incidents_of_the_key_are_shown_and_page_nobody(world: World, api: Speaker) -> None:
    world.alert("web", "before")
    world.phone("dora").expects("before", at=0)
    start(api, "web")
    world.phone("ann").ignores_the_rest()
    world.alert("web", "during")
    world.alert("db", "elsewhere")
    world.phone("ann").expects("elsewhere", at=0).replies("ack")
    world.stays_quiet(WEEK)
    shown = api.get(f"{V1}/incidents/2").expect(200)
    assert (shown["entityId"], shown["currentPhase"], shown["pagedUsers"]) == ("during", "UNACKED", [])


def test_at_its_end_what_is_still_triggered_pages_in_a_bundle_the_most_urgent_first(world: World, api: Speaker) -> None:
    [mode] = ids(start(api, "web"))
    for number in range(10):
        world.alert("web", f"low {number}", Signal.WARNING)
    for title in ("high", "acknowledged", "resolved"):
        world.alert("web", title)
    for verb, title in (("ack", "acknowledged"), ("resolve", "resolved")):
        body = {"userName": "dora", "incidentNames": [str(world.number(title))]}
        api.patch(f"{V1}/incidents/{verb}", body).expect(200)
    world.phone("ann").ignores_the_rest()
    world.stays_quiet(DAY)
    api.put(f"{MODE}/{mode}/end").expect(200)
    dora = world.phone("dora")
    dora.expects("high", at=DAY)
    dora.expects("low 0", at=DAY)
    dora.expects(*(f"low {number}" for number in range(1, 10)), at=DAY)
    world.phone("ann").ignores_the_rest()
    world.stays_quiet(WEEK)


def test_another_mode_goes_on_muting(world: World, api: Speaker) -> None:
    [first] = ids(start(api, "web"))
    [_, second] = ids(start(api))
    world.alert("web", "disk")
    world.phone("ann").ignores_the_rest()
    api.put(f"{MODE}/{first}/end").expect(200)
    world.phone("ann").ignores_the_rest()
    world.stays_quiet(HOUR)
    api.put(f"{MODE}/{second}/end").expect(200)
    world.phone("dora").expects("disk", at=HOUR)


def test_a_manual_incident_is_muted_by_a_mode_of_everything_only(world: World, api: Speaker) -> None:
    body = {"summary": "s", "details": "d", "userName": "ann", "targets": [{"type": "User", "slug": "bob"}]}
    start(api, ".+")
    api.post(f"{V1}/incidents", body).expect(200)
    world.phone("bob").expects("s", at=0)
    start(api)
    api.post(f"{V1}/incidents", body).expect(200)
    world.phone("ann").ignores_the_rest()
    world.stays_quiet(HOUR)


def test_it_may_end_by_itself(world: World, api: Speaker) -> None:
    [instance] = start(api, "web", endDate="2026-06-01T01:00:00Z")["activeInstances"]
    assert instance["endsAt"] == 1780272000000 + 3_600_000
    world.phone("ann").ignores_the_rest()
    world.alert("web", "disk")
    world.stays_quiet(HOUR - 1)
    world.pass_(1)
    world.phone("dora").expects("disk", at=HOUR)
    assert ids(api.get(MODE).json) == []
    start(api, "db")
    assert len(world.organization.windows) == 1


def test_who_is_on_call_is_told_by_mail(world: World, api: Speaker) -> None:
    [mode] = ids(start(api, "web"))
    began = world.phone("ann").expects(at=0, by="email")
    assert began.message.address == "ann@example.org"
    assert began.message.text.startswith("Maintenance began (admin): kernel upgrade\n")
    assert "web" in began.message.text
    world.pass_(MINUTE)
    api.put(f"{MODE}/{mode}/end").expect(200)
    assert "ended" in world.phone("ann").expects(at=MINUTE, by="email").message.text
    world.nothing_else_was_sent()


def test_what_was_set_up_elsewhere_is_told_and_ended_too(world: World, api: Speaker) -> None:
    world.window("by-hand", "web")
    world.window("nightly", "db", weekly=daily("UTC", 23, 1))
    first, second = ids(api.get(MODE).expect(200))
    assert "weekly" not in api.get(MODE).json["activeInstances"][1]
    assert "every week" in api.put(f"{MODE}/{second}/end").expect(409)["error"]
    assert ids(api.put(f"{MODE}/{first}/end").expect(200)) == [second]
    assert list(world.organization.windows) == ["nightly"]


def test_a_key_that_only_reads(api: Speaker) -> None:
    api.ask("GET", MODE, x_vo_api_key="reads-only").expect(200)
    api.ask("POST", f"{MODE}/start", {"names": []}, x_vo_api_key="reads-only").expect(403)
