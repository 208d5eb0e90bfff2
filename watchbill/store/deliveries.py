"""Deliveries: claimed when due, kept with their outcome. Also whose turn it is in a round-robin."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from collections.abc import Mapping, Sequence
from dataclasses import replace

from watchbill.domain.delivery import Delivery, Purpose, State
from watchbill.domain.errors import NotFound
from watchbill.domain.people import Urgency
from watchbill.domain.sending import contact_of
from watchbill.store.base import Part
from watchbill.store.codec import Rest, builder
from watchbill.store.ids import first_id
from watchbill.store.session import Row
from watchbill.store.tables import DELIVERY, INT, TEXT, Lookup, Update, Upsert

COLUMNS = ("org", "id", "incident", "urgency", "state", "due_at", "sent_at", "attempts", "claimed_by")
BODY = Rest(Delivery, COLUMNS)
build_delivery = builder(Delivery, (*COLUMNS, *BODY.names))
SELECT = f"SELECT {DELIVERY.names} FROM delivery"
RANKS = {Urgency.HIGH: 0, Urgency.LOW: 1}
URGENCIES = {rank: urgency for urgency, rank in RANKS.items()}
STATES = {state.value: state for state in State}
OPEN = "state IN ('waiting', 'claimed')"

KEEP = Upsert(DELIVERY, ("incident", "contact", "rank", "state", "due_at", "sent_at", "attempts", "claimed_by", "body"))
CLAIM = Update(DELIVERY, ("state", "due_at", "attempts", "claimed_by"), ("org", "id"))
HAND_OVER = Update(DELIVERY, ("sent_at",), ("org", "id"))
SENT = Lookup(
    {"org": INT, "contact": TEXT, "since": INT},
    "SELECT d.org, d.contact, d.sent_at, d.id FROM wanted CROSS JOIN delivery d "
    "WHERE d.org = wanted.org AND d.contact = wanted.contact AND d.sent_at >= wanted.since "
    "AND d.sent_at IS NOT NULL AND d.state <> 'carried'",
)
DELIVERED = Lookup(
    {"org": INT, "id": TEXT},
    "SELECT d.org, d.id FROM wanted CROSS JOIN delivery d "
    "WHERE d.org = wanted.org AND d.id = wanted.id AND d.state = 'delivered'",
)
TURNS = Lookup(
    {"org": INT, "step_id": TEXT},
    "SELECT t.step_id, t.used FROM wanted CROSS JOIN turn t WHERE t.org = wanted.org AND t.step_id = wanted.step_id",
)


def delivery_row(delivery: Delivery) -> Row:
    d = delivery
    return (
        d.org,
        d.id,
        d.incident,
        contact_of(d),
        RANKS[d.urgency],
        d.state,
        d.due_at,
        d.sent_at,
        d.attempts,
        d.claimed_by,
        BODY.encode(d),
    )


def _delivery(row: Row) -> Delivery:
    org, id, incident, _, rank, state, *plain, body = row
    return build_delivery((org, id, incident, URGENCIES[rank], STATES[state], *plain, *BODY.decode(body)))


def _place(delivery: Delivery) -> tuple[int, Purpose, str, str, str]:
    return delivery.org, delivery.purpose, delivery.channel, delivery.address, contact_of(delivery)


class Deliveries(Part):
    def claim_deliveries(
        self, now: int, lease: int, node: str, limit: int, contacts: Sequence[tuple[int, str]] = ()
    ) -> list[Delivery]:
        due: list[Delivery] = []
        # The sign keeps SQLite from looking through all that was ever sent to an organization's contacts.
        of = f" AND (+org, contact) IN (VALUES {', '.join(['(?, ?)'] * len(contacts))})" if contacts else ""
        for rank in URGENCIES:
            rows = self._session.rows(
                f"{SELECT} WHERE {OPEN} AND rank = ? AND due_at <= ?{of} ORDER BY due_at LIMIT ?{{skip}}",
                (rank, now, *(part for contact in contacts for part in contact), limit - len(due)),
            )
            due += map(_delivery, rows)
        claimed = [
            replace(each, state=State.CLAIMED, due_at=now + lease, attempts=each.attempts + 1, claimed_by=node)
            for each in due
        ]
        self._session.update(
            CLAIM, [(each.state, each.due_at, each.attempts, each.claimed_by, each.org, each.id) for each in claimed]
        )
        return claimed

    def hand_over(self, deliveries: Sequence[Delivery], now: int) -> None:
        self._session.update(HAND_OVER, [(now, each.org, each.id) for each in deliveries])

    def claimed_deliveries(self, node: str, until: int) -> list[Delivery]:
        rows = self._session.rows(f"{SELECT} WHERE {OPEN} AND rank IN (0, 1) AND due_at = ?{{lock}}", (until,))
        found = map(_delivery, rows)
        return [each for each in found if each.state is State.CLAIMED and each.claimed_by == node]

    def put_off_delivery(self, now: int, until: int) -> tuple[int, str] | None:
        first = (
            f"SELECT org, id FROM delivery WHERE {OPEN} AND rank = ? AND due_at <= ? ORDER BY due_at LIMIT 1{{skip}}"
        )
        for rank in URGENCIES:
            for org, id in self._session.rows(first, (rank, now)):
                self._session.run("UPDATE delivery SET due_at = ? WHERE org = ? AND id = ?", (until, org, id))
                return org, id
        return None

    def next_delivery_due_at(self) -> int | None:
        moments = [
            self._session.rows(f"SELECT MIN(due_at) FROM delivery WHERE {OPEN} AND rank = ?", (rank,))[0][0]
            for rank in URGENCIES
        ]
        return min((moment for moment in moments if moment is not None), default=None)

    def keep_deliveries(self, deliveries: Sequence[Delivery]) -> None:
        last = {(each.org, each.id): each for each in deliveries}
        self._session.upsert(KEEP, [delivery_row(each) for _, each in sorted(last.items())])

    def delivered(self, keys: Sequence[tuple[int, str]]) -> set[tuple[int, str]]:
        return {(org, id) for org, id in self._session.find(DELIVERED, keys)}

    def delivery(self, org: int, id: str) -> Delivery:
        rows = self._session.rows(f"{SELECT} WHERE org = ? AND id = ?{{lock}}", (org, id))
        if not rows:
            raise NotFound(f"there is no delivery '{id}'")
        return _delivery(rows[0])

    def carried_by(self, org: int, carrier_id: str) -> list[Delivery]:
        """They left with their carrier, so to the same contact at the same moment. While it is under way they are what
        was claimed with it for that contact, but for what leaves in messages of its own."""
        carrier = self.delivery(org, carrier_id)
        if carrier.state is State.CLAIMED:
            found = self.claimed_deliveries(carrier.claimed_by, carrier.due_at)
            return [each for each in found if each.sent_at is None and _place(each) == _place(carrier)]
        rows = self._session.rows(
            f"{SELECT} WHERE org = ? AND contact = ? AND sent_at = ?", (org, contact_of(carrier), carrier.sent_at)
        )
        return [each for each in map(_delivery, rows) if each.carrier_id == carrier_id]

    def deliveries(self, org: int, number: int) -> list[Delivery]:
        rows = self._session.rows(f"{SELECT} WHERE org = ? AND incident = ? ORDER BY id", (org, number))
        return sorted(map(_delivery, rows), key=lambda each: each.created_at)

    def recent_deliveries(self, org: int, since: int, limit: int) -> list[Delivery]:
        """Ids rise with time, so they are found by the primary key."""
        rows = self._session.rows(
            f"{SELECT} WHERE org = ? AND id >= ? ORDER BY id DESC LIMIT ?", (org, first_id(since), limit)
        )
        return [_delivery(row) for row in rows]

    def sends_since(self, contacts: Sequence[tuple[int, str]], since: int) -> dict[tuple[int, str], tuple[int, ...]]:
        """A message that carried others counts once."""
        moments: dict[tuple[int, str], list[int]] = {contact: [] for contact in contacts}
        rows = self._session.find(SENT, [(org, contact, since) for org, contact in moments])
        for org, contact, at, _ in sorted(set(rows)):
            moments[org, contact].append(at)
        return {contact: tuple(sent) for contact, sent in moments.items()}

    def turns(self, org: int, step_ids: Sequence[str]) -> dict[str, int]:
        used = dict.fromkeys(step_ids, 0)
        used.update(self._session.find(TURNS, [(org, step) for step in used]))
        return used

    def use_turns(self, org: int, used: Mapping[str, int]) -> None:
        """Adds to what was used before."""
        for step, count in sorted(used.items()):
            self._session.run(
                "INSERT INTO turn (org, step_id, used) VALUES (?, ?, ?) "
                "ON CONFLICT (org, step_id) DO UPDATE SET used = turn.used + excluded.used",
                (org, step, count),
            )
