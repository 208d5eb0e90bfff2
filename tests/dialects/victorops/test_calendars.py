"""Calendars to subscribe to (reference, part 4.15)."""

from typing import Any

import pytest
from icalendar import Calendar

from tests.dialects.speaking import URL, Answer, Speaker
from tests.dialects.victorops.rotas import V1, by_name, on_duty, policy, rotation, shift, team
from tests.stories.world import World
from watchbill.domain.civil import DAY, HOUR


@pytest.fixture
def named(api: Speaker) -> tuple[str, str]:
    """A team, and its policy: a weekly rotation, then the lead's rotation."""
    slug = team(api, "Database", "mira", "tomas", "lead")
    group = rotation(api, slug, "DB weekly", shift("mira", "tomas"))["slug"]
    second = rotation(api, slug, "Batphone", shift("lead", label="", duration=14))["slug"]
    return slug, policy(api, slug, "DB", (0, [on_duty(group)]), (5, [on_duty(second), by_name("mira")]))


def address(api: Speaker, path: str) -> str:
    url: str = api.get(f"{V1}/{path}/oncall/calendar").expect(200)["url"]
    assert url.startswith(f"{URL}/api/v1/org/acme/{path}/calendar/")
    assert url.endswith(".ics")
    return url.removeprefix(URL)


def fetch(api: Speaker, path: str, query: str = "", **headers: str) -> Answer:
    """Without a key."""
    keys, api.headers = api.headers, {}
    try:
        return api.ask("GET", f"{path}{query}", None, None, **headers)
    finally:
        api.headers = keys


def events(api: Speaker, path: str, query: str = "") -> list[Any]:
    answer = fetch(api, path, query)
    assert answer.status == 200, answer.body
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return list(Calendar.from_ical(answer.body).walk("VEVENT"))


def told(found: list[Any], most: int = 3) -> list[str]:
    return [f"{one.DTSTART:%m-%d %H:%M} {one.DTEND:%m-%d %H:%M} {one['SUMMARY']}" for one in found[:most]]


def test_a_teams_calendar(api: Speaker, named: Any) -> None:
    slug, _ = named
    found = events(api, address(api, f"team/{slug}"))
    assert told(found, 5) == [
        "06-01 00:00 06-01 15:00 tomas-Database: DB weekly, all day",
        "06-01 00:00 06-01 15:00 lead-Database: Batphone (Escalation)",
        "06-01 15:00 06-08 15:00 mira-Database: DB weekly, all day",
        "06-01 15:00 06-15 15:00 lead-Database: Batphone (Escalation)",
        "06-08 15:00 06-15 15:00 tomas-Database: DB weekly, all day",
    ]
    assert found[0]["DESCRIPTION"] == "Escalation policy DB, step 1"
    assert found[0]["TRANSP"] == "TRANSPARENT"
    assert all(one.DTSTART.utcoffset().total_seconds() == 0 for one in found)


def test_somebodys_calendar_has_their_shifts_only(api: Speaker, named: Any) -> None:
    team(api, "Web", "mira")
    found = events(api, address(api, "user/mira"))
    assert {str(one["SUMMARY"]) for one in found} == {"mira-Database: DB weekly, all day"}
    assert events(api, address(api, "user/admin")) == []


def test_shifts_stay_at_their_hour_through_changes_of_the_clocks(api: Speaker, world: World, named: Any) -> None:
    """15:00 UTC is 9:00 in Denver in summer; from 1 November it is 16:00."""
    world.pass_(120 * DAY)
    found = events(api, address(api, "user/mira"))
    assert {(one.DTSTART.hour, one.DTSTART.month < 11) for one in found} == {(15, True), (16, False)}


def test_any_change_is_there_at_once(api: Speaker, world: World, named: Any) -> None:
    slug, name = named
    world.pass_(DAY)
    mine, theirs = address(api, "user/mira"), address(api, "user/tomas")
    api.patch(f"{V1}/policies/{name}/oncall/user", {"fromUser": "mira", "toUser": "tomas"}).expect(200)
    assert told(events(api, mine), 1) == ["06-01 15:00 06-02 00:00 mira-Database: DB weekly, all day"]
    assert told(events(api, theirs), 2)[1] == "06-02 00:00 06-08 15:00 tomas-Database: DB weekly, all day"
    direct = policy(api, slug, "Lead", (0, [by_name("lead")]))
    api.patch(f"{V1}/policies/{direct}/oncall/user", {"fromUser": "lead", "toUser": "tomas"}).expect(200)
    assert told(events(api, theirs), 4)[3] == "06-02 00:00 07-02 00:00 tomas-Database: Lead"
    assert not any("Lead" in one for one in told(events(api, address(api, "user/lead")), 99))


