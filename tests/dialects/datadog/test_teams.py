"""Teams and who belongs to them."""

from typing import Any

import pytest

from tests.dialects.datadog.asking import NOBODY, body, made_team, made_user, speaker
from tests.dialects.speaking import Speaker
from tests.stories.world import World
from watchbill.domain.civil import MINUTE
from watchbill.domain.people import Member, Role, Team
from watchbill.domain.record import replace


@pytest.fixture
def api(world: World) -> Speaker:
    return speaker(world)


def handles(answer: Any) -> list[str]:
    return [row["attributes"]["handle"] for row in answer["data"]]


# --- Teams


def test_a_fresh_team(api: Speaker) -> None:
    answer = api.post("/api/v2/team", body("team", {"handle": "h", "name": "n", "description": "Description"}))
    assert answer.headers["content-type"] == "application/vnd.api+json"
    made = answer.expect(201)["data"]
    address = f"/api/v2/team/{made['id']}"
    attributes = made["attributes"]
    assert isinstance(attributes.pop("banner"), int)
    assert attributes == {
        "avatar": None,
        "created_at": "2026-06-01T00:00:00.000000+00:00",
        "description": "Description",
        "handle": "h",
        "hidden_modules": None,
        "is_managed": False,
        "link_count": 0,
        "modified_at": "2026-06-01T00:00:00.000000+00:00",
        "name": "n",
        "summary": "Description",
        "user_count": 0,
        "visible_modules": None,
    }
    assert made["relationships"] == {
        "team_links": {"data": [], "links": {"related": f"{address}/links"}},
        "user_team_permissions": {"data": None, "links": {"related": f"{address}/permission-settings"}},
    }


def test_a_reading_leaves_out_what_it_is_recorded_to(api: Speaker) -> None:
    made = made_team(api, avatar="🥑", banner=3, hidden_modules=["m"])
    answer = api.get(f"/api/v2/team/{made['id']}")
    assert answer.headers["content-type"] == "application/vnd.api+json"
    attributes = answer.expect(200)["data"]["attributes"]
    assert not {"avatar", "banner", "hidden_modules", "visible_modules"} & set(attributes)
    assert attributes["handle"] == "ops"
    (listed,) = api.get("/api/v2/team").expect(200)["data"]
    assert (listed["attributes"]["avatar"], listed["attributes"]["banner"]) == ("🥑", 3)


def test_names_and_handles_are_unique(api: Speaker) -> None:
    made = made_team(api)
    other = made_team(api, "db")
    taken = {"errors": ["Team name and handle must be unique"]}
    for attributes in ({"handle": "OPS", "name": "x"}, {"handle": "x", "name": "team ops"}):
        assert api.post("/api/v2/team", body("team", attributes)).expect(409) == taken
        assert api.patch(f"/api/v2/team/{other['id']}", body("team", attributes)).expect(409) == taken
    same = body("team", {"handle": "ops", "name": "Team ops"})
    api.patch(f"/api/v2/team/{made['id']}", same).expect(200)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"name": "n"}, 'attribute "handle" is required'),
        ({"handle": "h"}, 'attribute "name" is required'),
        ({"handle": "h" * 196, "name": "n"}, 'attribute "handle" must have at most 195 characters'),
        ({"handle": "h", "name": ""}, 'attribute "name" The name is empty'),
        ({"handle": "h", "name": "n", "banner": "x"}, 'error decoding attribute "banner": invalid type string'),
        ({"handle": "h", "name": "n", "banner": 2**40}, 'attribute "banner" must be between'),
        ({"handle": "h", "name": "n", "hidden_modules": {}}, 'error decoding attribute "hidden_modules"'),
    ],
)
def test_teams_that_cannot_be(world: World, api: Speaker, attributes: Any, said: str) -> None:
    (error,) = api.post("/api/v2/team", body("team", attributes)).expect(400)["errors"]
    assert error.startswith(said)
    assert not world.organization.teams


