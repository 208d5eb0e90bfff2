"""People, groups and roles (reference, part 3)."""

from dataclasses import replace
from typing import Any

import pytest

from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.dialects.speaking import keep
from tests.stories.town import person, step
from tests.stories.world import World
from watchbill.domain.civil import HOUR
from watchbill.domain.people import Role, User
from watchbill.usecases.keys import digest, password_of

SCARLET: dict[str, Any] = {
    "loginName": "ScarletJohn",
    "password": "ChangeMe@1234",
    "firstName": "Scarlet",
    "lastName": "John",
    "designation": "Architect",
    "address": "300 BOYLSTON AVE E",
    "city": "SEATTLE ",
    "state": "WA",
    "zip": "98102",
    "country": "United States",
    "email": "scarlet@gmail.com",
    "altEmail": "scarletjohn@gmail.com",
    "phoneNumber": "206-232-4543",
    "mobileNumber": "+12062324543",
    "timeZone": {"code": "EST"},
    "userNotifications": [
        {"notifyType": "Alert Notification", "notifyMethod": "SMS", "notifyRecurringReport": False},
    ],
}


def made(api: Ramp, **more: Any) -> Any:
    return api.post("users", SCARLET | more).expect(200)


def user(world: World, name: str = "ScarletJohn") -> User:
    return world.organization.users_by_name[name.lower()]


def group(api: Ramp, name: str, **more: Any) -> Any:
    return api.post("userGroups", {"name": name, **more}).expect(200)


# --- Making people


def test_a_person_comes_back_as_told(client: Ramp) -> None:
    shown = made(client)
    told = {name: value for name, value in SCARLET.items() if name not in ("password", "timeZone")}
    assert told.items() <= shown.items()
    assert shown["timeZone"] == {
        "id": "7",
        "name": "America/New_York",
        "label": "GMT -05:00 Eastern",
        "code": "EST",
    }
    assert shown["id"] == "USR0000000001"
    assert (shown["status"], shown["orgId"], shown["organizationName"]) == ("active", "client_2", "Client")
    assert (shown["authType"], shown["userAccountType"]) == ("LOCAL", "REGULAR")
    assert shown["roles"] == [{"id": 2, "name": "Client User"}]
    assert shown["createdTime"] == shown["updatedTime"] == "2026-06-01T00:00:00+0000"
    assert "password" not in shown
    whole = client.get(f"users/{shown['id']}").expect(200)
    assert shown.items() <= whole.items()
    assert whole["permissions"] == ["RESPOND", "SEE"]
    assert client.get("users/scarletjohn").expect(200) == whole


def test_a_fresh_person_can_be_paged(world: World, client: Ramp) -> None:
    made(client)
    contacts = {(one.kind, one.address, one.verified) for one in user(world).contacts}
    assert contacts == {("email", "scarlet@gmail.com", True), ("phone", "+12062324543", True)}
    world.phone(user(world).id).received.clear()
    world.policy("all", step(user(world).id))
    world.key("all", "all", default=True)
    world.alert(None, "disk")
    channels = sorted(one.channel for one in world.phone(user(world).id).received)
    assert channels == ["email", "sms"]


def test_a_number_without_its_country_is_only_kept(world: World, client: Ramp) -> None:
    assert made(client, mobileNumber="206-232-4543")["mobileNumber"] == "206-232-4543"
    assert [one.kind for one in user(world).contacts] == ["email"]


@pytest.mark.parametrize("field", ["loginName", "password", "firstName", "lastName", "email"])
def test_what_has_to_be_told(world: World, client: Ramp, field: str) -> None:
    bads: list[Any] = [None, "", "  ", 5, [], "x" * 201]
    for bad in bads:
        assert client.post("users", SCARLET | {field: bad}).expect(400)["fieldName"] == field
    assert not world.organization.users


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"password": "short"}, "password"),
        ({"password": "nouppercase1!"}, "password"),
        ({"email": "nobody"}, "email"),
        ({"timeZone": {"code": "XXX"}}, "timeZone"),
        ({"timeZone": 5}, "timeZone"),
        ({"roles": [{"name": "Nobody"}]}, "roles[0]"),
        ({"roles": "Client User"}, "roles"),
        ({"roles": ["Client User"]}, "roles[0]"),
        ({"userGroups": [{"name": "None"}]}, "userGroups[0]"),
        ({"userNotifications": 7}, "userNotifications"),
        ({"loginName": "a\nb"}, "username"),
    ],
)
def test_what_is_refused_is_named(world: World, client: Ramp, change: dict[str, Any], field: str) -> None:
    assert client.post("users", SCARLET | change).expect(400)["fieldName"] == field
    assert not world.organization.users


