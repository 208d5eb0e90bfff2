"""Anything at all, sent to the VictorOps dialect."""

from typing import Any

import pytest
from httpx import Client

from tests.clients.conftest import House
from tests.clients.fuzzing import Known, answers_without_keys, send_anything


def headers(house: House, key: str = "api_key") -> dict[str, str]:
    keys = house.keys["victorops"]
    return {"X-VO-Api-Id": keys["api_id"], "X-VO-Api-Key": keys.get(key, key)}


@pytest.fixture(scope="module")
def known(house: House) -> Known:
    with Client(headers=headers(house), timeout=10) as session:

        def get(path: str) -> Any:
            return session.get(f"{house.url}/api-public/{path}").json()

        for entity in ("a", "b", "c"):
            house.server.alert(house.keys["ingest"]["key"], entity)
        people = ["ann", "bob"]
        teams = [team["slug"] for team in get("v1/team")]
        policies = [policy["policy"]["slug"] for policy in get("v1/policies")["policies"]]
        incidents = [incident["incidentNumber"] for incident in get("v1/incidents")["incidents"]]
        groups = get(f"v2/team/{teams[0]}/rotations")["rotations"]
        contacts = get("v1/user/ann/contact-methods")
        devices = contacts["devices"]["contactMethods"]
        known: dict[str, list[Any]] = dict.fromkeys(("user", "username", "userName", "fromUser", "toUser"), people)
        known |= dict.fromkeys(("team", "teamSlug"), teams)
        known |= dict.fromkeys(("policy", "policySlug"), policies)
        return known | {
            "slug": [*people, *policies],
            "incidentNumber": incidents,
            "incidentId": incidents,
            "routingKey": ["db"],
            "groupId": [group["groupId"] for group in groups],
            "shiftId": [shift["shiftId"] for group in groups for shift in group["shifts"]],
            "contactId": [one["extId"] for one in (*devices, *contacts["emails"]["contactMethods"])],
            "timezone": ["Europe/Paris", "UTC"],
            "start": ["2030-01-01T00:00:00Z"],
            "end": ["2030-01-08T00:00:00Z"],
            "step": [0, 1],
            "rule": [0, 1],
        }


@pytest.mark.parametrize("examples", [5, pytest.param(100, marks=pytest.mark.slow)])
def test_any_request(house: House, known: Known, examples: int) -> None:
    send_anything("victorops", house, headers(house), known, examples)


def test_nothing_is_answered_to_a_stranger(house: House) -> None:
    assert answers_without_keys("victorops", house.url, {}) == {401}
    assert answers_without_keys("victorops", house.url, headers(house, "x" * 32)) <= {401, 403}
