"""Teams and their members (reference, part 2.12)."""

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.stories.town import layer, person, schedule, step
from tests.stories.world import World
from watchbill.domain.people import Member, Role, Team
from watchbill.domain.plans import Target, TargetKind
from watchbill.domain.routes import Rule, Start

TEAMS = "/api-public/v1/team"


def make(api: Speaker, name: str) -> Any:
    return api.post(TEAMS, {"name": name}).expect(200)


def members(api: Speaker, team: str) -> list[str]:
    body = api.get(f"{TEAMS}/{team}/members").expect(200)
    return [member["username"] for member in body["members"]]


def test_a_team_is_made_with_an_empty_policy_of_its_slug(api: Speaker) -> None:
    team = make(api, "Database")
    slug = team["slug"]
    assert re.fullmatch(r"team-[0-9A-Za-z]{16}", slug)
    assert team == {
        "_selfUrl": f"{TEAMS}/{slug}",
        "_membersUrl": f"{TEAMS}/{slug}/members",
        "_policiesUrl": f"{TEAMS}/{slug}/policies",
        "_adminsUrl": f"{TEAMS}/{slug}/admins",
        "name": "Database",
        "slug": slug,
        "memberCount": 0,
        "version": 0,
        "isDefaultTeam": False,
        "description": "",
    }
    assert api.get(TEAMS).expect(200) == [team]
    assert api.get(f"{TEAMS}/{slug}").expect(200) == team
    assert api.get(f"{TEAMS}/{slug}/policies").expect(200) == {
        "policies": [
            {
                "policy": {"name": "Database", "slug": slug, "_selfUrl": f"/api-public/v1/policies/{slug}"},
                "team": {"name": "Database", "slug": slug},
            }
        ]
    }


def test_an_unknown_team_is_told_in_the_words_that_terraform_looks_for(api: Speaker) -> None:
    for answer in (
        api.get(f"{TEAMS}/team-none"),
        api.get(f"{TEAMS}/team-none/members"),
        api.put(f"{TEAMS}/team-none", {"name": "x"}),
        api.delete(f"{TEAMS}/team-none"),
    ):
        assert answer.status == 404
        assert answer.body == b'{"error":"No team \'team-none\' found"}'


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": ""}, {"name": " "}, {"name": 5}, [], "no json", b"\xff"])
def test_a_team_without_a_name_is_refused(api: Speaker, body: Any) -> None:
    assert "error" in api.post(TEAMS, body).expect(400)
    assert not api.world.organization.teams


def test_a_name_that_is_taken(api: Speaker) -> None:
    make(api, "Database")
    web = make(api, "Web")
    assert api.post(TEAMS, {"name": "dataBase"}).expect(422) == {"error": "Team name dataBase is unavailable"}
    api.put(f"{TEAMS}/{web['slug']}", {"name": "database"}).expect(422)
    assert api.put(f"{TEAMS}/{web['slug']}", {"name": "WEB"}).expect(200)["name"] == "WEB"


def test_a_team_is_renamed_by_slug_or_by_name_and_keeps_what_others_gave_it(api: Speaker, world: World) -> None:
    ours = Team("t", 1, "pay", "Pay me", "pay", "Payments", settings={"datadog": {"avatar": "x"}})
    world.has(ours)
    api.put(f"{TEAMS}/Pay+me", {"name": "Pay us"}).expect(200)
    after = api.put(f"{TEAMS}/Pay%20us", {"name": "Pay them", "slug": "ignored"}).expect(200)
    assert (after["slug"], after["name"], after["version"]) == ("pay", "Pay them", 2)
    kept = replace(ours, name="Pay them", settings={"datadog": {"avatar": "x"}, "victorops": {"version": 2}})
    assert world.organization.teams["t"] == kept
    assert api.put(f"{TEAMS}/pay", {"name": "Pay them"}).expect(200)["version"] == 2


