"""When nobody has been reached: the incident says so, and the organization's safety net is paged."""

from watchbill.domain import paging, runs
from watchbill.domain.holding import OFF
from watchbill.domain.incident import Paging, Phase
from watchbill.domain.motion import Motion
from watchbill.domain.organization import Organization
from watchbill.domain.people import Role, Urgency
from watchbill.domain.plans import EscalationPolicy, Target, TargetKind
from watchbill.domain.reaching import MACHINES, has_step_left, means_people, step_reaches, timed
from watchbill.domain.record import replace
from watchbill.domain.roster import people
from watchbill.domain.timeline import Kind


def note_unreached(m: Motion, at: int) -> None:
    """When nobody has been reached and nothing more is to come, says so and pages the safety net, once."""
    if m.unreached or m.muted or m.rests or m.phase is not Phase.TRIGGERED or _idle(m) or someone_is_reached(m):
        return
    if any(run.due is not None and has_step_left(m, run) for run in m.live_runs()):
        return
    m.unreached = True
    m.note(at, Kind.UNREACHED, "nobody has been reached")
    _page_safety_net(m, at)


def _idle(m: Motion) -> bool:
    """Whether that nobody is reached is as it should be: nothing was to be started, all that was is held up, or (by an
    incident that lasts through its states) was switched off or acts only when a state is left."""
    if m.now("idle"):
        return True
    gone = OFF if m.incident.lasting else None
    policies = [m.policies[run.policy_id] for run in m.runs.values() if run.held is None and run.ended != gone]
    if not policies:
        return bool(m.runs)
    return m.incident.lasting and all(one.steps and timed(one, 0) == len(one.steps) for one in policies)


def someone_is_reached(m: Motion) -> bool:
    """Whether there is somebody whose answer is still to come. A routing rule that tells a machine and starts nothing
    wants just that."""
    if any(run.told and run.answered_by is None for run in m.runs.values()) and _machines_are_enough(m):
        return True
    if any(_may_answer(m, person) for person in m.pagings.values()):
        return True
    return bool(m.now("told")) and not m.now("starts")


def _machines_are_enough(m: Motion) -> bool:
    """Whether what was started means no people, or a ticket tells them."""
    if m.now("ticketing") is not None:
        return True
    plans = [m.policies[run.policy_id] for run in m.runs.values() if run.ended != OFF]
    steps = [step for plan in plans for step in plan.steps if step.on_state_left is None]
    return not any(means_people(step) for step in steps) and not any(start.user_id for start in m.now("starts"))


def _may_answer(m: Motion, person: Paging) -> bool:
    """Not who gave way to a later step or pass: if that reaches nobody, somebody else has to."""
    run = m.runs.get(person.run or 0)
    if person.hopeless or person.answered_by is not None or (run is not None and run.answered_by is not None):
        return False
    return person.ended not in (paging.NEXT_STEP, paging.NEXT_LAP) or run is None or step_reaches(m, run)


def _page_safety_net(m: Motion, at: int) -> None:
    """The organization's safety net, or its global administrators: the last to be asked, always at high urgency."""
    reached = False
    for target in _safety_net(m.org):
        m.note(at, Kind.SAFETY_NET, f"safety net: {runs.name_of(m, target)}")
        if target.kind in MACHINES:
            reached = runs.tell(m, target, Urgency.HIGH, None, at) or reached
            continue
        for called in people(m.org, NO_POLICY, target, at):
            one = replace(called, reason=f"safety net: nobody else was reached, {called.reason}")
            reached = paging.page_person(m, one, None, Urgency.HIGH, at) or reached
    if not reached:
        m.note(at, Kind.UNREACHED, "the safety net reaches nobody either: set it, or give an administrator a contact")


def _safety_net(org: Organization) -> tuple[Target, ...]:
    """The organization's, or where it has none its partner's."""
    partner = org.partner
    own = [user for id, user in org.users.items() if partner is None or id not in partner.users]
    admins = [user for user in own if user.active and user.role is Role.GLOBAL_ADMIN]
    net = org.settings.safety_net or tuple(Target(TargetKind.USER, user.id) for user in admins)
    return net if net or partner is None else _safety_net(partner)


# Overrides made for one policy don't touch the safety net.
NO_POLICY = EscalationPolicy(id="", number=0, slug="", name="safety net", steps=())
