"""Escalation policies (reference, part 4.4)."""

from typing import Any

import pytest
from datadog_api_client.v2.model.escalation_policy import EscalationPolicy as PolicyModel

from tests.dialects.datadog.asking import speaker
from tests.dialects.datadog.models import parsed
from tests.dialects.datadog.oncall import (
    ANN,
    BOB,
    CYD,
    DB,
    NOWHERE,
    POLICIES,
    SCHEDULES,
    WEB,
    details,
    found,
    layer,
    made,
    policy,
    schedule,
    staffed,
    step,
    target,
    uuid,
)
from tests.stories.town import mailbox
from tests.stories.town import user as user_target
from tests.stories.world import World
from watchbill.domain.civil import MINUTE, SECOND
from watchbill.domain.organization import Endpoint
from watchbill.domain.people import Member, Role, Team
from watchbill.domain.plans import (
    Action,
    Assignment,
    AtEnd,
    EscalationPolicy,
    OnEmpty,
    Since,
    Step,
    Target,
    TargetKind,
)
from watchbill.domain.record import replace
from watchbill.domain.rota import Neighbour, Position

ALL = "?include=teams,steps.targets"


def test_the_recorded_example(world: World) -> None:
    api = staffed(world)
    rota = made(api, SCHEDULES, schedule(layer(ANN), name="Team A", zone="America/New_York"))
    first = step(
        ANN,
        target(rota, "schedules"),
        target(rota, "schedules", "previous"),
        target(WEB, "teams"),
        after=3600,
        assignment="default",
    )
    second = step(target(WEB, "teams"), after=600, assignment="round-robin")
    asked = policy(first, second, teams=[WEB], retries=2, resolve_page_on_policy_end=True)
    reply = api.post(POLICIES + "?include=steps.targets", asked)
    body = reply.expect(201)
    parsed(PolicyModel, body)
    assert reply.headers["content-type"] == "application/vnd.api+json"
    data = body["data"]
    assert data["attributes"] == {"name": "P", "resolve_page_on_policy_end": True, "retries": 2, "tags": []}
    assert data["relationships"]["teams"]["data"] == [{"id": WEB, "type": "teams"}]
    kinds = ["steps", "schedule_target", "steps", "users", "schedules", "teams"]
    assert [one["type"] for one in body["included"]] == kinds
    one, other = found(body, "steps")
    assert [link["id"] for link in data["relationships"]["steps"]["data"]] == [one["id"], other["id"]]
    assert one["attributes"] == {"assignment": "default", "escalate_after_seconds": 3600}
    assert one["relationships"]["targets"]["data"] == [
        {"id": ANN, "type": "users"},
        {"id": rota, "type": "schedules"},
        {"id": f"{rota}_previous", "type": "schedule_target"},
        {"id": WEB, "type": "teams"},
    ]
    assert other["attributes"] == {"assignment": "round-robin", "escalate_after_seconds": 600}
    assert found(body, "schedule_target") == [
        {
            "id": f"{rota}_previous",
            "type": "schedule_target",
            "attributes": {"position": "previous"},
            "relationships": {"schedule": {"data": {"id": rota, "type": "schedules"}}},
        }
    ]
    assert found(body, "schedules")[0]["attributes"] == {"name": "Team A", "time_zone": "America/New_York"}
    assert api.get(f"{POLICIES}/{data['id']}?include=steps.targets").expect(200) == body


def test_what_it_is_in_the_core(world: World) -> None:
    api = staffed(world)
    id = made(api, POLICIES, policy(step(ANN, after=60), step(BOB, after=120), retries=1))
    stored = world.organization.policies[id]
    assert [one.wait for one in stored.steps] == [0, 60 * SECOND]
    assert (stored.end_wait, stored.passes, stored.at_end) == (120 * SECOND, 2, AtEnd.KEEP)
    assert (stored.pagings_go_on, stored.on_empty, stored.slug) == (False, OnEmpty.SKIP, "p")


def test_defaults(world: World) -> None:
    api = staffed(world)
    body = api.post(POLICIES + "?include=steps", policy({"targets": [target(ANN)]})).expect(201)
    assert body["data"]["attributes"]["retries"] == 0
    assert body["data"]["attributes"]["resolve_page_on_policy_end"] is False
    assert body["data"]["relationships"]["teams"] == {"data": []}
    assert body["included"][0]["attributes"] == {"assignment": "default", "escalate_after_seconds": 300}


