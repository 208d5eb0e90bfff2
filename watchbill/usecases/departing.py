"""Which pages leave now: decided for what is claimed, and at once for what a transaction has just asked for."""

from collections.abc import Mapping, Sequence

from watchbill.domain.civil import SECOND
from watchbill.domain.delivery import Delivery, Message, Purpose
from watchbill.domain.incident import Incident
from watchbill.domain.record import record, replace
from watchbill.domain.records import Saved
from watchbill.domain.sending import Facts, choose, clear_cut, contact_of, leased, look_back, released
from watchbill.domain.wording import message
from watchbill.usecases.ports import Tx

# How long a claim holds: a node that dies in mid-send leaves its pages to the others after this time.
LEASE = 30 * SECOND
# An incident with pages that were due longer ago was held up, and others with it: a claim looks at them together.
ON_TIME = 1 * SECOND


@record
class Send:
    """One message to hand to its channel; the first delivery carries the others."""

    deliveries: tuple[Delivery, ...]
    message: Message


@record
class Departure:
    """What leaves now, and what is held back or dropped."""

    sends: tuple[Send, ...]
    kept: tuple[Delivery, ...]


def facts_of(tx: Tx, deliveries: Sequence[Delivery], incidents: Mapping[tuple[int, int], Incident], now: int) -> Facts:
    orgs = {number: org.acting for number, org in tx.organizations({one.org for one in deliveries}).items()}
    contacts = sorted({(one.org, contact_of(one)) for one in deliveries if one.purpose is Purpose.PAGE})
    since = max(0, now - max(look_back(org.settings) for org in orgs.values()))
    return Facts(orgs, incidents, tx.sends_since(contacts, since), _fields(tx, deliveries, incidents))


def _fields(
    tx: Tx, deliveries: Sequence[Delivery], incidents: Mapping[tuple[int, int], Incident]
) -> Mapping[tuple[int, int], Mapping[str, object]]:
    """Of the last alerts of the incidents that machines are told of."""
    told = {(one.org, one.incident or 0) for one in deliveries if one.purpose is Purpose.STEP}
    last = {key: (key[0], incidents[key].last_alert_id) for key in told if key in incidents}
    if not last:
        return {}
    alerts = tx.alerts_by_id(sorted(set(last.values())))
    return {key: alerts[id].event.fields for key, id in last.items() if id in alerts}


def departure(claimed: Sequence[Delivery], facts: Facts, now: int) -> Departure:
    choice = choose(claimed, facts, now)
    orgs, incidents = facts.organizations, facts.incidents
    sends = [Send(group, message(orgs[group[0].org], group, incidents, now, facts.fields)) for group in choice.sends]
    return Departure(tuple(sends), tuple(choice.kept))


def depart(tx: Tx, saves: Sequence[Saved], node: str, now: int) -> tuple[list[Saved], tuple[Send, ...]]:
    """The saves with their new deliveries claimed by this node or held back, and what leaves after the commit.

    So a first page needs no second transaction to be claimed in, and one of a storm is written once.
    """
    fresh = [one for saved in saves if _on_time(saved, now) for one in saved.deliveries]
    if not fresh:
        return list(saves), ()
    facts = facts_of(tx, fresh, {(saved.after.org, saved.after.number): saved.after for saved in saves}, now)
    left = departure(_claimed(fresh, facts, node, now), facts, now)
    decided = {one.id: one for one in left.kept}
    for send in left.sends:
        decided |= {one.id: one for one in _handed_over(send.deliveries, now)}
    return [_with(saved, decided) for saved in saves], left.sends


def waiting(saved: Saved, facts: Facts, node: str, now: int) -> Saved | None:
    """The save with its new deliveries held back; None when any of them leaves now."""
    fresh = saved.deliveries if _on_time(saved, now) else ()
    choice = choose(_claimed(fresh, facts, node, now), facts, now)
    return None if choice.sends else _with(saved, {one.id: one for one in choice.kept})


def _claimed(fresh: Sequence[Delivery], facts: Facts, node: str, now: int) -> list[Delivery]:
    return [leased(one, node, now + LEASE) for one in clear_cut(fresh, facts, now)]


def _handed_over(group: tuple[Delivery, ...], now: int) -> tuple[Delivery, ...]:
    """A page under way counts as sent, as for a claim."""
    first, *carried = group
    return (replace(first, sent_at=now) if first.purpose is Purpose.PAGE else first, *carried)


def release(tx: Tx, node: str, now: int) -> None:
    """Lets go of what was claimed for this node at this moment, and has not been handed over."""
    claimed = tx.claimed_deliveries(node, now + LEASE)
    if claimed:
        tx.keep_deliveries([released(one, now) for one in claimed])


def _on_time(saved: Saved, now: int) -> bool:
    return all(one.due_at <= now < one.due_at + ON_TIME for one in saved.deliveries)


def _with(saved: Saved, decided: Mapping[str, Delivery]) -> Saved:
    return replace(saved, deliveries=tuple([decided.get(one.id, one) for one in saved.deliveries]))
