from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchbill.domain import civil
from watchbill.domain.civil import DAY, FOREVER, HOUR, MINUTE, SECOND, WEEK, Hours, Window

ZONES = sorted(available_timezones() - {"localtime"})
CENTURIES = st.integers(-40 * 365 * DAY, 120 * 365 * DAY)
OFFICE = tuple(Window(day, 9 * 3600, day, 17 * 3600) for day in range(5))


def at(text: str) -> int:
    return civil.instant(datetime.fromisoformat(text))


def naive(text: str) -> datetime:
    return datetime.fromisoformat(text)


def due(text: str, zone: str) -> str:
    return civil.utc(civil.instant_of_local(naive(text), zone)).isoformat()


def test_a_wall_time_is_an_instant() -> None:
    assert due("2025-07-01T09:00", "Europe/Paris") == "2025-07-01T07:00:00+00:00"
    assert due("2025-12-01T09:00", "Europe/Paris") == "2025-12-01T08:00:00+00:00"
    assert due("2025-12-01T09:00:00.000001", "Asia/Kathmandu") == "2025-12-01T03:15:00.000001+00:00"


def test_a_time_shown_twice_is_its_first_showing() -> None:
    assert due("2025-10-26T02:30", "Europe/Paris") == "2025-10-26T00:30:00+00:00"
    assert due("2025-10-26T03:00", "Europe/Paris") == "2025-10-26T02:00:00+00:00"
    assert due("2024-04-07T01:45", "Australia/Lord_Howe") == "2024-04-06T14:45:00+00:00"


