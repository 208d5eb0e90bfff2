"""Running a policy, row by row (reference, part 5.3)."""

import pytest

from tests.dialects.datadog.oncall import (
    ANN,
    BOB,
    CYD,
    DB,
    POLICIES,
    SCHEDULES,
    WEB,
    Story,
    document,
    layer,
    policy,
    step,
    target,
)
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND
from watchbill.domain.record import replace


def test_a_step_notifies_all_its_targets_at_once(story: Story) -> None:
    rota = story.schedule(layer(CYD))
    story.steps(step(target(WEB, "teams"), target(rota, "schedules")))
    story.pages("disk")
    for one in (ANN, BOB, CYD):
        story.world.phone(one).expects("disk", at=0)


def test_who_is_reached_twice_is_notified_once(story: Story) -> None:
    rota = story.schedule(layer(ANN))
    story.steps(step(ANN, target(WEB, "teams"), target(rota, "schedules"), target(rota, "schedules", "previous"), ANN))
    story.pages("disk")
    story.world.phone(ANN).expects("disk")
    story.world.phone(BOB).expects("disk")


def test_schedules_are_asked_when_the_step_starts(story: Story) -> None:
    rota = story.schedule(layer(ANN, BOB, CYD))
    on_call = [target(rota, "schedules", position) for position in ("current", "previous", "next")]
    story.steps(*(step(one, after=3600) for one in on_call))
    story.world.pass_(2 * DAY - 2 * HOUR)
    story.pages("disk")
    story.world.pass_(5 * HOUR)
    story.world.phone(BOB).expects("disk", at=2 * DAY - 2 * HOUR)
    story.world.phone(ANN).expects("disk", at=2 * DAY - HOUR)
    story.world.phone(ANN).expects("disk", at=2 * DAY)


def test_a_step_that_reaches_nobody_is_skipped_without_waiting(story: Story) -> None:
    nobody = story.schedule(layer(None))
    story.steps(step(target(DB, "teams"), target(nobody, "schedules")), step(ANN))
    story.pages("disk")
    story.world.phone(ANN).expects("disk", at=0)
    story.world.tells("disk", "step 1 reaches nobody; the next step is taken at once")


def test_the_last_step_is_skipped_too(story: Story) -> None:
    story.steps(step(ANN, after=60), step(target(DB, "teams"), after=3600), retries=1, resolve_page_on_policy_end=True)
    story.pages("disk")
    story.world.pass_(HOUR)
    story.world.phone(ANN).expects("disk", at=0)
    story.world.phone(ANN).expects("disk", at=MINUTE)
    assert story.world.incident("disk").resolved_at == story.world.now - HOUR + 2 * MINUTE


def test_the_whole_sequence_is_repeated(story: Story) -> None:
    story.steps(step(ANN, after=60), step(BOB, after=120), retries=2)
    story.pages("disk")
    story.world.pass_(DAY)
    for lap in range(3):
        story.world.phone(ANN).expects("disk", at=3 * lap * MINUTE)
        story.world.phone(BOB).expects("disk", at=(3 * lap + 1) * MINUTE)


def test_round_robin_goes_through_the_targets_page_by_page(story: Story) -> None:
    rota = story.schedule(layer(CYD))
    story.steps(step(target(WEB, "teams"), target(rota, "schedules"), assignment="round-robin"))
    for title, people in (("one", (ANN, BOB)), ("two", (CYD,)), ("three", (ANN, BOB))):
        story.pages(title)
        for one in people:
            story.world.phone(one).expects(title)
        story.world.pass_(HOUR)


def test_whom_round_robin_does_not_reach_leaves_it_to_the_next_step(story: Story) -> None:
    story.steps(step(ANN, BOB, assignment="round-robin", after=60), step(CYD))
    story.pages("disk")
    story.world.pass_(HOUR)
    story.world.phone(ANN).expects("disk", at=0)
    story.world.phone(CYD).expects("disk", at=MINUTE)


def test_in_a_round_who_can_not_be_reached_passes_their_turn_on(story: Story) -> None:
    rota = story.schedule(layer(None))
    story.steps(step(ANN, target(rota, "schedules"), BOB, CYD, assignment="round-robin"))
    story.api.delete(f"/api/v2/users/{ANN}").expect(204)
    for title in ("a", "b", "c"):
        story.pages(title)
    for who, title in ((BOB, "a"), (CYD, "b"), (BOB, "c")):
        story.world.phone(who).expects(title, at=0)
    story.world.tells("a", "P: user ann has nobody now", "P: schedule Primary (current) has nobody now")
    assert not story.world.incident("a").unreached


def test_a_round_of_nobody_reaches_nobody(story: Story) -> None:
    story.steps(step(ANN, BOB, assignment="round-robin"), step(CYD))
    for each in (ANN, BOB):
        story.api.delete(f"/api/v2/users/{each}").expect(204)
    story.pages("disk")
    story.world.phone(CYD).expects("disk", at=0)


