"""Several responders, reroutes, escalations by hand."""

import pytest

from tests.stories.phones import Trouble
from tests.stories.town import person, policy, ring, step
from tests.stories.world import World
from watchbill.domain.alert import Signal
from watchbill.domain.civil import HOUR, MINUTE, WEEK
from watchbill.domain.errors import Conflict
from watchbill.domain.incident import Incident, Phase
from watchbill.domain.people import User
from watchbill.domain.routes import Start


def often(name: str) -> User:
    return person(name, ring("pocket", then=5 * MINUTE), repeats=True)


@pytest.fixture
def team(world: World) -> World:
    """Ann and Bob each have a policy, Carl comes ten minutes after Bob; all are paged every five minutes."""
    world.has(often("ann"), often("bob"), often("carl"), often("dora"))
    world.policy("a", step("ann"))
    world.policy("b", step("bob"), step("carl", wait=10 * MINUTE))
    world.key("both", "a", "b", multi=True)
    world.key("a", "a")
    return world


def phase(world: World) -> Phase:
    return world.incident("disk").phase


def test_each_policy_of_a_multi_responder_key_has_to_answer(team: World) -> None:
    team.alert("both", "disk")
    team.phone("ann").expects("disk", at=0).replies("ack")
    team.phone("bob").expects("disk", at=0)
    assert phase(team) is Phase.TRIGGERED
    team.pass_(5 * MINUTE)
    team.phone("bob").expects("disk", at=5 * MINUTE).replies("ack")
    assert phase(team) is Phase.ACKNOWLEDGED
    team.stays_quiet(WEEK)
    team.tells("disk", "ann answered; others are still being paged", "acknowledged by bob")


def test_a_policy_goes_on_escalating_until_one_of_its_people_answers(team: World) -> None:
    team.alert("both", "disk")
    team.phone("bob").expects("disk", at=0)
    team.phone("ann").expects("disk", at=0).replies("ack")
    team.pass_(10 * MINUTE)
    for at in (5, 10):
        team.phone("bob").expects("disk", at=at * MINUTE)
    team.phone("carl").expects("disk", at=10 * MINUTE).replies("ack")
    assert phase(team) is Phase.ACKNOWLEDGED
    team.stays_quiet(WEEK)


def test_one_answer_counts_for_every_policy_that_paged_its_giver(team: World) -> None:
    team.policy("b", step("ann"))
    team.alert("both", "disk")
    team.phone("ann").expects("disk", at=0).replies("ack")
    assert phase(team) is Phase.ACKNOWLEDGED
    team.stays_quiet(WEEK)


def test_who_two_policies_want_goes_on_being_paged_when_one_of_them_is_answered(team: World) -> None:
    team.policy("a", step("ann", "bob"))
    team.policy("b", step("bob"))
    team.alert("both", "disk")
    team.phone("bob").expects("disk", at=0)
    team.phone("ann").expects("disk", at=0).replies("ack")
    team.pass_(6 * MINUTE)
    team.phone("bob").expects("disk", at=5 * MINUTE).replies("ack")
    assert phase(team) is Phase.ACKNOWLEDGED


def test_each_called_policy_has_to_answer(team: World) -> None:
    team.policy("outer", step(policy("a"), policy("b")))
    team.key("both", "outer", multi=True)
    team.alert("both", "disk")
    team.phone("bob").expects("disk", at=0)
    team.phone("ann").expects("disk", at=0).replies("ack")
    assert phase(team) is Phase.TRIGGERED
    team.pass_(5 * MINUTE)
    team.phone("bob").expects("disk", at=5 * MINUTE).replies("ack")
    assert phase(team) is Phase.ACKNOWLEDGED


def test_nobody_waits_for_a_policy_that_reaches_nobody(team: World) -> None:
    team.phone("bob").breaks(Trouble.NEVER)
    team.phone("carl").breaks(Trouble.NEVER)
    team.alert("both", "disk")
    team.phone("ann").expects("disk", at=0).replies("ack")
    assert phase(team) is Phase.ACKNOWLEDGED