def test_a_login_name_is_somebodys(client: Ramp) -> None:
    made(client)
    assert client.post("users", SCARLET | {"loginName": "SCARLETJOHN"}).expect(400)["fieldName"] == "loginName"
    assert made(client, loginName="other")["email"] == "scarlet@gmail.com"


# --- Changing people


def test_a_change_answers_nothing_and_leaves_the_rest(world: World, client: Ramp) -> None:
    shown = made(client)
    world.pass_(HOUR)
    answer = client.post(f"users/{shown['id']}", {"lastName": "Smith", "email": "s@example.org"})
    assert (answer.status, answer.body) == (200, b"")
    after = client.get(f"users/{shown['id']}").expect(200)
    assert after | {"permissions": [], "twoFactorAuthentication": False} == shown | {
        "lastName": "Smith",
        "email": "s@example.org",
        "updatedTime": "2026-06-01T01:00:00+0000",
        "permissions": [],
        "twoFactorAuthentication": False,
    }
    assert {one.address for one in user(world).contacts} == {"s@example.org", "+12062324543"}


def test_what_others_know_of_a_person_survives(world: World, client: Ramp) -> None:
    ann = replace(person("ann"), number=7, settings={"datadog": {"title": "SRE"}}, email="ann@example.org")
    world.has(ann)
    client.post("users/USR0000000007", {"designation": "Boss", "firstName": "Ann"}).expect(200)
    after = user(world, "ann")
    assert after.settings["datadog"] == {"title": "SRE"}
    assert (after.paging, after.contacts, after.role) == (ann.paging, ann.contacts, ann.role)
    assert client.get("users/ann").expect(200)["designation"] == "Boss"


def test_another_mobile_number_takes_the_place_of_the_old(world: World, client: Ramp) -> None:
    shown = made(client)
    client.post(f"users/{shown['id']}", {"mobileNumber": "+33612345678"}).expect(200)
    assert [one.address for one in user(world).contacts if one.kind == "phone"] == ["+33612345678"]


def test_activated_and_deactivated(world: World, client: Ramp) -> None:
    shown = made(client)
    answer = client.post(f"users/{shown['id']}/DEACTIVATE", {"deactivateReason": "gone fishing"})
    assert (answer.status, answer.body) == (200, b"")
    assert client.get(f"users/{shown['id']}").expect(200)["status"] == "inactive"
    assert client.get("users/search", queryString="status:inactive").expect(200)["totalResults"] == 1
    client.post(f"users/{shown['id']}/activate").expect(200)
    assert user(world).active
    client.post(f"users/{shown['id']}/explode").expect(400)


def test_terminated_is_gone_from_everywhere(world: World, client: Ramp) -> None:
    shown = made(client)
    world.policy("all", step(user(world).id))
    client.post(f"users/{shown['id']}/TERMINATE", {"terminateReason": "left", "maskType": "NONE"}).expect(200)
    client.get(f"users/{shown['id']}").expect(404)
    assert world.organization.policies["all"].steps[0].targets == ()
    assert world.write(lambda tx: tx.credential(digest("2/ScarletJohn"))) is None


def test_the_last_administrator_stays(client: Ramp) -> None:
    boss = made(client, roles=[{"name": "Client Administrator"}])
    for action in ("deactivate", "terminate"):
        client.post(f"users/{boss['id']}/{action}").expect(409)
    client.post(f"users/{boss['id']}", {"roles": [{"name": "Client User"}]}).expect(409)
    made(client, loginName="second", roles=[{"name": "Client Administrator"}])
    client.post(f"users/{boss['id']}/terminate").expect(200)


