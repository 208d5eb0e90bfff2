"""Who is on call: in a schedule at an instant and beside it, and in a team (reference, parts 4.3 and 4.6)."""

from collections.abc import Iterable, Iterator, Sequence

from watchbill.api.datadog.documents import (
    Resource,
    answer,
    included_paths,
    resource,
    to_many,
    to_one,
)
from watchbill.api.datadog.envelope import InvalidParameter
from watchbill.api.datadog.permissions import Permission, demand
from watchbill.api.datadog.references import users_included
from watchbill.api.datadog.routing_rules import team_of
from watchbill.api.datadog.schedules import schedule_of, schedule_resource
from watchbill.api.datadog.times import in_zone, moment, zulu_nano
from watchbill.asgi.dialect import get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain import roster, rota
from watchbill.domain.check_values import LATEST_INSTANT
from watchbill.domain.civil import SECOND
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy, Step
from watchbill.domain.record import record
from watchbill.domain.rota import Neighbour, Position, Schedule, Shift
from watchbill.domain.routing import rules_of
from watchbill.usecases.ports import Tx

RESPONDER_PATHS = ("schedule", "responders", "responders.shifts", "responders.shifts.user")
TEAM_PATHS = ("responders", "escalations", "escalations.responders")


@record
class Watch:
    """The shift of one person: the dialect has no shift of several."""

    user_id: str
    start: int
    end: int


def _watches(org: Organization, shifts: Iterable[Shift]) -> Iterator[Watch]:
    for shift in shifts:
        teams = [org.teams[id] for id in shift.team_ids if id in org.teams]
        members = [member.user_id for team in teams for member in team.members]
        for user_id in dict.fromkeys((*shift.user_ids, *members)):
            yield Watch(user_id, _told(shift.start), _told(shift.end))


def _told(at: int) -> int:
    """The instant, or the nearest one that a date can say."""
    return min(max(at, 0), LATEST_INSTANT)


def _shift_resource(watch: Watch, zone: str) -> Resource:
    """True bounds, cut to whole seconds."""
    start, end = in_zone(watch.start, zone), in_zone(watch.end, zone)
    link = {"user": to_one("users", watch.user_id)}
    return resource("shifts", f"{watch.user_id}-{start}-{end}", {"start": start, "end": end}, link)


def _instant_asked(call: Call) -> int:
    text = call.asked("filter[at_ts]")
    if text is None:
        return call.now
    at = moment(text)
    if at is None:
        raise InvalidParameter("filter[at_ts]", "query", "date-time")
    return at


# --- A schedule


def on_call_user(tx: Tx, call: Call) -> Reply:
    """One of those on call; null for nobody."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.ON_CALL_READ)
    schedule = schedule_of(org, call)
    shifts = rota.on_call(schedule, _instant_asked(call), org.overrides_of(schedule.id))
    watch = next(_watches(org, shifts), None)
    included = users_included(org, [watch.user_id] if watch else []) if included_paths(call, ("user",)) else None
    return answer(_shift_resource(watch, schedule.zone) if watch else None, included)


def responders(tx: Tx, call: Call) -> Reply:
    """For each position asked for: everybody there. A position without anybody is left out."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.ON_CALL_READ)
    schedule, at = schedule_of(org, call), _instant_asked(call)
    positions = _positions_asked(call)
    found = {position: _at(org, schedule, at, position) for position in positions}
    groups = {position: watches for position, watches in found.items() if watches}
    id = f"{schedule.id}-{at // SECOND}"
    data = resource(
        "schedule_oncall_responders",
        id,
        {"scheduled_at": zulu_nano(at)},
        {
            "responders": to_many("schedule_oncall_responder", (f"{id}-{position}" for position in groups)),
            "schedule": to_one("schedules", schedule.id),
        },
    )
    paths = included_paths(call, RESPONDER_PATHS)
    if not paths:
        return answer(data)
    included: list[Resource] = []
    if "responders" in paths:
        included += [_group(f"{id}-{one}", one, watches, schedule.zone) for one, watches in groups.items()]
    watches = [watch for group in groups.values() for watch in group]
    if "responders.shifts" in paths:
        included += [_shift_resource(watch, schedule.zone) for watch in watches]
    if "responders.shifts.user" in paths:
        included += users_included(org, (watch.user_id for watch in watches))
    if "schedule" in paths:
        included.append(schedule_resource(org, schedule))
    return answer(data, included)


def _positions_asked(call: Call) -> list[Position]:
    """In the order of time, each once."""
    asked = (call.asked("filter[position]") or Position.CURRENT.value).split(",")
    names = [name.strip() for name in asked if name.strip()]
    unknown = next((name for name in names if name not in list(Position)), None)
    if unknown is not None:
        raise Invalid(f'parameter "filter[position]" must be one of "{" ".join(Position)}", not "{unknown}"')
    return [position for position in Position if position in names]


def _at(org: Organization, schedule: Schedule, at: int, position: Position) -> list[Watch]:
    overrides = org.overrides_of(schedule.id)
    return list(_watches(org, rota.at_position(schedule, at, position, Neighbour.SHIFT, overrides)))


def _group(id: str, position: Position, watches: Sequence[Watch], zone: str) -> Resource:
    shifts = to_many("shifts", (_shift_resource(watch, zone)["id"] for watch in watches))
    return resource("schedule_oncall_responder", id, {"position": position.value}, {"shifts": shifts})


# --- A team


def team_on_call(tx: Tx, call: Call) -> Reply:
    """Whom the first step of the team's catch-all rule would page now, and its later steps that reach anybody."""
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.ON_CALL_READ)
    team_id = team_of(org, call)
    policy = _deciding_policy(org, team_id)
    steps = [(step, _reached(org, policy, step, call.now)) for step in policy.steps] if policy else []
    first = steps[0][1] if steps else []
    later = [(step, people) for step, people in steps[1:] if people]
    data = resource(
        "team_oncall_responders",
        f"{team_id}-{call.now // SECOND}",
        relationships={
            "escalations": to_many("escalation_policy_steps", (step.id for step, _ in later)),
            "responders": to_many("users", first),
        },
    )
    paths = included_paths(call, TEAM_PATHS)
    if not paths:
        return answer(data)
    included = users_included(org, first) if "responders" in paths else []
    if "escalations" in paths:
        included += [_escalation(step, people) for step, people in later]
    if "escalations.responders" in paths:
        included += users_included(org, (id for _, people in later for id in people))
    return answer(data, included)


def _deciding_policy(org: Organization, team_id: str) -> EscalationPolicy | None:
    """What the last rule starts. A team without rules: its own policy. Raises NotFound when there is neither."""
    rules = rules_of(org, team_id)
    if not rules:
        raise NotFound("routing rules not found")
    ids = [start.policy_id for start in rules[-1].starts if start.policy_id is not None]
    return org.policies.get(ids[0]) if ids else None


def _reached(org: Organization, policy: EscalationPolicy, step: Step, at: int) -> list[str]:
    called = [one.user.id for target in step.targets for one in roster.people(org, policy, target, at)]
    return list(dict.fromkeys(called))


def _escalation(step: Step, people: Iterable[str]) -> Resource:
    return resource("escalation_policy_steps", step.id, relationships={"responders": to_many("users", people)})


SCHEDULE = "/api/v2/on-call/schedules/{schedule_id}"
ROUTES = (
    get(SCHEDULE + "/on-call", on_call_user),
    get(SCHEDULE + "/responders", responders),
    get("/api/v2/on-call/teams/{team_id}/on-call", team_on_call),
)
