"""Anything at all, sent to the OpsRamp dialect."""

from typing import Any

import httpx
import pytest
from httpx import Client

from tests.clients.conftest import House
from tests.clients.fuzzing import Known, answers_without_keys, send_anything


def headers(house: House) -> dict[str, str]:
    keys = house.keys["opsramp"]
    form = {"grant_type": "client_credentials", "client_id": keys["key"], "client_secret": keys["secret"]}
    token = httpx.post(f"{house.url}/auth/oauth/token", data=form).json()["access_token"]
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture(scope="module")
def known(house: House) -> Known:
    tenant = house.keys["opsramp"]["tenant"]
    with Client(headers=headers(house), timeout=10) as session:

        def made(path: str, body: Any) -> Any:
            return session.post(f"{house.url}/api/v2/tenants/{tenant}/{path}", json=body).json()

        def rows(path: str) -> list[Any]:
            answer = session.get(f"{house.url}/api/v2/tenants/{tenant}/{path}").json()
            return list(answer["results"])

        device = {"hostName": "db01"}
        events = made("alert", {"subject": "Full", "currentState": "Critical", "metric": "disk", "device": device})
        users = [user["id"] for user in rows("users/search")]
        groups = [group["uniqueId"] for group in rows("userGroups")]
        recipients = [{"type": "USER", "id": users[0]}]
        policy = made(
            "escalations", {"name": "Full", "escalationType": "MANUAL", "escalations": [{"recipients": recipients}]}
        )
        duty = {"type": "one-time", "startDate": "2024-01-01T00:00:00+0000", "endDate": "2024-02-01T00:00:00+0000"}
        shift = {"name": "Day", "schedule": duty, "users": [{"id": users[0]}]}
        roster = made("rosters", {"name": "Night", "timeZone": {"name": "UTC"}, "shiftDetails": [shift]})
        incident = made("incidents", {"subject": "Slow", "description": "Ten seconds", "priority": "High"})
        return {
            "tenantId": [tenant],
            "orgId": [tenant],
            "clientId": [tenant],
            "alertId": [alert["uniqueId"] for alert in rows("alerts/search")],
            "eventId": events,
            "policyId": [policy["id"]],
            "rosterId": [roster["id"]],
            "userId": users,
            "userGroupId": groups,
            "roleId": [role["uniqueId"] for role in rows("roles/search")],
            "incidentId": [incident["id"]],
            "ticketId": [incident["id"]],
            "ticketType": ["INCIDENT"],
            "classCode": ["INCIDENT"],
            "id": [*users, roster["id"]],
            "uniqueId": [*groups, tenant],
            "name": ["UTC", "Europe/Paris", "Full"],
            "startDate": ["2024-01-01T00:00:00+0000"],
            "queryString": ["name:Full", "states:Critical+actions:OPEN", ""],
        }


@pytest.mark.parametrize("examples", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_any_request(house: House, known: Known, examples: int) -> None:
    send_anything("opsramp", house, headers(house), known, examples)


def test_nothing_is_answered_to_a_stranger(house: House) -> None:
    assert answers_without_keys("opsramp", house.url, {}) == {401}
    assert answers_without_keys("opsramp", house.url, {"Authorization": "Bearer wrong"}) == {401}
