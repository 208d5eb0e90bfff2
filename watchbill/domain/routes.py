"""What selects escalation policies for an alert: routing keys, ordered rules, and what mutes a new incident."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from watchbill.domain.civil import Hours
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Target


class Op(StrEnum):
    """How a condition compares. WILDCARD and REGEX match the whole value (`*` any run, `?` one character); numbers
    compare as numbers with AT_LEAST and AT_MOST; EXISTS needs no value."""

    EQUALS = "equals"
    CONTAINS = "contains"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    WILDCARD = "wildcard"
    REGEX = "regex"
    EXISTS = "exists"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"


class Join(StrEnum):
    TEST = "test"
    ALL = "all"
    ANY = "any"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Condition:
    """A test of one field (join TEST), or a join of parts: ALL, ANY, or NONE of them hold.

    `field` is an attribute of the alert ("title", "host", "signal", …), a field as received, "tags.NAME", or a fact
    about what is known of it besides (see `domain/facts.py`).
    An ALL without parts matches everything.
    """

    join: Join = Join.TEST
    field: str = ""
    op: Op = Op.EQUALS
    value: str = ""
    ignore_case: bool = True
    parts: tuple["Condition", ...] = ()


@dataclass(frozen=True, slots=True)
class Start:
    """Something to start for an incident: an escalation policy, or the paging of one user (exactly one is set).

    `urgency` None takes the alert's own (dynamic). `ack_timeout` (microseconds) triggers an acknowledged incident
    again. Outside `support_hours` the policy is held until they open.
    """

    policy_id: str | None = None
    user_id: str | None = None
    urgency: Urgency | None = None
    ack_timeout: int | None = None
    support_hours: Hours | None = None


@dataclass(frozen=True, slots=True)
class RoutingKey:
    """A name that senders put into the address; compared without regard to case. One key of an organization may be the
    default route, taken when no other fits."""

    id: str
    number: int
    name: str
    starts: tuple[Start, ...] = ()
    multi_responder: bool = False
    is_default: bool = False
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Alike:
    """What alerts of one group have in common: the first of these fields that an alert has. `loose`: but for the
    numbers in it. Capitals and blanks never count."""

    fields: tuple[str, ...]
    loose: bool = False


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which alerts belong together: those that come within so many microseconds of the first, and are alike.

    One incident then stands for all of them, under this title (empty: that of the first). When it doesn't act it only
    says in the timeline what it would join.
    """

    within: int
    alike: tuple[Alike, ...] = ()
    title: str = ""
    acts: bool = True


@dataclass(frozen=True, slots=True)
class Rule:
    """One ordered routing rule, of a team or (team_id None) of the organization.

    It applies when it is active, the condition holds (None: always) and `hours` cover the moment (None: always). The
    first that applies decides, unless `go_on`: then its starts are added and later rules are asked as well.
    `reroute_team_id` asks that team's rules instead. `notify` are chat, webhook and e-mail targets told at once.

    `beside`: it is none of the ordered ones: whatever they decide it adds its starts, and it is asked again with each
    further alert of an open incident. `remark` is noted in the timeline when such a rule applies. A partner's rule
    `beside` acts on its `clients`' alerts as well, where that is set. `suppress_for`: a new incident that such a rule
    applies to is suppressed for so long (microseconds), before anything starts.

    A rule with a `grouping` starts nothing: it is asked only which alerts belong together.
    """

    id: str
    number: int
    name: str
    order: int
    condition: Condition | None = None
    hours: Hours | None = None
    starts: tuple[Start, ...] = ()
    notify: tuple[Target, ...] = ()
    team_id: str | None = None
    reroute_team_id: str | None = None
    multi_responder: bool = False
    go_on: bool = False
    active: bool = True
    beside: bool = False
    remark: str = ""
    clients: bool = False
    suppress_for: int | None = None
    grouping: Grouping | None = None
    settings: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """New incidents of these routing keys (all incidents when `key_ids` is None) are kept but page nobody.

    From `start` (inclusive) to `end` (exclusive; None until somebody ends it); with `weekly`, only within those hours.
    """

    id: str
    number: int
    slug: str
    name: str
    start: int
    end: int | None = None
    key_ids: tuple[str, ...] | None = None
    weekly: Hours | None = None
    started_by: str = ""
    settings: Mapping[str, object] = field(default_factory=dict)
