"""A world at random: people who answer or not, providers that fail, nodes that die, clocks that jump, maintenance that
comes and goes. The same seed is the same story."""

import random
from collections.abc import Callable, Mapping
from typing import Any

from tests.stories.phones import Trouble
from tests.stories.town import hook, layer, paged_by, person, policy, ring, schedule, step, team
from tests.stories.world import BEGINNING, MEMORY, World
from watchbill.domain.alert import AlertEvent, Signal
from watchbill.domain.civil import HOUR, MINUTE, SECOND
from watchbill.domain.delivery import Delivery, Outcome, State
from watchbill.domain.errors import Conflict
from watchbill.domain.incident import Incident, Phase
from watchbill.domain.people import Role, Urgency
from watchbill.domain.plans import Assignment, Stop
from watchbill.domain.record import replace
from watchbill.domain.records import Health, IncidentQuery
from watchbill.domain.routes import Alike, Grouping, Start
from watchbill.usecases.alerts import Arrival, receive
from watchbill.usecases.deliveries import Send

PEOPLE = ("ann", "bob", "carl", "dora", "emil")
KEYS = ("simple", "deep", "turns", "passes", "many", "mute", "nowhere")
# The engine looks this often: moments that are close fall together, as they do under load.
POLL = 5 * SECOND
ACK_TIMEOUT = 40 * MINUTE
# Of a thousand transactions so many kill the node.
DEADLY = 4


class NodeDied(Exception):
    """Before, within or after a transaction."""


