"""Incidents that are alike: in a storm most open so, and come due so. What they have in common is decided once."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from watchbill.domain.escalation import advance, wake_at
from watchbill.domain.incident import Incident, Outcome
from watchbill.domain.organization import Organization
from watchbill.domain.record import replace
from watchbill.domain.records import Opening, Saved
from watchbill.domain.sending import Facts
from watchbill.usecases.departing import facts_of, waiting
from watchbill.usecases.keep import delivery_of
from watchbill.usecases.ports import Tx

# What the passing of time neither looks at nor changes, unless the incident enters another phase or wants a ticket.
OWN = frozenset(
    [
        *("number", "id", "key", "version", "title", "message", "host", "service", "tool", "monitor", "annotations"),
        *("first_alert_id", "last_alert_id", "last_alert_at", "alert_count", "transitions"),
    ]
)
SHARED = tuple(field.name for field in fields(Incident) if field.name not in OWN)
shared_of = attrgetter(*(name for name in SHARED if name != "course"))
own_of = attrgetter(*sorted(OWN))


class Advances:
    """Lets time catch up with the incidents of one transaction, all at one moment."""

    def __init__(self, now: int) -> None:
        self._now = now
        self._known: dict[object, tuple[Outcome, Mapping[str, Any]]] = {}

    def of(self, incident: Incident, org: Organization, turns: Mapping[str, int]) -> Outcome:
        """As `advance`. Incidents of one storm have one and the same course."""
        alike = (id(org), id(incident.course), *shared_of(incident))
        known = self._known.get(alike)
        if known is not None:
            outcome, changes = known
            return replace(outcome, incident=replace(incident, **changes) if changes else incident)
        outcome = advance(incident, org, self._now, turns)
        after = outcome.incident
        if not (turns or outcome.tickets) and own_of(after) == own_of(incident):
            changes = {
                name: getattr(after, name) for name in SHARED if getattr(after, name) is not getattr(incident, name)
            }
            self._known[alike] = outcome, changes
        return outcome


def openings(tx: Tx, patterns: Sequence[Outcome], node: str | None, now: int) -> list[Opening | None]:
    """For each of these outcomes of opening an incident, what all that open so are kept by; still without any.

    None: each must be decided about by itself, for a page of it may leave now, it wants a ticket, or it uses up a turn.
    """
    likes = [_like(pattern, now) for pattern in patterns]
    fresh = [one for like in likes if like is not None for one in like.deliveries]
    if node is not None and fresh:
        facts = facts_of(tx, fresh, {}, now)
        likes = [None if like is None else _waiting(like, facts, node, now) for like in likes]
    return [None if like is None else Opening(like, []) for like in likes]


def _like(pattern: Outcome, now: int) -> Saved | None:
    if pattern.turns or pattern.tickets:
        return None
    incident = pattern.incident
    pages = tuple([delivery_of(str(place), incident, page, now) for place, page in enumerate(pattern.pages)])
    return Saved(None, incident, wake_at(incident), pattern.entries, pages)


def _waiting(like: Saved, facts: Facts, node: str, now: int) -> Saved | None:
    itself = {(like.after.org, like.after.number): like.after}
    return waiting(like, replace(facts, incidents=itself), node, now)
