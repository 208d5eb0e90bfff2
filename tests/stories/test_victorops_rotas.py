"""Rotations, policies, overrides and takes made by the API of VictorOps, and whom they page (reference, part 4)."""

from typing import Any

import pytest

from tests.dialects.speaking import Speaker, victorops_keys
from tests.dialects.victorops.rotas import V1, by_name, mask, on_duty, policy, rotation, shift, team
from tests.stories.town import contact, daily, paged_by, person, ring
from tests.stories.world import World
from watchbill.api.victorops.routes import DIALECT
from watchbill.domain.civil import DAY, HOUR, MINUTE, WEEK
from watchbill.domain.people import ContactMethod

NOON = {"timezone": "UTC", "start": "2026-06-01T12:00:00Z"}


@pytest.fixture
def api(world: World) -> Speaker:
    for name in ("mira", "tomas", "lead"):
        world.has(person(name))
    return Speaker(world, DIALECT, victorops_keys(world))


def routed(api: Speaker, *policies: str) -> None:
    api.post(f"{V1}/org/routing-keys", {"routingKey": "db", "targets": policies}).expect(200)


def weekly(api: Speaker, *people: str, **more: Any) -> tuple[str, str, Any]:
    """A team of everybody with a rotation that begins on Monday at noon: the slugs of both, and the rotation."""
    slug = team(api, "Database", "mira", "tomas", "lead")
    made = rotation(api, slug, "DB weekly", shift(*(people or ("mira", "tomas")), **NOON | more))
    return slug, made["slug"], made


def test_the_one_on_duty_then_the_next_then_the_lead_with_a_machine(api: Speaker, world: World) -> None:
    slug, group, _ = weekly(api, "mira", "tomas", "lead")
    world.hook("restart")
    webhook = {"executionType": "webhook", "webhook": {"slug": "restart"}}
    steps = ((0, [on_duty(group)]), (5, [on_duty(group, "rotation_group_next")]), (10, [by_name("lead"), webhook]))
    routed(api, policy(api, slug, "DB", *steps))
    world.pass_(DAY)
    world.alert("db", "disk")
    world.phone("mira").expects("disk", at=DAY)
    world.pass_(14 * MINUTE)
    world.phone("tomas").expects("disk", at=DAY + 5 * MINUTE)
    world.phone("lead").expects_nothing()
    world.pass_(MINUTE)
    world.phone("lead").expects("disk", at=DAY + 15 * MINUTE).replies("ack")
    world.phone("restart").expects("disk", at=DAY + 15 * MINUTE)
    world.stays_quiet(WEEK)


def test_who_is_on_call_is_asked_when_the_step_begins(api: Speaker, world: World) -> None:
    """The handoff falls between the two steps, and so does somebody taking on-call."""
    slug, group, _ = weekly(api)
    name = policy(api, slug, "DB", (0, [on_duty(group)]), (10, [on_duty(group)]), (10, [on_duty(group)]))
    routed(api, name)
    world.pass_(WEEK + 12 * HOUR - 5 * MINUTE)
    world.alert("db", "disk")
    world.phone("mira").expects("disk", at=world.elapsed)
    world.pass_(10 * MINUTE)
    world.phone("tomas").expects("disk", at=world.elapsed)
    api.patch(f"{V1}/policies/{name}/oncall/user", {"fromUser": "tomas", "toUser": "lead"}).expect(200)
    world.pass_(10 * MINUTE)
    world.phone("lead").expects("disk", at=world.elapsed)
    world.nothing_else_was_sent()


def test_everybody_whose_shift_is_active_is_paged(api: Speaker, world: World) -> None:
    """Two shifts of a rotation at once put two people on call; outside its hours one is left."""
    slug, group, made = weekly(api, "mira")
    office = shift("tomas", shifttype="pho", mask=mask("m t w th f", "9:00", "17:00"), **NOON)
    api.post(f"{V1}/teams/{slug}/rotations/{made['id']}", office).expect(200)
    routed(api, policy(api, slug, "DB", (0, [on_duty(group)])))
    world.pass_(DAY + 16 * HOUR)
    world.alert("db", "disk")
    for name in ("mira", "tomas"):
        world.phone(name).expects("disk", at=world.elapsed)
    world.pass_(2 * HOUR)
    world.alert("db", "cpu")
    world.phone("mira").expects("cpu", at=world.elapsed)
    world.nothing_else_was_sent()


def test_an_empty_rotation_keeps_nobody_waiting(api: Speaker, world: World) -> None:
    """The original waits for the next step though nobody was paged; people complained of that (reference, part 5)."""
    slug, group, _ = weekly(api, shifttype="pho", mask=mask("w", "9:00", "17:00"))
    routed(api, policy(api, slug, "DB", (0, [on_duty(group)]), (30, [by_name("lead")])))
    world.alert("db", "disk")
    world.phone("lead").expects("disk", at=0)


