"""Rotations of a team (reference, part 2.16)."""

import re
from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.rotas import V1, V2, by_name, mask, on_duty, policy, rotation, shift, team
from tests.stories.town import layer, person
from tests.stories.world import BEGINNING, World
from watchbill.domain.civil import DAY, HOUR, WEEK, Window
from watchbill.domain.people import Member, Team
from watchbill.domain.rota import Counting, Interval, Layer, Mode, Override, Schedule, Turn
from watchbill.domain.routes import RoutingKey


def shifts(api: Speaker, slug: str, number: int = 0) -> Any:
    return api.get(f"{V2}/team/{slug}/rotations").expect(200)["rotations"][number]["shifts"]


def place(slug: str, group: Any, number: int = 0) -> str:
    return f"{V1}/teams/{slug}/rotations/{group['id']}/{group['shifts'][number]['rot_id']}"


def test_a_rotation_is_made_and_listed(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "mira", "tomas")
    made = rotation(api, slug, "DB weekly", shift("mira", "tomas"))
    assert (made["label"], made["teamslug"], made["orgslug"]) == ("DB weekly", slug, "acme")
    [entry] = api.get(f"{V1}/teams/{slug}/rotations").expect(200)["rotationGroups"]
    assert entry == {"teamSlug": slug, "slug": made["slug"], "label": "DB weekly", "groupId": made["id"]}
    assert re.fullmatch(r"rtg-[0-9A-Za-z]{16}", entry["slug"])
    assert api.get(f"{V1}/teams/{slug}/rotations/{made['id']}").expect(200) == made
    schedule = world.organization.schedules[next(iter(world.organization.schedules))]
    assert (schedule.mode, schedule.zone) == (Mode.UNION, "America/Denver")


def test_the_newer_list_tells_everything(api: Speaker, world: World) -> None:
    """Which names and forms the migrator reads: `%Y-%m-%dT%H:%M:%SZ`, and who is on duty from when until when."""
    slug = team(api, "Database", "mira", "tomas")
    rotation(api, slug, "DB weekly", shift("mira", "tomas"))
    world.pass_(DAY)
    [one] = api.get(f"{V2}/team/{slug}/rotations").expect(200)["rotations"]
    assert (one["label"], one["totalMembersInRotation"]) == ("DB weekly", 2)
    [week] = one["shifts"]
    mira, tomas = week["shiftMembers"]
    assert (mira["username"], tomas["username"]) == ("mira", "tomas")
    assert re.fullmatch(r"rtm-[0-9A-Za-z]{20}", mira["slug"])
    current = {
        "start": "2026-06-01T15:00:00Z",
        "end": "2026-06-08T15:00:00Z",
        "username": "mira",
        "isRoll": True,
        "memberSlug": mira["slug"],
    }
    following = current | {
        "start": "2026-06-08T15:00:00Z",
        "end": "2026-06-15T15:00:00Z",
        "username": "tomas",
        "memberSlug": tomas["slug"],
    }
    assert week == {
        "shiftId": week["shiftId"],
        "label": "all day",
        "timezone": "America/Denver",
        "start": "2026-06-01T15:00:00Z",
        "duration": 7,
        "shifttype": "std",
        "mask": mask(),
        "periods": [current, following, week["periods"][2]],
        "current": current,
        "next": following,
        "shiftMembers": [mira, tomas],
    }


def test_a_shift_tells_the_same_in_milliseconds(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "mira")
    made = rotation(api, slug, "DB", shift("mira", start=1_780_326_000_000))
    world.pass_(DAY)
    one = api.get(place(slug, made)).expect(200)
    assert one["start"] == 1_780_326_000_000 == one["current"]["start"]
    assert (one["oncall"], one["usernames"], one["group_id"]) == ("mira", ["mira"], made["id"])
    assert (one["org_slug"], one["team_slug"]) == ("acme", slug)