def test_somebody_who_was_not_paged_answers_for_everybody(team: World) -> None:
    team.alert("both", "disk")
    team.phone("ann").expects("disk", at=0)
    team.phone("bob").expects("disk", at=0)
    team.acknowledges("dora", "disk")
    assert (phase(team), team.incident("disk").acked_by) == (Phase.ACKNOWLEDGED, "dora")
    team.stays_quiet(WEEK)


def test_two_users_are_asked_for_and_each_has_to_answer(team: World) -> None:
    team.alert("a", "disk")
    team.phone("ann").expects("disk", at=0).replies("ack")
    team.pass_(MINUTE)
    team.asks_for("ann", "disk", Start(user_id="bob"), Start(user_id="dora"))
    assert phase(team) is Phase.TRIGGERED
    team.phone("bob").expects("disk", at=MINUTE).replies("ack")
    team.phone("dora").expects("disk", at=MINUTE)
    assert phase(team) is Phase.TRIGGERED
    team.acknowledges("ann", "disk")
    assert phase(team) is Phase.TRIGGERED
    team.pass_(5 * MINUTE)
    team.phone("dora").expects("disk", at=6 * MINUTE).replies("ack")
    assert phase(team) is Phase.ACKNOWLEDGED
    team.stays_quiet(WEEK)
    team.tells("disk", "ann asks for bob, dora")


def test_a_user_and_a_policy_are_asked_for_beside_those_at_work(team: World) -> None:
    team.alert("a", "disk")
    team.asks_for("ann", "disk", Start("b"), Start(user_id="dora"))
    for who in ("ann", "bob", "dora"):
        team.phone(who).expects("disk", at=0)
        assert phase(team) is Phase.TRIGGERED
        team.acknowledges(who, "disk")
    assert phase(team) is Phase.ACKNOWLEDGED
    team.stays_quiet(WEEK)


def test_resolving_ends_it_for_all(team: World) -> None:
    team.alert("both", "disk")
    team.phone("bob").expects("disk", at=0)
    team.phone("ann").expects("disk", at=0).replies("resolve")
    assert (phase(team), team.incident("disk").resolved_by) == (Phase.RESOLVED, "ann")
    team.stays_quiet(WEEK)


def test_a_reroute_replaces_all_paging(team: World) -> None:
    team.alert("a", "disk")
    team.phone("ann").expects("disk", at=0)
    team.pass_(MINUTE)
    team.reroutes("ann", "disk", Start("b"), Start(user_id="dora"))
    team.phone("bob").expects("disk", at=MINUTE)
    team.phone("dora").expects("disk", at=MINUTE).replies("ack")
    team.stays_quiet(WEEK)
    team.tells("disk", "rerouted by ann to b, dora")


def test_a_reroute_pops_an_acknowledgement_and_a_snooze(team: World) -> None:
    team.alert("a", "disk")
    team.phone("ann").expects("disk", at=0)
    team.snoozes("ann", "disk", HOUR)
    team.reroutes("ann", "disk", Start(user_id="dora"))
    assert phase(team) is Phase.TRIGGERED
    team.phone("dora").expects("disk", at=0).replies("ack")
    team.stays_quiet(WEEK)


def test_escalating_takes_the_next_step_at_once(team: World) -> None:
    team.key("b", "b")
    team.alert("b", "disk")
    team.phone("bob").expects("disk", at=0)
    team.pass_(MINUTE)
    team.escalates("bob", "disk")
    team.phone("carl").expects("disk", at=MINUTE).replies("ack")
    team.stays_quiet(WEEK)


def test_escalating_an_acknowledged_incident_triggers_it_and_takes_the_next_step(team: World) -> None:
    team.key("b", "b")
    team.alert("b", "disk")
    team.phone("bob").expects("disk", at=0).replies("ack")
    team.pass_(MINUTE)
    team.escalates("bob", "disk")
    assert phase(team) is Phase.TRIGGERED
    team.phone("carl").expects("disk", at=MINUTE).replies("ack")
    assert phase(team) is Phase.ACKNOWLEDGED


