"""A personal paging policy in two spellings: steps with timeouts, rules with delays."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from watchbill.domain.civil import MINUTE, SECOND, Hours, Window
from watchbill.domain.paging import KIND_OF_CHANNEL
from watchbill.domain.paging_rules import TimedRule, rules_of, with_rule, without_contact, without_rule
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, PagingStep, Urgency, User
from watchbill.domain.record import replace

HIGH, LOW = Urgency.HIGH, Urgency.LOW
BLANK = PagingPolicy("blank", 99, "", ())
NIGHTS = Hours("UTC", (Window(0, 0, 0, 3600),))
CONTACTS = (
    ContactMethod("mail", 1, "email", "a@x.com"),
    ContactMethod("phone", 2, "phone", "+15550100000"),
    ContactMethod("other phone", 3, "phone", "+15550100001"),
    ContactMethod("app", 4, "pocket", "app"),
)


def user(*paging: PagingPolicy) -> User:
    return User("u", 1, "ann", contacts=CONTACTS, paging=paging)


def steps(*given: tuple[int, str]) -> tuple[PagingStep, ...]:
    """Each: the timeout in minutes, and the ids of its rules, all SMS to the phone."""
    return tuple(
        PagingStep(tuple(PagingRule("sms", "phone", id) for id in ids.split()), minutes * MINUTE)
        for minutes, ids in given
    )


def policy(*given: tuple[int, str], **more: Any) -> PagingPolicy:
    return PagingPolicy(more.pop("id", "p"), more.pop("number", 1), more.pop("name", "Primary"), steps(*given), **more)


def shape(one: User, place: int = 0) -> list[tuple[int, str]]:
    """The steps of a policy, as `steps` takes them."""
    return [(step.timeout // MINUTE, " ".join(rule.id for rule in step.rules)) for step in one.paging[place].steps]


def rule(id: str, minutes: int, channel: str = "sms", contact: str = "phone") -> TimedRule:
    return TimedRule(id, minutes * MINUTE, channel, contact)


def delays(one: User, urgency: Urgency = HIGH) -> list[tuple[str, int]]:
    return [(each.id, each.delay // MINUTE) for each in rules_of(one, urgency)]


# --- By example


def test_an_offset_is_the_sum_of_the_timeouts_before() -> None:
    assert delays(user(policy((5, "a b"), (15, "c"), (30, "d")))) == [("a", 0), ("b", 0), ("c", 5), ("d", 20)]


def test_a_rule_at_a_known_delay_joins_its_step() -> None:
    before = user(policy((5, "a"), (15, "b"), urgency=HIGH))
    assert shape(with_rule(before, HIGH, rule("n", 5), BLANK)) == [(5, "a"), (15, "b n")]


def test_a_rule_at_a_new_delay_splits_the_step_that_lasts_then() -> None:
    before = user(policy((5, "a"), (15, "b"), urgency=HIGH))
    assert shape(with_rule(before, HIGH, rule("n", 2), BLANK)) == [(2, "a"), (3, "n"), (15, "b")]


def test_a_rule_after_all_others_leaves_the_repetition_as_it_was() -> None:
    before = user(policy((5, "a"), (15, "b"), urgency=HIGH))
    after = with_rule(before, HIGH, rule("n", 12), BLANK)
    assert shape(after) == [(5, "a"), (7, "b"), (15, "n")]
    assert shape(without_rule(after, HIGH, "n", BLANK)) == [(5, "a"), (15, "b")]


def test_with_its_last_rule_a_step_goes_and_the_one_before_lasts_longer() -> None:
    before = user(policy((5, "a"), (15, "b"), (30, "c"), urgency=HIGH))
    assert shape(without_rule(before, HIGH, "b", BLANK)) == [(20, "a"), (30, "c")]


def test_without_a_rule_at_once_the_first_step_waits() -> None:
    before = user(policy((5, "a"), (15, "b"), urgency=HIGH))
    after = without_rule(before, HIGH, "a", BLANK)
    assert shape(after) == [(5, ""), (15, "b")]
    assert shape(with_rule(after, HIGH, rule("n", 0), BLANK)) == [(5, "n"), (15, "b")]
    assert shape(with_rule(after, HIGH, rule("n", 3), BLANK)) == [(3, ""), (2, "n"), (15, "b")]


def test_a_policy_stays_without_its_last_rule() -> None:
    before = user(policy((5, "a"), urgency=HIGH, repeat_last=True))
    (after,) = without_rule(before, HIGH, "a", BLANK).paging
    assert (after.id, after.name, after.steps, after.repeat_last) == ("p", "Primary", (), True)


def test_the_first_rule_makes_a_policy_that_ends() -> None:
    (made,) = with_rule(user(), LOW, rule("n", 3), BLANK).paging
    assert (made.id, made.number, made.name) == ("blank", 99, "Low urgency")
    assert (made.urgency, made.hours, made.repeat_last) == (LOW, None, False)
    assert delays(user(made), LOW) == [("n", 3)]
    assert delays(user(made), HIGH) == []


def test_a_policy_for_both_is_shown_under_both_and_split_by_a_change() -> None:
    nights = policy((1, "z"), id="nights", hours=NIGHTS)
    before = user(nights, policy((5, "a"), (15, "b")))
    low = [each.id for each in rules_of(before, LOW)]
    assert [each.id for each in rules_of(before, HIGH)] == ["a", "b"]
    assert not set(low) & {"a", "b"}
    after = without_rule(before, LOW, low[0], BLANK)
    assert [one.id for one in after.paging] == ["nights", "p", "blank"]
    assert (after.paging[0], after.paging[1]) == (nights, replace(before.paging[1], urgency=HIGH))
    assert delays(after, LOW) == [(low[1], 5)]
    assert after.paging[2].name == "Primary (low urgency)"


def test_a_rule_for_all_contacts_is_spelled_out_where_it_is_touched() -> None:
    general = PagingPolicy(
        "p", 1, "", (PagingStep((PagingRule("sms", None, "s"), PagingRule("pocket", None, "k")), 1),), HIGH
    )
    before = user(general)
    sms, other, pocket = rules_of(before, HIGH)
    assert [one.contact_id for one in (sms, other, pocket)] == ["phone", "other phone", "app"]
    after = without_rule(before, HIGH, sms.id, BLANK)
    assert rules_of(after, HIGH) == (other, pocket)
    assert after.paging[0].steps[0].rules == (
        PagingRule("sms", "other phone", other.id),
        PagingRule("pocket", None, "k"),
    )


def test_a_contact_takes_its_rules_along() -> None:
    nights = PagingPolicy("nights", 2, "", (PagingStep((PagingRule("email", "mail", "m"),), MINUTE),), hours=NIGHTS)
    before = user(nights, policy((5, "a"), (15, "b"), urgency=HIGH))
    after = without_contact(before, "mail")
    assert [one.id for one in after.contacts] == ["phone", "other phone", "app"]
    assert after.paging == (replace(nights, steps=()), before.paging[1])


# --- Whatever is edited, in whichever spelling

ids = st.sampled_from(["a", "b", "c", "d", "e", ""])
delay = st.one_of(
    st.integers(0, 6).map(lambda minutes: minutes * MINUTE), st.integers(0, 400).map(lambda s: s * SECOND)
)


@st.composite
def paging_rules(draw: st.DrawFn) -> PagingRule:
    channel = draw(st.sampled_from(["sms", "voice", "email", "pocket", "webhook"]))
    fitting = [one.id for one in CONTACTS if one.kind == KIND_OF_CHANNEL[channel]]
    return PagingRule(channel, draw(st.sampled_from([None, *fitting])), draw(ids))


@st.composite
def timed_rules(draw: st.DrawFn) -> TimedRule:
    channel, contact = draw(st.sampled_from([("sms", "phone"), ("voice", "other phone"), ("email", "mail")]))
    return TimedRule("new", draw(delay), channel, contact)


paging_steps = st.builds(
    PagingStep, st.lists(paging_rules(), max_size=3).map(tuple), st.integers(1, 20).map(lambda n: n * 30 * SECOND)
)


@st.composite
def users(draw: st.DrawFn) -> User:
    paging = [
        PagingPolicy(
            f"p{place}",
            place,
            draw(st.sampled_from(["Primary", "Other"])),
            tuple(draw(st.lists(paging_steps, max_size=5))),
            draw(st.sampled_from([None, HIGH, LOW])),
            draw(st.sampled_from([None, None, NIGHTS])),
            draw(st.booleans()),
        )
        for place in range(draw(st.integers(0, 3)))
    ]
    return user(*paging)


def other(urgency: Urgency) -> Urgency:
    return LOW if urgency is HIGH else HIGH


def untouched(before: User, after: User, urgency: Urgency) -> None:
    """What every edit leaves as it was."""
    assert says(rules_of(after, other(urgency))) == says(rules_of(before, other(urgency)))
    policies = {one.id: one for one in after.paging}
    for one in before.paging:
        there = policies.pop(one.id)
        assert (there.name, there.number, there.repeat_last, there.hours) == (
            one.name,
            one.number,
            one.repeat_last,
            one.hours,
        )
        if not one.primary or one.urgency is other(urgency):
            assert there == one
    assert set(policies) <= {"blank"}
    assert all(step.timeout > 0 for one in after.paging for step in one.steps)


def says(rules: tuple[TimedRule, ...]) -> list[tuple[str, int, str, str]]:
    return [(one.id, one.delay, one.channel, one.contact_id) for one in rules]


@given(users())
def test_shown_ids_tell_rules_apart(one: User) -> None:
    shown = [rule.id for rule in rules_of(one, HIGH)]
    assert all(shown)
    assert len(set(shown)) == len(shown)
    for policy in one.paging:
        if policy.urgency is None and policy.primary:
            alone = user(policy)
            assert not {each.id for each in rules_of(alone, HIGH)} & {each.id for each in rules_of(alone, LOW)}


@given(users(), st.sampled_from([HIGH, LOW]), timed_rules(), st.data())
def test_a_rule_is_added_or_changed_and_nothing_else(
    before: User, urgency: Urgency, new: TimedRule, data: st.DataObject
) -> None:
    known = [one.id for one in rules_of(before, urgency)]
    new = replace(new, id=data.draw(st.sampled_from(["new", *known])))
    after = with_rule(before, urgency, new, BLANK)
    old = [one for one in rules_of(before, urgency) if one.id != new.id]
    found = list(rules_of(after, urgency))
    assert new in found
    assert [one for one in found if one != new] == old
    assert [one.delay for one in found] == sorted(one.delay for one in found)
    untouched(before, after, urgency)


@given(users(), st.sampled_from([HIGH, LOW]), st.data())
def test_a_rule_is_removed_and_nothing_else_changes(before: User, urgency: Urgency, data: st.DataObject) -> None:
    shown = rules_of(before, urgency)
    gone = data.draw(st.sampled_from([one.id for one in shown] or ["nothing"]))
    after = without_rule(before, urgency, gone, BLANK)
    assert says(rules_of(after, urgency)) == says(tuple(one for one in shown if one.id != gone))
    untouched(before, after, urgency)


@given(users(), st.sampled_from([HIGH, LOW]), timed_rules())
def test_adding_and_removing_is_as_if_nothing_had_been(before: User, urgency: Urgency, new: TimedRule) -> None:
    once = without_rule(with_rule(before, urgency, new, BLANK), urgency, "new", BLANK)
    again = without_rule(with_rule(once, urgency, new, BLANK), urgency, "new", BLANK)
    assert again == once
    assert says(rules_of(once, urgency)) == says(rules_of(before, urgency))


@given(users(), st.lists(st.tuples(st.sampled_from([HIGH, LOW]), timed_rules(), st.booleans()), max_size=8), st.data())
def test_edits_through_both_spellings_agree(
    one: User, edits: list[tuple[Urgency, TimedRule, bool]], data: st.DataObject
) -> None:
    """Rules come and go by their delays, steps by their places; what is shown is always what the steps say."""
    for number, (urgency, new, by_delay) in enumerate(edits):
        if by_delay or not one.paging:
            one = with_rule(one, urgency, replace(new, id=f"rule {number}"), replace(BLANK, id=f"blank {number}"))
        else:
            place = data.draw(st.integers(0, len(one.paging) - 1))
            changed = tuple(data.draw(st.lists(paging_steps, max_size=4)))
            edited = replace(one.paging[place], steps=changed)
            one = replace(one, paging=(*one.paging[:place], edited, *one.paging[place + 1 :]))
        for each in (HIGH, LOW):
            agrees(one, each)


def agrees(one: User, urgency: Urgency) -> None:
    meant = next((each for each in one.paging if each.primary and each.urgency in (None, urgency)), None)
    offsets, at, began = [], 0, False
    for step in meant.steps if meant else ():
        began = began or bool(step.rules)
        for rule in step.rules:
            kind = KIND_OF_CHANNEL[rule.channel]
            fitting = [each.id for each in CONTACTS if each.kind == kind]
            offsets += [(at, rule.channel, id) for id in ([rule.contact_id] if rule.contact_id else fitting)]
        at += step.timeout if step.rules or not began else 0
    assert [(each.delay, each.channel, each.contact_id) for each in rules_of(one, urgency)] == offsets


@given(users(), st.sampled_from([one.id for one in CONTACTS]))
def test_a_contact_goes_and_the_other_rules_stay(before: User, contact_id: str) -> None:
    after = without_contact(before, contact_id)
    for urgency in (HIGH, LOW):
        left = [one for one in rules_of(before, urgency) if one.contact_id != contact_id]
        assert [(one.delay, one.channel, one.contact_id) for one in rules_of(after, urgency)] == [
            (one.delay, one.channel, one.contact_id) for one in left
        ]
    assert not any(rule.contact_id == contact_id for one in after.paging for step in one.steps for rule in step.rules)
