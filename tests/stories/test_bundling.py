"""A storm never silences us, and never floods one person's phone."""

from collections import Counter

import pytest

from tests.stories.phones import Answer, Phone, Trouble
from tests.stories.town import person, ring, step
from tests.stories.world import World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND
from watchbill.domain.delivery import Delivery, Message, Verdict
from watchbill.domain.incident import Phase


def staffed(world: World, *names: str) -> None:
    for name in names:
        world.has(person(name))
        world.policy(name, step(name))
        world.key(name, name)


def carried(world: World, titles: list[str]) -> list[str]:
    """In what state the page of each incident ended."""
    return [world.deliveries(title)[0].state.value for title in titles]


def test_ten_incidents_a_minute_for_five_minutes_are_three_pages_and_then_one_a_minute(world: World) -> None:
    staffed(world, "ann")
    titles = [f"incident {number}" for number in range(50)]
    for title in titles:
        world.alert("ann", title)
        world.pass_(6 * SECOND)
    world.pass_(MINUTE)
    pages = world.phone("ann").ignores_the_rest()
    minutes = Counter(page.at // MINUTE for page in pages)
    assert [minutes[minute] for minute in range(6)] == [3, 1, 1, 1, 1, 1]
    assert {title for page in pages for title in page.titles} == set(titles)
    assert set(carried(world, titles)) == {"sent", "carried"}
    world.tells("incident 7", "sent in a bundle")


def test_a_storm_that_goes_on_for_an_hour_stays_at_one_page_a_minute(world: World) -> None:
    staffed(world, "ann")
    for number in range(240):
        world.alert("ann", f"incident {number}")
        world.pass_(15 * SECOND)
    world.pass_(MINUTE)
    pages = world.phone("ann").ignores_the_rest()
    minutes = Counter(page.at // MINUTE for page in pages)
    assert minutes[0] == 3
    assert {count for minute, count in minutes.items() if minute} == {1}
    assert {title for page in pages for title in page.titles} == {f"incident {number}" for number in range(240)}


def test_a_storm_of_a_thousand_keys_reaches_everybody_within_two_minutes(world: World) -> None:
    staffed(world, "ann", "bob")
    titles = [f"incident {number}" for number in range(1000)]
    events = [AlertEvent(Signal.CRITICAL, title, title, routing_key="ann") for title in titles]
    world.alerts(*events, AlertEvent(Signal.CRITICAL, "other", "other", routing_key="bob"))
    world.phone("bob").expects("other", at=0)
    world.pass_(2 * MINUTE)
    pages = world.phone("ann").ignores_the_rest()
    assert sum(1 for page in pages if page.at < MINUTE) <= 3
    assert len(pages) <= 5
    assert set(carried(world, titles)) == {"sent", "carried"}
    assert max(page.message.held for page in pages) > 50


def test_a_bundle_carries_more_than_one_claim_takes_up(world: World) -> None:
    """Each incident of a storm is in a message within a minute or so, however many contacts share the claims."""
    staffed(world, "ann", "bob", "cleo")
    world.key("all", "ann", "bob", "cleo")
    titles = [f"incident {number}" for number in range(1200)]
    world.alerts(*(AlertEvent(Signal.CRITICAL, "first", title, routing_key="all") for title in ("a", "b")))
    for start in range(0, len(titles), 100):
        some = titles[start : start + 100]
        world.alerts(*(AlertEvent(Signal.CRITICAL, title, title, routing_key="all") for title in some))
    world.pass_(MINUTE + 10 * SECOND)
    states = Counter(one.state.value for title in titles for one in world.deliveries(title))
    assert "waiting" not in states
    for name in ("ann", "bob", "cleo"):
        assert len(world.phone(name).ignores_the_rest()) <= 4


def test_a_new_key_in_a_storm_is_carried_within_the_minute(world: World) -> None:
    staffed(world, "ann")
    for number in range(20):
        world.alert("ann", f"incident {number}")
    world.pass_(10 * SECOND)
    world.alert("ann", "the real one")
    world.pass_(MINUTE)
    assert any("the real one" in page.titles for page in world.phone("ann").ignores_the_rest())


def test_the_most_urgent_leads_a_bundle(world: World) -> None:
    staffed(world, "ann")
    for number in range(3):
        world.alert("ann", f"incident {number}")
    world.alert("ann", "low", Signal.WARNING)
    world.alert("ann", "high")
    world.pass_(MINUTE)
    pages = world.phone("ann").ignores_the_rest()
    assert pages[-1].titles == ("high", "low")


def test_an_answer_to_a_bundle_answers_all_that_it_told_of(world: World) -> None:
    staffed(world, "ann")
    for number in range(8):
        world.alert("ann", f"incident {number}")
    world.pass_(HOUR)
    for page in world.phone("ann").ignores_the_rest():
        page.replies("ack")
    assert {world.incident(f"incident {number}").phase.value for number in range(8)} == {"acknowledged"}
    world.stays_quiet(DAY)


def test_a_program_may_answer_a_bundle_before_its_sending_is_noted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    staffed(world, "ann")
    take = Phone.take

    def answering(phone: Phone, message: Message, delivery: Delivery, answer: Answer) -> Verdict:
        verdict = take(phone, message, delivery, answer)
        if len(message.subjects) > 1:
            phone.received[-1].replies("ack")
        return verdict

    monkeypatch.setattr(Phone, "take", answering)
    titles = [f"incident {number}" for number in range(8)]
    for title in titles:
        world.alert("ann", title)
    world.pass_(2 * MINUTE)
    *singles, bundle = world.phone("ann").ignores_the_rest()
    alone = {title for page in singles for title in page.titles}
    assert {title for title in titles if world.incident(title).phase is Phase.TRIGGERED} == alone
    bundle.replies("resolve")
    assert {title for title in titles if world.incident(title).phase is Phase.RESOLVED} == set(bundle.titles)
    assert set(carried(world, list(bundle.titles))) == {"delivered", "carried"}


def test_what_is_answered_while_it_is_held_back_is_not_sent(world: World) -> None:
    staffed(world, "ann")
    for number in range(5):
        world.alert("ann", f"incident {number}")
    for number in range(5):
        world.acknowledges("ann", f"incident {number}")
    assert len(world.phone("ann").ignores_the_rest()) == 3
    world.stays_quiet(DAY)
    world.tells("incident 4", "not sent: acknowledged by ann")


def test_contacts_are_bundled_each_by_itself(world: World) -> None:
    world.has(person("ann", ring("pocket", "sms")))
    world.policy("p", step("ann"))
    world.key("p", "p")
    for number in range(3):
        world.alert("p", f"incident {number}")
    assert len(world.phone("ann").ignores_the_rest()) == 6


def test_a_quiet_while_later_pages_come_one_by_one_again(world: World) -> None:
    staffed(world, "ann")
    for round_ in range(2):
        for number in range(3):
            world.alert("ann", f"incident {round_} {number}")
            world.phone("ann").expects(f"incident {round_} {number}", at=round_ * HOUR)
        world.pass_(HOUR)


def test_an_organization_may_bundle_more_or_less(world: World) -> None:
    staffed(world, "ann")
    world.settings(bundle_after=1, bundle_every=10 * MINUTE)
    world.alert("ann", "one")
    world.phone("ann").expects("one", at=0)
    world.alert("ann", "two")
    world.alert("ann", "three")
    world.pass_(HOUR)
    world.phone("ann").expects("two", "three", at=10 * MINUTE)


def test_a_clock_that_was_put_back_by_a_day_does_not_silence_anybody(world: World) -> None:
    staffed(world, "ann")
    for number in range(3):
        world.alert("ann", f"incident {number}")
        world.phone("ann").expects(f"incident {number}")
    world.jumps(-DAY)
    world.alert("ann", "after the jump")
    world.phone("ann").expects("after the jump", at=-DAY)


def test_what_is_under_way_at_a_slow_provider_counts_too(world: World) -> None:
    """Ten incidents in ten seconds, and a provider that takes longer than that for each page."""
    staffed(world, "ann")
    world.phone("ann").breaks(Trouble.HANGS)
    titles = [f"incident {number}" for number in range(10)]
    for title in titles:
        world.alert("ann", title)
        world.pass_(SECOND)
    assert Counter(carried(world, titles)) == {"claimed": 3, "waiting": 7}
    world.phone("ann").works()
    world.pass_(3 * MINUTE)
    pages = world.phone("ann").ignores_the_rest()
    assert {title for page in pages for title in page.titles} == set(titles)


def test_what_is_held_back_still_leaves_when_the_next_step_has_begun(world: World) -> None:
    staffed(world, "ann")
    world.has(person("bob"))
    world.policy("hasty", step("ann"), step("bob", wait=10 * SECOND), pagings_go_on=False)
    world.key("hasty", "hasty")
    for number in range(3):
        world.alert("ann", f"incident {number}")
    world.alert("hasty", "disk")
    world.pass_(HOUR)
    assert "disk" in world.phone("ann").ignores_the_rest()[-1].titles
    world.phone("bob").expects("disk", at=10 * SECOND)
