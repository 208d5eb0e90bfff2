"""What makes a schedule or an override unfit."""

from collections.abc import Iterator

from watchbill.domain import check_values as values
from watchbill.domain.check_people import unknown
from watchbill.domain.check_values import Flaw, below
from watchbill.domain.civil import DAY_SECONDS
from watchbill.domain.organization import Organization
from watchbill.domain.recurrence import LAST, MOST_DAYS, Every, Recurrence
from watchbill.domain.rota import Interval, Layer, Override, Schedule, Turn

MOST_LAYERS = 100
MOST_TURNS = 1000
MOST_WINDOWS = 200
SHORTEST_TURN = 3600
LONGEST_TURN = 3660 * DAY_SECONDS
MOST_UNITS = 1000


def schedule(org: Organization, given: Schedule) -> Iterator[Flaw]:
    yield from values.slug("slug", given.slug)
    yield from values.name("name", given.name)
    yield from values.zone_name("zone", given.zone)
    yield from values.count("layers", len(given.layers), 0, MOST_LAYERS)
    for index, layer in enumerate(given.layers):
        yield from below(f"layers[{index}]", _layer(org, layer))
    yield from values.repeated("layers", [layer.id for layer in given.layers], "layer id")
    yield from teams(org, given.team_ids)


def teams(org: Organization, team_ids: tuple[str, ...]) -> Iterator[Flaw]:
    for index, team_id in enumerate(team_ids):
        if team_id not in org.teams:
            yield f"team_ids[{index}]", unknown("team", team_id)
    yield from values.repeated("team_ids", team_ids, "team")


def _layer(org: Organization, layer: Layer) -> Iterator[Flaw]:
    yield from values.line("name", layer.name)
    yield from values.span("", layer.start, layer.end)
    if not 0 <= layer.rotation_start <= values.LATEST_INSTANT:
        yield "rotation_start", "The time is out of range. Use one between 1970 and 9999."
    yield from below("interval", _interval(layer.interval))
    if layer.zone is not None:
        yield from values.zone_name("zone", layer.zone)
    if layer.recurrence is not None:
        yield from below("recurrence", _recurrence(layer.recurrence))
    yield from values.count("restrictions", len(layer.restrictions), 0, MOST_WINDOWS)
    yield from values.windows("restrictions", layer.restrictions)
    yield from values.count("turns", len(layer.turns), 0, MOST_TURNS)
    for index, turn in enumerate(layer.turns):
        yield from below(f"turns[{index}]", _turn(org, turn))


def _recurrence(given: Recurrence) -> Iterator[Flaw]:
    yield from values.count("count", given.count, 1, MOST_UNITS)
    if not 0 <= given.first <= MOST_DAYS:
        yield "first", "The day is out of range. Use one between 1970 and 9999."
    for name, second in (("opens", given.opens), ("closes", given.closes)):
        if not 0 <= second < DAY_SECONDS:
            yield name, "The time is not one of the day. Use 00:00 to 23:59:59."
    yield from _days_of(given)
    if given.limit is not None and given.limit < 0:
        yield "limit", "The number of shifts is negative. Use 0 or more, or leave it out."


def _days_of(given: Recurrence) -> Iterator[Flaw]:
    """The days within a week or a month."""
    days = given.weekdays
    if given.every is Every.WEEK and (not days or any(not 0 <= day <= 6 for day in days) or [*days] != sorted({*days})):
        yield "weekdays", "The days of the week are none, or out of order. Use 0 (Monday) to 6 (Sunday), rising."
    if given.month_day is not None and not 1 <= given.month_day <= 31:
        yield "month_day", "The day is not one of a month. Use 1 to 31."
    if given.nth not in (None, 1, 2, 3, 4, LAST) or not 0 <= given.weekday <= 6:
        yield "nth", "There is no such weekday of a month. Use 1 to 4, or -1 for the last, and 0 (Monday) to 6."


def _interval(interval: Interval) -> Iterator[Flaw]:
    length = interval.days * DAY_SECONDS + interval.seconds
    if interval.days < 0 or interval.seconds < 0:
        yield "", "The interval is negative. Use at least one hour."
    elif length < SHORTEST_TURN:
        yield "", "The interval is shorter than one hour. Use at least one hour."
    elif length > LONGEST_TURN:
        yield "", "The interval is longer than ten years. Use less."


def _turn(org: Organization, turn: Turn) -> Iterator[Flaw]:
    for index, user_id in enumerate(turn.user_ids):
        if user_id not in org.users:
            yield f"user_ids[{index}]", unknown("user", user_id)
    for index, team_id in enumerate(turn.team_ids):
        if team_id not in org.teams:
            yield f"team_ids[{index}]", unknown("team", team_id)
    yield from values.repeated("user_ids", turn.user_ids, "person")
    yield from values.repeated("team_ids", turn.team_ids, "team")


def override(org: Organization, given: Override) -> Iterator[Flaw]:
    yield from values.span("", given.start, given.end)
    for field, user_id in (("user_id", given.user_id), ("cover_id", given.cover_id)):
        if user_id is not None and user_id not in org.users:
            yield field, unknown("user", user_id)
    if given.schedule_id is not None and given.schedule_id not in org.schedules:
        yield "schedule_id", unknown("schedule", given.schedule_id)
    if given.policy_id is not None and given.policy_id not in org.policies:
        yield "policy_id", unknown("escalation policy", given.policy_id)
    if given.schedule_id is not None and given.policy_id is not None:
        yield "policy_id", "The override is for a schedule and for a policy. Name one of the two."
    if given.user_id is None and given.schedule_id is None and given.policy_id is None:
        yield "user_id", "The override says neither for whom nor where. Name a person, a schedule or a policy."
