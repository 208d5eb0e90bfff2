"""An incident: what is open about one key, and where its escalation stands."""

from enum import StrEnum

from watchbill.domain.alert import Annotation, Signal
from watchbill.domain.civil import Hours
from watchbill.domain.delivery import Purpose
from watchbill.domain.people import PagingStep, Urgency
from watchbill.domain.plans import EscalationPolicy, TicketOrder
from watchbill.domain.record import record
from watchbill.domain.routes import Start
from watchbill.domain.timeline import Entry


class Phase(StrEnum):
    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@record
class Repeat:
    """A step that acts again: so many sends are left, the next one at `due`."""

    step: int
    left: int
    due: int


@record
class Held:
    """What a run that is held up has left: when its next step was due, its repeats, and whether it was over."""

    due: int | None
    repeats: tuple[Repeat, ...]
    ended: str


@record
class Run:
    """One escalation policy at work in one incident. `step` is the index of the next step; `due` when it acts.

    `due` is None and `ended` says why when nothing more will come. `paged` are the users this run has paged, `asked`
    those of the step that acted last, `reached` whether its present lap reached anybody, `told` whether it told a
    machine (webhook, chat, mailbox).
    `answered_by` is set when a responder of a multi-responder incident answered. `held`: with what it may go on.
    """

    number: int
    policy_id: str
    urgency: Urgency
    began_at: int
    due: int | None
    step: int = 0
    lap: int = 1
    parent: int | None = None
    ack_timeout: int | None = None
    support_hours: Hours | None = None
    repeats: tuple[Repeat, ...] = ()
    paged: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    reached: bool = False
    told: bool = False
    ended: str = ""
    answered_by: str | None = None
    held: Held | None = None


@record
class Paging:
    """One person being paged for one incident, by their own policy as it stood when the paging began.

    `step` is the index of the next personal step, `due` when it acts. `run` is None when the person was named directly.
    `sent` counts all pages, `step_sent` and `step_failed` those of the step that acted last (index `acted`, at
    `acted_at`).
    `hopeless`: every page so far failed for good and no other contact is left. `ended` says why no more will come.
    `once`: one step reaches them, and no later one comes unless it fails.
    """

    number: int
    user_id: str
    run: int | None
    urgency: Urgency
    began_at: int
    due: int | None
    steps: tuple[PagingStep, ...]
    repeat_last: bool
    reason: str
    step: int = 0
    sent: int = 0
    step_sent: int = 0
    step_failed: int = 0
    acted: int = -1
    acted_at: int = 0
    hopeless: bool = False
    ended: str = ""
    answered_by: str | None = None
    safety_net: bool = False
    once: bool = False


@record
class Course:
    """Where the escalation of an incident stands.

    `policies` is the plan: the snapshot of every policy it may run. `starts` are what it began with or was rerouted to;
    a restart begins with them again. `serial` is the last number given to a run or a paging. `key_id` is
    the routing key that maintenance goes by. `told`: a machine was told outside of any run. `remarked`: the rules whose
    remark is noted. `idle`: that nothing was started is no failure. `unrouted`: no route was asked yet.
    `ticketing`: the policy and the step that made its ticket, and change it. At `ticket_due` the ticket is resolved;
    `ticket_closed`: it is closed, so the next alert needs another.
    """

    policies: tuple[EscalationPolicy, ...] = ()
    starts: tuple[Start, ...] = ()
    key_id: str | None = None
    serial: int = 0
    runs: tuple[Run, ...] = ()
    pagings: tuple[Paging, ...] = ()
    muted_by: tuple[str, ...] = ()
    muted_until: int | None = None
    snoozed_until: int | None = None
    snoozed_by: str = ""
    ack_deadline: int | None = None
    suppressed_until: int | None = None
    resolve_deadline: int | None = None
    told: bool = False
    remarked: tuple[str, ...] = ()
    idle: bool = False
    unrouted: bool = False
    ticketing: tuple[str, str] | None = None
    ticket_due: int | None = None
    ticket_closed: bool = False


@record
class Actor:
    """Who does something: a user (then `name` is the user name), or a thing such as "alert" or an API key."""

    name: str
    user_id: str | None = None


@record
class Transition:
    phase: Phase
    at: int
    by: str = ""
    manual: bool = False
    note: str = ""
    alert_id: str = ""


@record
class Member:
    """An incident that another one stands for, as that one last heard of it. `over`: it is resolved."""

    number: int
    state: Signal
    over: bool = False


@record
class Incident:
    """`key` is the deduplication key; at most one incident of an organization with that key is not resolved.

    `version` counts saves (0: never saved). `acked_by` and `resolved_by` are user names or the name of what did it.
    `old_state` is the state before the latest alert. `lasting`: a recovery heals it (`healed_at`) and doesn't resolve
    it. Suppressed since `suppressed_at`, it pages nobody, whatever its phase. `ticket` is the number of the latest
    ticket made of it, or attached (`ticketed_by`: empty for a step of a policy). `group` is the number of the incident
    that stands for it: that one pages, this one doesn't. `members` are those that it stands for itself.
    """

    org: int
    number: int
    id: str
    key: str
    title: str
    message: str
    phase: Phase
    urgency: Urgency
    state: Signal
    opened_at: int
    phase_at: int
    last_alert_at: int
    version: int = 0
    alert_count: int = 1
    first_alert_id: str = ""
    last_alert_id: str = ""
    routing_key: str = ""
    host: str = ""
    service: str = ""
    tool: str = ""
    monitor: str = ""
    acked_at: int | None = None
    acked_by: str = ""
    resolved_at: int | None = None
    resolved_by: str = ""
    old_state: Signal | None = None
    lasting: bool = False
    healed_at: int | None = None
    suppressed_at: int | None = None
    suppressed_by: str = ""
    ticket: int | None = None
    ticketed_at: int | None = None
    ticketed_by: str = ""
    multi_responder: bool = False
    muted: bool = False
    unreached: bool = False
    group: int | None = None
    members: tuple[Member, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    transitions: tuple[Transition, ...] = ()
    course: Course = Course()


@record
class Page:
    """The intent to send: written with the decision. `user_id` is None for a machine told by a step.

    `paging` and `run` are the numbers that asked for it (0: none). `through_ack`: send even while acknowledged.
    """

    at: int
    purpose: Purpose
    channel: str
    address: str
    urgency: Urgency
    reason: str
    user_id: str | None = None
    contact_id: str | None = None
    paging: int = 0
    run: int = 0
    through_ack: bool = False


class Cause(StrEnum):
    """Why a ticket is to be made or changed: the step's time has come; another alert came, with the same state or with
    another; it stayed healed for long enough; its ticket is closed and the trouble goes on."""

    STEP = "step"
    REPEAT = "repeat"
    CHANGE = "change"
    HEALED = "healed"
    AGAIN = "again"


@record
class TicketWanted:
    """What a step wants made of this incident, or done to the ticket it has."""

    at: int
    policy_id: str
    step_id: str
    order: TicketOrder = TicketOrder()
    cause: Cause = Cause.STEP


@record
class Outcome:
    """What a decision comes to: the incident as it is now, what to tell, whom to page, whose turn was used up."""

    incident: Incident
    entries: tuple[Entry, ...] = ()
    pages: tuple[Page, ...] = ()
    tickets: tuple[TicketWanted, ...] = ()
    turns: tuple[str, ...] = ()

    def then(self, more: "Outcome") -> "Outcome":
        """This outcome with what was decided next."""
        return Outcome(
            more.incident,
            self.entries + more.entries,
            self.pages + more.pages,
            self.tickets + more.tickets,
            self.turns + more.turns,
        )
