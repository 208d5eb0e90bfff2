"""How one person is paged: by which policy of theirs, over which contacts, how often."""

from dataclasses import replace

import pytest

from tests.stories.phones import Trouble
from tests.stories.town import contact, daily, paged_by, person, ring, step, user
from tests.stories.world import World
from watchbill.domain.alert import Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.people import ContactMethod, PagingRule, PagingStep, Urgency, User
from watchbill.domain.routes import RoutingKey, Start


def paged(world: World, *people: User, **more: object) -> None:
    """These people are paged together for everything with the key "db"."""
    world.has(*people)
    world.policy("db", step(*(one.id for one in people)), **more)
    world.key("db", "db")


def test_steps_follow_their_timeouts_and_the_last_repeats(world: World) -> None:
    paged(world, person("ann", ring("pocket"), ring("sms", "email", then=15 * MINUTE), repeats=True))
    world.alert("db", "disk")
    world.pass_(36 * MINUTE)
    ann = world.phone("ann")
    ann.expects("disk", at=0, by="pocket")
    for at in (5, 20, 35):
        ann.expects("disk", at=at * MINUTE, by="sms")
        ann.expects("disk", at=at * MINUTE, by="email")


def test_without_repeating_the_last_step_is_the_end(world: World) -> None:
    paged(world, person("ann", ring("pocket"), ring("sms")))
    world.alert("db", "disk")
    world.pass_(DAY)
    world.phone("ann").expects("disk", at=0, by="pocket")
    world.phone("ann").expects("disk", at=5 * MINUTE, by="sms")
    assert not world.incident("disk").unreached


def test_the_first_policy_whose_hours_and_urgency_fit_is_used(world: World) -> None:
    nights = paged_by("nights", ring("voice"), hours=daily("Europe/Paris", 22, 7))
    low = paged_by("low", ring("email"), urgency=Urgency.LOW)
    paged(world, person("ann", policies=(nights, low, paged_by("primary", ring("pocket")))))
    world.alert("db", "at 2 in Paris")
    world.phone("ann").expects("at 2 in Paris", by="voice")
    world.pass_(5 * HOUR)
    world.alert("db", "at 7 in Paris")
    world.phone("ann").expects("at 7 in Paris", by="pocket")
    world.alert("db", "low", Signal.WARNING)
    world.phone("ann").expects("low", by="email")


def test_a_policy_can_ask_for_the_primary_one(world: World) -> None:
    nights = paged_by("nights", ring("voice"), hours=daily("UTC", 0, 24))
    ann = person("ann", policies=(nights, paged_by("primary", ring("pocket"))))
    paged(world, ann, use_primary=True)
    world.alert("db", "disk")
    world.phone("ann").expects("disk", by="pocket")


def test_an_unverified_or_inactive_contact_is_skipped_at_once(world: World) -> None:
    contacts = (contact("ann", "phone", verified=False), contact("ann", "pocket"))
    paged(world, person("ann", ring("sms"), ring("pocket"), contacts=contacts))
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0, by="pocket")
    world.tells("disk", "paging step 1 has no usable contact")


def test_a_later_step_that_can_not_be_used_leaves_the_one_before_repeating(world: World) -> None:
    contacts = (contact("ann", "pocket"), contact("ann", "phone", verified=False))
    paged(world, person("ann", ring("pocket"), ring("sms"), contacts=contacts, repeats=True))
    world.alert("db", "disk")
    world.pass_(12 * MINUTE)
    for at in (0, 5, 10):
        world.phone("ann").expects("disk", at=at * MINUTE, by="pocket")
    assert not world.incident("disk").unreached


def test_who_has_no_usable_step_is_paged_by_every_contact(world: World) -> None:
    contacts = (contact("ann", "phone"), contact("ann", "email"), contact("ann", "push", verified=False))
    paged(world, person("ann", ring("push"), contacts=contacts))
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0, by="sms")
    world.phone("ann").expects("disk", at=0, by="email")


