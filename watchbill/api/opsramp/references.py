"""What an incident step refers to, with what is known of it filled in; nothing that was sent is lost."""

from collections.abc import Mapping
from typing import Any

from watchbill.api.opsramp import desk, people
from watchbill.api.opsramp.bodies import Body
from watchbill.api.opsramp.incident_wire import KINDS
from watchbill.domain.organization import Organization

USER, GROUP = "assignedUser", "assigneeGroup"


def completed(org: Organization, part: Body) -> Body:
    """An `incident`, or one of the `priorityRules`."""
    return {name: _known(org, name, value) for name, value in part.items()}


def _known(org: Organization, name: str, value: Any) -> Any:
    if name in KINDS:
        return desk.enriched(org, KINDS[name], value)
    if name not in (USER, GROUP) or not isinstance(value, Mapping):
        return value
    if name == USER:
        user = people.user_meant(org, value)
        return value if user is None else {**people.member(user), **value}
    team = people.group_meant(org, value)
    known = None if team is None else {**people.group_named(team), "id": team.number, "description": team.description}
    return value if known is None else {**known, **value}
