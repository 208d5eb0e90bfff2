"""Scheduled overrides and who gives cover (reference, parts 2.7 and 4.10)."""

import re
from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.rotas import V1, by_name, mask, on_duty, policy, rotation, shift, team
from tests.dialects.victorops.test_oncall import current
from tests.stories.world import BEGINNING, World
from watchbill.domain.civil import DAY, HOUR
from watchbill.domain.rota import Override

OVERRIDES = f"{V1}/overrides"
ASKED = {
    "username": "mira",
    "timezone": "Europe/Prague",
    "start": "2026-06-02T04:00:00Z",
    "end": "2026-06-05T04:00:00Z",
}


@pytest.fixture
def named(api: Speaker) -> tuple[str, str, str]:
    """A team, the policy that pages its weekly rotation, and the one that names Mira."""
    slug = team(api, "Database", "mira", "tomas")
    group = rotation(api, slug, "DB weekly", shift("mira", "tomas"))["slug"]
    direct = policy(api, slug, "Direct", (0, [by_name("mira")]), (5, [by_name("tomas")]))
    return slug, policy(api, slug, "DB", (0, [on_duty(group)]), (5, [by_name("tomas")])), direct


def ask(api: Speaker, **more: Any) -> Any:
    return api.post(OVERRIDES, ASKED | more).expect(200)["override"]


def test_cover_is_asked_for_in_every_policy_by_which_somebody_is_on_call(api: Speaker, named: Any) -> None:
    slug, weekly, direct = named
    answer = api.post(OVERRIDES, ASKED).expect(200)
    asked = answer["override"]
    assert answer == {"override": asked, "schedule": asked, "_selfUrl": f"{OVERRIDES}/{asked['publicId']}"}
    assert re.fullmatch(r"ovrprd-[0-9A-Za-z]{16}", asked["publicId"])
    own = f"{OVERRIDES}/{asked['publicId']}"
    assert asked == {
        "publicId": asked["publicId"],
        "user": {"username": "mira", "firstName": "Mira", "lastName": "Example"},
        "timezone": "Europe/Prague",
        "start": "2026-06-02T04:00:00Z",
        "end": "2026-06-05T04:00:00Z",
        "assignments": [
            {"_selfUrl": f"{own}/assignments/{name}", "team": slug, "policy": name, "assigned": False}
            for name in (direct, weekly)
        ],
    }
    assert api.get(own).expect(200) == {"override": asked, "_selfUrl": own}
    assert api.get(OVERRIDES).expect(200) == {"overrides": [asked], "_selfUrl": OVERRIDES}
    assert api.get(f"{own}/assignments").expect(200) == asked["assignments"]
    assert api.get(f"{own}/assignments/{direct}").expect(200) == asked["assignments"][0]


def test_who_is_on_call_later_is_not_asked_for(api: Speaker, named: Any) -> None:
    _, weekly, _ = named
    assert [one["policy"] for one in ask(api, username="tomas")["assignments"]] == []
    long = ask(api, username="tomas", end="2026-07-01T00:00:00Z")
    assert [one["policy"] for one in long["assignments"]] == [weekly]
    nobody = ask(api, username="admin")
    assert nobody["assignments"] == []
    assert api.get(f"{OVERRIDES}/{nobody['publicId']}").expect(200)["override"] == nobody


def test_hours_of_a_shift_decide(api: Speaker) -> None:
    slug = team(api, "Office", "ann")
    works = shift("ann", shifttype="pho", mask=mask("m", "9:00", "17:00"), timezone="UTC")
    policy(api, slug, "Office", (0, [on_duty(rotation(api, slug, "Office", works)["slug"])]))
    assert ask(api, username="ann")["assignments"] == []
    assert len(ask(api, username="ann", start="2026-06-08T12:00:00Z", end="2026-06-08T13:00:00Z")["assignments"]) == 1
    assert len(ask(api, username="ann", end="2030-01-01T00:00:00Z")["assignments"]) == 1


def test_a_cover_is_assigned_and_taken_off_again(api: Speaker, world: World, named: Any) -> None:
    slug, weekly, _ = named
    id = ask(api)["publicId"]
    where = f"{OVERRIDES}/{id}/assignments/{weekly}"
    body = {"policy": weekly, "username": "Tomas", "acceptOverlap": True}
    assert api.put(where, body).expect(200) == {
        "_selfUrl": where,
        "team": slug,
        "policy": weekly,
        "assigned": True,
        "user": "tomas",
    }
    world.pass_(DAY + 5 * HOUR)
    assert current(api)["Database"] == {"Direct": ["mira"], "DB": ["tomas"]}
    assert api.delete(where, {}).expect(200) == {"_selfUrl": where, "team": slug, "policy": weekly, "assigned": False}
    assert current(api)["Database"] == {"Direct": ["mira"], "DB": ["mira"]}
    api.put(where, {"username": "tomas"}).expect(200)
    world.pass_(3 * DAY)
    assert current(api)["Database"] == {"Direct": ["mira"], "DB": ["mira"]}


