"""The checklist for a drop-in (reference, part 11), row by row, as far as it is about people, teams and their paging;
every answer as the official client reads it."""

from typing import Any

import pytest
from datadog_api_client.v2.model.list_notification_channels_response import ListNotificationChannelsResponse
from datadog_api_client.v2.model.list_on_call_notification_rules_response import ListOnCallNotificationRulesResponse
from datadog_api_client.v2.model.notification_channel import NotificationChannel
from datadog_api_client.v2.model.on_call_notification_rule import OnCallNotificationRule
from datadog_api_client.v2.model.permissions_response import PermissionsResponse
from datadog_api_client.v2.model.team_response import TeamResponse
from datadog_api_client.v2.model.teams_response import TeamsResponse
from datadog_api_client.v2.model.user_invitation_response import UserInvitationResponse
from datadog_api_client.v2.model.user_invitations_response import UserInvitationsResponse
from datadog_api_client.v2.model.user_response import UserResponse
from datadog_api_client.v2.model.user_team_response import UserTeamResponse
from datadog_api_client.v2.model.user_teams_response import UserTeamsResponse
from datadog_api_client.v2.model.users_response import UsersResponse

from tests.dialects.datadog.asking import NOBODY, body, made_team, made_user, speaker
from tests.dialects.datadog.models import parsed
from tests.dialects.datadog.test_channels import EMAIL, PHONE
from tests.dialects.speaking import Answer, Speaker
from tests.stories.world import World
from watchbill.api.datadog.references import small_team, small_user
from watchbill.api.datadog.routes import DIALECT
from watchbill.domain.people import ContactMethod
from watchbill.domain.record import replace

JSON = "application/json"
JSON_API = "application/vnd.api+json"
ON_CALL = "/api/v2/on-call/users"

OPERATIONS = {
    "ListUsers": "GET /api/v2/users",
    "CreateUser": "POST /api/v2/users",
    "GetUser": "GET /api/v2/users/{user_id}",
    "UpdateUser": "PATCH /api/v2/users/{user_id}",
    "DisableUser": "DELETE /api/v2/users/{user_id}",
    "ListUserOrganizations": "GET /api/v2/users/{user_id}/orgs",
    "ListUserPermissions": "GET /api/v2/users/{user_id}/permissions",
    "GetUserMemberships": "GET /api/v2/users/{user_uuid}/memberships",
    "GetCurrentUser": "GET /api/v2/current_user",
    "UpdateCurrentUser": "PATCH /api/v2/current_user",
    "SendInvitations": "POST /api/v2/user_invitations",
    "GetInvitation": "GET /api/v2/user_invitations/{user_invitation_uuid}",
    "ListTeams": "GET /api/v2/team",
    "CreateTeam": "POST /api/v2/team",
    "GetTeam": "GET /api/v2/team/{team_id}",
    "UpdateTeam": "PATCH /api/v2/team/{team_id}",
    "DeleteTeam": "DELETE /api/v2/team/{team_id}",
    "GetTeamMemberships": "GET /api/v2/team/{team_id}/memberships",
    "CreateTeamMembership": "POST /api/v2/team/{team_id}/memberships",
    "UpdateTeamMembership": "PATCH /api/v2/team/{team_id}/memberships/{user_id}",
    "DeleteTeamMembership": "DELETE /api/v2/team/{team_id}/memberships/{user_id}",
    "ListUserNotificationChannels": "GET /api/v2/on-call/users/{user_id}/notification-channels",
    "CreateUserNotificationChannel": "POST /api/v2/on-call/users/{user_id}/notification-channels",
    "GetUserNotificationChannel": "GET /api/v2/on-call/users/{user_id}/notification-channels/{channel_id}",
    "DeleteUserNotificationChannel": "DELETE /api/v2/on-call/users/{user_id}/notification-channels/{channel_id}",
    "ListUserNotificationRules": "GET /api/v2/on-call/users/{user_id}/notification-rules",
    "CreateUserNotificationRule": "POST /api/v2/on-call/users/{user_id}/notification-rules",
    "GetUserNotificationRule": "GET /api/v2/on-call/users/{user_id}/notification-rules/{rule_id}",
    "UpdateUserNotificationRule": "PUT /api/v2/on-call/users/{user_id}/notification-rules/{rule_id}",
    "DeleteUserNotificationRule": "DELETE /api/v2/on-call/users/{user_id}/notification-rules/{rule_id}",
    "Validate": "GET /api/v1/validate",
}


@pytest.fixture
def api(world: World) -> Speaker:
    return speaker(world)