def test_members_are_added_once(api: Speaker, world: World) -> None:
    world.has(person("ann.lee", first_name="Ann", last_name="Lee"))
    slug = make(api, "Database")["slug"]
    body = api.post(f"{TEAMS}/{slug}/members", {"username": "ANN.lee"}).expect(200)
    assert body == {
        "_selfUrl": f"{TEAMS}/{slug}/members",
        "_teamUrl": f"{TEAMS}/{slug}",
        "members": [
            {
                "username": "ann.lee",
                "firstName": "Ann",
                "lastName": "Lee",
                "displayName": "Ann Lee",
                "version": 0,
                "verified": True,
            }
        ],
    }
    assert api.post(f"{TEAMS}/{slug}/members", {"username": "ann.lee"}).expect(200) == body
    team = api.get(f"{TEAMS}/{slug}").expect(200)
    assert (team["memberCount"], team["version"]) == (1, 1)
    api.post(f"{TEAMS}/{slug}/members", {"username": "nobody"}).expect(404)
    api.post(f"{TEAMS}/{slug}/members", {}).expect(400)


def test_administrators_of_a_team(api: Speaker, world: World) -> None:
    world.has(person("ann", email="ann@example.org"), person("bob"))
    world.has(Team("t", 1, "web", "Web", members=(Member("ann", admin=True), Member("bob"))))
    body = api.get(f"{TEAMS}/web/admins").expect(200)
    assert [user["username"] for user in body["teamAdmins"]] == ["ann"]
    assert body["teamAdmins"][0]["_selfUrl"] == "/api-public/v1/user/ann"


def test_who_was_deactivated_elsewhere_is_not_shown(api: Speaker, world: World) -> None:
    world.has(person("ann"), person("bob", active=False))
    world.team("web", "ann", "bob")
    assert members(api, "web") == ["ann"]
    assert api.get(f"{TEAMS}/web").expect(200)["memberCount"] == 1


# --- Somebody leaves a team


@pytest.fixture
def web(world: World) -> None:
    """Ann and Bob take turns in the team's schedule, and Ann is in its policy by name."""
    world.has(*(person(name, email=f"{name}@example.org") for name in ("ann", "bob", "cyd")))
    world.has(person("dan", role=Role.STAKEHOLDER))
    world.team("web", "ann", "bob")
    world.schedule("rota", layer("ann", "bob"), team_ids=("web",))
    world.policy("page", step(schedule("rota")), step("ann", "cyd"), team_id="web")


def removal(api: Speaker, user: str, body: Any = None) -> Any:
    return api.delete(f"{TEAMS}/web/members/{user}", body)


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("body", [None, {}, {"replacement": ""}, {"replacement": None}])
def test_who_holds_a_place_is_not_removed_without_a_replacement(api: Speaker, world: World, body: Any) -> None:
    assert "a replacement has to be named" in removal(api, "ann", body).expect(422)["error"]
    assert members(api, "web") == ["ann", "bob"]


@pytest.mark.usefixtures("web")
@pytest.mark.parametrize("name", ["nobody", "ann", "dan"])
def test_who_can_be_no_replacement(api: Speaker, name: str) -> None:
    assert "error" in removal(api, "ann", {"replacement": name}).expect(422)


@pytest.mark.usefixtures("web")
def test_the_replacement_takes_the_places_joins_the_team_and_is_told(api: Speaker, world: World) -> None:
    body = removal(api, "ann", {"replacement": "Cyd"}).expect(200)
    assert [member["username"] for member in body["members"]] == ["bob", "cyd"]
    org = world.organization
    assert [turn.user_ids for turn in org.schedules["rota"].layers[0].turns] == [("cyd",), ("bob",)]
    assert [target.id for target in org.policies["page"].steps[1].targets] == ["cyd"]
    assert org.users["ann"].active
    [told] = world.phone("cyd").received
    assert told.message.address == "cyd@example.org"
    assert told.message.text.splitlines()[0] == "You take over from ann"
    assert "the escalation policy page" in told.message.text