def test_nobody_on_duty_is_left_out(api: Speaker) -> None:
    slug = team(api, "Database", "mira")
    made = rotation(api, slug, "DB", shift(shifttype="pho", mask=mask("m", "9:00", "17:00")))
    one = api.get(place(slug, made)).expect(200)
    assert not {"oncall", "current", "next", "mask2"} & set(one)
    assert one["shiftMembers"] == one["periods"] == []
    assert api.get(f"{place(slug, made)}/scheduled").expect(200) == {}


def test_parts_of_days_are_handed_over_after_working_days(api: Speaker, world: World) -> None:
    """Reference, part 4.9: days without a shift don't count, weeks do."""
    slug = team(api, "Web", "ann", "bob")
    office = {"shifttype": "pho", "timezone": "UTC", "start": "2026-06-01T09:00:00Z"}
    hours = mask("m t w th f", "9:00", "17:00")
    made = rotation(
        api, slug, "Office", shift("ann", "bob", **office, mask=hours, duration=3), shift("bob", **office, mask=hours)
    )
    days = [(one["start"][8:10], one["username"], one["isRoll"]) for one in shifts(api, slug)[0]["periods"]]
    assert days[:6] == [
        ("01", "ann", True),
        ("02", "ann", False),
        ("03", "ann", False),
        ("04", "bob", True),
        ("05", "bob", False),
        ("08", "bob", False),
    ]
    [schedule] = world.organization.schedules.values()
    assert [one.interval for one in schedule.layers] == [Interval(3, counting=Counting.SHIFTS), Interval(7)]
    assert made["shifts"][0]["shifttype"] == "pho"


def test_several_days_have_three_masks(api: Speaker) -> None:
    slug = team(api, "Web", "ann")
    masks = {"mask": mask("w", "17:00"), "mask2": mask("th f"), "mask3": mask("sa", "0:00", "9:00")}
    rotation(api, slug, "Weekend", shift("ann", shifttype="cstm", timezone="UTC", **masks))
    [one] = shifts(api, slug)
    assert {name: one[name] for name in masks} == masks
    assert [(each["start"], each["end"]) for each in one["periods"]][:1] == [
        ("2026-06-03T17:00:00Z", "2026-06-06T09:00:00Z")
    ]


@pytest.mark.parametrize("kind", ["fts", "cstm"])
def test_the_type_comes_back_as_it_was_told(api: Speaker, kind: str) -> None:
    slug = team(api, "Web", "ann")
    masks = {"mask": mask("sa", "12:00"), "mask2": mask(""), "mask3": mask("su", "0:00", "9:00")}
    told = masks if kind == "cstm" else {"mask": mask("m", "8:00", "16:00")}
    made = rotation(api, slug, "Sun", shift("ann", shifttype=kind, **told))
    one = api.get(place(slug, made)).expect(200)
    assert one["shifttype"] == kind
    assert {name: one[name] for name in told} == told
    assert api.put(place(slug, made), {"shifttype": "pho", "mask": mask("m")}).expect(200)["shifttype"] == "pho"


def test_a_rotation_is_renamed_and_deleted(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "mira")
    made = rotation(api, slug, "DB", shift("mira"))
    where = f"{V1}/teams/{slug}/rotations/{made['id']}"
    assert api.put(where, {"label": "Data"}).expect(200)["label"] == "Data"
    assert api.get(f"{V1}/teams/{slug}/rotations/{made['slug']}").expect(200)["label"] == "Data"
    world.has(
        Override("o", BEGINNING, BEGINNING + DAY, BEGINNING, None, None, next(iter(world.organization.schedules)))
    )
    api.delete(where, {}).expect(200)
    api.get(where).expect(404)
    assert not world.organization.schedules
    assert not world.organization.overrides


def test_a_rotation_that_is_used_stays(api: Speaker) -> None:
    slug = team(api, "Database", "mira")
    made = rotation(api, slug, "DB", shift("mira"))
    policy(api, slug, "DB primary", (0, [on_duty(made["slug"])]))
    refused = api.delete(f"{V1}/teams/{slug}/rotations/{made['id']}").expect(409)
    assert refused == {"error": "DB is used by the escalation policy DB primary; take it out there first"}


