"""The rules engine's rules: listed, made, changed, removed (reference, parts 2.20 and 4.12)."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

import msgspec

from watchbill.api.victorops.auth import owner
from watchbill.api.victorops.bodies import body_of, needed, required
from watchbill.api.victorops.members import number_of, told
from watchbill.api.victorops.times import millis
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.alert import AnnotationKind
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.routes import Op
from watchbill.domain.transforms import Action, AlertRule, placed
from watchbill.usecases import access, directory
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx

EVERY_KEY = "*"
KINDS: Mapping[str, AnnotationKind] = {"u": AnnotationKind.URL, "s": AnnotationKind.NOTE, "i": AnnotationKind.IMAGE}
LETTERS: Mapping[AnnotationKind, str] = {kind: letter for letter, kind in KINDS.items()}
MATCHES: Mapping[str, Op] = {"WILDCARD": Op.WILDCARD, "REGEX": Op.REGEX}
WORDS: Mapping[Op, str] = {op: word for word, op in MATCHES.items()}
# The lowest bit of an annotation's flags says that it sets a field.
SETS = 1
LOWEST = 1_000_000


class WireAction(msgspec.Struct):
    annotationType: str | None = None
    fieldName: str | None = None
    fieldValue: str | None = None
    flags: int | None = None


class WireRule(msgspec.Struct):
    """The routing key has two spellings."""

    alertField: str | None = None
    alertValueMatch: str | None = None
    matchType: str | None = None
    rank: int | None = None
    stopFlag: bool | None = None
    notes: str | None = None
    routeKey: str | None = None
    routingKey: str | None = None
    annotations: list[WireAction] | None = None

    @property
    def key(self) -> str | None:
        return self.routeKey if self.routeKey is not None else self.routingKey


def listed(tx: Tx, call: Call) -> Reply:
    """Those of a routing key when one is asked for, from the top."""
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    key = _name(call.asked("routing_key") or EVERY_KEY)
    rules = sorted(org.alert_rules.values(), key=lambda rule: (rule.order, -rule.number))
    return Reply(body=[to_wire(rule) for rule in rules if not key or rule.routing_key.lower() == key.lower()])


def show(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    return Reply(body=to_wire(_rule(org, call)))


def create(tx: Tx, call: Call) -> Reply:
    """On top, unless a rank says otherwise."""
    org = _mine(tx, call)
    given = body_of(WireRule, call)
    field, value = needed(given.alertField, "alertField"), required(given.alertValueMatch, "alertValueMatch")
    rule = AlertRule(tx.new_id(call.now), tx.next_numbers(org.number, "alert_rule", 1)[0], field, value)
    return Reply(body=to_wire(_keep(tx, call, org, _from_wire(tx, call, given, rule))))


def update(tx: Tx, call: Call) -> Reply:
    """What is not told stays."""
    org = _mine(tx, call)
    rule = _rule(org, call)
    return Reply(body=to_wire(_keep(tx, call, org, _from_wire(tx, call, body_of(WireRule, call), rule))))


def remove(tx: Tx, call: Call) -> Reply:
    org = _mine(tx, call)
    rule = _rule(org, call)
    directory.apply(tx, org.number, [Change("alert_rule", rule.id, None)], call.caller.actor.name, call.now)
    return Reply(body={"id": rule.number})


def _mine(tx: Tx, call: Call) -> Organization:
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.ALERTS)
    return org


def _rule(org: Organization, call: Call) -> AlertRule:
    """Raises NotFound."""
    number = number_of(call.params["ruleId"])
    found = next((rule for rule in org.alert_rules.values() if rule.number == number), None)
    if found is None:
        raise NotFound(f"No alert rule '{call.params['ruleId']}' found")
    return found


def _keep(tx: Tx, call: Call, org: Organization, rule: AlertRule) -> AlertRule:
    """With those that give way to it."""
    changes = [Change("alert_rule", one.id, one) for one in placed(org.alert_rules.values(), rule)]
    directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return rule


def _from_wire(tx: Tx, call: Call, given: WireRule, rule: AlertRule) -> AlertRule:
    """Raises Invalid."""
    changes = told(
        field=given.alertField,
        order=None if given.rank is None else min(max(given.rank, 1), LOWEST),
        stop=given.stopFlag,
    )
    if given.alertValueMatch is not None:
        changes["value"] = given.alertValueMatch
    if given.notes is not None:
        changes["notes"] = given.notes
    if given.matchType is not None:
        changes["match"] = _match(given.matchType)
    if given.key is not None:
        changes["routing_key"] = _name(given.key)
    if given.annotations is not None:
        changes["actions"] = tuple(_actions(given.annotations))
    edited = replace(rule, **changes)  # type: ignore[arg-type]
    return replace(edited, updated_at=call.now, updated_by=owner(tx, call.caller, call.request))


def _name(key: str) -> str:
    """Of a routing key; empty for all of them."""
    return "" if key == EVERY_KEY else key.strip()


def _match(word: str) -> Op:
    if word.upper() not in MATCHES:
        raise Invalid(f"'{word[:50]}' is no match type; use WILDCARD or REGEX", "matchType")
    return MATCHES[word.upper()]


def _actions(given: Iterable[WireAction]) -> Iterable[Action]:
    for index, one in enumerate(given):
        at = f"annotations[{index}]"
        name = needed(one.fieldName, f"{at}.fieldName")
        letter = (one.annotationType or "s").lower()
        if letter not in KINDS:
            raise Invalid(f"'{letter[:50]}' is no type of annotation; use u, s or i", f"{at}.annotationType")
        yield Action(name, one.fieldValue or "", None if (one.flags or 0) & SETS else KINDS[letter])


def to_wire(rule: AlertRule) -> Mapping[str, object]:
    return {
        "id": rule.number,
        "alertField": rule.field,
        "alertValueMatch": rule.value,
        "matchType": WORDS[rule.match],
        "rank": rule.order,
        "stopFlag": rule.stop,
        "lastUpdated": millis(rule.updated_at),
        **told(lastUpdatedBy=rule.updated_by),
        "notes": rule.notes,
        "routeKey": rule.routing_key or EVERY_KEY,
        "annotations": [_action(rule, index, action) for index, action in enumerate(rule.actions)],
    }


def _action(rule: AlertRule, index: int, action: Action) -> Mapping[str, object]:
    """An annotation's id is made of its rule's and its place."""
    return {
        "id": rule.number * 1000 + index,
        "annotationType": LETTERS[action.annotation or AnnotationKind.NOTE],
        "fieldName": action.field,
        "fieldValue": action.value,
        "flags": 0 if action.annotation is not None else SETS,
    }


RULES = "/api-public/v1/alertRules"
ROUTES: tuple[Route, ...] = (
    get(RULES, listed),
    post(RULES, create),
    get(RULES + "/{ruleId}", show),
    put(RULES + "/{ruleId}", update),
    delete(RULES + "/{ruleId}", remove),
)