def test_a_teams_page_is_done_when_one_answers(api: Speaker, world: World) -> None:
    slug, _, _ = weekly(api)
    routed(api, policy(api, slug, "DB", (0, [{"executionType": "team_page"}]), (5, [by_name("lead")])))
    world.alert("db", "disk")
    pages = [world.phone(name).expects("disk", at=0) for name in ("mira", "tomas", "lead")]
    pages[1].replies("ack")
    world.stays_quiet(WEEK)


def test_a_waiting_room_lets_short_troubles_pass(api: Speaker, world: World) -> None:
    slug, group, _ = weekly(api, start="2026-05-25T12:00:00Z")
    called = {
        "executionType": "policy_routing",
        "targetPolicy": {"policySlug": policy(api, slug, "DB", (0, [on_duty(group)]))},
    }
    routed(api, policy(api, slug, "Waiting room", (10, [called])))
    world.alert("db", "blip")
    world.pass_(9 * MINUTE)
    world.recovers("blip")
    world.alert("db", "disk")
    world.pass_(10 * MINUTE)
    world.phone("mira").expects("disk", at=19 * MINUTE)
    world.nothing_else_was_sent()


def test_an_assigned_cover_is_paged_and_who_was_paged_before_stays_paged(api: Speaker, world: World) -> None:
    slug, group, _ = weekly(api, start="2026-05-25T12:00:00Z")
    world.has(person("mira", ring("pocket", then=30 * MINUTE), repeats=True))
    name = policy(api, slug, "DB", (0, [on_duty(group)]))
    routed(api, name)
    asked = {"username": "mira", "timezone": "UTC", "start": "2026-06-01T00:20:00Z", "end": "2026-06-01T06:00:00Z"}
    id = api.post(f"{V1}/overrides", asked).expect(200)["override"]["publicId"]
    api.put(f"{V1}/overrides/{id}/assignments/{name}", {"username": "tomas"}).expect(200)
    world.alert("db", "disk")
    world.phone("mira").expects("disk", at=0)
    world.pass_(25 * MINUTE)
    world.alert("db", "cpu")
    world.phone("tomas").expects("cpu", at=25 * MINUTE).replies("ack")
    world.pass_(5 * MINUTE)
    world.phone("mira").expects("disk", at=30 * MINUTE).replies("ack")
    api.delete(f"{V1}/overrides/{id}").expect(200)
    world.alert("db", "fan")
    world.phone("mira").expects("fan", at=30 * MINUTE)


def test_custom_paging_policies_are_ignored_where_the_policy_says_so(api: Speaker, world: World) -> None:
    slug, _, _ = weekly(api)
    always = paged_by("always", ring("sms"), hours=daily("UTC", 0, 24))
    number = ContactMethod("mira-phone", 1, "phone", "+33612345678", verified=True)
    primary = paged_by("primary", ring("pocket"))
    world.has(person("mira", policies=(always, primary), contacts=(contact("mira", "pocket"), number)))
    name = policy(api, slug, "DB", (0, [by_name("mira")]))
    routed(api, name)
    world.alert("db", "disk")
    world.phone("mira").expects("disk", by="sms").replies("ack")
    api.put(f"{V1}/policies/{name}", {"ignoreCustomPagingPolicies": True}).expect(200)
    world.alert("db", "cpu")
    world.phone("mira").expects("cpu", by="pocket")


def test_a_change_of_the_policy_leaves_what_runs_alone(api: Speaker, world: World) -> None:
    slug, _, _ = weekly(api)
    name = policy(api, slug, "DB", (0, [by_name("mira")]), (5, [by_name("tomas")]))
    routed(api, name)
    world.alert("db", "disk")
    world.phone("mira").expects("disk", at=0)
    api.put(f"{V1}/policies/{name}", {"steps": [{"timeout": 0, "entries": [by_name("lead")]}]}).expect(200)
    world.pass_(5 * MINUTE)
    world.phone("tomas").expects("disk", at=5 * MINUTE).replies("ack")
    world.alert("db", "cpu")
    world.phone("lead").expects("cpu", at=5 * MINUTE)


def test_a_new_member_is_in_time_for_their_turn_and_not_before(api: Speaker, world: World) -> None:
    slug, group, made = weekly(api)
    routed(api, policy(api, slug, "DB", (0, [on_duty(group)])))
    where = f"{V1}/teams/{slug}/rotations/{made['id']}/{made['shifts'][0]['rot_id']}"
    world.pass_(WEEK + DAY)
    api.post(f"{where}/members", {"username": "lead"}).expect(200)
    for name, title in (("tomas", "a"), ("lead", "b"), ("mira", "c")):
        world.alert("db", title)
        world.phone(name).expects(title, at=world.elapsed).replies("ack")
        world.pass_(WEEK)
    world.nothing_else_was_sent()
