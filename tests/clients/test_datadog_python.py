"""The Datadog client for Python: every operation of the dialect, and nothing in an answer that it can't read."""

import json
import re
from collections.abc import Iterator, Sequence
from importlib import resources
from itertools import count
from typing import Any
from uuid import UUID

import pytest
from datadog_api_client import ApiClient, Configuration
from datadog_api_client.exceptions import ApiException
from datadog_api_client.model_utils import OpenApiModel, UnparsedObject
from datadog_api_client.v1.api.authentication_api import AuthenticationApi
from datadog_api_client.v2.api.on_call_api import OnCallApi
from datadog_api_client.v2.api.on_call_paging_api import OnCallPagingApi
from datadog_api_client.v2.api.teams_api import TeamsApi
from datadog_api_client.v2.api.users_api import UsersApi

from tests.clients.conftest import House

APIS: Sequence[Any] = (OnCallApi, OnCallPagingApi, TeamsApi, UsersApi, AuthenticationApi)
# A team that the fixtures of the client's own tests link to everywhere, and that nobody has.
UNKNOWN_TEAM = "65aea9d0-941c-4607-bf8a-14fc0dac2820"
FIRST_DAY = "2025-11-18T12:58:56.434Z"
NOBODY = "00000000-0000-4000-8000-000000000000"
numbers = count(1)


def unparsed(value: Any, where: str = "") -> list[str]:
    """Where the client found something that it has no model for."""
    if isinstance(value, UnparsedObject):
        return [where]
    if isinstance(value, list):
        return [found for at, each in enumerate(value) for found in unparsed(each, f"{where}[{at}]")]
    if isinstance(value, OpenApiModel):
        own = [where] if value._unparsed else []
        inner = (
            value._data_store.items() if hasattr(value, "_data_store") and isinstance(value._data_store, dict) else ()
        )
        return [found for name, each in inner for found in unparsed(each, f"{where}.{name}")] or own
    return []


class Client:
    def __init__(self, house: House, **keys: str) -> None:
        given = {"apiKeyAuth": house.keys["datadog"]["api_key"], "appKeyAuth": house.keys["datadog"]["app_key"]} | keys
        configuration: Any = Configuration
        self._client = ApiClient(configuration(host=house.url, api_key=given))
        self._apis = [api(self._client) for api in APIS]
        self.called: set[str] = set()

    def __call__(self, operation: str, *given: Any, **named: Any) -> Any:
        """What the operation answered, as plain values."""
        (api,) = [api for api in self._apis if hasattr(api, operation)]
        answer = getattr(api, operation)(*given, **named)
        self.called.add(operation)
        assert unparsed(answer) == [], f"{operation}: {answer}"
        return answer.to_dict() if isinstance(answer, OpenApiModel) else answer

    def refused(self, status: int, operation: str, *given: Any, **named: Any) -> Any:
        with pytest.raises(ApiException) as told:
            self(operation, *given, **named)
        assert told.value.status == status, told.value.body
        return told.value.body

    def pages(self, operation: str, **named: Any) -> Iterator[Any]:
        """One after the other, from as many calls as it takes."""
        (api,) = [api for api in self._apis if hasattr(api, operation)]
        yield from getattr(api, operation)(**named)

    def close(self) -> None:
        self._client.close()


@pytest.fixture(scope="module")
def client(house: House) -> Iterator[Client]:
    made = Client(house)
    yield made
    made.close()


def document(type: str, attributes: Any = None, id: Any = None, **relationships: Any) -> dict[str, Any]:
    """`relationships`: a pair of type and id, or a list of such pairs."""
    data: dict[str, Any] = {"type": type}
    data |= {} if id is None else {"id": str(id)}
    data |= {} if attributes is None else {"attributes": attributes}
    if relationships:
        data["relationships"] = {name: {"data": linked(value)} for name, value in relationships.items()}
    return {"data": data}


def linked(value: Any) -> Any:
    return [linked(each) for each in value] if isinstance(value, list) else {"type": value[0], "id": str(value[1])}