def test_no_team(api: Speaker) -> None:
    unknown = {"errors": [f"Team for ID {NOBODY} not found"]}
    malformed = {"errors": ["REPLACE.ME is not a valid UUID not found"]}
    for id, said in ((NOBODY, unknown), ("REPLACE.ME", malformed)):
        path = f"/api/v2/team/{id}"
        assert api.get(path).expect(404) == said
        assert api.delete(path).expect(404) == said
        assert api.patch(path, body("team", {})).expect(404) == said
        assert api.get(f"{path}/memberships").expect(404) == said
        assert api.post(f"{path}/memberships", body("team_memberships")).expect(404) == said
        assert api.delete(f"{path}/memberships/{NOBODY}").expect(404) == said


def test_a_patch_changes_what_it_names(world: World, api: Speaker) -> None:
    made = made_team(api, description="d", avatar="🥑")
    kept = world.organization.teams[made["id"]]
    world.has(replace(kept, settings={**kept.settings, "victorops": {"x": 1}}))
    world.pass_(MINUTE)
    path = f"/api/v2/team/{made['id']}"
    attributes = api.patch(path, body("team", {"handle": "new", "name": "N"})).expect(200)["data"]["attributes"]
    assert (attributes["handle"], attributes["name"]) == ("new", "N")
    assert (attributes["description"], attributes["avatar"]) == ("d", "🥑")
    assert attributes["modified_at"] == "2026-06-01T00:01:00.000000+00:00"
    attributes = api.patch(path, body("team", {"description": "", "avatar": None})).expect(200)["data"]["attributes"]
    assert (attributes["description"], attributes["summary"], attributes["avatar"]) == (None, None, None)
    after = world.organization.teams[made["id"]]
    assert (after.slug, after.settings["victorops"]) == (kept.slug, {"x": 1})


def test_a_long_description_is_cut_for_the_summary(api: Speaker) -> None:
    attributes = made_team(api, description="d" * 500)["attributes"]
    assert (len(attributes["description"]), len(attributes["summary"])) == (500, 120)


def test_lists(api: Speaker) -> None:
    ann = made_user(api)
    for handle in ("b", "c", "a"):
        made_team(api, handle)
    full = api.post("/api/v2/team", body("team", {"handle": "z", "name": "Z"}, users=[("users", ann["id"])]))
    assert full.expect(201)["data"]["attributes"]["user_count"] == 1
    first = api.get("/api/v2/team", **{"page[size]": 3}).expect(200)
    assert handles(first) == ["a", "b", "c"]
    assert first["meta"]["pagination"] == {
        "offset": 0,
        "first_offset": 0,
        "prev_offset": 0,
        "next_offset": 3,
        "last_offset": 3,
        "limit": 3,
        "type": "offset_limit",
        "total": 4,
    }
    assert first["links"]["prev"] is None
    rest = api.get("/api/v2/team?" + first["links"]["next"].partition("?")[2]).expect(200)
    assert handles(rest) == ["z"]
    assert handles(api.get("/api/v2/team", sort="-user_count").expect(200))[0] == "z"
    assert handles(api.get("/api/v2/team", **{"filter[keyword]": "TEAM B"}).expect(200)) == ["b"]
    assert handles(api.get("/api/v2/team", **{"filter[keyword]": "ann@example.com"}).expect(200)) == ["z"]
    assert handles(api.get("/api/v2/team", **{"filter[me]": "true"}).expect(200)) == []
    (only,) = api.get("/api/v2/team", **{"filter[keyword]": "z", "fields[team]": "name,summary"}).expect(200)["data"]
    assert only["attributes"] == {"handle": "z", "name": "Z", "summary": None}
    assert "included" not in first
    assert api.get("/api/v2/team", include="team_links").expect(200)["included"] == []
    api.get("/api/v2/team", sort="shoe").expect(400)
    api.get("/api/v2/team", **{"filter[me]": "maybe"}).expect(400)


