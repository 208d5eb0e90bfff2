"""Durations, intervals, times and weekly windows, as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.cli import values
from watchbill.cli.orgfile import times
from watchbill.domain.civil import DAY, HOUR, MINUTE, SECOND, Window
from watchbill.domain.rota import Interval


@pytest.mark.parametrize(
    ("text", "duration", "shown"),
    [
        ("30s", 30 * SECOND, "30s"),
        ("5m", 5 * MINUTE, "5m"),
        ("1h30m", 90 * MINUTE, "1h30m"),
        ("1h 30m", 90 * MINUTE, "1h30m"),
        ("90m", 90 * MINUTE, "1h30m"),
        ("2d", 2 * DAY, "2d"),
        ("1w", 7 * DAY, "7d"),
        ("24h", DAY, "1d"),
        ("250ms", SECOND // 4, "250ms"),
        ("0s", 0, "0s"),
    ],
)
def test_durations(text: str, duration: int, shown: str) -> None:
    assert times.read_duration(text) == duration
    assert times.show_duration(duration) == shown


@pytest.mark.parametrize("text", ["", "5", "m", "5 m", "-5m", "5min", "1.5h", "٣m", "5m?"])
def test_what_is_no_duration(text: str) -> None:
    assert times.read_duration(text) is None


@pytest.mark.parametrize(
    ("text", "interval", "shown"),
    [
        ("1w", Interval(7), "1w"),
        ("10d", Interval(10), "10d"),
        ("24h", Interval(0, 86_400), "24h"),
        ("1d12h", Interval(1, 43_200), "1d12h"),
        ("90m", Interval(0, 5400), "1h30m"),
    ],
)
def test_a_day_of_an_interval_is_a_calendar_day_and_24_hours_are_not(text: str, interval: Interval, shown: str) -> None:
    assert times.read_interval(text) == interval
    assert times.show_interval(interval) == shown


@pytest.mark.parametrize(
    ("text", "windows"),
    [
        ("mon 09:00 - fri 17:00", [Window(0, 32_400, 4, 61_200)]),
        ("fri 18:00 - mon 09:00", [Window(4, 64_800, 0, 32_400)]),
        ("mon 09:00-17:00", [Window(0, 32_400, 0, 61_200)]),
        ("sat-sun 00:00-24:00", [Window(5, 0, 5, 86_400), Window(6, 0, 6, 86_400)]),
        ("sun 22:00-06:00", [Window(6, 79_200, 0, 21_600)]),
        ("sun-mon 09:00-10:00", [Window(6, 32_400, 6, 36_000), Window(0, 32_400, 0, 36_000)]),
        ("MON 9:00-9:30:15", [Window(0, 32_400, 0, 34_215)]),
    ],
)
def test_windows(text: str, windows: list[Window]) -> None:
    assert times.read_windows(text) == tuple(windows)


@pytest.mark.parametrize(
    "text", ["", "mon", "mon 9-17", "mon 25:00-26:00", "mon 09:60-10:00", "mon 09:00-09:00", "lun 09:00-10:00", "daily"]
)
def test_what_is_no_window(text: str) -> None:
    assert times.read_windows(text) is None


def test_windows_of_following_days_are_one_text() -> None:
    week = [Window(day, 32_400, day, 61_200) for day in range(5)]
    assert times.show_windows(week) == ["mon-fri 09:00-17:00"]
    assert times.show_windows([*week, Window(6, 0, 6, 3600)]) == ["mon-fri 09:00-17:00", "sun 00:00-01:00"]
    assert times.show_windows([Window(0, 5, 0, 5)]) == ["mon 00:00:05 - mon 00:00:05"]


def test_a_time_that_a_clock_shows_twice_is_written_in_utc() -> None:
    first = times.read_instant("2026-10-25T02:30", "Europe/Paris")
    assert first == times.read_instant("2026-10-25T00:30Z", "Europe/Paris")
    assert first is not None
    assert times.show_instant(first, "Europe/Paris") == "2026-10-25T02:30"
    assert times.show_instant(first + HOUR, "Europe/Paris") == "2026-10-25T01:30Z"


@pytest.mark.parametrize("text", ["", "now", "2026-02-30", "2026-01-01T25:00", "12:00", "2026-1-1", "2026-01-01T09"])
def test_what_is_no_time(text: str) -> None:
    assert times.read_instant(text, "UTC") is None


@given(st.integers(0, 10**16))
def test_durations_there_and_back(duration: int) -> None:
    assert times.read_duration(times.show_duration(duration)) == duration


@given(values.intervals)
def test_intervals_there_and_back(interval: Interval) -> None:
    back = times.read_interval(times.show_interval(interval))
    assert back == Interval(interval.days, interval.seconds)


@given(values.instants, values.zones)
def test_times_there_and_back(at: int, zone: str) -> None:
    assert times.read_instant(times.show_instant(at, zone), zone) == at


@given(st.one_of(values.windows, st.lists(values.window, max_size=12).map(tuple)))
def test_windows_there_and_back(windows: tuple[Window, ...]) -> None:
    read = [times.read_windows(text) for text in times.show_windows(windows)]
    assert [window for each in read for window in each or ()] == list(windows)