def fresh(client: Client, name: str) -> str:
    """Somebody new; their id."""
    made = client("create_user", document("users", {"email": f"{name}-{next(numbers)}@Example.org", "name": name}))
    return str(made["data"]["id"])


def team(client: Client) -> str:
    handle = f"team-{next(numbers)}"
    made = client("create_team", document("team", {"handle": handle, "name": handle, "description": "Shop"}))
    return str(made["data"]["id"])


def layer(*members: str, **more: Any) -> dict[str, Any]:
    told = {
        "name": "Layer 1",
        "effective_date": FIRST_DAY,
        "rotation_start": "2025-11-23T12:58:56.434Z",
        "interval": {"days": 1, "seconds": 300},
        "members": [{"user": {"id": member}} for member in members],
    }
    return told | more


def schedule(client: Client, *layers: Any, **more: Any) -> Any:
    told = {"name": f"Schedule {next(numbers)}", "time_zone": "America/New_York", "layers": list(layers)}
    body = document("schedules", told | more, teams=[("teams", UNKNOWN_TEAM)])
    return client("create_on_call_schedule", body, include="layers,layers.members.user")


def policy(client: Client, *targets: Any, teams: Any = (), **more: Any) -> Any:
    step = {"assignment": "default", "escalate_after_seconds": 3600, "targets": list(targets)}
    told = {"name": "Policy", "resolve_page_on_policy_end": True, "retries": 2, "steps": [step]} | more
    body = document("policies", told, teams=[("teams", each) for each in teams])
    return client("create_on_call_escalation_policy", body, include="teams,steps.targets")


def catch_all(policy: str, urgency: str = "high") -> dict[str, Any]:
    return {"query": "", "actions": [], "policy_id": policy, "urgency": urgency}


def included(answer: Any, type: str) -> list[Any]:
    return [each for each in answer.get("included", []) if str(each["type"]) == type]


def routed(client: Client, name: str = "Vera") -> tuple[str, str]:
    """A team whose pages go to somebody new; both."""
    user, group = fresh(client, name), team(client)
    made = policy(client, {"type": "users", "id": user}, teams=[group])
    rules = document("team_routing_rules", {"rules": [catch_all(made["data"]["id"])]}, group)
    client("set_on_call_team_routing_rules", group, rules)
    return user, group


# --- What each kind of thing lives through


def a_key(client: Client) -> None:
    assert client("validate") == {"valid": True}


def a_user(client: Client) -> None:
    email = f"Una-{next(numbers)}@Example.org"
    made = client("create_user", document("users", {"email": email, "title": "user title"}))["data"]
    assert made["attributes"]["email"] == made["attributes"]["handle"] == email.lower()
    assert (made["attributes"]["status"], made["attributes"]["disabled"]) == ("Pending", False)
    user = made["id"]
    client.refused(409, "create_user", document("users", {"email": email}))
    assert client("get_user", user)["data"]["id"] == user
    changed = client("update_user", user, document("users", {"name": "Una", "disabled": False}, user))
    assert changed["data"]["attributes"]["name"] == "Una"
    client.refused(422, "update_user", user, document("users", {"name": "Una"}, NOBODY))
    assert [each["id"] for each in client("list_users", filter=email.lower())["data"]] == [user]
    assert client("list_user_organizations", user)["data"]["id"] == user
    assert "data" in client("list_user_permissions", user)
    invitation = {"data": [document("user_invitations", user=("users", user))["data"]]}
    (sent,) = client("send_invitations", invitation)["data"]
    assert client("get_invitation", sent["id"])["data"]["id"] == sent["id"]
    assert client("disable_user", user) is None
    assert client("get_user", user)["data"]["attributes"]["status"] == "Disabled"
    client.refused(404, "get_user", NOBODY)


def oneself(client: Client) -> None:
    me = client("get_current_user")["data"]
    told = client("update_current_user", document("users", {"name": "Administrator"}, me["id"]))
    assert told["data"]["attributes"]["name"] == "Administrator"