def test_passwords(world: World, client: Ramp) -> None:
    shown = made(client)

    def kept() -> str:
        someone = user(world, "other")
        found = world.write(lambda tx: password_of(tx, world.org, someone))
        assert found is not None
        return str(found.hash)

    client.post(f"users/{shown['id']}", {"loginName": "other"}).expect(200)
    assert kept() == "hash of ChangeMe@1234"
    body = {"currentPassword": "ChangeMe@1234", "newPassword": "Other@1234", "confirmPassword": "Other@1234"}
    for wrong in (
        {"currentPassword": "x"},
        {"confirmPassword": "x"},
        {"newPassword": "weak", "confirmPassword": "weak"},
    ):
        client.post(f"users/{shown['id']}/changePassword", body | wrong).expect(400)
    answer = client.post(f"users/{shown['id']}/changePassword", body)
    assert (answer.status, answer.body) == (200, b"")
    assert kept() == "hash of Other@1234"
    client.post(f"users/{shown['id']}", {"password": "Third@1234"}).expect(200)
    assert kept() == "hash of Third@1234"


@pytest.mark.parametrize("id", ["USR0000000099", "USR99", "nobody", "%00", "USRGRP-1"])
def test_no_such_person(client: Ramp, id: str) -> None:
    assert client.get(f"users/{id}").expect(404)["code"] == "0005"
    client.post(f"users/{id}", {}).expect(404)
    client.post(f"users/{id}/activate").expect(404)


# --- Lists of people


def test_search_and_minimal(world: World, client: Ramp) -> None:
    for number, name in enumerate(("ann", "bob", "Carl")):
        world.pass_(HOUR)
        made(client, loginName=name, firstName=f"F{number}", email=f"{name}@example.org")
    rows = client.get("users/search").expect(200)
    assert [row["loginName"] for row in rows["results"]] == ["Carl", "bob", "ann"]
    assert rows["orderBy"] == "id"

    def found(query: str) -> list[str]:
        rows = client.get("users/search", queryString=query).expect(200)["results"]
        return [row["loginName"] for row in rows]

    assert found("loginName:carl") == ["Carl"]
    assert found("loginName:car") == []
    assert found("firstName:F0,F1") == ["bob", "ann"]
    assert found("mailId:bob@example.org+status:active") == ["bob"]
    assert found("uniqueId:USR0000000001") == ["ann"]
    assert found("startCreationDate:2026-06-01T02:00:00+0000") == ["Carl", "bob"]
    assert found("endUpdationDate:2026-06-01T01:00:00+0000") == ["ann"]
    minimal = client.get("users/minimal").expect(200)
    assert minimal[0] == {
        "id": "USR0000000001",
        "loginName": "ann",
        "lastName": "John",
        "firstName": "F0",
        "email": "ann@example.org",
        "changePassword": False,
    }
    assert client.get("users/loginHistory/search").expect(200)["results"] == []


# --- Groups


def test_a_group_is_a_team(world: World, client: Ramp) -> None:
    shown = group(client, "Network Admins", description="Level A", email="net@example.org")
    team = next(iter(world.organization.teams.values()))
    assert shown == {
        "uniqueId": f"USRGRP-{team.id}",
        "name": "Network Admins",
        "description": "Level A",
        "email": "net@example.org",
        "roles": [],
        "createdTime": "2026-06-01T00:00:00+0000",
        "updatedTime": "2026-06-01T00:00:00+0000",
    }
    assert team.slug == "network-admins"
    path = f"userGroups/{shown['uniqueId']}"
    assert client.get(path).expect(200) == shown
    world.pass_(HOUR)
    after = client.post(path, {"name": "Windows Admins"}).expect(200)
    assert after == shown | {"name": "Windows Admins", "updatedTime": "2026-06-01T01:00:00+0000"}
    listed = client.get("userGroups").expect(200)
    assert (listed["results"], listed["orderBy"]) == ([after], "userGroup.id")
    answer = client.delete(path)
    assert (answer.status, answer.body) == (200, b"")
    client.get(path).expect(404)
    client.delete(path).expect(404)
    client.post(path, {}).expect(404)


