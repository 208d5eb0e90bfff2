"""Schedules: who is on call, when. Layers of turns in civil time, cut by weekly restrictions, covered by overrides."""

from dataclasses import dataclass
from enum import StrEnum

from watchbill.domain.civil import Window


class Mode(StrEnum):
    """How a schedule's layers join: the last layer with somebody wins, or everybody of every layer is on call."""

    OVERLAY = "overlay"
    UNION = "union"


class Position(StrEnum):
    PREVIOUS = "previous"
    CURRENT = "current"
    NEXT = "next"


class Neighbour(StrEnum):
    """What "previous" and "next" mean: the neighbouring shift in time, or the neighbouring member in the turn order."""

    SHIFT = "shift"
    MEMBER = "member"


class Counting(StrEnum):
    """What an interval of days counts: calendar days, or only days on which the layer has a shift."""

    DAYS = "days"
    SHIFTS = "shifts"


@dataclass(frozen=True, slots=True)
class Interval:
    """The length of one turn: calendar days in the layer's zone, then seconds. Together at least one hour."""

    days: int = 0
    seconds: int = 0
    counting: Counting = Counting.DAYS


@dataclass(frozen=True, slots=True)
class Turn:
    """Who is on call together in one turn; nobody at all is a turn too (an empty one)."""

    user_ids: tuple[str, ...] = ()
    team_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Layer:
    """Turn k begins k intervals after `rotation_start` (k may be negative) and belongs to turns[k mod len(turns)].

    The layer acts from `start` (inclusive) to `end` (exclusive, None for ever). Without a zone the schedule's counts.
    No restrictions: the whole week.
    """

    id: str
    name: str
    start: int
    rotation_start: int
    interval: Interval
    turns: tuple[Turn, ...]
    end: int | None = None
    restrictions: tuple[Window, ...] = ()
    zone: str | None = None


@dataclass(frozen=True, slots=True)
class Schedule:
    id: str
    number: int
    slug: str
    name: str
    zone: str
    layers: tuple[Layer, ...]
    mode: Mode = Mode.OVERLAY
    team_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Override:
    """From `start` (inclusive) to `end` (exclusive) `cover_id` stands in.

    For whom: `user_id`, or whoever is on call when that is None. Where: in one schedule, in one escalation policy (a
    user named by it, or on call by one of its schedules), or wherever that user is on call when both are None.
    No `cover_id`: asked for, not taken yet, so nothing changes. `taken` (somebody took on-call now) beats a scheduled
    override; among equals the one created last wins.
    """

    id: str
    start: int
    end: int
    created_at: int
    user_id: str | None = None
    cover_id: str | None = None
    schedule_id: str | None = None
    policy_id: str | None = None
    taken: bool = False