def a_team(client: Client) -> None:
    handle = f"team-{next(numbers)}"
    made = client("create_team", document("team", {"handle": handle, "name": handle, "description": "Shop"}))["data"]
    assert (made["attributes"]["handle"], made["attributes"]["user_count"]) == (handle, 0)
    group = made["id"]
    client.refused(409, "create_team", document("team", {"handle": handle, "name": handle}))
    assert client("get_team", group)["data"]["attributes"]["summary"] == "Shop"
    changed = client("update_team", group, document("team", {"handle": handle, "name": f"{handle} and more"}))
    assert changed["data"]["attributes"]["name"] == f"{handle} and more"
    assert [each["id"] for each in client("list_teams", filter_keyword=handle)["data"]] == [group]
    user = fresh(client, "Vera")
    body = document("team_memberships", {"role": "admin"}, user=("users", user))
    assert client("create_team_membership", group, body)["data"]["attributes"]["role"] == "admin"
    client.refused(409, "create_team_membership", group, body)
    (member,) = client("get_team_memberships", group)["data"]
    assert member["relationships"]["user"]["data"]["id"] == user
    lowered = document("team_memberships", {"role": None})
    assert client("update_team_membership", group, user, lowered)["data"]["attributes"]["role"] is None
    assert len(client("get_user_memberships", user)["data"]) == 1
    assert client("delete_team_membership", group, user) is None
    assert client("delete_team", group) is None
    client.refused(404, "get_team", group)


def a_schedule(client: Client) -> None:
    ann, bob = fresh(client, "Ann"), fresh(client, "Bob")
    window = {"start_day": "monday", "start_time": "09:00:00", "end_day": "friday", "end_time": "17:00:00"}
    lower = layer(
        ann, bob, name="Layer 2", time_zone="Asia/Tokyo", restrictions=[window], end_date="2099-01-01T00:00:00Z"
    )
    upper = layer(ann, interval={"days": 2, "seconds": 0})
    upper["members"].append({})
    made = schedule(client, upper, lower)
    links = made["data"]["relationships"]
    assert links["teams"]["data"] == [{"type": "teams", "id": UNKNOWN_TEAM}]
    first, second = included(made, "layers")
    assert [first["id"], second["id"]] == [each["id"] for each in links["layers"]["data"]]
    assert [first["attributes"]["interval"], second["attributes"]["interval"]] == [
        {"days": 2},
        {"days": 1, "seconds": 300},
    ]
    assert [first["attributes"]["restrictions"], second["attributes"]["restrictions"]] == [[], [window]]
    assert [len(each["relationships"]["members"]["data"]) for each in (first, second)] == [2, 2]
    assert {each["id"] for each in included(made, "users")} == {ann, bob}
    id = made["data"]["id"]
    assert included(client("get_on_call_schedule", id, include="layers"), "layers")[1]["id"] == second["id"]
    swapped = [lower | {"id": second["id"]}, upper | {"id": first["id"]}]
    body = document("schedules", {"name": "Swapped", "time_zone": "America/New_York", "layers": swapped}, id)
    changed = client("update_on_call_schedule", id, body, include="layers")
    assert [each["id"] for each in changed["data"]["relationships"]["layers"]["data"]] == [second["id"], first["id"]]
    assert changed["data"]["relationships"]["teams"]["data"] == []
    client.refused(400, "update_on_call_schedule", id, document("schedules", body["data"]["attributes"], NOBODY))
    assert client("delete_on_call_schedule", id) is None
    client.refused(404, "get_on_call_schedule", id)


def schedules_page_after_page(client: Client) -> None:
    ann, word = fresh(client, "Ann"), f"word{next(numbers)}"
    made = {schedule(client, layer(ann), name=f"{word} {number:02}")["data"]["id"] for number in range(12)}
    page = client("list_on_call_schedules", page_size=5, page_number=1, filter_query=word, include="teams")
    assert [each["attributes"]["name"] for each in page["data"]] == [f"{word} {number:02}" for number in range(5, 10)]
    asked = client.pages("list_on_call_schedules_with_pagination", filter_query=f"user.id:{ann}")
    assert {each.id for each in asked} == made


