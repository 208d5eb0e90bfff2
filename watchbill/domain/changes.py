"""Checking an organization again after a change: only what changed, and what names that.

It is compared with what was found valid last: things that are the same objects as then are as fit as they were, as long
as all they name is there. Wherever that doesn't settle it, the whole is checked.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from watchbill.domain.check_routes import alert_rules, settings
from watchbill.domain.checks import FLAWS, NAMES, Problem, check, parts
from watchbill.domain.naming import Thing, named_by
from watchbill.domain.organization import MAPS, Organization, Settings
from watchbill.domain.people import User
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.record import record
from watchbill.domain.routes import RoutingKey

FIELDS: Mapping[str, tuple[str, ...]] = {kind: tuple(field for of, field in NAMES if of == kind) for kind in MAPS}
ENDPOINT = "endpoint"


@record
class Sound:
    """A valid organization. `claims`: all that only one thing may have, such as an id or a name. `named`: how often
    each thing is named."""

    entities: Mapping[str, Mapping[str, Any]]
    settings: Settings
    claims: set[Hashable]
    named: dict[Thing, int]


@record
class _Touched:
    """One thing that changed: what it was and what it is, None where it was or is not."""

    kind: str
    id: str
    before: Any
    after: Any


def problems(org: Organization) -> list[Problem]:
    """The same as `check`, sooner."""
    known = org.memory.sound
    again = _again(known, org) if isinstance(known, Sound) else None
    found = [] if again else check(org)
    if not found:
        org.memory.sound = again or _whole(org)
    return found


def _whole(org: Organization) -> Sound:
    """Of an organization that is valid."""
    sound = Sound(_entities(org), org.settings, set(), {})
    for kind, entities in sound.entities.items():
        for entity in entities.values():
            sound.claims.update(_claims(kind, entity))
            _count(sound.named, entity, 1)
    _count(sound.named, org.settings, 1)
    return sound


def _again(known: Sound, org: Organization) -> Sound | None:
    """None where something is wrong, or may be."""
    entities = _entities(org)
    touched = [one for kind in MAPS for one in _differences(kind, known.entities[kind], entities[kind])]
    sound = Sound(entities, org.settings, set(known.claims), dict(known.named))
    for one in touched:
        _count(sound.named, one.after, 1)
        _count(sound.named, one.before, -1)
        if one.before is not None:
            sound.claims.difference_update(_claims(one.kind, one.before))
    _count(sound.named, org.settings, 1)
    _count(sound.named, known.settings, -1)
    fit = (
        all(_is_fit(org, one) for one in touched)
        and all(_claimed(sound.claims, one) for one in touched)
        and not any(_is_missed(sound.named, one) for one in touched)
        and (entities["alert_rule"] is known.entities["alert_rule"] or not any(alert_rules(org)))
        and (org.settings is known.settings or not any(settings(org, org.settings)))
    )
    return sound if fit else None


def _entities(org: Organization) -> Mapping[str, Mapping[str, Any]]:
    return {kind: getattr(org, name) for kind, name in MAPS.items()}


def _differences(kind: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Sequence[_Touched]:
    if before is after:
        return ()
    changed = [_Touched(kind, id, before.get(id), one) for id, one in after.items() if before.get(id) is not one]
    gone = [_Touched(kind, id, one, None) for id, one in before.items() if id not in after]
    return changed + gone


def _is_fit(org: Organization, one: _Touched) -> bool:
    if one.after is None:
        return True
    flaws = FLAWS.get(one.kind)
    return one.after.id == one.id and not (flaws is not None and any(flaws(org, one.after)))


def _claimed(claims: set[Hashable], one: _Touched) -> bool:
    """False when something else has it."""
    for claim in _claims(one.kind, one.after) if one.after is not None else ():
        if claim in claims:
            return False
        claims.add(claim)
    return True


def _is_missed(named: Mapping[Thing, int], one: _Touched) -> bool:
    """Whether others name what is gone; or an endpoint that is of another kind now, which must fit how it is named."""
    away = one.after is None or (one.kind == ENDPOINT and one.before is not None and one.before.kind != one.after.kind)
    return away and (one.kind, one.id) in named


def _claims(kind: str, entity: Any) -> Iterator[Hashable]:
    """What only one thing may have: ids are apart over the whole organization, names among things of a kind."""
    yield entity.id
    if isinstance(entity, User | EscalationPolicy):
        yield from parts(entity)
    for field in FIELDS[kind]:
        name = getattr(entity, field)
        if name:
            yield kind, field, name.lower()
    if isinstance(entity, RoutingKey) and entity.is_default:
        yield kind, "is_default"


def _count(named: dict[Thing, int], entity: object, by: int) -> None:
    for thing in named_by(entity):
        times = named.get(thing, 0) + by
        if times:
            named[thing] = times
        else:
            del named[thing]
