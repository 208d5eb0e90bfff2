"""Nobody reached is an event, not silence."""

from collections.abc import Callable

import pytest

from tests.stories.phones import Trouble
from tests.stories.town import contact, hook, layer, mailbox, paged_by, person, policy, ring, room, schedule, step, user
from tests.stories.world import BEGINNING, World
from watchbill.domain.civil import HOUR, MINUTE, SECOND, WEEK
from watchbill.domain.failing import page_failed
from watchbill.domain.incident import Outcome
from watchbill.domain.paging import Failure
from watchbill.domain.people import Role, Urgency
from watchbill.domain.plans import Stop
from watchbill.domain.routes import Start
from watchbill.usecases import incidents


def test_an_alert_that_selects_nothing_pages_the_administrators(world: World) -> None:
    world.has(person("boss", role=Role.GLOBAL_ADMIN), person("ann"))
    world.alert("nowhere", "disk")
    world.phone("boss").expects("disk", at=0)
    world.stays_quiet(WEEK)
    assert world.incident("disk").unreached
    world.tells("disk", "routing key 'nowhere' selects nothing", "nobody has been reached", "safety net: user boss")


def test_a_policy_that_reaches_nobody_pages_the_safety_net_once(world: World) -> None:
    world.has(person("ann", contacts=()), person("boss", role=Role.GLOBAL_ADMIN), person("duty"))
    world.schedule("nights", layer("", start=BEGINNING))
    world.settings(safety_net=(user("duty"),))
    world.policy("db", step("ann"), step(schedule("nights"), wait=5 * MINUTE), passes=3, end_wait=5 * MINUTE)
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("duty").expects("disk", at=0)
    world.stays_quiet(WEEK)
    world.tells(
        "disk", "ann has no usable contact", "db: no step reached anybody", "safety net: nobody else was reached"
    )


def test_a_safety_net_may_be_a_room(world: World) -> None:
    world.hook("room", "chat")
    world.settings(safety_net=(room("room"),))
    world.alert("nowhere", "disk")
    world.phone("room").expects("disk", at=0)


