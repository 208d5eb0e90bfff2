"""People, invitations and oneself."""

from typing import Any

import pytest

from tests.dialects.datadog.asking import NOBODY, body, made_user, speaker
from tests.dialects.speaking import Speaker
from tests.stories.world import World
from watchbill.domain.civil import DAY, MINUTE
from watchbill.domain.organization import Change
from watchbill.domain.people import Role, User
from watchbill.domain.record import replace


@pytest.fixture
def api(world: World) -> Speaker:
    return speaker(world)


def names(answer: Any) -> list[str]:
    return [row["attributes"]["handle"] for row in answer["data"]]


# --- Make


def test_a_fresh_user_is_pending_and_has_nothing(world: World, api: Speaker) -> None:
    answer = api.post("/api/v2/users", body("users", {"email": "Ann.Smith@Example.COM", "title": "user title"}))
    assert answer.headers["content-type"] == "application/json"
    made = answer.expect(201)["data"]
    attributes = made["attributes"]
    assert (attributes["email"], attributes["handle"]) == ("ann.smith@example.com",) * 2
    assert (attributes["name"], attributes["title"], attributes["status"]) == (None, "user title", "Pending")
    assert (attributes["verified"], attributes["disabled"], attributes["uuid"]) == (False, False, made["id"])
    assert attributes["created_at"] == attributes["modified_at"] == "2026-06-01T00:00:00.000000+00:00"
    assert attributes["icon"].endswith("?s=48&d=retro")
    assert made["relationships"]["roles"] == {"data": []}
    assert made["relationships"]["org"] == {"data": {"type": "orgs", "id": world.organization.id}}
    kept = world.organization.users[made["id"]]
    assert (kept.username, kept.role, kept.contacts, kept.paging) == ("ann-smith", Role.USER, (), ())


def test_user_names_do_not_collide(world: World, api: Speaker) -> None:
    for domain in ("a.example", "b.example"):
        made_user(api, f"admin@{domain}")
    assert [user.username for user in world.organization.users.values()] == ["admin", "admin-2", "admin-3"]


def test_an_address_is_nobody_elses(api: Speaker) -> None:
    made = made_user(api)
    again = api.post("/api/v2/users", body("users", {"email": "ann@EXAMPLE.com"}))
    assert again.expect(409)["errors"] == ["User with handle ann@example.com already exists"]
    api.delete(f"/api/v2/users/{made['id']}").expect(204)
    api.post("/api/v2/users", body("users", {"email": "ann@example.com"})).expect(409)


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({}, 'attribute "email" is required'),
        ({"email": " "}, 'attribute "email" is required'),
        ({"email": 1}, 'error decoding attribute "email": invalid type number'),
        ({"email": "nobody"}, "attribute \"email\" 'nobody' is not an e-mail address"),
        ({"email": "a@x.com", "name": "a\nb"}, 'attribute "first_name" The text has a line break'),
        ({"email": "a@x.com", "title": "t" * 201}, 'attribute "title" must have at most 200 characters'),
    ],
)
def test_users_that_cannot_be(world: World, api: Speaker, attributes: Any, said: str) -> None:
    (error,) = api.post("/api/v2/users", body("users", attributes)).expect(400)["errors"]
    assert error.startswith(said)
    assert len(world.organization.users) == 1


def test_a_role_is_given_by_its_id(world: World, api: Speaker) -> None:
    admin_role = api.get("/api/v2/current_user").expect(200)["data"]["relationships"]["roles"]["data"][0]["id"]
    document = body("users", {"email": "b@x.com"}, roles=[("roles", admin_role)])
    made = api.post("/api/v2/users", document).expect(201)["data"]
    assert made["relationships"]["roles"]["data"] == [{"id": admin_role, "type": "roles"}]
    assert world.organization.users[made["id"]].role is Role.GLOBAL_ADMIN
    unknown = body("users", {"email": "c@x.com"}, roles=[("roles", NOBODY)])
    assert api.post("/api/v2/users", unknown).expect(400)["errors"] == [f"role {NOBODY} not found"]