def test_shifts_come_and_go(api: Speaker) -> None:
    slug = team(api, "Database", "mira", "tomas")
    made = rotation(api, slug, "DB")
    assert made["shifts"] == []
    added = api.post(f"{V1}/teams/{slug}/rotations/{made['id']}", shift("mira")).expect(200)
    where = f"{V1}/teams/{slug}/rotations/{made['id']}/{added['rot_id']}"
    changed = api.put(where, {"label": "days", "duration": 14, "usernames": ["tomas"]}).expect(200)
    assert (changed["label"], changed["duration"], changed["usernames"]) == ("days", 14, ["tomas"])
    assert changed["start"] == added["start"]
    kept = api.put(where, shift(start="2026-06-02T15:00:00.000Z", usernames=None)).expect(200)
    assert (kept["usernames"], kept["start"], kept["duration"]) == (["tomas"], 1_780_412_400_000, 7)
    api.delete(where).expect(200)
    api.get(where).expect(404)


def test_members_keep_their_slugs_and_who_is_on_duty_stays(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "ann", "bob", "cy")
    made = rotation(api, slug, "DB", shift("ann", "bob"))
    where = place(slug, made)
    world.pass_(WEEK + DAY)
    assert api.get(where).expect(200)["oncall"] == "bob"
    then = api.get(where).expect(200)
    before = then["shiftMembers"]
    after = api.post(f"{where}/members", {"username": "cy"}).expect(200)
    assert after["usernames"] == ["ann", "bob", "cy"]
    assert after["shiftMembers"][:2] == before
    assert (after["oncall"], after["next"]["username"]) == ("bob", "cy")
    assert after["current"] == then["current"]
    moved = api.put(f"{where}/members", {"username": "cy", "position": 0}).expect(200)
    assert (moved["usernames"], moved["oncall"], moved["next"]["username"]) == (["cy", "ann", "bob"], "bob", "cy")
    again = api.post(f"{where}/members", {"username": "ann", "position": 3}).expect(200)
    assert again["usernames"] == ["cy", "ann", "bob", "ann"]
    second = again["shiftMembers"][3]["slug"]
    assert second != again["shiftMembers"][1]["slug"]
    one = api.delete(f"{where}/members", {"username": "ann", "memberSlug": second}).expect(200)
    assert (one["usernames"], one["oncall"]) == (["cy", "ann", "bob"], "bob")
    replaced = api.delete(f"{where}/members", {"username": "bob", "replacement": "ann"}).expect(200)
    assert (replaced["usernames"], replaced["oncall"]) == (["cy", "ann", "ann"], "ann")
    left = api.delete(f"{where}/members", {"username": "ann"}).expect(200)
    assert (left["usernames"], left["oncall"]) == (["cy"], "cy")
    api.delete(f"{where}/members", {"username": "cy"}).expect(200)
    assert "oncall" not in api.get(where).expect(200)


def test_who_is_scheduled_now(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "ann", "bob")
    made = rotation(api, slug, "DB", shift("ann", "bob"))
    where = f"{place(slug, made)}/scheduled"
    assert api.get(where).expect(200)["username"] == "bob"
    world.pass_(DAY)
    ann = api.get(where).expect(200)
    assert ann == {
        "username": "ann",
        "firstName": "Ann",
        "lastName": "Example",
        "displayName": "Ann Example",
        "version": ann["version"],
        "verified": False,
    }
    assert api.put(where, {"username": "bob"}).expect(200)["username"] == "bob"
    assert api.get(where).expect(200)["username"] == "bob"
    world.pass_(WEEK)
    assert api.get(where).expect(200)["username"] == "ann"


