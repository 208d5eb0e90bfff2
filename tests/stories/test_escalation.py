"""How a policy's steps follow each other until somebody answers."""

from tests.stories.phones import Trouble
from tests.stories.town import hook, layer, mailbox, person, policy, ring, room, schedule, step, team
from tests.stories.world import ACKNOWLEDGED, BEGINNING, World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE, WEEK
from watchbill.domain.incident import Phase
from watchbill.domain.people import Role, User
from watchbill.domain.plans import Action, Assignment, AtEnd, OnEmpty, Since, Stop
from watchbill.domain.rota import Position
from watchbill.domain.routes import RoutingKey, Start


def test_the_next_step_pages_when_nobody_answers_and_an_answer_ends_it(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"))
    world.policy("db", step("ann"), step("bob", wait=5 * MINUTE), step("carl", wait=10 * MINUTE))
    world.key("db", "db")

    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.pass_(14 * MINUTE)
    world.phone("bob").expects("disk", at=5 * MINUTE).replies("ack")
    world.stays_quiet(2 * WEEK)
    assert world.incident("disk").phase is Phase.ACKNOWLEDGED
    assert world.incident("disk").acked_by == "bob"
    world.tells("disk", "acknowledged by bob", "ann: named by the step")


def test_waits_of_5_and_10_minutes_page_at_minutes_5_and_15(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann", wait=5 * MINUTE), step("bob", wait=10 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(WEEK)
    world.phone("ann").expects("disk", at=5 * MINUTE)
    world.phone("bob").expects("disk", at=15 * MINUTE)


def test_a_recovery_in_the_waiting_room_pages_nobody(world: World) -> None:
    world.has(person("ann"))
    world.policy("db", step("ann"))
    world.policy("waiting room", step(policy("db"), wait=10 * MINUTE))
    world.key("db", "waiting room")
    world.alert("db", "blip")
    world.pass_(9 * MINUTE)
    world.recovers("blip")
    world.stays_quiet(HOUR)

    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=HOUR + 19 * MINUTE)


def test_a_called_policy_runs_beside_the_one_that_called_it(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"))
    world.policy("second", step("bob"), step("carl", wait=3 * MINUTE))
    world.policy("db", step("ann", policy("second")), step("carl", wait=2 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0)
    world.phone("bob").expects("disk", at=0)
    world.phone("carl").expects("disk", at=2 * MINUTE)
    world.phone("carl").expects("disk", at=3 * MINUTE)


def test_policies_that_call_each_other_come_to_an_end(world: World) -> None:
    world.has(person("ann"))
    world.policy("a", step(policy("b")), step(policy("a")))
    world.policy("b", step(policy("c")), step(policy("a")))
    world.policy("c", step(policy("a")), step(policy("b"), "ann"))
    world.key("db", "a")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.stays_quiet(WEEK)
    world.tells("disk", "policy a is running already")


def test_a_policy_that_is_called_while_it_runs_is_not_an_empty_step(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("ops", step("ann", wait=2 * MINUTE))
    world.policy("db", step(policy("ops")), step("bob", wait=10 * MINUTE))
    world.key("db", "ops", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=2 * MINUTE)
    world.phone("bob").expects("disk", at=10 * MINUTE)


def test_several_policies_of_a_key_start_together_and_one_answer_stops_all(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"))
    world.policy("db", step("ann"), step("carl", wait=MINUTE))
    world.policy("ops", step("bob"), step("carl", wait=MINUTE))
    world.key("db", "db", "ops")
    world.alert("db", "disk")
    world.phone("bob").expects("disk", at=0)
    world.phone("ann").expects("disk", at=0).replies("ack")
    world.stays_quiet(HOUR)


def test_a_round_robin_step_pages_the_next_target_with_each_incident(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"), person("boss"))
    turns = step("ann", "bob", "carl", assignment=Assignment.ROUND_ROBIN)
    world.policy("db", turns, step("boss", wait=5 * MINUTE))
    world.key("db", "db")
    for title, who in (("one", "ann"), ("two", "bob"), ("three", "carl"), ("four", "ann")):
        world.alert("db", title)
        world.phone(who).expects(title)
        world.pass_(MINUTE)
        world.resolves("boss", title)
    world.alert("db", "five")
    world.phone("bob").expects("five")
    world.pass_(HOUR)
    world.phone("boss").expects("five")


def test_incidents_of_one_body_take_their_turns_too(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann", "bob", assignment=Assignment.ROUND_ROBIN))
    world.key("db", "db")
    world.alerts(*[AlertEvent(Signal.CRITICAL, title, title, routing_key="db") for title in ("one", "two", "three")])
    world.phone("bob").expects("two")
    world.phone("ann").expects("one")
    world.phone("ann").expects("three")


def test_turns_go_on_when_maintenance_ends_and_when_a_warning_becomes_critical(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann", "bob", assignment=Assignment.ROUND_ROBIN))
    world.key("db", "db")
    world.alert("db", "one", Signal.WARNING)
    world.phone("ann").expects("one").replies("ack")
    world.alert("db", "one")
    world.phone("bob").expects("one").replies("ack")
    window = world.window("work", "db")
    world.alert("db", "two")
    world.loses(window)
    world.wakes_muted()
    world.pass_(0)
    world.phone("ann").expects("two")


def test_each_pass_takes_the_next_target_of_a_round_robin_step(world: World) -> None:
    world.has(person("ann"), person("bob"))
    turns = step("ann", "bob", assignment=Assignment.ROUND_ROBIN)
    world.policy("db", turns, passes=3, end_wait=10 * MINUTE, pagings_go_on=False)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(WEEK)
    world.phone("ann").expects("disk", at=0)
    world.phone("bob").expects("disk", at=10 * MINUTE)
    world.phone("ann").expects("disk", at=20 * MINUTE)


def test_a_step_that_reaches_nobody_is_skipped_at_once(world: World) -> None:
    world.has(person("ann"))
    world.schedule("nights", layer("", start=BEGINNING))
    world.policy("db", step(schedule("nights")), step("ann", wait=15 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.tells("disk", "schedule nights (current) has nobody now", "step 1 reaches nobody; the next step is taken at")


def test_a_step_that_reaches_nobody_waits_where_that_is_wanted(world: World) -> None:
    world.has(person("ann"))
    world.settings(empty_step=OnEmpty.WAIT)
    world.schedule("nights", layer("", start=BEGINNING))
    world.policy("db", step(schedule("nights")), step("ann", wait=15 * MINUTE))
    world.policy("web", step(schedule("nights")), step("ann", wait=15 * MINUTE), on_empty=OnEmpty.SKIP)
    world.key("db", "db")
    world.key("web", "web")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=15 * MINUTE)
    world.alert("web", "500s")
    world.phone("ann").expects("500s", at=HOUR)


def test_a_called_policy_that_reaches_nobody_is_an_empty_step(world: World) -> None:
    world.has(person("ann"))
    world.schedule("nights", layer("", start=BEGINNING))
    world.policy("inner", step(schedule("nights")))
    world.policy("db", step(policy("inner")), step("ann", wait=15 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0)


def test_a_team_is_paged_together_and_one_answer_is_enough(world: World) -> None:
    world.has(person("ann"), person("bob"), person("gone", active=False))
    world.team("ops", "ann", "bob", "gone")
    world.policy("db", step(team("ops")), step("ann", wait=5 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.phone("bob").expects("disk", at=0).replies("ack")
    world.stays_quiet(WEEK)


def test_the_previous_current_and_next_on_call_are_asked_for_by_place(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"))
    world.schedule("primary", layer("ann", "bob", "carl", start=BEGINNING))
    places = [schedule("primary", position=place) for place in Position]
    world.policy("db", *(step(place, wait=MINUTE) for place in places))
    world.key("db", "db")
    world.pass_(8 * DAY)
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=8 * DAY + MINUTE)
    world.phone("bob").expects("disk", at=8 * DAY + 2 * MINUTE)
    world.phone("carl").expects("disk", at=8 * DAY + 3 * MINUTE)
    world.tells("disk", "on call by layer Layer of primary until Mon 00:00 UTC", "next on call in primary")


def test_who_is_on_call_is_asked_when_the_step_starts(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.schedule("primary", layer("ann", "bob", start=BEGINNING, days=1))
    world.policy("db", step(schedule("primary")), step(schedule("primary"), wait=10 * MINUTE))
    world.key("db", "db")
    world.pass_(DAY - 5 * MINUTE)
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=DAY - 5 * MINUTE)
    world.phone("bob").expects("disk", at=DAY + 5 * MINUTE)


def test_a_step_repeats_until_its_limit_and_then_no_more(world: World) -> None:
    world.has(person("ann"))
    world.policy("db", step("ann", repeat_every=15 * MINUTE, repeat_limit=3))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(WEEK)
    for at in (0, 15, 30):
        world.phone("ann").expects("disk", at=at * MINUTE)


def test_repeats_of_one_step_do_not_end_with_the_next_and_go_to_who_is_on_call_then(world: World) -> None:
    world.has(person("ann"), person("bob"), person("boss", ring("pocket", then=20 * MINUTE), repeats=True))
    world.schedule("primary", layer("ann", "bob", start=BEGINNING, days=1))
    world.policy(
        "db",
        step(schedule("primary"), repeat_every=10 * MINUTE, repeat_limit=3),
        step("boss", wait=5 * MINUTE, since=Since.START),
    )
    world.key("db", "db")
    world.pass_(DAY - 15 * MINUTE)
    world.alert("db", "disk")
    world.pass_(40 * MINUTE)
    world.phone("ann").expects("disk", at=DAY - 15 * MINUTE)
    world.phone("ann").expects("disk", at=DAY - 5 * MINUTE)
    world.phone("bob").expects("disk", at=DAY + 5 * MINUTE)
    world.phone("boss").expects("disk", at=DAY - 10 * MINUTE)
    world.phone("boss").expects("disk", at=DAY + 10 * MINUTE)


def test_the_ticket_at_1205_ends_what_would_have_repeated_at_1210(world: World) -> None:
    world.has(person("ann"), person("ulla"))
    world.schedule("roster", layer("ann", start=BEGINNING))
    world.policy(
        "disk to storage",
        step(schedule("roster"), "ulla", repeat_every=10 * MINUTE, repeat_limit=2),
        step(wait=5 * MINUTE, since=Since.START, action=Action.TICKET),
        stop_on=ACKNOWLEDGED | {Stop.TICKETED},
    )
    world.key("db", "disk to storage")
    world.pass_(12 * HOUR)
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=12 * HOUR)
    world.phone("ulla").expects("disk", at=12 * HOUR)
    world.stays_quiet(HOUR)
    world.tells("disk", "ticket 1: opened by policy disk to storage")


def test_a_ticket_ends_only_the_policies_that_say_so(world: World) -> None:
    world.has(person("ann", repeats=True), person("bob", ring("pocket", then=10 * MINUTE), repeats=True))
    ticket = step(wait=5 * MINUTE, action=Action.TICKET)
    world.policy("ends", step("ann"), ticket, stop_on=ACKNOWLEDGED | {Stop.TICKETED})
    world.policy("goes on", step("bob"))
    world.key("db", "ends", "goes on")
    world.alert("db", "disk")
    world.pass_(10 * MINUTE)
    world.phone("ann").expects("disk", at=0)
    world.phone("bob").expects("disk", at=0)
    world.phone("bob").expects("disk", at=10 * MINUTE)


def test_a_ticket_that_may_never_be_made_does_not_go_before_one_that_is_due(world: World) -> None:
    world.policy("opens", step(wait=5 * MINUTE, action=Action.TICKET))
    world.policy("worsened", step(action=Action.TICKET, on_state_left="warning"), step(policy("opens")))
    world.key("db", "worsened")
    world.alert("db", "disk")
    world.stays_quiet(HOUR)
    world.tells("disk", "ticket 1: opened by policy opens")


def test_a_step_of_no_time_acts_when_the_state_is_left(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy("db", step("ann"), step("bob", on_state_left="warning"))
    world.key("db", "db")
    world.alert("db", "disk", Signal.WARNING)
    world.phone("ann").expects("disk", at=0)
    world.pass_(HOUR)
    world.alert("db", "disk")
    world.phone("bob").expects("disk", at=HOUR)
    world.alert("db", "disk", Signal.WARNING)
    world.pass_(HOUR)
    world.alert("db", "disk")
    world.phone("bob").expects("disk", at=2 * HOUR)


def test_the_whole_policy_is_passed_so_often_and_then_resolves(world: World) -> None:
    world.has(person("ann"), person("bob"))
    world.policy(
        "db",
        step("ann"),
        step("bob", wait=5 * MINUTE),
        passes=3,
        end_wait=10 * MINUTE,
        at_end=AtEnd.RESOLVE,
        pagings_go_on=False,
    )
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(45 * MINUTE - 1)
    for start in (0, 15, 30):
        world.phone("ann").expects("disk", at=start * MINUTE)
        world.phone("bob").expects("disk", at=(start + 5) * MINUTE)
    assert world.incident("disk").phase is Phase.TRIGGERED
    world.pass_(1)
    assert world.incident("disk").phase is Phase.RESOLVED
    world.tells("disk", "the policy came to its end")


def test_a_policy_does_not_resolve_at_its_end_what_nobody_was_told_of(world: World) -> None:
    world.has(person("ann"), person("boss", role=Role.GLOBAL_ADMIN))
    world.phone("ann").breaks(Trouble.NEVER)
    world.policy("db", step("ann"), end_wait=10 * MINUTE, at_end=AtEnd.RESOLVE)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("boss").expects("disk", at=0)
    incident = world.incident("disk")
    assert (incident.phase, incident.unreached) == (Phase.TRIGGERED, True)


def test_a_policy_does_not_resolve_before_those_it_calls_have_begun(world: World) -> None:
    world.has(person("ann"))
    world.policy("db", step(policy("web")), at_end=AtEnd.RESOLVE)
    world.policy("web", step("ann"))
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    assert world.incident("disk").phase is Phase.TRIGGERED


def often(name: str) -> User:
    return person(name, ring("pocket", then=4 * MINUTE), repeats=True)


def test_people_paged_go_on_being_paged_when_the_next_step_starts(world: World) -> None:
    world.has(often("ann"), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=6 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(9 * MINUTE)
    for at in (0, 4, 8):
        world.phone("ann").expects("disk", at=at * MINUTE)
    world.phone("bob").expects("disk", at=6 * MINUTE)


def test_people_paged_are_left_alone_when_the_next_step_starts_where_that_is_wanted(world: World) -> None:
    world.has(often("ann"), person("bob"))
    world.policy("db", step("ann"), step("bob", wait=6 * MINUTE), pagings_go_on=False)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    for at in (0, 4):
        world.phone("ann").expects("disk", at=at * MINUTE)
    world.phone("bob").expects("disk", at=6 * MINUTE)


def test_machines_are_told_by_a_step(world: World) -> None:
    world.hook("hook")
    world.hook("room", "chat")
    world.policy("db", step(hook("hook"), room("room"), mailbox("ops@example.org")))
    world.key("db", "db")
    world.alert("db", "disk")
    for machine, channel in (("hook", "webhook"), ("room", "chat"), ("ops@example.org", "email")):
        world.phone(machine).expects("disk", at=0, by=channel)
    assert not world.incident("disk").unreached


def test_a_policy_changed_while_it_runs_goes_on_as_it_was(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"))
    world.policy("db", step("ann"), step("bob", wait=5 * MINUTE))
    world.key("db", "db")
    world.alert("db", "disk")
    world.policy("db", step("carl"))
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0)
    world.phone("bob").expects("disk", at=5 * MINUTE)
    world.reroutes("ann", "disk", Start("db"))
    world.phone("carl").expects("disk", at=HOUR)


def test_a_step_that_repeats_does_not_put_off_whoever_waits_by_their_own_policy(world: World) -> None:
    """Nor would it ever page them, were its repeats closer together than their wait."""
    world.has(person("ann", ring(then=12 * MINUTE), ring("pocket")))
    world.policy("db", step("ann", repeat_every=3 * MINUTE, repeat_limit=4))
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(DAY)
    world.phone("ann").expects("disk", at=12 * MINUTE)


def test_a_step_that_repeats_by_turns_cuts_short_nobody_whose_turn_it_was(world: World) -> None:
    world.has(person("ann", ring("sms", then=10 * MINUTE), ring("voice")), person("bob"))
    taken = step("ann", "bob", assignment=Assignment.ROUND_ROBIN, repeat_every=5 * MINUTE, repeat_limit=2)
    world.policy("db", taken)
    world.key("db", "db")
    world.alert("db", "disk")
    world.pass_(HOUR)
    world.phone("ann").expects("disk", at=0, by="sms")
    world.phone("bob").expects("disk", at=5 * MINUTE)
    world.phone("ann").expects("disk", at=10 * MINUTE, by="voice")


def test_who_is_named_directly_and_by_a_policy_that_goes_on_is_paged_on(world: World) -> None:
    world.has(person("ann", ring("pocket"), repeats=True), person("bob"))
    world.policy("db", step("ann"), stop_on=frozenset({Stop.RESOLVED}))
    world.has(RoutingKey("db", 1, "db", (Start(user_id="ann"), Start("db"))))
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.acknowledges("bob", "disk")
    world.pass_(9 * MINUTE)
    world.phone("ann").expects("disk", at=5 * MINUTE)


def test_turns_that_were_due_are_taken_before_what_is_asked_by_hand(world: World) -> None:
    world.has(person("ann"), person("bob"), person("carl"))
    taken = step("ann", "bob", "carl", assignment=Assignment.ROUND_ROBIN, repeat_every=5 * MINUTE, repeat_limit=2)
    world.policy("db", taken)
    world.key("db", "db")
    world.alert("db", "disk")
    world.phone("ann").expects("disk", at=0)
    world.engine_stops()
    world.pass_(5 * MINUTE)
    world.reroutes("ann", "disk", Start("db"))
    world.engine_starts()
    world.phone("carl").expects("disk", at=5 * MINUTE)