def test_members_of_a_group(world: World, client: Ramp) -> None:
    ann, bob = (made(client, loginName=name)["id"] for name in ("ann", "bob"))
    path = f"userGroups/{group(client, 'Ops')['uniqueId']}/users"
    answer = client.post(path, [{"id": ann}, {"id": bob}, {"id": ann}])
    assert (answer.status, answer.body) == (200, b"")
    client.post(path, {"id": ann}).expect(200)
    rows = client.get(path).expect(200)
    assert ([row["id"] for row in rows["results"]], rows["orderBy"]) == ([bob, ann], "id")
    assert rows["results"][0]["phoneNumber"] == "206-232-4543"
    assert [one["name"] for one in client.get(f"users/{ann}").expect(200)["userGroups"]] == ["Ops"]
    assert client.delete(path, [{"id": ann}]).expect(200) is None
    client.delete(path, [{"id": ann}]).expect(200)
    assert [row["id"] for row in client.get(path).expect(200)["results"]] == [bob]
    assert client.post(path, [{"id": "USR0000000099"}]).expect(400)["fieldName"] == "[0].id"
    for body in ('"x"', "[1]", "{"):
        client.post(path, body).expect(400)


def test_membership_told_with_the_person(world: World, client: Ramp) -> None:
    names = [group(client, name)["name"] for name in ("Ops", "Dev")]
    shown = made(client, userGroups=[{"name": "ops"}])
    assert [one["name"] for one in shown["userGroups"]] == ["Ops"]
    client.post(f"users/{shown['id']}", {"userGroups": [{"name": name} for name in names]}).expect(200)
    assert [one["name"] for one in client.get(f"users/{shown['id']}").expect(200)["userGroups"]] == names
    client.post(f"users/{shown['id']}", {"userGroups": []}).expect(200)
    assert client.get(f"users/{shown['id']}").expect(200)["userGroups"] == []


def test_what_others_know_of_a_team_survives(world: World, client: Ramp) -> None:
    world.has(person("ann"))
    world.team("ops", "ann")
    team = world.organization.teams["ops"]
    world.has(replace(team, handle="ops", settings={"datadog": {"avatar": "x"}}))
    client.post("userGroups/USRGRP-ops", {"description": "Operations"}).expect(200)
    after = world.organization.teams["ops"]
    assert (after.handle, after.members, after.settings["datadog"]) == ("ops", team.members, {"avatar": "x"})


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": 5}, {"name": "x", "email": "nobody"}, {"name": " x\ny"}])
def test_groups_that_are_none(world: World, client: Ramp, body: dict[str, Any]) -> None:
    client.post("userGroups", body).expect(400)
    assert not world.organization.teams


def test_groups_of_one_name(world: World, client: Ramp) -> None:
    assert group(client, "Ops")["uniqueId"] != group(client, "Ops")["uniqueId"]
    assert {team.slug for team in world.organization.teams.values()} == {"ops", "ops-2"}


# --- Roles


def role(api: Ramp, name: str, **more: Any) -> Any:
    return api.post("roles", {"name": name, **more}).expect(200)


def test_permission_sets(client: Ramp) -> None:
    rows = client.get("permissionSets", isDescendingOrder="false").expect(200)
    assert [(row["id"], row["name"]) for row in rows["results"]] == [
        (1, "Viewer"),
        (2, "Operator"),
        (3, "Alert Administrator"),
        (4, "Administrator"),
    ]


@pytest.mark.parametrize(
    ("name", "came_to"),
    [
        ("Client Administrator", Role.GLOBAL_ADMIN),
        ("client alert administrator", Role.ALERT_ADMIN),
        ("Client User", Role.USER),
        ("Customer", Role.STAKEHOLDER),
    ],
)
def test_the_roles_that_are_there(world: World, client: Ramp, name: str, came_to: Role) -> None:
    shown = made(client, roles=[{"name": name}])
    assert [one["name"].lower() for one in shown["roles"]] == [name.lower()]
    assert user(world).role is came_to


