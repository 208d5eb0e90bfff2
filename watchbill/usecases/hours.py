"""Hours on call in the past: by what was configured then, not by what is now."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from watchbill.domain.organization import MAPS, Organization
from watchbill.domain.people import User
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.stints import stints
from watchbill.usecases.covers import targets
from watchbill.usecases.ports import Tx

# What decides who is on call.
BEARING = ("user", "team", "schedule", "override", "policy")


@dataclass(frozen=True, slots=True)
class Spell:
    """Somebody on call by a policy, both as they were then."""

    user: User
    policy: EscalationPolicy
    start: int
    end: int


def spells(tx: Tx, org_number: int, team_id: str, start: int, end: int) -> list[Spell]:
    """Who was on call by the first steps of a team's policies, by their starts, cut to the range. What lies ahead is as
    it is planned now."""
    found: list[Spell] = []
    for low, high, org in history(tx, org_number, start, end):
        for policy in org.policies_of(team_id):
            found += _during(org, policy, low, high)
    return sorted(_joined(found), key=lambda one: one.start)


def _during(org: Organization, policy: EscalationPolicy, low: int, high: int) -> Iterator[Spell]:
    for target in targets(policy):
        for one in stints(org, policy, target, low, high):
            yield Spell(org.users[one.user_id], policy, max(low, one.start), min(high, one.end))


def _joined(found: Iterable[Spell]) -> list[Spell]:
    """Spells of one person in one policy that touch or overlap are one."""
    joined: dict[tuple[str, str], list[Spell]] = {}
    for spell in sorted(found, key=lambda one: one.start):
        own = joined.setdefault((spell.user.id, spell.policy.id), [])
        if own and own[-1].end >= spell.start:
            own[-1] = replace(spell, start=own[-1].start, end=max(own[-1].end, spell.end))
        elif spell.start < spell.end:
            own.append(spell)
    return [spell for own in joined.values() for spell in own]


def covered(spans: Iterable[Spell]) -> int:
    """How long at least one of them lasts, in microseconds."""
    total, until = 0, 0
    for spell in sorted(spans, key=lambda one: one.start):
        total += max(0, spell.end - max(until, spell.start))
        until = max(until, spell.end)
    return total


# --- What the organization was


def history(tx: Tx, org_number: int, start: int, end: int) -> Sequence[tuple[int, int, Organization]]:
    """The range in parts, each with the organization as it was then in all that decides who is on call. Its other
    attributes are those of today."""
    org = tx.organization(org_number)
    maps: dict[str, dict[str, Any]] = {kind: dict(getattr(org, MAPS[kind])) for kind in BEARING}
    parts, changed = [], False
    high = end
    for at, back in tx.changes_back_to(org_number, start):
        if back.kind not in BEARING or not _bears(maps[back.kind].get(back.id), back.entity):
            continue
        if at < high:
            org, changed = (_as_it_was(org, maps), False) if changed else (org, changed)
            parts.append((at, high, org))
            high = at
        changed = True
        if back.entity is None:
            maps[back.kind].pop(back.id, None)
        else:
            maps[back.kind][back.id] = back.entity
    parts.append((start, high, _as_it_was(org, maps) if changed else org))
    return parts[::-1]


def _bears(after: Any, before: Any) -> bool:
    """Of what is changed of people only counts whether they are there."""
    if isinstance(after, User) and isinstance(before, User):
        return after.active != before.active
    return True


def _as_it_was(org: Organization, maps: Mapping[str, Mapping[str, Any]]) -> Organization:
    fields: dict[str, Any] = {MAPS[kind]: dict(entities) for kind, entities in maps.items()}
    return replace(org, **fields)
