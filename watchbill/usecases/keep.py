"""The only road from an Outcome to the database."""

from collections import Counter
from collections.abc import Sequence

from watchbill.domain.delivery import Delivery, State
from watchbill.domain.escalation import wake_at
from watchbill.domain.incident import Incident, Outcome, Page
from watchbill.domain.record import record
from watchbill.domain.records import Opening, Saved
from watchbill.usecases.decisions import Decision
from watchbill.usecases.departing import Send, depart
from watchbill.usecases.groups import is_of_group, with_groups
from watchbill.usecases.ports import Tx
from watchbill.usecases.ticketing import Desk


@record
class Kept:
    """What is to be sent after the commit, and the next moment at which any of what was saved needs attention."""

    sends: tuple[Send, ...] = ()
    next_due: int | None = None


def keep(
    tx: Tx, decisions: Sequence[Decision], now: int, node: str | None = None, openings: Sequence[Opening] = ()
) -> Kept:
    """Saves all that moved: incidents, their timelines, the pages they ask for, the turns they used; and what opened
    alike.

    Pages that can leave now are claimed for `node`, which has to send them; without one they wait to be claimed.
    """
    if any(is_of_group(decision) for decision in decisions):
        decisions = with_groups(tx, decisions, now)
    saves: list[Saved] = []
    desk = Desk(tx, now)
    turns: dict[int, Counter[str]] = {}
    for decision in decisions:
        outcome = decision.outcome
        if outcome.incident is decision.before and not (outcome.entries or outcome.pages or outcome.tickets):
            continue
        saves.append(_saved(desk, decision.before, outcome, now))
        if outcome.turns:
            turns.setdefault(outcome.incident.org, Counter()).update(outcome.turns)
    sends: tuple[Send, ...] = ()
    if saves and node is not None:
        saves, sends = depart(tx, saves, node, now)
    if saves or openings:
        tx.save(saves, openings)
        desk.close()
    for org, used in turns.items():
        tx.use_turns(org, used)
    return Kept(sends, _next_due([*saves, *(opening.like for opening in openings)]))


def _next_due(saves: Sequence[Saved]) -> int | None:
    moments = [saved.wake_at for saved in saves if saved.wake_at is not None]
    moments += [one.due_at for saved in saves for one in saved.deliveries if one.state is State.WAITING]
    return min(moments, default=None)


def _saved(desk: Desk, before: Incident | None, outcome: Outcome, now: int) -> Saved:
    outcome, made = desk.settle(outcome)
    return Saved(
        before=before,
        after=outcome.incident,
        wake_at=wake_at(outcome.incident),
        entries=outcome.entries,
        deliveries=tuple([delivery_of(desk.tx.new_id(now), outcome.incident, page, now) for page in outcome.pages]),
        tickets=made,
    )


def delivery_of(id: str, incident: Incident, page: Page, now: int) -> Delivery:
    return Delivery(
        id=id,
        org=incident.org,
        incident=incident.number,
        purpose=page.purpose,
        channel=page.channel,
        address=page.address,
        urgency=page.urgency,
        reason=page.reason,
        created_at=page.at,
        first_due_at=page.at,
        due_at=page.at,
        user_id=page.user_id,
        contact_id=page.contact_id,
        paging=page.paging,
        run=page.run,
        through_ack=page.through_ack,
    )
