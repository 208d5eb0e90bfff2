"""A person's notification rules (reference, part 4.8): their paging policy by delays."""

from collections.abc import Iterable, Mapping
from typing import Any

from watchbill.api.datadog.channels import channel_of, profile, shown
from watchbill.api.datadog.channels import to_wire as channel_to_wire
from watchbill.api.datadog.documents import (
    Data,
    Resource,
    answer,
    check_id,
    data_of,
    included_paths,
    path_id,
    resource,
    to_one,
)
from watchbill.api.datadog.people import keep
from watchbill.asgi.dialect import delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.check_values import LONGEST_DURATION
from watchbill.domain.civil import MINUTE
from watchbill.domain.errors import NotFound
from watchbill.domain.paging_rules import TimedRule, rules_of, with_rule, without_rule
from watchbill.domain.people import ContactMethod, PagingPolicy, Urgency, User
from watchbill.domain.record import record, replace
from watchbill.usecases.ports import Tx

TYPE = "notification_rules"
PATH = "/api/v2/on-call/users/{user_id}/notification-rules"
CATEGORIES = {"high_urgency": Urgency.HIGH, "low_urgency": Urgency.LOW}
NAMES = {urgency: name for name, urgency in CATEGORIES.items()}
METHODS = ("sms", "voice")
LONGEST_DELAY = LONGEST_DURATION // MINUTE


@record
class Rule:
    """A timed rule, and which urgency it is for."""

    urgency: Urgency
    timed: TimedRule


# --- Which


def all_rules(user: User) -> list[Rule]:
    """Those over channels that have a form here; high urgency first, then as they fire."""
    channels = {contact.id for contact in shown(user)}
    return [
        Rule(urgency, timed)
        for urgency in CATEGORIES.values()
        for timed in rules_of(user, urgency)
        if timed.contact_id in channels
    ]


def rule_of(user: User, id: str) -> Rule:
    """Raises NotFound in the recorded words."""
    found = next((rule for rule in all_rules(user) if rule.timed.id == id), None)
    if found is None:
        raise NotFound("notification rule not found")
    return found


# --- On the wire


def to_wire(user: User, rule: Rule) -> Resource:
    contact = channel_of(user, rule.timed.contact_id)
    attributes: dict[str, Any] = {"category": NAMES[rule.urgency], "delay_minutes": rule.timed.delay // MINUTE}
    if contact.kind == "phone":
        attributes["channel_settings"] = {"type": "phone", "method": rule.timed.channel}
    return resource(TYPE, rule.timed.id, attributes, {"channel": to_one("notification_channels", contact.id)})


def from_wire(user: User, data: Data, id: str) -> Rule:
    """Raises Invalid."""
    given = data.attributes
    category = given.maybe_choice("category", tuple(CATEGORIES)) or "high_urgency"
    delay = given.maybe_whole("delay_minutes", 0, LONGEST_DELAY) or 0
    contact = _channel(user, data)
    return Rule(CATEGORIES[category], TimedRule(id, delay * MINUTE, _channel_name(contact, data), contact.id))


def _channel(user: User, data: Data) -> ContactMethod:
    id = data.link("channel", "notification_channels")
    if id is None:
        raise data.attributes.wrong("channel", "is required")
    try:
        return channel_of(user, id)
    except NotFound as error:
        raise data.attributes.wrong("channel", f"notification channel {id} not found") from error


def _channel_name(contact: ContactMethod, data: Data) -> str:
    """The channel of ours that a rule means: the contact's, or for a phone the method."""
    settings = data.attributes.maybe_inner("channel_settings")
    if contact.kind != "phone":
        if settings is not None:
            raise data.attributes.wrong("channel_settings", "is only for phone channels")
        return contact.kind
    if settings is None:
        raise data.attributes.wrong("channel_settings", "is required for phone channels")
    settings.choice("type", ("phone",))
    return settings.choice("method", METHODS)


# --- Operations


def list_all(tx: Tx, call: Call) -> Reply:
    user = profile(tx, call)
    rules = all_rules(user)
    return answer([to_wire(user, rule) for rule in rules], _included(call, user, rules))


def show(tx: Tx, call: Call) -> Reply:
    user = profile(tx, call)
    return _shown(call, user, rule_of(user, path_id(call, "rule_id")))


def create(tx: Tx, call: Call) -> Reply:
    user = profile(tx, call, writes=True)
    rule = from_wire(user, data_of(call, TYPE), tx.new_id(call.now))
    after = with_rule(user, rule.urgency, rule.timed, _blank(tx, call))
    keep(tx, call, after)
    return answer(to_wire(after, rule), status=201)


def change(tx: Tx, call: Call) -> Reply:
    """Replaces the rule; one whose delay is not whole minutes keeps it when the same minutes are given."""
    user = profile(tx, call, writes=True)
    old = rule_of(user, path_id(call, "rule_id"))
    data = data_of(call, TYPE)
    check_id(data, old.timed.id)
    new = from_wire(user, data, old.timed.id)
    if new.timed.delay == old.timed.delay // MINUTE * MINUTE:
        new = Rule(new.urgency, replace(new.timed, delay=old.timed.delay))
    after = user
    if new.urgency is not old.urgency:
        after = without_rule(after, old.urgency, old.timed.id, _blank(tx, call))
    after = with_rule(after, new.urgency, new.timed, _blank(tx, call))
    keep(tx, call, after)
    return _shown(call, after, new)


def remove(tx: Tx, call: Call) -> Reply:
    user = profile(tx, call, writes=True)
    rule = rule_of(user, path_id(call, "rule_id"))
    keep(tx, call, without_rule(user, rule.urgency, rule.timed.id, _blank(tx, call)))
    return Reply(204)


def _blank(tx: Tx, call: Call) -> PagingPolicy:
    return PagingPolicy(tx.new_id(call.now), tx.next_numbers(call.caller.org, "paging_policy", 1)[0], "", ())


def _shown(call: Call, user: User, rule: Rule) -> Reply:
    return answer(to_wire(user, rule), _included(call, user, (rule,)))


def _included(call: Call, user: User, rules: Iterable[Rule]) -> list[Mapping[str, Any]] | None:
    if "channel" not in included_paths(call, ("channel",)):
        return None
    return [channel_to_wire(channel_of(user, rule.timed.contact_id)) for rule in rules]


ROUTES = [
    get(PATH, list_all),
    post(PATH, create),
    get(PATH + "/{rule_id}", show),
    put(PATH + "/{rule_id}", change),
    delete(PATH + "/{rule_id}", remove),
]
