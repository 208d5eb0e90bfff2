"""What makes a routing key, a rule, a maintenance window, an integration, an endpoint or the settings unfit."""

from collections.abc import Iterator, Sequence

from watchbill.domain import check_values as values
from watchbill.domain import mapping, transforms
from watchbill.domain.check_people import unknown
from watchbill.domain.check_plans import machines, targets
from watchbill.domain.check_values import Flaw, below
from watchbill.domain.civil import SECOND
from watchbill.domain.conditions import is_number
from watchbill.domain.mapping import FieldMapping
from watchbill.domain.organization import Endpoint, Integration, Organization, Settings
from watchbill.domain.patterns import fault_of
from watchbill.domain.routes import Condition, Grouping, Join, MaintenanceWindow, Op, RoutingKey, Rule, Start
from watchbill.domain.transforms import AlertRule

INTEGRATION_KINDS = ("rest", "email", "alertmanager", "generic")
ENDPOINT_KINDS = ("webhook", "chat")
MOST_STARTS = 100
MOST_PARTS = 1000
DEEPEST = 16
LONGEST_VALUE = 10_000


def routing_key(org: Organization, given: RoutingKey) -> Iterator[Flaw]:
    yield from values.slug("name", given.name)
    yield from _starts(org, given.starts)


def rule(org: Organization, given: Rule) -> Iterator[Flaw]:
    yield from values.name("name", given.name)
    for field, team_id in (("team_id", given.team_id), ("reroute_team_id", given.reroute_team_id)):
        if team_id is not None and team_id not in org.teams:
            yield field, unknown("team", team_id)
    yield from values.hours("hours", given.hours)
    yield from _starts(org, given.starts)
    yield from machines(org, "notify", given.notify)
    yield from values.duration("suppress_for", given.suppress_for, SECOND)
    if given.grouping is not None:
        yield from below("grouping", _grouping(given.grouping))
    if given.condition is not None:
        yield from below("condition", _condition(given.condition, DEEPEST))


def _grouping(given: Grouping) -> Iterator[Flaw]:
    yield from values.duration("within", given.within, SECOND)
    yield from values.count("alike", len(given.alike), 0, MOST_STARTS)
    for index, alike in enumerate(given.alike):
        yield from values.count(f"alike[{index}].fields", len(alike.fields), 1, MOST_STARTS)
        for place, name in enumerate(alike.fields):
            yield from values.name(f"alike[{index}].fields[{place}]", name)
    yield from values.prose("title", given.title)


def _starts(org: Organization, given: Sequence[Start]) -> Iterator[Flaw]:
    yield from values.count("starts", len(given), 0, MOST_STARTS)
    for index, start in enumerate(given):
        yield from below(f"starts[{index}]", _start(org, start))


def _start(org: Organization, start: Start) -> Iterator[Flaw]:
    if (start.policy_id is None) == (start.user_id is None):
        yield "", "It must start one thing. Name either an escalation policy or a person."
    if start.policy_id is not None and start.policy_id not in org.policies:
        yield "policy_id", unknown("escalation policy", start.policy_id)
    if start.user_id is not None and start.user_id not in org.users:
        yield "user_id", unknown("user", start.user_id)
    yield from values.duration("ack_timeout", start.ack_timeout, SECOND)
    yield from values.hours("support_hours", start.support_hours)


def _condition(condition: Condition, depth: int) -> Iterator[Flaw]:
    if not depth:
        yield "", f"Conditions are nested more than {DEEPEST} deep. Write them flatter."
        return
    if condition.join is Join.TEST:
        yield from _test(condition)
        return
    yield from values.count("parts", len(condition.parts), 0, MOST_PARTS)
    for index, part in enumerate(condition.parts):
        yield from below(f"parts[{index}]", _condition(part, depth - 1))


def _test(condition: Condition) -> Iterator[Flaw]:
    yield from values.name("field", condition.field)
    value = condition.value
    if len(value) > LONGEST_VALUE:
        yield "value", f"The text has {len(value)} characters. Use at most {LONGEST_VALUE}."
    elif condition.op is Op.REGEX:
        error = fault_of(value, ignore_case=False)
        if error:
            yield "value", f"'{value}' is not a regular expression ({error}). Use the syntax of RE2."
    elif condition.op in (Op.AT_LEAST, Op.AT_MOST) and not is_number(value):
        yield "value", f"'{value}' is not a number. Write one such as '90' or '0.5'."


