"""Escalation policies: steps, targets and what the three products do differently, as data.

A plan is the snapshot of policies that an incident takes when it opens, so that later edits never derail a running
escalation.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watchbill.domain.people import Urgency
from watchbill.domain.rota import Neighbour, Position


class TargetKind(StrEnum):
    USER = "user"
    SCHEDULE = "schedule"
    TEAM = "team"
    POLICY = "policy"
    EMAIL = "email"
    WEBHOOK = "webhook"
    CHAT = "chat"


@dataclass(frozen=True, slots=True)
class Target:
    """`id` is the id of a user, schedule, team, policy or endpoint; for EMAIL it is the address itself.

    `position` and `neighbour` matter for schedules only.
    """

    kind: TargetKind
    id: str
    position: Position = Position.CURRENT
    neighbour: Neighbour = Neighbour.SHIFT


class Since(StrEnum):
    """What a step's wait counts from: the step before it, or the start of the run."""

    PREVIOUS = "previous"
    START = "start"


class Assignment(StrEnum):
    ALL = "all"
    ROUND_ROBIN = "round_robin"


class Action(StrEnum):
    PAGE = "page"
    TICKET = "ticket"


class AtEnd(StrEnum):
    KEEP = "keep"
    RESOLVE = "resolve"


class OnEmpty(StrEnum):
    SKIP = "skip"
    WAIT = "wait"


class Stop(StrEnum):
    """What ends a run and the pagings it began. Resolution always does; a run that does not name acknowledgement goes
    on paging in spite of it.
    """

    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"
    CLOSED = "closed"
    SUPPRESSED = "suppressed"
    TICKETED = "ticketed"


@dataclass(frozen=True, slots=True)
class TicketOrder:
    """What ticket a step wants made, in the ticket's own words; texts may have macros in them. `updates`: how later
    alerts change it. `notify`: who is written to of changes: for each of them, or "whenAlertStateChanged" only of those
    (empty: of none)."""

    fields: Mapping[str, object] = field(default_factory=dict)
    updates: Mapping[str, object] = field(default_factory=dict)
    notify: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step. `wait` and `repeat_every` are microseconds; `repeat_limit` is the number of sends in total, the
    first included.

    `on_state_left`: the step has no time; it acts once each time the alert's state leaves this one ("critical",
    "warning"). `urgency` overrides the run's urgency for this step's pages. `ticket`: what a TICKET step writes.
    """

    id: str
    targets: tuple[Target, ...]
    wait: int = 0
    since: Since = Since.PREVIOUS
    assignment: Assignment = Assignment.ALL
    repeat_every: int | None = None
    repeat_limit: int = 1
    action: Action = Action.PAGE
    urgency: Urgency | None = None
    on_state_left: str | None = None
    ticket: TicketOrder | None = None


@dataclass(frozen=True, slots=True)
class EscalationPolicy:
    """`passes`: how often the steps run in all. `end_wait`: microseconds from the last step to the next pass, or to
    the end.

    `pagings_go_on`: whether people already paged go on being paged by their own policies when the next step starts
    (VictorOps) or stop (Datadog). `on_empty`: None follows the organization's setting. `use_primary`: ignore people's
    custom paging policies. `team_id` owns the policy.

    Where it is not `active` it doesn't start. `once_each`: a send of a step is one message to each person, over the
    first step of their own policy. `resumes`: what holds up its runs lets them go on where they were, instead of
    beginning anew, and a worse alert doesn't undo an acknowledgement. `follows`: a run goes by the policy as it is now,
    not as it was when the incident opened. Of several policies at work that make tickets, the one of lowest
    `precedence` does; those without one come last, the oldest first.
    """

    id: str
    number: int
    slug: str
    name: str
    steps: tuple[Step, ...]
    team_id: str | None = None
    team_ids: tuple[str, ...] = ()
    passes: int = 1
    end_wait: int = 0
    at_end: AtEnd = AtEnd.KEEP
    on_empty: OnEmpty | None = None
    stop_on: frozenset[Stop] = frozenset({Stop.ACKNOWLEDGED, Stop.RESOLVED})
    pagings_go_on: bool = True
    use_primary: bool = False
    active: bool = True
    once_each: bool = False
    resumes: bool = False
    follows: bool = False
    precedence: int | None = None
    settings: Mapping[str, object] = field(default_factory=dict)

    @property
    def owners(self) -> tuple[str, ...]:
        """The ids of the teams that it belongs to, the one that owns it first."""
        own = () if self.team_id is None else (self.team_id,)
        return tuple(dict.fromkeys((*own, *self.team_ids)))
