"""Taking alerts in: a list of them, in the order of receipt, in one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from watchbill.domain import facts, following
from watchbill.domain.alert import AlertEvent
from watchbill.domain.civil import MILLISECOND
from watchbill.domain.handling import absorb
from watchbill.domain.incident import Incident, Outcome, Phase
from watchbill.domain.opening import opened, opening, own, own_urgency, urgency_of
from watchbill.domain.organization import Organization
from watchbill.domain.record import record, replace
from watchbill.domain.records import Alert, AlertQuery, Opening
from watchbill.domain.routing import Selection, applying, asks_routes, is_trouble, select, select_late
from watchbill.domain.ticketing import on_alert
from watchbill.usecases.decisions import Decision, turns_of
from watchbill.usecases.keep import Kept, keep
from watchbill.usecases.ports import Tx
from watchbill.usecases.seating import Open, Seating
from watchbill.usecases.storm import openings

# So long (microseconds) a decision about opening stands for alerts like the first: far less than clocks differ by.
LIKE_FOR = 50 * MILLISECOND


@record
class Arrival:
    """One alert at the door. `head_of` counts back to the alert of the same body that carries the raw bytes (0:
    itself). `selection`: somebody chose by hand whom it pages, so no route is asked.
    """

    org: int
    integration_id: str
    event: AlertEvent
    head_of: int = 0
    selection: Selection | None = None


@record
class Receipt:
    """What became of an alert: the incident it opened or joined, None when it only stands in the log."""

    alert_id: str
    key: str
    incident: int | None


@dataclass(slots=True)
class _Batch:
    """`seating` is there where any organization groups alerts. `patterns`: what arrivals (by their identity) open,
    where that is known already. `storms`: what several of them open alike."""

    tx: Tx
    now: int
    orgs: Mapping[int, Organization]
    open: dict[tuple[int, str], Open]
    seating: Seating | None = None
    touched: list[Open] = field(default_factory=list)
    openings: dict[object, Outcome] = field(default_factory=dict)
    patterns: dict[int, Outcome] = field(default_factory=dict)
    storms: list[Opening] = field(default_factory=list)
    turns: dict[int, Counter[str]] = field(default_factory=dict)
    numbers: dict[int, list[int]] = field(default_factory=dict)
    joined: Counter[tuple[int, int]] = field(default_factory=Counter)


class Recent:
    """What opening an incident came to lately. Alerts that are alike and come within LIKE_FOR share a decision, as
    those of one transaction do: their incidents opened when the first of them did.

    Of one lane: it is not made for several threads.
    """

    def __init__(self) -> None:
        self._since = 0
        self._orgs: dict[int, Organization] = {}
        self._openings: dict[object, Outcome] = {}

    def openings(self, orgs: Mapping[int, Organization], now: int) -> dict[object, Outcome]:
        """By what makes them alike. Nothing that was decided by another configuration."""
        changed = any(self._orgs.get(number, org) is not org for number, org in orgs.items())
        if changed or not 0 <= now - self._since < LIKE_FOR:
            self._since, self._orgs, self._openings = now, {}, {}
        self._orgs.update(orgs)
        return self._openings


@record
class TakenIn:
    """Receipts in the order of the arrivals, and what came of them (see Kept)."""

    receipts: list[Receipt]
    kept: Kept


def receive(tx: Tx, arrivals: Sequence[Arrival], now: int) -> list[Receipt]:
    """Takes alerts in; the pages wait to be claimed."""
    return take_in(tx, now, None, arrivals).receipts


def take_in(tx: Tx, now: int, node: str | None, arrivals: Sequence[Arrival], recent: Recent | None = None) -> TakenIn:
    """Opens incidents, joins alerts to open ones, acknowledges and resolves; keeps every alert with its raw body.

    First pages are claimed for `node`, which has to send them (None: they wait to be claimed).
    """
    orgs = tx.organizations({arrival.org for arrival in arrivals})
    if any(org.alert_rules for org in orgs.values()):
        arrivals = [_by_rules(orgs[arrival.org], arrival, now) for arrival in arrivals]
    names = [(arrival.org, arrival.event.key) for arrival in arrivals]
    stored = tx.open_incidents(list(set(names)))
    batch = _Batch(tx, now, orgs, {key: Open(found, Outcome(found)) for key, found in stored.items()})
    if recent is not None:
        batch.openings = recent.openings(orgs, now)
    fresh = [
        (place, arrival)
        for place, (arrival, name) in enumerate(zip(arrivals, names, strict=True))
        if name not in stored and opens(orgs[arrival.org], arrival.event)
    ]
    batch.numbers = _numbers(tx, {names[place] for place, _ in fresh})
    if any(org.acting.groupings for org in orgs.values()):
        batch.seating = _seating(batch, arrivals)
    alike = _alike(batch, fresh, Counter(names), node)
    alerts: list[Alert] = []
    for place, arrival in enumerate(arrivals):
        alert_id = tx.new_id(now)
        opening = alike.get(place)
        number = _take(batch, arrival, alert_id) if opening is None else _joining(batch, opening, arrival, alert_id)
        head = alerts[len(alerts) - arrival.head_of].id if arrival.head_of else None
        alerts.append(Alert(alert_id, arrival.org, arrival.integration_id, now, arrival.event, number, head))
    tx.add_alerts(alerts)
    if batch.seating is not None:
        tx.keep_seats(batch.seating.seats())
    decisions = [Decision(one.before, one.outcome) for one in batch.touched]
    kept = keep(tx, decisions, now, node, batch.storms)
    return TakenIn([Receipt(alert.id, alert.event.key, alert.incident) for alert in alerts], kept)


def _by_rules(org: Organization, arrival: Arrival, now: int) -> Arrival:
    """As the organization's alert rules leave it; they don't touch what somebody opened by hand."""
    if not org.alert_rules or arrival.selection is not None:
        return arrival
    return replace(arrival, event=org.ruleset.applied(arrival.event, now))


def opens(org: Organization, event: AlertEvent) -> bool:
    """Whether such an alert opens an incident when none is open (VictorOps reference, part 3.3)."""
    return event.lasting or is_trouble(org, event)


def selected(org: Organization, event: AlertEvent, now: int) -> Selection:
    """What an alert starts; the reason names the alert rules that had a part in it."""
    selection = select(org, event, now)
    if not event.rules:
        return selection
    rules = ", ".join(map(str, event.rules))
    return replace(selection, reason=f"{selection.reason}; changed by alert rule {rules}")


def _numbers(tx: Tx, names: Iterable[tuple[int, str]]) -> dict[int, list[int]]:
    """Incident numbers for all keys that may open one, the smallest last. More are taken one by one when a key is
    resolved and opened again inside the batch."""
    wanted = Counter(org for org, _ in names)
    return {org: list(reversed(tx.next_numbers(org, "incident", count))) for org, count in wanted.items()}


def _alike(
    batch: _Batch, fresh: Sequence[tuple[int, Arrival]], times: Mapping[tuple[int, str], int], node: str | None
) -> Mapping[int, Opening]:
    """What those alerts, by their place, are kept by that open incidents alike, and of which that is all there is to
    say. `fresh` are those that may open one, `times` how often each key is among all that came."""
    if batch.seating is not None or len(fresh) < 2:
        return {}
    patterns: dict[int, tuple[Outcome, list[int]]] = {}
    for place, arrival in fresh:
        org, event = batch.orgs[arrival.org], arrival.event
        if times[arrival.org, event.key] > 1 or arrival.selection or org.acting.takes_turns:
            continue
        pattern = batch.patterns[id(arrival)] = _pattern(batch, org, event, selected(org, event, batch.now))
        patterns.setdefault(id(pattern), (pattern, []))[1].append(place)
    several = [(pattern, places) for pattern, places in patterns.values() if len(places) > 1]
    kept_by = openings(batch.tx, [pattern for pattern, _ in several], node, batch.now)
    batch.storms = [opening for opening in kept_by if opening is not None]
    pairs = zip(several, kept_by, strict=True)
    return {place: opening for (_, places), opening in pairs if opening is not None for place in places}


def _joining(batch: _Batch, opening: Opening, arrival: Arrival, alert_id: str) -> int:
    like, tx = opening.like, batch.tx
    number = _number(batch, arrival.org)
    itself = own(like.after, arrival.event, number, tx.new_id(batch.now), alert_id)
    opening.incidents.append((itself, tuple([tx.new_id(batch.now) for _ in like.deliveries])))
    return number


def _take(batch: _Batch, arrival: Arrival, alert_id: str) -> int | None:
    org, event = batch.orgs[arrival.org], arrival.event
    key = (arrival.org, event.key)
    found = batch.open.get(key)
    if found is None:
        if not opens(org, event):
            return None
        found = _new(batch, org, arrival, alert_id)
    else:
        before = found.outcome.incident
        found.outcome = found.outcome.then(_absorbed(batch, org, found.outcome.incident, (alert_id, event)))
        found.outcome = found.outcome.then(_routed_late(batch, org, found.outcome.incident, event))
        found.outcome = found.outcome.then(_asked_again(batch, org, found.outcome.incident, event))
        found.outcome = found.outcome.then(on_alert(before, found.outcome.incident, org, event, batch.now))
        if found.outcome.incident.group is not None and found.outcome.incident.state is not before.state:
            _tell_group(batch, org, found.outcome.incident)
    _touch(batch, found)
    incident = found.outcome.incident
    batch.joined[arrival.org, incident.number] += 1
    if incident.phase is Phase.RESOLVED:
        batch.open.pop(key, None)
    else:
        batch.open[key] = found
    return incident.number


def _touch(batch: _Batch, one: Open) -> None:
    if not one.touched:
        one.touched = True
        batch.touched.append(one)


def _seating(batch: _Batch, arrivals: Sequence[Arrival]) -> Seating:
    """For alerts that open an incident by themselves."""
    seating = Seating(batch.tx, batch.now, lambda org: _turns(batch, org), lambda one: _touch(batch, one))
    alone = [one for one in arrivals if one.selection is None and (one.org, one.event.key) not in batch.open]
    seating.prepare(((batch.orgs[one.org], one.event) for one in alone), batch.open.values())
    return seating


def _tell_group(batch: _Batch, org: Organization, member: Incident) -> None:
    """A state that is left and entered again within a batch would be gone at its end, when all else is told."""
    if batch.seating is None:
        batch.seating = _seating(batch, ())
    batch.seating.heard(org, member)


def _new(batch: _Batch, org: Organization, arrival: Arrival, alert_id: str) -> Open:
    event = arrival.event
    known = batch.patterns.get(id(arrival))
    if known is not None:
        return Open(None, _opened(batch, known, event, alert_id))
    selection = arrival.selection or selected(org, event, batch.now)
    if batch.seating is None or arrival.selection is not None:
        return Open(None, _opened(batch, _pattern(batch, org, event, selection), event, alert_id))
    seated = batch.seating.seat(org, event, selection)
    one = Open(None, _opened(batch, _pattern(batch, org, event, seated.selection), event, alert_id))
    batch.seating.opened(org, seated, one)
    return one


def _pattern(batch: _Batch, org: Organization, event: AlertEvent, selection: Selection) -> Outcome:
    """What opening an incident comes to. Alerts that select the same and are alike share one.

    What is started is told apart by identity, which holds: the outcome that is known by it keeps the things alive.
    """
    starts = tuple([id(start) for start in selection.starts])
    told = tuple([id(target) for target in selection.notify])
    what = (selection.routing_key, selection.reason, selection.remarks, selection.idle, selection.suppressed)
    alike = (org.number, what, selection.group, starts, told, event.urgency, event.signal, event.lasting)
    outcome = batch.openings.get(alike)
    if outcome is None:
        outcome = _opening(batch, org, selection, event)
        if not outcome.turns:
            batch.openings[alike] = outcome
    return outcome


def _opened(batch: _Batch, pattern: Outcome, event: AlertEvent, alert_id: str) -> Outcome:
    incident = pattern.incident
    number = _number(batch, incident.org)
    return replace(pattern, incident=opened(incident, event, number, batch.tx.new_id(batch.now), alert_id))


def _number(batch: _Batch, org: int) -> int:
    """For an incident that opens: of those taken for the batch, as long as they last."""
    numbers = batch.numbers.get(org)
    return numbers.pop() if numbers else batch.tx.next_numbers(org, "incident", 1)[0]


def _opening(batch: _Batch, org: Organization, selection: Selection, event: AlertEvent) -> Outcome:
    turns = _turns(batch, org)
    outcome = opening(org, selection, event, batch.now, turns)
    turns.update(outcome.turns)
    return outcome


def _absorbed(batch: _Batch, org: Organization, incident: Incident, alert: tuple[str, AlertEvent]) -> Outcome:
    if alert[1].signal is incident.state:  # the usual case: one more of the same
        return absorb(incident, org, alert, batch.now, {})
    turns = _turns(batch, org)
    outcome = absorb(incident, org, alert, batch.now, turns)
    turns.update(outcome.turns)
    return outcome


def _routed_late(batch: _Batch, org: Organization, incident: Incident, event: AlertEvent) -> Outcome:
    """An incident that was no trouble when it opened asks the routes when it becomes some. Where nothing was started
    until now, it is as urgent as that alert."""
    if not incident.course.unrouted or incident.phase is Phase.RESOLVED or not asks_routes(org, event):
        return Outcome(incident)
    turns, selection = _turns(batch, org), select_late(org, event, batch.now)
    if incident.course.starts:
        outcome = following.route(incident, org, selection, batch.now, turns)
    else:
        outcome = following.route(replace(incident, urgency=own_urgency(event)), org, selection, batch.now, turns)
        urgent = replace(outcome.incident, urgency=urgency_of(event, selection.starts))
        outcome = replace(outcome, incident=urgent)
    turns.update(outcome.turns)
    return outcome


def _asked_again(batch: _Batch, org: Organization, incident: Incident, event: AlertEvent) -> Outcome:
    """What rules beside the others add by now: they may ask for what only a later alert tells."""
    rules = following.could_add(org, incident) if org.acting.rules_beside else []
    if not rules:
        return Outcome(incident)
    conditions = [rule.condition for rule in rules]
    limit = facts.wanted(conditions)
    moments = _moments(batch, incident, limit) if limit else ()
    known = facts.of_open(org, incident, batch.now, moments, conditions)
    found = applying(org.acting, rules, event, batch.now, known)
    if not found:
        return Outcome(incident)
    turns = _turns(batch, org)
    outcome = following.join(incident, org, found, batch.now, turns)
    turns.update(outcome.turns)
    return outcome


def _moments(batch: _Batch, incident: Incident, limit: int) -> tuple[int, ...]:
    """When the incident's newest alerts came: those of this batch are not stored yet."""
    stored = batch.tx.alerts(AlertQuery(incident.org, incident.number, limit=limit))
    fresh = batch.joined.get((incident.org, incident.number), 0) + 1
    return (*(alert.received_at for alert in stored), *(batch.now for _ in range(fresh)))


def _turns(batch: _Batch, org: Organization) -> Counter[str]:
    turns = batch.turns.get(org.number)
    if turns is None:
        turns = batch.turns[org.number] = Counter(turns_of(batch.tx, org))
    return turns
