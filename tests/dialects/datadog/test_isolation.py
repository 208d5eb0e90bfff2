"""Two organizations on one server: to each, the things of the other are not there."""

import pytest

from tests.dialects.datadog.asking import body
from tests.dialects.datadog.every import Things, operations, things
from tests.dialects.datadog.oncall import (
    ANN,
    CYD,
    ON_CALL,
    PAGES,
    POLICIES,
    SCHEDULES,
    WEB,
    document,
    layer,
    page,
    policy,
    rules,
    schedule,
    staffed,
    step,
    target,
)
from tests.dialects.speaking import Speaker, keep
from tests.stories.world import World
from watchbill.api.datadog.routes import DIALECT
from watchbill.domain.organization import Change
from watchbill.domain.people import Role, User
from watchbill.usecases.ports import Tx

# Without an id of the other's in it: lists, oneself, and what is made of nothing.
OF_ITS_OWN = {"Validate", "GetCurrentUser", "ListUsers", "ListTeams", "ListOnCallSchedules", "CreateUser", "CreateTeam"}
# Their bodies name the other's people.
WITH_STRANGERS = {"CreateOnCallSchedule", "CreateOnCallEscalationPolicy"}


def neighbour(world: World, parent: int | None = None) -> Speaker:
    """The administrator of another organization, which may be a client of the world's."""

    def make(tx: Tx) -> tuple[int, str]:
        org = tx.create_organization("other", "Other", parent, world.now).number
        boss = User(tx.new_id(world.now), 1, "boss", "Boss", email="boss@example.com", role=Role.GLOBAL_ADMIN)
        tx.change(org, [Change("user", boss.id, boss)], "init", world.now)
        return org, boss.id

    org, boss = world.write(make)
    keep(world, "api-other", "datadog_api", boss, org=org)
    keep(world, "app-other", "datadog_app", boss, org=org)
    return Speaker(world, DIALECT, {"dd-api-key": "api-other", "dd-application-key": "app-other"})


@pytest.fixture
def here(world: World) -> tuple[Speaker, Things]:
    api = staffed(world)
    return api, things(api, CYD)


@pytest.mark.parametrize("client", [False, True])
def test_what_the_other_has_is_not_found(world: World, here: tuple[Speaker, Things], client: bool) -> None:
    other = neighbour(world, world.org if client else None)
    before = world.organization
    for name, one in operations(here[1]).items():
        if name not in OF_ITS_OWN:
            one.asked(other).expect(400 if name in WITH_STRANGERS else 404)
    assert world.organization == before
    phase = world.write(lambda tx: tx.incident_by_id(world.org, here[1].page).phase)
    assert phase == "triggered"


def test_a_client_is_not_there_for_its_partner_either(world: World, here: tuple[Speaker, Things]) -> None:
    other = neighbour(world, world.org)
    boss = other.get("/api/v2/current_user").expect(200)["data"]["id"]
    here[0].get(f"/api/v2/users/{boss}").expect(404)
    here[0].post(PAGES, page("disk", user_id=boss)).expect(404)


def test_lists_have_ones_own_alone(world: World, here: tuple[Speaker, Things]) -> None:
    other = neighbour(world)
    [user] = other.get("/api/v2/users").expect(200)["data"]
    assert user["attributes"]["email"] == "boss@example.com"
    for path in ("/api/v2/team", SCHEDULES):
        assert other.get(path).expect(200)["data"] == []
    assert other.get(SCHEDULES, **{"filter[query]": f"user.id:{ANN}"}).expect(200)["data"] == []


def test_names_and_addresses_are_free_in_another_organization(world: World, here: tuple[Speaker, Things]) -> None:
    other = neighbour(world)
    other.post("/api/v2/users", document("users", {"email": "ann@example.org"})).expect(201)
    other.post("/api/v2/team", document("team", {"handle": "web", "name": "Web"})).expect(201)
    other.post(PAGES, page("disk", team_handle="web")).expect(200)
    world.phone(ANN).ignores_the_rest()  # of their own organization's page
    world.stays_quiet(0)


def test_bodies_can_not_name_what_the_other_has(world: World, here: tuple[Speaker, Things]) -> None:
    other, of = neighbour(world), here[1]
    me = other.get("/api/v2/current_user").expect(200)["data"]["id"]
    team = other.post("/api/v2/team", document("team", {"handle": "x", "name": "X"})).expect(201)["data"]["id"]
    own = other.post(POLICIES, policy(step(me))).expect(201)["data"]["id"]
    for kind, id in (("users", ANN), ("schedules", of.schedule), ("teams", WEB)):
        other.put(f"{POLICIES}/{own}", policy(step(target(id, kind)))).expect(400)
    other.post(SCHEDULES, schedule(layer(ANN))).expect(400)
    routes = f"{ON_CALL}/teams/{team}/routing-rules"
    reroute = {"query": "x", "actions": [{"type": "reroute_to_team", "destination_team_id": WEB}]}
    for first in ({"policy_id": of.policy}, reroute):
        other.put(routes, rules(team, first, {"policy_id": own})).expect(400)
    joining = body("team_memberships", {}, user=("users", ANN))
    other.post(f"/api/v2/team/{team}/memberships", joining).expect(404)
    linked = body("notification_rules", {}, channel=("notification_channels", of.channel))
    other.post(f"{ON_CALL}/users/{me}/notification-rules", linked).expect(400)
    made = other.post("/api/v2/team", body("team", {"handle": "y", "name": "Y"}, users=[("users", ANN)]))
    made.expect(400)


def test_a_linked_owner_of_the_others_is_shown_as_one_that_is_not_there(
    world: World, here: tuple[Speaker, Things]
) -> None:
    other = neighbour(world)
    answer = other.post(f"{SCHEDULES}?include=teams", schedule(layer(None), teams=[WEB])).expect(201)
    assert answer["data"]["relationships"]["teams"]["data"] == [{"id": WEB, "type": "teams"}]
    assert answer["included"] == []


def test_keys_of_two_organizations_open_neither(world: World, here: tuple[Speaker, Things]) -> None:
    neighbour(world)
    for api, app in (("api-admin", "app-other"), ("api-other", "app-admin")):
        Speaker(world, DIALECT, {"dd-api-key": api, "dd-application-key": app}).get("/api/v2/users").expect(403)
