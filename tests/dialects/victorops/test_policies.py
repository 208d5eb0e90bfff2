"""Escalation policies (reference, part 2.8)."""

import re
from typing import Any

import pytest

from tests.dialects.speaking import Speaker
from tests.dialects.victorops.rotas import V1, by_name, on_duty, policy, rotation, shift, team
from tests.stories.world import BEGINNING, World
from watchbill.domain.civil import DAY, MINUTE, SECOND
from watchbill.domain.people import Team
from watchbill.domain.plans import Assignment, AtEnd, EscalationPolicy, Since, Step, Stop, Target, TargetKind
from watchbill.domain.rota import Neighbour, Override, Position
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Rule, Start

POLICIES = f"{V1}/policies"
# What the Go client sends of an entry: every object that is not meant is null.
NULLS = dict.fromkeys(("user", "rotationGroup", "webhook", "email", "targetPolicy"))


def create(api: Speaker, team: str, **more: Any) -> Any:
    return api.post(POLICIES, {"name": "DB", "teamSlug": team, "steps": []} | more)


def stored(world: World, slug: str) -> EscalationPolicy:
    return next(one for one in world.organization.policies.values() if one.slug == slug)


def test_every_kind_of_entry_comes_back(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "mira", "lead")
    group = rotation(api, slug, "DB weekly", shift("mira"))["slug"]
    other = policy(api, slug, "Other")
    world.hook("wh-restart")
    steps = [
        {
            "timeout": 0,
            "entries": [on_duty(group, kind) for kind in ("rotation_group", "rotation_group_next")]
            + [on_duty(group, "rotation_group_previous"), {"executionType": "team_page"}],
        },
        {
            "timeout": 15,
            "entries": [
                {**NULLS, **by_name("LEAD")},
                {"executionType": "webhook", "webhook": {"slug": "wh-restart"}},
                {"executionType": "email", "email": {"address": "noc@example.org"}},
                {"executionType": "policy_routing", "targetPolicy": {"policySlug": other}},
            ],
        },
    ]
    body = {"name": "DB", "teamSlug": slug, "steps": steps, "ignoreCustomPagingPolicies": True, "slug": ""}
    made = api.post(POLICIES, body).expect(200)
    label = {"slug": group, "label": "DB weekly"}
    assert made == {
        "name": "DB",
        "slug": made["slug"],
        "ignoreCustomPagingPolicies": True,
        "teamSlug": slug,
        "steps": [
            {
                "timeout": 0,
                "entries": [
                    {"executionType": "rotation_group", "rotationGroup": label},
                    {"executionType": "rotation_group_next", "rotationGroup": label},
                    {"executionType": "rotation_group_previous", "rotationGroup": label},
                    {"executionType": "team_page"},
                ],
            },
            {
                "timeout": 15,
                "entries": [
                    {
                        "executionType": "user",
                        "user": {"username": "lead", "firstName": "Lead", "lastName": "Example"},
                    },
                    {"executionType": "webhook", "webhook": {"slug": "wh-restart", "label": "wh-restart"}},
                    {"executionType": "email", "email": {"address": "noc@example.org"}},
                    {"executionType": "policy_routing", "targetPolicy": {"policySlug": other, "teamSlug": slug}},
                ],
            },
        ],
    }
    assert re.fullmatch(r"pol-[0-9A-Za-z]{16}", made["slug"])
    assert api.get(f"{POLICIES}/{made['slug']}").expect(200) == made
    [now, following, before, page] = stored(world, made["slug"]).steps[0].targets
    assert [one.position for one in (now, following, before)] == [Position.CURRENT, Position.NEXT, Position.PREVIOUS]
    assert following.neighbour is Neighbour.MEMBER
    assert page.kind is TargetKind.TEAM
    assert stored(world, made["slug"]).steps[1].wait == 15 * MINUTE


def test_the_first_policy_of_a_team_has_the_teams_slug(api: Speaker, world: World) -> None:
    slug = team(api, "Database")
    assert api.get(f"{POLICIES}/{slug}").expect(200)["steps"] == []
    api.delete(f"{POLICIES}/{slug}").expect(200)
    assert create(api, slug).expect(200)["slug"] == slug
    assert create(api, slug).expect(200)["slug"].startswith("pol-")


