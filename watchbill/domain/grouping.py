"""Alerts that belong together, and the one incident that stands for all of theirs.

The walk of an alert that opens an incident: `places` says which groups it may belong to. The first of a group only
leaves its name there. For the second, `found` opens an incident of the group's own, which takes over what the first one
has begun, and `stood_for` quiets the first; the second and all further ones are quiet from the start, and `joined` adds
what they would have started. Whatever becomes of a member later, the group hears of it by `heard`.

Nothing is lost on the way: a member stops in the transaction in which the group goes on for it, and one whose policies
the group can't run as they are (see `may_be_first` and `takes`) stays on its own.
"""

from collections.abc import Iterable, Mapping, Sequence

from watchbill.domain import following, paging, quieting, runs
from watchbill.domain.alert import TITLE, AlertEvent, Signal
from watchbill.domain.belonging import Place, fresh, worst_of
from watchbill.domain.escalation import settle, trigger_again
from watchbill.domain.handling import absorb, resolve
from watchbill.domain.holding import OFF, hold, is_over, resume
from watchbill.domain.incident import Actor, Course, Incident, Member, Outcome, Paging, Phase, Transition
from watchbill.domain.motion import Motion
from watchbill.domain.opening import ALERT
from watchbill.domain.organization import Organization
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Action, Since
from watchbill.domain.reaching import timed
from watchbill.domain.record import record, replace
from watchbill.domain.rising import raise_urgency
from watchbill.domain.routes import Start
from watchbill.domain.ticketing import expanded, on_alert
from watchbill.domain.timeline import Kind

GROUPED = "another incident stands for it"


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
    """The incident that stands for `first` and all who follow. Who is being paged is paged for it from now on, as are
    those of the last step, and whatever is to come next comes when it would have come."""
    m = Motion(org, _blank(first, org, founding, now), turns)
    m.transitions.append(Transition(Phase.TRIGGERED, now, ALERT.name))
    name = founding.place.rule.name
    m.note(now, Kind.OPENED, f"policy {name} groups alerts: it stands for incident {first.number} and others")
    for run in first.course.runs:
        if not is_over(run):
            m.set_run(run, paged=(), asked=(), reached=False, told=False)
    named = {start.user_id for start in first.course.starts}
    for person in first.course.pagings:
        if not person.ended and (person.run in m.runs if person.run is not None else person.user_id in named):
            _page_on(m, person, now)
    for run in list(m.runs.values()):
        if run.step:
            _take_again(m, run.number, run.step - 1, now)
    runs.start(m, [start for start in first.course.starts if start.user_id is not None], now)
    known = {start.policy_id for start in first.course.starts}
    more = [start for start in founding.starts if start.policy_id not in known]
    if more:
        _add(m, more, now)
        following.begin(m, more, now, now)
    return m.outcome()


def _page_on(m: Motion, person: Paging, now: int) -> None:
    """Whom the first one pages: once more by the step of their own that acted last, and by the next one in time."""
    user = m.org.users.get(person.user_id)
    name = user.name if user is not None else person.user_id
    m.note(now, Kind.PAGING, f"{name}: {person.reason}; paged for this one from now on", person.user_id)
    one = replace(person, number=m.next_serial(), sent=0, step_sent=0, step_failed=0, hopeless=False)
    m.set_paging(one)
    if person.acted < 0 or not person.sent:
        return
    paging.act(m, m.set_paging(one, step=person.acted), now)
    one = m.pagings[one.number]
    if not one.ended and person.due is not None:
        m.set_paging(one, due=min(person.due, one.due if one.due is not None else person.due))


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
    for run in list(m.runs.values()):
        if not is_over(run):
            hold(m, run, GROUPED)
    m.unreached = False
    m.changes["group"] = group
    m.note(now, Kind.GROUPED, f"incident {group} stands for it from now on, by policy {name}: that one pages")
    return m.outcome()


def joined(group: Incident, member: Incident, org: Organization, now: int, turns: Mapping[str, int]) -> Outcome:
    """It stands for one more, and starts what that one would have started, unless it has."""
    more = fresh(org, group, member.course.starts)
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
    deadline = _later(m.now("resolve_deadline"), member.course.resolve_deadline)
    m.set_course(idle=m.now("idle") and member.course.idle, resolve_deadline=deadline)
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
    raise_urgency(m, now)
    if m.phase is not Phase.TRIGGERED or m.rests:
        return
    for person in m.live_pagings():
        run = m.runs.get(person.run or 0)
        if run is not None and run.urgency is Urgency.HIGH and person.urgency is Urgency.LOW:
            m.set_paging(person, urgency=Urgency.HIGH)  # paged alike whatever the urgency: it goes on
    for run in [run for run in m.runs.values() if run.urgency is Urgency.HIGH and not is_over(run)]:
        for index in range(run.step):
            _take_again(m, run.number, index, now)
    runs.start(m, [one for one in m.now("starts") if one.user_id is not None and one.urgency is None], now)


def _take_again(m: Motion, number: int, index: int, now: int) -> None:
    """Who is being paged by now is left alone, unless it is more urgent."""
    policy = m.policies[m.runs[number].policy_id]
    step = policy.steps[index]
    if step.action is Action.PAGE and step.on_state_left is None:
        runs.take(m, m.runs[number], policy, index, now)


