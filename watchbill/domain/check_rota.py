"""What makes a schedule or an override unfit."""

from collections.abc import Iterator

from watchbill.domain import check_values as values
from watchbill.domain.check_people import unknown
from watchbill.domain.check_values import Flaw, below
from watchbill.domain.civil import DAY_SECONDS
from watchbill.domain.organization import Organization
from watchbill.domain.rota import Interval, Layer, Override, Schedule, Turn

MOST_LAYERS = 100
MOST_TURNS = 1000
MOST_WINDOWS = 200
SHORTEST_TURN = 3600
LONGEST_TURN = 3660 * DAY_SECONDS


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
    yield from values.count("restrictions", len(layer.restrictions), 0, MOST_WINDOWS)
    yield from values.windows("restrictions", layer.restrictions)
    yield from values.count("turns", len(layer.turns), 0, MOST_TURNS)
    for index, turn in enumerate(layer.turns):
        yield from below(f"turns[{index}]", _turn(org, turn))


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
