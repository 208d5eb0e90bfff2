"""What a process keeps between transactions. All of it is committed, and all of it may be forgotten at any time."""

from watchbill.domain.incident import Course
from watchbill.domain.organization import Organization
from watchbill.store.bounded import Bounded
from watchbill.store.ids import Ids
from watchbill.store.plans import Plans
from watchbill.store.snapshots import Pending

COURSES = 4096


class Cache:
    def __init__(self) -> None:
        self.ids = Ids()
        self.plans = Plans()
        self.courses: Bounded[tuple[bytes, str], Course] = Bounded(COURSES)
        self._organizations: dict[int, Organization] = {}

    def forget(self) -> None:
        """All that is true of one database only: the one connected to now may be another, that has taken over and
        lacks the last changes. A plan that is taken to be stored there and is not makes incidents unreadable."""
        self._organizations.clear()
        self.plans.stored.clear()

    def organization(self, number: int) -> Organization | None:
        return self._organizations.get(number)

    def publish(self, pending: Pending) -> None:
        """After the commit. A transaction that read an older snapshot doesn't turn the cache back."""
        for number, organization in pending.organizations.items():
            known = self._organizations.get(number)
            if known is None or self._gives_way(known, organization):
                self._organizations[number] = organization
        self.plans.mark_stored(pending.plans)

    def _gives_way(self, known: Organization, organization: Organization) -> bool:
        """To a newer one; and a client to one that is as new, when two transactions that first read it side by side
        have left it with another value of its partner than is kept. Each later one would make it anew for itself, and
        all that is worked out once for a value."""
        if _versions(known) != _versions(organization):
            return _versions(known) < _versions(organization)
        return known.partner is not None and known.partner is not self._organizations.get(known.partner.number)


def _versions(organization: Organization) -> tuple[int, int]:
    """Of its own configuration, then of its partner's."""
    return organization.version, organization.partner.version if organization.partner else 0