def test_who_can_not_be_reached_leaves_the_next_step_to_be_taken_at_once(world: World) -> None:
    world.has(person("ann", contacts=()), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=30 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("bob").expects("disk", at=0)
    world.stays_quiet(WEEK)


def test_a_page_that_gave_way_to_a_newer_one_has_reached_nobody_when_that_fails(world: World) -> None:
    """Three passes come at once, for the last step reaches nobody; one page of the three leaves, and fails."""
    world.has(person("ann"), person("mute", contacts=()), person("boss", role=Role.GLOBAL_ADMIN))
    world.phone("ann").breaks(Trouble.NEVER)
    world.policy("db", step("ann"), step("mute"), passes=3, end_wait=20 * MINUTE, pagings_go_on=False)
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("boss").expects("disk", at=0)
    assert world.incident("disk").unreached


def test_a_page_that_was_called_back_for_an_urgent_one_has_reached_nobody_when_that_fails(world: World) -> None:
    world.has(
        person("ann", policies=(paged_by("all", ring("pocket")),)),
        person("bob"),
        person("boss", role=Role.GLOBAL_ADMIN),
    )
    world.settings(bundle_after=1)
    world.policy("low", step("ann", urgency=Urgency.LOW))
    world.policy("high", step("ann"))
    world.key("db", "low", "high", multi=True)
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.phone("ann").breaks(Trouble.NEVER)
    world.alert("db", "load")
    world.pass_(10 * MINUTE)
    world.phone("boss").expects("load", within=10 * MINUTE)
    assert world.incident("load").unreached


def test_when_every_delivery_fails_for_good_each_next_step_comes_at_once_and_then_the_safety_net(world: World) -> None:
    world.has(person("ann", ring("pocket"), ring("sms")), person("bob"), person("boss", role=Role.GLOBAL_ADMIN))
    world.phone("ann").breaks(Trouble.NEVER)
    world.phone("bob").breaks(Trouble.NEVER)
    world.policy("db", step("ann"), step("bob", wait=30 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("boss").expects("disk", at=0)
    assert world.incident("disk").unreached
    world.tells("disk", "trying the next contact now", "nobody was reached; the next step is taken now")


def test_a_later_step_whose_pages_fail_is_hurried_though_an_earlier_one_arrived(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"))
    world.phone("bob").breaks(Trouble.NEVER)
    world.policy("db", step("ann"), step("bob", wait=10 * MINUTE), step("carl", wait=30 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0)
    world.phone("carl").expects("disk", at=10 * MINUTE)


def test_the_failed_pages_of_a_called_policy_hurry_the_one_that_called_it(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.phone("ann").breaks(Trouble.NEVER)
    world.policy("inner", step("ann"))
    world.policy("db", step(policy("inner")), step("bob", wait=30 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("bob").expects("disk", at=0)


def test_a_machine_that_can_not_be_told_is_nobody(world: World) -> None:
    world.has(person("ann"))
    world.hook("hook")
    world.phone("hook").breaks(Trouble.NEVER)
    world.policy("db", step(hook("hook")), step("ann", wait=30 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.tells("disk", "a machine was not told: no such address")


def test_an_endpoint_that_is_gone_is_nobody(world: World) -> None:
    world.has(person("boss", role=Role.GLOBAL_ADMIN))
    world.policy("db", step(hook("gone")))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("boss").expects("disk", at=0)
    world.tells("disk", "webhook gone does not exist any more")


def test_a_rule_that_only_tells_a_room_pages_nobody_unless_the_room_is_gone(world: World) -> None:
    world.has(person("boss", role=Role.GLOBAL_ADMIN))
    world.hook("room", "chat")
    world.rule("chat only", notify=(room("room"),))
    world.alert("db", "quiet")
    world.phone("room").expects("quiet")
    world.stays_quiet(WEEK)
    assert not world.incident("quiet").unreached
    world.phone("room").breaks(Trouble.NEVER)
    world.alert("db", "lost")
    world.phone("boss").expects("lost", at=WEEK)


def test_the_substitute_provider_is_asked_when_the_first_refuses() -> None:
    world = World(providers={"sms": 2})
    world.has(person("ann", ring("sms")))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.NEVER, "sms", provider=0)
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.nothing_else_was_sent()
    world.close()


def test_the_substitute_provider_is_asked_at_once_when_the_first_is_busy() -> None:
    world = World(providers={"sms": 2})
    world.has(person("ann", ring("sms")))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.RETRY, "sms", provider=0)
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.nothing_else_was_sent()
    world.close()


def test_a_busy_provider_is_asked_again_though_its_substitute_refused_for_good() -> None:
    world = World(providers={"sms": 2})
    world.has(person("ann", ring("sms")))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.RETRY, "sms", provider=0, times=2)
    world.phone("ann").breaks(Trouble.NEVER, "sms", provider=1)
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=5 * SECOND)
    world.close()


def test_a_busy_provider_is_tried_again_after_longer_and_longer_waits(world: World) -> None:
    world.has(person("ann"))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.RETRY, times=3)
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=17 * SECOND)
    world.tells("disk", "pocket to ann@pocket: busy; tried again")


def test_a_provider_that_stays_busy_is_given_up_after_17_seconds(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=HOUR))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.RETRY)
    world.alert("db", "disk")
    world.pass_(MINUTE)
    world.phone("bob").expects("disk", at=17 * SECOND)


def test_a_provider_that_hangs_delays_nobody_else(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann", "bob"))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.HANGS, times=1)
    world.alert("db", "disk")
    world.pass_(MINUTE)
    world.phone("bob").expects("disk", at=0)
    world.phone("ann").expects("disk", at=21 * SECOND)


def test_a_provider_that_lies_does_not_stop_the_escalation(world: World) -> None:
    world.has(person("ann", ring("pocket"), ring("sms")), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=10 * MINUTE))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.LIES, "pocket")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=5 * MINUTE, by="sms")
    world.phone("bob").expects("disk", at=10 * MINUTE)


def test_a_reroute_to_nobody_says_so(world: World) -> None:
    world.has(person("ann"), person("boss", role=Role.GLOBAL_ADMIN))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.reroutes("ann", "disk", Start(user_id="nobody"))
    world.phone("boss").expects("disk", at=0)
    assert world.incident("disk").unreached