@pytest.mark.parametrize(
    ("skipped", "zone", "jump"),
    [
        ("2025-03-30T02:00", "Europe/Paris", "2025-03-30T01:00:00+00:00"),
        ("2025-03-30T02:59:59.999999", "Europe/Paris", "2025-03-30T01:00:00+00:00"),
        ("2024-03-10T02:30", "America/New_York", "2024-03-10T07:00:00+00:00"),
        ("2024-10-06T02:15", "Australia/Lord_Howe", "2024-10-05T15:30:00+00:00"),
        ("2023-10-01T00:30", "America/Asuncion", "2023-10-01T04:00:00+00:00"),
        ("2011-12-30T00:00", "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
        ("2011-12-30T23:59", "Pacific/Apia", "2011-12-30T10:00:00+00:00"),
        ("1993-08-21T12:00", "Pacific/Kwajalein", "1993-08-21T12:00:00+00:00"),
    ],
)
def test_a_time_never_shown_is_the_moment_of_the_jump(skipped: str, zone: str, jump: str) -> None:
    assert due(skipped, zone) == jump


@settings(max_examples=400)
@given(st.sampled_from(ZONES), CENTURIES)
def test_every_zone_shows_what_the_database_says(zone: str, moment: int) -> None:
    shown = (civil.utc(moment) + timedelta(microseconds=civil.clock_at(moment, zone).ahead)).replace(tzinfo=None)
    assert shown == civil.utc(moment).astimezone(ZoneInfo(zone)).replace(tzinfo=None)


@settings(max_examples=400)
@given(st.sampled_from(ZONES), CENTURIES, st.integers(-3 * DAY, 3 * DAY))
def test_reading_and_instant_fit_each_other(zone: str, moment: int, distance: int) -> None:
    clock = civil.clock_at(moment, zone)
    shown = civil.reading(moment, clock)
    assert (civil.instant_of_reading(shown + distance, zone) <= moment) == (distance <= 0)
    assert civil.instant_near(shown + distance, clock) == civil.instant_of_reading(shown + distance, zone)


@settings(max_examples=200)
@given(st.sampled_from(ZONES), CENTURIES)
def test_a_local_time_leads_back_to_its_instant(zone: str, moment: int) -> None:
    local = civil.local(moment, zone)
    assert civil.instant(local) == moment
    back = civil.instant_of_local(local.replace(tzinfo=None), zone)
    assert back == moment if local.fold == 0 else back < moment


@pytest.mark.parametrize("moment", [-FOREVER // 2, -(10**17), 10**18, FOREVER // 2])
def test_instants_that_no_calendar_reaches_do_no_harm(moment: int) -> None:
    clock = civil.clock_at(moment, "America/New_York")
    assert civil.instant_of_reading(civil.reading(moment, clock), "America/New_York") == moment
    assert civil.next_change(Hours("America/New_York", OFFICE), moment) is not None


@pytest.mark.parametrize(
    "name", ["", "Europe", "Europe/Pari", "europe/paris", "../etc/passwd", "/etc/passwd", "a\0b", "x" * 5000, "\ud800"]
)
def test_an_unknown_zone_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match="is not a time zone"):
        civil.zone(name)


def test_office_hours() -> None:
    hours = Hours("America/New_York", OFFICE)
    assert civil.covers(hours, at("2024-03-08T09:00-05:00"))
    assert civil.covers(hours, at("2024-03-08T16:59:59.999999-05:00"))
    assert not civil.covers(hours, at("2024-03-08T17:00-05:00"))
    assert civil.next_change(hours, at("2024-03-08T12:00-05:00")) == at("2024-03-08T17:00-05:00")
    # over the weekend the clocks go forward
    assert civil.next_opening(hours, at("2024-03-08T17:00-05:00")) == at("2024-03-11T09:00-04:00")
    assert civil.next_opening(hours, at("2024-03-11T10:00-04:00")) == at("2024-03-11T10:00-04:00")


def test_hours_that_never_open_and_hours_that_never_close() -> None:
    noon = at("2025-01-01T12:00+00:00")
    never = [Hours("UTC", ()), Hours("UTC", (Window(2, 3600, 2, 3600),))]
    assert [(civil.covers(hours, noon), civil.next_opening(hours, noon)) for hours in never] == [(False, None)] * 2
    always = Hours("UTC", (Window(0, 0, 3, 43_200), Window(3, 43_200, 6, 86_400)))
    assert (civil.covers(always, noon), civil.next_change(always, noon)) == (True, None)
    assert civil.next_opening(always, noon) == noon


def test_windows_that_touch_or_overlap_are_one() -> None:
    hours = Hours("UTC", (Window(6, 43_200, 6, 86_400), Window(0, 0, 0, 3600), Window(6, 3600, 6, 50_000)))
    sunday = at("2025-01-05T00:00+00:00")
    assert civil.next_opening(hours, sunday) == sunday + HOUR
    assert civil.next_change(hours, sunday + HOUR) == sunday + DAY + HOUR


def test_a_window_wraps_over_sunday() -> None:
    weekend = Hours("Europe/Paris", (Window(4, 17 * 3600, 0, 9 * 3600),))
    assert civil.covers(weekend, at("2025-03-30T12:00+02:00"))
    assert civil.covers(weekend, at("2025-03-31T08:59+02:00"))
    assert not civil.covers(weekend, at("2025-03-31T09:00+02:00"))
    assert civil.next_change(weekend, at("2025-03-29T12:00+01:00")) == at("2025-03-31T09:00+02:00")


def test_a_window_in_a_repeated_hour_is_there_once() -> None:
    hours = Hours("Europe/Paris", (Window(6, 2 * 3600, 6, 2 * 3600 + 1800),))
    opened = at("2025-10-26T02:00+02:00")
    assert civil.next_opening(hours, opened - DAY) == opened
    assert civil.next_change(hours, opened) == opened + 30 * MINUTE
    assert not civil.covers(hours, at("2025-10-26T02:15+01:00"))
    assert civil.next_opening(hours, opened + 30 * MINUTE) == opened + WEEK + HOUR


def test_a_pause_in_a_skipped_hour_is_not_there() -> None:
    hours = Hours("Europe/Paris", (Window(6, 0, 6, 2 * 3600), Window(6, 2 * 3600 + 1800, 6, 6 * 3600)))
    assert civil.next_change(hours, at("2025-03-30T00:30+01:00")) == at("2025-03-30T06:00+02:00")
    assert civil.next_change(hours, at("2025-03-23T00:30+01:00")) == at("2025-03-23T02:00+01:00")


WINDOWS = st.builds(Window, st.integers(0, 6), st.integers(0, 86_400), st.integers(0, 6), st.integers(0, 86_400))
MOMENTS = st.integers(0, 60 * 365 * DAY // SECOND).map(lambda seconds: seconds * SECOND)


@settings(max_examples=200)
@given(st.lists(WINDOWS, max_size=5).map(tuple), st.sampled_from(ZONES), MOMENTS)
def test_hours_follow_the_wall_clock(windows: tuple[Window, ...], zone: str, moment: int) -> None:
    local = civil.local(moment, zone)
    second = local.weekday() * 86_400 + local.hour * 3600 + local.minute * 60 + local.second
    spans = [(w.start_day * 86_400 + w.start, w.end_day * 86_400 + w.end) for w in windows]
    inside = any(start <= second < end if start <= end else (second >= start or second < end) for start, end in spans)
    if local.fold == 0:
        assert civil.covers(Hours(zone, windows), moment) == inside


@settings(max_examples=200)
@given(st.lists(WINDOWS, min_size=1, max_size=5).map(tuple), st.sampled_from(ZONES), MOMENTS)
def test_nothing_changes_before_the_next_change(windows: tuple[Window, ...], zone: str, moment: int) -> None:
    hours = Hours(zone, windows)
    before, change = civil.covers(hours, moment), civil.next_change(hours, moment)
    if change is None:
        assert all(civil.covers(hours, moment + day * DAY) == before for day in range(8))
        return
    assert moment < change <= moment + 2 * WEEK
    assert civil.covers(hours, change) != before
    assert all(civil.covers(hours, moment + part * (change - moment) // 9) == before for part in range(9))


def test_utc_is_utc() -> None:
    assert civil.utc(0) == datetime(1970, 1, 1, tzinfo=UTC)
    assert civil.local(0, "Asia/Tokyo").isoformat() == "1970-01-01T09:00:00+09:00"
