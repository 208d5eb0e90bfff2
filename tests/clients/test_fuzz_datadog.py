"""Anything at all, sent to the Datadog dialect."""

from typing import Any

import pytest
from httpx import Client

from tests.clients.conftest import House
from tests.clients.fuzzing import Known, answers_without_keys, send_anything


def headers(house: House) -> dict[str, str]:
    keys = house.keys["datadog"]
    return {"DD-API-KEY": keys["api_key"], "DD-APPLICATION-KEY": keys["app_key"]}


@pytest.fixture(scope="module")
def known(house: House) -> Known:
    with Client(headers=headers(house), timeout=10) as session:

        def ids(path: str) -> list[str]:
            return [each["id"] for each in session.get(f"{house.url}/api/v2/{path}").json()["data"]]

        def made(path: str, type: str, attributes: Any, **more: Any) -> str:
            body = {"data": {"type": type, "attributes": attributes} | more}
            answer = session.post(f"{house.url}/api/v2/{path}", json=body)
            id: str = answer.json()["data"]["id"]
            return id

        me = session.get(f"{house.url}/api/v2/current_user").json()["data"]["id"]
        users = [id for id in ids("users") if id != me]
        teams, schedules = ids("team"), ids("on-call/schedules")
        step = {"targets": [{"type": "users", "id": users[0]}], "escalate_after_seconds": 60}
        policy = made("on-call/escalation-policies", "policies", {"name": "Fuzzed", "steps": [step]})
        mail = {"config": {"type": "email", "address": "a@example.org", "formats": ["html"]}}
        channel = made(f"on-call/users/{users[0]}/notification-channels", "notification_channels", mail)
        linked = {"channel": {"data": {"type": "notification_channels", "id": channel}}}
        rule = {"category": "low_urgency", "delay_minutes": 3}
        rules = f"on-call/users/{users[0]}/notification-rules"
        target = {"type": "user_id", "identifier": users[0]}
        page = made("on-call/pages", "pages", {"title": "Fuzzed", "urgency": "low", "target": target})
        return {
            "user_id": users,
            "user_uuid": users,
            "team_id": teams,
            "schedule_id": schedules,
            "policy_id": [policy],
            "channel_id": [channel],
            "rule_id": [made(rules, "notification_rules", rule, relationships=linked)],
            "page_id": [page],
            "user.id": users,
            "users.id": users,
            "teams.id": teams,
            "schedules.id": schedules,
            "policies.id": [policy],
            "notification_channels.id": [channel],
            "identifier": [*users, *teams, "db"],
            "time_zone": ["Europe/Paris", "UTC"],
            "include": ["teams", "layers,layers.members.user", "steps.targets", "rules", "channel", "responders"],
        }


@pytest.mark.parametrize("examples", [8, pytest.param(150, marks=pytest.mark.slow)])
def test_any_request(house: House, known: Known, examples: int) -> None:
    send_anything("datadog", house, headers(house), known, examples)


def test_nothing_is_answered_to_a_stranger(house: House) -> None:
    assert answers_without_keys("datadog", house.url, {}) == {403}
    assert answers_without_keys("datadog", house.url, dict.fromkeys(headers(house), "x" * 40)) == {403}