class Chaos(World):
    def __init__(self, seed: int, url: str = MEMORY) -> None:
        self.dice = random.Random(seed)
        self.deadly = 0
        self.arrived: set[str] = set()
        super().__init__(url, {"sms": 2})
        self.opened = 0
        self.latest = 0
        self._set_up()

    def _set_up(self) -> None:
        for name in PEOPLE:
            low = paged_by("low", ring("email"), repeats=True, urgency=Urgency.LOW)
            own = paged_by("own", ring("pocket", then=2 * MINUTE), ring("sms", "voice", then=9 * MINUTE), repeats=True)
            self.has(person(name, policies=(low, own)))
        self.has(person("mute", contacts=()), person("boss", ring("sms"), role=Role.GLOBAL_ADMIN))
        self.hook("hook")
        self.team("team", "dora", "emil")
        self.schedule("rota", layer("ann", "bob", "", start=BEGINNING, days=1))
        self.policy("simple", step("ann"), step("bob", wait=5 * MINUTE), step(team("team"), wait=10 * MINUTE))
        self.policy("deep", step(policy("simple"), wait=MINUTE), step(schedule("rota"), hook("hook"), wait=7 * MINUTE))
        turns = step("carl", "dora", "mute", assignment=Assignment.ROUND_ROBIN)
        self.policy("turns", turns, step("emil", wait=5 * MINUTE))
        self.policy("passes", step("carl"), step("mute"), passes=3, end_wait=20 * MINUTE, pagings_go_on=False)
        self.policy("mute", step("mute", repeat_every=MINUTE, repeat_limit=3), stop_on=frozenset({Stop.ACKNOWLEDGED}))
        for key in KEYS[:4]:
            self.key(key, key, ack_timeout=self.dice.choice([None, ACK_TIMEOUT]))
        self.key("many", "simple", "turns", multi=True)
        self.key("mute", "mute")

    # --- Faults of the node
    def write(self, fn: Callable[..., Any], *args: Any) -> Any:
        core = getattr(fn, "__name__", "") != "<lambda>"  # not what the world itself looks up or sets up
        fate = self.dice.randrange(1000) if self.deadly and core else 1000
        if fate >= self.deadly:
            return super().write(fn, *args)
        if fate % 3 == 0:
            raise NodeDied
        if fate % 3 == 1:
            return super().write(_dies_inside, fn, *args)
        super().write(fn, *args)
        raise NodeDied

    def safely(self, act: Callable[[], object]) -> bool:
        """Whether it was done; else the node died of it, or it was refused."""
        try:
            act()
        except NodeDied:
            self._pending.clear()
            return False
        except Conflict:
            return False
        return True

    def pass_(self, span: int) -> None:
        """Whatever dies on the way is started anew."""
        end = self.now + span
        self.latest = max(self.latest, end)
        while not self.safely(lambda: World.pass_(self, max(0, end - self.now))):
            pass

    def _next_due(self) -> int | None:
        due = super()._next_due()
        return None if due is None else max(self.now, -(-due // POLL) * POLL)

    def _hand_over(self, send: Send) -> Any:
        verdict = super()._hand_over(send)
        if verdict is not None and verdict.outcome is Outcome.ACCEPTED:
            self.arrived.add(send.message.delivery_id)
        return verdict

    # --- What happens
    def something_happens(self, most: int) -> None:
        dice = self.dice
        acts: tuple[tuple[Callable[[], None], int], ...] = (
            (lambda: self._alerts(most), 90),
            (self._recoveries, 50),
            (self._answers, 60),
            (self._verbs, 15),
            (self._troubles, 15),
            (self._maintenance, 4),
            (self._downtime, 3),
            (self._jump, 2),
        )
        for act, odds in acts:
            if dice.randrange(100) < odds:
                act()
        self.pass_(dice.choice([0, 1, 10, 60, 200]) * SECOND)

    def _alerts(self, most: int) -> None:
        dice = self.dice
        count = min(most - self.opened, dice.choice([1, 1, 3, 10, 40, 40, 120]))
        titles = [f"t{self.opened + place}" for place in range(count)]
        titles += [dice.choice(sorted(self._numbers)) for _ in range(dice.randrange(3)) if self._numbers]
        self.opened += count
        self._send([self._event(title) for title in titles])

    def _event(self, title: str) -> AlertEvent:
        signal = self.dice.choice([Signal.CRITICAL, Signal.CRITICAL, Signal.WARNING])
        return AlertEvent(signal, title, title, routing_key=self.dice.choice(KEYS))

    def _send(self, events: list[AlertEvent]) -> None:
        """A sender sends until it is answered."""
        arrivals = [Arrival(self.org, "chaos", event) for event in events]
        while True:
            try:
                receipts = self.write(receive, arrivals, self.now)
            except NodeDied:
                continue
            break
        for receipt in receipts:
            if receipt.incident is not None:
                self._numbers[receipt.key] = receipt.incident

    def _recoveries(self) -> None:
        alive = list(self._numbers)
        gone = self.dice.sample(alive, min(len(alive), self.dice.choice([1, 20, 80])))
        self._send([AlertEvent(Signal.RECOVERY, title, title) for title in gone])
        for title in gone:
            del self._numbers[title]

    def _answers(self) -> None:
        for name in self.dice.sample(PEOPLE, 3):
            for page in self.phone(name).received[-8:]:
                what = self.dice.choice(["ack", "ack", "resolve", ""])
                if what:
                    self.safely(lambda page=page, what=what: page.replies(what))  # type: ignore[misc]

    def _verbs(self) -> None:
        if not self._numbers:
            return
        who, title = self.dice.choice(PEOPLE), self.dice.choice(sorted(self._numbers))
        verbs: list[Callable[[], object]] = [
            lambda: self.snoozes(who, title, self.dice.choice([1, 30, 90]) * MINUTE),
            lambda: self.escalates(who, title),
            lambda: self.reroutes(who, title, Start("turns"), Start(user_id="ann")),
            lambda: self.asks_for(who, title, Start(user_id="bob"), Start("mute")),
        ]
        self.safely(self.dice.choice(verbs))

    def _troubles(self) -> None:
        for owner in (*PEOPLE, "boss", "hook"):
            phone = self.phone(owner)
            phone.works()
            if self.dice.randrange(3) == 0:
                kind = self.dice.choice([Trouble.RETRY, Trouble.NEVER, Trouble.HANGS, Trouble.CRASHES])
                channel = self.dice.choice(["pocket", "sms", "email", None])
                phone.breaks(kind, channel, provider=0, times=self.dice.choice([1, 5, 40]))

    def _maintenance(self) -> None:
        windows = list(self.organization.windows.values())
        if windows:
            self.loses(*windows)
            self.wakes_muted()
        else:
            keys = self.dice.choice([(), ("simple", "turns")])
            self.window("work", *keys, start=-HOUR, end=self.dice.choice([None, self.elapsed + 30 * MINUTE]))

    def _downtime(self) -> None:
        self.running = False
        self.pass_(self.dice.choice([1, 20, 120]) * MINUTE)
        self.running = True

    def _jump(self) -> None:
        self.jumps(self.dice.choice([-HOUR, -5 * MINUTE, -SECOND, SECOND, 5 * MINUTE, HOUR]))

    # --- The end
    def comes_to_rest(self) -> None:
        """Everything works again, maintenance is over, and the clock passes all that was due by it; what somebody had
        acknowledged may have to be paged once more."""
        self.deadly = 0
        for owner in (*PEOPLE, "boss", "hook"):
            self.phone(owner).works()
        self.loses(*self.organization.windows.values())
        self.wakes_muted()
        self.pass_(max(0, self.latest - self.now) + ACK_TIMEOUT + 10 * MINUTE)

    def every_incident(self) -> list[Incident]:
        found: list[Incident] = self.write(lambda tx: tx.incidents(IncidentQuery(self.org, limit=1_000_000)))
        return found

    def health(self) -> Health:
        found: Health = self.write(lambda tx: tx.health(self.now))
        return found

    def reached(self, incident: Incident) -> bool:
        """Whether any page of it left and arrived: by what the phones say, not by what we noted."""
        pages: list[Delivery] = self.write(lambda tx: tx.deliveries(self.org, incident.number))
        return any((one.carrier_id if one.state is State.CARRIED else one.id) in self.arrived for one in pages)


def _dies_inside(tx: object, fn: Callable[..., Any], *args: Any) -> None:
    fn(tx, *args)
    raise NodeDied


class GroupedChaos(Chaos):
    """Where alerts of one host belong together, and some last until somebody closes them."""

    def _set_up(self) -> None:
        super()._set_up()
        self.rule("hosts", beside=True, grouping=Grouping(20 * MINUTE, alike=(Alike(("host",)),)))

    def _event(self, title: str) -> AlertEvent:
        host = self.dice.choice(["", "", "web1", "web2", f"web{self.dice.randrange(3, 20)}"])
        return replace(super()._event(title), host=host, lasting=bool(host) and self.dice.randrange(2) == 0)


def lost(world: Chaos) -> list[Incident]:
    """Incidents that nobody heard of although they are triggered, and that don't say so."""
    known = {one.number: one for one in world.every_incident()}
    return [one for one in known.values() if _is_lost(world, one, known.get(one.group or 0), known)]


def _is_lost(world: Chaos, one: Incident, group: Incident | None, known: Mapping[int, Incident]) -> bool:
    """Not where an alert of a group was paged: what stands for all of them is told of to whom that is news."""
    pages = group or one
    quiet = any(each.healed_at is not None or each.course.idle or each.unreached for each in (one, pages))
    if quiet or one.phase is not Phase.TRIGGERED or pages.phase is not Phase.TRIGGERED:
        return False
    members = [known[member.number] for member in pages.members]
    return not any(world.reached(each) for each in (one, pages, *members))
