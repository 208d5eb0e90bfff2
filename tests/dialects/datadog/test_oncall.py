"""Who is on call, in a schedule and in a team (reference, parts 4.3 and 4.6)."""

from typing import Any

import pytest
from datadog_api_client.v2.model.schedule_on_call_responders import ScheduleOnCallResponders
from datadog_api_client.v2.model.shift import Shift as ShiftModel
from datadog_api_client.v2.model.team_on_call_responders import TeamOnCallResponders

from tests.dialects.datadog.models import parsed
from tests.dialects.datadog.oncall import (
    ANN,
    BEGIN,
    BOB,
    CYD,
    DB,
    ON_CALL,
    POLICIES,
    SCHEDULES,
    WEB,
    details,
    found,
    layer,
    made,
    policy,
    rules,
    schedule,
    staffed,
    step,
    target,
    uuid,
)
from tests.stories.town import user as user_target
from tests.stories.world import BEGINNING, World
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND
from watchbill.domain.plans import EscalationPolicy, Step
from watchbill.domain.record import replace
from watchbill.domain.rota import Mode, Turn

NOON = "2026-06-01T12:00:00Z"


def on_call(api: Any, id: str, **query: str) -> Any:
    return api.get(f"{SCHEDULES}/{id}/on-call", **query).expect(200)


def responders(api: Any, id: str, **query: str) -> Any:
    return api.get(f"{SCHEDULES}/{id}/responders", **query).expect(200)


# --- GetScheduleOnCallUser


def test_the_shift_of_who_is_on_call(world: World) -> None:
    api = staffed(world)
    begin = "2026-05-31T22:00:00.341-05:00"
    id = made(
        api, SCHEDULES, schedule(layer(ANN, BOB, effective_date=BEGIN, rotation_start=begin), zone="America/Lima")
    )
    body = on_call(api, id, **{"filter[at_ts]": "2026-06-01T14:00:00+02:00", "include": "user"})
    parsed(ShiftModel, body)
    start, end = "2026-05-31T22:00:00-05:00", "2026-06-01T22:00:00-05:00"
    assert body["data"] == {
        "id": f"{ANN}-{start}-{end}",
        "type": "shifts",
        "attributes": {"start": start, "end": end},
        "relationships": {"user": {"data": {"id": ANN, "type": "users"}}},
    }
    assert [one["id"] for one in body["included"]] == [ANN]
    world.pass_(30 * HOUR)
    later = on_call(api, id)
    assert later["data"]["relationships"]["user"]["data"]["id"] == BOB
    assert "included" not in later


def test_nobody_on_call_is_null(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(None)))
    assert on_call(api, id) == {"data": None}
    body = on_call(api, id, include="user")
    assert body == {"data": None, "included": []}
    parsed(ShiftModel, body)
    assert on_call(api, made(api, SCHEDULES, schedule())) == {"data": None}


@pytest.mark.parametrize("at", ["now", "2026-13-01T00:00:00Z", "12", ""])
def test_an_instant_that_is_none(world: World, at: str) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN)))
    for path in ("on-call", "responders"):
        answer = api.get(f"{SCHEDULES}/{id}/{path}", **{"filter[at_ts]": at}).expect(400)
        assert "filter[at_ts]" in details(answer)[0]


@pytest.mark.parametrize("at", ["1970-01-01T00:00:00Z", "9999-12-30T00:00:00Z"])
def test_instants_far_away(world: World, at: str) -> None:
    api = staffed(world)
    wide = layer(ANN, effective_date="1970-01-01T00:00:00Z", rotation_start=BEGIN, interval={"days": 400})
    id = made(api, SCHEDULES, schedule(wide, zone="Pacific/Kiritimati"))
    asked = {"filter[at_ts]": at, "filter[position]": "previous,current,next", "include": "responders.shifts"}
    assert on_call(api, id, **asked)["data"] is not None
    responders(api, id, **asked)


