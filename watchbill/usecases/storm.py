"""Alerts that open incidents alike. In a storm most do: what they have in common is decided once, and written down
once."""

from collections.abc import Sequence

from watchbill.domain.escalation import wake_at
from watchbill.domain.incident import Outcome
from watchbill.domain.record import replace
from watchbill.domain.records import Opening, Saved
from watchbill.domain.sending import Facts
from watchbill.usecases.departing import facts_of, waiting
from watchbill.usecases.keep import delivery_of
from watchbill.usecases.ports import Tx


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
