"""Would a page get through? Everything that would keep it from a person, found before it is needed."""

from collections.abc import Container, Iterator, Sequence

from watchbill.domain.checks import check
from watchbill.domain.civil import DAY, MINUTE
from watchbill.domain.delivery import Delivery, State
from watchbill.domain.organization import Organization
from watchbill.domain.records import Health
from watchbill.usecases import doctor_channels, doctor_people, doctor_plans
from watchbill.usecases.directory import title
from watchbill.usecases.findings import Finding, Severity, problem

# Due work that has waited this long is not being done.
LATE = MINUTE
HORIZON = 14 * DAY
TRIED = (State.SENT, State.DELIVERED, State.CARRIED, State.FAILED)


def examine(
    org: Organization, health: Health, recent: Sequence[Delivery], now: int, served: Container[str]
) -> list[Finding]:
    """All findings, problems first. `recent` are the deliveries of late, newest first; `served` the channels that have
    a provider here.
    """
    found = [
        *_invalid(org),
        *doctor_people.people(org),
        *doctor_channels.unserved(org, served),
        *doctor_people.gaps(org, now, HORIZON),
        *doctor_plans.policies(org),
        *doctor_plans.routes(org),
        *doctor_plans.windows(org, now),
        *running(health, now),
        *channels(recent),
    ]
    return sorted(found, key=lambda finding: finding.severity is not Severity.PROBLEM)


def _invalid(org: Organization) -> Iterator[Finding]:
    for each in check(org):
        place = f"{title(org, each.kind, each.id)}: {each.path}" if each.path else title(org, each.kind, each.id)
        yield problem(place, each.message, "Correct it; until then every other change is refused.")


def running(health: Health, now: int) -> Iterator[Finding]:
    """Whether what is due is being done."""
    if health.oldest_wake_at is not None and now - health.oldest_wake_at > LATE:
        yield problem(
            "escalation",
            f"An incident should have been acted on {_ago(now - health.oldest_wake_at)} ago.",
            "See that `watchbill serve` runs on this database, and read its log.",
        )
    if health.oldest_delivery_due_at is not None and now - health.oldest_delivery_due_at > LATE:
        yield problem(
            "deliveries",
            f"{health.waiting_deliveries} deliveries wait; the oldest was due "
            f"{_ago(now - health.oldest_delivery_due_at)} ago.",
            "See that `watchbill serve` runs and that its channels answer; its log says why sends fail.",
        )
    if health.stuck_incidents:
        yield problem(
            "incidents",
            f"{health.stuck_incidents} open incidents have steps left but no moment to go on.",
            "This should never be: acknowledge or reroute them by hand, and report it.",
        )


def channels(recent: Sequence[Delivery]) -> Iterator[Finding]:
    """Channels that failed lately, with what their provider said last. `recent`: newest first."""
    for channel in dict.fromkeys(one.channel for one in recent):
        tried = [one for one in recent if one.channel == channel and one.state in TRIED]
        failed = [one for one in tried if one.state is State.FAILED]
        if failed and (len(failed) * 5 >= len(tried) or tried[0].state is State.FAILED):
            yield problem(
                f"channel {channel}",
                f"{len(failed)} of its last {len(tried)} sends failed for good; the last: {failed[0].verdict}",
                "See that its provider is set up and answers, and that the addresses are right.",
            )


def _ago(span: int) -> str:
    minutes = span // MINUTE
    if minutes < 120:
        return f"{minutes} minutes"
    return f"{minutes // 60} hours" if minutes < 48 * 60 else f"{minutes // 1440} days"
