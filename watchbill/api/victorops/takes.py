"""Taking on-call from somebody, at once (reference, part 2.4.4)."""

from collections.abc import Sequence

import msgspec

from watchbill.api.victorops import policies as escalation
from watchbill.api.victorops.bodies import body_of, needed
from watchbill.api.victorops.lookups import policy_named, team_named, user_named
from watchbill.asgi.dialect import Route, patch, post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy
from watchbill.usecases.access import Right, demand
from watchbill.usecases.covers import Take, take
from watchbill.usecases.ports import Tx


class TakeIn(msgspec.Struct):
    fromUser: str | None = None
    toUser: str | None = None


def take_in_policy(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return _take(tx, call, org, [policy_named(org, call.params["policy"])])


def take_in_team(tx: Tx, call: Call) -> Reply:
    """In those of the team's policies by which the giver is on call."""
    org = tx.organization(call.caller.org)
    return _take(tx, call, org, escalation.of_team(org, team_named(org, call.params["team"])))


def _take(tx: Tx, call: Call, org: Organization, policies: Sequence[EscalationPolicy]) -> Reply:
    demand(org, call.caller, Right.RESPOND)
    given = body_of(TakeIn, call)
    hands = Take(user_named(org, needed(given.fromUser, "fromUser")), user_named(org, needed(given.toUser, "toUser")))
    take(tx, org.number, policies, hands, (call.caller.actor.name, call.now))
    return Reply(body={"result": "ok"})


IN_POLICY = ("/api-public/v1/policies/{policy}/oncall/user", "/api-public/v2/policies/{policy}/oncall/user")
IN_TEAM = "/api-public/v1/team/{team}/oncall/user"
ROUTES: Sequence[Route] = (
    *(method(path, take_in_policy) for path in IN_POLICY for method in (patch, post)),
    *(method(IN_TEAM, take_in_team) for method in (patch, post)),
)
