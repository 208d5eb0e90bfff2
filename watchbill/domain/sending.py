"""Which claimed deliveries leave now, which wait, which are no longer useful; and what a verdict means for one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import field

from watchbill.domain.civil import MINUTE, SECOND
from watchbill.domain.delivery import Delivery, Outcome, Purpose, State, Verdict
from watchbill.domain.incident import Incident, Phase
from watchbill.domain.organization import Organization, Settings
from watchbill.domain.paging import OVER_IN_TIME
from watchbill.domain.people import Urgency
from watchbill.domain.record import record, replace

# How long to wait before each further round, once every provider has failed: a substitute is asked at once.
BACK_OFF = (1 * SECOND, 4 * SECOND, 12 * SECOND)
# A provider that asks for patience gets this much at most: a page that waits longer is late.
LONGEST_PATIENCE = MINUTE

Contact = tuple[int, str]


@record
class Choice:
    """`sends`: each a message's deliveries, the one that carries the others first. `kept`: held back or dropped."""

    sends: list[tuple[Delivery, ...]]
    kept: list[Delivery]


@record
class Facts:
    """What `choose` needs to know: organizations by number, incidents by (organization, number), and the moments at
    which each contact was sent something lately, rising. `fields`, for what machines are told: of an incident's last
    alert, as received."""

    organizations: Mapping[int, Organization]
    incidents: Mapping[tuple[int, int], Incident]
    sends: Mapping[Contact, Sequence[int]]
    fields: Mapping[tuple[int, int], Mapping[str, object]] = field(default_factory=dict)


def look_back(settings: Settings) -> int:
    """How far back the sends to a contact matter for bundling."""
    return (settings.bundle_after + 2) * settings.bundle_every


def choose(claimed: Sequence[Delivery], facts: Facts, now: int) -> Choice:
    """The most urgent first, then the oldest. Nothing is refused for its age: a page for an incident that is still
    triggered is still useful, unless a newer one to the same contact for the same incident waits as well."""
    choice = Choice([], [])
    useful: list[Delivery] = []
    for delivery in claimed:
        why = no_longer_useful(delivery, facts)
        if why:
            choice.kept.append(dropped(delivery, why))
        else:
            useful.append(delivery)
    useful = _newest_of_each(useful, choice)
    useful.sort(key=lambda one: (one.urgency is not Urgency.HIGH, one.first_due_at, one.id))
    groups: dict[Contact, list[Delivery]] = {}
    for delivery in useful:
        if delivery.purpose is Purpose.PAGE:
            groups.setdefault((delivery.org, contact_of(delivery)), []).append(delivery)
        else:
            choice.sends.append((delivery,))
    for contact, waiting in groups.items():
        _bundle(contact, waiting, facts, choice, now)
    return choice


def clear_cut(fresh: Sequence[Delivery], facts: Facts, now: int) -> list[Delivery]:
    """Those of new deliveries that need no look at what waits already.

    Nothing waits for a contact that may get several messages, and all must wait where it may get none. Where it may
    get just one, older pages may wait for it, to leave as a bundle.
    """
    contacts = {(one.org, contact_of(one)) for one in fresh if one.purpose is Purpose.PAGE}
    unclear = {
        (org, contact)
        for org, contact in contacts
        if tokens(facts.sends.get((org, contact), ()), facts.organizations[org].settings, now)[0] == 1
    }
    if not unclear:
        return list(fresh)
    return [one for one in fresh if one.purpose is not Purpose.PAGE or (one.org, contact_of(one)) not in unclear]


def bundling(claimed: Sequence[Delivery], facts: Facts, now: int) -> list[Contact]:
    """Those to whom a message leaves that carries others."""
    pages = Counter((one.org, contact_of(one)) for one in claimed if one.purpose is Purpose.PAGE)
    return [
        (org, contact)
        for (org, contact), count in pages.items()
        if 0 < tokens(facts.sends.get((org, contact), ()), facts.organizations[org].settings, now)[0] < count
    ]


def leased(delivery: Delivery, node: str, until: int) -> Delivery:
    return replace(delivery, state=State.CLAIMED, due_at=until, attempts=delivery.attempts + 1, claimed_by=node)


def released(delivery: Delivery, now: int) -> Delivery:
    """Back to waiting, due now, as if it had not been claimed."""
    return replace(
        delivery, state=State.WAITING, due_at=now, attempts=delivery.attempts - 1, claimed_by="", sent_at=None
    )


def contact_of(delivery: Delivery) -> str:
    return delivery.contact_id or delivery.address


def dropped(delivery: Delivery, why: str) -> Delivery:
    return replace(delivery, state=State.DROPPED, verdict=why)


