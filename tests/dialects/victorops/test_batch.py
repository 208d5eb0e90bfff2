"""Many people at once (reference, part 2.13.4)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.stories.world import World
from watchbill.domain.people import Member, Role

BATCH = "/api-public/v1/user/batch"


def user(name: str, **more: Any) -> dict[str, Any]:
    return {
        "firstName": name.title(),
        "lastName": "Kaur",
        "username": name,
        "email": f"{name}@acme.example",
        **more,
    }


def usernames(world: World) -> list[str]:
    return [user.username for user in world.organization.users.values()]


def test_an_array_is_answered_with_an_array(api: Speaker, world: World) -> None:
    answer = api.post(BATCH, [user("ann"), user("bob", firstName=None), user("ANN"), "x", user("cyd")]).expect(200)
    assert [one["username"] for one in answer] == ["ann", "bob", "ANN", "", "cyd"]
    assert [[error["code"] for error in one["errors"]] for one in answer] == [[], [400], [422], [400], []]
    assert answer[2]["errors"][0]["message"] == "User name ANN is unavailable"
    assert answer[0] == {"username": "ann", "errors": []}
    assert usernames(world) == ["admin", "ann", "cyd"]


def test_an_object_is_answered_with_an_object(api: Speaker, world: World) -> None:
    answer = api.post(BATCH, {"users": [user("ann")]}).expect(200)
    assert answer == {"users": [{"username": "ann", "_selfUrl": "/api-public/v1/user/ann", "errors": []}]}
    assert api.post(BATCH, {"users": user("bob")}).expect(200)["users"][0]["username"] == "bob"
    assert usernames(world) == ["admin", "ann", "bob"]


def test_what_the_onboarding_tool_sends(api: Speaker, world: World) -> None:
    world.team("web")
    roles = {"organization": {"role": "admin"}, "teams": [{"team": "Web", "role": "team_admin"}]}
    body = {"users": [user("ann", phone="+1 411-555-0120", roles=roles), user("bob", phone="", roles=None)]}
    answer = api.post(BATCH, body).expect(200)
    assert [one["errors"] for one in answer["users"]] == [[], []]
    org = world.organization
    ann, bob = org.users_by_name["ann"], org.users_by_name["bob"]
    assert (ann.role, bob.role) == (Role.GLOBAL_ADMIN, Role.USER)
    assert [contact.address for contact in ann.contacts] == ["ann@acme.example", "+14115550120"]
    assert org.teams["web"].members == (Member(ann.id, admin=True),)


@pytest.mark.parametrize(
    "more",
    [
        {"roles": {"teams": [{"team": "none", "role": "member"}]}},
        {"roles": {"teams": [{"team": "web", "role": "captain"}]}},
        {"roles": {"teams": [{}]}},
        {"roles": {"teams": 5}},
        {"roles": {"organization": {"role": "king"}}},
        {"roles": {"organization": "admin"}},
        {"phone": "12"},
        {"phone": "+336"},
        {"phone": 5},
        {"email": "x"},
        {"username": None},
        {"username": 5},
    ],
)
def test_who_is_refused_leaves_no_trace(api: Speaker, world: World, more: dict[str, Any]) -> None:
    world.team("web")
    answer = api.post(BATCH, [user("ann", **more), user("bob")]).expect(200)
    assert [bool(one["errors"]) for one in answer] == [True, False]
    assert usernames(world) == ["admin", "bob"]


@pytest.mark.parametrize("body", ["no json", "5", "null", {}, {"users": 5}, {"users": None}, [{}] * 51])
def test_what_is_no_batch(api: Speaker, world: World, body: Any) -> None:
    assert "error" in api.post(BATCH, body).expect(400)


def test_nobody_at_all(api: Speaker) -> None:
    assert api.post(BATCH, []).expect(200) == []
    assert api.post(BATCH, {"users": []}).expect(200) == {"users": []}


def test_a_key_that_only_reads(api: Speaker) -> None:
    api.headers["x-vo-api-key"] = "reads-only"
    api.post(BATCH, []).expect(403)
