"""Pages: what is asked and answered (reference, part 4.9). What becomes of them is told in the stories."""

from typing import Any

import pytest
from datadog_api_client.v2.model.create_page_response import CreatePageResponse

from tests.dialects.datadog.asking import speaker
from tests.dialects.datadog.models import parsed
from tests.dialects.datadog.oncall import (
    ANN,
    BOB,
    DB,
    ON_CALL,
    PAGES,
    POLICIES,
    WEB,
    details,
    made,
    page,
    policy,
    rules,
    staffed,
    step,
    uuid,
)
from tests.stories.world import World
from watchbill.domain.incident import Incident
from watchbill.domain.people import Role, Team, Urgency
from watchbill.domain.record import replace
from watchbill.domain.records import AlertQuery, IncidentQuery


def ready(world: World) -> Any:
    """The team web pages Ann."""
    api = staffed(world)
    p = made(api, POLICIES, policy(step(ANN)))
    api.put(f"{ON_CALL}/teams/{WEB}/routing-rules", rules(WEB, {"policy_id": p})).expect(200)
    return api


def incident(world: World, id: str) -> Incident:
    found: Incident = world.write(lambda tx: tx.incident_by_id(world.org, id))
    return found


def test_a_page_is_an_incident(world: World) -> None:
    api = ready(world)
    asked = page("Test is down", team_id=WEB, urgency="low", description="Details.", tags=["service:test", "x", "x:y"])
    reply = api.post(PAGES, asked)
    body = reply.expect(200)
    parsed(CreatePageResponse, body)
    assert body == {"data": {"id": body["data"]["id"], "type": "pages"}}
    opened = incident(world, body["data"]["id"])
    assert (opened.title, opened.message, opened.urgency) == ("Test is down", "Details.", Urgency.LOW)
    assert opened.phase == "triggered"
    [alert] = world.write(lambda tx: tx.alerts(AlertQuery(world.org, opened.number)))
    assert alert.event.tags == {"service": "test", "x": ""}
    assert alert.event.more_tags == {"x": ("y",)}
    assert b"Test is down" in world.write(lambda tx: tx.raw_body(world.org, alert.id))


@pytest.mark.parametrize("target", [{"team_id": WEB}, {"team_handle": "web"}, {"team_handle": "WEB"}, {"user_id": ANN}])
def test_targets(world: World, target: dict[str, str]) -> None:
    api = ready(world)
    api.post(PAGES, page("disk", **target)).expect(200)
    world.phone(ANN).expects("disk")


def test_a_handle_is_asked_for_when_the_page_is_made(world: World) -> None:
    api = ready(world)
    team = world.organization.teams[WEB]
    world.has(replace(team, handle="web-team"))
    api.post(PAGES, page("disk", team_handle="web-team")).expect(200)
    api.post(PAGES, page("disk", team_handle="web")).expect(404)
    world.phone(ANN).expects("disk")


def test_a_handle_counts_before_the_slug_of_another_team(world: World) -> None:
    api = ready(world)
    world.has(replace(world.organization.teams[DB], handle="web"))
    p = made(api, POLICIES, policy(step(BOB)))
    api.put(f"{ON_CALL}/teams/{DB}/routing-rules", rules(DB, {"policy_id": p})).expect(200)
    api.post(PAGES, page("disk", team_handle="Web")).expect(200)
    world.phone(BOB).expects("disk")
    world.phone(ANN).expects_nothing()


def test_two_pages_with_one_title_are_two(world: World) -> None:
    api = ready(world)
    ids = {api.post(PAGES, page("disk", team_id=WEB)).expect(200)["data"]["id"] for _ in range(2)}
    assert len(ids) == 2
    assert len(world.write(lambda tx: tx.incidents(IncidentQuery(world.org)))) == 2


