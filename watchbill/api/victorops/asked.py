"""Whom an address names, when the caller has the right that the call needs."""

from watchbill.api.victorops.lookups import team_named, user_named
from watchbill.asgi.requests import Call
from watchbill.domain.organization import Organization
from watchbill.domain.people import Team, User
from watchbill.usecases.access import Right, demand
from watchbill.usecases.ports import Tx


def asked_user(tx: Tx, call: Call, right: Right = Right.SEE) -> tuple[Organization, User]:
    """Raises NotFound and Forbidden."""
    org = tx.organization(call.caller.org)
    user = user_named(org, call.params["user"])
    demand(org, call.caller, right, user_id=user.id)
    return org, user


def asked_team(tx: Tx, call: Call, right: Right = Right.SEE) -> tuple[Organization, Team]:
    """Raises NotFound and Forbidden."""
    org = tx.organization(call.caller.org)
    team = team_named(org, call.params["team"])
    demand(org, call.caller, right, teams=(team.id,))
    return org, team