def test_escalating_after_the_last_step_begins_again(team: World) -> None:
    team.alert("a", "disk")
    team.phone("ann").expects("disk", at=0).replies("ack")
    team.pass_(MINUTE)
    team.escalates("bob", "disk")
    team.phone("ann").expects("disk", at=MINUTE).replies("ack")


def test_who_is_escalated_to_in_a_multi_responder_incident_has_to_answer_too(team: World) -> None:
    team.alert("both", "disk")
    team.phone("ann").expects("disk", at=0)
    team.phone("bob").expects("disk", at=0).replies("ack")
    team.escalates("bob", "disk")
    team.phone("carl").expects("disk", at=0).replies("ack")
    assert phase(team) is Phase.TRIGGERED
    team.acknowledges("ann", "disk")
    assert phase(team) is Phase.ACKNOWLEDGED


def test_a_resolved_incident_refuses_every_verb(team: World) -> None:
    team.alert("a", "disk")
    page = team.phone("ann").expects("disk", at=0)
    team.recovers("disk")
    for verb in (team.acknowledges, team.resolves, team.escalates):
        with pytest.raises(Conflict):
            verb("ann", "disk")
    for more in (team.reroutes, team.asks_for):
        with pytest.raises(Conflict):
            more("ann", "disk", Start(user_id="bob"))
    with pytest.raises(Conflict):
        team.snoozes("ann", "disk", HOUR)
    with pytest.raises(Conflict):
        page.replies("ack")


def test_a_page_is_acknowledged_once_and_may_still_resolve(team: World) -> None:
    team.alert("a", "disk")
    page = team.phone("ann").expects("disk", at=0)
    page.replies("ack")
    with pytest.raises(Conflict):
        page.replies("ack")
    page.replies("resolve")
    assert phase(team) is Phase.RESOLVED
    with pytest.raises(Conflict):
        page.replies("resolve")


def test_acknowledging_again_changes_nothing(team: World) -> None:
    team.alert("a", "disk", Signal.WARNING)
    team.phone("ann").expects("disk", at=0)
    first: Incident = team.acknowledges("ann", "disk")
    team.pass_(HOUR)
    for who in ("ann", "a machine"):
        again = team.acknowledges(who, "disk")
        assert (again.acked_by, again.transitions) == ("ann", first.transitions)


def test_another_person_who_acknowledges_takes_it_over(team: World) -> None:
    team.alert("a", "disk", Signal.WARNING)
    team.phone("ann").expects("disk", at=0)
    first: Incident = team.acknowledges("ann", "disk")
    team.pass_(HOUR)
    again = team.acknowledges("bob", "disk")
    assert (again.acked_by, again.acked_at) == ("bob", first.acked_at)
    team.tells("disk", "taken over by bob")
    team.stays_quiet(WEEK)


def test_what_somebody_snoozed_is_theirs_until_then(team: World) -> None:
    team.alert("a", "disk", Signal.WARNING)
    team.phone("ann").expects("disk", at=0)
    team.snoozes("ann", "disk", HOUR)
    assert team.acknowledges("bob", "disk").acked_by == "ann"


def test_a_policy_that_does_not_stop_for_an_acknowledgement_goes_on(team: World) -> None:
    team.policy("b", step("bob"), step("carl", wait=10 * MINUTE), stop_on=frozenset())
    team.key("through", "a", "b")
    team.alert("through", "disk")
    team.phone("ann").expects("disk", at=0).replies("ack")
    team.pass_(11 * MINUTE)
    for at in (0, 5, 10):
        team.phone("bob").expects("disk", at=at * MINUTE)
    team.phone("carl").expects("disk", at=10 * MINUTE).replies("resolve")
    team.stays_quiet(WEEK)