def _member(incident: Incident) -> Member:
    return Member(incident.number, incident.state, incident.phase is Phase.RESOLVED)


def _add(m: Motion, more: Sequence[Start], now: int) -> None:
    known = m.now("starts")
    m.set_course(starts=(*known, *(start for start in more if start not in known)))


def _later(one: int | None, other: int | None) -> int | None:
    """None: never."""
    return None if one is None or other is None else max(one, other)


# --- What becomes of its members


def heard(
    group: Incident, members: Sequence[Incident], org: Organization, now: int, turns: Mapping[str, int]
) -> Outcome:
    """These members have changed: it is as bad as the worst, heals when all have, and ends when all are over. What one
    of them asks for by now is started, even where somebody has the others in hand."""
    mine = [one for one in members if one.group == group.number]
    left = {one.number for one in members} - {one.number for one in mine}
    known = {one.number: one for one in group.members if one.number not in left}
    known |= {one.number: _member(one) for one in mine}
    heard_of = tuple(known.values())
    m = Motion(org, group if heard_of == group.members else replace(group, members=heard_of), turns)
    _raise(m, mine, now)
    for one in mine:
        if one.phase is not Phase.RESOLVED:
            _asked(m, one, fresh(org, group, one.course.starts), now)
            _hasten(m, one, now)
    _states_left(m, group, heard_of, now)
    settle(m, now)
    outcome = m.outcome()
    if all(one.over for one in heard_of) and outcome.incident.phase is not Phase.RESOLVED:
        return outcome.then(resolve(outcome.incident, org, ALERT, now, "all that it stands for are over"))
    return _turned(outcome, group, org, now, turns)


def _states_left(m: Motion, group: Incident, members: Sequence[Member], now: int) -> None:
    """Steps that wait for a change act for each member, too, unless the group's own state makes them."""
    now_as = {one.number: one.state for one in members if not one.over}
    left = {one.state for one in group.members if now_as.get(one.number, one.state) is not one.state}
    if worst(members) is not group.state:
        left.discard(group.state)
    if not (m.rests or m.muted):
        for state in sorted(left):
            runs.state_left(m, state.value, now)


def _asked(m: Motion, member: Incident, more: Sequence[Start], now: int) -> None:
    """Somebody has the group in hand: that was not meant for what is asked for only now."""
    active = {run.policy_id for run in m.runs.values() if run.ended != OFF}
    more = [one for one in more if one.policy_id not in active or one.policy_id is None]
    if not more:
        return
    if m.phase is Phase.ACKNOWLEDGED:
        trigger_again(m, now, "more is asked for than was acknowledged")
    m.note(now, Kind.ROUTED, f"incident {member.number} asks for more")
    _add(m, more, now)
    m.set_course(idle=False)
    following.begin(m, more, now, member.opened_at)


def _hasten(m: Motion, member: Incident, now: int) -> None:
    """A member that has waited for longer asks for what is at work: it goes by that one's clock."""
    asked = {start.policy_id for start in member.course.starts if start.support_hours is None}
    for run in m.live_runs():
        if run.policy_id not in asked or run.parent is not None or run.lap > 1 or run.began_at <= member.opened_at:
            continue
        policy = m.policies[run.policy_id]
        run = m.set_run(run, began_at=member.opened_at)
        index = timed(policy, run.step)
        if run.due is not None and index < len(policy.steps) and policy.steps[index].since is Since.START:
            m.set_run(run, due=min(run.due, runs.step_due(policy, run, now)))


def released(member: Incident, org: Organization, now: int, turns: Mapping[str, int]) -> Outcome:
    """What stood for it is over or gone, or can't do what it asks for: it pages by itself, by its own clock."""
    m = Motion(org, member, turns)
    m.changes["group"] = None
    m.note(now, Kind.GROUPED, f"incident {member.group} stands for it no more: it pages by itself")
    if m.phase is Phase.TRIGGERED and not (m.muted or m.rests):
        resumed = {run.policy_id for run in m.runs.values() if run.held is not None}
        for run in list(m.runs.values()):
            resume(m, run, now)
        following.begin(m, [one for one in m.now("starts") if one.policy_id not in resumed], now, member.opened_at)
    settle(m, now)
    return m.outcome()


def followed(member: Incident, group: Incident, org: Organization, now: int) -> Outcome:
    """Somebody ended what stands for it, or healed that by hand: so is this one."""
    actor = Actor(f"incident {group.number}")
    if group.phase is Phase.RESOLVED:
        return resolve(member, org, actor, now, f"resolved by {group.resolved_by}")
    return quieting.heal(member, org, actor, now, {})


def worst(members: Iterable[Member]) -> Signal:
    return worst_of({one.state for one in members if not one.over})


def _turned(outcome: Outcome, before: Incident, org: Organization, now: int, turns: Mapping[str, int]) -> Outcome:
    """With the state that it has by now, taken as one alert more."""
    group, state = outcome.incident, worst(outcome.incident.members)
    if state is group.state or group.phase is Phase.RESOLVED:
        return outcome
    event = AlertEvent(state, group.key, group.title, group.message, urgency=group.urgency, lasting=group.lasting)
    outcome = outcome.then(absorb(group, org, (group.last_alert_id, event), now, turns))
    return outcome.then(on_alert(before, outcome.incident, org, event, now))