@pytest.mark.parametrize(
    "change",
    [
        {"label": None},
        {"shifts": "x"},
        {"shifts": [shift("ann", start=None)]},
        {"shifts": [shift("ann", start="")]},
        {"shifts": [shift("ann", duration=None)]},
        {"shifts": [shift("ann", duration=0)]},
        {"shifts": [shift("ann", duration=10**30)]},
        {"shifts": [shift("ann", timezone="Mars/Base")]},
        {"shifts": [shift("ann", shifttype="x")]},
        {"shifts": [shift("nobody")]},
        {"shifts": [shift("outsider")]},
        {"shifts": [shift("ann", shifttype="pho", mask=None)]},
        {"shifts": [shift("ann", label="x" * 300)]},
    ],
)
def test_what_is_no_rotation(api: Speaker, world: World, change: Any) -> None:
    slug = team(api, "Database", "ann")
    team(api, "Other", "outsider")
    body = {"label": "DB", "shifts": [shift("ann")]} | change
    assert "error" in api.post(f"{V1}/teams/{slug}/rotations", body).expect(400)
    assert not world.organization.schedules


def test_a_date_that_is_none_is_told_in_words_that_clients_try_again_for(api: Speaker) -> None:
    slug = team(api, "Database", "ann")
    refused = api.post(f"{V1}/teams/{slug}/rotations", {"label": "DB", "shifts": [shift("ann", start="soon")]})
    assert "error.expected.jodadate.format" in refused.expect(400)["error"]


def test_unknown_things(api: Speaker) -> None:
    slug = team(api, "Database", "ann")
    made = rotation(api, slug, "DB", shift("ann"))
    assert api.get(f"{V1}/teams/none/rotations").expect(404) == {"error": "No team 'none' found"}
    for path in ("999", f"{made['id']}/999", f"{made['id']}/999/members", "%00"):
        assert api.get(f"{V1}/teams/{slug}/rotations/{path}").status in (404, 405)
    other = team(api, "Other")
    api.get(f"{V1}/teams/{other}/rotations/{made['id']}").expect(404)
    for body in ({"username": "bob"}, {}, {"memberSlug": "rtm-none"}, {"username": "ann", "position": -1}):
        api.put(f"{place(slug, made)}/members", {"position": 0} | body).expect(400)


# --- Made elsewhere


def elsewhere(world: World) -> Schedule:
    """An overlay, as Datadog has it: two on call together, a team, hours of half a day, a night of its own."""
    for name in ("ann", "bob", "cy"):
        world.has(person(name))
    world.has(Team("ops", 1, "team-ops", "Ops", members=(Member("ann"), Member("bob"), Member("cy"))))
    turns = (Turn(("ann", "bob")), Turn((), ("ops",)))
    pair = Layer("pair", "Pair", BEGINNING, BEGINNING, Interval(0, 12 * 3600), turns)
    night = layer("cy", id="night", start=BEGINNING, restrictions=(Window(0, 72_000, 1, 14_400),))
    schedule = Schedule(
        "s", 7, "primary", "Primary", "UTC", (pair, night), team_ids=("ops",), settings={"datadog": {"tags": ["a"]}}
    )
    world.has(schedule)
    return schedule


def test_a_schedule_made_elsewhere_is_shown_as_well_as_can_be(api: Speaker, world: World) -> None:
    elsewhere(world)
    [one] = api.get(f"{V2}/team/team-ops/rotations").expect(200)["rotations"]
    pair, night = one["shifts"]
    assert (one["groupId"], one["totalMembersInRotation"]) == (7, 3)
    assert (pair["duration"], pair["timezone"]) == (1, "UTC")
    assert [member["username"] for member in pair["shiftMembers"]] == ["ann", "bob"]
    assert pair["current"]["username"] == "ann"
    assert night["shifttype"] == "pho"
    assert night["mask"] == mask("m", "20:00", "4:00")
    assert pair["periods"][1]["end"] == "2026-06-01T20:00:00Z"  # there the night's layer wins


