"""Who stands in for whom."""

from dataclasses import replace
from datetime import datetime
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.domain import rota
from watchbill.domain.civil import DAY, HOUR, MINUTE, Window, instant, local
from watchbill.domain.rota import Interval, Layer, Mode, Neighbour, Override, Position, Schedule, Turn

NOW = instant(datetime.fromisoformat("2025-06-02T12:00+00:00"))  # a Monday
NINE = NOW - 3 * HOUR
HOURS = tuple(Window(day, 9 * 3600, day, 17 * 3600) for day in range(7))


def plan(*layers: tuple[Turn, ...], mode: Mode = Mode.OVERLAY, hours: tuple[Window, ...] = ()) -> Schedule:
    made = [
        Layer(str(number), str(number), NOW - 99 * DAY, NINE, Interval(1), turns, restrictions=hours)
        for number, turns in enumerate(layers)
    ]
    return Schedule("S", 1, "s", "S", "UTC", tuple(made), mode)


def override(name: str, user: str | None, cover: str | None, **more: int | bool | str) -> Override:
    """From an hour ago until in an hour, in our schedule, unless told otherwise."""
    made = Override(name, NOW - HOUR, NOW + HOUR, NOW - DAY, user, cover, "S")
    return replace(made, **more)  # type: ignore[arg-type]


ANN_BOB = (Turn(("ann",)), Turn(("bob",)))


def told(schedule: Schedule, *overrides: Override) -> list[str]:
    """Today's shifts."""
    return [
        f"{local(shift.start, 'UTC'):%a %H:%M}-{local(shift.end, 'UTC'):%a %H:%M} "
        f"{'+'.join([*shift.user_ids, *shift.team_ids])}{f' by {shift.override_id}' if shift.override_id else ''}"
        for shift in rota.shifts(schedule, NINE, NINE + DAY, overrides)
    ]


def now(schedule: Schedule, *overrides: Override) -> list[str]:
    """Who is on call now, asked both ways."""
    shifts = rota.on_call(schedule, NOW, overrides)
    duties = rota.who(schedule, NOW, overrides)
    assert [(shift.user_ids, shift.team_ids) for shift in shifts] == [(duty.user_ids, duty.team_ids) for duty in duties]
    return ["+".join([*shift.user_ids, *shift.team_ids]) for shift in shifts]


def test_a_cover_stands_in_for_a_part_of_a_shift() -> None:
    assert told(plan(ANN_BOB), override("O", "ann", "cy")) == [
        "Mon 09:00-Mon 11:00 ann",
        "Mon 11:00-Mon 13:00 cy by O",
        "Mon 13:00-Tue 09:00 ann",
    ]
    (shift,) = rota.on_call(plan(ANN_BOB), NOW, [override("O", "ann", "cy")])
    assert (shift.start, shift.end, shift.layer_id, shift.turn) == (NOW - HOUR, NOW + HOUR, "0", 0)


def test_an_override_nobody_has_taken_changes_nothing() -> None:
    assert told(plan(ANN_BOB), override("O", "ann", None)) == ["Mon 09:00-Tue 09:00 ann"]


def test_an_override_of_somebody_else_changes_nothing() -> None:
    assert told(plan(ANN_BOB), override("O", "bob", "cy")) == ["Mon 09:00-Tue 09:00 ann"]


def test_an_override_counts_in_its_place_only() -> None:
    elsewhere = [override("O", "ann", "cy", schedule_id="other"), override("P", "ann", "dee", policy_id="policy")]
    assert now(plan(ANN_BOB), *elsewhere) == ["ann"]
    assert now(plan(ANN_BOB), replace(elsewhere[0], schedule_id=None)) == ["cy"]


def test_the_newest_wins_and_taking_on_call_beats_what_was_scheduled() -> None:
    older = override("old", "ann", "cy", created_at=1)
    newer = override("new", "ann", "dee", created_at=2, start=NOW - 2 * HOUR, end=NOW)
    taken = override("take", "ann", "eve", created_at=0, taken=True, start=NOW - 30 * MINUTE, end=NOW + 30 * MINUTE)
    assert told(plan(ANN_BOB), taken, older, newer) == [
        "Mon 09:00-Mon 10:00 ann",
        "Mon 10:00-Mon 11:30 dee by new",
        "Mon 11:30-Mon 12:30 eve by take",
        "Mon 12:30-Mon 13:00 cy by old",
        "Mon 13:00-Tue 09:00 ann",
    ]


def test_whoever_stands_in_may_have_on_call_taken_from_them() -> None:
    scheduled = override("O", "ann", "cy", created_at=1)
    taken = override("T", "cy", "dee", created_at=2, taken=True)
    assert now(plan(ANN_BOB), scheduled, taken) == ["dee"]
    back = override("B", "dee", "ann", created_at=3, taken=True)
    assert now(plan(ANN_BOB), scheduled, taken, back) == ["ann"]


