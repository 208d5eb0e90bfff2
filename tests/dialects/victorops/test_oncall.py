"""Who is on call, now and in the days to come (reference, part 2.4)."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.rotas import V1, V2, by_name, mask, on_duty, policy, rotation, shift, team
from tests.stories.town import layer, person, step
from tests.stories.town import schedule as of_schedule
from tests.stories.world import BEGINNING, World
from tests.usecases.organizations import LAYER, ORG, POLICY, SCHEDULE, at
from watchbill.api.victorops.oncall import on_call
from watchbill.api.victorops.oncall_schedules import View, sources
from watchbill.domain.civil import DAY, HOUR
from watchbill.domain.people import Member, Team
from watchbill.domain.plans import Step, Target, TargetKind
from watchbill.domain.rota import Interval, Mode, Neighbour, Override, Position, Turn


def current(api: Speaker) -> dict[str, dict[str, list[str]]]:
    """The people on call, by team and policy."""
    return {
        one["team"]["name"]: {
            policy["escalationPolicy"]["name"]: [user["onCalluser"]["username"] for user in policy["users"]]
            for policy in one["oncallNow"]
        }
        for one in api.get(f"{V1}/oncall/current").expect(200)["teamsOnCall"]
    }


def ahead(api: Speaker, slug: str, **query: Any) -> Any:
    return api.get(f"{V2}/team/{slug}/oncall/schedule", **query).expect(200)


def weekly(api: Speaker) -> tuple[str, str]:
    """A team with a weekly rotation and a policy that pages it, then the lead: the slugs of the team and the policy."""
    slug = team(api, "Database", "mira", "tomas", "lead")
    group = rotation(api, slug, "DB weekly", shift("mira", "tomas"))["slug"]
    return slug, policy(
        api, slug, "DB", (0, [on_duty(group), by_name("lead")]), (15, [on_duty(group, "rotation_group_next")])
    )


def test_on_call_now_in_both_spellings(api: Speaker, world: World) -> None:
    slug, name = weekly(api)
    team(api, "Web")
    assert current(api) == {"Database": {"DB": ["tomas", "lead"]}, "Web": {}}
    world.pass_(DAY)
    database, web = api.get(f"{V1}/oncall/current").expect(200)["teamsOnCall"]
    assert database["team"] == {"name": "Database", "slug": slug}
    assert web["oncallNow"] == []
    [now] = database["oncallNow"]
    assert now["escalationPolicy"] == {"name": "DB", "slug": name}
    assert now["users"] == [
        {"onCalluser": {"username": user}, "onCallUser": {"username": user}} for user in ("mira", "lead")
    ]
    assert database["onCallNow"] == database["oncallNow"]


def test_what_lies_ahead_of_a_team(api: Speaker, world: World) -> None:
    slug, name = weekly(api)
    world.pass_(DAY)
    found = ahead(api, slug, daysForward=7)
    assert found["team"] == {"name": "Database", "slug": slug}
    first, empty = found["schedules"]
    assert empty["policy"]["slug"] == slug  # the empty one, which would be in the way of clients that take the first
    assert first["policy"] == {"name": "DB", "slug": name, "_selfUrl": f"{V1}/policies/{name}"}
    assert first["overrides"] == []
    assert first["schedule"] == [
        {
            "onCallUser": {"username": "mira"},
            "onCallType": "rotation_group",
            "rotationName": "DB weekly",
            "shiftName": "all day",
            "shiftRoll": "2026-06-01T09:00:00-06:00",
            "rolls": [
                {
                    "start": "2026-06-01T09:00:00-06:00",
                    "end": "2026-06-08T09:00:00-06:00",
                    "onCallUser": {"username": "mira"},
                    "isRoll": True,
                },
                {
                    "start": "2026-06-08T09:00:00-06:00",
                    "end": "2026-06-15T09:00:00-06:00",
                    "onCallUser": {"username": "tomas"},
                    "isRoll": True,
                },
            ],
        },
        {"onCallUser": {"username": "lead"}, "onCallType": "user", "rolls": []},
    ]


def test_the_range_and_the_step_are_chosen(api: Speaker, world: World) -> None:
    slug, _ = weekly(api)
    world.pass_(DAY)
    [first, _] = ahead(api, slug, daysForward=1, daysSkip=14)["schedules"]
    [roll] = first["schedule"][0]["rolls"]
    assert (roll["start"], first["schedule"][0]["onCallUser"]) == ("2026-06-15T09:00:00-06:00", {"username": "mira"})
    [second, _] = ahead(api, slug, step=1)["schedules"]
    [following] = second["schedule"]
    assert (following["onCallType"], following["onCallUser"]) == ("rotation_group_next", {"username": "tomas"})
    assert [roll["onCallUser"]["username"] for roll in following["rolls"]] == ["tomas", "mira", "tomas"]
    assert ahead(api, slug, step=3)["schedules"][0]["schedule"] == []
    assert len(ahead(api, slug, daysForward=123)["schedules"][0]["schedule"][0]["rolls"]) == 18


@pytest.mark.parametrize(
    "query",
    [{"daysForward": 124}, {"daysForward": "x"}, {"daysSkip": 91}, {"step": 4}, {"step": -1}, {"step": "9" * 5000}],
)
def test_a_range_that_is_too_far(api: Speaker, query: Any) -> None:
    slug, _ = weekly(api)
    api.get(f"{V2}/team/{slug}/oncall/schedule", **query).expect(400)


def test_nobody_on_duty_is_left_out(api: Speaker, world: World) -> None:
    slug = team(api, "Office", "ann")
    hours = shift("ann", shifttype="pho", mask=mask("w", "9:00", "17:00"), timezone="UTC", start="2026-06-01T00:00:00Z")
    group = rotation(api, slug, "Office", hours, shift(label="empty"))["slug"]
    policy(
        api, slug, "Office", (0, [on_duty(group), {"executionType": "email", "email": {"address": "a@example.org"}}])
    )
    works, empty, mail = ahead(api, slug, daysForward=7)["schedules"][0]["schedule"]
    assert not {"onCallUser", "overrideOnCallUser"} & set(works)
    assert [(roll["start"], roll["isRoll"]) for roll in works["rolls"]] == [("2026-06-03T09:00:00+00:00", True)]
    assert (empty["rolls"], "shiftRoll" in empty) == ([], False)
    assert mail == {"onCallType": "email", "rolls": []}
    assert current(api) == {"Office": {}}


def test_who_stands_in_is_told_beside_who_is_scheduled(api: Speaker, world: World) -> None:
    slug, name = weekly(api)
    world.pass_(DAY)
    api.patch(f"{V1}/policies/{name}/oncall/user", {"fromUser": "mira", "toUser": "tomas"}).expect(200)
    [first, _] = ahead(api, slug)["schedules"]
    one, lead = first["schedule"]
    assert (one["onCallUser"], one["overrideOnCallUser"]) == ({"username": "mira"}, {"username": "tomas"})
    assert "overrideOnCallUser" not in lead
    assert [roll["onCallUser"]["username"] for roll in one["rolls"]][:1] == ["mira"]
    assert first["overrides"] == [
        {
            "origOnCallUser": {"username": "mira"},
            "overrideOnCallUser": {"username": "tomas"},
            "start": "2026-06-02T00:00:00Z",
            "end": "2026-06-08T15:00:00Z",
            "policy": {"name": "DB", "slug": name},
        }
    ]
    assert current(api)["Database"] == {"DB": ["tomas", "lead"]}


def test_the_first_version_in_both_spellings(api: Speaker, world: World) -> None:
    slug, name = weekly(api)
    world.pass_(DAY)
    api.patch(f"{V1}/policies/{name}/oncall/user", {"fromUser": "mira", "toUser": "tomas"}).expect(200)
    found = api.get(f"{V1}/team/{slug}/oncall/schedule", daysForward=5).expect(200)
    assert found == {
        "team": slug,
        "schedule": [
            {
                "onCall": "mira",
                "oncall": "mira",
                "overrideOnCall": "tomas",
                "overrideoncall": "tomas",
                "policyType": "rotation_group",
                "rotationName": "DB weekly",
                "shiftName": "all day",
                "shiftRoll": "2026-06-01T15:00:00Z",
                "rolls": [
                    {
                        "change": "2026-06-01T15:00:00Z",
                        "until": "2026-06-08T15:00:00Z",
                        "onCall": "mira",
                        "oncall": "mira",
                        "isRoll": True,
                    }
                ],
            },
            {"onCall": "lead", "oncall": "lead", "policyType": "user", "rolls": []},
        ],
        "overrides": [
            {
                "origOnCall": "mira",
                "orig": "mira",
                "overrideOnCall": "tomas",
                "over": "tomas",
                "start": "2026-06-02T00:00:00Z",
                "end": "2026-06-08T15:00:00Z",
            }
        ],
    }
    assert api.get(f"{V1}/user/MIRA/oncall/schedule", daysForward=5).expect(200) == [found]


def test_what_lies_ahead_of_somebody(api: Speaker) -> None:
    slug, _ = weekly(api)
    team(api, "Web", "mira")
    found = api.get(f"{V2}/user/mira/oncall/schedule").expect(200)["teamSchedules"]
    assert [one["team"]["name"] for one in found] == ["Database", "Web"]
    assert found[0] == ahead(api, slug)
    assert api.get(f"{V2}/user/admin/oncall/schedule").expect(200) == {"teamSchedules": []}
    assert api.get(f"{V2}/user/nobody/oncall/schedule").expect(404) == {"error": "User not found"}
    assert api.get(f"{V2}/team/none/oncall/schedule").expect(404) == {"error": "No team 'none' found"}
    assert api.get(f"{V2}/team/Database/oncall/schedule").expect(200) == ahead(api, slug)


def test_a_schedule_of_another_dialect_shows_everybody(api: Speaker, world: World) -> None:
    """An overlay with a night layer on top, two on call together, an override for whoever is on call, and a gap that an
    override fills."""
    for name in ("ann", "bob", "cy"):
        world.has(person(name))
    world.has(Team("ops", 1, "team-ops", "Ops", members=(Member("ann"), Member("bob"))))
    both = replace(
        layer(id="pair", start=BEGINNING), turns=(Turn(("ann", "bob")), Turn((), ("ops",))), end=BEGINNING + DAY
    )
    world.schedule("primary", both, team_ids=("ops",))
    world.policy("pages", step(of_schedule("primary")), team_id="ops")
    world.override("cy", start=0, end=HOUR, schedule_id="primary")
    world.override("cy", "bob", start=HOUR, end=3 * HOUR)
    world.override("cy", start=DAY, end=2 * DAY, schedule_id="primary")
    assert current(api) == {"Ops": {"pages": ["cy"]}}
    world.pass_(2 * HOUR)
    assert current(api) == {"Ops": {"pages": ["ann", "cy"]}}
    [one] = ahead(api, "team-ops", daysForward=1)["schedules"]
    assert [(source["onCallUser"]["username"], source.get("overrideOnCallUser")) for source in one["schedule"]] == [
        ("ann", None),
        ("bob", {"username": "cy"}),
    ]
    assert [each.get("origOnCallUser") for each in one["overrides"]] == [{"username": "bob"}, None]
    world.pass_(DAY)
    [_, filled] = ahead(api, "team-ops")["schedules"][0]["schedule"]
    assert filled == {
        "overrideOnCallUser": {"username": "cy"},
        "onCallType": "rotation_group",
        "rotationName": "primary",
        "rolls": [],
    }


# --- One truth with what a page finds

PEOPLE = st.sampled_from(["ann", "bob", "cyd"])


@st.composite
def overrides(draw: st.DrawFn) -> Override:
    made = Override(
        str(draw(st.uuids())),
        at(5),
        at(5) + draw(st.integers(1, 5)) * DAY,
        draw(st.integers(0, 5)),
        draw(PEOPLE),
        draw(PEOPLE),
        taken=draw(st.booleans()),
    )
    place = draw(st.sampled_from(["", "schedule", "policy"]))
    return replace(
        made,
        schedule_id="rota" if place == "schedule" else None,
        policy_id="policy" if place == "policy" else None,
        user_id=None if place and draw(st.booleans()) else made.user_id,
    )


@given(
    given=st.lists(overrides(), max_size=4),
    mode=st.sampled_from(Mode),
    position=st.sampled_from(Position),
    moment=st.integers(at(5), at(11)),
)
@settings(max_examples=200)
def test_the_schedule_and_the_page_agree(given: list[Override], mode: Mode, position: Position, moment: int) -> None:
    second = replace(LAYER, id="b", turns=(Turn(("bob", "cyd")), Turn()), interval=Interval(2))
    targets = (
        Target(TargetKind.SCHEDULE, "rota", position, Neighbour.MEMBER),
        Target(TargetKind.USER, "cyd"),
        Target(TargetKind.TEAM, "web"),
    )
    for target in targets:
        policy = replace(POLICY, steps=(Step("step-1", (target,)),))
        org = replace(
            ORG,
            schedules={"rota": replace(SCHEDULE, mode=mode, layers=(LAYER, second))},
            policies={"policy": policy},
            overrides={one.id: one for one in given},
        )
        told = [one.cover or one.scheduled for one in sources(View(org, moment, moment + DAY, 0, moment), policy)]
        assert {user.username for user in told if user} == set(on_call(org, policy, moment))