def test_the_list_names_policies_and_teams(api: Speaker, world: World) -> None:
    slug = team(api, "Database")
    world.has(EscalationPolicy("free", 1, "free", "Free", ()))
    found = api.get(POLICIES).expect(200)["policies"]
    assert found == [
        {
            "policy": {"name": "Database", "slug": slug, "_selfUrl": f"{POLICIES}/{slug}"},
            "team": {"name": "Database", "slug": slug},
        },
        {"policy": {"name": "Free", "slug": "free", "_selfUrl": f"{POLICIES}/free"}, "team": {"name": "", "slug": ""}},
    ]
    assert "teamSlug" not in api.get(f"{POLICIES}/free").expect(200)


@pytest.mark.parametrize(
    "entry",
    [
        {},
        {"executionType": "pigeon"},
        {"executionType": "user"},
        {"executionType": "user", "user": {"username": "nobody"}},
        {"executionType": "user", "user": "mira"},
        {"executionType": "user", "user": {"username": 7}},
        on_duty("rtg-none"),
        {"executionType": "webhook", "webhook": {"slug": "wh-none"}},
        {"executionType": "email", "email": {"address": "no address"}},
        {"executionType": "policy_routing", "targetPolicy": {"policySlug": "pol-none"}},
        {"executionType": "team_page", "team": {"slug": "team-none"}},
    ],
)
def test_an_entry_that_means_nothing(api: Speaker, entry: Any) -> None:
    slug = team(api, "Database")
    answer = create(api, slug, steps=[{"timeout": 0, "entries": [entry]}])
    assert answer.expect(400)["error"]
    assert len(api.get(POLICIES).expect(200)["policies"]) == 1


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"steps": None}, {"steps": [{"timeout": -1}]}, {"steps": [{"timeout": 10**40}]}, {"steps": 1}],
)
def test_what_is_no_policy(api: Speaker, change: Any) -> None:
    create(api, team(api, "Database"), **change).expect(400)


def test_unknown_names(api: Speaker) -> None:
    team(api, "Database")
    assert create(api, "team-none").expect(404) == {"error": "No team 'team-none' found"}
    for method in ("GET", "PUT", "DELETE"):
        api.ask(method, f"{POLICIES}/pol-none", {}).expect(404)


def test_steps_are_replaced(api: Speaker) -> None:
    slug = team(api, "Database", "ann", "bob")
    name = policy(api, slug, "DB", (0, [by_name("ann")]))
    steps = [{"timeout": 5, "entries": [by_name("bob")]}, {"timeout": 10, "entries": [by_name("ann")]}]
    after = api.put(f"{POLICIES}/{name}", {"steps": steps, "ignoreCustomPagingPolicies": True}).expect(200)
    assert [step["timeout"] for step in after["steps"]] == [5, 10]
    assert (after["ignoreCustomPagingPolicies"], after["teamSlug"]) == (True, slug)
    assert api.put(f"{POLICIES}/{name}", {}).expect(200) == after


def test_a_deleted_policy_takes_its_routing_keys_along(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "ann")
    one, two = (policy(api, slug, name, (0, [by_name("ann")])) for name in ("one", "two"))
    for key, targets in (("only", [one]), ("both", [one, two])):
        api.post(f"{V1}/org/routing-keys", {"routingKey": key, "targets": targets}).expect(200)
    keys = world.organization.routing_keys_by_name
    id = stored(world, one).id
    world.has(
        MaintenanceWindow("w", 1, "w", "w", BEGINNING, None, (keys["only"].id,)),
        Override("o", BEGINNING, BEGINNING + DAY, BEGINNING, next(iter(world.organization.users)), policy_id=id),
    )
    assert api.delete(f"{POLICIES}/{one}", {}).expect(200) == {"result": "success"}
    [left] = api.get(f"{V1}/org/routing-keys").expect(200)["routingKeys"]
    assert (left["routingKey"], [each["policySlug"] for each in left["targets"]]) == ("both", [two])
    assert not world.organization.windows
    assert not world.organization.overrides


def test_a_policy_that_is_needed_stays(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "ann")
    name = policy(api, slug, "needed", (0, [by_name("ann")]))
    id = stored(world, name).id
    world.has(
        RoutingKey("key", 1, "default", (Start(id),), is_default=True),
        Rule("rule", 1, "night", 1, starts=(Start(id),)),
        EscalationPolicy("caller", 9, "caller", "Caller", (Step("s", (Target(TargetKind.POLICY, id),)),)),
    )
    refused = api.delete(f"{POLICIES}/{name}").expect(409)["error"]
    for user in ("the escalation policy Caller", "the rule night", "the default route"):
        assert user in refused
    assert len(world.organization.policies) == 3


