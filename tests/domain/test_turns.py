"""Members come and go; whoever is on duty stays on duty."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from watchbill.domain import rota
from watchbill.domain.civil import DAY, HOUR, Window
from watchbill.domain.rota import Counting, Interval, Layer, Schedule, Turn
from watchbill.domain.turns import on_duty_now, seated

START = 19_000 * DAY
WORKDAYS = tuple(Window(day, 9 * 3600, day, 17 * 3600) for day in range(5))


def layer(*names: str, interval: Interval = Interval(1)) -> Layer:  # noqa: B008
    return Layer("L", "L", START, START, interval, tuple(Turn((name,)) for name in names))


def now(one: Layer, at: int) -> tuple[str, ...]:
    return tuple(
        name for shift in rota.on_call(Schedule("S", 1, "s", "S", "UTC", (one,)), at) for name in shift.user_ids
    )


def kept(one: Layer) -> list[tuple[int | None, Turn]]:
    return list(enumerate(one.turns))


def test_a_new_member_at_the_end_leaves_who_is_on_duty() -> None:
    before = layer("ann", "bob")
    at = START + 5 * DAY + HOUR
    assert now(before, at) == ("bob",)
    after = seated(before, "UTC", at, [*kept(before), (None, Turn(("cy",)))])
    assert [turn.user_ids[0] for turn in after.turns] == ["ann", "bob", "cy"]
    assert [now(after, at + days * DAY) for days in range(4)] == [("bob",), ("cy",), ("ann",), ("bob",)]
    assert after.start == START


def test_whoever_comes_after_the_one_who_leaves_takes_over() -> None:
    before = layer("ann", "bob", "cy")
    at = START + 4 * DAY
    assert now(before, at) == ("bob",)
    after = seated(before, "UTC", at, [seat for seat in kept(before) if seat[0] != 1])
    assert [now(after, at + days * DAY) for days in range(3)] == [("cy",), ("ann",), ("cy",)]


def test_the_last_one_leaves_nobody() -> None:
    assert seated(layer("ann"), "UTC", START, []).turns == ()


def test_before_the_rotation_begins_only_the_order_changes() -> None:
    before = layer("ann", "bob")
    assert seated(before, "UTC", START - DAY, [*kept(before), (None, Turn(("cy",)))]).rotation_start == START


def test_somebody_is_made_the_one_on_duty() -> None:
    before = layer("ann", "bob", "cy")
    at = START + 4 * DAY
    after = on_duty_now(before, "UTC", at, 0)
    assert [now(after, at + days * DAY) for days in range(3)] == [("ann",), ("bob",), ("cy",)]


SPANS = st.integers(0, 400 * 24).map(lambda hours: hours * HOUR)


@given(
    names=st.lists(st.sampled_from("abcdef"), min_size=1, max_size=6, unique=True),
    order=st.randoms(use_true_random=False),
    later=SPANS,
    interval=st.sampled_from([Interval(1), Interval(7), Interval(0, 3600), Interval(2, counting=Counting.SHIFTS)]),
    zone=st.sampled_from(["UTC", "Europe/Paris", "America/New_York"]),
)
def test_no_change_of_the_members_moves_who_is_on_duty(
    names: list[str], order: "object", later: int, interval: Interval, zone: str
) -> None:
    before = replace(layer(*names, interval=interval), zone=zone, restrictions=WORKDAYS)
    at = START + later
    seats = [*kept(before), (None, Turn(("x",))), (None, Turn(("y",)))]
    order.shuffle(seats)  # type: ignore[attr-defined]
    after = seated(before, "UTC", at, seats)
    assert now(after, at) == now(before, at)
    whole = [shift.start for shift in rota.shifts(Schedule("S", 1, "s", "S", "UTC", (before,)), at, at + 9 * DAY)]
    assert whole == [
        shift.start for shift in rota.shifts(Schedule("S", 1, "s", "S", "UTC", (after,)), at, at + 9 * DAY)
    ]
