"""Notes of incidents (VictorOps reference, part 2.3)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.desk import V1, desk
from tests.stories.world import World

NOTES = f"{V1}/incidents/1/notes"
RUNBOOK = {"name": "run book", "displayName": "Runbook", "json_value": {"url": "https://wiki.example/disk", "n": [1]}}


@pytest.fixture
def api(world: World) -> Speaker:
    made = desk(world)
    world.alert("web", "disk")
    return made


def test_notes_are_kept_changed_and_removed(world: World, api: Speaker) -> None:
    assert api.get(NOTES).expect(200) == {"notes": []}
    told = {"name": "run book", "display_name": "Runbook", "json_value": RUNBOOK["json_value"]}
    assert api.post(NOTES, told).expect(200) == RUNBOOK
    assert api.get(NOTES).expect(200) == {**RUNBOOK, "notes": [RUNBOOK]}
    api.post(NOTES, {"name": "b/c", "displayName": "B"}).expect(200)
    assert [note["name"] for note in api.get(NOTES).expect(200)["notes"]] == ["run book", "b/c"]
    assert api.put(f"{NOTES}/run book", {"json_value": {"url": "other"}}).expect(200) == {}
    assert api.get(NOTES).json["notes"][0] == {**RUNBOOK, "json_value": {"url": "other"}}
    assert api.delete(f"{NOTES}/b%2Fc").expect(200) == {}
    assert api.delete(f"{NOTES}/run book").expect(200) == {}
    assert api.get(NOTES).expect(200) == {"notes": []}
    world.tells("disk", "note 'Runbook' by API api-id", "note 'Runbook' removed")


def test_a_note_of_a_name_that_is_there_is_written_anew(api: Speaker) -> None:
    api.post(NOTES, RUNBOOK).expect(200)
    api.post(NOTES, {"name": "run book"}).expect(200)
    assert api.get(NOTES).expect(200)["notes"] == [{"name": "run book"}]


def test_a_note_may_be_renamed(api: Speaker) -> None:
    api.post(NOTES, RUNBOOK).expect(200)
    api.put(f"{NOTES}/run book", {"name": "guide", "display_name": ""}).expect(200)
    assert api.get(NOTES).expect(200)["notes"] == [{"name": "guide", "json_value": RUNBOOK["json_value"]}]


def test_a_note_that_says_nothing_is_none(api: Speaker) -> None:
    assert api.post(NOTES, {}).expect(200) == {}
    assert api.get(NOTES).expect(200) == {"notes": []}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": " "}, 400),
        ({"json_value": {}}, 400),
        ({"name": "x" * 201}, 400),
        ({"name": "x", "json_value": {"a": "x" * 70_000}}, 413),
        ({"name": "x", "json_value": 7}, 400),
        (b'{"name":"x","json_value":' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}", 400),
    ],
)
def test_what_is_no_note(api: Speaker, body: Any, status: int) -> None:
    assert "error" in api.post(NOTES, body).expect(status)
    assert api.get(NOTES).expect(200) == {"notes": []}


def test_what_is_not_there(api: Speaker) -> None:
    for path in (f"{V1}/incidents/2/notes", f"{V1}/incidents/x/notes"):
        api.get(path).expect(404)
        api.post(path, RUNBOOK).expect(404)
    api.put(f"{NOTES}/none", {}).expect(404)
    api.delete(f"{NOTES}/none").expect(404)


def test_reading_takes_no_more_than_a_key_that_reads(api: Speaker) -> None:
    api.ask("GET", NOTES, x_vo_api_key="reads-only").expect(200)
    api.ask("POST", NOTES, RUNBOOK, x_vo_api_key="reads-only").expect(403)
