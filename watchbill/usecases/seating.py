"""Which incident stands for an alert that opens one, asked while a batch of alerts is taken in."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from watchbill.domain import belonging, grouping
from watchbill.domain.alert import AlertEvent
from watchbill.domain.belonging import Comer, Place, Seat
from watchbill.domain.grouping import Founding
from watchbill.domain.incident import Incident, Outcome, Phase
from watchbill.domain.organization import Organization
from watchbill.domain.record import record, replace
from watchbill.domain.routing import Selection
from watchbill.usecases.ports import Tx

Key = tuple[int, str]
Number = tuple[int, int]


@dataclass(slots=True)
class Open:
    """One incident while a batch is worked through: as stored, as it is now, and all that was decided meanwhile."""

    before: Incident | None
    outcome: Outcome
    touched: bool = False


@record
class Seated:
    """What an alert is to open with. `group` is what stands for it; `free` are the groups it is the first of."""

    selection: Selection
    group: Open | None = None
    free: tuple[Place, ...] = ()


class Seating:
    """The groups that the alerts of a batch may belong to, and the incidents that are there already.

    `touch` is told of an incident that is decided about.
    """

    def __init__(
        self, tx: Tx, now: int, turns: Callable[[Organization], Counter[str]], touch: Callable[[Open], None]
    ) -> None:
        self._tx = tx
        self._now = now
        self._turns = turns
        self._touch = touch
        self._seats: dict[Key, Seat | None] = {}
        self._open: dict[Number, Open] = {}

    def prepare(self, alerts: Iterable[tuple[Organization, AlertEvent]], stored: Iterable[Open]) -> None:
        """Looks all seats up at once. `stored`: the open incidents that the batch holds already."""
        self._open = {(one.before.org, one.before.number): one for one in stored if one.before is not None}
        keys = {(org.number, place.key) for org, event in alerts for place in belonging.places(org, event, self._now)}
        self._look_up(keys)

    def seat(self, org: Organization, event: AlertEvent, selection: Selection) -> Seated:
        """Before the alert's own incident opens. The one that stands for it is opened here, when it is the second."""
        places = belonging.places(org, event, self._now)
        comer = Comer(org, event, selection, self._now)
        if not places or comer.is_quiet or comer.reaches_nobody:
            return Seated(selection)
        self._look_up({(org.number, place.key) for place in places} - self._seats.keys())
        seated = Seated(selection)
        for place in places:
            seat = self._seats[org.number, place.key]
            known = self._known((org.number, seat.incident)) if seat is not None else None
            if seat is None or known is None:
                seated = replace(seated, free=(*seated.free, place))
            else:
                seated = self._beside(comer, seated, (place, seat, known))
        return seated

    def _beside(self, comer: Comer, seated: Seated, found: tuple[Place, Seat, Open]) -> Seated:
        """Somebody has been seen in this place: does the alert belong to that?"""
        place, seat, known = found
        selection, incident = seated.selection, known.outcome.incident
        first = belonging.may_be_first(incident, seat, place, comer)
        if not first and not belonging.takes(incident, seat, place, comer):
            return replace(seated, free=(*seated.free, place))
        if not place.grouping.acts:
            said = f"policy {place.rule.name} would group it with incident {incident.number}"
            selection = replace(selection, remarks=(*selection.remarks, (place.rule.id, said)))
            return replace(seated, selection=selection)
        group = self._found(comer, known, place) if first else known
        number = group.outcome.incident.number
        self._seats[comer.org.number, place.key] = replace(seat, incident=number)
        reason = f"{selection.reason}; grouped by policy {place.rule.name}"
        return replace(seated, selection=replace(selection, group=number, reason=reason), group=group)

    def _found(self, comer: Comer, first: Open, place: Place) -> Open:
        org = comer.org
        number = self._tx.next_numbers(org.number, "incident", 1)[0]
        starts = belonging.inference_starts(comer)
        founding = Founding(place, number, self._tx.new_id(self._now), starts)
        turns = self._turns(org)
        outcome = grouping.found(first.outcome.incident, org, founding, self._now, turns)
        turns.update(outcome.turns)
        group = Open(None, outcome)
        self._decided(first, grouping.stood_for(first.outcome.incident, org, founding, self._now))
        self._open[org.number, number] = group
        self._touch(group)
        return group

    def opened(self, org: Organization, seated: Seated, one: Open) -> None:
        """The alert's own incident is there."""
        incident = one.outcome.incident
        self._open[org.number, incident.number] = one
        if seated.group is not None:
            group = seated.group
            turns = self._turns(org)
            outcome = grouping.joined(group.outcome.incident, incident, org, self._now, turns)
            turns.update(outcome.turns)
            self._decided(group, outcome)
        for place in seated.free:
            before = self._seats.get((org.number, place.key))
            stored = before is not None and before.stored
            self._seats[org.number, place.key] = Seat(org.number, place.key, incident.number, self._now, stored)

    def heard(self, org: Organization, member: Incident) -> None:
        """A member's state has changed. What can't be told now is told when the batch is kept."""
        group = self._known((org.number, member.group or 0))
        if group is None or group.outcome.incident.phase is Phase.RESOLVED:
            return
        incident = group.outcome.incident
        with suppress(Exception):
            if belonging.may_stay(org, incident, member):
                turns = self._turns(org)
                outcome = grouping.heard(incident, [member], org, self._now, turns)
                if outcome.incident is not incident:
                    turns.update(outcome.turns)
                    self._decided(group, outcome)

    def seats(self) -> Sequence[Seat]:
        """All as they are by now."""
        return [seat for _, seat in sorted(self._seats.items()) if seat is not None]

    def _decided(self, one: Open, outcome: Outcome) -> None:
        one.outcome = one.outcome.then(outcome)
        self._touch(one)

    def _look_up(self, keys: Iterable[Key]) -> None:
        wanted = sorted(keys)
        found = self._tx.seats(wanted) if wanted else {}
        self._seats |= {key: found.get(key) for key in wanted}

    def _known(self, number: Number) -> Open | None:
        one = self._open.get(number)
        if one is None:
            stored = self._tx.incidents_by_number([number]).get(number)
            if stored is None:
                return None
            one = self._open[number] = Open(stored, Outcome(stored))
        return one
