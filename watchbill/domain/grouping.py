"""Alerts that belong together: how they are known, and the one incident that stands for all of theirs.

The walk of an alert that opens an incident: `places` says which groups it may belong to. The first of a group only
leaves its name there. For the second, `found` opens an incident of the group's own, which takes over what the first one
has begun, and `stood_for` quiets the first; the second and all further ones are quiet from the start, and `joined` adds
what they would have started. Whatever becomes of a member later, the group hears of it by `heard`.

Nothing is lost on the way: a member stops in the transaction in which the group goes on for it, and one whose policies
the group can't run as they are (`takes`, `may_be_first`) stays on its own.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence

from watchbill.domain import following, paging, quieting, runs
from watchbill.domain.alert import TITLE, AlertEvent, Signal
from watchbill.domain.conditions import fields_of
from watchbill.domain.escalation import page_again, settle, trigger_again
from watchbill.domain.facts import of_new
from watchbill.domain.handling import ALERT, absorb, resolve
from watchbill.domain.holding import OFF, is_over
from watchbill.domain.incident import Actor, Course, Incident, Member, Outcome, Phase, Transition
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Action, EscalationPolicy
from watchbill.domain.record import record, replace
from watchbill.domain.roster import Called
from watchbill.domain.routes import Alike, Grouping, Rule, Start
from watchbill.domain.routing import Selection, applying, muted_by
from watchbill.domain.ticketing import expanded, on_alert
from watchbill.domain.timeline import Kind

# An incident stands for so many others at most; the next alert begins a group of its own.
MOST_MEMBERS = 1000
GROUPED = "another incident stands for it"
# The worst first.
WORST = (Signal.CRITICAL, Signal.WARNING, Signal.INFO)
EVENT_TYPE = "eventType"
INFERENCE = "INFERENCE"


# --- Which alerts belong together


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


def opens_quiet(org: Organization, selection: Selection, event: AlertEvent, now: int) -> bool:
    """Whether nobody would be paged for it now, whatever it starts: then it is its own affair."""
    if event.signal is Signal.RECOVERY or selection.suppressed is not None:
        return True
    return bool(muted_by(org, selection.key_id, now))


def may_be_first(incident: Incident, seat: Seat, place: Place, starts: Iterable[Start], now: int) -> bool:
    """Whether a group may begin with it: it pages, by itself, and nobody has taken it in hand."""
    plain = (incident.suppressed_at, incident.healed_at, incident.group, incident.ticket, incident.ticketed_at)
    pages = incident.phase is Phase.TRIGGERED and not incident.muted and plain == (None,) * len(plain)
    fits = now - seat.since <= place.grouping.within and _agree(incident.course.starts, starts)
    return pages and fits and not incident.members


def takes(group: Incident, seat: Seat, place: Place, starts: Sequence[Start], now: int) -> bool:
    """Whether an incident that stands for others may stand for one more: not when it is quiet, unless somebody has it
    in hand and it has begun all that the alert would start."""
    if not group.members or len(group.members) >= MOST_MEMBERS or now - seat.since > place.grouping.within:
        return False
    if group.phase is Phase.RESOLVED or group.muted or (group.suppressed_at, group.healed_at) != (None, None):
        return False
    free = group.phase is Phase.TRIGGERED and group.ticketed_at is None
    return _agree(group.course.starts, starts) and (free or not fresh(group, starts))


def _agree(known: Iterable[Start], more: Iterable[Start]) -> bool:
    """Whether no policy would have to be at work in two ways."""
    ways = {start.policy_id: start for start in known if start.policy_id is not None}
    return all(ways.get(start.policy_id, start) == start for start in more if start.policy_id is not None)


def fresh(group: Incident, starts: Iterable[Start]) -> tuple[Start, ...]:
    """What it has not begun: a policy that was switched off since is begun anew."""
    begun = {run.policy_id for run in group.course.runs if run.ended != OFF}
    known = [one for one in group.course.starts if one.policy_id is None or one.policy_id in begun]
    return tuple(dict.fromkeys(start for start in starts if start not in known))


# --- The group begins, and grows


@record
class Founding:
    """How a group begins: where, the number and id of the incident that is to stand for it, and what is started for
    groups only."""

    place: Place
    number: int
    id: str
    starts: tuple[Start, ...] = ()


def found(first: Incident, org: Organization, founding: Founding, now: int, turns: Mapping[str, int]) -> Outcome:
    """The incident that stands for `first` and all who follow. Who is being paged is paged for it from now on, those
    of the last step anew, and the next steps come when they would have come."""
    m = Motion(org, _blank(first, org, founding, now), turns)
    m.transitions.append(Transition(Phase.TRIGGERED, now, ALERT.name))
    name = founding.place.rule.name
    m.note(now, Kind.OPENED, f"policy {name} groups alerts: it stands for incident {first.number} and others")
    for run in first.course.runs:
        if not is_over(run):
            m.set_run(run, paged=(), asked=(), reached=False, told=False)
    for run in list(m.runs.values()):
        if run.step:
            _take_again(m, run.number, m.policies[run.policy_id], run.step - 1, now)
    _page_on(m, first, now)
    known = {start.policy_id for start in first.course.starts}
    more = [start for start in founding.starts if start.policy_id not in known]
    if more:
        _add(m, more, now)
        following.begin(m, more, now, now)
    return m.outcome()


def _page_on(m: Motion, first: Incident, now: int) -> None:
    """Whoever is being paged for the first one, and is not by now; people named directly in any case. Those of the
    safety net are not among them: it is asked when the group reaches nobody."""
    named = {start.user_id for start in first.course.starts}
    for person in first.course.pagings:
        user = m.org.users.get(person.user_id)
        if user is None or person.user_id in {one.user_id for one in m.live_pagings()}:
            continue
        if person.user_id in named if person.run is None else not person.ended:
            paging.page_person(m, Called(user, person.reason), m.runs.get(person.run or 0), person.urgency, now)


def _blank(first: Incident, org: Organization, founding: Founding, now: int) -> Incident:
    lifetime, before, place = org.settings.auto_resolve, first.course, founding.place
    event = AlertEvent(first.state, first.key, first.title, first.message)
    return replace(
        first,
        number=founding.number,
        id=founding.id,
        key=f"group:{place.key}:{first.number}",
        title=expanded(place.grouping.title, first, event)[:TITLE] or first.title,
        opened_at=now,
        phase_at=now,
        last_alert_at=now,
        version=0,
        alert_count=1,
        first_alert_id=first.last_alert_id,
        old_state=None,
        unreached=False,
        members=(_member(first),),
        transitions=(),
        course=Course(
            policies=before.policies,
            starts=before.starts,
            key_id=before.key_id,
            serial=before.serial,
            resolve_deadline=now + lifetime if lifetime is not None else None,
            idle=before.idle,
        ),
    )


def stood_for(incident: Incident, org: Organization, founding: Founding, now: int) -> Outcome:
    """Another incident pages for it from now on."""
    group, name = founding.number, founding.place.rule.name
    m = Motion(org, incident, {})
    paging.stop(m, m.live_pagings(), GROUPED)
    for run in m.runs.values():
        if not is_over(run):
            m.set_run(run, due=None, repeats=(), ended=GROUPED, held=None)
    m.unreached = False
    m.changes["group"] = group
    m.note(now, Kind.GROUPED, f"incident {group} stands for it from now on, by policy {name}: that one pages")
    return m.outcome()


def joined(group: Incident, member: Incident, org: Organization, now: int, turns: Mapping[str, int]) -> Outcome:
    """It stands for one more, and starts what that one would have started, unless it has."""
    more = fresh(group, member.course.starts)
    grown = replace(
        group,
        members=(*group.members, _member(member)),
        alert_count=group.alert_count + 1,
        last_alert_at=now,
        last_alert_id=member.last_alert_id,
        multi_responder=group.multi_responder or member.multi_responder,
    )
    m = Motion(org, grown, turns)
    m.note(now, Kind.GROUPED, f"stands for incident {member.number} as well: {member.title}"[:500])
    _add(m, more, now)
    if not member.course.idle:
        m.set_course(idle=False)
    _raise(m, [member], now)
    if more:
        following.begin(m, more, now, now)
    settle(m, now)
    return _turned(m.outcome(), group, org, now, turns)


def _raise(m: Motion, members: Iterable[Incident], now: int) -> None:
    """When one of them is urgent and the group was not: whoever was paged by the alerts' own urgency is paged anew."""
    if m.urgency is Urgency.HIGH or not any(one.urgency is Urgency.HIGH for one in members):
        return
    m.urgency = m.changes["urgency"] = Urgency.HIGH
    m.note(now, Kind.ROUTED, "urgent by now")
    runs.raise_urgency(m, now)
    if m.phase is not Phase.TRIGGERED or m.rests:
        return
    for run in [run for run in m.runs.values() if run.urgency is Urgency.HIGH and not is_over(run)]:
        policy = m.policies[run.policy_id]
        for index in range(run.step):
            _take_again(m, run.number, policy, index, now)
    runs.start(m, [one for one in m.now("starts") if one.user_id is not None and one.urgency is None], now)


