"""Whatever is sent to rotations, policies, keys, overrides is answered, and never with a fault of ours."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.dialects.speaking import Speaker, victorops_keys
from tests.dialects.victorops.rotas import V1, mask, on_duty, policy, rotation, shift, team
from tests.stories.world import World
from watchbill.api.victorops import (
    calendars,
    oncall,
    oncall_log,
    oncall_schedules,
    overrides,
    policies,
    rotation_shifts,
    rotations,
    routing_keys,
    takes,
)
from watchbill.api.victorops.routes import DIALECT

MODULES = (
    calendars,
    oncall,
    oncall_log,
    oncall_schedules,
    overrides,
    policies,
    rotation_shifts,
    rotations,
    routing_keys,
    takes,
)
ROUTES = [route for module in MODULES for route in module.ROUTES]
NASTY = [
    b"",
    b"{}",
    b"null",
    b"[]",
    b"{",
    b"\xff\xfe",
    b"\x00",
    b'"\\ud800"',
    b"[" * 5000,
    b'{"label": "\\u0000", "name": "\\u0000", "username": "\\u0000", "routingKey": "\\u0000", "fromUser": "\\u0000"}',
    b'{"start": ' + b"9" * 5000 + b', "duration": ' + b"9" * 5000 + b', "position": ' + b"9" * 5000 + b"}",
    b'{"start": 1e400, "end": NaN, "username": "mira"}',
]
WORDS = st.sampled_from(
    ["mira", "tomas", "std", "pho", "cstm", "UTC", "user", "team_page", "", " ", "\0", "\ud800", "x" * 5000]
)
NUMBERS = st.sampled_from([0, -1, 7, 2**31, 2**63, 10**30, 1.5, 1e300])
DATES = st.sampled_from(
    ["2026-06-02T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1970-01-01", 1_780_376_400_000]
)
LEAVES = st.none() | st.booleans() | NUMBERS | WORDS | DATES
ENTRY = st.fixed_dictionaries(
    {},
    optional={
        "executionType": WORDS | st.just("rotation_group"),
        "user": LEAVES | st.fixed_dictionaries({"username": LEAVES}),
        "rotationGroup": LEAVES | st.fixed_dictionaries({"slug": LEAVES}),
        "team": LEAVES | st.fixed_dictionaries({"slug": LEAVES}),
    },
)
SHIFT = st.fixed_dictionaries(
    {},
    optional={
        "label": LEAVES,
        "timezone": LEAVES,
        "start": LEAVES,
        "duration": LEAVES,
        "shifttype": WORDS,
        "mask": LEAVES | st.just(mask("m", "23:00", "1:00")),
        "mask2": LEAVES,
        "usernames": LEAVES | st.lists(WORDS, max_size=3),
        "shiftMembers": st.lists(LEAVES | st.just({"username": "mira"}), max_size=2),
    },
)
BODIES = SHIFT | st.fixed_dictionaries(
    {},
    optional={
        "label": LEAVES,
        "shifts": LEAVES | st.lists(SHIFT, max_size=2),
        "name": LEAVES,
        "teamSlug": LEAVES,
        "steps": LEAVES
        | st.lists(st.fixed_dictionaries({"timeout": LEAVES, "entries": st.lists(ENTRY, max_size=2)}), max_size=2),
        "routingKey": LEAVES,
        "targets": LEAVES | st.lists(LEAVES, max_size=2),
        "username": LEAVES,
        "position": LEAVES,
        "memberSlug": LEAVES,
        "replacement": LEAVES,
        "start": LEAVES,
        "end": LEAVES,
        "timezone": LEAVES,
        "fromUser": LEAVES,
        "toUser": LEAVES,
    },
)


def places(api: Speaker) -> dict[str, str]:
    """What stands for each parameter of an address."""
    slug = team(api, "Database", "mira", "tomas")
    made = rotation(api, slug, "DB", shift("mira", "tomas"))
    name = policy(api, slug, "DB", (0, [on_duty(made["slug"])]))
    api.post(f"{V1}/org/routing-keys", {"routingKey": "db", "targets": [name]}).expect(200)
    asked = {"username": "mira", "start": "2026-06-02T00:00:00Z", "end": "2026-06-03T00:00:00Z"}
    return {
        "team": slug,
        "user": "mira",
        "group": str(made["id"]),
        "shift": str(made["shifts"][0]["rot_id"]),
        "policy": name,
        "key": "db",
        "id": api.post(f"{V1}/overrides", asked).expect(200)["override"]["publicId"],
        "org": "acme",
        "token": "x.ics",
    }


def fine(answer: Any) -> None:
    assert answer.status < 500, answer.body
    if answer.status >= 400:
        assert isinstance(answer.json["error"], str)


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{route.method} {route.path}")
def test_bytes_that_mean_nothing(api: Speaker, world: World, route: Any) -> None:
    named = places(api)
    for body in NASTY:
        before = world.organization.version
        answer = api.ask(route.method, route.path.format(**named), body)
        fine(answer)
        assert answer.status < 400 or world.organization.version == before


@given(body=BODIES, pick=st.sampled_from([route for route in ROUTES if route.method != "GET"]))
@settings(max_examples=60, suppress_health_check=list(HealthCheck))
def test_bodies_that_mean_a_little(body: Any, pick: Any) -> None:
    world = World()
    try:
        from_keys(world, pick, body)
    finally:
        world.close()


def from_keys(world: World, route: Any, body: Any) -> None:
    api = Speaker(world, DIALECT, victorops_keys(world))
    fine(api.ask(route.method, route.path.format(**places(api)), json.dumps(body)))
    for path in (f"{V1}/policies", f"{V1}/oncall/current", f"{V1}/overrides", f"{V1}/org/routing-keys"):
        api.get(path).expect(200)
    slug = next(iter(world.organization.teams.values())).slug
    for path in (f"{V1}/teams/{slug}/rotations", f"/api-public/v2/team/{slug}/rotations"):
        api.get(path).expect(200)
    for version in ("v1", "v2"):
        api.get(f"/api-public/{version}/team/{slug}/oncall/schedule").expect(200)


@pytest.mark.parametrize(
    "value", ["", "x", "-1", "1e9", "9" * 400, "\0", "é", "2026-06-02", "9999-12-31T23:59:59Z", "0001-01-01"]
)
def test_queries_that_mean_nothing(api: Speaker, value: str) -> None:
    named = places(api)
    for route in ROUTES:
        if route.method == "GET":
            for name in ("start", "end", "userName", "daysForward", "daysSkip", "step", "skip", "count", "rotation"):
                fine(api.get(route.path.format(**named), **{name: value}))


@pytest.mark.parametrize("name", ["%00", "%ff", "..", "%2F", "x" * 3000, "9" * 3000, "%F0%9F%98%80", "+"])
def test_names_that_nothing_has(api: Speaker, name: str) -> None:
    named = places(api)
    for route in ROUTES:
        for place in named:
            if f"{{{place}}}" in route.path:
                answer = api.ask(route.method, route.path.format(**named | {place: name}), {})
                assert answer.status in (400, 401, 404, 405), (route.path, answer.status)
