"""The plans of incidents: snapshots of policies, of which thousands of incidents share a few.

A plan is stored once by the digest of its text, so an incident's row holds 16 bytes in place of kilobytes, and reading
ten thousand incidents decodes it once.
"""

from hashlib import blake2b

from watchbill.domain.incident import Course
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.routes import Start
from watchbill.store.bounded import Bounded
from watchbill.store.codec import decode, encode_steadily

NO_PLAN = b""
Plan = tuple[tuple[EscalationPolicy, ...], tuple[Start, ...]]
EMPTY: Plan = ((), ())
LIMIT = 4096


class Plans:
    """Known to the process: texts of plans in hand (by identity), decoded plans (by digest). Any may be forgotten."""

    def __init__(self) -> None:
        self._texts: Bounded[tuple[int, ...], tuple[Plan, bytes, str]] = Bounded(LIMIT)
        self._decoded: Bounded[bytes, Plan] = Bounded(LIMIT)
        self.stored: set[tuple[int, bytes]] = set()

    def digest(self, course: Course) -> tuple[bytes, str]:
        """The digest and text of the course's plan. The entry keeps the objects alive, so their ids stay theirs."""
        plan = (course.policies, course.starts)
        if plan == EMPTY:
            return NO_PLAN, ""
        ids = (len(course.policies), *map(id, course.policies), *map(id, course.starts))
        known = self._texts.get(ids)
        if known is None:
            text = encode_steadily(plan)
            known = (plan, blake2b(text.encode(), digest_size=16).digest(), text)
            self._texts.put(ids, known)
        return known[1], known[2]

    def of(self, digest: bytes) -> Plan | None:
        return EMPTY if digest == NO_PLAN else self._decoded.get(digest)

    def read(self, digest: bytes, text: str) -> Plan:
        plan: Plan = decode(Plan, text)  # type: ignore[arg-type]  # an alias of a tuple type, which msgspec takes
        self._decoded.put(digest, plan)
        return plan

    def mark_stored(self, plans: set[tuple[int, bytes]]) -> None:
        if len(self.stored) > LIMIT:
            self.stored.clear()
        self.stored |= plans