def test_what_is_assigned_last_counts(api: Speaker, world: World, named: Any) -> None:
    _, weekly, _ = named
    team(api, "Other", "cy")
    first, second = ask(api)["publicId"], ask(api)["publicId"]
    for id, cover in ((second, "tomas"), (first, "cy")):
        api.put(f"{OVERRIDES}/{id}/assignments/{weekly}", {"username": cover}).expect(200)
        world.pass_(1)
    world.pass_(2 * DAY)
    assert current(api)["Database"]["DB"] == ["cy"]
    api.put(f"{OVERRIDES}/{second}/assignments/{weekly}", {"username": "mira"}).expect(200)
    assert current(api)["Database"]["DB"] == ["mira"]


def test_an_override_is_deleted(api: Speaker, world: World, named: Any) -> None:
    asked = ask(api)
    where = f"{OVERRIDES}/{asked['publicId']}"
    assert api.delete(where, {}).expect(200) == {"override": asked, "_selfUrl": where}
    api.get(where).expect(404)
    assert api.get(OVERRIDES).expect(200)["overrides"] == []
    assert not world.organization.overrides


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"username": "nobody"}, 404),
        ({"username": None}, 400),
        ({"timezone": "Mars"}, 400),
        ({"start": None}, 400),
        ({"start": "soon"}, 400),
        ({"start": 10**40}, 400),
        ({"start": 1e300}, 400),
        ({"start": True}, 400),
        ({"end": "2026-06-02T04:00:00Z"}, 400),
        ({"end": "2020-01-01T00:00:00Z"}, 400),
        ({"start": "0001-01-01T00:00:00Z"}, 400),
    ],
)
def test_what_is_no_override(api: Speaker, named: Any, change: Any, status: int) -> None:
    assert "error" in api.post(OVERRIDES, ASKED | change).expect(status)
    assert api.get(OVERRIDES).expect(200)["overrides"] == []


def test_unknown_things(api: Speaker, named: Any) -> None:
    _, weekly, _ = named
    id = ask(api)["publicId"]
    for path in ("ovrprd-none", f"{id}/assignments/pol-none", "ovrprd-none/assignments"):
        api.get(f"{OVERRIDES}/{path}").expect(404)
    api.put(f"{OVERRIDES}/{id}/assignments/{weekly}", {}).expect(400)
    api.put(f"{OVERRIDES}/{id}/assignments/{weekly}", {"username": "nobody"}).expect(404)


def test_times_in_many_forms(api: Speaker, named: Any) -> None:
    for start in (1_780_376_400_000, "2026-06-02T07:00:00+02:00", "2026-06-02T05:00:00.250", "1780376400000"):
        assert ask(api, start=start)["start"] == "2026-06-02T05:00:00Z"


def test_overrides_made_elsewhere_are_shown_and_deleted_but_not_changed(api: Speaker, world: World, named: Any) -> None:
    _, weekly, direct = named
    org = world.organization
    [rota] = org.schedules
    mira, tomas = (org.users_by_name[name].id for name in ("mira", "tomas"))
    span = (BEGINNING, BEGINNING + DAY, BEGINNING)
    world.has(
        Override("in-rota", *span, mira, tomas, rota),
        Override("everywhere", *span, mira, tomas),
        Override("anybody", *span, None, tomas, rota),
        Override("taken", *span, mira, tomas, taken=True),
    )
    found = api.get(OVERRIDES).expect(200)["overrides"]
    assert [[one["policy"] for one in each["assignments"]] for each in found] == [[weekly], [direct, weekly]]
    assert {one["user"] for each in found for one in each["assignments"]} == {"tomas"}
    assert found[0]["timezone"] == "UTC"
    where = f"{OVERRIDES}/{found[0]['publicId']}"
    assert "made elsewhere" in api.put(f"{where}/assignments/{weekly}", {"username": "mira"}).expect(409)["error"]
    api.delete(where).expect(200)
    assert set(world.organization.overrides) == {"everywhere", "anybody", "taken"}


def test_a_read_only_key_may_only_read(api: Speaker, named: Any) -> None:
    api.ask("POST", OVERRIDES, ASKED, x_vo_api_key="reads-only").expect(403)
    api.ask("GET", OVERRIDES, x_vo_api_key="reads-only").expect(200)
