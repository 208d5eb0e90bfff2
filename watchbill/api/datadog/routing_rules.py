"""The routing rules of a team: one ordered set (reference, part 4.5)."""

from collections.abc import Sequence
from typing import Any

from watchbill.api.datadog.actions import (
    ESCALATION,
    KINDS,
    REROUTE,
    Action,
    Rooms,
    check_together,
    destination_asked,
    escalation_action,
    notified,
    reroute_action,
    rooms_of,
    start_asked,
    urgency_said,
)
from watchbill.api.datadog.documents import (
    Resource,
    answer,
    check_id,
    data_of,
    included_paths,
    path_id,
    resource,
    to_many,
    to_one,
)
from watchbill.api.datadog.fields import Fields
from watchbill.api.datadog.keeping import DIALECT, kept
from watchbill.api.datadog.permissions import Permission, demand
from watchbill.api.datadog.queries import condition_of, query_of
from watchbill.api.datadog.weekly import hours_of, maybe_hours_asked
from watchbill.asgi.dialect import get, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.people import Team
from watchbill.domain.plans import Target
from watchbill.domain.record import replace
from watchbill.domain.routes import Condition, Rule, Start
from watchbill.usecases import directory
from watchbill.usecases.ports import Tx

TYPE = "team_routing_rules"
PATHS = ("rules", "rules.policy")
MOST_RULES = 1000
# Of a whole set. Reading 10,000 characters of queries takes some 50 ms, in which nothing else is written.
MOST_ACTIONS = 2000
LONGEST_QUERIES = 100_000
CATCH_ALL = 'attribute "rules.default_rule" the last rule must not use a query or a time restriction'
NO_POLICY = 'attribute "rule.escalation_policy" escalation policy is required'


# --- What is answered


def rule_resource(org: Organization, rule: Rule) -> Resource:
    """The policy of a rule is told both ways, by the rule and by an action."""
    start = policy_start(rule)
    urgency = urgency_said(start) if start and not (kept(rule).get("unsaid") and start.urgency is None) else None
    attributes: dict[str, Any] = {"actions": _actions(org, rule, urgency), "query": query_said(rule)}
    if rule.hours is not None:
        attributes["time_restriction"] = hours_of(rule.hours)
    if urgency is not None:
        attributes["urgency"] = urgency
    links = {"policy": to_one("policies", start.policy_id)} if start else None
    return resource(TYPE, rule.id, attributes, links)


def policy_start(rule: Rule) -> Start | None:
    """The policy that the rule starts: this dialect knows one."""
    return next((start for start in rule.starts if start.policy_id is not None), None)


def query_said(rule: Rule) -> str:
    """The query as it was written, unless the condition was changed elsewhere since."""
    said = kept(rule).get("query")
    if isinstance(said, str) and condition_of(said) == rule.condition:
        return said
    return query_of(rule.condition)


def _actions(org: Organization, rule: Rule, urgency: str | None) -> list[Action]:
    actions = [action for _, action in notified(org, rule.notify) if action is not None]
    start = policy_start(rule)
    place = kept(rule).get("place")
    place = place if isinstance(place, int) else 0
    if start is not None:
        actions.insert(place, escalation_action(start, urgency))
    elif rule.reroute_team_id is not None:
        actions.insert(place, reroute_action(rule.reroute_team_id))
    return actions


def _said(org: Organization, team_id: str, call: Call) -> Reply:
    rules = org.ordered_rules.get(team_id, ())
    data = resource(TYPE, team_id, relationships={"rules": to_many(TYPE, (rule.id for rule in rules))})
    asked = included_paths(call, PATHS)
    return answer(data, [rule_resource(org, rule) for rule in rules] if asked else None)


# --- What is asked


def rules_asked(org: Organization, given: Sequence[Fields], stored: Sequence[Rule], rooms: Rooms) -> list[Rule]:
    """The whole set, in order. One that names a rule of the team is that rule; a new one has no id yet."""
    known = {rule.id: rule for rule in stored}
    rules: list[Rule] = []
    taken: set[str] = set()
    for one in given:
        rule = _rule(org, one, known.get((one.maybe_text("id") or "").lower()), rooms)
        if rule.id in taken:
            raise one.wrong("id", "must be unique")
        if rule.id:
            taken.add(rule.id)
        rules.append(rule)
    if rules:
        if rules[-1].condition is not None or rules[-1].hours is not None:
            raise Invalid(CATCH_ALL)
        if policy_start(rules[-1]) is None:
            raise Invalid(NO_POLICY)
    return rules