def _take_again(m: Motion, number: int, policy: EscalationPolicy, index: int, now: int) -> None:
    step = policy.steps[index]
    if step.action is Action.PAGE and step.on_state_left is None:
        runs.take_anew(m, m.runs[number], policy, index, now)


def _member(incident: Incident) -> Member:
    return Member(incident.number, incident.state, incident.opened_at, incident.phase is Phase.RESOLVED)


def _add(m: Motion, more: Sequence[Start], now: int) -> None:
    known = m.now("starts")
    m.set_course(starts=(*known, *(start for start in more if start not in known)))


def for_inference(org: Organization, event: AlertEvent, now: int) -> tuple[Start, ...]:
    """What rules beside the others start for what stands for such alerts, told apart by its type."""
    alike = replace(event, fields={**event.fields, EVENT_TYPE: INFERENCE})
    rules = applying(org.acting, org.acting.rules_beside, alike, now, of_new(org, now))
    return tuple(start for rule in rules for start in rule.starts)


# --- What becomes of its members


def heard(
    group: Incident, members: Sequence[Incident], org: Organization, now: int, turns: Mapping[str, int]
) -> Outcome:
    """These members have changed: it is as bad as the worst, heals when all have, and ends when all are over. What one
    of them asks for by now is started, by the clock of the first, even where somebody has the others in hand."""
    known = {one.number: one for one in group.members}
    starts: list[tuple[Incident, Start]] = []
    for one in members:
        if one.group != group.number:
            known.pop(one.number, None)
        else:
            known[one.number] = _member(one)
            starts += [(one, start) for start in fresh(group, one.course.starts) if not known[one.number].over]
    m = Motion(org, replace(group, members=tuple(known.values())), turns)
    _raise(m, members, now)
    if starts and m.phase is Phase.ACKNOWLEDGED:
        trigger_again(m, now, "more is asked for than was acknowledged")
    for one, start in starts:
        if start not in m.now("starts"):
            m.note(now, Kind.ROUTED, f"incident {one.number} asks for more")
            _add(m, [start], now)
            m.set_course(idle=False)
            following.begin(m, [start], now, min(each.since for each in known.values()))
    settle(m, now)
    outcome = m.outcome()
    if all(one.over for one in known.values()) and outcome.incident.phase is not Phase.RESOLVED:
        return outcome.then(resolve(outcome.incident, org, ALERT, now, "all that it stands for are over"))
    return _turned(outcome, group, org, now, turns)


