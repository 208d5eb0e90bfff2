"""The chat, and messages to stakeholders (VictorOps reference, parts 2.18 and 2.19)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk, staff
from tests.stories.world import World
from watchbill.domain.civil import MINUTE
from watchbill.domain.people import Role

CHAT = f"{V1}/chat"
SEND = f"{V1}/stakeholders/sendMessage"


@pytest.fixture
def api(world: World) -> Speaker:
    made = desk(world)
    world.alert("web", "disk")
    world.phone("dora").ignores_the_rest()
    return made


def say(api: Speaker, text: str, **more: Any) -> None:
    assert api.post(CHAT, {"username": "ann", "text": text, **more}).expect(200) == {}


def heard(api: Speaker, **query: Any) -> list[str]:
    return [one["text"] for one in api.get(CHAT, **query).expect(200)["messages"]]


def test_what_is_said_of_an_incident_is_in_its_timeline(world: World, api: Speaker) -> None:
    say(api, "restarting", incidentId=1, tags=["db", "é"], monitoringTool="bot")
    world.pass_(MINUTE)
    say(api, "done", incidentId="1", externalUsername="ann in the chat")
    say(api, "elsewhere")
    answer = api.get(CHAT, incidentId=1).expect(200)
    assert answer == {
        "messages": [
            {"username": "ann in the chat", "text": "done", "serviceTime": 1780272060000, "sequence": 2, "tags": []},
            {
                "username": "ann",
                "text": "restarting",
                "serviceTime": 1780272000000,
                "sequence": 1,
                "tags": ["db", "é"],
            },
        ],
        "hasMore": False,
    }
    world.tells("disk", "chat: restarting")
    assert heard(api) == ["elsewhere"]
    assert heard(api, incidentId="") == ["elsewhere"]


def test_the_newest_come_first_page_by_page(api: Speaker) -> None:
    for number in range(7):
        say(api, f"{number}")
        say(api, f"of 1: {number}", incidentId=1)
    assert heard(api, limit=3) == ["6", "5", "4"]
    assert heard(api, limit=3, offset=3) == ["3", "2", "1"]
    assert api.get(CHAT, limit=3, offset=3).json["hasMore"] is True
    assert heard(api, limit=3, offset=6) == ["0"]
    assert api.get(CHAT, limit=3, offset=6).json["hasMore"] is False
    assert heard(api, incidentId=1, limit=2, offset=1) == ["of 1: 5", "of 1: 4"]
    assert heard(api, offset=999_999_999) == []


def test_a_message_that_says_nothing_is_none(api: Speaker) -> None:
    for body in (None, {}, {"text": None}):
        assert api.post(CHAT, body).expect(200) == {}
    assert heard(api) == []


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"username": "ann"}, 400),
        ({"username": "ann", "text": " "}, 400),
        ({"username": "nobody", "text": "x"}, 404),
        ({"username": "ann", "text": "x", "incidentId": 2}, 404),
        ({"username": "ann", "text": "x", "incidentId": "x"}, 404),
        ({"username": "ann", "text": "x", "incidentId": 10**30}, 404),
        ({"username": "ann", "text": "x" * 20_481}, 400),
        ({"username": "ann", "text": "x", "tags": ["x"] * 101}, 400),
        ({"username": "ann", "text": "x", "tags": ["x" * 201]}, 400),
        ({"username": "ann", "text": "x", "tags": "x"}, 400),
    ],
)
def test_what_can_not_be_said(api: Speaker, body: Any, status: int) -> None:
    assert "error" in api.post(CHAT, body).expect(status)
    assert heard(api) == heard(api, incidentId=1) == []


def test_what_can_not_be_heard(api: Speaker) -> None:
    api.get(CHAT, incidentId=2).expect(404)
    api.get(CHAT, incidentId="x").expect(404)
    api.get(CHAT, limit="x").expect(400)


def test_a_key_that_only_reads(api: Speaker) -> None:
    api.ask("GET", CHAT, x_vo_api_key="reads-only").expect(200)
    api.ask("POST", CHAT, {}, x_vo_api_key="reads-only").expect(403)


# --- Stakeholders


def test_stakeholders_are_told_by_mail_and_the_incident_says_so(world: World, api: Speaker) -> None:
    world.has(staff("boss", email="boss@example.org", role=Role.STAKEHOLDER))
    body = {"title": "Shop is\nslow", "message": "We are on it.", "incidentId": 1, "recipients": ["BOSS", "boss"]}
    assert api.post(SEND, body | {"recipientTeams": ["dba"]}).expect(200) == {}
    for name in ("boss", "ann"):
        message = world.phone(name).expects(at=0, by="email").message
        assert message.text == "Shop is slow\n\nWe are on it.\n\nIncident #1: disk"
    world.tells("disk", "API api-id wrote to boss, ann, bob: Shop is slow")
    world.nothing_else_was_sent()


def test_a_message_about_nothing_in_particular(world: World, api: Speaker) -> None:
    api.post(SEND, {"title": "Hello", "recipients": ["ann"]}).expect(200)
    assert world.phone("ann").expects(at=0, by="email").message.text == "Hello"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"message": "x", "recipients": ["ann"]}, 400),
        ({"title": "x"}, 400),
        ({"title": "x", "recipients": ["ann"] * 1001}, 400),
        ({"title": "x", "recipients": ["nobody"]}, 404),
        ({"title": "x", "recipientTeams": ["none"]}, 404),
        ({"title": "x", "recipients": ["ann"], "incidentId": 7}, 404),
        ({"title": "x", "recipients": ["ann"], "message": "x" * 20_480}, 400),
    ],
)
def test_what_is_no_message(world: World, api: Speaker, body: Any, status: int) -> None:
    assert "error" in api.post(SEND, body).expect(status)
    world.nothing_else_was_sent()
