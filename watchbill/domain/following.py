"""What rules beside the ordered ones add to an incident that is open: they are asked with each of its alerts."""

from collections.abc import Iterable, Mapping, Sequence

from watchbill.domain import runs
from watchbill.domain.escalation import settle
from watchbill.domain.holding import OFF, hold
from watchbill.domain.incident import Incident, Outcome, Phase
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.plans import Stop
from watchbill.domain.reaching import timed
from watchbill.domain.routes import Rule, Start
from watchbill.domain.routing import Selection
from watchbill.domain.timeline import Kind


def could_add(org: Organization, incident: Incident) -> list[Rule]:
    """Active rules that would add something if they applied now."""
    if incident.phase is Phase.RESOLVED:
        return []
    begun = _begun(incident)
    return [rule for rule in org.acting.rules_beside if _fresh(org, rule, begun) or _unsaid(rule, incident)]


def _begun(incident: Incident) -> set[str]:
    """The policies that are at work, were, or will be: one that was switched off since counts as new."""
    begun = {run.policy_id for run in incident.course.runs if run.ended != OFF}
    if incident.muted or incident.healed_at is not None or incident.group is not None:
        begun |= {start.policy_id for start in incident.course.starts if start.policy_id is not None}
    return begun


def _fresh(org: Organization, rule: Rule, begun: set[str]) -> list[Start]:
    def new(id: str | None) -> bool:
        policy = org.acting.policies.get(id or "")
        return policy is not None and policy.active and id not in begun

    return [start for start in rule.starts if new(start.policy_id)]


def _unsaid(rule: Rule, incident: Incident) -> bool:
    return bool(rule.remark) and rule.id not in incident.course.remarked


def join(incident: Incident, org: Organization, rules: Sequence[Rule], now: int, turns: Mapping[str, int]) -> Outcome:
    """Starts what these rules add. It runs by the clock of the incident: a step that waits from the start waits from
    its opening. What an acknowledgement ends is held up as long as that stands."""
    m = Motion(org, incident, turns)
    begun = _begun(incident)
    starts = tuple(start for rule in rules for start in _fresh(org, rule, begun))
    note_remarks(m, [(rule.id, rule.remark) for rule in rules if _unsaid(rule, incident)], now)
    if starts:
        names = ", ".join(rule.name or rule.id for rule in rules)
        m.note(now, Kind.ROUTED, f"rule {names} applies by now")
        known = {start.policy_id for start in m.now("starts")}
        m.set_course(starts=(*m.now("starts"), *(one for one in starts if one.policy_id not in known)), idle=False)
        if not m.muted and incident.group is None:
            begin(m, starts, now, incident.opened_at)
    settle(m, now)
    return m.outcome()


def route(incident: Incident, org: Organization, selection: Selection, now: int, turns: Mapping[str, int]) -> Outcome:
    """It became trouble: what the routes say is started now, or when nothing keeps it quiet any more."""
    m = Motion(org, incident, turns)
    m.note(now, Kind.ROUTED, selection.reason)
    known = {start.policy_id for start in m.now("starts") if start.policy_id is not None}
    starts = tuple(start for start in selection.starts if start.policy_id not in known)
    idle = m.now("idle") and not starts
    m.set_course(starts=(*m.now("starts"), *starts), key_id=selection.key_id, unrouted=False, idle=idle)
    m.changes.update(
        routing_key=selection.routing_key, multi_responder=incident.multi_responder or selection.multi_responder
    )
    quiet = m.muted or m.rests or m.phase is Phase.ACKNOWLEDGED
    if not quiet or incident.group is not None:
        for target in selection.notify:
            runs.tell(m, target, m.urgency, None, now)
    if not quiet:
        runs.start(m, starts, now)
    settle(m, now)
    return m.outcome()


def begin(m: Motion, starts: Iterable[Start], now: int, since: int) -> None:
    """Starts these by a clock that began at `since`; what waits for its support hours waits for them."""
    for start in starts:
        m.policies.pop(start.policy_id or "", None)
    for number in [run.number for run in m.runs.values() if run.ended == OFF]:
        del m.runs[number]
    before = set(m.runs)
    quiet = m.rests or m.phase is Phase.ACKNOWLEDGED
    runs.start(m, starts, now)
    fresh = [run for number, run in m.runs.items() if number not in before and run.due is not None]
    for run in [run for run in fresh if run.began_at <= now]:
        policy = m.policies[run.policy_id]
        run = m.set_run(run, began_at=since)
        index = timed(policy, 0)
        run = m.set_run(run, due=runs.step_due(policy, run, now) if index < len(policy.steps) else run.due)
        if quiet and Stop.ACKNOWLEDGED in policy.stop_on:
            hold(m, run, "held up from the start")


def note_remarks(m: Motion, remarks: Iterable[tuple[str, str]], now: int) -> None:
    for rule_id, remark in remarks:
        m.note(now, Kind.NOTE, remark)
        m.set_course(remarked=(*m.now("remarked"), rule_id))