def test_a_responder_who_can_not_be_reached_is_not_silence(world: World) -> None:
    world.has(person("ann"), person("mute", contacts=()), person("boss", role=Role.GLOBAL_ADMIN))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0).replies("ack")
    world.asks_for("ann", "disk", Start(user_id="mute"))
    world.phone("boss").expects("disk", at=0).replies("ack")
    assert world.incident("disk").phase == "acknowledged"


def test_a_person_whose_contacts_are_removed_meanwhile_is_unreachable_and_the_next_step_comes(world: World) -> None:
    world.has(person("ann", ring("pocket"), repeats=True), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=HOUR))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.has(person("ann", ring("pocket"), repeats=True, contacts=(contact("ann", "pocket", verified=False),)))
    world.pass_(6 * MINUTE)
    world.phone("bob").expects("disk", at=5 * MINUTE)


def test_a_step_that_came_and_went_while_its_page_failed_reached_nobody(world: World) -> None:
    world.has(person("ann"), person("mute", contacts=()), person("boss", role=Role.GLOBAL_ADMIN))
    world.phone("ann").breaks(Trouble.RETRY)
    world.policy("db", step("ann"), step("mute", wait=5 * SECOND), pagings_go_on=False)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(MINUTE)
    world.phone("boss").expects("disk", at=17 * SECOND)


def test_who_could_not_be_reached_for_a_passing_trouble_is_tried_again_every_minute(world: World) -> None:
    """Their own policy would have paged them once only."""
    world.has(person("ann", ring("pocket", then=HOUR)), person("boss", role=Role.GLOBAL_ADMIN))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.RETRY)
    world.alert("db", "disk")
    world.pass_(3 * MINUTE)
    world.phone("boss").expects("disk", at=17 * SECOND)
    world.phone("ann").expects_nothing()
    world.phone("ann").works()
    world.pass_(MINUTE)
    world.phone("ann").expects("disk")
    world.phone("boss").ignores_the_rest()
    world.tells("disk", "all contacts are tried again in a minute")


def test_what_was_refused_for_good_is_not_asked_again(world: World) -> None:
    world.has(person("ann", ring("pocket", then=HOUR)), person("boss", role=Role.GLOBAL_ADMIN))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.phone("ann").breaks(Trouble.NEVER)
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("boss").ignores_the_rest()
    assert len([one for one in world.deliveries("disk") if one.user_id == "ann"]) == 1


def test_nobody_reached_is_said_again_when_what_the_safety_net_answered_is_taken_back(world: World) -> None:
    """The policy has nothing left to go on with, and who was paged instead is paged no more."""
    world.has(person("ann", contacts=()), person("boss", role=Role.GLOBAL_ADMIN))
    world.policy("db", step("ann"), resumes=True)
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("boss").expects("disk", at=0)
    world.snoozes("boss", "disk", HOUR)
    world.pass_(HOUR)
    world.phone("boss").expects("disk", at=HOUR)
    world.does(incidents.suppress, "boss", "disk", world.now + HOUR)
    world.pass_(HOUR)
    world.phone("boss").expects("disk", at=2 * HOUR).replies("ack")
    world.does(incidents.unacknowledge, "boss", "disk")
    world.phone("boss").expects("disk", at=2 * HOUR)


@pytest.mark.parametrize("verb", [World.reroutes, World.asks_for])
def test_whoever_is_asked_for_by_hand_and_can_not_be_reached_is_not_silence(
    world: World, verb: Callable[[World, str, str, Start], object]
) -> None:
    """Though the alert by itself starts nothing, and need not."""
    world.has(person("ann", contacts=()), person("boss", role=Role.GLOBAL_ADMIN))
    world.alert(None, "disk", lasting=True)
    world.nothing_else_was_sent()
    verb(world, "boss", "disk", Start(user_id="ann"))
    world.phone("boss").expects("disk", at=0)