def test_several_roles_come_to_the_strongest(world: World, client: Ramp) -> None:
    names = ["Client Administrator", "Client User", "Customer"]
    shown = made(client, roles=[{"name": name} for name in names])
    assert [one["name"] for one in shown["roles"]] == names
    assert user(world).role is Role.GLOBAL_ADMIN


def test_a_role_set_elsewhere_is_shown(world: World, client: Ramp) -> None:
    shown = made(client, roles=[{"name": "Client User"}, {"name": "Customer"}])
    world.has(replace(user(world), role=Role.ALERT_ADMIN))
    assert [one["name"] for one in client.get(f"users/{shown['id']}").expect(200)["roles"]] == [
        "Client Alert Administrator"
    ]


def test_a_role_of_the_tenants_own_gives_rights(world: World, client: Ramp) -> None:
    made(client, loginName="boss", roles=[{"name": "Client Administrator"}])
    shown = made(client)
    made_role = role(client, "Network Admin", description="Nets", permissions=[{"id": 3}], users=[{"id": shown["id"]}])
    assert made_role["permissions"] == [
        {"id": 3, "name": "Alert Administrator", "description": "Manages integrations and what becomes of alerts"}
    ]
    assert [one["id"] for one in made_role["users"]] == [shown["id"]]
    assert user(world).role is Role.ALERT_ADMIN
    assert [one["name"] for one in client.get(f"users/{shown['id']}").expect(200)["roles"]] == [
        "Client User",
        "Network Admin",
    ]
    path = f"roles/{made_role['uniqueId']}"
    client.post(path, {"permissions": [{"id": 4}]}).expect(200)
    assert user(world).role is Role.GLOBAL_ADMIN
    client.post(path, {"users": []}).expect(200)
    assert user(world).role is Role.USER
    client.post(f"users/{shown['id']}", {"roles": [{"name": "Network Admin"}]}).expect(200)
    assert user(world).role is Role.GLOBAL_ADMIN
    assert [one["name"] for one in client.get(f"users/{shown['id']}").expect(200)["roles"]] == ["Network Admin"]
    assert client.delete(path).expect(200) is None
    assert user(world).role is Role.STAKEHOLDER
    client.get(path).expect(404)


def test_a_role_of_a_group(world: World, client: Ramp) -> None:
    made(client, loginName="boss", roles=[{"name": "Client Administrator"}])
    shown = made(client)
    made_role = role(client, "Admins", permissions=[{"id": 4}])
    ops = group(client, "Ops", roles=[{"uniqueId": made_role["uniqueId"]}])
    assert ops["roles"] == [
        {"uniqueId": made_role["uniqueId"], "name": "Admins", "description": "", "defaultRole": False}
    ]
    client.post(f"userGroups/{ops['uniqueId']}/users", [{"id": shown["id"]}]).expect(200)
    assert user(world).role is Role.GLOBAL_ADMIN
    assert [one["uniqueId"] for one in client.get(f"roles/{made_role['uniqueId']}").expect(200)["userGroups"]] == [
        ops["uniqueId"]
    ]
    client.delete(f"userGroups/{ops['uniqueId']}/users", [{"id": shown["id"]}]).expect(200)
    assert user(world).role is Role.USER
    assert (
        client.post("userGroups", {"name": "x", "roles": [{"uniqueId": "ROLE-x"}]}).expect(400)["fieldName"] == "roles"
    )


def test_what_a_role_says_of_resources_is_kept(client: Ramp, partner: Ramp) -> None:
    told = {
        "scope": "MSP",
        "description": "Nets",
        "clients": [{"uniqueId": "client_8"}],
        "devices": [{"id": "49429c1c"}],
        "deviceGroups": [{"id": "DGP-f"}],
        "credentialSets": [{"uniqueId": "GxGJ"}],
        "permissions": [{"id": 11}, {"id": 13}],
        "allDevices": "true",
    }
    shown = role(partner, "Network Admin", **told)
    assert shown == client_view(shown) | told | {"name": "Network Admin", "allDevices": True}
    assert partner.get(f"roles/{shown['uniqueId']}").expect(200) == shown


