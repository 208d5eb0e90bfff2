"""The closed form against a slow walk, a quarter of an hour at a time, by the wall clock, around its changes."""

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import groupby
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from watchbill.domain import civil, rota
from watchbill.domain.civil import DAY, MINUTE, SECOND, Window, instant, local
from watchbill.domain.rota import Counting, Interval, Layer, Mode, Schedule, Shift, Turn

STEP = 15 * MINUTE
REACH = 40 * DAY  # how far we walk to each side of a change
RANGE = 8 * DAY

CHANGES = [
    ("America/New_York", "2024-03-10"),
    ("America/New_York", "2024-11-03"),
    ("Europe/Paris", "2025-03-30"),
    ("Europe/Paris", "2025-10-26"),
    ("Australia/Lord_Howe", "2024-04-07"),
    ("Australia/Lord_Howe", "2024-10-06"),
    ("America/Asuncion", "2023-10-01"),
    ("America/Asuncion", "2024-03-24"),
    ("Africa/Casablanca", "2024-03-10"),
    ("Africa/Casablanca", "2024-04-14"),
    ("Pacific/Chatham", "2024-04-07"),
    ("Pacific/Chatham", "2024-09-29"),
    ("Pacific/Apia", "2011-12-30"),  # a day that never was
    ("Asia/Kathmandu", "1986-01-01"),  # a jump of a quarter of an hour
    ("UTC", "2026-01-01"),
]

OnDuty = tuple[str, int] | None  # layer and turn


@dataclass(frozen=True)
class Walk:
    """Instants, and how far the wall clock has come at each (it waits while it is put back)."""

    middle: int
    instants: list[int]
    shown: list[datetime]

    def first(self, moment: datetime) -> int:
        """The first instant at which the clock has come that far; one step outside of the walk if that is not in it."""
        index = bisect_left(self.shown, moment)
        if index in (0, len(self.shown)):
            return self.instants[0] - STEP if index == 0 else self.instants[-1] + STEP
        return self.instants[index]