def _rule(org: Organization, given: Fields, stored: Rule | None, rooms: Rooms) -> Rule:
    before = stored or Rule("", 0, "", 0)
    started = policy_start(before)
    actions = given.maybe_each("actions") or []
    types = [action.choice("type", KINDS) for action in actions]
    check_together(given, types, bool(given.maybe_text("policy_id")))
    by_type = dict(zip(types, actions, strict=True))
    named = by_type.get(ESCALATION)
    if named is not None and not named.maybe_text("policy_id"):
        raise named.wrong("policy_id", "is required")
    start = start_asked(org, named or given, started)
    hours = maybe_hours_asked(given, "time_restriction", before.hours)
    if hours is not None and start is not None and start.support_hours is not None:
        raise given.wrong("time_restriction", "must not be used together with support hours")
    rest = tuple(one for one in before.starts if one != started)
    rerouted = by_type.get(REROUTE)
    told = {
        "query": given.maybe_text("query") or "",
        "place": next((at for at, type in enumerate(types) if type in (ESCALATION, REROUTE)), 0),
        "unsaid": not (named or given).has("urgency"),
    }
    return replace(
        before,
        condition=_condition(given, before),
        hours=hours,
        starts=(*([start] if start else []), *rest),
        reroute_team_id=destination_asked(org, rerouted) if rerouted else _hidden_reroute(before),
        notify=_notify(org, actions, types, before, rooms),
        settings={**before.settings, DIALECT: told},
    )


def _hidden_reroute(stored: Rule) -> str | None:
    """Elsewhere a rule may start a policy and hand over; here it says the policy alone."""
    return stored.reroute_team_id if policy_start(stored) else None


def _condition(given: Fields, stored: Rule) -> Condition | None:
    """A query that is as this dialect shows the rule's condition is that condition."""
    query = given.maybe_text("query") or ""
    if stored.id and query == query_said(stored):
        return stored.condition
    return condition_of(query, where=given.path("query"))


def _notify(
    org: Organization, actions: Sequence[Fields], types: Sequence[str], stored: Rule, rooms: Rooms
) -> tuple[Target, ...]:
    """What the actions tell, and what is told that no action can say."""
    asked = [
        rooms.target(action) for action, type in zip(actions, types, strict=True) if type not in (ESCALATION, REROUTE)
    ]
    hidden = [target for target, action in notified(org, stored.notify) if action is None]
    return (*asked, *hidden)


# --- Operations


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call, Permission.ON_CALL_READ)
    return _said(org, team_of(org, call), call)


def write(tx: Tx, call: Call) -> Reply:
    """Replaces the set. Rules that are switched off are unknown here, and stay."""
    org = tx.organization(call.caller.org)
    team_id = team_of(org, call)
    demand(org, call, Permission.ON_CALL_WRITE, (team_id,))
    data = data_of(call, TYPE)
    check_id(data, team_id)
    given = data.attributes.maybe_each("rules") or []
    _check_size(data.attributes, given)
    stored = org.ordered_rules.get(team_id, ())
    rooms = rooms_of(org.endpoints.values(), lambda: tx.new_id(call.now))
    rules = _named(tx, call, org.teams[team_id], rules_asked(org, given, stored, rooms))
    left = {rule.id for rule in rules}
    numbers = tx.next_numbers(org.number, "endpoint", len(rooms.made))
    made = [replace(one, number=number) for one, number in zip(rooms.made, numbers, strict=True)]
    changes = [Change("endpoint", one.id, one) for one in made]
    changes += [Change("rule", rule.id, rule) for rule in rules]
    changes += [Change("rule", rule.id, None) for rule in stored if rule.id not in left]
    after = directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return _said(after, team_id, call)


def _check_size(attributes: Fields, rules: Sequence[Fields]) -> None:
    if len(rules) > MOST_RULES:
        raise attributes.wrong("rules", f"must have at most {MOST_RULES} items")
    if sum(len(rule.maybe_each("actions") or ()) for rule in rules) > MOST_ACTIONS:
        raise attributes.wrong("rules", f"must have at most {MOST_ACTIONS} actions together")
    if sum(len(rule.maybe_text("query") or "") for rule in rules) > LONGEST_QUERIES:
        raise attributes.wrong("rules", f"must have at most {LONGEST_QUERIES} characters of queries together")


def _named(tx: Tx, call: Call, team: Team, asked: Sequence[Rule]) -> list[Rule]:
    """The rules of the team in their order; new ones with an id, a number and a name."""
    numbers = iter(tx.next_numbers(call.caller.org, "rule", sum(not rule.id for rule in asked)))
    rules = []
    for order, rule in enumerate(asked, 1):
        if not rule.id:
            number = next(numbers)
            rule = replace(rule, id=tx.new_id(call.now), number=number, name=f"{team.slug[:100]} {number}")
        rules.append(replace(rule, team_id=team.id, order=order))
    return rules


def team_of(org: Organization, call: Call) -> str:
    """The id of the team in the path. Raises NotFound."""
    team_id = path_id(call, "team_id")
    if team_id not in org.teams:
        raise NotFound("team not found")
    return team_id


PLACE = "/api/v2/on-call/teams/{team_id}/routing-rules"
ROUTES = (get(PLACE, show), put(PLACE, write))