def client_view(shown: Any) -> dict[str, Any]:
    return {"uniqueId": shown["uniqueId"], "defaultRole": False, "users": [], "userGroups": []}


def test_roles_are_listed_and_the_default_ones_stay(client: Ramp) -> None:
    role(client, "Mine")
    rows = client.get("roles/search", isDescendingOrder="false").expect(200)
    assert [(row["name"], row["defaultRole"]) for row in rows["results"]] == [
        ("Customer", True),
        ("Client User", True),
        ("Client Alert Administrator", True),
        ("Client Administrator", True),
        ("Mine", False),
    ]
    assert rows["orderBy"] == "id"
    path = f"roles/{rows['results'][3]['uniqueId']}"
    assert client.get(path).expect(200)["permissions"] == [{"id": 4, "name": "Administrator"}]
    client.post(path, {"name": "x"}).expect(403)
    client.delete(path).expect(403)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "name"),
        ({"name": "x", "scope": "WORLD"}, "scope"),
        ({"name": "x", "allClients": "maybe"}, "allClients"),
        ({"name": "x", "users": [{"id": "USR0000000099"}]}, "users[0].id"),
        ({"name": "x", "userGroups": [{"uniqueId": "USRGRP-x"}]}, "userGroups[0].uniqueId"),
        ({"name": "x", "devices": [{"id": "x" * 70000}]}, "devices"),
        ({"name": "x", "devices": ["x"]}, "devices[0]"),
        ({"name": "x", "clients": {}}, "clients"),
    ],
)
def test_roles_that_are_none(client: Ramp, body: dict[str, Any], field: str) -> None:
    assert client.post("roles", body).expect(400)["fieldName"] == field


def test_odd_permissions_give_nothing(world: World, client: Ramp) -> None:
    shown = made(client)
    odds: list[Any] = [[{"id": "4"}], [{"id": None}], [{"id": {}}], [{"id": True}], [{}]]
    for odd in odds:
        role(client, "Odd", permissions=odd, users=[{"id": shown["id"]}])
    assert user(world).role is Role.USER
    wrongs: list[Any] = [[1], "x", {"id": 4}]
    for wrong in wrongs:
        client.post("roles", {"name": "Odd", "permissions": wrong}).expect(400)


# --- Who may


def test_a_read_only_key_changes_nobody(world: World, client: Ramp) -> None:
    shown = made(client)
    ops = group(client, "Ops")
    keep(world, "looks", "opsramp", name="looker", readonly=True)
    client.key, client.secret = "looker", "looks"
    client.renew()
    client.get(f"users/{shown['id']}").expect(200)
    for path in ("users", f"users/{shown['id']}", f"users/{shown['id']}/terminate", "userGroups", "roles"):
        client.post(path, SCARLET).expect(403)
    client.post(f"userGroups/{ops['uniqueId']}/users", []).expect(403)


def test_people_of_other_tenants_are_nobodys_business(world: World, client: Ramp, partner: Ramp) -> None:
    shown = made(client)
    other = client_of(world, "Other")
    stranger = Ramp(world, f"client_{other}", other)
    stranger.get(f"/api/v2/tenants/client_2/users/{shown['id']}").expect(403)
    stranger.get(f"users/{shown['id']}").expect(404)
    partner.get(f"users/{shown['id']}").expect(404)
    assert partner.get(f"/api/v2/tenants/client_2/users/{shown['id']}").expect(200)["loginName"] == "ScarletJohn"


@pytest.mark.parametrize(
    "wrong", [{"notifyRecurringReport": 0.0}, {"notifyMethod": 5}, {"notifyType": []}, {"notifyInputType": {}}]
)
def test_how_somebody_is_notified_is_told_in_the_right_types(client: Ramp, wrong: dict[str, Any]) -> None:
    one = made(client)["id"]
    client.post(f"users/{one}", {"userNotifications": [wrong]}).expect(400)
    client.post(f"users/{one}", {"userNotifications": [dict.fromkeys(wrong)]}).expect(200)
    assert client.get(f"users/{one}").expect(200)["userNotifications"] == [{}]
