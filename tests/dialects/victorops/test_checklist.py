"""What breaks real clients, row by row (reference, part 6)."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.dialects.speaking import Answer, Speaker, victorops_keys
from tests.dialects.victorops.index import AWAY, NEW, ROWS, bodies, furnished, inside, plain
from tests.dialects.victorops.rotas import V1, V2, by_name, on_duty, policy, rotation, shift, team
from tests.dialects.victorops.senders import Heard, Senders
from tests.stories.world import World
from watchbill.api.victorops.routes import DIALECT
from watchbill.domain.civil import HOUR, MINUTE

SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MILLIS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
NAMES = ["jo.doe", "jo@acme.example", "jo+ops", "jo doe"]


@pytest.fixture
def names(world: World, api: Speaker) -> Mapping[str, Any]:
    return furnished(world, api)


def read(api: Speaker, names: Mapping[str, Any]) -> Iterator[Answer]:
    """The answers of all calls that change nothing."""
    return (api.get(row.at(names)) for row in ROWS if row.method == "GET")


def incident(api: Speaker, number: int = 1) -> Any:
    return api.get(f"{V1}/incidents/{number}").expect(200)


def test_01_every_success_is_200_and_compact_without_null_and_error(api: Speaker, names: Mapping[str, Any]) -> None:
    """Of those that change something, test_index says the same."""
    for answer in read(api, names):
        plain(answer)


def test_02_lists_are_nested_flat_or_bare(api: Speaker, names: Mapping[str, Any]) -> None:
    assert isinstance(api.get(f"{V1}/user").json["users"][0], list)
    assert isinstance(api.get(f"{V2}/user").json["users"][0], dict)
    assert isinstance(api.get(f"{V1}/team").json, list)
    assert isinstance(api.get(f"{V1}/overrides/{names['override']}/assignments").json, list)


def test_03_spellings_that_clients_read(api: Speaker, names: Mapping[str, Any]) -> None:
    [now] = [one["oncallNow"] for one in api.get(f"{V1}/oncall/current").json["teamsOnCall"]]
    assert now[0]["users"][0]["onCalluser"] == {"username": "mira"}
    assert set(api.get(f"{V1}/webhooks").json) == {"webhooks", "webHooks"}


def test_04_a_new_override_is_told_by_both_names(api: Speaker, names: Mapping[str, Any]) -> None:
    told = api.post(f"{V1}/overrides", AWAY).expect(200)
    assert told["schedule"] == told["override"]
    assert told["override"]["publicId"].startswith("ovrprd-")


def test_05_contacts_are_wrapped_and_found_by_ext_id_and_rules_have_numbers(api: Speaker) -> None:
    api.post(f"{V1}/user", NEW).expect(200)
    own = f"{V1}/user/eve/contact-methods"
    [default] = api.get(f"{own}/emails").json["contactMethods"]
    assert default["label"] == "Default"
    assert api.get(f"{own}/emails/{default['extId']}").expect(200) == default
    api.get(f"{own}/emails/{default['id']}").expect(404)
    assert set(api.get(own).json) == {"emails", "phones", "devices"}
    body = {"timeout": 5, "rules": [{"type": "email", "contact": {"id": default["id"], "type": "email"}}]}
    step = api.post(f"{V1}/profile/eve/policies", body).expect(200)["step"]
    assert step["rules"][0]["contact"]["id"] == default["id"]


def test_06_verified_is_true_or_false_of_people_and_a_word_of_contacts(api: Speaker) -> None:
    slug = team(api, "Database", "mira")
    assert api.get(f"{V1}/user/mira").json["verified"] is False
    assert api.get(f"{V1}/team/{slug}/members").json["members"][0]["verified"] is False
    phone = {"label": "Mobile", "phone": "+1 411-555-0110"}
    assert api.post(f"{V1}/user/mira/contact-methods/phones", phone).json["verified"] == "unverified"


def test_07_timeouts_are_texts_and_types_of_contacts_have_a_capital(api: Speaker, names: Mapping[str, Any]) -> None:
    timeouts = api.get(f"{V1}/policies/types/timeouts").json["timeoutTypes"]
    assert [one["type"] for one in timeouts] == ["1", "5", "10", "15", "20", "25", "30", "45", "60"]
    steps = api.get(f"{V1}/profile/mira/policies").json["steps"]
    assert {rule["contact"]["type"] for step in steps for rule in step["rules"]} == {"Device", "Email"}
    phones = api.get(f"{V1}/user/mira/contact-methods/phones").json["contactMethods"]
    assert {one["contactType"] for one in phones} == {"Phone"}


def test_08_entries_of_policies(api: Speaker, names: Mapping[str, Any]) -> None:
    unused = dict.fromkeys(("user", "rotationGroup", "webhook", "email", "targetPolicy"))
    kinds = [
        by_name("lead"),
        {"executionType": "email", "email": {"address": "ops@example.org"}},
        {"executionType": "team_page"},
        {"executionType": "policy_routing", "targetPolicy": {"policySlug": names["policy"]}},
        on_duty(api.get(f"{V1}/teams/{names['team']}/rotations").json["rotationGroups"][0]["slug"]),
    ]
    body = {"name": "All", "slug": "", "teamSlug": names["team"]}
    steps = [{"timeout": 15, "entries": [unused | dict(one) for one in kinds]}]
    told = api.post(f"{V1}/policies", body | {"steps": steps}).expect(200)
    [step] = told["steps"]
    assert step["timeout"] == 15
    values = [value for entry in step["entries"] for kind in entry.values() if kind != "team_page" for value in [kind]]
    assert all(isinstance(one, str) for value in values if isinstance(value, dict) for one in value.values())
    [made] = [one for one in api.world.organization.policies.values() if one.slug == told["slug"]]
    assert made.steps[0].wait == 15 * MINUTE
    [first] = [one for one in api.world.organization.policies.values() if one.slug == names["team"]]
    assert api.get(f"{V1}/policies/{first.slug}").json["slug"] == names["team"]
    assert "contactTypes" in api.get(f"{V1}/policies/types/contacts").json


def test_09_routing_keys(api: Speaker, names: Mapping[str, Any]) -> None:
    made = api.post(f"{V1}/org/routing-keys", {"routingKey": "Web_Shop", "targets": [names["policy"]]}).expect(200)
    assert (made["routingKey"], made["targets"]) == ("Web_Shop", [names["policy"]])
    api.post(f"{V1}/org/routing-keys", {"routingKey": ".+", "targets": [names["policy"]]}).expect(200)
    api.post(f"{V1}/org/routing-keys", {"routingKey": "WEB_SHOP", "targets": [names["policy"]]}).expect(400)
    told = {one["routingKey"]: one for one in api.get(f"{V1}/org/routing-keys").json["routingKeys"]}
    assert list(told) == ["database", "other", "Web_Shop", ".+"]
    assert [name for name, one in told.items() if one["isDefault"]] == [".+"]
    assert told["Web_Shop"]["targets"][0]["policySlug"] == names["policy"]
    Senders(api.world).alerts("wEB_sHOP", "cart")
    assert incident(api, 2)["routingKey"] == "Web_Shop"


def test_10_nobody_stands_in_by_default_and_every_team_is_told(api: Speaker, names: Mapping[str, Any]) -> None:
    body = {"name": "Lead", "teamSlug": names["team"], "steps": [{"timeout": 0, "entries": [by_name("lead")]}]}
    api.post(f"{V1}/policies", body).expect(200)
    api.post(f"{V1}/team", {"name": "Web"}).expect(200)
    schedules = api.get(f"{V2}/team/{names['team']}/oncall/schedule").expect(200)["schedules"]
    entries = [entry for one in schedules for entry in one["schedule"]]
    assert not any("overrideOnCallUser" in entry for entry in entries)
    assert [entry["rolls"] for entry in entries if entry["onCallType"] == "user"] == [[]]
    teams = api.get(f"{V1}/oncall/current").json["teamsOnCall"]
    assert [(one["team"]["name"], bool(one["oncallNow"])) for one in teams] == [("Database", True), ("Web", False)]


def test_11_teams_are_renamed_by_name_and_people_have_odd_names(api: Speaker) -> None:
    slug = api.post(f"{V1}/team", {"name": "Data Base"}).expect(200)["slug"]
    assert api.put(f"{V1}/team/Data Base", {"name": "Stores"}).expect(200)["slug"] == slug
    for place, name in enumerate(NAMES):
        api.post(f"{V1}/user", NEW | {"username": name, "email": f"{place}@example.org"}).expect(200)
        escaped = name.replace("+", "%2B").replace("@", "%40").replace(" ", "+")
        for path in (name, escaped, name.upper()):
            assert api.get(f"{V1}/user/{path}").expect(200)["username"] == name
        url = api.get(f"{V1}/user/{name}").json["_selfUrl"]
        assert api.get(url).expect(200)["username"] == name


@pytest.mark.parametrize("verb", ["ack", "resolve"])
def test_12_each_number_has_a_result(api: Speaker, names: Mapping[str, Any], verb: str) -> None:
    body = {"userName": "mira", "incidentNames": ["9999", "1", "x", "1"]}
    results = api.patch(f"{V1}/incidents/{verb}", body).expect(200)["results"]
    assert [(one["incidentNumber"], one["cmdAccepted"]) for one in results] == [
        ("9999", False),
        ("1", True),
        ("x", False),
    ]


def test_13_phases_and_transitions_of_reports_and_of_now(api: Speaker, names: Mapping[str, Any]) -> None:
    reports = "/api-reporting/v2/incidents"
    assert api.get(reports).expect(200)["total"] == 0
    for verb in ("ack", "resolve"):
        api.patch(f"{V1}/incidents/{verb}", {"userName": "mira", "incidentNames": ["1"]}).expect(200)
    now, [then] = incident(api), api.get(reports).expect(200)["incidents"]
    assert (now["currentPhase"], then["currentPhase"]) == ("RESOLVED", "resolved")
    assert [one["name"] for one in now["transitions"]] == ["ACKED", "RESOLVED"]
    assert [one["name"] for one in then["transitions"]] == ["triggered", "acknowledged", "resolved"]


def test_14_too_often_is_429_but_alerts_are_never_refused_for_load(world: World) -> None:
    api = Speaker(world, DIALECT, victorops_keys(world), documented_limits=True, protection=1)
    refused = [one for _ in range(5) if (one := api.get(f"{V1}/team")).status != 200]
    assert {one.status for one in refused} == {429}
    assert all(int(one.headers["retry-after"]) >= 1 and one.json["message"] == "Too Many Requests" for one in refused)
    senders = Senders(world)
    for number in range(300):
        senders.alerts("database", f"disk {number}", "INFO")


def test_15_forms_of_times(api: Speaker, names: Mapping[str, Any]) -> None:
    assert SECONDS.fullmatch(incident(api)["startTime"])
    assert SECONDS.fullmatch(api.get(f"{V1}/user/mira").json["createdAt"])
    assert SECONDS.fullmatch(api.get(f"{V1}/overrides/{names['override']}").json["override"]["start"])
    log = api.get(f"/api-reporting/v1/team/{names['team']}/oncall/log").json
    assert MILLIS.fullmatch(log["start"])
    assert MILLIS.fullmatch(log["userLogs"][0]["log"][0]["on"])
    started = api.get(f"{V1}/maintenancemode").json["activeInstances"][0]["startedAt"]
    assert started == api.world.now // 1000
    api.post(f"{V1}/chat", {"username": "mira", "text": "looking"}).expect(200)
    assert api.get(f"{V1}/chat").json["messages"][0]["serviceTime"] == api.world.now // 1000
    for answer in read(api, names):
        members = [pair for one in inside(answer.json) if isinstance(one, dict) for pair in one.items()]
        assert not [name for name, value in members if value == "" and re.search(r"[tT]ime$|At$|start|end$", name)]


@pytest.mark.parametrize("wrapped", [False, True])
def test_16_people_come_in_two_forms_and_are_answered_in_them(api: Speaker, wrapped: bool) -> None:
    told = api.post(f"{V1}/user/batch", {"users": [NEW]} if wrapped else [NEW]).expect(200)
    [one] = told["users"] if wrapped else told
    assert (one["username"], one["errors"]) == ("eve", [])


def test_17_what_is_deleted_is_told(api: Speaker, names: Mapping[str, Any]) -> None:
    told = bodies(names)
    deletions = {row.number: row for row in ROWS if row.method == "DELETE"}
    people, things = (63, 70, 59), (35, 31, 110, 100, 97, 93, 84, 80, 76, 52, 27, 40, 13)
    assert {*people, *things} == set(deletions)
    for row in [deletions[number] for number in things]:
        assert isinstance(api.delete(row.at(names), told.get(row.number)).expect(200), dict)
    assert api.delete(f"{V1}/team/{names['team']}/members/mira").expect(200)["members"]
    assert api.delete(f"{V1}/team/{names['team']}").expect(200)["slug"] == names["team"]
    assert api.delete(f"{V1}/user/mira").expect(200) == {"result": "mira deleted"}


def test_18_a_key_that_only_reads_is_told_before_anything_else(api: Speaker) -> None:
    api.headers["x-vo-api-key"] = "reads-only"
    for path in (f"{V1}/incidents/resolve", f"{V1}/nowhere", f"{V1}/user"):
        api.post(path, {"userName": "", "incidentNames": []}).expect(403)
        api.post(path, b"\xff").expect(403)


def test_19_lists_are_short(api: Speaker, names: Mapping[str, Any]) -> None:
    """The npm client takes 10,000 bytes at its defaults."""
    slug = team(api, "Shop", *(f"person.{number:02}" for number in range(20)))
    weekly = rotation(api, slug, "Shop weekly", shift(*(f"person.{number:02}" for number in range(20))))["slug"]
    made = policy(api, slug, "Shop", (0, [on_duty(weekly)]))
    for number in range(20):
        api.post(f"{V1}/org/routing-keys", {"routingKey": f"shop-{number}", "targets": [made]}).expect(200)
    for answer in read(api, names):
        assert len(answer.body) < 10_000


def test_20_what_senders_do(world: World, api: Speaker, names: Mapping[str, Any]) -> None:
    api.post(f"{V1}/org/routing-keys", {"routingKey": ".+", "targets": [names["policy"]]}).expect(200)
    senders = Senders(world)
    form = "application/x-www-form-urlencoded"
    sent = [
        senders.posts("/database", {"message_type": "critical", "entity_id": "1"}),
        senders.posts("/database/", {"message_type": "Critical", "entity_id": "2"}),
        senders.posts("", {"message_type": "CRITICAL", "entity_id": "3"}),
        senders.posts("/", {"message_type": "CRITICAL", "entity_id": "4"}),
        senders.posts("/database", {"message_type": "CRITICAL", "entity_id": "5"}, form),
        senders.posts("/database", {"entity_id": "6"}, query="message_type=CRITICAL"),
        senders.posts("/unheard-of", {"message_type": "CRITICAL", "entity_id": "7"}),
    ]
    assert sent == [Heard(200, {"result": "success", "entity_id": str(number)}) for number in range(1, 8)]
    keys = {one["entityId"]: one["routingKey"] for one in api.get(f"{V1}/incidents").json["incidents"]}
    default = dict.fromkeys("347", "routingdefault")
    assert keys == {"disk": "database", **dict.fromkeys("1256", "database"), **default}
    assert senders.asks("GET", "/database").status == 405
    assert senders.posts("/database", {"entity_id": "8"}).status == 400
    world.pass_(HOUR)
