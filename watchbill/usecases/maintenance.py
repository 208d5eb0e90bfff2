"""Maintenance begun and ended by hand (VictorOps reference, parts 2.6 and 4.8). Whoever is on call is told."""

from collections.abc import Sequence

from watchbill.domain import roster
from watchbill.domain.errors import Conflict
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import User
from watchbill.domain.routes import MaintenanceWindow
from watchbill.domain.routing import is_active
from watchbill.usecases.covers import targets
from watchbill.usecases.directory import apply
from watchbill.usecases.notices import notify
from watchbill.usecases.ports import Tx

MOST_ACTIVE = 100


class TooMany(Conflict):
    """So many are active at once already."""


def active(org: Organization, now: int) -> Sequence[MaintenanceWindow]:
    """The windows that mute something now, the oldest first."""
    return [window for window in org.windows.values() if is_active(window, now)]


def begin(tx: Tx, org: Organization, window: MaintenanceWindow, actor: str, now: int) -> Organization:
    """Raises Conflict when this is the second of everything, TooMany, and Unfit. Those that were begun by hand and have
    come to their end are cleared away."""
    present = active(org, now)
    if window.key_ids is None and any(other.key_ids is None for other in present):
        raise Conflict("a maintenance of everything is active already")
    if len(present) >= MOST_ACTIVE:
        raise TooMany(f"{MOST_ACTIVE} maintenance windows are active already")
    over = [one for one in org.windows.values() if one.started_by and one.end is not None and one.end <= now]
    changes = [Change("window", window.id, window), *(Change("window", one.id, None) for one in over)]
    after = apply(tx, org.number, changes, actor, now)
    _announce(tx, after, window, f"began ({window.started_by or actor})", now)
    return after


def end(tx: Tx, org: Organization, window: MaintenanceWindow, actor: str, now: int) -> Organization:
    """What is still triggered pages now, unless another window mutes it. Raises Conflict for one that comes back every
    week: it is part of the configuration."""
    if window.weekly is not None:
        raise Conflict(f"'{window.name}' comes back every week; remove it where it was set up")
    after = apply(tx, org.number, [Change("window", window.id, None)], actor, now)
    _announce(tx, after, window, f"ended ({actor})", now)
    return after


def _announce(tx: Tx, org: Organization, window: MaintenanceWindow, what: str, now: int) -> None:
    names = [org.routing_keys[id].name for id in window.key_ids or () if id in org.routing_keys]
    about = f"the routing keys {', '.join(names)}" if window.key_ids is not None else "everything"
    text = f"Maintenance {what}: {window.name}\n\nIt is about {about}. While it is on, new incidents page nobody."
    notify(tx, org, on_call(org, now), text, now)


def on_call(org: Organization, at: int) -> Sequence[User]:
    """Everybody whom the first step of a policy calls now."""
    called = [
        one.user
        for policy in org.policies.values()
        for target in targets(policy)
        for one in roster.people(org, policy, target, at)
    ]
    return list({user.id: user for user in called}.values())
