"""Figures about the whole store, and forgetting what is old."""

# ruff: noqa: S608 - statements are put together from our own names; values are always parameters

from watchbill.domain.records import Health
from watchbill.store.deliveries import OPEN, Deliveries
from watchbill.store.incidents import Incidents

FINISHED = (
    "SELECT org, number, opening FROM incident WHERE phase = 'resolved' AND phase_at < ? "
    "ORDER BY phase_at LIMIT ?{skip}"
)
BELONGING = ("timeline", "alert", "delivery")
# What incidents that opened alike have in common goes with the last of them: two nodes that each take some of them away
# wait for each other.
HOLD_OPENING = "SELECT number FROM opening WHERE org = ? AND number = ?{lock}"
FORGET_OPENING = (
    "DELETE FROM opening WHERE org = ? AND number = ? AND NOT EXISTS (SELECT 1 FROM incident i "
    "WHERE i.org = opening.org AND i.number BETWEEN opening.number AND opening.last AND i.opening = opening.number)"
)
# A ticket outlives its incident, until it is closed itself.
CLOSED = "SELECT org, number FROM ticket WHERE status = 'Closed' AND updated_at < ? ORDER BY updated_at LIMIT ?"
# What belongs to no incident: alerts that opened none, and notices and tests.
LOOSE = {
    "alert": "SELECT org, id FROM alert WHERE incident IS NULL AND received_at < ? ORDER BY received_at LIMIT ?",
    "delivery": "SELECT org, id FROM delivery WHERE incident IS NULL AND due_at < ? "
    "AND state NOT IN ('waiting', 'claimed') ORDER BY due_at LIMIT ?",
}
# Of a group that began so long ago.
SEATS = "SELECT org, key FROM seat WHERE since < ? ORDER BY since LIMIT ?{skip}"


class Housekeeping(Incidents, Deliveries):
    def health(self, now: int) -> Health:
        """`now` is not needed to tell this, but every answer about the present is asked with it."""
        open_, stuck, waiting = (
            self._session.rows(f"SELECT COUNT(*) FROM {what}")[0][0]
            for what in (
                "incident WHERE phase <> 'resolved'",
                "incident WHERE live = 1 AND wake_at IS NULL",
                f"delivery WHERE {OPEN}",
            )
        )
        return Health(open_, self.next_wake_at(), stuck, waiting, self.next_delivery_due_at())

    def forget_before(self, moment: int, limit: int) -> int:
        """At most `limit` incidents, as many tickets, seats, and alerts and notices that belong to none, go at a time.
        0: none left."""
        gone = self._forget_incidents(moment, limit) + self._forget_tickets(moment, limit)
        return gone + self._forget_loose(moment, limit) + self._forget_seats(moment, limit)

    def _forget_tickets(self, moment: int, limit: int) -> int:
        removed = 0
        for org, number in self._session.rows(CLOSED, (moment, limit)):
            for name in ("remark", "training_case"):
                removed += self._session.run(f"DELETE FROM {name} WHERE org = ? AND ticket = ?", (org, number))
            removed += self._session.run("DELETE FROM ticket WHERE org = ? AND number = ?", (org, number))
        return removed

    def _forget_seats(self, moment: int, limit: int) -> int:
        removed = 0
        for org, key in self._session.rows(SEATS, (moment, limit)):
            removed += self._session.run("DELETE FROM seat WHERE org = ? AND key = ?", (org, key))
        return removed

    def _forget_incidents(self, moment: int, limit: int) -> int:
        gone = self._session.rows(FINISHED, (moment, limit))
        removed = 0
        for org, number, _ in gone:
            for name in BELONGING:
                removed += self._session.run(f"DELETE FROM {name} WHERE org = ? AND incident = ?", (org, number))
            removed += self._session.run("DELETE FROM incident WHERE org = ? AND number = ?", (org, number))
        for opening in sorted({(org, opening) for org, _, opening in gone if opening is not None}):
            self._session.rows(HOLD_OPENING, opening)
            self._session.run(FORGET_OPENING, opening)
        return removed

    def _forget_loose(self, moment: int, limit: int) -> int:
        removed = 0
        for name, old in LOOSE.items():
            for org, id in self._session.rows(old, (moment, limit)):
                removed += self._session.run(f"DELETE FROM {name} WHERE org = ? AND id = ?", (org, id))
        return removed