def _newest_of_each(useful: Sequence[Delivery], choice: Choice) -> list[Delivery]:
    """One page per contact and incident, the newest; the older ones (piled up in downtime) are noted."""
    newest: dict[tuple[int, int | None, str, str], Delivery] = {}
    for delivery in sorted(useful, key=lambda one: (one.first_due_at, one.id)):
        key = (delivery.org, delivery.incident, delivery.channel, contact_of(delivery))
        if delivery.purpose is not Purpose.PAGE:
            key = (*key[:3], delivery.id)
        older = newest.get(key)
        if older is not None:
            choice.kept.append(dropped(older, "a newer page to the same contact was waiting as well"))
        newest[key] = delivery
    return list(newest.values())


def no_longer_useful(delivery: Delivery, facts: Facts) -> str:
    """Why this need not be sent any more; empty when it must."""
    if delivery.incident is None:
        return ""
    incident = facts.incidents.get((delivery.org, delivery.incident))
    if incident is None:
        return "the incident does not exist any more"
    if incident.phase is Phase.RESOLVED:
        return f"resolved by {incident.resolved_by}"
    if incident.phase is Phase.ACKNOWLEDGED and not delivery.through_ack:
        return f"acknowledged by {incident.acked_by}"
    if incident.suppressed_at is not None and not delivery.through_ack:
        return f"suppressed by {incident.suppressed_by}"
    if delivery.paging:
        paging = next((one for one in incident.course.pagings if one.number == delivery.paging), None)
        if paging is None or paging.ended not in OVER_IN_TIME:
            return f"no longer paged: {paging.ended if paging else 'begun again'}"
    return ""


def tokens(sent: Sequence[int], settings: Settings, now: int) -> tuple[int, int]:
    """How many messages a contact may get now, and when the next becomes possible: at most `bundle_after` at once, and
    one more for each `bundle_every` that passes.

    At the beginning of the look-back nothing is taken to be saved up: what came before it may have used up all. What
    was sent later than now was sent before the clock was put back, and doesn't count.
    """
    every = settings.bundle_every
    full, level, since = settings.bundle_after * every, 0, now - look_back(settings)
    for at in sent:
        if since <= at <= now:
            level = max(0, min(full, level + at - since) - every)
            since = at
    level = min(full, level + now - since)
    return level // every, now + every - level % every


def _bundle(contact: Contact, waiting: list[Delivery], facts: Facts, choice: Choice, now: int) -> None:
    """Sends one by one while there are few; the last message that may leave carries all the others."""
    settings = facts.organizations[contact[0]].settings
    free, later = tokens(facts.sends.get(contact, ()), settings, now)
    if free == 0:
        choice.kept.extend(held(delivery, later) for delivery in waiting)
        return
    singles = waiting if len(waiting) <= free else waiting[: free - 1]
    choice.sends.extend((delivery,) for delivery in singles)
    rest = waiting[len(singles) :]
    by_channel: dict[tuple[str, str], list[Delivery]] = {}
    for delivery in rest:
        by_channel.setdefault((delivery.channel, delivery.address), []).append(delivery)
    choice.sends.extend(tuple(one) for one in by_channel.values())


def held(delivery: Delivery, until: int) -> Delivery:
    """Back to waiting, as if it had not been claimed. A try that a node died of still fills the contact's measure."""
    why = "held back: bundled with other pages to the same contact"
    return replace(delivery, state=State.WAITING, due_at=until, attempts=delivery.attempts - 1, verdict=why)


def settle(delivery: Delivery, verdict: Verdict, providers: int, now: int, jitter: float) -> Delivery:
    """What one try's verdict makes of a delivery, which counts as sent only when its provider took it.

    Providers are asked in rounds: each that has not refused for good once, without a wait, for a page that waits for a
    relay to come back is late; then the back-off. `jitter` is from 0 to 1; `providers` is how many the channel has.
    """
    if verdict.outcome is Outcome.ACCEPTED:
        return replace(
            delivery, state=State.SENT, sent_at=now, reference=verdict.reference, verdict=verdict.reason or "accepted"
        )
    refused_by = (*delivery.refused_by, delivery.provider) if verdict.outcome is Outcome.NEVER else delivery.refused_by
    unsent = replace(delivery, sent_at=None, verdict=verdict.reason or "failed for good", refused_by=refused_by)
    left = [one for one in range(providers) if one not in refused_by]
    substitute = next((one for one in left if one > delivery.provider), None)
    if substitute is not None:
        return replace(unsent, state=State.WAITING, due_at=now, provider=substitute, attempts=delivery.attempts - 1)
    if left and delivery.attempts <= len(BACK_OFF):
        wait = BACK_OFF[delivery.attempts - 1] if verdict.after is None else min(verdict.after, LONGEST_PATIENCE)
        return replace(unsent, state=State.WAITING, due_at=now + wait + int(wait * jitter / 2), provider=left[0])
    return replace(unsent, state=State.FAILED)