def released(member: Incident, org: Organization, now: int, turns: Mapping[str, int]) -> Outcome:
    """What stood for it is over or gone: it pages by itself."""
    m = Motion(org, member, turns)
    m.changes["group"] = None
    m.note(now, Kind.GROUPED, f"incident {member.group} stands for it no more: it pages by itself")
    page_again(m, now)
    settle(m, now)
    return m.outcome()


def followed(member: Incident, group: Incident, org: Organization, now: int) -> Outcome:
    """Somebody ended what stands for it, or healed that by hand: so is this one."""
    actor = Actor(f"incident {group.number}")
    if group.phase is Phase.RESOLVED:
        return resolve(member, org, actor, now, f"resolved by {group.resolved_by}")
    return quieting.heal(member, org, actor, now, {})


def worst(members: Iterable[Member]) -> Signal:
    states = {one.state for one in members if not one.over}
    return next((state for state in WORST if state in states), Signal.RECOVERY)


def _turned(outcome: Outcome, before: Incident, org: Organization, now: int, turns: Mapping[str, int]) -> Outcome:
    """With the state that it has by now, taken as one alert more."""
    group, state = outcome.incident, worst(outcome.incident.members)
    if state is group.state or group.phase is Phase.RESOLVED:
        return outcome
    event = AlertEvent(state, group.key, group.title, group.message, urgency=group.urgency, lasting=group.lasting)
    outcome = outcome.then(absorb(group, org, (group.last_alert_id, event), now, turns))
    return outcome.then(on_alert(before, outcome.incident, org, event, now))
