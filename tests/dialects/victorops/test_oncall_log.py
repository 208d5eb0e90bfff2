"""Hours on call (reference, part 2.15.3)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.rotas import V1, by_name, on_duty, policy, rotation, shift, team
from tests.stories.world import World
from watchbill.domain.civil import DAY, HOUR, MINUTE

WEEK = {"start": "2026-06-01T00:00:00Z", "end": "2026-06-08T00:00:00Z"}


def log(api: Speaker, slug: str, **query: Any) -> Any:
    return api.get(f"/api-reporting/v1/team/{slug}/oncall/log", **query).expect(200)


def told(api: Speaker, slug: str, **query: Any) -> dict[str, list[tuple[str, str, int]]]:
    """For each user: from, to, and hours."""
    return {
        one["userId"]: [(each["on"][5:16], each["off"][5:16], each["duration"]["hours"]) for each in one["log"]]
        for one in log(api, slug, **query)["userLogs"]
    }


@pytest.fixture
def named(api: Speaker) -> tuple[str, str, str]:
    """A team, its policy with a daily rotation from 6:00 on Monday, the group's number."""
    slug = team(api, "Database", "mira", "tomas", "lead")
    made = rotation(api, slug, "DB", shift("mira", "tomas", duration=1, timezone="UTC", start="2026-06-01T06:00:00Z"))
    return slug, policy(api, slug, "DB", (0, [on_duty(made["slug"])]), (5, [by_name("lead")])), made["id"]


def test_the_form_of_a_log(api: Speaker, world: World, named: Any) -> None:
    slug, name, _ = named
    world.pass_(7 * DAY)
    found = log(api, slug, start="2026-06-01T06:00:00Z", end="2026-06-02T12:30:00.000Z")
    assert found == {
        "teamSlug": slug,
        "start": "2026-06-01T06:00:00.000Z",
        "end": "2026-06-02T12:30:00.000Z",
        "results": 2,
        "userLogs": [
            {
                "userId": user,
                "total": duration,
                "adjustedTotal": duration,
                "log": [{"on": on, "off": off, "duration": duration, "escalationPolicy": {"name": "DB", "slug": name}}],
            }
            for user, on, off, duration in (
                ("mira", "2026-06-01T06:00:00.000Z", "2026-06-02T06:00:00.000Z", {"hours": 24, "minutes": 0}),
                ("tomas", "2026-06-02T06:00:00.000Z", "2026-06-02T12:30:00.000Z", {"hours": 6, "minutes": 30}),
            )
        ],
    }


def test_today_is_told_unless_another_range_is_asked_for(api: Speaker, world: World, named: Any) -> None:
    slug, _, _ = named
    world.pass_(DAY + HOUR)
    assert told(api, slug) == {
        "mira": [("06-02T00:00", "06-02T06:00", 6)],
        "tomas": [("06-02T06:00", "06-03T00:00", 18)],
    }
    assert told(api, slug, userName="TOMAS") == {"tomas": [("06-02T06:00", "06-03T00:00", 18)]}
    assert log(api, slug, userName="lead")["results"] == 0


def test_time_in_two_policies_is_adjusted(api: Speaker, world: World, named: Any) -> None:
    slug, _, _ = named
    policy(api, slug, "Mira", (0, [by_name("mira")]))
    world.pass_(DAY)
    [mira] = log(api, slug, start="2026-06-01T01:30:00Z", end="2026-06-01T08:00:00Z", userName="mira")["userLogs"]
    assert (mira["total"], mira["adjustedTotal"]) == ({"hours": 8, "minutes": 30}, {"hours": 6, "minutes": 30})


def test_who_stood_in_has_the_hours(api: Speaker, world: World, named: Any) -> None:
    slug, name, _ = named
    world.pass_(12 * HOUR)
    api.patch(f"{V1}/policies/{name}/oncall/user", {"fromUser": "mira", "toUser": "lead"}).expect(200)
    world.pass_(HOUR)
    api.patch(f"{V1}/policies/{name}/oncall/user", {"fromUser": "lead", "toUser": "mira"}).expect(200)
    world.pass_(DAY)
    assert told(api, slug, **WEEK | {"end": "2026-06-02T06:00:00Z"}) == {
        "lead": [("06-01T12:00", "06-01T13:00", 1)],
        "mira": [("06-01T06:00", "06-01T12:00", 6), ("06-01T13:00", "06-02T06:00", 17)],
        "tomas": [("06-01T00:00", "06-01T06:00", 6)],
    }


def test_the_log_is_of_what_was_not_of_what_is(api: Speaker, world: World, named: Any) -> None:
    """Hours that were served stay served, whatever becomes of the rotation, the policy or the person."""
    slug, name, group = named
    world.pass_(2 * DAY)
    before = told(api, slug, start=WEEK["start"], end="2026-06-03T00:00:00Z")
    where = f"{V1}/teams/{slug}/rotations/{group}"
    [one] = api.get(where).expect(200)["shifts"]
    api.put(f"{where}/{one['rot_id']}", {"usernames": ["lead"]}).expect(200)
    world.pass_(DAY)
    api.delete(f"{V1}/policies/{name}").expect(200)
    api.delete(where).expect(200)
    api.put(f"{V1}/user/mira", {"firstName": "Miriam"}).expect(200)
    world.pass_(DAY)
    assert told(api, slug, start=WEEK["start"], end="2026-06-03T00:00:00Z") == before
    after = told(api, slug, **WEEK)
    assert after.pop("lead") == [("06-03T00:00", "06-04T00:00", 24)]
    assert after == before


def test_an_override_made_afterwards_changes_no_hours(api: Speaker, world: World, named: Any) -> None:
    slug, name, _ = named
    world.pass_(2 * DAY)
    before = told(api, slug, start=WEEK["start"], end="2026-06-03T00:00:00Z")
    asked = {"username": "mira", "start": "2026-06-01T00:00:00Z", "end": "2026-06-05T00:00:00Z", "timezone": "UTC"}
    id = api.post(f"{V1}/overrides", asked).expect(200)["override"]["publicId"]
    api.put(f"{V1}/overrides/{id}/assignments/{name}", {"username": "lead"}).expect(200)
    world.pass_(MINUTE)
    assert told(api, slug, start=WEEK["start"], end="2026-06-03T00:00:00Z") == before
    assert told(api, slug, start="2026-06-03T06:00:00Z", end="2026-06-03T12:00:00Z") == {
        "lead": [("06-03T06:00", "06-03T12:00", 6)]
    }


@pytest.mark.parametrize(
    "query",
    [
        {"start": "soon"},
        {"start": "2026-06-02T00:00:00Z", "end": "2026-06-02T00:00:00Z"},
        {"start": "2024-06-02T00:00:00Z"},
        {"end": "99999-01-01"},
    ],
)
def test_a_range_that_is_none(api: Speaker, named: Any, query: Any) -> None:
    api.get(f"/api-reporting/v1/team/{named[0]}/oncall/log", **query).expect(400)


def test_unknown_names(api: Speaker, named: Any) -> None:
    api.get("/api-reporting/v1/team/none/oncall/log").expect(404)
    api.get(f"/api-reporting/v1/team/{named[0]}/oncall/log", userName="nobody").expect(404)