def test_schedules_that_are_not_there(world: World) -> None:
    api = staffed(world)
    for path in ("on-call", "responders"):
        api.get(f"{SCHEDULES}/{uuid(99)}/{path}").expect(404)
        api.get(f"{SCHEDULES}/x/{path}").expect(400)


# --- GetScheduleOnCallResponders


def test_positions_with_their_shifts(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN, BOB, CYD)))
    asked = {
        "filter[at_ts]": "2026-06-03T12:00:00.803561233Z",
        "filter[position]": "next,previous,current,next",
        "include": "schedule,responders.shifts.user",
    }
    body = responders(api, id, **asked)
    parsed(ScheduleOnCallResponders, body)
    second = (BEGINNING + 2 * DAY + 12 * HOUR) // SECOND
    assert body["data"]["id"] == f"{id}-{second}"
    assert body["data"]["attributes"] == {"scheduled_at": "2026-06-03T12:00:00.803561000Z"}
    assert body["data"]["relationships"]["schedule"]["data"] == {"id": id, "type": "schedules"}
    groups = found(body, "schedule_oncall_responder")
    assert [one["id"] for one in groups] == [f"{id}-{second}-{at}" for at in ("previous", "current", "next")]
    assert [one["attributes"]["position"] for one in groups] == ["previous", "current", "next"]
    shifts = {one["id"]: one for one in found(body, "shifts")}
    people = [
        shifts[link["id"]]["relationships"]["user"]["data"]["id"]
        for one in groups
        for link in one["relationships"]["shifts"]["data"]
    ]
    assert people == [BOB, CYD, ANN]
    assert {one["id"] for one in found(body, "users")} == {ANN, BOB, CYD}
    assert [one["id"] for one in found(body, "schedules")] == [id]


def test_the_present_is_the_default_and_positions_without_anybody_are_left_out(world: World) -> None:
    api = staffed(world)
    end = "2026-06-02T00:00:00Z"
    id = made(api, SCHEDULES, schedule(layer(ANN, end_date=end)))
    body = responders(api, id, include="responders")
    assert [one["attributes"]["position"] for one in body["included"]] == ["current"]
    everything = responders(api, id, **{"filter[position]": "previous,current,next"})
    assert len(everything["data"]["relationships"]["responders"]["data"]) == 1
    assert "included" not in everything
    after = responders(
        api, id, **{"filter[position]": "previous,current,next", "filter[at_ts]": end, "include": "responders"}
    )
    assert [one["attributes"]["position"] for one in after["included"]] == ["previous"]
    parsed(ScheduleOnCallResponders, after)


def test_a_position_that_is_none(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN)))
    answer = api.get(f"{SCHEDULES}/{id}/responders", **{"filter[position]": "current,later"}).expect(400)
    assert "later" in details(answer)[0]


def test_several_people_on_call_have_a_shift_each(world: World) -> None:
    """As schedules made elsewhere have them: several in a turn, whole teams, layers that all count."""
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN), layer(CYD, name="2")))
    stored = world.organization.schedules[id]
    layers = (replace(stored.layers[0], turns=(Turn((), (WEB,)),)), stored.layers[1])
    world.has(replace(stored, layers=layers, mode=Mode.UNION))
    body = responders(api, id, include="responders.shifts")
    people = [one["relationships"]["user"]["data"]["id"] for one in found(body, "shifts")]
    assert people == [ANN, BOB, CYD]
    assert on_call(api, id)["data"]["relationships"]["user"]["data"]["id"] == ANN


def test_overrides_made_elsewhere_count(world: World) -> None:
    api = staffed(world)
    id = made(api, SCHEDULES, schedule(layer(ANN)))
    world.override(CYD, ANN, start=0, end=2 * HOUR, schedule_id=id)
    body = on_call(api, id)
    assert body["data"]["relationships"]["user"]["data"]["id"] == CYD
    assert body["data"]["attributes"]["end"] == "2026-06-01T02:00:00+00:00"