def test_a_followed_policy_that_is_switched_off_before_it_paged_leaves_no_silence(world: World) -> None:
    world.has(person("ann"), person("boss", role=Role.GLOBAL_ADMIN))
    world.policy("db", step("ann", wait=10 * MINUTE), follows=True)
    world.key("db", "db")
    world.alert("db", "disk")
    world.policy("db", step("ann", wait=10 * MINUTE), follows=True, active=False)
    world.pass_(HOUR)
    world.phone("boss").expects("disk", at=10 * MINUTE)


def test_an_escalation_of_what_somebody_had_acknowledged_waits_for_nobody_who_was_told_before(world: World) -> None:
    world.has(person("ann"), person("boss", role=Role.GLOBAL_ADMIN))
    world.schedule("nights", layer("", start=BEGINNING))
    world.policy("db", step("ann"), step(schedule("nights"), wait=HOUR))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0).replies("ack")
    world.escalates("bob", "disk")
    world.phone("boss").expects("disk", at=0)
    assert world.incident("disk").unreached


def test_a_step_that_reaches_nobody_silences_nobody(world: World) -> None:
    world.has(person("ann", ring("pocket", then=5 * MINUTE), repeats=True))
    world.schedule("nights", layer("", start=BEGINNING))
    world.policy("db", step("ann"), step(schedule("nights"), wait=7 * MINUTE), pagings_go_on=False)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(11 * MINUTE)
    for at in (0, 5, 10):
        world.phone("ann").expects("disk", at=at * MINUTE)


def test_when_pages_of_the_last_step_fail_who_gave_way_to_it_is_not_waited_for(world: World) -> None:
    world.has(
        person("ann", ring("pocket", then=HOUR), repeats=True), person("bob"), person("boss", role=Role.GLOBAL_ADMIN)
    )
    world.phone("bob").breaks(Trouble.NEVER)
    world.policy("db", step("ann"), step("bob", wait=5 * MINUTE), pagings_go_on=False)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0)
    world.phone("boss").expects("disk", at=5 * MINUTE)


def test_passes_whose_last_step_reaches_nobody_do_not_all_come_at_once(world: World) -> None:
    world.has(person("ann"))
    world.schedule("nights", layer("", start=BEGINNING))
    world.policy("db", step("ann"), step(schedule("nights")), pagings_go_on=False, passes=3, end_wait=10 * MINUTE)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    for at in (0, 10, 20):
        world.phone("ann").expects("disk", at=at * MINUTE)


def test_a_page_that_fails_while_others_have_acknowledged_leads_to_the_next_contact_too(world: World) -> None:
    """The policy goes on in spite of the acknowledgement."""
    world.has(person("ann"), person("bob", ring("pocket", then=HOUR), ring("sms")))
    world.phone("bob").breaks(Trouble.NEVER, by="pocket")
    world.policy("db", step("ann"), step("bob", wait=10 * MINUTE), stop_on=frozenset({Stop.RESOLVED}))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0).replies("ack")
    world.pass_(11 * MINUTE)
    world.phone("bob").expects("disk", at=10 * MINUTE, by="sms")


@pytest.mark.parametrize("beside", [True, False])
def test_a_machine_that_was_told_is_not_enough_where_people_are_meant(world: World, beside: bool) -> None:
    world.has(person("ann", contacts=()), person("boss", role=Role.GLOBAL_ADMIN))
    world.hook("room", "chat")
    if beside:
        world.policy("db", step("ann"))
        world.policy("chat", step(room("room")))
    else:
        world.policy("db", step("ann", wait=10 * MINUTE))
        world.policy("chat", step(room("room")), step(policy("db")))
    world.key("db", *(("chat", "db") if beside else ("chat",)))
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("room").expects("disk", at=0)
    world.phone("boss").expects("disk", at=0 if beside else 10 * MINUTE)


def test_machines_are_enough_where_no_others_are_meant(world: World) -> None:
    world.has(person("boss", role=Role.GLOBAL_ADMIN))
    world.hook("room", "chat")
    world.policy("mails", step(mailbox("ops@example.org"), wait=10 * MINUTE))
    world.policy("chat", step(room("room")), step(policy("mails")))
    world.key("db", "chat")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("room").expects("disk", at=0)
    world.phone("ops@example.org").expects("disk", at=10 * MINUTE)


