"""Who is on call now, by team and escalation policy (reference, part 2.4.1)."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from watchbill.api.victorops.policies import named
from watchbill.asgi.dialect import Route, get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.organization import Organization
from watchbill.domain.plans import EscalationPolicy
from watchbill.domain.roster import people
from watchbill.usecases.covers import targets
from watchbill.usecases.ports import Tx


def current(tx: Tx, call: Call) -> Reply:
    """Every team, also one with nobody on call."""
    org = tx.organization(call.caller.org)
    of_team: dict[str, list[EscalationPolicy]] = {id: [] for id in org.teams}
    for policy in org.policies.values():
        for id in policy.owners:
            of_team[id].append(policy)
    teams = [_both({"team": named(team)}, _policies(org, of_team[id], call.now)) for id, team in org.teams.items()]
    return Reply(body={"teamsOnCall": teams})


def _both(fields: dict[str, Any], now: Sequence[Any]) -> Mapping[str, Any]:
    """In the spelling that clients read, and in that of the documents."""
    return {**fields, "oncallNow": now, "onCallNow": now}


def _policies(org: Organization, policies: Sequence[EscalationPolicy], now: int) -> list[Mapping[str, Any]]:
    return [
        {"escalationPolicy": named(policy), "users": [_user(name) for name in users]}
        for policy in policies
        if (users := list(on_call(org, policy, now)))
    ]


def _user(name: str) -> Mapping[str, Any]:
    return {"onCalluser": {"username": name}, "onCallUser": {"username": name}}


def on_call(org: Organization, policy: EscalationPolicy, now: int) -> Iterator[str]:
    """The user names of those who are paged first, each once."""
    called = (each.user.username for target in targets(policy) for each in people(org, policy, target, now))
    return iter(dict.fromkeys(called))


ROUTES: Sequence[Route] = (get("/api-public/v1/oncall/current", current),)
