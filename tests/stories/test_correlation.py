"""Alerts that belong together: one incident stands for all of them, and nobody goes unpaged for it."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.stories.phones import Trouble
from tests.stories.town import person, ring, step
from tests.stories.world import BEGINNING, World
from watchbill.domain import belonging, grouping
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import DAY, HOUR, MINUTE
from watchbill.domain.incident import Incident, Phase
from watchbill.domain.people import Role, Urgency
from watchbill.domain.plans import Action, AtEnd, Since, Step
from watchbill.domain.routes import Alike, Condition, Grouping, Op, RoutingKey, Start
from watchbill.usecases import incidents

HOST = (Alike(("host",)),)


def groups(world: World, name: str = "hosts", within: int = 20 * MINUTE, **more: Any) -> None:
    """Alerts of one host belong together, unless told otherwise."""
    about = {"alike": HOST, "title": "", "acts": True}
    given = {key: more.pop(key, usual) for key, usual in about.items()}
    world.rule(name, grouping=Grouping(within, **given), beside=True, **more)


def alert(world: World, title: str, signal: Signal = Signal.CRITICAL, key: str = "db", **more: Any) -> Incident:
    event = AlertEvent(signal, title, title, routing_key=key, **{"lasting": True, "host": "web1", **more})
    number = world.alerts(event)[0].incident
    assert number is not None
    found: Incident = world.write(lambda tx: tx.incident(world.org, number))
    return found


def group_of(world: World, title: str) -> Incident:
    number = world.incident(title).group
    assert number is not None
    world._numbers["group"] = number
    return world.incident("group")


def grouped(world: World) -> Incident:
    """What stands for two alerts that belong together."""
    alert(world, "disk")
    alert(world, "cpu")
    return group_of(world, "cpu")


@pytest.fixture
def desk(world: World) -> Iterator[World]:
    """Ann is paged for "db", Bob after ten minutes; Carl for "web". Who is paged besides is asked where it matters."""
    world.has(*(person(name, ring("pocket"), repeats=False) for name in ("ann", "bob", "carl")))
    world.policy("db", step("ann"), step("bob", wait=10 * MINUTE))
    world.policy("web", step("carl"))
    world.key("db", "db")
    world.key("web", "web")
    groups(world)
    yield world
    for name in ("ann", "bob", "carl", "boss"):
        world.phone(name).ignores_the_rest()


# --- Who belongs together


def test_the_first_pages_as_ever_and_the_second_opens_what_stands_for_both(desk: World) -> None:
    alert(desk, "disk")
    desk.phone("ann").expects("disk", at=0)
    desk.pass_(4 * MINUTE)
    alert(desk, "cpu", Signal.WARNING)
    group = group_of(desk, "disk")
    assert desk.incident("cpu").group == group.number
    assert [one.number for one in group.members] == [desk.number("disk"), desk.number("cpu")]
    assert (group.state, group.title, group.urgency, group.phase) == (
        Signal.CRITICAL,
        "disk",
        Urgency.HIGH,
        Phase.TRIGGERED,
    )
    desk.phone("ann").expects("disk", at=4 * MINUTE)
    desk.pass_(DAY)
    desk.phone("bob").expects("disk", at=10 * MINUTE)  # when he would have been paged for the first one
    desk.nothing_else_was_sent()
    desk.tells("disk", f"incident {group.number} stands for it from now on")
    desk.tells("cpu", "grouped by policy hosts", f"incident {group.number} stands for it")
    desk.tells("group", "policy hosts groups alerts", f"stands for incident {desk.number('cpu')} as well: cpu")


def test_all_in_one_batch(desk: World) -> None:
    events = [
        AlertEvent(Signal.CRITICAL, f"k{index}", f"t{index}", routing_key="db", host="web1", lasting=True)
        for index in range(5)
    ]
    desk.alerts(*events)
    group = group_of(desk, "k0")
    assert len(group.members) == 5
    assert {desk.incident(event.key).group for event in events} == {group.number}
    assert any("t0" in received.titles for received in desk.phone("ann").ignores_the_rest())
    desk.nothing_else_was_sent()


def test_only_who_is_alike_and_within_the_time(desk: World) -> None:
    alert(desk, "disk")
    alert(desk, "other host", host="web2")
    alert(desk, "no host", host="")
    desk.pass_(20 * MINUTE + 1)
    alert(desk, "late")
    for title in ("disk", "other host", "no host", "late"):
        assert desk.incident(title).group is None
    alert(desk, "later")  # the late one is the first of a new group
    assert desk.incident("later").group == desk.incident("late").group
    assert desk.incident("disk").group is None


def test_capitals_and_blanks_never_count_and_numbers_only_when_said_so(desk: World) -> None:
    groups(desk, within=HOUR, alike=(Alike(("missing", "title"), loose=True),))
    alert(desk, "Disk 91 %", key="db")
    alert(desk, "disk  92 %", key="db")
    assert desk.incident("disk  92 %").group is not None
    groups(desk, within=HOUR, alike=(Alike(("title",)),))
    alert(desk, "Net 1")
    alert(desk, "Net 2")
    alert(desk, "NET  2")
    assert desk.incident("Net 1").group is None
    assert desk.incident("NET  2").group == desk.incident("Net 2").group is not None


def test_further_ones_join_silently(desk: World) -> None:
    alert(desk, "disk")
    alert(desk, "cpu")
    desk.phone("ann").ignores_the_rest()
    desk.pass_(MINUTE)
    for number in range(3):
        alert(desk, f"more {number}")
    group = group_of(desk, "disk")
    assert (len(group.members), group.alert_count) == (5, 5)
    desk.phone("ann").expects_nothing()


def test_a_rule_that_only_watches_says_what_it_would_join(desk: World) -> None:
    groups(desk, acts=False)
    alert(desk, "disk")
    alert(desk, "cpu")
    desk.phone("ann").expects("disk")
    desk.phone("ann").expects("cpu")
    assert desk.incident("cpu").group is None
    desk.tells("cpu", f"policy hosts would group it with incident {desk.number('disk')}")


def test_the_first_rule_that_acts_decides(desk: World) -> None:
    groups(desk, "titles", order=0, alike=(Alike(("title",)),))
    alert(desk, "a", host="web1")
    alert(desk, "b", host="web1")
    assert desk.incident("b").group is None
    groups(desk, "titles", order=2, alike=(Alike(("title",)),))
    alert(desk, "c", host="web9")
    alert(desk, "d", host="web9")
    assert desk.incident("d").group is not None


def test_a_title_of_its_own_with_macros(desk: World) -> None:
    groups(desk, title="Trouble: $alert.subject")
    alert(desk, "disk")
    alert(desk, "cpu")
    assert group_of(desk, "cpu").title == "Trouble: disk"


def test_what_comes_quiet_stays_its_own_affair(desk: World) -> None:
    desk.window("mw", "web", end=HOUR)
    alert(desk, "disk")
    alert(desk, "muted", key="web")
    alert(desk, "fine", Signal.RECOVERY)
    desk.rule("quiet", condition=Condition(field="title", op=Op.CONTAINS, value="hush"), beside=True, suppress_for=HOUR)
    alert(desk, "hush")
    for title in ("disk", "muted", "fine", "hush"):
        assert desk.incident(title).group is None
    desk.phone("ann").ignores_the_rest()
    desk.pass_(HOUR)
    desk.phone("carl").expects("muted", at=HOUR)
    desk.phone("ann").expects("hush", at=HOUR)


@pytest.mark.parametrize("verb", [incidents.acknowledge, incidents.resolve, incidents.heal, "suppress"])
def test_a_first_one_that_somebody_has_in_hand_stays_alone(desk: World, verb: Any) -> None:
    alert(desk, "disk")
    if verb == "suppress":
        desk.does(incidents.suppress, "ann", "disk", None)
    else:
        desk.does(verb, "ann", "disk")
    desk.phone("ann").ignores_the_rest()
    alert(desk, "cpu")
    assert desk.incident("cpu").group is None
    desk.phone("ann").expects("cpu", at=0)
    alert(desk, "net")
    assert desk.incident("net").group == desk.incident("cpu").group is not None


def test_a_policy_that_would_be_at_work_in_two_ways_keeps_an_alert_alone(desk: World) -> None:
    desk.key("db slow", "db", urgency=Urgency.LOW)
    alert(desk, "disk")
    alert(desk, "cpu", key="db slow")
    assert desk.incident("cpu").group is None


# --- Nobody goes unpaged


def test_a_member_whose_policies_are_not_begun_adds_them(desk: World) -> None:
    alert(desk, "disk")
    desk.phone("ann").ignores_the_rest()
    desk.pass_(MINUTE)
    alert(desk, "500s", key="web")
    desk.phone("carl").expects("disk", at=MINUTE)


def test_an_acknowledged_group_takes_only_what_it_has_begun(desk: World) -> None:
    grouped(desk)
    desk.acknowledges("ann", "group")
    for phone in ("ann", "bob"):
        desk.phone(phone).ignores_the_rest()
    alert(desk, "net")
    assert desk.incident("net").group == desk.number("group")
    desk.nothing_else_was_sent()
    alert(desk, "500s", key="web")
    assert desk.incident("500s").group is None
    desk.phone("carl").expects("500s")


def test_an_acknowledged_group_takes_nothing_worse(desk: World) -> None:
    alert(desk, "disk", Signal.WARNING)
    alert(desk, "cpu", Signal.WARNING)
    group_of(desk, "cpu")
    desk.acknowledges("ann", "group")
    desk.phone("ann").ignores_the_rest()
    alert(desk, "net", Signal.CRITICAL)
    assert desk.incident("net").group is None
    desk.phone("ann").expects("net")


def test_a_policy_that_is_on_again_begins_anew_with_the_next_alert(desk: World) -> None:
    desk.rule("webs", beside=True, starts=(Start("web"),))
    desk.policy("web", step("carl"), follows=True, resumes=True)
    alert(desk, "disk")
    alert(desk, "cpu")
    desk.phone("carl").ignores_the_rest()
    desk.policy("web", step("carl"), follows=True, resumes=True, active=False)
    desk.pass_(MINUTE)
    group_of(desk, "cpu")
    desk.does(incidents.acknowledge, "ann", "group")
    desk.does(incidents.unacknowledge, "ann", "group")
    desk.phone("ann").ignores_the_rest()
    alert(desk, "cpu")
    desk.phone("carl").expects_nothing()
    desk.policy("web", step("carl"), follows=True, resumes=True)
    alert(desk, "cpu")
    desk.phone("carl").expects("disk")


def test_a_member_whose_group_is_gone_pages_by_itself(desk: World) -> None:
    group = grouped(desk)
    desk.write(lambda tx: tx._session.run("DELETE FROM incident WHERE number = ?", (group.number,)))
    desk.phone("ann").ignores_the_rest()
    alert(desk, "cpu")
    assert desk.incident("cpu").group is None
    desk.phone("ann").expects("cpu")


@pytest.mark.parametrize("resumes", [False, True])
def test_a_member_that_asks_for_a_policy_that_resolves_pages_by_itself(desk: World, resumes: bool) -> None:
    for name, *steps in (("db", step("ann"), step("bob", wait=10 * MINUTE)), ("end", step("carl"))):
        ends = AtEnd.RESOLVE if name == "end" else AtEnd.KEEP
        desk.policy(name, *steps, resumes=resumes, at_end=ends, end_wait=HOUR)
    third = Condition(field="incident.alerts", op=Op.AT_LEAST, value="3")
    desk.rule("often", condition=third, beside=True, starts=(Start("end"),))
    for title in ("disk", "cpu", "disk", "disk"):
        alert(desk, title)
    desk.phone("carl").expects("disk")
    group = group_of(desk, "cpu")
    assert [one.number for one in group.members] == [desk.number("cpu")]
    assert desk.incident("disk").group is None
    desk.pass_(10 * MINUTE)
    titles = [received.titles for received in desk.phone("bob").ignores_the_rest()]
    assert len(titles) == 2


def test_who_asks_for_more_responders_of_a_member_lets_it_page_by_itself(desk: World) -> None:
    alert(desk, "disk")
    alert(desk, "cpu")
    desk.phone("ann").ignores_the_rest()
    desk.asks_for("eve", "cpu", Start("web"))
    desk.phone("carl").expects("cpu")
    desk.phone("ann").expects("cpu")
    assert desk.incident("cpu").group is None


def test_policies_that_make_tickets_are_shared_by_equals_only(desk: World) -> None:
    desk.policy("ticket", step("carl"), Step("t", (), 5 * MINUTE, action=Action.TICKET))
    desk.key("ticket", "db", "ticket")
    alert(desk, "disk", key="ticket")
    alert(desk, "cpu")
    assert desk.incident("cpu").group is None
    alert(desk, "net", key="ticket", host="web2")
    alert(desk, "ram", key="ticket", host="web2")
    assert desk.incident("ram").group is not None


def test_a_step_that_waits_for_a_state_to_be_left_acts_for_each_member(desk: World) -> None:
    desk.policy("left", step("carl"), step("bob", on_state_left="critical"))
    desk.key("left", "left")
    for title in ("disk", "cpu"):
        alert(desk, title, key="left")
    desk.phone("bob").expects_nothing()
    alert(desk, "cpu", Signal.RECOVERY, key="left")
    desk.phone("bob").expects("disk")
    alert(desk, "disk", Signal.WARNING, key="left")
    desk.phone("bob").expects("disk")
    desk.phone("bob").expects_nothing()


def test_a_state_that_is_left_for_a_moment_within_a_batch(desk: World) -> None:
    desk.policy("left", step("carl"), step("bob", on_state_left="critical"))
    desk.key("left", "left")
    signals = (("disk", Signal.CRITICAL), ("cpu", Signal.CRITICAL), ("disk", Signal.WARNING), ("disk", Signal.CRITICAL))
    about = {"routing_key": "left", "host": "web1", "lasting": True}
    desk.alerts(*(AlertEvent(signal, title, title, **about) for title, signal in signals))  # type: ignore[arg-type]
    desk.phone("bob").expects("disk")


def test_a_fault_in_hearing_holds_up_nobody(desk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    grouped(desk)
    monkeypatch.setattr(grouping, "heard", lambda *given: 1 / 0)
    alert(desk, "cpu", Signal.WARNING)
    assert desk.incident("cpu").state is Signal.WARNING
    desk.tells("group", "could not hear of its group (ZeroDivisionError")


def test_a_full_group_takes_no_more(desk: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(belonging, "MOST_MEMBERS", 3)
    titles = [f"t{index}" for index in range(5)]
    for title in titles:
        alert(desk, title)
    groups = [desk.incident(title).group for title in titles]
    assert groups[:3] == [groups[0]] * 3
    assert groups[3] == groups[4] not in (None, groups[0])


def test_people_named_directly_are_paged_for_the_group(desk: World) -> None:
    desk.has(RoutingKey("bob", 1, "bob", (Start(user_id="bob"),)))
    alert(desk, "disk", key="bob")
    desk.phone("bob").expects("disk")
    desk.pass_(MINUTE)
    alert(desk, "cpu", key="bob")
    desk.phone("bob").expects("disk", at=MINUTE)
    assert not group_of(desk, "cpu").unreached


def test_everybody_may_have_to_answer_for_a_group(desk: World) -> None:
    desk.key("both", "db", "web", multi=True)
    alert(desk, "disk", key="both")
    alert(desk, "cpu", key="both")
    assert group_of(desk, "cpu").multi_responder
    desk.acknowledges("ann", "group")
    assert desk.incident("group").phase is Phase.TRIGGERED
    desk.acknowledges("carl", "group")
    assert desk.incident("group").phase is Phase.ACKNOWLEDGED


@pytest.mark.parametrize("verb", ["suppress", incidents.heal])
def test_a_quiet_group_takes_nobody(desk: World, verb: Any) -> None:
    grouped(desk)
    if verb == "suppress":
        desk.does(incidents.suppress, "ann", "group", HOUR + BEGINNING)
    else:
        desk.does(verb, "ann", "group")
    desk.phone("ann").ignores_the_rest()
    alert(desk, "net")
    assert desk.incident("net").group is None
    desk.phone("ann").expects("net")


def test_a_suppressed_group_goes_on_when_that_ends(desk: World) -> None:
    grouped(desk)
    desk.does(incidents.suppress, "ann", "group", HOUR + BEGINNING)
    desk.phone("ann").ignores_the_rest()
    alert(desk, "disk")  # once more: it stays quiet
    desk.phone("ann").expects_nothing()
    desk.pass_(HOUR)
    desk.phone("ann").expects("disk", at=HOUR)


def test_an_urgent_member_pages_everybody_anew(desk: World) -> None:
    alert(desk, "disk", Signal.WARNING)
    desk.pass_(15 * MINUTE)
    for name in ("ann", "bob"):
        desk.phone(name).ignores_the_rest()
    alert(desk, "cpu")
    group = group_of(desk, "cpu")
    assert (group.urgency, group.state) == (Urgency.HIGH, Signal.CRITICAL)
    desk.phone("ann").expects("disk", at=15 * MINUTE)
    desk.phone("bob").expects("disk", at=15 * MINUTE)


def test_a_page_that_fails_for_the_group_goes_to_the_next_contact(desk: World) -> None:
    desk.has(person("ann", ring("sms"), ring("email")))
    alert(desk, "disk")
    desk.phone("ann").expects("disk", by="sms")
    desk.phone("ann").breaks(Trouble.NEVER, "sms")
    alert(desk, "cpu")
    desk.phone("ann").expects("disk", by="email")


def test_a_group_that_reaches_nobody_pages_the_safety_net(desk: World) -> None:
    desk.has(person("boss", role=Role.GLOBAL_ADMIN))
    desk.policy("nobody", step())
    desk.key("none", "nobody")
    alert(desk, "disk", key="none")
    alert(desk, "cpu", key="none")
    desk.phone("boss").expects("disk")
    desk.phone("boss").expects("disk")
    assert group_of(desk, "cpu").unreached
    assert not desk.incident("cpu").unreached


def test_steps_that_count_from_the_start_keep_the_clock_of_the_first(desk: World) -> None:
    desk.policy("slow", step("bob", wait=5 * MINUTE, since=Since.START), step("carl", wait=HOUR, since=Since.START))
    desk.key("slow", "slow")
    alert(desk, "disk", key="slow")
    desk.pass_(4 * MINUTE)
    alert(desk, "cpu", key="slow")
    desk.nothing_else_was_sent()
    desk.pass_(HOUR)
    desk.phone("bob").expects("disk", at=5 * MINUTE)
    desk.phone("carl").expects("disk", at=HOUR)


def test_a_rule_beside_that_comes_to_fit_a_member_pages_for_the_group(desk: World) -> None:
    desk.rule(
        "often",
        condition=Condition(field="incident.alerts", op=Op.AT_LEAST, value="3"),
        beside=True,
        starts=(Start("web"),),
    )
    grouped(desk)
    desk.acknowledges("ann", "group")
    alert(desk, "cpu")
    desk.phone("carl").expects_nothing()
    alert(desk, "cpu")
    desk.phone("carl").expects("disk")


# --- What becomes of it


def test_it_is_as_bad_as_the_worst_and_heals_when_all_have(desk: World) -> None:
    alert(desk, "disk", Signal.WARNING)
    alert(desk, "cpu", Signal.WARNING)
    alert(desk, "cpu", Signal.CRITICAL)
    assert group_of(desk, "cpu").state is Signal.CRITICAL
    alert(desk, "cpu", Signal.RECOVERY)
    group = group_of(desk, "cpu")
    assert (group.state, group.healed_at) == (Signal.WARNING, None)
    alert(desk, "disk", Signal.RECOVERY)
    group = group_of(desk, "cpu")
    assert (group.state, group.phase, group.healed_at) == (Signal.RECOVERY, Phase.TRIGGERED, desk.now)
    desk.phone("ann").ignores_the_rest()
    desk.stays_quiet(HOUR)
    alert(desk, "disk", Signal.CRITICAL)
    assert group_of(desk, "cpu").healed_at is None
    desk.phone("ann").expects("disk", at=HOUR)


def test_what_is_resolved_one_by_one_resolves_the_group(desk: World) -> None:
    for title in ("disk", "cpu"):
        alert(desk, title, lasting=False)
    group_of(desk, "cpu")
    for title in ("disk", "cpu"):
        assert desk.incident("group").phase is Phase.TRIGGERED
        alert(desk, title, Signal.RECOVERY, lasting=False)
    assert desk.incident("group").phase is Phase.RESOLVED
    alert(desk, "disk", lasting=False)
    assert desk.incident("disk").group is None


def test_whoever_closes_it_closes_all_and_the_next_alert_pages_again(desk: World) -> None:
    grouped(desk)
    desk.does(incidents.close, "ann", "group")
    for title in ("disk", "cpu"):
        assert desk.incident(title).phase is Phase.RESOLVED
        desk.tells(title, "resolved by incident")
    desk.phone("ann").ignores_the_rest()
    alert(desk, "disk")
    assert desk.incident("disk").group is None
    desk.phone("ann").expects("disk")


def test_whoever_heals_it_heals_all_and_the_next_trouble_pages_again(desk: World) -> None:
    grouped(desk)
    desk.does(incidents.heal, "ann", "group")
    assert [one.state for one in desk.incident("group").members] == [Signal.RECOVERY] * 2
    assert desk.incident("cpu").healed_at is not None
    desk.phone("ann").ignores_the_rest()
    desk.stays_quiet(HOUR)
    alert(desk, "cpu")
    desk.phone("ann").expects("disk", at=HOUR)


def test_a_member_for_which_somebody_wants_people_paged_stands_for_itself(desk: World) -> None:
    grouped(desk)
    desk.phone("ann").ignores_the_rest()
    desk.reroutes("bob", "cpu", Start("web"))
    desk.phone("carl").expects("cpu")
    assert desk.incident("cpu").group is None
    assert [one.number for one in desk.incident("group").members] == [desk.number("disk")]
    alert(desk, "cpu", Signal.RECOVERY)
    assert desk.incident("group").state is Signal.CRITICAL


def test_a_member_that_is_answered_for_leaves_the_group_paging(desk: World) -> None:
    alert(desk, "disk")
    alert(desk, "cpu")
    desk.acknowledges("ann", "cpu")
    assert group_of(desk, "cpu").phase is Phase.TRIGGERED
    desk.pass_(10 * MINUTE)
    desk.phone("bob").expects("disk")


def test_a_rule_that_is_removed_leaves_the_group_as_it_is(desk: World) -> None:
    alert(desk, "disk")
    alert(desk, "cpu")
    desk.loses(desk.organization.rules["hosts"])
    group = group_of(desk, "cpu")
    alert(desk, "cpu", Signal.RECOVERY)
    alert(desk, "disk", Signal.RECOVERY)
    assert desk.incident("group").healed_at is not None
    alert(desk, "net")
    assert (desk.incident("net").group, group.phase) == (None, Phase.TRIGGERED)


def test_after_a_restart_all_is_as_before(tmp_path: Any) -> None:
    world = World(f"sqlite:///{tmp_path}/w.db")
    try:
        world.has(person("ann"), person("bob"))
        world.policy("db", step("ann"), step("bob", wait=10 * MINUTE))
        world.key("db", "db")
        groups(world)
        alert(world, "disk")
        world.restarts()
        alert(world, "cpu")
        world.restarts()
        alert(world, "net")
        assert len(group_of(world, "net").members) == 3
        world.restarts()
        world.pass_(HOUR)
        world.phone("bob").expects("disk", at=10 * MINUTE)
    finally:
        world.close()
