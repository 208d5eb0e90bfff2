"""The life of a page, row by row (reference, part 5.1)."""

from tests.dialects.datadog.oncall import ANN, BOB, CYD, Story, step
from watchbill.domain.civil import HOUR, MINUTE
from watchbill.domain.routes import Start


def test_created_it_is_triggered_and_the_policy_starts_at_its_first_step(story: Story) -> None:
    story.steps(step(ANN), step(BOB))
    story.pages("disk")
    assert story.phase("disk") == "triggered"
    story.world.phone(ANN).expects("disk", at=0).replies("ack")


def test_acknowledged_nothing_more_is_sent(story: Story) -> None:
    story.steps(step(ANN), step(BOB), retries=3)
    id = story.pages("disk")
    story.world.phone(ANN).expects("disk")
    story.does("acknowledge", id)
    assert story.phase("disk") == "acknowledged"
    story.world.stays_quiet(24 * HOUR)


def test_after_the_time_of_a_step_the_next_one_starts(story: Story) -> None:
    story.steps(step(ANN, after=120), step(BOB, after=180), step(CYD))
    story.pages("disk")
    story.world.pass_(HOUR)
    story.world.phone(ANN).expects("disk", at=0)
    story.world.phone(BOB).expects("disk", at=2 * MINUTE)
    story.world.phone(CYD).expects("disk", at=5 * MINUTE)
    assert story.phase("disk") == "triggered"


def test_escalated_the_next_step_starts_at_once(story: Story) -> None:
    story.steps(step(ANN, after=600), step(BOB, after=600), step(CYD, after=600))
    id = story.pages("disk")
    story.world.pass_(MINUTE)
    story.does("escalate", id)
    story.world.phone(ANN).expects("disk", at=0)
    story.world.phone(BOB).expects("disk", at=MINUTE)
    story.world.pass_(10 * MINUTE)
    story.world.phone(CYD).expects("disk", at=11 * MINUTE)
    story.world.tells("disk", "escalated by admin")


def test_when_the_policy_is_over_it_is_resolved_where_the_policy_says_so(story: Story) -> None:
    story.steps(step(ANN, after=60), step(BOB, after=120), resolve_page_on_policy_end=True)
    story.pages("disk")
    story.world.pass_(3 * MINUTE - 1)
    assert story.phase("disk") == "triggered"
    story.world.pass_(1)
    assert story.phase("disk") == "resolved"
    story.world.phone(ANN).expects("disk")
    story.world.phone(BOB).expects("disk")
    story.world.tells("disk", "the policy came to its end")


def test_else_it_stays_triggered_and_nobody_is_notified_any_more(story: Story) -> None:
    story.steps(step(ANN, after=60))
    story.pages("disk")
    story.world.phone(ANN).expects("disk")
    story.world.stays_quiet(24 * HOUR)
    assert story.phase("disk") == "triggered"


def test_acknowledged_for_too_long_it_is_triggered_again_and_the_policy_starts_over(story: Story) -> None:
    id = story.policy(step(ANN), step(BOB))
    action = {"type": "escalation_policy", "policy_id": id, "urgency": "high", "ack_timeout_minutes": 30}
    story.rules({"actions": [action]})
    page = story.pages("disk")
    story.world.pass_(6 * MINUTE)
    story.world.phone(ANN).expects("disk", at=0)
    story.world.phone(BOB).expects("disk", at=5 * MINUTE)
    story.does("acknowledge", page)
    story.world.stays_quiet(29 * MINUTE)
    story.world.pass_(MINUTE)
    assert story.phase("disk") == "triggered"
    story.world.phone(ANN).expects("disk", at=36 * MINUTE)
    story.does("acknowledge", page)


def test_resolved_all_stops(story: Story) -> None:
    story.steps(step(ANN), step(BOB), retries=2)
    for before in ("acknowledge", "resolve"):
        id = story.pages(before)
        story.world.phone(ANN).expects(before)
        story.does(before, id)
        story.does("resolve", id)
        assert story.phase(before) == "resolved"
        story.world.stays_quiet(24 * HOUR)


def test_reassigned_the_new_people_are_notified_at_once(story: Story) -> None:
    """There is no operation for it here; others have one."""
    story.steps(step(ANN), step(BOB))
    story.does("acknowledge", story.pages("disk"))
    story.world.phone(ANN).expects("disk")
    story.world.reroutes("admin", "disk", Start(user_id=CYD))
    assert story.phase("disk") == "triggered"
    story.world.phone(CYD).expects("disk", at=0)
    story.world.stays_quiet(HOUR)


def test_escalated_after_an_acknowledgement_it_is_triggered_and_the_next_step_starts(story: Story) -> None:
    story.steps(step(ANN), step(BOB))
    id = story.pages("disk")
    story.does("acknowledge", id)
    story.world.stays_quiet(HOUR)
    story.does("escalate", id)
    assert story.phase("disk") == "triggered"
    story.world.phone(ANN).expects("disk", at=0)
    story.world.phone(BOB).expects("disk", at=HOUR)
    story.does("resolve", id)


def test_escalated_at_the_end_it_begins_again(story: Story) -> None:
    story.steps(step(ANN), step(BOB))
    id = story.pages("disk")
    story.world.pass_(HOUR)
    story.world.phone(BOB).expects("disk", at=5 * MINUTE)
    story.does("escalate", id)
    story.world.phone(ANN).expects("disk", at=0)
    story.world.phone(ANN).expects("disk", at=HOUR)
    story.does("resolve", id)


def test_what_is_resolved_stays_so(story: Story) -> None:
    story.steps(step(ANN))
    id = story.pages("disk")
    story.world.phone(ANN).expects("disk")
    story.does("resolve", id)
    for action in ("acknowledge", "escalate", "resolve"):
        story.does(action, id)
        assert story.phase("disk") == "resolved"
    story.world.stays_quiet(HOUR)


def test_an_answer_by_phone_counts_for_all(story: Story) -> None:
    story.steps(step(ANN, BOB), step(CYD))
    story.pages("disk")
    story.world.phone(ANN).expects("disk").replies("ack")
    story.world.phone(BOB).expects("disk")
    story.world.stays_quiet(HOUR)
    assert story.world.incident("disk").acked_by == "ann"