def test_the_position_current_is_a_plain_schedule(world: World) -> None:
    api = staffed(world)
    rota = made(api, SCHEDULES, schedule(layer(ANN)))
    positions = [target(rota, "schedules", position) for position in ("previous", "current", "next")]
    body = api.post(POLICIES + ALL, policy(step(*positions))).expect(201)
    links = found(body, "steps")[0]["relationships"]["targets"]["data"]
    assert [one["id"] for one in links] == [f"{rota}_previous", rota, f"{rota}_next"]
    assert [one["type"] for one in links] == ["schedule_target", "schedules", "schedule_target"]
    assert len(found(body, "schedules")) == 1


def test_a_put_replaces_everything_and_keeps_the_ids_of_steps(world: World) -> None:
    api = staffed(world)
    body = api.post(
        POLICIES + ALL, policy(step(ANN), step(BOB), teams=[NOWHERE, WEB], retries=3, resolve_page_on_policy_end=True)
    ).expect(201)
    id = body["data"]["id"]
    assert [one["id"] for one in body["data"]["relationships"]["teams"]["data"]] == [NOWHERE, WEB]
    assert [one["id"] for one in found(body, "teams")] == [WEB]
    first, second = (one["id"] for one in found(body, "steps"))
    asked = policy(step(BOB, id=second, after=90), step(CYD), name="Q")
    asked["data"]["id"] = id
    after = api.put(f"{POLICIES}/{id}{ALL}", asked).expect(200)
    ids = [one["id"] for one in found(after, "steps")]
    assert ids[0] == second
    assert ids[1] not in (first, second)
    assert after["data"]["attributes"] == {"name": "Q", "resolve_page_on_policy_end": False, "retries": 0, "tags": []}
    assert after["data"]["relationships"]["teams"] == {"data": []}
    assert found(after, "steps")[0]["attributes"]["escalate_after_seconds"] == 90


def test_a_deleted_policy_is_gone(world: World) -> None:
    api = staffed(world)
    id = made(api, POLICIES, policy(step(ANN)))
    assert api.delete(f"{POLICIES}/{id}").status == 204
    assert details(api.get(f"{POLICIES}/{id}").expect(404)) == ["escalation policy not found"]
    api.delete(f"{POLICIES}/{id}").expect(404)
    api.put(f"{POLICIES}/{id}", policy(step(ANN))).expect(404)
    api.get(f"{POLICIES}/x").expect(400)


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        (policy(step(ANN), name=""), 'attribute "name"'),
        (policy(), 'attribute "steps" must have between 1 and 10 items'),
        (policy(*[step(ANN)] * 11), 'attribute "steps" must have between 1 and 10 items'),
        (policy(step()), 'attribute "steps[0].targets" must have between 1 and 10 items'),
        (policy(step(*[ANN] * 11)), 'attribute "steps[0].targets" must have between 1 and 10 items'),
        (policy(step(ANN, after=59)), 'attribute "steps[0].escalate_after_seconds" must be between 60 and 36000'),
        (policy(step(ANN, after=36001)), 'attribute "steps[0].escalate_after_seconds" must be between'),
        (policy(step(ANN), retries=11), 'attribute "retries" must be between 0 and 10'),
        (policy(step(ANN), retries="1"), 'error decoding attribute "retries": invalid type string'),
        (policy(step(ANN), resolve_page_on_policy_end=1), 'error decoding attribute "resolve_page_on_policy_end"'),
        (policy(step(ANN, assignment="x")), '"steps[0].assignment" must be one of "default round-robin"'),
        (policy(step(target(uuid(99)))), 'attribute "steps[0].targets[0].id" names an unknown user'),
        (policy(step(target(uuid(99), "schedules"))), 'attribute "steps[0].targets[0].id" names an unknown schedule'),
        (policy(step(target(NOWHERE, "teams"))), 'attribute "steps[0].targets[0].id" names an unknown team'),
        (policy(step(target(ANN, "users", "next"))), 'attribute "steps[0].targets[0].config" is only for schedules'),
        (policy(step(target(ANN, "policies"))), 'must be one of "users schedules teams"'),
        ({"data": {"type": "policies"}}, 'attribute "name" is required'),
    ],
)
def test_what_is_refused(world: World, asked: Any, detail: str) -> None:
    api = staffed(world)
    version = world.organization.version
    assert any(detail in one for one in details(api.post(POLICIES, asked).expect(400)))
    assert world.organization.version == version