def test_rotations_are_chosen(api: Speaker, named: Any) -> None:
    slug, _ = named
    path = address(api, f"team/{slug}")
    groups = {one["label"]: one["slug"] for one in api.get(f"{V1}/teams/{slug}/rotations").json["rotationGroups"]}
    only = events(api, path, f"?rotation={groups['DB weekly']}")
    assert {str(one["SUMMARY"]).partition(": ")[2] for one in only} == {"DB weekly, all day"}
    assert told(events(api, path, "?rotation=batphone"), 2) == [
        "06-01 00:00 06-01 15:00 lead-Database: Batphone (Escalation)",
        "06-01 15:00 06-15 15:00 lead-Database: Batphone (Escalation)",
    ]
    both = events(api, path, "?rotation=batphone&rotation=DB%20weekly&nocache")
    assert len(both) == len(events(api, path)) == len(events(api, path, "?rotation=batphone,db+weekly"))
    assert events(api, path, "?rotation=none") == []


def test_events_keep_their_names_from_day_to_day(api: Speaker, world: World, named: Any) -> None:
    slug, _ = named
    path = address(api, f"team/{slug}")
    before = {str(one["UID"]): str(one["SUMMARY"]) for one in events(api, path)}
    world.pass_(10 * DAY + HOUR)
    after = {str(one["UID"]): str(one["SUMMARY"]) for one in events(api, path)}
    assert before.items() < after.items()


def test_an_unchanged_calendar_is_not_sent_again(api: Speaker, world: World, named: Any) -> None:
    slug, name = named
    path = address(api, f"team/{slug}")
    first = fetch(api, path)
    world.pass_(HOUR)
    again = fetch(api, path, if_none_match=f'"other", W/{first.headers["etag"]}')
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", first.headers["etag"])
    assert fetch(api, path).body == first.body
    assert fetch(api, path, "?rotation=batphone", if_none_match=first.headers["etag"]).status == 200
    api.delete(f"{V1}/policies/{name}").expect(200)
    assert fetch(api, path, if_none_match=first.headers["etag"]).status == 200


def test_an_address_can_be_withdrawn(api: Speaker, world: World, named: Any) -> None:
    slug, _ = named
    for path in (f"team/{slug}", "user/mira"):
        old = address(api, path)
        assert address(api, path) == old
        new = api.delete(f"{V1}/{path}/oncall/calendar").expect(200)["url"].removeprefix(URL)
        assert new != old
        assert fetch(api, old).status == 404
        assert fetch(api, new).status == 200
        assert address(api, path) == new


def test_an_address_opens_nothing_else(api: Speaker, world: World, named: Any) -> None:
    slug, _ = named
    assert fetch(api, f"/api/v1/org/acme/user/mira/calendar/{'a' * 32}.ics").status == 404
    mine, teams = address(api, "user/mira"), address(api, f"team/{slug}")
    token = mine.rpartition("/")[2]
    world.write(lambda tx: tx.create_organization("other", "Other", None, world.now))
    wrong = [
        f"/api/v1/org/acme/user/tomas/calendar/{token}",
        f"/api/v1/org/acme/user/nobody/calendar/{token}",
        f"/api/v1/org/acme/team/{slug}/calendar/{token}",
        f"/api/v1/org/other/user/mira/calendar/{token}",
        f"/api/v1/org/none/user/mira/calendar/{token}",
        f"/api/v1/org/acme/user/mira/calendar/{teams.rpartition('/')[2]}",
        f"/api/v1/org/acme/user/mira/calendar/%ff{token}",
        mine.removesuffix(".ics"),
    ]
    assert {fetch(api, path).status for path in wrong} == {404}


def test_addresses_are_told_to_keys_only(api: Speaker, named: Any) -> None:
    assert fetch(api, f"{V1}/user/mira/oncall/calendar").status == 401
    readonly = {"x_vo_api_key": "reads-only"}
    assert api.ask("GET", f"{V1}/user/mira/oncall/calendar", None, None, **readonly).status == 200
    assert api.ask("DELETE", f"{V1}/user/mira/oncall/calendar", None, None, **readonly).status == 403
    api.get(f"{V1}/user/nobody/oncall/calendar").expect(404)
    api.get(f"{V1}/team/none/oncall/calendar").expect(404)


def test_names_with_signs_of_the_format_are_escaped(api: Speaker) -> None:
    slug = team(api, "A, B; C\\D", "ann")
    group = rotation(api, slug, "x" * 150 + " é,;", shift("ann"))["slug"]
    policy(api, slug, "P", (0, [on_duty(group)]))
    found = events(api, address(api, "user/ann"))
    assert found[0]["SUMMARY"] == f"ann-A, B; C\\D: {'x' * 150} é,;, all day"