def who_is_on_call(client: Client) -> None:
    ann = fresh(client, "Ann")
    id = schedule(client, layer(ann))["data"]["id"]
    now = client("get_schedule_on_call_user", id, include="user")
    assert now["data"]["relationships"]["user"]["data"]["id"] == ann
    positions = "previous,current,next"
    told = client("get_schedule_on_call_responders", id, filter_position=positions, include="responders.shifts.user")
    assert [each["attributes"]["position"] for each in included(told, "schedule_oncall_responder")] == positions.split(
        ","
    )
    assert [each["id"] for each in included(told, "users")] == [ann]


def an_escalation_policy(client: Client) -> None:
    ann, group = fresh(client, "Ann"), team(client)
    rota = schedule(client, layer(ann))["data"]["id"]
    before = {"type": "schedules", "id": rota, "config": {"schedule": {"position": "previous"}}}
    targets = [{"type": "users", "id": ann}, {"type": "schedules", "id": rota}, before, {"type": "teams", "id": group}]
    made = policy(client, *targets, teams=[group])
    (step,) = included(made, "steps")
    assert [(each["type"], each["id"]) for each in step["relationships"]["targets"]["data"]] == [
        ("users", ann),
        ("schedules", rota),
        ("schedule_target", f"{rota}_previous"),
        ("teams", group),
    ]
    assert {(each["type"], each["id"]) for each in made["included"]} >= {("users", ann), ("teams", group)}
    id = made["data"]["id"]
    steps = [{"id": step["id"], "assignment": "round-robin", "escalate_after_seconds": 60, "targets": targets[:1]}]
    body = document("policies", {"name": "Changed", "steps": steps}, id)
    changed = client("update_on_call_escalation_policy", id, body, include="steps")
    assert [each["id"] for each in changed["data"]["relationships"]["steps"]["data"]] == [step["id"]]
    assert included(changed, "steps")[0]["attributes"] == {"assignment": "round-robin", "escalate_after_seconds": 60}
    assert (
        client("get_on_call_escalation_policy", id, include="steps.targets")["data"]["attributes"]["name"] == "Changed"
    )
    assert client("delete_on_call_escalation_policy", id) is None
    client.refused(404, "get_on_call_escalation_policy", id)


def routing_rules(client: Client) -> None:
    ann, group, other = fresh(client, "Ann"), team(client), team(client)
    id = policy(client, {"type": "users", "id": ann}, teams=[group])["data"]["id"]
    days = {"start_day": "monday", "start_time": "09:00:00", "end_day": "monday", "end_time": "17:00:00"}
    hours = {"time_zone": "Europe/Paris", "restrictions": [days]}
    page = {"type": "escalation_policy", "policy_id": id, "urgency": "low"}
    rules: list[dict[str, Any]] = [
        {"query": "tags.service:a", "time_restriction": hours, "actions": [page]},
        {"query": "tags.service:b", "actions": [page | {"ack_timeout_minutes": 30, "support_hours": hours}]},
        {"query": "tags.service:c", "policy_id": id, "urgency": "low"},
        {"query": "tags.service:d", "actions": [{"type": "reroute_to_team", "destination_team_id": other}]},
        {"query": "tags.service:e", "actions": [{"type": "send_slack_message", "workspace": "w", "channel": "c"}]},
        catch_all(id, "dynamic"),
    ]
    body = document("team_routing_rules", {"rules": rules}, group)
    set = client("set_on_call_team_routing_rules", group, body, include="rules")
    got = client("get_on_call_team_routing_rules", group, include="rules")
    told = [each["attributes"] for each in included(got, "team_routing_rules")]
    assert told == [each["attributes"] for each in included(set, "team_routing_rules")]
    assert [each["query"] for each in told] == [each["query"] for each in rules]
    assert [each.get("urgency") for each in told] == ["low", "low", "low", None, None, "dynamic"]
    assert told[0]["time_restriction"] == hours
    assert [
        each["id"] for each in included(client("get_team_on_call_users", group, include="responders"), "users")
    ] == [ann]
    last = document("team_routing_rules", {"rules": rules[:1]}, group)
    client.refused(400, "set_on_call_team_routing_rules", group, last)
    empty = client("set_on_call_team_routing_rules", group, document("team_routing_rules", None, group))
    assert empty["data"]["relationships"]["rules"]["data"] == []