def test_two_people_may_swap() -> None:
    swap = [
        override("O", "ann", "cy", created_at=1, schedule_id=None),  # type: ignore[arg-type]
        override("P", "cy", "ann", created_at=2, schedule_id=None),  # type: ignore[arg-type]
    ]
    both = plan((Turn(("ann",)),), (Turn(("cy",)),), mode=Mode.UNION)
    assert now(both, *swap) == ["cy", "ann"]


def test_a_cover_for_one_of_two_joins_the_other() -> None:
    pair = plan((Turn(("ann", "bob")),))
    assert now(pair, override("O", "ann", "cy")) == ["cy+bob"]
    assert now(pair, override("O", "ann", "bob")) == ["bob"]


def test_an_override_of_the_schedule_replaces_whoever_is_on_call() -> None:
    night = override("O", None, "cy", start=NINE + 20 * HOUR, end=NINE + 26 * HOUR)
    assert told(plan((Turn(("ann",), ("ops",)), Turn(("bob",)))), night) == [
        "Mon 09:00-Tue 05:00 ann+ops",
        "Tue 05:00-Tue 09:00 cy by O",
    ]
    assert rota.on_call(plan(ANN_BOB), NINE + 25 * HOUR, [night])[0].user_ids == ("cy",)


def test_an_override_of_the_schedule_fills_a_gap() -> None:
    hours = plan(ANN_BOB, hours=HOURS)
    evening = override("O", None, "cy", start=NOW, end=NOW + 8 * HOUR)
    assert told(hours, evening) == [
        "Mon 09:00-Mon 12:00 ann",
        "Mon 12:00-Mon 17:00 cy by O",
        "Mon 17:00-Mon 20:00 cy by O",
    ]
    (shift,) = rota.on_call(hours, NOW + 6 * HOUR, [evening])
    assert (shift.layer_id, shift.override_id) == ("", "O")
    assert rota.gaps(hours, NOW, NINE + DAY, [evening]) == [(NOW + 8 * HOUR, NINE + DAY)]
    assert rota.who(hours, NOW + 6 * HOUR, [evening]) == ((None, 0, ("cy",), ()),)
    assert rota.who(hours, NOW + 9 * HOUR, [evening]) == ()


def test_on_call_may_be_taken_from_whoever_fills_a_gap() -> None:
    filled = override("O", None, "cy", created_at=1, end=NOW + 8 * HOUR)
    taken = override("T", "cy", "dee", created_at=2, start=NOW + 6 * HOUR, end=NOW + 7 * HOUR, taken=True)
    assert told(plan((Turn(),)), filled, taken) == [
        "Mon 11:00-Mon 18:00 cy by O",
        "Mon 18:00-Mon 19:00 dee by T",
        "Mon 19:00-Mon 20:00 cy by O",
    ]


def test_an_override_of_a_user_fills_no_gap() -> None:
    hours = plan(ANN_BOB, hours=HOURS)
    all_day = override("O", "ann", "cy", end=NOW + DAY)
    assert told(hours, all_day) == ["Mon 09:00-Mon 11:00 ann", "Mon 11:00-Mon 17:00 cy by O"]
    unplaced = override("O", None, "cy", end=NOW + DAY, schedule_id=None)  # type: ignore[arg-type]
    assert rota.on_call(hours, NOW + 6 * HOUR, [unplaced]) == ()


def test_one_person_for_whom_somebody_newer_stands_in_keeps_that() -> None:
    pair = plan((Turn(("ann", "bob")),))
    everybody, ann = override("O", None, "cy", created_at=1), override("P", "ann", "dee", created_at=2)
    assert now(pair, everybody, ann) == ["dee+cy"]


def test_neighbours_of_a_shift_with_a_cover() -> None:
    cover = override("O", "ann", "cy")
    around = [
        rota.at_position(plan(ANN_BOB), NOW, position, Neighbour.SHIFT, [cover])[0].user_ids for position in Position
    ]
    assert around == [("ann",), ("cy",), ("ann",)]


def test_the_next_member_may_have_a_cover_but_whoever_is_on_call_is_not_them() -> None:
    def next_member(*overrides: Override) -> list[tuple[str, ...]]:
        found = rota.at_position(plan(ANN_BOB), NOW, Position.NEXT, Neighbour.MEMBER, overrides)
        return [shift.user_ids for shift in found]

    assert next_member(override("O", "bob", "dee")) == [("dee",)]
    assert next_member(override("O", None, "dee")) == [("bob",)]
    assert next_member(override("O", "ann", "dee")) == [("bob",)]


