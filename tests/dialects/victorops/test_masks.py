"""Hours from masks and back (reference, part 2.16)."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.dialects.victorops.rotas import DAYS, mask
from watchbill.api.victorops.masks import Mask, masks_of, type_of, windows_of
from watchbill.domain.civil import WEEK_SECONDS, Window
from watchbill.domain.errors import Invalid

H = 3600


def read(*masks: Any) -> list[Mask]:
    return [msgspec.convert(one, Mask) for one in masks]


def open_minutes(windows: tuple[Window, ...]) -> set[int]:
    """Which minutes of the week are covered."""
    covered: set[int] = set()
    for window in windows:
        start = window.start_day * 86_400 + window.start
        end = window.end_day * 86_400 + window.end
        end += WEEK_SECONDS if end < start else 0
        covered |= {second % WEEK_SECONDS // 60 for second in range(start, end, 60)}
    return covered


def test_around_the_clock_needs_no_hours() -> None:
    assert windows_of("std", read(mask())) == ()
    assert masks_of(()) == [mask()]


def test_a_part_of_the_day() -> None:
    office = mask("m t w th f", "9:00", "17:30")
    windows = windows_of("pho", read(office))
    assert windows == tuple(Window(day, 9 * H, day, 17 * H + 1800) for day in range(5))
    assert (type_of(windows), masks_of(windows)) == ("pho", [office])


def test_a_night_runs_past_midnight() -> None:
    nights = mask("sa su", "22:00", "6:00")
    assert windows_of("pho", read(nights)) == (Window(5, 22 * H, 6, 6 * H), Window(6, 22 * H, 0, 6 * H))
    assert masks_of(windows_of("pho", read(nights))) == [nights]


def test_several_days_in_three_masks() -> None:
    """The example of the reference: Wednesday 17:00 to Saturday 9:00."""
    three = [mask("w", "17:00"), mask("th f"), mask("sa", "0:00", "9:00")]
    windows = windows_of("cstm", read(*three))
    assert windows == (Window(2, 17 * H, 5, 9 * H),)
    assert (type_of(windows), masks_of(windows)) == ("cstm", three)


@pytest.mark.parametrize(
    ("three", "hours"),
    [
        ([mask("f", "17:00"), mask("sa"), mask("su")], 7 + 24 + 24),
        ([mask("sa", "12:00"), mask(""), mask("su", "0:00", "12:00")], 24),
        ([mask("m", "9:00"), mask("t w th f sa su"), mask("m", "0:00", "8:00")], 7 * 24 - 1),
        ([mask("m", "9:00"), mask("t th"), mask("f", "0:00", "8:00")], 15 + 48 + 8),
    ],
)
def test_several_days_of_every_length(three: list[Any], hours: int) -> None:
    windows = windows_of("cstm", read(*three))
    assert len(open_minutes(windows)) == hours * 60
    assert type_of(windows, "cstm") == "cstm"
    assert open_minutes(windows_of("cstm", read(*masks_of(windows, "cstm")))) == open_minutes(windows)
    assert len(masks_of(windows, "cstm")) == 3


def test_hours_that_no_three_masks_can_say_are_shown_as_whole_days() -> None:
    windows = tuple(Window(day, day * H, day, 20 * H) for day in range(5))
    assert masks_of(windows) == [mask("m t w th f")]


@pytest.mark.parametrize(
    ("kind", "masks"),
    [
        ("std2", [mask()]),
        ("pho", []),
        ("pho", [mask("")]),
        ("pho", [{"day": {"monday": True}}]),
        ("pho", [mask("m", "25:00")]),
        ("pho", [mask("m", "24:01")]),
        ("pho", [mask("m", "-1:00")]),
        ("pho", [{"day": {"m": True}, "time": [{}] * 100}]),
    ],
)
def test_masks_that_say_nothing(kind: str, masks: list[Any]) -> None:
    with pytest.raises(Invalid):
        windows_of(kind, read(*masks))


TIMES = st.tuples(st.integers(0, 23), st.sampled_from([0, 30])).map(lambda clock: f"{clock[0]}:{clock[1]}")


@given(days=st.sets(st.sampled_from(DAYS), min_size=1), start=TIMES, end=TIMES)
def test_what_a_mask_says_comes_back(days: set[str], start: str, end: str) -> None:
    given = mask(sorted(days), start, end)
    windows = windows_of("pho", read(given))
    assert masks_of(windows) == [given]


DAY = st.integers(0, 6)
CLOCK = st.integers(0, 24).map(lambda hour: hour * H)


@given(st.lists(st.builds(Window, DAY, CLOCK, DAY, CLOCK), min_size=1, max_size=4))
def test_whatever_was_made_elsewhere_is_covered_by_what_is_shown(windows: list[Window]) -> None:
    """More than three masks can't be; then more is shown than there is, never less."""
    shown = masks_of(windows)
    if open_minutes(tuple(windows)):
        again = windows_of(type_of(windows), read(*shown))
        assert open_minutes(tuple(windows)) <= open_minutes(again)
