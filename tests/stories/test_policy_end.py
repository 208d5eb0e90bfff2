"""What is left when a policy has no more steps (Datadog reference, parts 5.1 and 5.3)."""

from tests.stories.town import layer, person, policy, ring, schedule, step
from tests.stories.world import BEGINNING, World
from watchbill.domain.civil import HOUR, MINUTE
from watchbill.domain.paging import REMEMBERED
from watchbill.domain.plans import AtEnd

TWICE = (ring("sms", then=30 * MINUTE), ring("voice"))


def test_where_pagings_stop_with_their_step_they_stop_with_the_policy_too(world: World) -> None:
    world.has(person("ann", *TWICE))
    world.policy("p", step("ann"), pagings_go_on=False, end_wait=5 * MINUTE)
    world.key("k", "p")
    world.alert("k", "disk")
    world.phone("ann").expects("disk", by="sms")
    world.stays_quiet(HOUR)
    assert world.incident("disk").phase == "triggered"
    world.tells("disk", "p: finished")


def test_where_they_go_on_they_outlive_the_policy(world: World) -> None:
    world.has(person("ann", *TWICE))
    world.policy("p", step("ann"), end_wait=5 * MINUTE)
    world.key("k", "p")
    world.alert("k", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", by="sms")
    world.phone("ann").expects("disk", at=30 * MINUTE, by="voice")


def test_a_policy_that_ends_with_its_last_step_cuts_nobody_short(world: World) -> None:
    world.has(person("ann", *TWICE))
    world.policy("p", step("ann"), pagings_go_on=False)
    world.key("k", "p")
    world.alert("k", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", by="sms")
    world.phone("ann").expects("disk", at=30 * MINUTE, by="voice")


def test_a_last_step_without_anybody_does_not_hold_up_the_next_pass(world: World) -> None:
    world.has(person("ann"))
    world.team("nobody")
    empty = step(wait=5 * MINUTE)
    world.policy("p", step("ann"), empty, passes=2, end_wait=10 * MINUTE, pagings_go_on=False)
    world.key("k", "p")
    world.alert("k", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0)
    world.phone("ann").expects("disk", at=5 * MINUTE)


def test_a_step_without_anybody_cuts_nobody_short(world: World) -> None:
    """Whom the step before it called is paged as if it were not there."""
    world.has(person("ann", *TWICE))
    world.policy("p", step("ann"), step(wait=10 * MINUTE), pagings_go_on=False)
    world.key("k", "p")
    world.alert("k", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", by="sms")
    world.phone("ann").expects("disk", at=30 * MINUTE, by="voice")


def test_a_later_step_with_somebody_takes_their_place(world: World) -> None:
    world.has(person("ann", *TWICE), person("bob"))
    world.policy("p", step("ann"), step(wait=10 * MINUTE), step("bob", wait=5 * MINUTE), pagings_go_on=False)
    world.key("k", "p")
    world.alert("k", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", by="sms")
    world.phone("bob").expects("disk", at=10 * MINUTE)


def test_a_policy_that_ends_does_not_resolve_what_another_one_is_still_to_page_for(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("p", step("ann"), end_wait=5 * MINUTE, at_end=AtEnd.RESOLVE)
    world.policy("q", step("bob", wait=10 * MINUTE))
    world.key("k", "p", "q")
    world.alert("k", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0)
    world.phone("bob").expects("disk", at=10 * MINUTE)
    world.tells("disk", "not resolved: q has steps left")


def test_a_called_policy_that_ends_does_not_resolve_before_the_one_that_called_it_has_paged(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("p", step("ann"), end_wait=5 * MINUTE, at_end=AtEnd.RESOLVE)
    world.policy("q", step(policy("p")), step("bob", wait=10 * MINUTE))
    world.key("k", "q")
    world.alert("k", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0)
    world.phone("bob").expects("disk", at=10 * MINUTE)


def test_the_last_of_several_policies_resolves(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("p", step("ann"), end_wait=5 * MINUTE, at_end=AtEnd.RESOLVE)
    world.policy("q", step("bob"), end_wait=10 * MINUTE, at_end=AtEnd.RESOLVE)
    world.key("k", "p", "q")
    world.alert("k", "disk")
    world.phone("ann").expects("disk", at=0)
    world.phone("bob").expects("disk", at=0)
    world.pass_(5 * MINUTE)
    assert world.incident("disk").resolved_by == "policy p"


def test_a_pass_that_finds_nobody_cuts_nobody_short(world: World) -> None:
    """The shift is over when the second pass begins, and the next one is nobody's."""
    world.has(person("ann", *TWICE))
    world.schedule("primary", layer("ann", end=BEGINNING + 15 * MINUTE))
    world.policy("p", step(schedule("primary")), passes=3, end_wait=20 * MINUTE, pagings_go_on=False)
    world.key("k", "p")
    world.alert("k", "disk")
    world.pass_(35 * MINUTE)
    world.phone("ann").expects("disk", by="sms")
    world.phone("ann").expects("disk", at=30 * MINUTE, by="voice")


def test_the_end_of_a_policy_leaves_out_no_repeats(world: World) -> None:
    world.has(person("ann"))
    world.policy("p", step("ann", repeat_every=30 * MINUTE, repeat_limit=3), end_wait=5 * MINUTE)
    world.key("k", "p")
    world.alert("k", "disk")
    world.pass_(3 * HOUR)
    for minute in (0, 30, 60):
        world.phone("ann").expects("disk", at=minute * MINUTE)
    world.tells("disk", "p: finished")


def test_what_goes_round_for_weeks_does_not_grow(world: World) -> None:
    """Whoever is paged in each pass is paged anew in it; what is long over would be read and written each time."""
    world.has(person("ann"), person("bob"))
    world.policy("p", step("ann"), step("bob", wait=5 * MINUTE), passes=1000, end_wait=5 * MINUTE)
    world.key("k", "p")
    world.alert("k", "disk")
    for lap in range(40):
        world.phone("ann").expects("disk", at=lap * 10 * MINUTE)
        world.pass_(10 * MINUTE)
        world.phone("bob").expects("disk", at=lap * 10 * MINUTE + 5 * MINUTE)
    world.phone("ann").ignores_the_rest()
    assert len(world.incident("disk").course.pagings) <= 2 * (REMEMBERED + 1)


def test_passes_that_take_no_time_are_one(world: World) -> None:
    world.has(person("ann"))
    world.policy("p", step("ann"), step("ann"), passes=1000, pagings_go_on=False)
    world.key("k", "p")
    world.alert("k", "disk")
    world.phone("ann").expects("disk", at=0)
    assert len(world.story("disk")) < 20
    world.tells("disk", "p: finished")
    world.phone("ann").ignores_the_rest()