# --- Read


def test_one_user(api: Speaker) -> None:
    made = made_user(api, name="Ann van  Dyk")
    answer = api.get(f"/api/v2/users/{made['id'].upper()}").expect(200)
    assert answer["data"] == made
    assert answer["data"]["attributes"]["name"] == "Ann van  Dyk"
    assert [one["type"] for one in answer["included"]] == ["orgs"]


@pytest.mark.parametrize("id", [NOBODY, "REPLACE.ME"])
def test_nobody(api: Speaker, id: str) -> None:
    for path in (id, f"{id}/orgs", f"{id}/permissions", f"{id}/memberships"):
        answer = api.get(f"/api/v2/users/{path}")
        assert answer.expect(404) == {"errors": [f"{id} not found"]}
    api.patch(f"/api/v2/users/{id}", body("users", {}, id=id)).expect(404)
    api.delete(f"/api/v2/users/{id}").expect(404)


def test_oneself_with_role_and_organization(world: World, api: Speaker) -> None:
    answer = api.get("/api/v2/current_user").expect(200)
    assert answer["data"]["attributes"]["handle"] == "admin@example.org"
    assert answer["data"]["attributes"]["status"] == "Active"
    org, role = answer["included"]
    assert (org["id"], org["attributes"]["name"]) == (world.organization.id, "Acme")
    assert role["attributes"]["name"] == "Datadog Admin Role"
    assert api.get(f"/api/v2/users/{answer['data']['id']}/orgs").expect(200) == answer


def test_permissions(world: World, api: Speaker) -> None:
    made = made_user(api)
    held = api.get(f"/api/v2/users/{made['id']}/permissions").expect(200)["data"]
    found = {one["attributes"]["name"] for one in held}
    assert {"on_call_read", "on_call_respond"} <= found
    assert "on_call_admin" not in found
    assert len({one["id"] for one in held}) == len(held)


def test_lists_are_by_name_and_paged(api: Speaker) -> None:
    for letter in "cab":
        made_user(api, f"{letter}@x.com", name=f"Person {letter.upper()}")
    answer = api.get("/api/v2/users", **{"page[size]": 2, "page[number]": 1}).expect(200)
    assert names(answer) == ["b@x.com", "c@x.com"]
    assert answer["meta"] == {"page": {"total_count": 4, "total_filtered_count": 4}}
    assert names(api.get("/api/v2/users", **{"page[number]": 9}).expect(200)) == []
    assert names(api.get("/api/v2/users", sort="-name").expect(200))[0] == "c@x.com"
    assert names(api.get("/api/v2/users", sort="email", sort_dir="desc").expect(200))[-1] == "a@x.com"


def test_lists_filter_by_text_and_status(api: Speaker) -> None:
    ann, bob = made_user(api, "ann@x.com"), made_user(api, "bob@x.com", name="Bob Ann")
    api.delete(f"/api/v2/users/{bob['id']}").expect(204)
    answer = api.get("/api/v2/users", filter="ANN").expect(200)
    assert names(answer) == ["ann@x.com", "bob@x.com"]
    assert answer["meta"]["page"] == {"total_count": 3, "total_filtered_count": 2}
    assert names(api.get("/api/v2/users", **{"filter[status]": "Pending"}).expect(200)) == [ann["attributes"]["handle"]]
    assert len(api.get("/api/v2/users", **{"filter[status]": "Active,Disabled"}).expect(200)["data"]) == 2


@pytest.mark.parametrize(
    ("name", "value"),
    [("page[size]", "0"), ("page[number]", "x"), ("sort", "shoe"), ("sort_dir", "up"), ("filter[status]", "Gone")],
)
def test_lists_that_cannot_be_asked(api: Speaker, name: str, value: str) -> None:
    (error,) = api.get("/api/v2/users", **{name: value}).expect(400)["errors"]
    assert error.startswith(f'invalid parameter "{name}" in "query"')