@pytest.mark.usefixtures("web")
def test_places_of_other_teams_stay(api: Speaker, world: World) -> None:
    world.team("db", "ann")
    world.schedule("db-rota", layer("ann"), team_ids=("db",))
    world.schedule("shared", layer("ann"), team_ids=("web", "db"))
    removal(api, "ann", {"replacement": "bob"}).expect(200)
    schedules = world.organization.schedules
    assert [schedules[id].layers[0].turns[0].user_ids for id in ("db-rota", "shared")] == [("ann",), ("ann",)]


@pytest.mark.usefixtures("web")
def test_who_holds_no_place_goes_without_a_replacement(api: Speaker, world: World) -> None:
    api.post(f"{TEAMS}/web/members", {"username": "dan"}).expect(200)
    removal(api, "dan").expect(200)
    assert members(api, "web") == ["ann", "bob"]
    removal(api, "dan").expect(404)
    removal(api, "nobody").expect(404)


@pytest.mark.usefixtures("web")
def test_the_replacement_may_stand_in_the_address(api: Speaker) -> None:
    api.delete(f"{TEAMS}/web/members/ann?replacement=bob").expect(200)
    assert members(api, "web") == ["bob"]


# --- A team is deleted


def test_a_fresh_team_goes_with_its_policy(api: Speaker, world: World) -> None:
    team = make(api, "Database")
    assert api.delete(f"{TEAMS}/{team['slug']}", {}).expect(200) == team
    assert not world.organization.teams
    assert not world.organization.policies


@pytest.mark.usefixtures("web")
def test_with_a_team_go_its_schedules_policies_rules_and_routing_keys(api: Speaker, world: World) -> None:
    world.team("db")
    world.schedule("shared", layer("ann"), team_ids=("web", "db"))
    world.policy("other", step("bob"), team_id="db", team_ids=("db", "web"))
    world.key("only", "page")
    world.key("both", "page", "other")
    world.rule("rule", starts=(Start("page"),), team_id="web")
    world.window("alone", "only")
    world.window("two", "only", "both")
    world.override("bob", "ann", start=0, end=10, schedule_id="rota")
    api.delete(f"{TEAMS}/web").expect(200)
    org = world.organization
    assert {*org.teams, *org.schedules, *org.policies} == {"db", "shared", "other"}
    assert org.schedules["shared"].team_ids == org.policies["other"].team_ids == ("db",)
    assert {key.id: [start.policy_id for start in key.starts] for key in org.routing_keys.values()} == {
        "both": ["other"],
    }
    assert [window.key_ids for window in org.windows.values()] == [("both",)]
    assert not org.rules
    assert not org.overrides


@pytest.mark.usefixtures("web")
def test_a_team_that_something_else_names_stays(api: Speaker, world: World) -> None:
    world.policy("caller", step(Target(TargetKind.POLICY, "page")))
    world.has(Rule("rule", 1, "Reroute", 1, reroute_team_id="web"))
    error = api.delete(f"{TEAMS}/web").expect(422)["error"]
    assert "policy caller" in error
    assert "rule Reroute" in error
    assert "web" in world.organization.teams


@pytest.mark.usefixtures("web")
def test_the_default_route_does_not_go_with_a_team(api: Speaker, world: World) -> None:
    world.key("default", "page", default=True)
    assert "the default route leads nowhere else" in api.delete(f"{TEAMS}/web").expect(422)["error"]


@pytest.mark.usefixtures("web")
def test_a_schedule_that_another_team_uses_stays(api: Speaker, world: World) -> None:
    world.policy("caller", step(schedule("rota")))
    api.delete(f"{TEAMS}/web").expect(200)
    assert world.organization.schedules["rota"].team_ids == ()


# --- Keys


def test_a_key_that_only_reads(api: Speaker, world: World) -> None:
    world.team("web")
    api.headers["x-vo-api-key"] = "reads-only"
    api.get(TEAMS).expect(200)
    api.get(f"{TEAMS}/web/members").expect(200)
    for answer in (
        api.post(TEAMS, {"name": "x"}),
        api.put(f"{TEAMS}/web", {"name": "x"}),
        api.delete(f"{TEAMS}/web"),
        api.post(f"{TEAMS}/web/members", {}),
        api.delete(f"{TEAMS}/none/members/x"),
    ):
        answer.expect(403)