class Town:
    """A user in a team, with a channel of each kind and a rule over each."""

    def __init__(self, world: World, api: Speaker) -> None:
        self.api = api
        self.user = made_user(api, name="Ann Smith")["id"]
        self.team = made_team(api)["id"]
        self.joined = api.post(f"/api/v2/team/{self.team}/memberships", self.membership())
        self.channels = [self.channel(config) for config in (EMAIL, PHONE)]
        kept = world.organization.users[self.user]
        pocket = ContactMethod(world.write(lambda tx: tx.new_id(world.now)), 9, "pocket", "x", "Phone", verified=True)
        world.has(replace(kept, contacts=(*kept.contacts, pocket)))
        self.rules = [self.rule(self.channels[0].json["data"]["id"]), self.rule(pocket.id)]
        phone = self.channels[1].json["data"]["id"]
        self.rules.append(self.rule(phone, channel_settings={"type": "phone", "method": "voice"}))

    def membership(self) -> Any:
        return body("team_memberships", {"role": "admin"}, user=("users", self.user))

    def channel(self, config: Any) -> Answer:
        document = body("notification_channels", {"config": config})
        return self.api.post(f"{ON_CALL}/{self.user}/notification-channels", document)

    def rule(self, channel: str, **more: Any) -> Answer:
        document = body("notification_rules", {"delay_minutes": 1, **more}, channel=("notification_channels", channel))
        return self.api.post(f"{ON_CALL}/{self.user}/notification-rules", document)

    def of(self, answer: Answer) -> str:
        return str(answer.json["data"]["id"])


@pytest.fixture
def town(world: World, api: Speaker) -> Town:
    return Town(world, api)


# --- 1. All paths of the description, and the check of the key


def test_row_1_all_paths() -> None:
    served = {f"{route.method} {route.path}" for route in DIALECT.routes}
    assert {name for name, path in OPERATIONS.items() if path not in served} == set()


# --- 2. Status codes


def test_row_2_creations_answer_201(api: Speaker, town: Town) -> None:
    assert api.post("/api/v2/users", body("users", {"email": "new@x.com"})).status == 201
    assert api.post("/api/v2/team", body("team", {"handle": "new", "name": "new"})).status == 201
    invitation = body("user_invitations", user=("users", town.user))["data"]
    assert api.post("/api/v2/user_invitations", {"data": [invitation]}).status == 201
    assert [one.status for one in (*town.channels, *town.rules)] == [201] * 5


def test_row_2_a_membership_answers_200(town: Town) -> None:
    assert town.joined.status == 200


def test_row_2_deletions_answer_204_without_a_body(api: Speaker, town: Town) -> None:
    for path in (
        f"{ON_CALL}/{town.user}/notification-rules/{town.of(town.rules[0])}",
        f"{ON_CALL}/{town.user}/notification-channels/{town.of(town.channels[0])}",
        f"/api/v2/team/{town.team}/memberships/{town.user}",
        f"/api/v2/team/{town.team}",
        f"/api/v2/users/{town.user}",
    ):
        answer = api.delete(path)
        assert (answer.status, answer.body) == (204, b"")
        assert not {"content-type", "content-length"} & set(answer.headers)


# --- 3. Media types and errors


def test_row_3_media_types(api: Speaker, town: Town) -> None:
    def types(*paths: str) -> set[str]:
        return {api.get(path).headers["content-type"] for path in paths}

    channels, rules = (f"{ON_CALL}/{town.user}/notification-{what}" for what in ("channels", "rules"))
    assert types(channels, f"{channels}/{town.of(town.channels[0])}", rules, f"{rules}/{town.of(town.rules[0])}") == {
        JSON_API
    }
    assert types(f"/api/v2/team/{town.team}") == {JSON_API}
    assert town.joined.headers["content-type"] == JSON_API
    assert types("/api/v2/users", f"/api/v2/users/{town.user}", "/api/v2/team", "/api/v1/validate") == {JSON}


@pytest.mark.parametrize("what", ["notification-channels", "notification-rules"])
def test_row_3_errors_of_on_call_are_objects(api: Speaker, town: Town, what: str) -> None:
    path = f"{ON_CALL}/{town.user}/{what}"
    unknown = api.get(f"{path}/{NOBODY}")
    detail = f"{what[:-1].replace('-', ' ')} not found"
    assert unknown.expect(404) == {"errors": [{"title": "Generic Error", "detail": detail}]}
    malformed = api.get(f"{path}/REPLACE.ME")
    assert malformed.expect(400)["errors"][0]["title"] == "Invalid Parameter"
    assert {unknown.headers["content-type"], malformed.headers["content-type"]} == {JSON_API}


def test_row_3_errors_of_users_and_teams_are_sentences(api: Speaker) -> None:
    for path in (f"/api/v2/users/{NOBODY}", f"/api/v2/team/{NOBODY}"):
        answer = api.get(path)
        assert all(isinstance(one, str) for one in answer.expect(404)["errors"])
        assert answer.headers["content-type"] == JSON


# --- 4. Include