def test_actions_are_accepted_without_a_body(world: World) -> None:
    api = ready(world)
    id = api.post(PAGES, page("disk", team_id=WEB)).expect(200)["data"]["id"]
    for action, phase in (
        ("acknowledge", "acknowledged"),
        ("acknowledge", "acknowledged"),
        ("escalate", "triggered"),
        ("resolve", "resolved"),
        ("resolve", "resolved"),
        ("acknowledge", "resolved"),
        ("escalate", "resolved"),
    ):
        answer = api.post(f"{PAGES}/{id}/{action}")
        assert (answer.status, answer.body) == (202, b"")
        assert "content-type" not in answer.headers
        assert incident(world, id).phase == phase
    assert incident(world, id).resolved_by == "admin"


@pytest.mark.parametrize("action", ["acknowledge", "escalate", "resolve"])
def test_pages_that_are_not_there(world: World, action: str) -> None:
    api = ready(world)
    assert details(api.post(f"{PAGES}/{uuid(99)}/{action}").expect(404)) == ["page not found"]
    api.post(f"{PAGES}/REPLACE.ME/{action}").expect(400)


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        ({"title": None}, 400, 'attribute "title" is required'),
        ({"title": " "}, 400, 'attribute "title" must not be empty'),
        ({"title": "a\0"}, 400, "null character"),
        ({"title": 7}, 400, 'error decoding attribute "title": invalid type number'),
        ({"urgency": None}, 400, 'attribute "urgency" is required'),
        ({"urgency": "dynamic"}, 400, 'attribute "urgency" must be one of "high low"'),
        ({"target": None}, 400, 'attribute "target" is required'),
        ({"target": {"type": "team", "identifier": WEB}}, 400, 'must be one of "team_id team_handle user_id"'),
        ({"target": {"type": "team_id"}}, 400, 'attribute "target.identifier" is required'),
        ({"target": {"type": "team_id", "identifier": uuid(99)}}, 404, "team not found"),
        ({"target": {"type": "team_handle", "identifier": "x"}}, 404, "team not found"),
        ({"target": {"type": "user_id", "identifier": WEB}}, 404, "user not found"),
        ({"tags": "a"}, 400, 'error decoding attribute "tags": invalid type string'),
        ({"tags": [1]}, 400, 'attribute "tags[0]"'),
    ],
)
def test_what_is_refused(world: World, change: dict[str, Any], status: int, detail: str) -> None:
    api = ready(world)
    asked = page("disk", team_id=WEB)
    asked["data"]["attributes"] |= change
    assert detail in details(api.post(PAGES, asked).expect(status))[0]
    assert world.write(lambda tx: tx.incidents(IncidentQuery(world.org))) == []


def test_what_is_too_long_is_cut(world: World) -> None:
    api = ready(world)
    id = api.post(PAGES, page("x" * 50_000, team_id=WEB, description="y" * 50_000)).expect(200)["data"]["id"]
    assert (len(incident(world, id).title), len(incident(world, id).message)) == (1024, 20_480)


def test_who_may(world: World) -> None:
    ready(world)
    anybody = speaker(world, "anybody", Role.USER)
    id = anybody.post(PAGES, page("disk", team_id=WEB)).expect(200)["data"]["id"]
    looks_on = speaker(world, "looks-on", Role.STAKEHOLDER)
    looks_on.post(PAGES, page("disk", team_id=WEB)).expect(403)
    looks_on.post(f"{PAGES}/{id}/acknowledge").expect(403)
    anybody.post(f"{PAGES}/{id}/acknowledge").expect(202)
    assert incident(world, id).acked_by == "anybody"


def test_somebody_who_was_disabled_can_not_be_paged(world: World) -> None:
    api = ready(world)
    world.has(replace(world.organization.users[BOB], active=False))
    assert details(api.post(PAGES, page("disk", user_id=BOB)).expect(404)) == ["user not found"]


def test_incidents_of_other_senders_are_pages_too(world: World) -> None:
    """One core: what an alert opened can be acknowledged here."""
    api = ready(world)
    world.has(Team(uuid(13), 3, "x", "X"))
    world.alert(None, "disk")
    opened = world.incident("disk")
    api.post(f"{PAGES}/{opened.id}/acknowledge").expect(202)
    assert world.incident("disk").phase == "acknowledged"