def test_a_write_keeps_what_this_dialect_can_not_say(api: Speaker, world: World) -> None:
    before = elsewhere(world)
    where = f"{V1}/teams/team-ops/rotations/7"
    api.put(where, {"label": "Second"}).expect(200)
    pair, night = api.get(where).expect(200)["shifts"]
    api.put(f"{where}/{pair['rot_id']}", pair).expect(200)
    api.put(f"{where}/{night['rot_id']}", night | {"label": "nights"}).expect(200)
    after = world.organization.schedules["s"]
    assert after.layers[0] == before.layers[0]
    assert after.layers[1].restrictions == before.layers[1].restrictions
    assert (after.name, after.layers[1].name) == ("Second", "nights")
    assert (after.mode, after.settings) == (before.mode, before.settings)
    refused = api.put(f"{where}/{pair['rot_id']}", pair | {"usernames": ["bob", "ann"]}).expect(400)
    assert "made elsewhere" in refused["error"]
    api.put(f"{where}/{pair['rot_id']}/members", {"username": "bob", "position": 0}).expect(400)
    assert "the last one counts" in api.post(where, shift("ann")).expect(409)["error"]
    api.post(f"{where}/{pair['rot_id']}/members", {"username": "cy"}).expect(200)
    api.delete(f"{where}/{pair['rot_id']}/members", {"username": "bob"}).expect(200)
    turns = world.organization.schedules["s"].layers[0].turns
    assert turns == (Turn(("ann",)), Turn((), ("ops",)), Turn(("cy",)))


def test_the_list_can_be_taken_in_parts(api: Speaker) -> None:
    slug = team(api, "Database", "ann")
    for label in "abc":
        rotation(api, slug, label)
    found = api.get(f"{V1}/teams/{slug}/rotations", skip=1, count=1).expect(200)["rotationGroups"]
    assert [one["label"] for one in found] == ["b"]
    api.get(f"{V1}/teams/{slug}/rotations", skip="x").expect(400)


def test_a_page_finds_who_a_rotation_made_here_puts_on_call(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "mira", "tomas")
    made = rotation(api, slug, "DB", shift("mira", "tomas"))
    name = policy(api, slug, "DB", (0, [on_duty(made["slug"])]), (5, [by_name("tomas")]))
    org = world.organization
    id = next(one.id for one in org.policies.values() if one.slug == name)
    world.has(RoutingKey("key", 1, "db", (), is_default=True))
    api.put(f"{V1}/org/routing-keys/db", {"targets": [name]}).expect(200)
    assert world.organization.routing_keys["key"].starts[0].policy_id == id
    world.pass_(16 * HOUR)
    world.alert("db", "disk")
    world.tells("disk", "mira", "on call by layer all day of DB")


def test_somebody_is_on_duty_before_the_first_handoff(api: Speaker, world: World) -> None:
    """`start` is a handoff, not the beginning of duty (reference, part 4.9): who comes before hands over."""
    world.pass_(DAY)
    slug = team(api, "Database", "mira", "tomas")
    made = rotation(api, slug, "DB weekly", shift("mira", "tomas", start="2026-06-08T15:00:00Z"))
    name = policy(api, slug, "DB", (0, [on_duty(made["slug"])]))
    late = api.post(
        f"{V1}/teams/{slug}/rotations/{made['id']}", shift("mira", label="late", start="2026-06-08T15:00:00Z")
    )
    assert late.expect(200)["oncall"] == "mira"
    weeks = shifts(api, slug)[0]
    assert weeks["start"] == "2026-06-08T15:00:00Z"
    assert (weeks["current"]["username"], weeks["next"]["username"]) == ("tomas", "mira")
    assert weeks["current"]["end"] == weeks["next"]["start"] == "2026-06-08T15:00:00Z"
    world.pass_(HOUR)
    api.post(f"{V1}/org/routing-keys", {"routingKey": "db", "targets": [name]}).expect(200)
    world.alert("db", "disk")
    assert api.get(f"{V1}/incidents/1").expect(200)["pagedUsers"] == ["tomas", "mira"]