def test_row_4_include(api: Speaker, town: Town) -> None:
    rules = f"{ON_CALL}/{town.user}/notification-rules"
    one = f"{rules}/{town.of(town.rules[0])}"
    for path in (rules, one):
        assert "included" not in api.get(path).expect(200)
        assert "included" not in api.get(path, include="").expect(200)
        assert "included" not in api.get(path, include="user,channels").expect(200)
    assert len(api.get(one, include="channel").expect(200)["included"]) == 1
    assert {each["type"] for each in api.get(rules, include="channel").json["included"]} == {"notification_channels"}
    assert all("included" not in each.json for each in (*town.channels, *town.rules))


# --- 5. Ids are kept on PUT, and PUT replaces


def test_row_5_a_rule_keeps_its_id(api: Speaker, town: Town) -> None:
    id, channel = town.of(town.rules[0]), town.of(town.channels[0])
    document = body("notification_rules", {"delay_minutes": 3}, id, channel=("notification_channels", channel))
    changed = api.put(f"{ON_CALL}/{town.user}/notification-rules/{id}", document).expect(200)["data"]
    assert (changed["id"], changed["attributes"]) == (id, {"category": "high_urgency", "delay_minutes": 3})


# --- 6. Addresses, pending users, small forms


def test_row_6_addresses_are_in_lower_case(api: Speaker) -> None:
    made = made_user(api, "Test-Create_A_User@DatadogHQ.com")
    assert made["attributes"]["email"] == made["attributes"]["handle"] == "test-create_a_user@datadoghq.com"


def test_row_6_pending_users_can_be_used(api: Speaker, town: Town) -> None:
    assert api.get(f"/api/v2/users/{town.user}").json["data"]["attributes"]["status"] == "Pending"
    assert town.joined.json["included"][0]["attributes"]["status"] == "Pending"


def test_row_6_small_forms_have_no_null(world: World, api: Speaker) -> None:
    user, team = made_user(api, "x@x.com")["id"], made_team(api, "x")["id"]
    org = world.organization
    assert small_user(org.users[user])["attributes"] == {"email": "x@x.com", "name": "", "status": "pending"}
    assert small_team(org.teams[team]) == {
        "id": team,
        "type": "teams",
        "attributes": {"avatar": "", "description": "", "handle": "x", "name": "Team x"},
    }
    api.delete(f"/api/v2/users/{user}").expect(204)
    assert small_user(world.organization.users[user])["attributes"]["status"] == "deactivated"


# --- 12. Times


def test_row_12_times_have_an_offset(api: Speaker, town: Town) -> None:
    for path in (f"/api/v2/users/{town.user}", f"/api/v2/team/{town.team}"):
        attributes = api.get(path).expect(200)["data"]["attributes"]
        assert attributes["created_at"] == attributes["modified_at"] == "2026-06-01T00:00:00.000000+00:00"


# --- Nothing unparsed anywhere


def test_the_official_client_reads_people_and_teams(api: Speaker, town: Town) -> None:
    user, team = f"/api/v2/users/{town.user}", f"/api/v2/team/{town.team}"
    invitation = {"data": [body("user_invitations", user=("users", town.user))["data"]]}
    sent = api.post("/api/v2/user_invitations", invitation).expect(201)
    for kind, path in (
        (UsersResponse, "/api/v2/users"),
        (UserResponse, user),
        (UserResponse, f"{user}/orgs"),
        (UserResponse, "/api/v2/current_user"),
        (PermissionsResponse, f"{user}/permissions"),
        (UserTeamsResponse, f"{user}/memberships"),
        (TeamsResponse, "/api/v2/team?include=team_links,user_team_permissions"),
        (TeamsResponse, "/api/v2/team?fields%5Bteam%5D=id,name"),
        (TeamResponse, team),
        (UserTeamsResponse, f"{team}/memberships"),
        (UserInvitationResponse, f"/api/v2/user_invitations/{sent['data'][0]['id']}"),
    ):
        parsed(kind, api.get(path).expect(200))
    parsed(UserInvitationsResponse, sent)
    parsed(UserTeamResponse, town.joined.json)
    parsed(UserResponse, api.patch(user, body("users", {"title": None}, town.user)).expect(200))
    parsed(TeamResponse, api.patch(team, body("team", {"handle": "n", "name": "n"})).expect(200))


def test_the_official_client_reads_channels_and_rules(api: Speaker, town: Town) -> None:
    channels = parsed(
        ListNotificationChannelsResponse, api.get(f"{ON_CALL}/{town.user}/notification-channels").expect(200)
    )
    assert [str(one.attributes.config.type) for one in channels.data] == ["email", "phone", "push"]
    for answer in town.channels:
        parsed(NotificationChannel, answer.json)
    for answer in town.rules:
        parsed(OnCallNotificationRule, answer.json)
    path = f"{ON_CALL}/{town.user}/notification-rules"
    rules = parsed(ListOnCallNotificationRulesResponse, api.get(path, include="channel").expect(200))
    assert (len(rules.data), len(rules.included)) == (3, 3)
    parsed(OnCallNotificationRule, api.get(f"{path}/{town.of(town.rules[2])}", include="channel").expect(200))
