"""Which alerts belong together: the groups that one may belong to, and whether it is taken into one."""

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Iterator, Set

from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.conditions import fields_of
from watchbill.domain.facts import of_new
from watchbill.domain.holding import OFF
from watchbill.domain.incident import Course, Incident, Phase
from watchbill.domain.motion import with_nested
from watchbill.domain.opening import urgency_of
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Action, AtEnd, EscalationPolicy
from watchbill.domain.record import record, replace
from watchbill.domain.routes import Alike, Grouping, Rule, Start
from watchbill.domain.routing import Selection, applying, muted_by

# An incident stands for so many others at most; the next alert begins a group of its own.
MOST_MEMBERS = 1000
EVENT_TYPE = "eventType"
INFERENCE = "INFERENCE"
# The worst first.
WORST = (Signal.CRITICAL, Signal.WARNING, Signal.INFO)


@record
class Place:
    """A group that an alert may belong to, by the rule that says so. `key` is the same for all its alerts."""

    rule: Rule
    grouping: Grouping
    key: str


@record
class Seat:
    """Who was last seen under a key: the first alert's incident, or the one that stands for its group. `since` is when
    the first alert came. `stored`: the store has a row for this key."""

    org: int
    key: str
    incident: int
    since: int
    stored: bool = False


def places(org: Organization, event: AlertEvent, now: int) -> tuple[Place, ...]:
    """Each rule that only watches, and the first that acts."""
    found: list[Place] = []
    for rule in applying(org.acting, org.acting.groupings, event, now, of_new(org, now)):
        key = _key(rule, rule.grouping, event) if rule.grouping is not None else None
        if key is None or rule.grouping is None:
            continue
        if not rule.grouping.acts or not any(one.grouping.acts for one in found):
            found.append(Place(rule, rule.grouping, key))
    return tuple(found)


def _key(rule: Rule, grouping: Grouping, event: AlertEvent) -> str | None:
    """None: the alert doesn't say what is to be compared, so it is like no other."""
    values = [_value(alike, event) for alike in grouping.alike]
    if None in values:
        return None
    digest = hashlib.sha256(json.dumps([event.lasting, *values]).encode()).hexdigest()
    return f"{rule.id}:{digest}"


def _value(alike: Alike, event: AlertEvent) -> str | None:
    told = (text for name in alike.fields for text in fields_of(event, name))
    text = next((" ".join(one.casefold().split()) for one in told if one.strip()), None)
    return re.sub(r"\d+", "#", text) if text is not None and alike.loose else text


@record
class Comer:
    """An alert that is to open an incident, and what that would start."""

    org: Organization
    event: AlertEvent
    selection: Selection
    now: int

    @property
    def is_quiet(self) -> bool:
        """Whether nobody would be paged for it now, whatever it starts: then it is its own affair."""
        if self.event.signal is Signal.RECOVERY or self.selection.suppressed is not None:
            return True
        return bool(muted_by(self.org, self.selection.key_id, self.now))

    @property
    def reaches_nobody(self) -> bool:
        """Whether it starts nothing although it should: that is the safety net's affair."""
        return not (self.selection.starts or self.selection.notify or self.selection.idle)


def may_be_first(incident: Incident, seat: Seat, place: Place, comer: Comer) -> bool:
    """Whether a group of it and the comer may begin: it pages, by itself, and nobody has taken it in hand."""
    plain = (incident.suppressed_at, incident.healed_at, incident.group, incident.ticket, incident.ticketed_at)
    pages = incident.phase is Phase.TRIGGERED and not incident.muted and plain == (None,) * len(plain)
    fits = _in_time(seat, place, comer) and _agree(incident.course, comer)
    return pages and fits and not incident.members


