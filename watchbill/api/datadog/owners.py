"""The teams that a schedule or a policy is linked to (reference, part 4.2).

A linked team need not exist, and may go while it is linked: the links are kept as they were said, beside the owners
that the core knows of.
"""

from collections.abc import Sequence
from typing import TypeVar

from watchbill.api.datadog.keeping import keeping, kept
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.record import replace
from watchbill.domain.rota import Schedule

Owned = TypeVar("Owned", Schedule, EscalationPolicy)


def owners(org: Organization, thing: Schedule | EscalationPolicy) -> list[str]:
    """The ids of the linked teams, in the order they were said; what was changed elsewhere since counts."""
    own = _known(thing)
    said = [id for id in _said(thing) if id in own or id not in org.teams]
    return said + [id for id in own if id not in said]


def owned_by(org: Organization, thing: Owned, team_ids: Sequence[str]) -> Owned:
    """The thing linked to these teams. The one that a policy was made under elsewhere stays its owner."""
    said = list(dict.fromkeys(team_ids))
    main = thing.team_id if isinstance(thing, EscalationPolicy) else None
    known = tuple(id for id in said if id in org.teams and id != main)
    return keeping(replace(thing, team_ids=known), teams=said or None)


def _known(thing: Schedule | EscalationPolicy) -> list[str]:
    main = thing.team_id if isinstance(thing, EscalationPolicy) else None
    return list(dict.fromkeys([*([main] if main else []), *thing.team_ids]))


def _said(thing: Schedule | EscalationPolicy) -> list[str]:
    found = kept(thing).get("teams")
    return [id for id in found if isinstance(id, str)] if isinstance(found, list) else []