def test_who_has_no_policy_at_all_is_paged_by_every_contact_again_and_again(world: World) -> None:
    paged(world, User("ann", 1, "ann", contacts=(contact("ann", "pocket"),)))
    world.alert("db", "disk")
    world.pass_(6 * MINUTE)
    world.phone("ann").expects("disk", at=0, by="pocket")
    world.phone("ann").expects("disk", at=5 * MINUTE, by="pocket")


def test_the_address_of_the_account_is_the_last_resort(world: World) -> None:
    paged(world, person("ann", ring("sms"), contacts=(), email="ann@example.org", repeats=True))
    world.alert("db", "disk")
    world.pass_(6 * MINUTE)
    for at in (0, 5):
        assert world.phone("ann").expects("disk", at=at * MINUTE, by="email").message.address == "ann@example.org"
    assert not world.incident("disk").unreached


def test_who_is_called_by_several_ways_is_paged_once(world: World) -> None:
    world.has(person("ann"))
    world.team("ops", "ann")
    world.policy("db", step("ann", "ann"), step("ann", wait=MINUTE))
    world.policy("ops", step("ann"))
    world.key("db", "db", "ops")
    world.has(person("ann", ring("pocket", then=10 * MINUTE), repeats=True))
    world.alert("db", "disk")
    world.pass_(11 * MINUTE)
    world.phone("ann").expects("disk", at=0)
    world.phone("ann").expects("disk", at=10 * MINUTE)
    world.tells("disk", "ann: being paged already")


def test_who_is_being_paged_quietly_is_paged_anew_when_it_gets_urgent(world: World) -> None:
    low = paged_by("low", ring("email", then=HOUR), urgency=Urgency.LOW, repeats=True)
    world.has(person("ann", policies=(low, paged_by("high", ring("pocket")))))
    world.policy("db", step("ann"), step("ann", wait=10 * MINUTE, urgency=Urgency.HIGH))
    world.key("db", "db", urgency=Urgency.LOW)
    world.alert("db", "disk")
    world.pass_(3 * HOUR)
    world.phone("ann").expects("disk", at=0, by="email")
    world.phone("ann").expects("disk", at=10 * MINUTE, by="pocket")


def test_one_contact_of_several_can_be_meant(world: World) -> None:
    contacts = (contact("office", "phone"), contact("private", "phone"))
    only = PagingStep((PagingRule("sms", "private-phone"),), MINUTE)
    paged(world, person("ann", only, contacts=contacts))
    world.alert("db", "disk")
    assert world.phone("ann").expects("disk", at=0).message.address == "private@phone"


def test_when_every_page_of_a_step_fails_for_good_the_next_contact_is_tried_at_once(world: World) -> None:
    paged(world, person("ann", ring("pocket", "sms"), ring("voice", then=HOUR)))
    world.phone("ann").breaks(Trouble.NEVER, "pocket").breaks(Trouble.NEVER, "sms")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0, by="voice")
    world.tells("disk", "no such address; trying the next contact now", "pocket to ann@pocket: no such address; given")


def test_while_one_page_of_a_step_arrives_the_next_contact_waits(world: World) -> None:
    paged(world, person("ann", ring("pocket", "sms"), ring("voice", then=HOUR)))
    world.phone("ann").breaks(Trouble.NEVER, "pocket")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0, by="sms")
    world.phone("ann").expects("disk", at=5 * MINUTE, by="voice")


def later(then: int = 5 * MINUTE) -> PagingStep:
    """A first step that only waits."""
    return PagingStep((), then)


def test_somebody_may_want_to_be_paged_later_than_at_once(world: World) -> None:
    paged(world, person("ann", later(), ring("pocket", then=MINUTE), ring("sms"), repeats=True))
    world.alert("db", "disk")
    world.pass_(7 * MINUTE)
    ann = world.phone("ann")
    ann.expects("disk", at=5 * MINUTE, by="pocket")
    ann.expects("disk", at=6 * MINUTE, by="sms")
    world.tells("disk", "to be paged 300 s from now")
    assert not world.incident("disk").unreached


