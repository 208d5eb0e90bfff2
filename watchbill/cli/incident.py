"""`watchbill incident`: what is open, and what a person may do about it, from a shell."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any

from cyclopts import App, Parameter
from rich.table import Table

from watchbill.cli.answer import Answer, cell
from watchbill.cli.asking import number_of
from watchbill.cli.options import Database, Json, Org, Zone
from watchbill.cli.session import Session, in_session
from watchbill.cli.times import known_zone, moment
from watchbill.domain.civil import local, utc
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.incident import Actor, Incident, Phase
from watchbill.domain.organization import Organization
from watchbill.domain.records import IncidentQuery
from watchbill.domain.routes import Start
from watchbill.usecases import incidents

app = App(name="incident", help="What is open, and what to do about it.")

By = Annotated[str | None, Parameter(help="The user in whose name it is done.")]
Number = Annotated[str, Parameter(help="The incident's number.")]
To = Annotated[list[str], Parameter(help="Escalation policies (by slug) and users (by user name).")]
OPEN = (Phase.TRIGGERED, Phase.ACKNOWLEDGED)


def data_of(one: Incident) -> dict[str, Any]:
    return {
        "number": one.number,
        "key": one.key,
        "title": one.title,
        "phase": one.phase.value,
        "urgency": one.urgency.value,
        "opened_at": utc(one.opened_at).isoformat(),
        "routing_key": one.routing_key,
        "alerts": one.alert_count,
        "acknowledged_by": one.acked_by,
        "resolved_by": one.resolved_by,
        "muted": one.muted,
        "unreached": one.unreached,
        "group": one.group,
        "members": [member.number for member in one.members],
    }


def state_of(one: Incident) -> str:
    marks = [mark for mark, on in (("muted", one.muted), ("nobody reached", one.unreached)) if on]
    marks += [f"incident {one.group} stands for it"] if one.group is not None else []
    marks += [f"stands for {len(one.members)} incidents"] if one.members else []
    by = {Phase.ACKNOWLEDGED: one.acked_by, Phase.RESOLVED: one.resolved_by}.get(one.phase, "")
    return ", ".join([f"{one.phase} by {by}" if by else one.phase.value, *marks])


@app.command(name="list")
def listed(
    *,
    resolved: Annotated[bool, Parameter(negative="", help="The resolved ones too.")] = False,
    limit: Annotated[int, Parameter(help="How many, the newest first.")] = 100,
    zone: Zone = "UTC",
    org: Org = None,
    database: Database = None,
    json: Json = False,
) -> int:
    """List incidents, the newest first."""

    def run(one: Session) -> int:
        known_zone(zone)
        if not 1 <= limit <= 10_000:
            raise Invalid("a limit is from 1 to 10000", "limit")
        query = IncidentQuery(one.organization(org).number, () if resolved else OPEN, limit=limit)
        found = one.read(lambda tx: tx.incidents(query))
        table = Table("number", "opened", "urgency", "state", "title")
        for each in found:
            opened = f"{local(each.opened_at, zone):%a %d %b %H:%M}"
            table.add_row(str(each.number), opened, each.urgency.value, state_of(each), cell(each.title or each.key))
        return one.tell(Answer([data_of(each) for each in found], table if found else "no incident"))

    return in_session(database, json, run)


def actor_of(org: Organization, by: str | None) -> Actor:
    """Raises NotFound when there is no such user."""
    if by is None:
        return Actor("command line")
    user = org.users_by_name.get(by.lower())
    if user is None:
        raise NotFound(f"there is no user '{by}'")
    return Actor(user.username, user.id)


def starts_of(org: Organization, names: list[str]) -> tuple[Start, ...]:
    """Raises NotFound for a name that is neither an escalation policy nor a user."""
    policies = {policy.slug.lower(): policy.id for policy in org.policies.values()}
    starts = []
    for name in names:
        policy, user = policies.get(name.lower()), org.users_by_name.get(name.lower())
        if policy is None and user is None:
            raise NotFound(f"'{name}' is neither an escalation policy nor a user")
        starts.append(Start(policy_id=policy) if policy is not None else Start(user_id=user.id if user else None))
    return tuple(starts)


@dataclass(frozen=True, slots=True)
class Asked:
    """The words that every verb shares."""

    number: str
    by: str | None
    org: str | None
    database: str | None
    json: bool


Verb = Callable[[Session, Organization, Actor], tuple[Callable[..., Incident], tuple[object, ...]]]


def done(asked: Asked, verb: Verb) -> int:
    """Does to the incident what `verb` names: a use case, and what it takes after the organization and the number."""

    def run(one: Session) -> int:
        org = one.organization(asked.org)
        fn, more = verb(one, org, actor_of(org, asked.by))
        incident = one.write(fn, org.number, number_of(asked.number), *more)
        return one.tell(Answer(data_of(incident), f"incident {incident.number}: {state_of(incident)}"))

    return in_session(asked.database, asked.json, run)


@app.command
def acknowledge(
    number: Number, *, by: By = None, org: Org = None, database: Database = None, json: Json = False
) -> int:
    """Stop the paging: somebody sees to it."""
    asked = Asked(number, by, org, database, json)
    return done(asked, lambda one, known, actor: (incidents.acknowledge, (actor, one.clock())))


@app.command
def resolve(number: Number, *, by: By = None, org: Org = None, database: Database = None, json: Json = False) -> int:
    """End it."""
    asked = Asked(number, by, org, database, json)
    return done(asked, lambda one, known, actor: (incidents.resolve, (actor, one.clock())))


@app.command
def escalate(number: Number, *, by: By = None, org: Org = None, database: Database = None, json: Json = False) -> int:
    """Take the next step of its policies now."""
    asked = Asked(number, by, org, database, json)
    return done(asked, lambda one, known, actor: (incidents.escalate, (actor, one.clock())))


@app.command
def snooze(
    number: Number,
    until: Annotated[str, Parameter(help="+2h, or an ISO time, local to --zone when it has no offset.")],
    *,
    by: By = None,
    zone: Zone = "UTC",
    org: Org = None,
    database: Database = None,
    json: Json = False,
) -> int:
    """Keep it quiet until then, acknowledged in the snoozer's name; then it pages again."""

    def verb(one: Session, known: Organization, actor: Actor) -> tuple[Callable[..., Incident], tuple[object, ...]]:
        now = one.clock()
        return incidents.snooze, (actor, moment(until, known_zone(zone), now), now)

    return done(Asked(number, by, org, database, json), verb)


@app.command
def reroute(
    number: Number, to: To, *, by: By = None, org: Org = None, database: Database = None, json: Json = False
) -> int:
    """Page these policies and users instead of those it pages now."""
    asked = Asked(number, by, org, database, json)
    return done(asked, lambda one, known, actor: (incidents.reroute, (starts_of(known, to), actor, one.clock())))


@app.command
def add(
    number: Number, to: To, *, by: By = None, org: Org = None, database: Database = None, json: Json = False
) -> int:
    """Page these policies and users as well; from then on each has to answer."""
    asked = Asked(number, by, org, database, json)
    return done(asked, lambda one, known, actor: (incidents.add_responders, (starts_of(known, to), actor, one.clock())))