def alert_rules(org: Organization) -> Iterator[Flaw]:
    """Of all of them together."""
    if len(org.alert_rules) > transforms.MOST_RULES:
        yield "", f"There are {len(org.alert_rules)} alert rules. Keep at most {transforms.MOST_RULES}."
    if transforms.size_of(org.alert_rules.values()) > transforms.LARGEST_PROGRAMS:
        yield "", "The expressions of all alert rules together take too long to match. Keep fewer or simpler ones."


def alert_rule(given: AlertRule) -> Iterator[Flaw]:
    yield from values.name("field", given.field)
    yield from _matched(given)
    yield from values.count("actions", len(given.actions), 0, transforms.MOST_ACTIONS)
    for index, action in enumerate(given.actions):
        yield from values.name(f"actions[{index}].field", action.field)
        yield from values.prose(f"actions[{index}].value", action.value)
    yield from values.prose("notes", given.notes)


def _matched(given: AlertRule) -> Iterator[Flaw]:
    longest = transforms.LONGEST_WILDCARD if given.match is Op.WILDCARD else transforms.LONGEST_REGEX
    if given.match not in (Op.WILDCARD, Op.REGEX):
        yield "match", f"'{given.match}' is no way to match an alert. Use wildcard or regex."
    if len(given.value) > longest:
        yield "value", f"The text has {len(given.value)} characters. Use at most {longest}."
    elif given.match is Op.REGEX:
        error = fault_of(given.value, ignore_case=False)
        if error:
            yield "value", f"'{given.value}' is not a regular expression ({error}). Use the syntax of RE2."
        elif transforms.size_of((given,)) > transforms.LARGEST_PROGRAM:
            yield "value", f"'{given.value}' takes too long to match. Repeat less in it."


def window(org: Organization, given: MaintenanceWindow) -> Iterator[Flaw]:
    yield from values.slug("slug", given.slug)
    yield from values.name("name", given.name)
    yield from values.span("", given.start, given.end)
    for index, key_id in enumerate(given.key_ids or ()):
        if key_id not in org.routing_keys:
            yield f"key_ids[{index}]", unknown("routing key", key_id)
    yield from values.hours("weekly", given.weekly)


def integration(given: Integration) -> Iterator[Flaw]:
    yield from values.name("name", given.name)
    if given.kind not in INTEGRATION_KINDS:
        yield "kind", f"'{given.kind}' is no kind of integration. Use one of {', '.join(INTEGRATION_KINDS)}."
    if given.routing_key is not None:
        yield from values.slug("routing_key", given.routing_key)
    if given.mapping is not None:
        yield from _mapping(given.kind, given.mapping)


def _mapping(kind: str, given: FieldMapping) -> Iterator[Flaw]:
    if kind != "generic":
        yield "mapping", f"A {kind} integration knows its bodies. Give a mapping to generic ones only."
    for flaw in mapping.check(given):
        place, _, message = flaw.partition(": ")
        yield f"mapping.{place}", f"The source {message}."


def endpoint(given: Endpoint) -> Iterator[Flaw]:
    yield from values.slug("slug", given.slug)
    yield from values.name("name", given.name)
    if given.kind not in ENDPOINT_KINDS:
        yield "kind", f"'{given.kind}' is no kind of endpoint. Use one of {', '.join(ENDPOINT_KINDS)}."
    yield from values.url("address", given.address, ("http", "https") if given.kind == "webhook" else ())


def settings(org: Organization, given: Settings) -> Iterator[Flaw]:
    yield from values.duration("ack_timeout", given.ack_timeout, SECOND)
    yield from values.duration("auto_resolve", given.auto_resolve, SECOND)
    yield from targets(org, "safety_net", given.safety_net)
    yield from values.count("bundle_after", given.bundle_after, 1, 1_000_000)
    yield from values.duration("bundle_every", given.bundle_every, SECOND)