# --- Change


def test_a_patch_changes_what_it_names(world: World, api: Speaker) -> None:
    made = made_user(api, name="Ann Smith", title="Lead")
    world.pass_(MINUTE)
    answer = api.patch(f"/api/v2/users/{made['id']}", body("users", {"email": "New@X.com"}, id=made["id"]))
    attributes = answer.expect(200)["data"]["attributes"]
    assert (attributes["email"], attributes["handle"]) == ("new@x.com", "new@x.com")
    assert (attributes["name"], attributes["title"]) == ("Ann Smith", "Lead")
    assert attributes["modified_at"] == "2026-06-01T00:01:00.000000+00:00"
    cleared = api.patch(f"/api/v2/users/{made['id']}", body("users", {"name": "Ann", "title": None}, id=made["id"]))
    assert (cleared.json["data"]["attributes"]["name"], cleared.json["data"]["attributes"]["title"]) == ("Ann", None)


def test_a_patch_names_whom_it_changes(api: Speaker) -> None:
    made = made_user(api)
    for other in (None, NOBODY):
        answer = api.patch(f"/api/v2/users/{made['id']}", body("users", {}, id=other))
        assert answer.expect(422)["errors"] == ["UUID's in the URL and request body do not match"]


def test_an_address_that_is_taken(api: Speaker) -> None:
    made = made_user(api)
    path = f"/api/v2/users/{made['id']}"
    api.patch(path, body("users", {"email": "ADMIN@example.org"}, id=made["id"])).expect(409)
    api.patch(path, body("users", {"email": "ANN@example.com"}, id=made["id"])).expect(200)


def test_disabled_and_back(world: World, api: Speaker) -> None:
    made = made_user(api)
    path = f"/api/v2/users/{made['id']}"
    assert api.delete(path).expect(204) is None
    gone = api.get(path).expect(200)["data"]["attributes"]
    assert (gone["disabled"], gone["status"]) == (True, "Disabled")
    assert api.delete(path).expect(404) == {"errors": [f"{made['id']} not found"]}
    back = api.patch(path, body("users", {"disabled": False}, id=made["id"])).expect(200)["data"]["attributes"]
    assert (back["disabled"], back["status"]) == (False, "Pending")


def test_the_last_administrator_stays(world: World, api: Speaker) -> None:
    """Without one nobody could undo it, or be told that nobody was reached."""
    me = world.organization.users_by_name["admin"].id
    refused = {"errors": ["admin is the last global administrator"]}
    assert api.delete(f"/api/v2/users/{me}").expect(409) == refused
    assert api.patch(f"/api/v2/users/{me}", body("users", {"disabled": True}, me)).expect(409) == refused
    api.patch(f"/api/v2/users/{me}", body("users", {"disabled": False, "name": "Boss"}, me)).expect(200)
    speaker(world, "other")
    api.delete(f"/api/v2/users/{me}").expect(204)


def test_what_other_dialects_keep_survives(world: World, api: Speaker) -> None:
    made = made_user(api, name="Ann van Dyk")
    user = world.organization.users[made["id"]]
    ours = {**user.settings, "victorops": {"x": 1}}
    split = replace(user, first_name="Ann van", last_name="Dyk", zone="Europe/Paris", settings=ours)
    world.has(split)
    document = body("users", {"name": "Ann van Dyk", "title": "Lead"}, id=made["id"])
    api.patch(f"/api/v2/users/{made['id']}", document).expect(200)
    after = world.organization.users[made["id"]]
    assert (after.first_name, after.last_name, after.zone) == ("Ann van", "Dyk", "Europe/Paris")
    assert after.settings["victorops"] == {"x": 1}


