"""A world for stories: an organization, its people's phones, and time that passes only when the story says so.

The store and the use cases are the real ones; the engine is replaced by `pass_`, which takes the next due moment again
and again, sets the clock to it and runs what the engine would run. All times in stories count from their beginning.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from tests.stories.phones import NoAnswer, NodeDied, Phone, Received, clock
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import SECOND
from watchbill.domain.delivery import Delivery, Outcome, Verdict
from watchbill.domain.incident import Actor, Incident
from watchbill.domain.organization import KIND_OF, Change, Endpoint, Entity, Organization, Settings
from watchbill.domain.people import Member, Team
from watchbill.domain.plans import EscalationPolicy, Step, Stop
from watchbill.domain.rota import Layer, Override, Schedule
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Rule, Start
from watchbill.store.database import Database, open_database
from watchbill.usecases import incidents, replies
from watchbill.usecases.alerts import Arrival, Receipt, take_in
from watchbill.usecases.deliveries import Result, Send, claim, record
from watchbill.usecases.explain import Line, explain
from watchbill.usecases.replies import Answer
from watchbill.usecases.simulate import Simulation, simulate

T = TypeVar("T")

MEMORY = "sqlite:///:memory:"
# Monday, 1 June 2026, 00:00 UTC.
BEGINNING = 1_780_272_000 * SECOND
BATCH = 500
NODE = "node"
# The engine gives up on a provider that does not answer after this time.
PATIENCE = 20 * SECOND
# More turns than this at one moment are a circle.
MOST_TURNS = 2_000
ACKNOWLEDGED = frozenset({Stop.ACKNOWLEDGED, Stop.RESOLVED})
# Verbs that need no more than who does it, and when.
PLAIN = (
    incidents.acknowledge,
    incidents.unacknowledge,
    incidents.unsuppress,
    incidents.heal,
    incidents.close,
    incidents.resolve,
    incidents.escalate,
)
SINGLE: Mapping[str, int] = {}


@dataclass(frozen=True, slots=True)
class Pending:
    """A send whose verdict comes later."""

    at: int
    result: Result


class World:
    def __init__(self, url: str = MEMORY, providers: Mapping[str, int] = SINGLE) -> None:
        self._url = url
        self._runner = asyncio.Runner()
        self.db: Database = open_database(url)
        self.now = BEGINNING
        self.running = True
        self.providers = providers
        self._phones: dict[str, Phone] = {}
        self._numbers: dict[str, int] = {}
        self._pending: deque[Pending] = deque()
        self.org = self.write(lambda tx: tx.create_organization("acme", "Acme", None, self.now)).number

    def close(self) -> None:
        self.db.close()
        self._runner.close()

    def run(self, what: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(what)

    def write(self, fn: Callable[..., T], *args: Any) -> T:
        return self._runner.run(self.db.write(fn, *args))

    # --- How the organization is set up
    def has(self, *entities: Entity) -> None:
        changes = [Change(KIND_OF[type(one)], getattr(one, "id", "settings"), one) for one in entities]
        self.write(lambda tx: tx.change(self.org, changes, "story", self.now))

    def loses(self, *entities: Entity) -> None:
        changes = [Change(KIND_OF[type(one)], getattr(one, "id", "settings"), None) for one in entities]
        self.write(lambda tx: tx.change(self.org, changes, "story", self.now))

    @property
    def organization(self) -> Organization:
        found: Organization = self.write(lambda tx: tx.organization(self.org))
        return found

    def policy(self, name: str, *steps: Step, **more: Any) -> None:
        """Ended by an acknowledgement, unless told otherwise."""
        named = tuple(replace(one, id=one.id or f"{name}/{place}") for place, one in enumerate(steps, 1))
        more.setdefault("stop_on", ACKNOWLEDGED)
        self.has(EscalationPolicy(name, 1, name, name, named, **more))

    def key(self, name: str, *policies: str, default: bool = False, multi: bool = False, **start: Any) -> None:
        """A routing key with these policies, all started alike."""
        starts = tuple(Start(policy, **start) for policy in policies)
        self.has(RoutingKey(name, 1, name, starts, multi, default))

    def team(self, name: str, *members: str) -> None:
        self.has(Team(name, 1, name, name, members=tuple(Member(one) for one in members)))

    def schedule(self, name: str, *layers: Layer, zone: str = "UTC", **more: Any) -> None:
        self.has(Schedule(name, 1, name, name, zone, layers, **more))

    def rule(self, name: str, order: int = 1, **more: Any) -> None:
        self.has(Rule(name, order, name, order, **more))

    def hook(self, name: str, kind: str = "webhook") -> None:
        self.has(Endpoint(name, 1, name, name, kind, f"https://{name}.example"))

    def settings(self, **fields: Any) -> None:
        self.has(replace(self.organization.settings, **fields) if fields else Settings())

    def window(self, name: str, *keys: str, start: int = 0, end: int | None = None, **more: Any) -> MaintenanceWindow:
        """Maintenance of these routing keys, or of everything."""
        until = None if end is None else BEGINNING + end
        window = MaintenanceWindow(name, 1, name, name, BEGINNING + start, until, keys or None, **more)
        self.has(window)
        self.wakes_muted()
        return window

    def wakes_muted(self) -> None:
        self.write(lambda tx: tx.wake_muted(self.org, self.now))

    def override(self, cover: str, for_: str | None = None, *, start: int, end: int, **more: Any) -> None:
        id = f"{cover} for {for_} {len(self.organization.overrides)}"
        self.has(Override(id, BEGINNING + start, BEGINNING + end, self.now, for_, cover, **more))

    # --- What happens
    @property
    def elapsed(self) -> int:
        return self.now - BEGINNING

    def alert(self, routing_key: str | None, title: str, signal: Signal = Signal.CRITICAL, **more: Any) -> int | None:
        """An alert whose deduplication key is its title; the number of the incident it opened or joined."""
        return self.alerts(AlertEvent(signal, more.pop("key", title), title, routing_key=routing_key, **more))[
            0
        ].incident

    def alerts(self, *events: AlertEvent) -> list[Receipt]:
        arrivals = [Arrival(self.org, "story", event) for event in events]
        taken = self.write(take_in, self.now, NODE if self.running else None, arrivals)
        self.remembers(taken.receipts)
        self._hand_over_all(taken.kept.sends)
        if self.running:
            self.pass_(0)
        return taken.receipts

    def remembers(self, receipts: Sequence[Receipt]) -> None:
        """Which incident a title stands for."""
        self._numbers.update({one.key: one.incident for one in receipts if one.incident is not None})

    def recovers(self, title: str) -> None:
        self.alert(None, title, Signal.RECOVERY)

    def does(self, verb: Callable[..., Incident], who: str, title: str, *args: Any) -> Incident:
        """One of the verbs of `usecases.incidents`, by a user, to the incident of that title."""
        actor = Actor(who, who if who in self.organization.users else None)
        number = self._numbers[title]
        if verb in PLAIN:
            found = self.write(verb, self.org, number, actor, self.now)
        elif verb in (incidents.snooze, incidents.suppress):
            found = self.write(verb, self.org, number, actor, *args, self.now)
        else:
            found = self.write(verb, self.org, number, *args, actor, self.now)
        if self.running:
            self.pass_(0)
        return found

    def acknowledges(self, who: str, title: str) -> Incident:
        return self.does(incidents.acknowledge, who, title)

    def resolves(self, who: str, title: str) -> Incident:
        return self.does(incidents.resolve, who, title)

    def escalates(self, who: str, title: str) -> Incident:
        return self.does(incidents.escalate, who, title)

    def snoozes(self, who: str, title: str, span: int) -> Incident:
        return self.does(incidents.snooze, who, title, self.now + span)

    def reroutes(self, who: str, title: str, *starts: Start) -> Incident:
        return self.does(incidents.reroute, who, title, starts)

    def asks_for(self, who: str, title: str, *starts: Start) -> Incident:
        return self.does(incidents.add_responders, who, title, starts)

    # --- Time
    def pass_(self, span: int) -> None:
        """Time passes, and all that falls due on the way is done, unless the engine is stopped."""
        end = self.now + span
        turns = 0
        while self.running:
            due = self._next_due()
            if due is None or due > end:
                break
            turns = turns + 1 if due <= self.now else 0
            assert turns < MOST_TURNS, "the engine turns in circles"
            self.now = max(self.now, due)
            self._turn()
        self.now = end

    def stays_quiet(self, span: int) -> None:
        """Nobody is sent anything meanwhile."""
        before = {phone.owner: len(phone.received) for phone in self._phones.values()}
        self.pass_(span)
        for phone in self._phones.values():
            assert len(phone.received) == before.get(phone.owner, 0), f"{phone.owner}: {phone.story()}"

    def engine_stops(self) -> None:
        """All that was under way is lost, as when the node dies."""
        self.running = False
        self._pending.clear()

    def restarts(self) -> None:
        """The node is gone with all it had in hand; another opens the database. (One in memory stays as it is.)"""
        self._pending.clear()
        if self._url != MEMORY:
            self.db.close()
            self.db = open_database(self._url)

    def engine_starts(self) -> None:
        self.running = True
        self.pass_(0)

    def jumps(self, span: int) -> None:
        """The clock is set, forward or back."""
        self.now += span

    def _next_due(self) -> int | None:
        moments = self.write(lambda tx: (tx.next_wake_at(), tx.next_delivery_due_at()))
        pending = [one.at for one in self._pending]
        return min((at for at in (*moments, *pending) if at is not None), default=None)

    def _turn(self) -> None:
        """What the engine does at one moment."""
        self._record([one.result for one in self._pending if one.at <= self.now])
        self._pending = deque(one for one in self._pending if one.at > self.now)
        advanced = self.write(incidents.advance_due, self.now, NODE, BATCH)
        assert not advanced.faults, advanced.faults
        self._hand_over_all(advanced.kept.sends)
        self._hand_over_all(self.write(claim, self.now, NODE, BATCH).sends)

    def _hand_over_all(self, sends: Sequence[Send]) -> None:
        results = []
        for send in sends:
            try:
                verdict = self._hand_over(send)
            except NodeDied:
                return
            if verdict is not None:
                results.append(self._result(send, verdict))
        self._record(results)

    def _hand_over(self, send: Send) -> Verdict | None:
        first = send.deliveries[0]
        count = self.providers.get(first.channel, 1)
        if first.provider >= count:
            return Verdict(Outcome.NEVER, "no provider")
        phone = self._phone_of(first)
        try:
            return phone.take(send.message, first, self._answer)
        except NoAnswer:
            late = self._result(send, Verdict(Outcome.RETRY, "no answer"))
            self._pending.append(Pending(self.now + PATIENCE, late))
            return None

    def _result(self, send: Send, verdict: Verdict) -> Result:
        return Result(send.deliveries, verdict, self.providers.get(send.deliveries[0].channel, 1), 0.0)

    def _record(self, results: list[Result]) -> None:
        if results:
            self.write(record, results, self.now)

    # --- What people see
    def phone(self, owner: str) -> Phone:
        """Of a user by name; of a machine by its address, or the name of its endpoint."""
        return self._phones.setdefault(owner, Phone(owner, lambda: self.elapsed))

    def _phone_of(self, delivery: Delivery) -> Phone:
        endpoint = self.organization.endpoints.get(delivery.contact_id or "")
        return self.phone(delivery.user_id or (endpoint.name if endpoint else delivery.address))

    def _answer(self, received: Received, what: str) -> None:
        answer = Answer.ACKNOWLEDGE if what == "ack" else Answer.RESOLVE
        self.write(replies.answer, self.org, received.message.delivery_id, answer, self.now)
        if self.running:
            self.pass_(0)

    def number(self, title: str) -> int:
        return self._numbers[title]

    def incident(self, title: str) -> Incident:
        found: Incident = self.write(lambda tx: tx.incident(self.org, self._numbers[title]))
        return found

    def deliveries(self, title: str) -> list[Delivery]:
        return self.write(lambda tx: tx.deliveries(self.org, self._numbers[title]))

    def story(self, title: str) -> tuple[Line, ...]:
        return self.write(explain, self.org, self._numbers[title]).lines

    def tells(self, title: str, *texts: str) -> None:
        """The explanation of that incident says all this."""
        lines = [f"{clock(line.at - BEGINNING)} {line.kind}: {line.text}" for line in self.story(title)]
        for text in texts:
            assert any(text in line for line in lines), f"'{text}' is nowhere in:\n" + "\n".join(lines)

    def would_happen(self, event: AlertEvent, horizon: int) -> Simulation:
        return self.write(simulate, self.org, event, self.now, horizon)

    def nothing_else_was_sent(self) -> None:
        for phone in self._phones.values():
            phone.expects_nothing()
