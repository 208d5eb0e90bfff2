"""People of the organization (reference, part 2.13)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.dialects.speaking import URL, Speaker, admin, keep
from tests.stories.town import layer, person, schedule, step
from tests.stories.world import World
from watchbill.domain.civil import DAY
from watchbill.domain.organization import Settings
from watchbill.domain.people import ContactMethod, Member, Role, Team
from watchbill.domain.plans import Target, TargetKind
from watchbill.domain.routes import RoutingKey, Rule, Start
from watchbill.usecases.keys import digest

USERS = "/api-public/v1/user"
MIRA = {"firstName": "Mira", "lastName": "Kaur", "username": "mira.k", "email": "mira@acme.example"}


def usernames(api: Speaker) -> list[str]:
    return [user["username"] for user in api.get("/api-public/v2/user").expect(200)["users"]]


# --- Made and shown


def test_somebody_new(api: Speaker, world: World) -> None:
    body = api.post(USERS, {**MIRA, "admin": True, "expirationHours": 48}).expect(200)
    assert body == {
        "firstName": "Mira",
        "lastName": "Kaur",
        "displayName": "Mira Kaur",
        "username": "mira.k",
        "email": "mira@acme.example",
        "createdAt": "2026-06-01T00:00:00Z",
        "passwordLastUpdated": "2026-06-01T00:00:00Z",
        "verified": False,
        "_selfUrl": f"{USERS}/mira.k",
    }
    assert api.get(f"{USERS}/MIRA.K").expect(200) == body
    assert world.organization.users_by_name["mira.k"].role is Role.USER


def test_somebody_new_is_told(api: Speaker, world: World) -> None:
    api.post(USERS, MIRA).expect(200)
    id = world.organization.users_by_name["mira.k"].id
    [told] = world.phone(id).received
    assert (told.message.address, told.channel) == ("mira@acme.example", "email")
    assert URL in told.message.text
    assert "mira.k" in told.message.text


def test_somebody_new_can_be_paged_at_once(api: Speaker, world: World) -> None:
    api.post(USERS, MIRA).expect(200)
    id = world.organization.users_by_name["mira.k"].id
    world.policy("page", step(Target(TargetKind.USER, id)))
    world.key("disk", "page")
    world.alert("disk", "Disk full")
    pages = [told for told in world.phone(id).received if told.message.subjects]
    assert [told.message.address for told in pages] == ["mira@acme.example"]


def test_the_list_is_nested_in_the_first_version_and_flat_in_the_second(api: Speaker) -> None:
    api.post(USERS, MIRA).expect(200)
    nested = api.get(USERS).expect(200)
    flat = api.get("/api-public/v2/user").expect(200)
    assert nested["_selfUrl"] == USERS
    assert nested["users"] == [flat["users"]]
    assert usernames(api) == ["admin", "mira.k"]


@pytest.mark.parametrize(
    "query", ["email=MIRA%2Bx@acme.example", "email=mira+x@acme.example", "email=mira%2bx%40acme.example&x=1"]
)
def test_people_by_address(api: Speaker, query: str) -> None:
    api.post(USERS, {**MIRA, "email": "mira+x@acme.example"}).expect(200)
    found = api.get(f"/api-public/v2/user?{query}").expect(200)["users"]
    assert [user["username"] for user in found] == ["mira.k"]
    assert api.get("/api-public/v2/user?email=none@acme.example").expect(200) == {"users": []}


@pytest.mark.parametrize("name", ["a.b@c.example", "a+b", "a b", "ä", "a/b"])
def test_names_that_have_to_be_written_otherwise_in_addresses(api: Speaker, name: str) -> None:
    body = api.post(USERS, {**MIRA, "username": name}).expect(200)
    assert body["username"] == name
    assert api.get(body["_selfUrl"]).expect(200)["username"] == name


def test_a_space_may_come_as_a_plus(api: Speaker) -> None:
    api.post(USERS, {**MIRA, "username": "mira kaur"}).expect(200)
    assert api.get(f"{USERS}/mira+kaur").expect(200)["username"] == "mira kaur"


def test_people_made_elsewhere(api: Speaker, world: World) -> None:
    world.has(person("bob", first_name="Bob"), person("old", active=False))
    body = api.get(f"{USERS}/bob").expect(200)
    assert body == {
        "firstName": "Bob",
        "lastName": "",
        "displayName": "Bob",
        "username": "bob",
        "verified": True,
        "_selfUrl": f"{USERS}/bob",
    }
    assert usernames(api) == ["admin", "bob"]
    assert api.get(f"{USERS}/old").expect(404) == {"error": "User not found"}


@pytest.mark.parametrize("missing", MIRA)
@pytest.mark.parametrize("value", [None, "", " ", 5, ["x"]])
def test_what_somebody_new_needs(api: Speaker, missing: str, value: Any) -> None:
    assert missing in api.post(USERS, {**MIRA, missing: value}).expect(400)["error"]
    assert usernames(api) == ["admin"]


@pytest.mark.parametrize(
    ("field", "value"), [("email", "no address"), ("username", "a\0b"), ("username", "x" * 300), ("firstName", "a\nb")]
)
def test_what_is_no_name_or_address(api: Speaker, field: str, value: str) -> None:
    api.post(USERS, {**MIRA, field: value}).expect(400)
    assert usernames(api) == ["admin"]


def test_names_and_addresses_that_are_taken(api: Speaker, world: World) -> None:
    api.post(USERS, MIRA).expect(200)
    other = {**MIRA, "username": "other", "email": "other@acme.example"}
    answer = api.post(USERS, {**other, "username": "Mira.K"})
    assert answer.expect(422) == {"error": "User name Mira.K is unavailable"}
    api.post(USERS, {**other, "email": "MIRA@acme.example"}).expect(422)
    world.has(person("left", active=False))
    api.post(USERS, {**other, "username": "left"}).expect(422)


# --- Changed


def test_what_is_left_out_stays(api: Speaker, world: World) -> None:
    before = person("bob", first_name="Bob", zone="Europe/Prague", settings={"datadog": {"title": "x"}})
    world.has(before)
    body = api.put(f"{USERS}/bob", {"lastName": "Lee", "username": "other"}).expect(200)
    assert (body["displayName"], body["username"]) == ("Bob Lee", "bob")
    kept = {"datadog": {"title": "x"}, "victorops": {"version": 1}}
    assert world.organization.users["bob"] == replace(before, last_name="Lee", settings=kept)


def test_a_new_address_moves_the_contact_along(api: Speaker, world: World) -> None:
    api.post(USERS, MIRA).expect(200)
    assert api.put(f"{USERS}/mira.k", {"email": "m@acme.example"}).expect(200)["email"] == "m@acme.example"
    [contact] = world.organization.users_by_name["mira.k"].contacts
    assert contact.address == "m@acme.example"
    api.post(USERS, {**MIRA, "username": "other"}).expect(200)
    api.put(f"{USERS}/other", {"email": "M@acme.example"}).expect(422)
    api.put(f"{USERS}/other", {"email": ""}).expect(400)
    api.put(f"{USERS}/other", {"email": "x"}).expect(400)
    api.put(f"{USERS}/nobody", {}).expect(404)


def test_the_teams_of_somebody(api: Speaker, world: World) -> None:
    world.has(person("bob"))
    world.team("web", "bob")
    world.team("db")
    own = "/api-public/v1/team/web"
    assert api.get(f"{USERS}/bob/teams").expect(200) == {
        "teams": [
            {
                "name": "web",
                "slug": "web",
                "_selfUrl": own,
                "_membersUrl": f"{own}/members",
                "_policiesUrl": f"{own}/policies",
                "_adminsUrl": f"{own}/admins",
            }
        ]
    }
    assert api.get(f"{USERS}/admin/teams").expect(200) == {"teams": []}
    api.get(f"{USERS}/nobody/teams").expect(404)


# --- Removed


@pytest.fixture
def town(world: World) -> None:
    """Ann and Bob take turns for Web, which Bob and Eve lead; Ann is named by the policy of Database as well. Zed is
    the first global administrator by name who has a phone."""
    world.has(*(person(name, email=f"{name}@example.org") for name in ("ann", "cyd")))
    world.has(person("bob", email="bob@example.org", contacts=()))
    phone = ContactMethod("eve-phone", 1, "phone", "+14155550123", verified=True)
    world.has(person("eve", contacts=(phone,), policies=()), person("sam", role=Role.STAKEHOLDER))
    world.has(
        replace(person("zed", role=Role.GLOBAL_ADMIN), contacts=(replace(phone, id="z", address="+14155550124"),))
    )
    leads = (Member("ann"), Member("bob", admin=True), Member("eve", admin=True))
    world.has(Team("web", 1, "web", "Web", members=leads))
    world.team("db", "ann")
    world.schedule("rota", layer("ann", "bob"), team_ids=("web",))
    world.policy("web-page", step(schedule("rota")), team_id="web")
    world.policy("db-page", step("ann", "bob"), team_id="db")


def turns(world: World) -> list[tuple[str, ...]]:
    return [turn.user_ids for turn in world.organization.schedules["rota"].layers[0].turns]


def named(world: World) -> list[str]:
    return [target.id for target in world.organization.policies["db-page"].steps[0].targets]


@pytest.mark.usefixtures("town")
@pytest.mark.parametrize("body", [None, {}, {"replacement": "", "replacementStrategy": "specifiedUser"}])
def test_who_holds_a_place_needs_a_replacement(api: Speaker, world: World, body: Any) -> None:
    assert "a replacement has to be named" in api.delete(f"{USERS}/ann", body).expect(422)["error"]
    assert "ann" in usernames(api)


@pytest.mark.usefixtures("town")
def test_the_named_replacement_takes_over_everywhere(api: Speaker, world: World) -> None:
    assert api.delete(f"{USERS}/Ann", {"replacement": "cyd"}).expect(200) == {"result": "ann deleted"}
    assert turns(world) == [("cyd",), ("bob",)]
    assert named(world) == ["cyd", "bob"]
    teams = world.organization.teams
    assert [member.user_id for member in teams["web"].members] == ["bob", "eve", "cyd"]
    assert [member.user_id for member in teams["db"].members] == ["cyd"]
    [told] = world.phone("cyd").received
    for what in ("the schedule rota", "the escalation policy db-page", "a membership in the team Web"):
        assert f"- {what}" in told.message.text
    api.get(f"{USERS}/ann").expect(404)
    api.post(USERS, {**MIRA, "username": "ann"}).expect(200)


@pytest.mark.usefixtures("town")
def test_the_replacement_is_named_once_where_they_are_already(api: Speaker, world: World) -> None:
    api.delete(f"{USERS}/ann?replacement=bob").expect(200)
    assert turns(world) == [("bob",), ("bob",)]
    assert named(world) == ["bob"]


@pytest.mark.usefixtures("town")
def test_the_first_global_administrator_takes_over(api: Speaker, world: World) -> None:
    api.delete(f"{USERS}/ann", {"replacementStrategy": "globalAdmin", "replacement": "ignored"}).expect(200)
    assert turns(world)[0] == ("zed",)
    assert named(world)[0] == "zed"


@pytest.mark.usefixtures("town")
def test_the_administrators_of_the_teams_take_over(api: Speaker, world: World) -> None:
    error = api.delete(f"{USERS}/ann", {"replacementStrategy": "teamAdmin"}).expect(422)["error"]
    assert "no other administrator of db" in error
    assert turns(world)[0] == ("ann",)
    world.has(Team("db", 1, "db", "db", members=(Member("ann", admin=True), Member("cyd", admin=True))))
    api.delete(f"{USERS}/ann", {"replacementStrategy": "TeamAdmin"}).expect(200)
    assert turns(world)[0] == ("eve",), "who has a verified number comes before bob"
    assert named(world)[0] == "cyd"


@pytest.mark.usefixtures("town")
def test_who_or_what_is_unknown(api: Speaker) -> None:
    api.delete(f"{USERS}/nobody", {"replacement": "bob"}).expect(404)
    for name in ("nobody", "ann", "sam"):
        api.delete(f"{USERS}/ann", {"replacement": name}).expect(422)
    api.delete(f"{USERS}/ann", {"replacementStrategy": "dice"}).expect(400)
    api.delete(f"{USERS}/ann", {"replacement": 5}).expect(400)
    api.delete(f"{USERS}/ann", "no json").expect(400)
    api.delete(f"{USERS}/ann", []).expect(400)
    assert "ann" in usernames(api)


def test_who_holds_no_place_just_goes(api: Speaker, world: World) -> None:
    world.has(person("bob"))
    world.team("web", "bob")
    api.delete(f"{USERS}/bob").expect(200)
    assert usernames(api) == ["admin"]
    assert not world.organization.teams["web"].members


def test_the_last_global_administrator_stays(api: Speaker, world: World) -> None:
    assert "last global administrator" in api.delete(f"{USERS}/admin").expect(422)["error"]
    admin(world, "second")
    api.delete(f"{USERS}/admin").expect(200)
    api.get(USERS).expect(200)


@pytest.mark.usefixtures("town")
def test_overrides_routes_and_the_safety_net_are_handed_over(api: Speaker, world: World) -> None:
    world.override("bob", "ann", start=0, end=DAY, schedule_id="rota")
    world.override("ann", "cyd", start=0, end=DAY, policy_id="db-page")
    world.override("eve", "ann", start=0, end=DAY)
    world.override("ann", "eve", start=-DAY, end=0)
    world.has(RoutingKey("key", 1, "key", (Start(user_id="ann"), Start(user_id="eve"))))
    world.has(Rule("rule", 1, "rule", 1, starts=(Start(user_id="ann"),), team_id="web"))
    world.has(Settings(safety_net=(Target(TargetKind.USER, "ann"),)))
    api.delete(f"{USERS}/ann", {"replacement": "eve"}).expect(200)
    org = world.organization
    assert [(one.user_id, one.cover_id) for one in org.overrides.values()] == [("eve", "bob"), ("cyd", "eve")]
    assert [start.user_id for start in org.routing_keys["key"].starts] == ["eve"]
    assert [start.user_id for start in org.rules["rule"].starts] == ["eve"]
    assert org.settings.safety_net == (Target(TargetKind.USER, "eve"),)


@pytest.mark.usefixtures("town")
def test_a_running_incident_goes_on_to_the_next_step_at_once(api: Speaker, world: World) -> None:
    world.policy("page", step("ann"), step("bob", wait=DAY))
    world.policy("both", step("ann", "cyd"), step("bob", wait=DAY))
    for name in ("page", "both"):
        world.key(f"{name}-key", name)
        world.alert(f"{name}-key", f"{name} failed")
    world.phone("bob").expects_nothing()
    api.delete(f"{USERS}/ann", {"replacement": "eve"}).expect(200)
    world.phone("bob").expects("page failed", at=0)
    world.phone("bob").expects_nothing()
    world.tells("page failed", "ann left the organization")


@pytest.mark.usefixtures("town")
def test_when_nobody_else_is_left_the_safety_net_is_paged(api: Speaker, world: World) -> None:
    world.policy("page", step("ann"))
    world.key("key", "page")
    world.alert("key", "Disk full")
    api.delete(f"{USERS}/ann", {"replacement": "eve"}).expect(200)
    world.phone("zed").expects("Disk full", at=0)


@pytest.mark.usefixtures("town")
def test_what_is_acknowledged_waits_for_nobody(api: Speaker, world: World) -> None:
    world.policy("page", step("ann"), step("cyd", wait=DAY))
    world.key("key", "page")
    world.alert("key", "Disk full")
    world.acknowledges("ann", "Disk full")
    api.delete(f"{USERS}/ann", {"replacement": "bob"}).expect(200)
    world.phone("cyd").expects_nothing()


def test_their_own_keys_go_with_them(api: Speaker, world: World) -> None:
    bob = admin(world, "bob", Role.USER)
    keep(world, "app-bob", "datadog_app", bob)
    keep(world, "api-bob", "datadog_api", bob)
    api.delete(f"{USERS}/bob").expect(200)
    assert world.write(lambda tx: tx.credential(digest("app-bob"))) is None
    assert world.write(lambda tx: tx.credential(digest("api-bob"))) is not None
