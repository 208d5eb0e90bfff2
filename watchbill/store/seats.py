"""Which incident was seen last of alerts that belong together."""

from collections.abc import Sequence

from watchbill.domain.belonging import Seat
from watchbill.store.base import Part
from watchbill.store.tables import INT, SEAT, TEXT, Lookup, Update

OF_KEY = Lookup(
    {"org": INT, "key": TEXT},
    "SELECT s.org, s.key, s.incident, s.since FROM wanted CROSS JOIN seat s "
    "WHERE s.org = wanted.org AND s.key = wanted.key",
    "ORDER BY s.org, s.key FOR UPDATE",
)
MOVED = Update(SEAT, ("incident", "since"), ("org", "key"))


class Seats(Part):
    def seats(self, keys: Sequence[tuple[int, str]]) -> dict[tuple[int, str], Seat]:
        found = self._session.find(OF_KEY, keys)
        return {(org, key): Seat(org, key, incident, since, stored=True) for org, key, incident, since in found}

    def keep_seats(self, seats: Sequence[Seat]) -> None:
        """A seat that somebody else took meanwhile can't be added: the race is lost."""
        fresh = [(one.org, one.key, one.incident, one.since) for one in seats if not one.stored]
        self._session.insert(SEAT, sorted(fresh))
        self._session.update(MOVED, sorted((one.incident, one.since, one.org, one.key) for one in seats if one.stored))