def test_covering_in_a_policy() -> None:
    everywhere = override("E", "ann", "cy", created_at=1, schedule_id=None)  # type: ignore[arg-type]
    of_policy = override("P", "ann", "dee", created_at=2, schedule_id=None, policy_id="P")  # type: ignore[arg-type]
    both = [everywhere, of_policy]
    assert rota.covering(both, "ann", NOW) == everywhere
    assert rota.covering(both, "ann", NOW, policy_id="P") == of_policy
    assert rota.covering(both, "ann", NOW, policy_id="Q") == everywhere
    assert rota.covering(both, "bob", NOW, policy_id="P") is None
    assert rota.covering(both, "ann", NOW + HOUR, policy_id="P") is None
    assert rota.covering([override("O", "ann", None)], "ann", NOW, "S") is None
    assert rota.covering([override("O", "ann", "cy")], "ann", NOW) is None


# --- Any overrides at all: what is listed is what is so at each instant

people = st.sampled_from(["ann", "bob", "cy", "dee"])
moments = st.integers(-8, 24 * 3).map(lambda hours: NINE + hours * HOUR)


@st.composite
def overrides(draw: st.DrawFn) -> Override:
    start = draw(moments)
    return Override(
        id=draw(st.uuids()).hex,
        start=start,
        end=start + draw(st.integers(1, 40)) * HOUR,
        created_at=draw(st.integers(0, 5)),
        user_id=draw(st.none() | people),
        cover_id=draw(st.none() | people | people),
        schedule_id=draw(st.sampled_from(["S", "S", None, "T"])),
        policy_id=draw(st.sampled_from([None, None, "P"])),
        taken=draw(st.booleans()),
    )


members = st.builds(Turn, st.lists(people, max_size=2, unique=True).map(tuple), st.sampled_from([(), (), ("ops",)]))
stacks = st.lists(st.lists(members, min_size=1, max_size=3).map(tuple), min_size=1, max_size=2)


@settings(max_examples=150)
@given(stacks, st.sampled_from(Mode), st.sampled_from([(), HOURS]), st.lists(overrides(), max_size=5))
def test_what_is_listed_is_what_is_so_at_each_instant(
    stack: list[tuple[Turn, ...]], mode: Mode, hours: tuple[Window, ...], given_overrides: list[Override]
) -> None:
    schedule = plan(*stack, mode=mode, hours=hours)
    start, end = NINE - 10 * HOUR, NINE + 60 * HOUR
    shifts = rota.shifts(schedule, start, end, given_overrides)
    gaps = rota.gaps(schedule, start, end, given_overrides)
    for at in range(start, end, HOUR):
        current = [shift for shift in shifts if shift.start <= at < shift.end]
        assert sorted(current, key=str) == sorted(rota.on_call(schedule, at, given_overrides), key=str)
        who = rota.who(schedule, at, given_overrides)
        assert sorted((d.user_ids, d.team_ids) for d in who) == sorted((s.user_ids, s.team_ids) for s in current)
        assert bool(current) != any(low <= at < high for low, high in gaps)
    if mode is Mode.OVERLAY:
        assert all(one.end <= other.start for one, other in pairwise(shifts))
    same = [(replace(one, end=other.end), replace(other, start=one.start)) for one, other in pairwise(shifts)]
    assert all(one != other for one, other in same) or mode is Mode.UNION


@settings(max_examples=150)
@given(stacks, st.sampled_from(Mode), st.lists(overrides(), max_size=4), st.integers(1, 59))
def test_a_range_in_two_halves_has_the_same_shifts(
    stack: list[tuple[Turn, ...]], mode: Mode, given_overrides: list[Override], cut: int
) -> None:
    schedule = plan(*stack, mode=mode, hours=HOURS)
    start, middle, end = NINE - 10 * HOUR, NINE + (cut - 10) * HOUR, NINE + 60 * HOUR
    halves = [
        *rota.shifts(schedule, start, middle, given_overrides),
        *rota.shifts(schedule, middle, end, given_overrides),
    ]
    assert set(halves) == set(rota.shifts(schedule, start, end, given_overrides))


@settings(max_examples=150)
@given(stacks, st.sampled_from(Mode), st.lists(overrides(), max_size=4), st.integers(0, 50))
def test_neighbouring_shifts_are_the_nearest(
    stack: list[tuple[Turn, ...]], mode: Mode, given_overrides: list[Override], hour: int
) -> None:
    schedule, at = plan(*stack, mode=mode, hours=HOURS), NINE + hour * HOUR
    around = rota.shifts(schedule, at - 9 * DAY, at + 9 * DAY, given_overrides)
    begins = min((shift.start for shift in around if shift.start > at), default=None)
    ended = max((shift.end for shift in around if shift.end <= at), default=None)
    after = rota.at_position(schedule, at, Position.NEXT, Neighbour.SHIFT, given_overrides)
    before = rota.at_position(schedule, at, Position.PREVIOUS, Neighbour.SHIFT, given_overrides)
    assert list(after) == [shift for shift in around if shift.start == begins]
    assert list(before) == [shift for shift in around if shift.end == ended]
