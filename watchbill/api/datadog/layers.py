"""Layers of a schedule on the wire, and their members (reference, part 4.2)."""

from collections.abc import Container, Iterable, Mapping, Sequence
from typing import Any

from watchbill.api.datadog.documents import Resource, resource, to_many, to_one
from watchbill.api.datadog.fields import Fields
from watchbill.api.datadog.times import zulu
from watchbill.api.datadog.weekly import maybe_zone_asked, restrictions_of, windows_asked
from watchbill.domain.civil import DAY_SECONDS
from watchbill.domain.record import replace
from watchbill.domain.rota import Interval, Layer, Turn

MOST_DAYS = 400
MOST_SECONDS = 2_592_000
SHORTEST = 3600


# --- What is answered


def layer_resource(layer: Layer) -> Resource:
    """Whatever is optional and not there is left out, a zero part of the interval too."""
    start = zulu(layer.rotation_start)
    attributes: dict[str, Any] = {
        "name": layer.name,
        "effective_date": zulu(layer.start),
        "rotation_start": start,
        "applied_rotation_start": start,
        "interval": {name: value for name, value in _shown(layer.interval).items() if value},
        "restrictions": restrictions_of(layer.restrictions),
    }
    if layer.end is not None:
        attributes["end_date"] = zulu(layer.end)
    if layer.zone is not None:
        attributes["time_zone"] = layer.zone
    return resource("layers", layer.id, attributes, {"members": to_many("members", _member_ids(layer))})


def member_resources(layer: Layer) -> list[Resource]:
    """A turn of nobody is linked and has no resource."""
    return [
        resource("members", id, relationships={"user": to_one("users", user_id)})
        for id, user_id in zip(_member_ids(layer), member_users(layer), strict=True)
        if user_id is not None
    ]


def member_users(layer: Layer) -> list[str | None]:
    return [_user_of(turn) for turn in layer.turns]


def _member_ids(layer: Layer) -> list[str]:
    return [f"{layer.id}-member-{number}" for number in range(1, len(layer.turns) + 1)]


def _user_of(turn: Turn) -> str | None:
    """Of several people on call together this dialect can say one."""
    return turn.user_ids[0] if turn.user_ids else None


def _shown(interval: Interval) -> Mapping[str, int]:
    """Within what clients take."""
    return {"days": min(interval.days, MOST_DAYS), "seconds": min(interval.seconds, MOST_SECONDS)}


# --- What is asked


def layers_asked(given: Sequence[Fields], stored: Iterable[Layer], users: Container[str]) -> list[Layer]:
    """The layers in the order given. One that names a stored layer is that layer, with all that this dialect can't say;
    a new one has no id yet."""
    known = {layer.id: layer for layer in stored}
    asked = [_layer(one, known.get((one.maybe_text("id") or "").lower()), users) for one in given]
    names: set[str] = set()
    for one, layer in zip(given, asked, strict=True):
        if layer.name in names:
            raise one.wrong("name", "must be unique within the schedule")
        names.add(layer.name)
    return asked


def _layer(given: Fields, stored: Layer | None, users: Container[str]) -> Layer:
    name = given.text("name")
    if not name.strip():
        raise given.wrong("name", "must not be empty")
    before = stored or Layer("", name, 0, 0, Interval(1), ())
    start, end = given.moment("effective_date"), given.maybe_moment("end_date")
    if end is not None and end <= start:
        raise given.wrong("end_date", "must be after the effective date")
    return replace(
        before,
        name=name,
        start=start,
        end=end,
        rotation_start=given.moment("rotation_start"),
        interval=_interval(given.inner("interval"), before.interval if stored else None),
        turns=_turns(given.each("members"), before.turns, users),
        restrictions=windows_asked(given.maybe_each("restrictions") or (), before.restrictions),
        zone=maybe_zone_asked(given, "time_zone"),
    )


def _interval(given: Fields, stored: Interval | None) -> Interval:
    days = given.maybe_whole("days", 0, MOST_DAYS) or 0
    seconds = given.maybe_whole("seconds", 0, MOST_SECONDS) or 0
    if stored is not None and _shown(stored) == {"days": days, "seconds": seconds}:
        return stored
    if days * DAY_SECONDS + seconds < SHORTEST:
        raise given.wrong("seconds", "must add up with the days to at least one hour")
    return _replaced(stored, days, seconds)


def _replaced(stored: Interval | None, days: int, seconds: int) -> Interval:
    """What is counted stays as it was."""
    return Interval(days, seconds, stored.counting) if stored else Interval(days, seconds)


def _turns(given: Sequence[Fields], stored: Sequence[Turn], users: Container[str]) -> tuple[Turn, ...]:
    """A turn whose first person is known keeps those who are on call with them."""
    left = list(stored)
    turns = []
    for one in given:
        user_id = _user_asked(one, users)
        turn = next((turn for turn in left if _user_of(turn) == user_id), None)
        if turn is None:
            turn = Turn(() if user_id is None else (user_id,))
        else:
            left.remove(turn)
        turns.append(turn)
    return tuple(turns)


def _user_asked(given: Fields, users: Container[str]) -> str | None:
    """None for a turn of nobody."""
    user = given.maybe_inner("user")
    id = user.maybe_text("id") if user else None
    if not user or not id:
        return None
    if id.lower() not in users:
        raise user.wrong("id", "names an unknown user")
    return id.lower()