def test_an_acknowledgement_comes_before_a_later_page(world: World) -> None:
    paged(world, person("ann", later(), ring("pocket")), person("bob"))
    world.alert("db", "disk")
    world.phone("bob").expects("disk", at=0)
    world.acknowledges("bob", "disk")
    world.stays_quiet(DAY)


def test_nobody_waits_for_a_contact_that_cannot_be_used(world: World) -> None:
    contacts = (contact("ann", "phone", verified=False), contact("ann", "pocket"))
    paged(world, person("ann", later(), ring("sms"), contacts=contacts))
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0, by="pocket")


def test_who_was_to_be_paged_too_late_was_not_reached(world: World) -> None:
    """The next step begins before their time has come, and ends the paging of the one before."""
    world.has(person("ann", later(HOUR), ring("pocket")), person("gone", active=False), person("net"))
    world.settings(safety_net=(user("net"),))
    world.policy("db", step("ann"), step("gone", wait=5 * MINUTE), pagings_go_on=False)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(2 * HOUR)
    world.phone("net").expects("disk", at=5 * MINUTE, by="pocket")
    assert world.incident("disk").unreached


def test_one_address_gets_one_page_however_many_rules_lead_there(world: World) -> None:
    twice = ContactMethod("second", 2, "phone", "ann@phone", verified=True)
    policy = paged_by("primary", ring("sms", "sms", "voice"))
    paged(world, person("ann", policies=(policy,), contacts=(contact("ann", "phone"), twice)))
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0, by="sms")
    world.phone("ann").expects("disk", at=0, by="voice")


def calm_and_loud(repeats: bool) -> User:
    """Mails while it is a warning, calls when it is critical."""
    calm = paged_by("low", ring("email", then=DAY), urgency=Urgency.LOW, repeats=repeats)
    return person("ann", policies=(calm, paged_by("high", ring("voice"), urgency=Urgency.HIGH)))


def rises(world: World) -> None:
    world.alert("k", "disk", Signal.WARNING)
    world.phone("ann").expects("disk", at=0, by="email")
    world.pass_(MINUTE)
    world.alert("k", "disk")


@pytest.mark.parametrize("repeats", [True, False])
@pytest.mark.parametrize("start", [Start("p"), Start(user_id="ann")])
def test_who_was_told_quietly_is_called_when_it_becomes_critical(world: World, start: Start, repeats: bool) -> None:
    world.has(calm_and_loud(repeats), RoutingKey("k", 1, "k", (start,)))
    world.policy("p", step("ann"))
    rises(world)
    world.phone("ann").expects("disk", at=MINUTE, by="voice")


def test_whom_a_step_calls_quietly_whatever_happens_is_not_called_when_it_becomes_critical(world: World) -> None:
    world.has(calm_and_loud(repeats=False))
    world.policy("p", step("ann", urgency=Urgency.LOW))
    world.key("k", "p")
    rises(world)


def test_the_primary_policy_alone_tells_who_is_called_when_it_becomes_critical(world: World) -> None:
    calm = calm_and_loud(repeats=False)
    always = paged_by("custom", ring("email"), hours=daily("UTC", 0, 24))
    world.has(replace(calm, paging=(always, *calm.paging)))
    world.policy("p", step("ann"), use_primary=True)
    world.key("k", "p")
    rises(world)
    world.phone("ann").expects("disk", at=MINUTE, by="voice")


@pytest.mark.parametrize("starts", [("p",), ("q",)])
def test_who_answered_is_not_called_for_a_lasting_alert_that_becomes_critical(
    world: World, starts: tuple[str, ...]
) -> None:
    world.has(calm_and_loud(repeats=False))
    world.policy("p", step("ann"))
    world.policy("q", step("ann"), once_each=True, resumes=True)
    world.key("k", *starts)
    world.alert("k", "disk", Signal.WARNING, lasting=True)
    world.phone("ann").expects("disk", at=0, by="email").replies("ack")
    world.alert("k", "disk", lasting=True)
    world.stays_quiet(DAY)
