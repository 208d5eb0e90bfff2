"""Every operation of the dialect, asked about the things of one organization, with who may do it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.dialects.datadog.asking import body
from tests.dialects.datadog.oncall import (
    ANN,
    BOB,
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
    step,
)
from tests.dialects.datadog.oncall import made as made_by
from tests.dialects.speaking import Answer, Speaker

EVERYBODY = frozenset({"global", "alerts", "lead", "user", "stakeholder", "reader"})
RESPONDERS = frozenset({"global", "alerts", "lead", "user"})
WRITERS = EVERYBODY - {"reader"}
LEADERS = frozenset({"global", "lead"})
ADMINS = frozenset({"global"})
# A read-only key of an administrator sees what the administrator does.
PROFILE_READERS = frozenset({"global", "reader"})

USERS, TEAMS = "/api/v2/users", "/api/v2/team"


@dataclass(frozen=True, slots=True)
class Operation:
    """`may`: who has the right to it, by their names in EVERYBODY."""

    name: str
    may: frozenset[str]
    method: str
    path: str
    given: Any = None

    def asked(self, api: Speaker) -> Answer:
        return api.ask(self.method, self.path, self.given)


@dataclass(frozen=True, slots=True)
class Things:
    """What the operations are about: things of the team web, the channel and the rule of a person, a page."""

    user: str
    schedule: str
    policy: str
    channel: str
    rule: str
    page: str
    invitation: str


def things(api: Speaker, user: str) -> Things:
    channel = made_by(api, f"{ON_CALL}/users/{user}/notification-channels", channel_of("a@example.org"))
    invited = api.post("/api/v2/user_invitations", invitation_of(user)).expect(201)["data"][0]["id"]
    chosen = made_by(api, POLICIES, policy(step(ANN), teams=[WEB]))
    api.put(f"{ON_CALL}/teams/{WEB}/routing-rules", rules(WEB, {"policy_id": chosen})).expect(200)
    return Things(
        user=user,
        schedule=made_by(api, SCHEDULES, schedule(layer(ANN), teams=[WEB])),
        policy=chosen,
        channel=channel,
        rule=made_by(api, f"{ON_CALL}/users/{user}/notification-rules", rule_of(channel)),
        page=api.post(PAGES, page("disk", team_id=WEB)).expect(200)["data"]["id"],
        invitation=invited,
    )


def channel_of(address: str) -> Any:
    config = {"type": "email", "address": address, "formats": ["html"]}
    return body("notification_channels", {"config": config})


def rule_of(channel: str) -> Any:
    return body("notification_rules", {"delay_minutes": 1}, channel=("notification_channels", channel))


def invitation_of(user: str) -> Any:
    return {"data": [body("user_invitations", user=("users", user))["data"]]}


def operations(of: Things) -> Mapping[str, Operation]:
    """In an order in which each is possible: what is deleted is deleted last."""
    every = (*_reading(of), *_on_call(of), *_profile(of), *_people(of), *_deleting(of))
    return {one.name: one for one in every}


def _reading(of: Things) -> Iterator[Operation]:
    person, team, rota = f"{ON_CALL}/users/{of.user}", f"{ON_CALL}/teams/{WEB}", f"{SCHEDULES}/{of.schedule}"
    for name, path in {
        "Validate": "/api/v1/validate",
        "ListOnCallSchedules": SCHEDULES,
        "GetOnCallSchedule": rota,
        "GetScheduleOnCallUser": f"{rota}/on-call",
        "GetScheduleOnCallResponders": f"{rota}/responders",
        "GetOnCallEscalationPolicy": f"{POLICIES}/{of.policy}",
        "GetOnCallTeamRoutingRules": f"{team}/routing-rules",
        "GetTeamOnCallUsers": f"{team}/on-call",
        "ListTeams": TEAMS,
        "GetTeam": f"{TEAMS}/{WEB}",
        "GetTeamMemberships": f"{TEAMS}/{WEB}/memberships",
        "GetUserMemberships": f"{USERS}/{of.user}/memberships",
        "ListUsers": USERS,
        "GetUser": f"{USERS}/{of.user}",
        "ListUserOrganizations": f"{USERS}/{of.user}/orgs",
        "ListUserPermissions": f"{USERS}/{of.user}/permissions",
        "GetCurrentUser": "/api/v2/current_user",
    }.items():
        yield Operation(name, EVERYBODY, "GET", path)
    for name, path in {
        "ListUserNotificationChannels": f"{person}/notification-channels",
        "GetUserNotificationChannel": f"{person}/notification-channels/{of.channel}",
        "ListUserNotificationRules": f"{person}/notification-rules",
        "GetUserNotificationRule": f"{person}/notification-rules/{of.rule}",
    }.items():
        yield Operation(name, PROFILE_READERS, "GET", path)
    yield Operation("GetInvitation", ADMINS, "GET", f"/api/v2/user_invitations/{of.invitation}")


def _on_call(of: Things) -> Iterator[Operation]:
    rota, plan = schedule(layer(ANN), name="New", teams=[WEB]), policy(step(ANN), teams=[WEB])
    yield Operation("CreateOnCallSchedule", LEADERS, "POST", SCHEDULES, rota)
    yield Operation("UpdateOnCallSchedule", LEADERS, "PUT", f"{SCHEDULES}/{of.schedule}", rota)
    yield Operation("CreateOnCallEscalationPolicy", LEADERS, "POST", POLICIES, plan)
    yield Operation("UpdateOnCallEscalationPolicy", LEADERS, "PUT", f"{POLICIES}/{of.policy}", plan)
    routes = f"{ON_CALL}/teams/{WEB}/routing-rules"
    yield Operation("SetOnCallTeamRoutingRules", LEADERS, "PUT", routes, rules(WEB, {"policy_id": of.policy}))
    yield Operation("CreateOnCallPage", RESPONDERS, "POST", PAGES, page("disk", team_id=WEB))
    for action in ("Acknowledge", "Escalate", "Resolve"):
        yield Operation(f"{action}OnCallPage", RESPONDERS, "POST", f"{PAGES}/{of.page}/{action.lower()}")


def _profile(of: Things) -> Iterator[Operation]:
    person = f"{ON_CALL}/users/{of.user}"
    channels, rules = f"{person}/notification-channels", f"{person}/notification-rules"
    yield Operation("CreateUserNotificationChannel", ADMINS, "POST", channels, channel_of("b@example.org"))
    yield Operation("CreateUserNotificationRule", ADMINS, "POST", rules, rule_of(of.channel))
    yield Operation("UpdateUserNotificationRule", ADMINS, "PUT", f"{rules}/{of.rule}", rule_of(of.channel))
    yield Operation("DeleteUserNotificationRule", ADMINS, "DELETE", f"{rules}/{of.rule}")
    yield Operation("DeleteUserNotificationChannel", ADMINS, "DELETE", f"{channels}/{of.channel}")


def _people(of: Things) -> Iterator[Operation]:
    members = f"{TEAMS}/{WEB}/memberships"
    joining = body("team_memberships", {}, user=("users", CYD))
    renamed = document("team", {"handle": "web", "name": "Web"})
    new = document("users", {"email": "new@example.org"})
    yield Operation("CreateTeam", ADMINS, "POST", TEAMS, document("team", {"handle": "new", "name": "New"}))
    yield Operation("UpdateTeam", LEADERS, "PATCH", f"{TEAMS}/{WEB}", renamed)
    yield Operation("CreateTeamMembership", LEADERS, "POST", members, joining)
    yield Operation("UpdateTeamMembership", LEADERS, "PATCH", f"{members}/{BOB}", document("team_memberships", {}))
    yield Operation("DeleteTeamMembership", LEADERS, "DELETE", f"{members}/{BOB}")
    yield Operation("CreateUser", ADMINS, "POST", USERS, new)
    yield Operation("UpdateUser", ADMINS, "PATCH", f"{USERS}/{of.user}", document("users", {}, id=of.user))
    yield Operation("SendInvitations", ADMINS, "POST", "/api/v2/user_invitations", invitation_of(of.user))


def _deleting(of: Things) -> Iterator[Operation]:
    yield Operation("DeleteOnCallSchedule", LEADERS, "DELETE", f"{SCHEDULES}/{of.schedule}")
    yield Operation("DeleteOnCallEscalationPolicy", LEADERS, "DELETE", f"{POLICIES}/{of.policy}")
    yield Operation("DisableUser", ADMINS, "DELETE", f"{USERS}/{of.user}")
    yield Operation("DeleteTeam", ADMINS, "DELETE", f"{TEAMS}/{WEB}")


def of_oneself(of: Things, id: str) -> Iterator[Operation]:
    """Everybody may have a look at their own profile, and change it; `of`: things of theirs."""
    yield Operation("UpdateCurrentUser", WRITERS, "PATCH", "/api/v2/current_user", document("users", {}, id=id))
    for one in operations(of).values():
        if "UserNotification" in one.name:
            may = EVERYBODY if one.method == "GET" else WRITERS
            yield Operation(one.name, may, one.method, one.path, one.given)
