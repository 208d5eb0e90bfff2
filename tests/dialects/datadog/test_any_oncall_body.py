"""Any body at all: a clear refusal in the dialect's shape, or a whole change; never a fault, never half of one."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.dialects.datadog.oncall import (
    ANN,
    DB,
    ON_CALL,
    PAGES,
    POLICIES,
    SCHEDULES,
    WEB,
    layer,
    made,
    page,
    policy,
    rules,
    schedule,
    staffed,
    step,
    target,
    weekly,
)
from tests.dialects.speaking import Answer, Speaker
from tests.stories.world import World

JUNK: list[Any] = [
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    0.5,
    "",
    " ",
    "x" * 20_000,
    "a\nb",
    "\x7f",
    "é\u202e",
    "../../etc/passwd",
    "9999-12-31T23:59:59Z",
    "0001-01-01T00:00:00Z",
    "00000000-0000-0000-0000-000000000000",
    [],
    [[]],
    [None],
    {},
    {"": None},
    {"id": {}},
]
BYTES = [
    b"",
    b" ",
    b"{",
    b"null",
    b"[]",
    b'"x"',
    b"\xff\xfe",
    b'{"data":',
    b'{"data":null}',
    b'{"data":[]}',
    b'{"data":{"type":"\xff"}}',
    b'{"data":{"type":"\\ud800"}}',
    b"[" * 100_000,
    b'{"data":' * 20_000,
    b'{"data":NaN}',
]


def _bodies(api: Speaker) -> list[tuple[str, str, Any]]:
    """A whole body for each operation that writes."""
    whole = layer(
        ANN,
        None,
        end_date="2027-01-01T00:00:00Z",
        time_zone="Asia/Tokyo",
        restrictions=[weekly("monday", "09:00:00", "friday", "17:00:00")],
    )
    rota = made(api, SCHEDULES, schedule(whole, teams=[WEB]))
    steps = step(target(rota, "schedules", "next"), ANN, assignment="round-robin")
    p = made(api, POLICIES, policy(steps, teams=[WEB], retries=1, resolve_page_on_policy_end=True))
    hours = {"time_zone": "UTC", "restrictions": [weekly("monday", "09:00:00", "monday", "17:00:00")]}
    action = {
        "type": "escalation_policy",
        "policy_id": p,
        "urgency": "low",
        "ack_timeout_minutes": 30,
        "support_hours": hours,
    }
    told = [
        {"type": "send_slack_message", "workspace": "w", "channel": "c"},
        {"type": "send_teams_message", "tenant": "t", "team": "t", "channel": "c"},
    ]
    reroute = {"type": "reroute_to_team", "destination_team_id": DB}
    each: list[dict[str, Any]] = [
        {"query": "tags.a:b", "time_restriction": hours, "policy_id": p, "urgency": "high"},
        {"query": "tags.a:c", "actions": [reroute, *told]},
        {"actions": [action, {"type": "workflow", "handle": "h"}]},
    ]
    return [
        ("POST", SCHEDULES, schedule(whole, teams=[WEB])),
        ("PUT", f"{SCHEDULES}/{rota}", schedule(whole, teams=[WEB], id=rota)),
        ("POST", POLICIES, policy(steps, teams=[WEB], retries=1)),
        ("PUT", f"{POLICIES}/{p}", policy(steps, teams=[WEB], retries=1, resolve_page_on_policy_end=True)),
        ("PUT", f"{ON_CALL}/teams/{WEB}/routing-rules", rules(WEB, *each)),
        ("POST", PAGES, page("disk", description="d", tags=["a:b"], team_id=WEB)),
    ]


def _spoilt(value: Any) -> Iterator[Any]:
    """The value with one part of it, however deep, replaced by junk."""
    yield from JUNK
    if isinstance(value, dict):
        for name, inner in value.items():
            yield {other: one for other, one in value.items() if other != name}
            yield from ({**value, name: bad} for bad in _spoilt(inner))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from ([*value[:place], bad, *value[place + 1 :]] for bad in _spoilt(inner))


@pytest.mark.parametrize("which", range(6))
def test_a_body_with_one_part_spoilt(world: World, which: int) -> None:
    api = staffed(world)
    world.running = False
    method, path, whole = _bodies(api)[which]
    for number, body in enumerate(_spoilt(whole)):
        if number % 3 == which % 3:
            _sound(world, api.ask(method, path, body), body)


@pytest.mark.parametrize("which", range(6))
def test_bodies_that_are_no_document(world: World, which: int) -> None:
    api = staffed(world)
    method, path, _ = _bodies(api)[which]
    version = world.organization.version
    for sent in BYTES:
        answer = api.ask(method, path, sent)
        assert answer.status == 400, (sent[:40], answer.status)
        assert answer.json["errors"]
    assert world.organization.version == version


def _sound(world: World, answer: Answer, body: Any) -> None:
    assert answer.status in (200, 201, 400, 404), (answer.status, body)
    if answer.status >= 400:
        assert all(one["detail"] for one in answer.json["errors"]), body
    else:
        json.loads(answer.body)