def test_members_of_a_new_team_exist(api: Speaker) -> None:
    document = body("team", {"handle": "z", "name": "Z"}, users=[("users", NOBODY)])
    assert api.post("/api/v2/team", document).expect(400)["errors"] == [f"user {NOBODY} not found"]


def test_a_deleted_team_is_let_go_of(world: World, api: Speaker) -> None:
    made = made_team(api)
    world.schedule("primary", team_ids=(made["id"],))
    api.delete(f"/api/v2/team/{made['id']}").expect(204)
    api.get(f"/api/v2/team/{made['id']}").expect(404)
    assert world.organization.schedules["primary"].team_ids == ()


def test_a_team_from_elsewhere_is_called_by_its_slug(world: World, api: Speaker) -> None:
    id = world.write(lambda tx: tx.new_id(world.now))
    world.has(Team(id, 1, "team-x", "Database"))
    assert api.get(f"/api/v2/team/{id}").expect(200)["data"]["attributes"]["handle"] == "team-x"
    made_team(api, "other")
    api.post("/api/v2/team", body("team", {"handle": "TEAM-X", "name": "n"})).expect(409)
    attributes = api.patch(f"/api/v2/team/{id}", body("team", {"name": "DB"})).expect(200)["data"]["attributes"]
    assert (attributes["handle"], attributes["name"]) == ("team-x", "DB")


def test_names_that_are_alike_elsewhere_are_no_matter_until_they_change(world: World, api: Speaker) -> None:
    """Files and other dialects may call two teams alike."""
    one, two = (world.write(lambda tx: tx.new_id(world.now)) for _ in range(2))
    world.has(Team(one, 1, "web", "Web"), Team(two, 2, "web-2", "Web"))
    path = f"/api/v2/team/{two}"
    said = {"handle": "web-2", "name": "Web", "description": "d"}
    assert api.patch(path, body("team", said)).expect(200)["data"]["attributes"]["description"] == "d"
    api.patch(path, body("team", {"handle": "web"})).expect(409)
    api.patch(path, body("team", {"name": "Other"})).expect(200)


# --- Memberships


def join(api: Speaker, team: Any, user: Any, role: str | None = None) -> Any:
    attributes = {} if role is None else {"role": role}
    document = body("team_memberships", attributes, user=("users", user["id"]))
    return api.post(f"/api/v2/team/{team['id']}/memberships", document)


def test_a_membership(world: World, api: Speaker) -> None:
    team, ann = made_team(api), made_user(api)
    answer = join(api, team, ann, "admin")
    assert answer.headers["content-type"] == "application/vnd.api+json"
    found = answer.expect(200)
    me = api.get("/api/v2/current_user").json["data"]["id"]
    number = world.organization.users[ann["id"]].number
    assert found["data"]["id"] == f"TeamMembership-{team['id']}-{number}"
    assert found["data"]["attributes"] == {"provisioned_by": None, "provisioned_by_id": me, "role": "admin"}
    assert found["data"]["relationships"]["user"]["data"] == {"type": "users", "id": ann["id"]}
    (included,) = found["included"]
    assert included["attributes"] == {
        name: ann["attributes"][name]
        for name in ("disabled", "email", "handle", "icon", "name", "service_account", "status")
    }
    assert world.organization.teams[team["id"]].members == (Member(ann["id"], admin=True),)


def test_nobody_joins_twice(api: Speaker) -> None:
    team, ann = made_team(api), made_user(api)
    join(api, team, ann).expect(200)
    (error,) = join(api, team, ann).expect(409)["errors"]
    assert error == {
        "status": "409",
        "title": "Conflict",
        "detail": f"users already present on the team [{ann['id']}]",
    }


