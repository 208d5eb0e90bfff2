"""From the intent to send to its outcome: claimed with a lease, sent outside any transaction, settled."""

from collections.abc import Sequence
from dataclasses import dataclass

from watchbill.domain.delivery import Delivery, Purpose, State, Verdict
from watchbill.domain.failing import page_failed
from watchbill.domain.incident import Outcome
from watchbill.domain.paging import Failure
from watchbill.domain.record import replace
from watchbill.domain.sending import bundling, settle
from watchbill.domain.timeline import Entry, Kind
from watchbill.usecases.decisions import Decision, turns_of
from watchbill.usecases.departing import LEASE as LEASE
from watchbill.usecases.departing import Send as Send
from watchbill.usecases.departing import departure, facts_of, release
from watchbill.usecases.keep import keep
from watchbill.usecases.ports import Tx

# So much bundles carry beyond what is claimed in any case: a fifth of a second for the database.
MOST_CARRIED = 5_000


@dataclass(frozen=True, slots=True)
class Result:
    """What one send came to. `providers`: how many the channel has; `jitter` from 0 to 1 spreads retries."""

    deliveries: tuple[Delivery, ...]
    verdict: Verdict
    providers: int
    jitter: float


@dataclass(frozen=True, slots=True)
class Claimed:
    """What a claim took up: how many in all, and those to send now (the rest was held back or dropped)."""

    count: int
    sends: tuple[Send, ...]


def claim(tx: Tx, now: int, node: str, limit: int, again: bool = False) -> Claimed:
    """Takes what is due, the most urgent first, and decides what leaves now. The lease is durable before anything
    is sent.

    `again`: this very claim was run before. The connection may have broken during its commit: what it claimed then, if
    it did, is let go, and so taken up now and not after the lease; and it doesn't count as sent.
    """
    if again:
        release(tx, node, now)
    claimed = tx.claim_deliveries(now, LEASE, node, limit)
    if not claimed:
        return Claimed(0, ())
    count = len(claimed)
    if count == limit:
        claimed += _rest_of_bundles(tx, claimed, now, node)
    numbers = {(one.org, one.incident) for one in claimed if one.incident is not None}
    facts = facts_of(tx, claimed, tx.incidents_by_number(sorted(numbers)), now)
    left = departure(claimed, facts, now)
    if left.kept:
        tx.keep_deliveries(left.kept)
    tx.hand_over([send.deliveries[0] for send in left.sends if send.deliveries[0].purpose is Purpose.PAGE], now)
    return Claimed(count, left.sends)


def _rest_of_bundles(tx: Tx, claimed: Sequence[Delivery], now: int, node: str) -> list[Delivery]:
    """What else waits for contacts to which a bundle leaves. It would be their last message for a while, and in a storm
    more waits than one claim takes up."""
    contacts = bundling(claimed, facts_of(tx, claimed, {}, now), now)
    return tx.claim_deliveries(now, LEASE, node, MOST_CARRIED, contacts) if contacts else []


def record(tx: Tx, results: Sequence[Result], now: int) -> None:
    """Keeps what sends came to. What failed for good goes back to its incident, where the next contact is tried now.

    Somebody may have answered before we come to note that the page was sent: that stays.
    """
    answered = tx.delivered([(one.org, one.id) for result in results for one in result.deliveries])
    kept: list[Delivery] = []
    failed: list[Delivery] = []
    for result in results:
        asked = result.deliveries[0].provider  # the others went along with it, whichever was their turn
        sent = [replace(one, provider=asked) for one in result.deliveries]
        settled = [settle(one, result.verdict, result.providers, now, result.jitter) for one in sent]
        carrier = settled[0]
        if (carrier.org, carrier.id) in answered:
            carrier = tx.delivery(carrier.org, carrier.id)
        kept.append(carrier)
        kept += [_carried(one, carrier) for one in settled[1:]]
        failed += [one for one in settled if one.state is State.FAILED and one.incident is not None]
    kept = [one for one in kept if (one.org, one.id) not in answered]
    tx.keep_deliveries(kept)
    _note_trouble(tx, kept, now)
    if failed:
        _fail(tx, failed, now)


def _carried(delivery: Delivery, carrier: Delivery) -> Delivery:
    if delivery.state is not State.SENT:
        return delivery
    return replace(
        delivery, state=State.CARRIED, carrier_id=carrier.id, sent_at=carrier.sent_at, verdict="left in a bundle"
    )


def _note_trouble(tx: Tx, kept: Sequence[Delivery], now: int) -> None:
    """Retries and failures stand in the timeline, for the row of a delivery only keeps its last verdict."""
    for one in kept:
        if one.incident is None or one.state not in (State.WAITING, State.FAILED):
            continue
        kind = Kind.RETRY if one.state is State.WAITING else Kind.FAILED
        what = "tried again" if one.state is State.WAITING else "given up"
        text = f"{one.channel} to {one.address}: {one.verdict}; {what}"
        tx.add_entries(one.org, one.incident, [Entry(now, kind, text, one.user_id)])


def _fail(tx: Tx, failed: Sequence[Delivery], now: int) -> None:
    numbers = sorted({(one.org, one.incident or 0) for one in failed})
    stored = tx.incidents_by_number(numbers)
    orgs = tx.organizations({org for org, _ in numbers})
    now_as: dict[tuple[int, int], Outcome] = {key: Outcome(incident) for key, incident in stored.items()}
    for one in failed:
        key = (one.org, one.incident or 0)
        if key in now_as:
            incident = now_as[key].incident
            turns = turns_of(tx, orgs[one.org], incident.course.policies)
            done = page_failed(incident, orgs[one.org], _failure(tx, one), now, turns)
            now_as[key] = now_as[key].then(done)
    keep(tx, [Decision(stored[key], outcome) for key, outcome in now_as.items()], now)


def _failure(tx: Tx, failed: Delivery) -> Failure:
    others = tx.deliveries(failed.org, failed.incident or 0)
    hopeful = {one.paging for one in others if one.state not in (State.FAILED, State.DROPPED)}
    return Failure(
        paging=failed.paging,
        run=failed.run,
        asked_at=failed.created_at,
        why=failed.verdict,
        reached=failed.paging in hopeful,
        passing=failed.provider not in failed.refused_by,
        gone=frozenset([one.paging for one in others]) - hopeful,
    )
