"""What incidents that stand for others, and those that they stand for, hear of each other: kept in one transaction."""

from collections.abc import Callable, Sequence
from functools import partial

from watchbill.domain import belonging, grouping
from watchbill.domain.alert import Signal
from watchbill.domain.incident import Incident, Outcome, Phase
from watchbill.domain.record import replace
from watchbill.domain.timeline import Entry, Kind
from watchbill.usecases.decisions import Decision, turns_of
from watchbill.usecases.ports import Tx

Number = tuple[int, int]


def is_of_group(decision: Decision) -> bool:
    before, after = decision.before, decision.outcome.incident
    return bool(after.group is not None or after.members or (before is not None and before.group is not None))


def with_groups(tx: Tx, decisions: Sequence[Decision], now: int) -> tuple[Decision, ...]:
    """These decisions, and those that follow from them: a group hears of its members first, then they of it."""
    deciding = _Deciding(tx, now, {_number(one.outcome.incident): one for one in decisions})
    for org, group in sorted({place for one in decisions for place in _groups_with_news(one)}):
        deciding.tell_group(org, group)
    for number in [number for number, one in deciding.decisions.items() if one.outcome.incident.members]:
        deciding.tell_members(number)
    return tuple(deciding.decisions.values())


def _number(incident: Incident) -> Number:
    return incident.org, incident.number


def _groups_with_news(decision: Decision) -> set[Number]:
    """Those that have to hear of what changed in a member."""
    before, after = decision.before, decision.outcome.incident
    if before is not None and before.group == after.group and _told(before) == _told(after):
        return set()
    groups = {after.group, before.group if before is not None else None}
    return {(after.org, group) for group in groups if group is not None}


def _told(incident: Incident) -> tuple[object, ...]:
    """One more alert is news where a policy was switched off and is on again."""
    over = incident.phase is Phase.RESOLVED
    return incident.state, over, incident.urgency, incident.course.starts, incident.alert_count


class _Deciding:
    """All decisions of a transaction by the numbers of their incidents, while more are added."""

    def __init__(self, tx: Tx, now: int, decisions: dict[Number, Decision]) -> None:
        self._tx = tx
        self._now = now
        self.decisions = decisions

    def tell_group(self, org: int, group: int) -> None:
        known = self._tx.organization(org)
        members = [one.outcome.incident for one in self.decisions.values() if self._is_member(one, org, group)]
        found, turns = self._find([(org, group)]).get((org, group)), turns_of(self._tx, known)
        alive = found is not None and found.phase is not Phase.RESOLVED
        for member in members:
            if member.group != group or member.phase is Phase.RESOLVED:
                continue
            if found is None or not alive or not belonging.may_stay(known, found, member):
                self._decide(member, partial(grouping.released, member, known, self._now, turns))
        if found is not None and alive:
            members = [self.decisions[_number(member)].outcome.incident for member in members]
            self._decide(found, partial(grouping.heard, found, members, known, self._now, turns))

    def tell_members(self, number: Number) -> None:
        """Whoever ended it ended them, and so with healing."""
        group = self.decisions[number].outcome.incident
        over = group.phase is Phase.RESOLVED
        healed = group.state is Signal.RECOVERY and group.healed_at is not None
        left = [one for one in group.members if not one.over and (over or one.state is not Signal.RECOVERY)]
        if not left or not (over or healed):
            return
        org = self._tx.organization(group.org)
        for member in self._find([(group.org, one.number) for one in left]).values():
            if member.phase is not Phase.RESOLVED and member.group == group.number:
                self._decide(member, partial(grouping.followed, member, group, org, self._now))
        members = tuple(replace(one, over=over or one.over, state=Signal.RECOVERY) for one in group.members)
        self._then(group, Outcome(replace(group, members=members)))

    def _is_member(self, decision: Decision, org: int, group: int) -> bool:
        before, after = decision.before, decision.outcome.incident
        return after.org == org and group in (after.group, before.group if before is not None else None)

    def _find(self, numbers: Sequence[Number]) -> dict[Number, Incident]:
        """As they are by now: as decided, else as stored."""
        missing = [number for number in numbers if number not in self.decisions]
        stored = self._tx.incidents_by_number(sorted(missing)) if missing else {}
        decided = {number: self.decisions[number].outcome.incident for number in numbers if number in self.decisions}
        return {**stored, **decided}

    def _decide(self, incident: Incident, decide: Callable[[], Outcome]) -> None:
        """What can't be decided (a fault of ours) holds up none of the others: the incident says so, and stays as it
        is."""
        try:
            outcome = decide()
        except Exception as error:
            text = f"could not hear of its group ({type(error).__name__}: {error})"
            outcome = Outcome(incident, (Entry(self._now, Kind.FAULT, text),))
        if outcome.incident is not incident or outcome.entries:
            self._then(incident, outcome)

    def _then(self, incident: Incident, outcome: Outcome) -> None:
        number = _number(incident)
        known = self.decisions.get(number) or Decision(incident, Outcome(incident))
        self.decisions[number] = Decision(known.before, known.outcome.then(outcome))
