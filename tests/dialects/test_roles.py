"""The roles, where a dialect knows who acts: the person whose key it is, or the one whom a body names."""

from dataclasses import replace
from typing import Any

import pytest

from tests.dialects.datadog.asking import body
from tests.dialects.speaking import Speaker, admin, datadog_keys, victorops_keys
from tests.stories.world import World
from watchbill.api.datadog.routes import DIALECT as DATADOG
from watchbill.api.victorops.routes import DIALECT as VICTOROPS
from watchbill.domain.people import Member, Role, Team

# The lead is a plain user who is an administrator of the team.
PEOPLE = {
    "global": Role.GLOBAL_ADMIN,
    "alerts": Role.ALERT_ADMIN,
    "lead": Role.USER,
    "user": Role.USER,
    "stakeholder": Role.STAKEHOLDER,
}
GOVERNORS, LEADERS, EVERYBODY = {"global"}, {"global", "lead"}, set(PEOPLE)

# --- Datadog: each application key is a person's


def datadog_calls(world: World, name: str) -> dict[str, tuple[set[str], str, str, Any]]:
    """Who may, and what; what makes other calls impossible comes last."""
    own = world.organization.users_by_name[name].id
    [web], zed = world.organization.teams, world.organization.users_by_name["zed"].id
    member = body("team_memberships", {}, user=("users", zed))
    return {
        "see people": (EVERYBODY, "GET", "/api/v2/users", None),
        "see teams": (EVERYBODY, "GET", f"/api/v2/team/{web}", None),
        "see oneself": (EVERYBODY, "GET", "/api/v2/current_user", None),
        "change oneself": (EVERYBODY, "PATCH", "/api/v2/current_user", body("users", {"name": "New Name"}, own)),
        "take somebody in": (GOVERNORS, "POST", "/api/v2/users", body("users", {"email": "new@example.org"})),
        "change somebody": (GOVERNORS, "PATCH", f"/api/v2/users/{zed}", body("users", {"name": "Zed"}, zed)),
        "make a team": (GOVERNORS, "POST", "/api/v2/team", body("team", {"handle": "db", "name": "Database"})),
        "rename a team": (LEADERS, "PATCH", f"/api/v2/team/{web}", body("team", {"handle": "web", "name": "W"})),
        "add a member": (LEADERS, "POST", f"/api/v2/team/{web}/memberships", member),
        "route to a team": (LEADERS, "PUT", f"/api/v2/on-call/teams/{web}/routing-rules", routing()),
        "deactivate somebody": (GOVERNORS, "DELETE", f"/api/v2/users/{zed}", None),
        "delete a team": (GOVERNORS, "DELETE", f"/api/v2/team/{web}", None),
    }


def routing() -> Any:
    return body("team_routing_rules", {"rules": []})


@pytest.fixture
def town(world: World) -> dict[str, Speaker]:
    """Everybody of Web with their own client, and Zed, of whom the calls are about."""
    admin(world, "zed", Role.USER)
    apis = {name: Speaker(world, DATADOG, datadog_keys(world, name, role)) for name, role in PEOPLE.items()}
    members = tuple(
        Member(user.id, admin=user.username == "lead")
        for user in world.organization.users.values()
        if user.username != "zed"
    )
    id = world.write(lambda tx: tx.new_id(world.now))
    world.has(Team(id, 1, "web", "Web", members=members))
    return apis


@pytest.mark.parametrize("name", PEOPLE)
def test_datadog_asks_what_the_person_may(world: World, town: dict[str, Speaker], name: str) -> None:
    for what, (allowed, method, path, given) in datadog_calls(world, name).items():
        version = world.organization.version
        status = town[name].ask(method, path, given).status
        if name in allowed:
            assert 200 <= status < 300, what
        else:
            assert status == 403, what
            assert world.organization.version == version, what


@pytest.mark.parametrize("name", PEOPLE)
def test_datadog_hears_nothing_from_who_was_deactivated(world: World, town: dict[str, Speaker], name: str) -> None:
    world.has(replace(world.organization.users_by_name[name], active=False))
    assert town[name].get("/api/v2/users").status == 403


# --- VictorOps: keys are the organization's; who acknowledges, resolves, reroutes or opens an incident is named


@pytest.fixture
def desk(world: World) -> Speaker:
    api = Speaker(world, VICTOROPS, victorops_keys(world))
    for name, role in PEOPLE.items():
        admin(world, name, role)
    world.policy("page")
    world.key("disk", "page")
    world.alert("disk", "Disk full")
    return api


def victorops_calls(world: World) -> list[tuple[str, str, dict[str, Any]]]:
    number = str(world.number("Disk full"))
    targets = [{"type": "EscalationPolicy", "slug": "page"}]
    v1 = "/api-public/v1/incidents"
    return [
        ("POST", v1, {"summary": "Help", "details": "now", "targets": targets}),
        ("POST", f"{v1}/reroute", {"reroutes": [{"incidentNumber": number, "targets": targets}]}),
        ("PATCH", f"{v1}/ack", {"incidentNames": [number]}),
        ("PATCH", f"{v1}/byUser/ack", {}),
        ("PATCH", f"{v1}/byUser/resolve", {}),
        ("PATCH", f"{v1}/resolve", {"incidentNames": [number]}),
    ]


@pytest.mark.parametrize("name", PEOPLE)
def test_victorops_asks_whether_the_person_named_may_respond(world: World, desk: Speaker, name: str) -> None:
    for method, path, given in victorops_calls(world):
        answer = desk.ask(method, path, given | {"userName": name})
        if name == "stakeholder":
            assert "lacks the right" in answer.expect(403)["error"]
        else:
            answer.expect(200)
    assert (world.incident("Disk full").resolved_by == name) == (name != "stakeholder")