def takes(group: Incident, seat: Seat, place: Place, comer: Comer) -> bool:
    """Whether an incident that stands for others may stand for the comer as well. Never when it is quiet; when somebody
    has it in hand, only what is no worse and starts nothing more."""
    if not group.members or len(group.members) >= MOST_MEMBERS or not _in_time(seat, place, comer):
        return False
    if group.phase is Phase.RESOLVED or group.muted or (group.suppressed_at, group.healed_at) != (None, None):
        return False
    if not _agree(group.course, comer):
        return False
    if group.phase is Phase.TRIGGERED and group.ticketed_at is None:
        return True
    return not (_is_worse(comer, group) or fresh(comer.org, group, comer.selection.starts))


def _in_time(seat: Seat, place: Place, comer: Comer) -> bool:
    return comer.now - seat.since <= place.grouping.within


def _is_worse(comer: Comer, group: Incident) -> bool:
    urgent = urgency_of(comer.event, comer.selection.starts) is Urgency.HIGH
    return (urgent and group.urgency is Urgency.LOW) or worst_of((comer.event.signal, group.state)) is not group.state


def _agree(course: Course, comer: Comer) -> bool:
    """Whether all policies can be at work in one incident as they would be in several: none in two ways at once, none
    that resolves the incident at its end, and none whose ticket would stop what it has nothing to do with."""
    known = {start.policy_id: start for start in course.starts if start.policy_id is not None}
    more = {start.policy_id: start for start in comer.selection.starts if start.policy_id is not None}
    if any(known.get(id, start) != start for id, start in more.items()):
        return False
    policies = [*course.policies, *_all_of(comer.org.acting, more)]
    if any(policy.at_end is AtEnd.RESOLVE for policy in policies):
        return False
    if not _makes_ticket(policies):
        return True
    besides = for_inference(comer)
    return known.keys() - besides == more.keys() - besides


def may_stay(org: Organization, group: Incident, member: Incident) -> bool:
    """Whether what a member asks for by now can be at work for the whole group: as above."""
    known = {start.policy_id: start for start in group.course.starts if start.policy_id is not None}
    more = [start.policy_id for start in fresh(org, group, member.course.starts) if start.policy_id is not None]
    if any(known.get(start.policy_id or "", start) != start for start in member.course.starts):
        return False
    policies = [*group.course.policies, *_all_of(org.acting, more)]
    ends = any(policy.at_end is AtEnd.RESOLVE for policy in policies)
    return not more or not (ends or _makes_ticket(policies))


def _makes_ticket(policies: Iterable[EscalationPolicy]) -> bool:
    return any(step.action is Action.TICKET for policy in policies for step in policy.steps)


def _all_of(org: Organization, ids: Iterable[str]) -> Iterator[EscalationPolicy]:
    for policy in (org.policies.get(id) for id in ids):
        if policy is not None:
            yield from with_nested(org, policy)


def for_inference(comer: Comer) -> Set[str]:
    """The policies that rules beside the others start for what stands for such alerts, and not for such an alert."""
    own = {start.policy_id for start in comer.selection.starts}
    return {start.policy_id for start in inference_starts(comer) if start.policy_id is not None} - own


def inference_starts(comer: Comer) -> tuple[Start, ...]:
    """What stands for such alerts is told apart by its type."""
    alike = replace(comer.event, fields={**comer.event.fields, EVENT_TYPE: INFERENCE})
    rules = applying(comer.org.acting, comer.org.acting.rules_beside, alike, comer.now, of_new(comer.org, comer.now))
    return tuple(start for rule in rules for start in rule.starts)


def fresh(org: Organization, group: Incident, starts: Iterable[Start]) -> tuple[Start, ...]:
    """What it has not begun and can begin: a policy that was switched off is begun anew when it is on again."""
    begun = {run.policy_id for run in group.course.runs if run.ended != OFF}
    known = [one for one in group.course.starts if one.policy_id is None or one.policy_id in begun]
    return tuple(dict.fromkeys(start for start in starts if start not in known and _is_on(org, start)))


def _is_on(org: Organization, start: Start) -> bool:
    policy = org.acting.policies.get(start.policy_id or "")
    return start.policy_id is None or (policy is not None and policy.active)


def worst_of(states: Collection[Signal]) -> Signal:
    return next((state for state in WORST if state in states), Signal.RECOVERY)
