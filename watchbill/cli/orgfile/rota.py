"""The form of schedules and overrides."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from watchbill.cli.orgfile.nodes import Fields, Items, Node, Plain, Scalar
from watchbill.cli.orgfile.records import Built, Field, Record
from watchbill.cli.orgfile.recurring import RECURRENCE
from watchbill.cli.orgfile.refs import POLICY, SCHEDULE, TEAM, USER
from watchbill.cli.orgfile.shapes import (
    INTERVAL,
    Choice,
    Context,
    Draft,
    Flag,
    FreeFields,
    Instant,
    ListOf,
    Maybe,
    Text,
    Windows,
    gathered,
)
from watchbill.domain.civil import zone
from watchbill.domain.rota import Counting, Layer, Mode, Turn

COUNTING = Choice(Counting)


@dataclass(frozen=True, slots=True)
class Length:
    """`interval: 1w` is the length of a turn; `counting: shifts` counts only days on which the layer has a shift."""

    names: tuple[str, ...] = ("interval", "counting")

    def read(self, node: Fields, context: Context) -> Draft:
        if "interval" not in node.fields:
            raise node.wrong("The field 'interval' is missing. Add it, for instance 'interval: 1w'.")
        counting = node.fields.get("counting")
        length, count = gathered(
            [
                lambda: INTERVAL.read(node.fields["interval"], context),
                lambda: COUNTING.read(counting, context) if counting else Counting.DAYS,
            ]
        )
        return {"interval": replace(length, counting=count)}

    def show(self, entity: Any, context: Context) -> dict[str, Plain]:
        shown = {"interval": INTERVAL.show(entity.interval, context)}
        if entity.interval.counting is Counting.DAYS:
            return shown
        return {**shown, "counting": COUNTING.show(entity.interval.counting, context)}


@dataclass(frozen=True, slots=True)
class TurnShape:
    """A person's name, `nobody`, or a list of people and `{team: NAME}` who are on call together."""

    def read(self, node: Node, context: Context) -> Turn:
        if isinstance(node, Scalar) and node.text == "nobody":
            return Turn()
        items = node.items if isinstance(node, Items) else (node,)
        members = gathered([lambda item=item: _member(item, context) for item in items])  # type: ignore[misc]
        users = tuple(id for kind, id in members if kind == "user")
        return Turn(users, tuple(id for kind, id in members if kind == "team"))

    def show(self, value: Turn, context: Context) -> Plain:
        people = [_shown_person(USER.show(user_id, context)) for user_id in value.user_ids]
        shown = people + [{"team": TEAM.show(team_id, context)} for team_id in value.team_ids]
        return shown[0] if len(shown) == 1 else shown or "nobody"


def _member(node: Node, context: Context) -> tuple[str, str]:
    if isinstance(node, Fields) and len(node.fields) == 1:
        [(name, value)] = node.fields.items()
        if name in ("user", "team"):
            return name, (USER if name == "user" else TEAM).read(value, context)
    if isinstance(node, Scalar):
        return "user", USER.read(node, context)
    raise node.wrong("This should be a person's name, {team: NAME}, a list of them, or nobody.")


def _shown_person(name: str) -> Plain:
    return {"user": name} if name == "nobody" else name


def _in_zone(context: Context, given: Mapping[str, Any]) -> Context:
    """Times below are by the clock of this zone; a zone that is none is complained of elsewhere."""
    name = given.get("zone")
    if not name:
        return context
    try:
        zone(name)
    except ValueError:
        return context
    return replace(context, zone=name)


class RotationStart(Field):
    """When the first turn begins: with the layer, unless it is said."""

    def show(self, entity: Any, context: Context) -> dict[str, Plain]:
        return {} if entity.rotation_start == entity.start else super().show(entity, context)


LAYER = Built(
    Layer,
    Record(
        "a layer",
        (
            Field("name", "name", Text(), required=True),
            Field("zone", "zone", Maybe(Text())),
            Field("start", "start", Instant(), required=True),
            Field("end", "end", Maybe(Instant())),
            Length(),
            RotationStart("rotation_start", "rotation_start", Instant()),
            Field("turns", "turns", ListOf(TurnShape()), required=True),
            Field("restrictions", "restrictions", Windows()),
            Field("recurrence", "recurrence", Maybe(RECURRENCE)),
        ),
        _in_zone,
    ),
    lambda draft: {"id": "", "rotation_start": draft["start"]},
)
SCHEDULE_RECORD = Record(
    "a schedule",
    (
        Field("name", "name", Text(), always=True),
        Field("zone", "zone", Text(), required=True),
        Field("mode", "mode", Choice(Mode)),
        Field("teams", "team_ids", ListOf(TEAM)),
        Field("layers", "layers", ListOf(LAYER), required=True),
        Field("settings", "settings", FreeFields()),
    ),
    _in_zone,
)


def _in_schedule(context: Context, given: Mapping[str, Any]) -> Context:
    return replace(context, zone=context.zones.get(given.get("schedule_id") or "", "UTC"))


OVERRIDE_RECORD = Record(
    "an override",
    (
        Field("schedule", "schedule_id", Maybe(SCHEDULE)),
        Field("policy", "policy_id", Maybe(POLICY)),
        Field("user", "user_id", Maybe(USER)),
        Field("cover", "cover_id", Maybe(USER)),
        Field("start", "start", Instant(), required=True),
        Field("end", "end", Instant(), required=True),
        Field("taken", "taken", Flag()),
        Field("settings", "settings", FreeFields()),
    ),
    _in_schedule,
)