# --- Made elsewhere


def elsewhere(world: World, team_id: str, ann: str) -> EscalationPolicy:
    world.has(Team("ops", 2, "team-ops", "Ops"))
    world.hook("room", kind="chat")
    user = Target(TargetKind.USER, ann)
    made = EscalationPolicy(
        "p",
        5,
        "pages",
        "Pages",
        (
            Step("a", (user, Target(TargetKind.TEAM, "ops")), 90 * SECOND, assignment=Assignment.ROUND_ROBIN),
            Step("b", (Target(TargetKind.CHAT, "room"), user), 20 * MINUTE, Since.START, repeat_every=MINUTE),
            Step("c", (user,), 30 * MINUTE, Since.START, on_state_left="critical"),
        ),
        team_id=team_id,
        team_ids=(team_id, "ops"),
        passes=3,
        at_end=AtEnd.RESOLVE,
        stop_on=frozenset({Stop.RESOLVED}),
        pagings_go_on=False,
        settings={"datadog": {"a": 1}},
    )
    world.has(made)
    return made


def test_a_policy_made_elsewhere_survives_a_write(api: Speaker, world: World) -> None:
    slug = team(api, "Database", "ann")
    org = world.organization
    team_id = next(iter(org.teams))
    before = elsewhere(world, team_id, org.users_by_name["ann"].id)
    shown = api.get(f"{POLICIES}/pages").expect(200)
    assert [step["timeout"] for step in shown["steps"]] == [1, 18, 10]
    assert [[entry["executionType"] for entry in step["entries"]] for step in shown["steps"]] == [
        ["user", "team_page"],
        ["webhook", "user"],
        ["user"],
    ]
    assert shown["teamSlug"] == slug
    api.put(f"{POLICIES}/pages", shown).expect(200)
    assert stored(world, "pages") == before
    bare = [
        {"timeout": step["timeout"], "entries": [{k: v for k, v in e.items() if k != "team"} for e in step["entries"]]}
        for step in shown["steps"]
    ]
    first = {"timeout": 2, "entries": [by_name("ann")]}
    api.put(f"{POLICIES}/pages", {"steps": [first, *bare]}).expect(200)
    after = stored(world, "pages")
    assert after.steps[1:] == before.steps
    assert after.steps[0].wait == 2 * MINUTE
    bare[1] = {"timeout": 3, "entries": bare[1]["entries"][:1]}
    api.put(f"{POLICIES}/pages", {"steps": bare}).expect(200)
    changed = stored(world, "pages").steps
    assert (changed[0], changed[2]) == (before.steps[0], before.steps[2])
    assert (changed[1].wait, changed[1].since, changed[1].repeat_every) == (3 * MINUTE, Since.PREVIOUS, MINUTE)
    assert changed[1].targets == (Target(TargetKind.CHAT, "room"),)
    assert (stored(world, "pages").passes, stored(world, "pages").settings) == (3, {"datadog": {"a": 1}})
    assert [one["policy"]["slug"] for one in api.get(f"{V1}/team/team-ops/policies").expect(200)["policies"]] == [
        "pages"
    ]


def test_a_webhook_may_be_a_chat_room(api: Speaker, world: World) -> None:
    slug = team(api, "Database")
    world.hook("room", kind="chat")
    entries = [{"executionType": "webhook", "webhook": {"slug": "room"}}]
    made = create(api, slug, steps=[{"timeout": 0, "entries": entries}]).expect(200)
    assert stored(world, made["slug"]).steps[0].targets == (Target(TargetKind.CHAT, "room"),)


def test_a_read_only_key_may_only_read(api: Speaker) -> None:
    slug = team(api, "Database")
    api.ask("GET", f"{POLICIES}/{slug}", x_vo_api_key="reads-only").expect(200)
    for method, path in (("POST", POLICIES), ("PUT", f"{POLICIES}/{slug}"), ("DELETE", f"{POLICIES}/{slug}")):
        api.ask(method, path, {}, x_vo_api_key="reads-only").expect(403)
