"""The form of shifts that come again by the calendar."""

import re
from datetime import date, timedelta

from watchbill.cli.orgfile.records import Built, Field, Record
from watchbill.cli.orgfile.shapes import Choice, Count, ListOf, Maybe, Written
from watchbill.cli.orgfile.times import DAYS
from watchbill.domain.civil import DAY_SECONDS
from watchbill.domain.recurrence import EPOCH_DAY, Every, Recurrence

_TIME = re.compile(r"(\d\d):(\d\d)(?::(\d\d))?", re.ASCII)


def read_day(text: str) -> int | None:
    try:
        return (date.fromisoformat(text) - EPOCH_DAY).days
    except ValueError:
        return None


def show_day(day: int) -> str:
    return (EPOCH_DAY + timedelta(day)).isoformat()


def read_time(text: str) -> int | None:
    found = _TIME.fullmatch(text)
    if found is None or int(found[2]) > 59 or int(found[3] or 0) > 59:
        return None
    second = int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3] or 0)
    return second if second < DAY_SECONDS else None


def show_time(second: int) -> str:
    return f"{second // 3600:02}:{second // 60 % 60:02}:{second % 60:02}"


def read_weekday(text: str) -> int | None:
    return DAYS.index(text) if text in DAYS else None


def show_weekday(day: int) -> str:
    return DAYS[day]


DATE = Written("a day, such as 2026-06-01", read_day, show_day)
TIME = Written("a time of day, such as 09:00 or 16:30:10", read_time, show_time)
WEEKDAY = Written(f"a day of the week: {', '.join(DAYS)}", read_weekday, show_weekday)

RECURRENCE = Built(
    Recurrence,
    Record(
        "a recurrence",
        (
            Field("every", "every", Choice(Every), required=True),
            Field("count", "count", Count(), required=True),
            Field("first", "first", DATE, required=True),
            Field("opens", "opens", TIME, required=True),
            Field("closes", "closes", TIME, required=True),
            Field("weekdays", "weekdays", ListOf(WEEKDAY)),
            Field("month_day", "month_day", Maybe(Count())),
            Field("nth", "nth", Maybe(Count())),
            Field("weekday", "weekday", WEEKDAY),
            Field("until", "until", Maybe(DATE)),
            Field("limit", "limit", Maybe(Count())),
        ),
    ),
)