def test_who_cannot_join(api: Speaker) -> None:
    team = made_team(api)
    join(api, team, {"id": NOBODY}).expect(404)
    path = f"/api/v2/team/{team['id']}/memberships"
    api.post(path, body("team_memberships")).expect(404)
    api.post(path, body("team_memberships", {"role": "boss"}, user=("users", made_user(api)["id"]))).expect(400)


def test_a_role_changes(world: World, api: Speaker) -> None:
    team, ann = made_team(api), made_user(api)
    join(api, team, ann).expect(200)
    path = f"/api/v2/team/{team['id']}/memberships/{ann['id']}"
    for role in ("admin", None):
        found = api.patch(path, body("team_memberships", {"role": role})).expect(200)
        assert found["data"]["attributes"]["role"] == role
        assert world.organization.teams[team["id"]].members == (Member(ann["id"], admin=role == "admin"),)
    api.patch(path, body("team_memberships", {"role": "boss"})).expect(400)
    api.patch(f"/api/v2/team/{team['id']}/memberships/{NOBODY}", body("team_memberships", {})).expect(404)


def test_members_are_listed(api: Speaker) -> None:
    team = made_team(api)
    bob, ann = made_user(api, "bob@x.com", name="Bob"), made_user(api, "ann@x.com", name="Ann")
    for user in (bob, ann):
        join(api, team, user).expect(200)
    path = f"/api/v2/team/{team['id']}/memberships"

    def order(**query: str) -> list[str]:
        rows = api.get(path, **query).expect(200)["data"]
        return [row["relationships"]["user"]["data"]["id"] for row in rows]

    assert order() == [ann["id"], bob["id"]]
    assert order(sort="-email") == [bob["id"], ann["id"]]
    assert order(**{"filter[keyword]": "BOB"}) == [bob["id"]]
    assert order(**{"page[size]": "1", "page[number]": "1"}) == [bob["id"]]
    answer = api.get(path).expect(200)
    assert answer["meta"]["pagination"]["total"] == 2
    assert len(answer["included"]) == 2
    api.get(path, sort="shoe").expect(400)


def test_the_teams_of_a_user(api: Speaker) -> None:
    ann = made_user(api)
    path = f"/api/v2/users/{ann['id']}/memberships"
    assert api.get(path).expect(200) == {"data": [], "included": []}
    for handle in ("a", "b"):
        join(api, made_team(api, handle), ann).expect(200)
    made_team(api, "c")
    found = api.get(path).expect(200)
    assert len(found["data"]) == 2
    assert [one["type"] for one in found["included"]] == ["users", "team", "team"]


def test_leaving(world: World, api: Speaker) -> None:
    team, ann = made_team(api), made_user(api)
    join(api, team, ann).expect(200)
    path = f"/api/v2/team/{team['id']}/memberships/{ann['id']}"
    api.delete(path).expect(204)
    (said,) = api.delete(path).expect(404)["errors"]
    assert said.endswith("not found")
    assert world.organization.teams[team["id"]].members == ()
    assert "provisioned_by" not in str(world.organization.teams[team["id"]].settings)


# --- Rights


def test_who_leads_a_team_changes_it_and_nothing_else(world: World, api: Speaker) -> None:
    team, other, ann = made_team(api), made_team(api, "other"), made_user(api)
    lead = speaker(world, "lead", Role.USER)
    me = lead.get("/api/v2/current_user").json["data"]
    lead.patch(f"/api/v2/team/{team['id']}", body("team", {"description": "x"})).expect(403)
    join(lead, team, ann).expect(403)
    join(api, team, me, "admin").expect(200)
    lead.patch(f"/api/v2/team/{team['id']}", body("team", {"description": "x"})).expect(200)
    join(lead, team, ann).expect(200)
    join(lead, other, ann).expect(403)
    lead.delete(f"/api/v2/team/{team['id']}").expect(403)
    lead.post("/api/v2/team", body("team", {"handle": "h", "name": "n"})).expect(403)
    lead.get("/api/v2/team").expect(200)
