"""Rosters and who is on duty by them (reference, part 4)."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialects.opsramp.ramp import Ramp, client_of
from tests.stories.town import layer, person, schedule, step
from tests.stories.world import World
from watchbill.api.opsramp.roster_patterns import recurrence_of, scheduled
from watchbill.domain.civil import DAY, HOUR, instant, instant_of_local
from watchbill.domain.rota import Interval, Layer, Mode, Schedule, Turn, shifts, who

EVENING: dict[str, Any] = {
    "name": "Evening shift",
    "schedule": {
        "type": "recurring",
        "startDate": "2026-06-01T00:00:00+0000",
        "startTime": "16:30:00",
        "endTime": "01:30:10",
        "pattern": {"type": "weekly", "weekDays": "Wednesday,Thursday,Friday", "repeatFrequency": 1},
        "endPattern": {"type": "NEVER"},
    },
    "users": [{"id": "USR0000000001"}],
}
ONCE: dict[str, Any] = {
    "name": "Morning shift",
    "schedule": {
        "type": "one-time",
        "startDate": "2026-06-02T07:05:00+0000",
        "endDate": "2026-06-03T17:30:00+0000",
    },
    "users": [{"id": "USR0000000002"}],
    "userGroups": [{"uniqueId": "USRGRP-ops"}],
}
ROSTER: dict[str, Any] = {
    "name": "SJ Network Support",
    "description": "Team which handles SJ network issues",
    "timeZone": {"name": "Asia/Calcutta"},
    "shiftDetails": [ONCE, EVENING],
}


@pytest.fixture
def desk(world: World, client: Ramp) -> World:
    """Ann and Bob by numbers 1 and 2; Carl is in the group."""
    for number, name in enumerate(("ann", "bob", "carl"), 1):
        world.has(replace(person(name), number=number))
    world.team("ops", "carl")
    return world


def on_duty(world: World, roster: Any, local: str) -> set[str]:
    found = world.organization.schedules[roster["id"].removeprefix("ES-")]
    at = instant_of_local(datetime.fromisoformat(local), found.zone)
    return {name for duty in who(found, at) for name in (*duty.user_ids, *duty.team_ids)}


def made(api: Ramp, **more: Any) -> Any:
    return api.post("rosters", ROSTER | more).expect(200)


def with_pattern(pattern: dict[str, Any], **more: Any) -> list[Any]:
    return [EVENING | {"schedule": EVENING["schedule"] | {"pattern": pattern} | more}]


def test_a_roster_comes_back_as_told(desk: World, client: Ramp) -> None:
    shown = made(client)
    assert shown == client.get(f"rosters/{shown['id']}").expect(200)
    assert shown["id"].startswith("ES-")
    assert {name: shown[name] for name in ("name", "description", "createdTime", "updatedTime")} == {
        "name": "SJ Network Support",
        "description": "Team which handles SJ network issues",
        "createdTime": "2026-06-01T00:00:00+0000",
        "updatedTime": "",
    }
    assert shown["timeZone"] == {"id": "19", "name": "Asia/Calcutta", "label": "GMT +05:30 India", "code": "IST"}
    assert shown["client"] == {"id": 2, "uniqueId": "client_2", "name": "Client", "activated": True}
    assert "allClients" not in shown
    once, evening = shown["shiftDetails"]
    assert (once["name"], once["schedule"]) == (ONCE["name"], ONCE["schedule"])
    assert (evening["name"], evening["schedule"]) == (EVENING["name"], EVENING["schedule"])
    assert once["id"].startswith("ESD-")
    assert [user["loginName"] for user in once["users"]] == ["bob"]
    assert [group["uniqueId"] for group in once["userGroups"]] == ["USRGRP-ops"]


def test_everybody_on_shift_is_paged(desk: World, client: Ramp) -> None:
    shown = made(client, timeZone={"name": "GMT"})
    desk.policy("all", step(schedule(shown["id"].removeprefix("ES-"))))
    desk.key("all", "all", default=True)
    desk.pass_(DAY + 12 * HOUR)
    desk.alert(None, "tuesday noon")
    for name in ("bob", "carl"):
        desk.phone(name).expects("tuesday noon")
    desk.pass_(DAY + 5 * HOUR)
    desk.alert(None, "wednesday evening")
    for name in ("ann", "bob", "carl"):
        desk.phone(name).expects("wednesday evening")


@pytest.mark.parametrize(
    ("local", "expected"),
    [
        ("2026-06-03T16:29:59", {"bob", "ops"}),
        ("2026-06-03T16:30:00", {"ann", "bob", "ops"}),
        ("2026-06-03T23:00:00", {"ann"}),
        ("2026-06-04T00:45:00", {"ann"}),
        ("2026-06-04T01:30:10", set()),
        ("2026-06-06T01:00:00", {"ann"}),
        ("2026-06-10T01:00:00", set()),
    ],
)
def test_who_is_on_duty(desk: World, client: Ramp, local: str, expected: set[str]) -> None:
    assert on_duty(desk, made(client), local) == expected


def test_shifts_each_week_are_windows_that_every_api_knows(desk: World, client: Ramp) -> None:
    shown = made(client)
    once, evening = desk.organization.schedules[shown["id"].removeprefix("ES-")].layers
    assert len(evening.restrictions) == 3
    assert evening.recurrence is None
    assert once.end is not None


@pytest.mark.parametrize(
    ("pattern", "days"),
    [
        ({"type": "daily", "repeatFrequency": 3}, [1, 4, 7, 10, 13]),
        ({"type": "weekly", "weekDays": "Monday,Sunday", "repeatFrequency": 2}, [1, 7, 15, 21, 29]),
        ({"type": "weekly", "weekDays": "wed"}, [3, 10, 17, 24]),
        ({"type": "monthly", "repeatType": "DAY_OF_MONTH", "dayOfMonth": 31, "repeatFrequency": 1}, [30]),
        ({"type": "monthly", "repeatType": "DAY_OF_WEEK", "weekIndex": "Last", "dayOfWeek": "Friday"}, [26]),
        ({"type": "monthly", "repeatType": "DAY_OF_WEEK", "weekIndex": "Second", "dayOfWeek": "Monday"}, [8]),
        ({"type": "yearly", "repeatFrequency": 1}, [1]),
    ],
)
def test_patterns(desk: World, client: Ramp, pattern: dict[str, Any], days: list[int]) -> None:
    shown = made(client, shiftDetails=with_pattern(pattern))
    assert shown["shiftDetails"][0]["schedule"]["pattern"] == pattern
    evenings = [day for day in range(1, 31) if on_duty(desk, shown, f"2026-06-{day:02}T17:00:00")]
    assert evenings == days if pattern["type"] != "daily" else evenings[:5] == days


@pytest.mark.parametrize(
    ("end", "days"),
    [
        ({"type": "NEVER"}, [3, 4, 5, 10, 11, 12]),
        ({"type": "OCCURRENCES", "OCCURRENCES": 4}, [3, 4, 5, 10]),
        ({"type": "OCCURRENCES", "occurrences": "2"}, [3, 4]),
        ({"type": "DATE", "DATE": "2026-06-04T00:00:00+0000"}, [3, 4]),
        ({"type": "DATE", "date": "2026-06-10T00:00:00+0000"}, [3, 4, 5, 10]),
    ],
)
def test_ends(desk: World, client: Ramp, end: dict[str, Any], days: list[int]) -> None:
    shown = made(client, shiftDetails=with_pattern(EVENING["schedule"]["pattern"], endPattern=end))
    assert shown["shiftDetails"][0]["schedule"]["endPattern"] == end
    assert [day for day in range(1, 13) if on_duty(desk, shown, f"2026-06-{day:02}T17:00:00")] == days


def test_a_whole_day(desk: World, client: Ramp) -> None:
    times = {"startTime": "08:00:00", "endTime": "08:00:00"}
    shown = made(client, shiftDetails=with_pattern({"type": "daily", "repeatFrequency": 1}, **times))
    assert not on_duty(desk, shown, "2026-06-01T07:59:59")
    assert all(on_duty(desk, shown, f"2026-06-{day:02}T{hour:02}:00:00") for day in (2, 9) for hour in range(24))


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": None}, "name"),
        ({"timeZone": None}, "timeZone"),
        ({"timeZone": {"name": "Mars"}}, "timeZone"),
        ({"shiftDetails": []}, "shiftDetails"),
        ({"shiftDetails": None}, "shiftDetails"),
        ({"shiftDetails": [5]}, "shiftDetails[0]"),
        ({"shiftDetails": [EVENING | {"name": ""}]}, "shiftDetails[0].name"),
        ({"shiftDetails": [EVENING, EVENING | {"schedule": None}]}, "shiftDetails[1].schedule"),
        ({"shiftDetails": [EVENING | {"users": [{"id": "USR0000000099"}]}]}, "shiftDetails[0].users[0].id"),
        ({"shiftDetails": [EVENING | {"userGroups": [{}]}]}, "shiftDetails[0].userGroups[0].uniqueId"),
        ({"shiftDetails": [EVENING | {"schedule": {"type": "sometimes"}}]}, "shiftDetails[0].type"),
        ({"shiftDetails": [EVENING | {"schedule": {}}]}, "shiftDetails[0].type"),
        ({"shiftDetails": [ONCE | {"schedule": ONCE["schedule"] | {"endDate": "x"}}]}, "shiftDetails[0].endDate"),
        (
            {"shiftDetails": [ONCE | {"schedule": ONCE["schedule"] | {"endDate": "2020-01-01T00:00:00Z"}}]},
            "shiftDetails[0].endDate",
        ),
    ],
)
def test_what_is_refused_is_named(desk: World, client: Ramp, change: dict[str, Any], field: str) -> None:
    assert client.post("rosters", ROSTER | change).expect(400)["fieldName"] == field
    assert not desk.organization.schedules


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"startDate": None}, "startDate"),
        ({"startDate": "1969-06-01T00:00:00Z"}, "layers[0].recurrence.first"),
        ({"startTime": "25:00:00"}, "startTime"),
        ({"startTime": "noon"}, "startTime"),
        ({"endTime": None}, "endTime"),
        ({"pattern": None}, "pattern"),
        ({"pattern": {"type": "hourly"}}, "type"),
        ({"pattern": {}}, "pattern.type"),
        ({"pattern": {"type": "daily", "repeatFrequency": 11}}, "repeatFrequency"),
        ({"pattern": {"type": "daily", "repeatFrequency": 0}}, "repeatFrequency"),
        ({"pattern": {"type": "weekly"}}, "weekDays"),
        ({"pattern": {"type": "weekly", "weekDays": "Monday,Someday"}}, "pattern.weekDays"),
        ({"pattern": {"type": "monthly", "dayOfMonth": 32}}, "dayOfMonth"),
        ({"pattern": {"type": "monthly", "repeatType": "DAY_OF_WEEK", "dayOfWeek": "Monday"}}, "pattern.weekIndex"),
        ({"endPattern": {"type": "OCCURRENCES"}}, "endPattern"),
        ({"endPattern": {"type": "DATE"}}, "endPattern"),
        ({"endPattern": {"type": "DATE", "DATE": "soon"}}, "endPattern"),
        ({"endPattern": {"type": "SOMETIME"}}, "type"),
    ],
)
def test_times_that_are_none(desk: World, client: Ramp, change: dict[str, Any], field: str) -> None:
    shifts = [
        EVENING | {"schedule": EVENING["schedule"] | {"pattern": {"type": "daily", "repeatFrequency": 2}} | change}
    ]
    answer = client.post("rosters", ROSTER | {"shiftDetails": shifts}).expect(400)
    first = answer[0] if isinstance(answer, list) else answer
    assert first["fieldName"] in (f"shiftDetails[0].{field}", field)


# --- Changing


def test_a_roster_sent_back_as_it_was_shown_is_as_it_was(desk: World, client: Ramp) -> None:
    shown = made(client)
    before = desk.organization.schedules[shown["id"].removeprefix("ES-")]
    desk.pass_(HOUR)
    after = client.post(f"rosters/{shown['id']}", shown).expect(200)
    assert after == shown | {"updatedTime": "2026-06-01T01:00:00+0000"}
    assert desk.organization.schedules[before.id].layers == before.layers


def test_shifts_are_kept_by_id_and_replaced_without(desk: World, client: Ramp) -> None:
    shown = made(client)
    once, evening = shown["shiftDetails"]
    changed = evening | {"name": "Night", "users": [{"id": "USR0000000002"}]}
    after = client.post(f"rosters/{shown['id']}", ROSTER | {"shiftDetails": [changed, ONCE]}).expect(200)
    assert [one["name"] for one in after["shiftDetails"]] == ["Night", "Morning shift"]
    assert after["shiftDetails"][0]["id"] == evening["id"]
    assert after["shiftDetails"][1]["id"] != once["id"]
    assert on_duty(desk, after, "2026-06-11T17:00:00") == {"bob"}


def test_in_another_zone_the_shifts_keep_their_times(desk: World, client: Ramp) -> None:
    shown = made(client)
    after = client.post(f"rosters/{shown['id']}", shown | {"timeZone": {"code": "EST"}}).expect(200)
    assert after["timeZone"]["name"] == "America/New_York"
    assert after["shiftDetails"] == shown["shiftDetails"]
    assert on_duty(desk, after, "2026-06-11T16:30:00") == {"ann"}
    assert on_duty(desk, after, "2026-06-11T16:29:59") == set()


def test_a_name_is_one_rosters(desk: World, client: Ramp) -> None:
    made(client)
    assert client.post("rosters", ROSTER).expect(400)["fieldName"] == "name"
    other = made(client, name="Other")
    client.post(f"rosters/{other['id']}", ROSTER).expect(400)


def test_gone_is_gone(desk: World, client: Ramp) -> None:
    shown = made(client)
    desk.policy("all", step(schedule(shown["id"].removeprefix("ES-"))))
    answer = client.delete(f"rosters/{shown['id']}")
    assert (answer.status, answer.body) == (200, b"")
    assert desk.organization.policies["all"].steps[0].targets == ()
    for answer in (client.get(f"rosters/{shown['id']}"), client.delete(f"rosters/{shown['id']}")):
        assert answer.expect(404)["code"] == "0005"
    client.post(f"rosters/{shown['id']}", ROSTER).expect(404)


# --- Made elsewhere


def test_a_schedule_made_elsewhere_is_shown_and_survives(desk: World, client: Ramp) -> None:
    desk.schedule("primary", layer("ann", "bob", days=7), zone="Europe/Paris")
    before = replace(
        desk.organization.schedules["primary"], settings={"victorops": {"color": "red"}}, team_ids=("ops",)
    )
    desk.has(before)
    shown = client.get("rosters/ES-primary").expect(200)
    assert shown["timeZone"]["name"] == "Europe/Paris"
    assert [user["loginName"] for user in shown["shiftDetails"][0]["users"]] == ["ann", "bob"]
    client.post("rosters/ES-primary", shown | {"name": "Renamed"}).expect(200)
    after = desk.organization.schedules["primary"]
    assert (after.name, after.layers, after.mode, after.team_ids) == ("Renamed", before.layers, Mode.OVERLAY, ("ops",))
    assert after.settings["victorops"] == {"color": "red"}


def test_a_shift_changed_elsewhere_is_shown_as_it_is(desk: World, client: Ramp) -> None:
    shown = made(client)
    found = desk.organization.schedules[shown["id"].removeprefix("ES-")]
    evening = replace(found.layers[1], restrictions=found.layers[1].restrictions[:1])
    desk.has(replace(found, layers=(found.layers[0], evening)))
    times = client.get(f"rosters/{shown['id']}").expect(200)["shiftDetails"][1]["schedule"]
    assert times["pattern"] == {"type": "weekly", "weekDays": "Wednesday", "repeatFrequency": 1}
    assert (times["startTime"], times["endTime"]) == ("16:30:00", "01:30:10")


# --- Lists and tenants


def test_search(desk: World, client: Ramp) -> None:
    for number in range(3):
        desk.pass_(HOUR)
        made(client, name=f"Roster {number}")
    rows = client.get("rosters/search").expect(200)
    assert [row["name"] for row in rows["results"]] == ["Roster 2", "Roster 1", "Roster 0"]
    assert rows["orderBy"] == "id"
    assert all("shiftDetails" not in row for row in rows["results"])
    for query in ({"queryString": "name:Roster 1+allList:true"}, {"name": "Roster 1"}):
        assert [row["name"] for row in client.get("rosters/search", **query).expect(200)["results"]] == ["Roster 1"]
    assert client.get("rosters/search", name="Roster").expect(200)["results"] == []


def test_a_partner_has_rosters_of_its_own_and_sees_its_clients(desk: World, client: Ramp, partner: Ramp) -> None:
    shown = made(client)
    own = partner.post("rosters", ROSTER | {"shiftDetails": [EVENING | {"users": []}]}).expect(200)
    assert own["allClients"] is True
    assert "client" not in own
    assert [row["id"] for row in partner.get("rosters/search").expect(200)["results"]] == [own["id"]]
    found = partner.get("rosters/search", queryString="allList:true").expect(200)["results"]
    assert {row["id"] for row in found} == {own["id"], shown["id"]}
    assert client.get("rosters/search", allList="true").expect(200)["totalResults"] == 1
    other = client_of(desk, "Other")
    stranger = Ramp(desk, f"client_{other}", other)
    stranger.get(f"rosters/{shown['id']}").expect(404)
    partner.get(f"rosters/{shown['id']}").expect(404)


# --- What the times make is what the pattern says


@settings(max_examples=100)
@given(
    st.sampled_from(["daily", "weekly"]),
    st.sets(st.sampled_from(["Monday", "Tuesday", "Saturday", "Sunday"]), min_size=1),
    st.tuples(
        st.sampled_from(["00:00:00", "01:30:00", "16:30:00"]), st.sampled_from(["00:00:00", "01:30:00", "17:00:00"])
    ),
    st.sampled_from(["Asia/Calcutta", "Europe/Paris", "America/New_York", "Australia/Lord_Howe"]),
    st.sampled_from(
        [{"type": "NEVER"}, {"type": "OCCURRENCES", "OCCURRENCES": 9}, {"type": "DATE", "DATE": "2026-04-09Z"}]
    ),
    st.integers(0, 6),
)
def test_windows_are_what_the_recurrence_says(
    kind: str, days: set[str], times: tuple[str, str], zone: str, end: dict[str, Any], day: int
) -> None:
    told = {
        "type": "recurring",
        "startDate": f"2026-03-{20 + day}T00:00:00+0000",
        "startTime": times[0],
        "endTime": times[1],
        "pattern": {"type": kind, "weekDays": ",".join(sorted(days)), "repeatFrequency": 1},
        "endPattern": end,
    }
    blank = Layer("l", "L", 0, 0, Interval(1), (Turn(("ann",)),))
    windows = scheduled(blank, told, zone)
    assert windows.recurrence is None
    recurring = replace(blank, recurrence=recurrence_of(told, zone))
    start = instant(datetime(2026, 3, 18, tzinfo=UTC))
    end_at = start + 60 * DAY
    found = [
        [(one.start, min(one.end, end_at)) for one in shifts(Schedule("s", 1, "s", "S", zone, (made,)), start, end_at)]
        for made in (windows, recurring)
    ]
    assert joined(found[0]) == joined(found[1])


def joined(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Shifts that touch, as one: windows of whole days have no border between them."""
    whole: list[tuple[int, int]] = []
    for start, end in spans:
        if whole and whole[-1][1] >= start:
            whole[-1] = (whole[-1][0], max(end, whole[-1][1]))
        else:
            whole.append((start, end))
    return whole