def test_a_pass_whose_pages_all_failed_ends_at_once_and_says_so(world: World) -> None:
    world.has(person("ann"), person("boss", role=Role.GLOBAL_ADMIN))
    world.phone("ann").breaks(Trouble.NEVER, times=1)
    world.policy("db", step("ann"), passes=2, end_wait=30 * MINUTE)
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.phone("boss").expects("disk", at=0)
    world.tells("disk", "db: nobody was reached; its pass ends now")


def test_contacts_that_are_replaced_meanwhile_are_used(world: World) -> None:
    world.has(person("ann", ring("pocket"), repeats=True), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=HOUR))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.has(person("ann", ring("sms"), repeats=True))
    world.pass_(11 * MINUTE)
    for at in (5, 10):
        world.phone("ann").expects("disk", at=at * MINUTE, by="sms")
    world.tells("disk", "no step of the policy can be used; trying every contact")


def test_whom_their_own_policy_fails_to_reach_is_paged_by_every_contact(world: World) -> None:
    """The account's address is the very last."""
    world.has(
        person("ann", contacts=(contact("ann", "pocket"), contact("ann", "phone")), email="ann@example.com"),
        person("boss", role=Role.GLOBAL_ADMIN),
    )
    world.phone("ann").breaks(Trouble.NEVER, by="pocket")
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(6 * MINUTE)
    for at in (0, 5):
        world.phone("ann").expects("disk", at=at * MINUTE, by="sms")
    world.resolves("ann", "disk")
    world.phone("ann").breaks(Trouble.NEVER, by="sms")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=6 * MINUTE, by="email")
    assert not world.incident("disk").unreached


def test_a_contact_that_failed_for_a_passing_trouble_is_not_forgotten_for_others(world: World) -> None:
    world.has(person("ann", contacts=(contact("ann", "pocket"), contact("ann", "phone"))))
    world.phone("ann").breaks(Trouble.RETRY, by="pocket")
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(MINUTE)
    world.phone("ann").expects("disk", at=17 * SECOND, by="sms")
    world.phone("ann").works()
    world.pass_(5 * MINUTE)
    world.phone("ann").expects("disk", by="pocket")
    world.phone("ann").expects("disk", by="sms")


def test_a_page_that_is_found_to_have_failed_after_an_answer_leads_nowhere(world: World) -> None:
    world.has(person("ann", contacts=(contact("ann", "pocket"), contact("ann", "phone"))))
    world.policy("db", step("ann"))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0).replies("ack")
    incident = world.incident("disk")
    [paging] = incident.course.pagings
    late = Failure(paging.number, paging.run or 0, paging.acted_at, "refused")
    assert page_failed(incident, world.organization, late, world.now, {}) == Outcome(incident)


@pytest.mark.parametrize("apart", [True, False])
def test_a_machine_that_is_told_stands_in_for_no_person(world: World, apart: bool) -> None:
    world.has(person("boss", role=Role.GLOBAL_ADMIN))
    world.schedule("nights", layer("", start=BEGINNING))
    world.hook("page")
    people, machine = schedule("nights"), hook("page")
    world.policy("db", *((step(machine), step(people)) if apart else (step(people, machine),)))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("page").expects("disk", at=0)
    world.phone("boss").expects("disk", at=0)
    assert world.incident("disk").unreached


def test_a_step_with_a_machine_and_nobody_on_call_waits_for_nothing(world: World) -> None:
    world.has(person("bob"))
    world.schedule("nights", layer("", start=BEGINNING))
    world.hook("page")
    world.policy("db", step(schedule("nights"), hook("page")), step("bob", wait=30 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("page").expects("disk", at=0)
    world.phone("bob").expects("disk", at=0)


def test_who_gave_way_to_a_step_that_tells_machines_only_was_reached(world: World) -> None:
    world.has(person("ann", ring("pocket"), repeats=True), person("boss", role=Role.GLOBAL_ADMIN))
    world.hook("page")
    world.policy("db", step("ann"), step(hook("page"), wait=7 * MINUTE), pagings_go_on=False)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    for at in (0, 5):
        world.phone("ann").expects("disk", at=at * MINUTE)
    world.phone("page").expects("disk", at=7 * MINUTE)
    assert not world.incident("disk").unreached