def test_somebody_from_elsewhere_is_shown(world: World, api: Speaker) -> None:
    id = world.write(lambda tx: tx.new_id(world.now))
    user = User(id, 7, "bo", "Bo", settings={"datadog": None})
    world.write(lambda tx: tx.change(world.org, [Change("user", id, user)], "test", world.now))
    attributes = api.get(f"/api/v2/users/{id}").expect(200)["data"]["attributes"]
    assert (attributes["handle"], attributes["email"], attributes["name"]) == ("bo", "", "Bo")
    assert (attributes["status"], attributes["title"]) == ("Active", None)


# --- Rights


def test_others_may_look_and_change_themselves(world: World, api: Speaker) -> None:
    made = made_user(api)
    bob = speaker(world, "bob", Role.USER)
    bob.get(f"/api/v2/users/{made['id']}").expect(200)
    assert bob.post("/api/v2/users", body("users", {"email": "x@x.com"})).expect(403) == {"errors": ["Forbidden"]}
    bob.patch(f"/api/v2/users/{made['id']}", body("users", {}, id=made["id"])).expect(403)
    bob.delete(f"/api/v2/users/{made['id']}").expect(403)
    bob.post("/api/v2/user_invitations", {"data": []}).expect(403)
    own = bob.get("/api/v2/current_user").expect(200)["data"]["id"]
    document = body("users", {"name": "Robert", "disabled": True}, id=own)
    attributes = bob.patch("/api/v2/current_user", document).expect(200)["data"]["attributes"]
    assert (attributes["name"], attributes["disabled"]) == ("Robert", False)
    bob.patch("/api/v2/current_user", body("users", {}, id=made["id"])).expect(422)


def test_a_disabled_person_has_no_keys(world: World, api: Speaker) -> None:
    bob = speaker(world, "bob", Role.USER)
    id = bob.get("/api/v2/current_user").expect(200)["data"]["id"]
    api.delete(f"/api/v2/users/{id}").expect(204)
    bob.get("/api/v2/current_user").expect(403)


# --- Invitations


def invite(*ids: str) -> Any:
    return {"data": [body("user_invitations", user=("users", id))["data"] for id in ids]}


def test_invitations_are_kept_for_two_days(world: World, api: Speaker) -> None:
    made = made_user(api)
    (sent,) = api.post("/api/v2/user_invitations", invite(made["id"])).expect(201)["data"]
    attributes = sent["attributes"]
    assert (attributes["uuid"], attributes["invite_type"], attributes["login_method"]) == (
        sent["id"],
        "basic_invite",
        None,
    )
    assert attributes["created_at"] == "2026-06-01T00:00:00.000000+00:00"
    assert attributes["expires_at"] == "2026-06-03T00:00:00.000000+00:00"
    assert sent["relationships"] == {"user": {"data": {"type": "users", "id": made["id"]}}}
    assert api.get(f"/api/v2/user_invitations/{sent['id']}").expect(200)["data"] == sent
    (mail,) = world.phone(made["id"]).received
    assert (mail.channel, mail.message.address) == ("email", "ann@example.com")
    assert "admin added you to Acme" in mail.message.text


def test_a_second_invitation_takes_the_place_of_the_first(world: World, api: Speaker) -> None:
    made = made_user(api)
    (first,) = api.post("/api/v2/user_invitations", invite(made["id"], made["id"])).expect(201)["data"]
    world.pass_(DAY)
    (second,) = api.post("/api/v2/user_invitations", invite(made["id"])).expect(201)["data"]
    assert api.get(f"/api/v2/user_invitations/{first['id']}").expect(404) == {"errors": [f"{first['id']} not found"]}
    api.get(f"/api/v2/user_invitations/{second['id']}").expect(200)


def test_invitations_that_cannot_be(api: Speaker) -> None:
    api.post("/api/v2/user_invitations", invite(NOBODY)).expect(404)
    api.post("/api/v2/user_invitations", invite()).expect(400)
    api.post("/api/v2/user_invitations", body("user_invitations")).expect(400)
    api.post("/api/v2/user_invitations", {"data": [{"type": "user_invitations"}]}).expect(404)