def notification_channels_and_rules(client: Client) -> None:
    user = fresh(client, "Ann")
    mail = {"config": {"type": "email", "address": "foo@bar.example", "formats": ["html"]}}
    phone = {"config": {"type": "phone", "number": "+17039389548"}}
    kinds = [
        client("create_user_notification_channel", user, document("notification_channels", one))
        for one in (mail, phone)
    ]
    by_mail, by_phone = (each["data"]["id"] for each in kinds)
    assert kinds[0]["data"]["attributes"] == {"active": True} | mail
    config = kinds[1]["data"]["attributes"]["config"]
    assert (config["number"], config["region"], config["verified"]) == ("+17039389548", "us", False)
    assert len(client("list_user_notification_channels", user)["data"]) == 2
    assert client("get_user_notification_channel", user, by_mail)["data"]["id"] == by_mail
    attributes = {"category": "high_urgency", "delay_minutes": 1}
    rule = client(
        "create_user_notification_rule",
        user,
        document("notification_rules", attributes, channel=("notification_channels", by_mail)),
    )["data"]
    assert (rule["attributes"], rule["relationships"]["channel"]["data"]["id"]) == (attributes, by_mail)
    voice = attributes | {"delay_minutes": 5, "channel_settings": {"type": "phone", "method": "voice"}}
    body = document("notification_rules", voice, rule["id"], channel=("notification_channels", by_phone))
    changed = client("update_user_notification_rule", user, rule["id"], body, include="channel")
    assert (changed["data"]["attributes"], len(changed["included"])) == (voice, 1)
    assert len(client("list_user_notification_rules", user, include="channel")["included"]) == 1
    assert client("get_user_notification_rule", user, rule["id"])["data"]["attributes"] == voice
    assert client("delete_user_notification_rule", user, rule["id"]) is None
    gone = client.refused(404, "get_user_notification_rule", user, rule["id"])
    assert gone == {"errors": [{"title": "Generic Error", "detail": "notification rule not found"}]}
    assert client("delete_user_notification_channel", user, by_mail) is None
    gone = client.refused(404, "get_user_notification_channel", user, by_mail)
    assert gone == {"errors": [{"title": "Generic Error", "detail": "notification channel not found"}]}


def a_page(client: Client) -> None:
    user, group = routed(client)
    handle = client("get_team", group)["data"]["attributes"]["handle"]
    told = {"title": "Shop is down", "description": "All of it.", "tags": ["service:shop"], "urgency": "high"}
    for kind, identifier in (("team_id", group), ("team_handle", handle), ("user_id", user)):
        target = {"type": kind, "identifier": identifier}
        id = client("create_on_call_page", document("pages", told | {"target": target}))["data"]["id"]
        for operation in ("acknowledge_on_call_page", "escalate_on_call_page", "resolve_on_call_page"):
            assert client(operation, UUID(str(id))) is None
    client.refused(404, "resolve_on_call_page", UUID(NOBODY))


LIVES = (
    a_key,
    a_user,
    oneself,
    a_team,
    a_schedule,
    schedules_page_after_page,
    who_is_on_call,
    an_escalation_policy,
    routing_rules,
    notification_channels_and_rules,
    a_page,
)


@pytest.mark.filterwarnings("ignore:get_schedule_on_call_user is deprecated")
def test_every_operation(client: Client) -> None:
    for live in LIVES:
        live(client)
    description = json.loads(resources.files("watchbill.api.datadog").joinpath("openapi.json").read_bytes())
    named = [operation["operationId"] for item in description["paths"].values() for operation in item.values()]
    assert {re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower() for name in named} - client.called == set()


def test_a_wrong_key(house: House) -> None:
    stranger = Client(house, appKeyAuth="x" * 40)
    assert stranger.refused(403, "list_users") == {"errors": ["Forbidden"]}
    stranger.close()