@lru_cache
def walk(zone_name: str, middle: int) -> Walk:
    zone, furthest, walked = ZoneInfo(zone_name), datetime(1, 1, 1), Walk(middle, [], [])  # noqa: DTZ001
    for at in range(middle - REACH, middle + REACH, STEP):
        furthest = max(furthest, datetime.fromtimestamp(at // SECOND, zone).replace(tzinfo=None))
        walked.instants.append(at)
        walked.shown.append(furthest)
    return walked


def middle_of(day: str) -> int:
    return instant(datetime.fromisoformat(day).replace(tzinfo=UTC))


def inside(layer: Layer, shown: datetime) -> bool:
    now = shown.weekday() * 86_400 + shown.hour * 3600 + shown.minute * 60
    for window in layer.restrictions:
        start, end = window.start_day * 86_400 + window.start, window.end_day * 86_400 + window.end
        if start <= now < end or (end < start and (now >= start or now < end)):
            return True
    return not layer.restrictions


def counts(layer: Layer, day: date) -> bool:
    """Whether the interval counts this day."""
    full = [window for window in layer.restrictions if (window.start_day, window.start) != (window.end_day, window.end)]
    begins = {(window.start_day + window.start // 86_400) % 7 for window in full}
    return layer.interval.counting is Counting.DAYS or not begins or day.weekday() in begins


def stepped(layer: Layer, first: datetime, direction: int) -> Iterator[datetime]:
    """The local times of the handoffs, found day by day from the rotation's start."""
    moment = first
    while not counts(layer, moment.date()):
        moment += timedelta(days=1)
    while True:
        yield moment
        count = 0
        while count < layer.interval.days:
            moment += timedelta(days=direction)
            count += counts(layer, moment.date())


def handoffs(layer: Layer, zone_name: str, walked: Walk) -> list[tuple[int, int]]:
    """(instant, turn) of the handoffs in the walk and one before it."""
    seconds = layer.interval.seconds * SECOND
    if not layer.interval.days:
        count = 2 * REACH // seconds
        return [(layer.rotation_start + turn * seconds, turn) for turn in range(-count, count)]
    first = local(layer.rotation_start, zone_name).replace(tzinfo=None)
    found = set()
    for direction in (1, -1):
        for number, moment in enumerate(stepped(layer, first, direction)):
            begin = layer.rotation_start if moment == first else walked.first(moment)
            found.add((begin + direction * number * seconds, direction * number))
            if not walked.shown[0] < moment < walked.shown[-1]:
                break
    return sorted(found)


def walked_layer(layer: Layer, zone_name: str, middle: int) -> list[OnDuty]:
    zone_name = layer.zone or zone_name
    walked = walk(zone_name, middle)
    steps, index, found = handoffs(layer, zone_name, walked), 0, []
    for at, shown in zip(walked.instants, walked.shown, strict=True):
        while index + 1 < len(steps) and steps[index + 1][0] <= at:
            index += 1
        turn = steps[index][1]
        member = layer.turns[turn % len(layer.turns)]
        acts = layer.start <= at and (layer.end is None or at < layer.end) and inside(layer, shown)
        found.append((layer.id, turn) if acts and (member.user_ids or member.team_ids) else None)
    return found


def overlaid(walks: list[list[OnDuty]]) -> list[OnDuty]:
    """At each instant the last layer with somebody."""
    return [next((duty for duty in reversed(duties) if duty), None) for duties in zip(*walks, strict=True)]


def runs(found: list[OnDuty], middle: int) -> list[tuple[int, int, OnDuty]]:
    """The same duty again and again is one shift. Bounds are cut to the walk."""
    pairs = zip(range(middle - REACH, middle + REACH, STEP), found, strict=True)
    joined = ((duty, [at for at, _ in group]) for duty, group in groupby(pairs, key=lambda pair: pair[1]))
    return [(ats[0], ats[-1] + STEP, duty) for duty, ats in joined]


def cut_to_walk(shift: Shift, middle: int) -> tuple[int, int, OnDuty]:
    return max(shift.start, middle - REACH), min(shift.end, middle + REACH), (shift.layer_id, shift.turn)


def quarters(low: int, high: int) -> st.SearchStrategy[int]:
    return st.integers(low, high).map(lambda count: count * 900)


def daily(start: int, end: int) -> tuple[Window, ...]:
    return tuple(Window(day, start, day if start <= end else (day + 1) % 7, end) for day in range(7))


restrictions = st.one_of(
    st.just(()),
    st.just(daily(9 * 3600, 17 * 3600)[:5]),
    st.builds(daily, quarters(80, 96), quarters(0, 16)),
    st.builds(daily, quarters(0, 16), quarters(0, 16)).map(lambda windows: windows[:1] + windows[-3:]),
    st.lists(st.builds(Window, st.integers(0, 6), quarters(0, 96), st.integers(0, 6), quarters(0, 96)), max_size=4).map(
        tuple
    ),
)
members = st.lists(
    st.sampled_from([Turn(("ann",)), Turn(("bob",)), Turn(("cy", "dee")), Turn((), ("ops",)), Turn()]),
    min_size=1,
    max_size=5,
).map(tuple)
intervals = st.one_of(
    st.builds(Interval, st.integers(1, 8)),
    st.builds(Interval, st.integers(1, 3), quarters(0, 8)),
    st.builds(Interval, st.just(0), quarters(4, 200)),
    st.builds(Interval, st.integers(1, 12), st.just(0), st.just(Counting.SHIFTS)),
    st.builds(Interval, st.integers(1, 3), quarters(0, 4), st.just(Counting.SHIFTS)),
)


@st.composite
def layers(draw: st.DrawFn, number: int, zone_name: str, middle: int) -> Layer:
    start = draw(st.just(middle - 90 * DAY) | quarters(-800, 400).map(lambda seconds: middle + seconds * SECOND))
    return Layer(
        id=f"layer {number}",
        name=f"layer {number}",
        start=start,
        rotation_start=middle + draw(quarters(-1920, 1920) | quarters(-100, 100)) * SECOND,
        interval=draw(intervals),
        turns=draw(members),
        end=draw(st.none() | quarters(-1, 1200).map(lambda seconds: start + seconds * SECOND)),
        restrictions=draw(restrictions),
        zone=draw(st.sampled_from([None, None, None, "UTC", "Europe/Paris"])),
    )


@st.composite
def schedules(draw: st.DrawFn) -> tuple[Schedule, int]:
    zone_name, day = draw(st.sampled_from(CHANGES))
    middle = middle_of(day)
    count = draw(st.integers(1, 3))
    stack = tuple(draw(layers(number, zone_name, middle)) for number in range(count))
    return Schedule("S", 1, "s", "S", zone_name, stack), middle


brisk = settings(max_examples=100)


@brisk
@given(schedules())
def test_an_overlay_is_what_the_walk_by_the_wall_clock_finds(drawn: tuple[Schedule, int]) -> None:
    schedule, middle = drawn
    start, end = middle - RANGE, middle + RANGE
    found = overlaid([walked_layer(layer, schedule.zone, middle) for layer in schedule.layers])
    expected = [run for run in runs(found, middle) if run[0] < end and run[1] > start]

    shifts = rota.shifts(schedule, start, end)
    assert [cut_to_walk(shift, middle) for shift in shifts] == [run for run in expected if run[2]]
    holes = [(max(begin, start), min(over, end)) for begin, over, duty in expected if duty is None]
    assert rota.gaps(schedule, start, end) == holes

    for at, duty in list(zip(range(middle - REACH, middle + REACH, STEP), found, strict=True))[::41]:
        assert [(now.layer_id, now.turn) for now in rota.on_call(schedule, at)] == [duty] * bool(duty)
        assert [(now.layer and now.layer.id, now.turn) for now in rota.who(schedule, at)] == [duty] * bool(duty)


@brisk
@given(schedules())
def test_a_union_is_each_layer_by_itself(drawn: tuple[Schedule, int]) -> None:
    schedule, middle = replace(drawn[0], mode=Mode.UNION), drawn[1]
    start, end = middle - RANGE, middle + RANGE
    walks = [walked_layer(layer, schedule.zone, middle) for layer in schedule.layers]
    expected = [run for found in walks for run in runs(found, middle) if run[2] and run[0] < end and run[1] > start]
    shifts = rota.shifts(schedule, start, end)
    assert sorted((cut_to_walk(shift, middle) for shift in shifts), key=str) == sorted(expected, key=str)
    assert [shift.start for shift in shifts] == sorted(shift.start for shift in shifts)
    for index in range(0, len(walks[0]), 41):
        now = rota.on_call(schedule, middle - REACH + index * STEP)
        assert [(shift.layer_id, shift.turn) for shift in now] == [found[index] for found in walks if found[index]]


@brisk
@given(schedules(), st.integers(1, 40_000))
def test_how_long_ago_a_rotation_started_makes_no_difference(drawn: tuple[Schedule, int], cycles: int) -> None:
    """Whole cycles earlier by the wall clock, up to some centuries, the same people have the same shifts."""
    schedule, middle = drawn
    young = replace(schedule.layers[0], zone=None, interval=replace(schedule.layers[0].interval, seconds=0))
    assume(local(young.rotation_start, schedule.zone).fold == 0)  # turn 0 alone may begin in a repeated hour
    cycles = cycles // (7 * (young.interval.days + 1)) + 1
    if not young.interval.days:
        young = replace(young, interval=Interval(0, 6300))
        begins, turns = young.rotation_start - 6300 * SECOND * cycles, cycles
    else:
        counted = [day for day in range(7) if counts(young, date(2024, 1, 1 + day))]
        weeks = young.interval.days * cycles  # in which there are that many turns for each day that counts
        turns = len(counted) * cycles
        first = local(young.rotation_start, schedule.zone).replace(tzinfo=None)
        begins = civil.instant_of_local(first - timedelta(weeks=weeks), schedule.zone)
    old = replace(young, rotation_start=begins)

    def found(layer: Layer, offset: int) -> list[Shift]:
        every = replace(schedule, layers=(replace(layer, turns=(Turn(("ann",)),)),))
        shifts = rota.shifts(every, middle - RANGE, middle + RANGE)
        return [replace(shift, turn=shift.turn - offset) for shift in shifts]

    assert found(old, turns) == found(young, 0)


@brisk
@given(st.sampled_from(CHANGES), st.integers(1, 40), quarters(-1920, 1920))
def test_handoffs_keep_their_local_time(change: tuple[str, str], days: int, begins: int) -> None:
    zone_name, middle = change[0], middle_of(change[1])
    layer = Layer("L", "L", middle - 400 * DAY, middle + begins * SECOND, Interval(days), (Turn(("ann",)),))
    schedule = Schedule("S", 1, "s", "S", zone_name, (layer,))
    first = local(layer.rotation_start, zone_name).time()
    shifts = rota.shifts(schedule, middle - 200 * DAY, middle + 200 * DAY)[1:]
    assert shifts
    for shift in shifts:
        before = local(shift.start - 1, zone_name).replace(tzinfo=None)
        begun = local(shift.start, zone_name).replace(tzinfo=None)
        due = datetime.combine(begun.date(), first)
        assert begun == due or before < due < begun or before < due - timedelta(days=1) < begun
