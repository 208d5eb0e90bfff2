"""What somebody wants paged for an incident: users and escalation policies by their names (reference, part 2.2.3)."""

from collections.abc import Sequence

import msgspec

from watchbill.api.victorops.bodies import needed
from watchbill.api.victorops.lookups import policy_named, team_named, user_named
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Organization
from watchbill.domain.routes import Start

MOST = 100


class WireTarget(msgspec.Struct):
    type: str | None = None
    slug: str | None = None


def starts_of(org: Organization, targets: Sequence[WireTarget]) -> tuple[Start, ...]:
    """Each once. Raises Invalid, and NotFound for a name that nobody has."""
    if not 1 <= len(targets) <= MOST:
        raise Invalid(f"give 1 to {MOST} targets", "targets")
    return tuple(dict.fromkeys(start for target in targets for start in starts_of_one(org, target)))


def starts_of_one(org: Organization, target: WireTarget) -> tuple[Start, ...]:
    """A team stands for each of its active members."""
    kind, slug = needed(target.type, "type").lower(), needed(target.slug, "slug")
    if kind == "user":
        return (Start(user_id=user_named(org, slug).id),)
    if kind == "escalationpolicy":
        return (Start(policy_id=policy_named(org, slug).id),)
    if kind == "team":
        ids = (member.user_id for member in team_named(org, slug).members)
        return tuple(Start(user_id=id) for id in ids if id in org.users and org.users[id].active)
    raise Invalid(f"'{kind[:50]}' is no kind of target; use User or EscalationPolicy", "type")