def test_with_retries_each_repeat_takes_the_next_target(story: Story) -> None:
    story.steps(step(ANN, BOB, CYD, assignment="round-robin", after=60), retries=3)
    story.pages("disk")
    story.world.pass_(HOUR)
    for minute, one in enumerate((ANN, BOB, CYD, ANN)):
        story.world.phone(one).expects("disk", at=minute * MINUTE)


def test_an_update_that_keeps_the_step_keeps_the_turn(story: Story) -> None:
    id = story.steps(step(ANN, BOB, assignment="round-robin"))
    story.pages("one")
    story.world.phone(ANN).expects("one")
    stored = story.world.organization.policies[id].steps[0].id
    asked = policy(step(ANN, BOB, CYD, assignment="round-robin", id=stored, after=600), id=id)
    story.api.put(f"{POLICIES}/{id}", asked).expect(200)
    story.pages("two")
    story.world.phone(BOB).expects("two")
    story.api.put(f"{POLICIES}/{id}", policy(step(CYD, ANN, assignment="round-robin"), id=id)).expect(200)
    story.pages("three")
    story.world.phone(CYD).expects("three")


def test_an_update_does_not_touch_pages_that_run(story: Story) -> None:
    id = story.steps(step(ANN), step(BOB))
    story.pages("disk")
    story.world.phone(ANN).expects("disk")
    story.api.put(f"{POLICIES}/{id}", policy(step(CYD), id=id)).expect(200)
    story.world.pass_(HOUR)
    story.world.phone(BOB).expects("disk", at=5 * MINUTE)


def test_the_disabled_are_not_notified_and_stay_where_they_are(story: Story) -> None:
    rota = story.schedule(layer(BOB))
    id = story.steps(step(BOB, target(rota, "schedules")), step(ANN))
    story.world.has(replace(story.world.organization.users[BOB], active=False))
    story.pages("disk")
    story.world.phone(ANN).expects("disk", at=0)
    body = story.api.get(f"{POLICIES}/{id}?include=steps.targets").expect(200)
    statuses = {one["id"]: one["attributes"]["status"] for one in body["included"] if one["type"] == "users"}
    assert statuses[BOB] == "deactivated"
    shift = story.api.get(f"{SCHEDULES}/{rota}/on-call").expect(200)
    assert shift["data"]["relationships"]["user"]["data"]["id"] == BOB


@pytest.mark.parametrize("patched", [False, True])
def test_whom_a_page_waits_for_is_disabled_and_it_goes_on_at_once(story: Story, patched: bool) -> None:
    story.steps(step(ANN, after=HOUR // SECOND), step(BOB))
    story.pages("disk")
    story.world.phone(ANN).expects("disk", at=0)
    story.world.pass_(MINUTE)
    if patched:
        story.api.patch(f"/api/v2/users/{ANN}", document("users", {"disabled": True}, id=ANN)).expect(200)
    else:
        story.api.delete(f"/api/v2/users/{ANN}").expect(204)
    story.world.phone(BOB).expects("disk", at=MINUTE)
    story.world.tells("disk", "Ann is no longer an active user: can't be reached")


def test_a_page_that_somebody_else_may_answer_waits_for_them(story: Story) -> None:
    story.steps(step(ANN, BOB), step(CYD))
    story.pages("disk")
    for each in (ANN, BOB):
        story.world.phone(each).expects("disk", at=0)
    story.api.delete(f"/api/v2/users/{ANN}").expect(204)
    story.world.stays_quiet(5 * MINUTE - SECOND)
    story.world.pass_(SECOND)
    story.world.phone(CYD).expects("disk", at=5 * MINUTE)


def test_disabled_or_changed_again_nothing_happens_twice(story: Story) -> None:
    """Only who was active goes; what was acknowledged waits for nobody."""
    story.steps(step(ANN), step(BOB), step(CYD))
    id = story.pages("disk")
    story.world.phone(ANN).expects("disk", at=0)
    story.does("acknowledge", id)
    story.api.delete(f"/api/v2/users/{ANN}").expect(204)
    story.api.patch(f"/api/v2/users/{ANN}", document("users", {"name": "Ann Lee"}, id=ANN)).expect(200)
    story.world.stays_quiet(HOUR)
    story.does("escalate", id)
    story.world.phone(BOB).expects("disk", at=HOUR)


def test_a_deleted_schedule_is_skipped_from_then_on(story: Story) -> None:
    rota = story.schedule(layer(BOB))
    story.steps(step(target(rota, "schedules")), step(ANN))
    story.api.delete(f"{SCHEDULES}/{rota}").expect(204)
    story.pages("disk")
    story.world.phone(ANN).expects("disk", at=0)


def test_a_policy_that_reaches_nobody_says_so(story: Story) -> None:
    """The product is silent here; ours never is."""
    story.steps(step(target(DB, "teams")), retries=1)
    story.pages("disk")
    assert story.world.incident("disk").unreached
    story.world.phone(story.world.organization.users_by_name["admin"].id).expects("disk")
    story.world.pass_(HOUR)
    story.world.phone(story.world.organization.users_by_name["admin"].id).ignores_the_rest()