# --- GetTeamOnCallUsers

EVERYTHING = "?include=responders,escalations.responders"


def routed(api: Any, team: str, policy_id: str) -> None:
    api.put(f"{ON_CALL}/teams/{team}/routing-rules", rules(team, {"policy_id": policy_id, "urgency": "high"})).expect(
        200
    )


def test_the_recorded_example(world: World) -> None:
    """Step 1: a team without members, a schedule twice, the user; step 2: a round robin over the empty team."""
    api = staffed(world)
    rota = made(api, SCHEDULES, schedule(layer(ANN)))
    empty = target(DB, "teams")
    first = step(empty, target(rota, "schedules"), target(rota, "schedules", "previous"), ANN)
    routed(api, WEB, made(api, POLICIES, policy(first, step(empty, assignment="round-robin"))))
    body = api.get(f"{ON_CALL}/teams/{WEB}/on-call{EVERYTHING}").expect(200)
    parsed(TeamOnCallResponders, body)
    assert body["data"] == {
        "id": f"{WEB}-{world.now // SECOND}",
        "type": "team_oncall_responders",
        "relationships": {"escalations": {"data": []}, "responders": {"data": [{"id": ANN, "type": "users"}]}},
    }
    assert [one["id"] for one in body["included"]] == [ANN]


def test_later_steps_that_reach_anybody_are_escalations(world: World) -> None:
    api = staffed(world)
    routed(api, WEB, made(api, POLICIES, policy(step(ANN), step(target(DB, "teams")), step(BOB, CYD), step(ANN))))
    body = api.get(f"{ON_CALL}/teams/{WEB}/on-call{EVERYTHING}").expect(200)
    parsed(TeamOnCallResponders, body)
    steps = found(body, "escalation_policy_steps")
    assert [one["id"] for one in body["data"]["relationships"]["escalations"]["data"]] == [one["id"] for one in steps]
    people = [[link["id"] for link in one["relationships"]["responders"]["data"]] for one in steps]
    assert people == [[BOB, CYD], [ANN]]
    assert [one["id"] for one in found(body, "users")] == [ANN, BOB, CYD]
    assert "included" not in api.get(f"{ON_CALL}/teams/{WEB}/on-call").expect(200)


def test_the_last_rule_decides(world: World) -> None:
    api = staffed(world)
    first, last = (made(api, POLICIES, policy(step(one))) for one in (ANN, BOB))
    asked = rules(WEB, {"query": "tags.a:b", "policy_id": first}, {"policy_id": last})
    api.put(f"{ON_CALL}/teams/{WEB}/routing-rules", asked).expect(200)
    body = api.get(f"{ON_CALL}/teams/{WEB}/on-call").expect(200)
    assert [one["id"] for one in body["data"]["relationships"]["responders"]["data"]] == [BOB]


def test_disabled_people_are_not_on_call(world: World) -> None:
    api = staffed(world)
    routed(api, WEB, made(api, POLICIES, policy(step(target(WEB, "teams")))))
    world.has(replace(world.organization.users[ANN], active=False))
    body = api.get(f"{ON_CALL}/teams/{WEB}/on-call").expect(200)
    assert [one["id"] for one in body["data"]["relationships"]["responders"]["data"]] == [BOB]


def test_teams_without_rules(world: World) -> None:
    api = staffed(world)
    api.get(f"{ON_CALL}/teams/{WEB}/on-call").expect(404)
    api.get(f"{ON_CALL}/teams/{uuid(99)}/on-call").expect(404)
    api.get(f"{ON_CALL}/teams/x/on-call").expect(400)
    own = EscalationPolicy(uuid(70), 9, "own", "Own", (Step(uuid(71), (user_target(CYD),), wait=MINUTE),), team_id=WEB)
    world.has(own)
    body = api.get(f"{ON_CALL}/teams/{WEB}/on-call").expect(200)
    assert [one["id"] for one in body["data"]["relationships"]["responders"]["data"]] == [CYD]