def test_team_administrators_write_what_is_their_teams(world: World) -> None:
    api = staffed(world)
    lead = speaker(world, "lead", Role.USER)
    lead_id = world.organization.users_by_name["lead"].id
    world.has(Team(WEB, 1, "web", "Web", members=(Member(lead_id, admin=True),)))
    own = made(lead, POLICIES, policy(step(ANN), teams=[WEB]))
    lead.delete(f"{POLICIES}/{own}").expect(204)
    lead.post(POLICIES, policy(step(ANN), teams=[DB])).expect(403)
    lead.delete(f"{POLICIES}/{made(api, POLICIES, policy(step(ANN)))}").expect(403)


# --- What was made elsewhere

HOOK = Target(TargetKind.WEBHOOK, "hook")
ROTA = Target(TargetKind.SCHEDULE, uuid(60), Position.NEXT, Neighbour.MEMBER)
ELSEWHERE = EscalationPolicy(
    uuid(50),
    7,
    "pol-x",
    "Elsewhere",
    (
        Step(uuid(51), (user_target(ANN), HOOK), wait=10 * SECOND, repeat_every=MINUTE, repeat_limit=3),
        Step("left", (user_target(CYD),), on_state_left="critical"),
        Step(uuid(52), (mailbox("a@example.org"),), wait=20 * SECOND, since=Since.START),
        Step(uuid(53), (ROTA,), wait=40 * MINUTE, since=Since.START, assignment=Assignment.ROUND_ROBIN),
        Step(uuid(54), (), wait=15 * MINUTE, action=Action.TICKET),
    ),
    team_id=WEB,
    team_ids=(DB,),
    passes=50,
    use_primary=True,
    settings={"victorops": {"x": 1}},
)


def elsewhere(world: World) -> Any:
    api = staffed(world)
    made_here = made(api, SCHEDULES, schedule(layer(ANN)))
    stored = world.organization.schedules[made_here]
    world.has(replace(stored, id=uuid(60), slug="next", layers=()))
    world.has(Endpoint("hook", 1, "hook", "Hook", "webhook", "https://hook.example"), ELSEWHERE)
    return api


def test_a_policy_made_elsewhere_is_shown_as_far_as_it_can_be_said(world: World) -> None:
    api = elsewhere(world)
    body = api.get(f"{POLICIES}/{ELSEWHERE.id}{ALL}").expect(200)
    parsed(PolicyModel, body)
    assert body["data"]["attributes"]["retries"] == 10
    assert [one["id"] for one in body["data"]["relationships"]["teams"]["data"]] == [WEB, DB]
    steps = found(body, "steps")
    assert [one["attributes"]["escalate_after_seconds"] for one in steps] == [60, 2380, 900, 60]
    assert [len(one["relationships"]["targets"]["data"]) for one in steps] == [1, 0, 1, 0]


def test_a_put_keeps_what_this_dialect_cannot_say(world: World) -> None:
    api = elsewhere(world)
    body = api.get(f"{POLICIES}/{ELSEWHERE.id}{ALL}").expect(200)
    steps = []
    for one in found(body, "steps"):
        links = one["relationships"]["targets"]["data"]
        targets = [
            target(link["id"].removesuffix("_next"), "schedules", "next") if "_" in link["id"] else link
            for link in links
        ]
        steps.append({**one["attributes"], "id": one["id"], "targets": targets})
    asked = policy(*steps, name="Renamed", teams=[WEB, DB], retries=10)
    api.put(f"{POLICIES}/{ELSEWHERE.id}", asked).expect(200)
    after = world.organization.policies[ELSEWHERE.id]
    timed = [one for one in ELSEWHERE.steps if one.on_state_left is None]
    left = [one for one in ELSEWHERE.steps if one.on_state_left is not None]
    assert after.steps == (*timed, *left)
    kept = replace(ELSEWHERE, name="Renamed", steps=after.steps, settings=after.settings)
    assert after == kept
    assert after.settings["victorops"] == {"x": 1}


def test_other_times_are_counted_from_step_to_step(world: World) -> None:
    api = elsewhere(world)
    first = {"id": uuid(51), "targets": [target(BOB)], "escalate_after_seconds": 60}
    fourth = {"id": uuid(54), "targets": [], "escalate_after_seconds": 600}
    api.put(f"{POLICIES}/{ELSEWHERE.id}", policy(first, fourth)).expect(200)
    after = world.organization.policies[ELSEWHERE.id]
    assert [one.id for one in after.steps] == [uuid(51), uuid(54), "left"]
    assert after.steps[0].targets == (user_target(BOB), HOOK)
    assert [(one.wait, one.since) for one in after.steps[:2]] == [
        (10 * SECOND, Since.PREVIOUS),
        (10 * SECOND, Since.PREVIOUS),
    ]
    assert (after.end_wait, after.passes, after.team_id) == (600 * SECOND, 1, WEB)
