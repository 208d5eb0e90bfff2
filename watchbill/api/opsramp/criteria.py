"""Which alerts a policy is for: its resources and filter rules as a condition of the core (reference, part 9).

A rule with a key or an operator that nobody knows fits nothing; `unknown` tells of it.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from watchbill.api.opsramp.bodies import Body
from watchbill.api.opsramp.times import moment
from watchbill.domain.check_routes import LONGEST_VALUE
from watchbill.domain.civil import DAY, HOUR
from watchbill.domain.conditions import is_number
from watchbill.domain.errors import Invalid
from watchbill.domain.facts import ALERTS, HEALED, OPENED, ORGANIZATION, UPDATED, WITHIN
from watchbill.domain.patterns import is_pattern
from watchbill.domain.routes import Condition, Join, Op

ALWAYS = Condition(Join.ALL)
NEVER = Condition(Join.ANY)

# The attributes and fields that a key looks at; a test holds when it does for one of them.
TEXTS: Mapping[str, Sequence[str]] = {
    "alert:subject": ("title",),
    "alert:description": ("message",),
    "alert:type": ("alertType",),
    "alert:metric": ("service",),
    "alert:source": ("tool",),
    "alert:state": ("signal",),
    "alert:event type": ("eventType",),
    "resource:resource name": ("host", "resource.resourceName", "resource.hostName", "resource.name"),
    "resource:resource type": ("resource.resourceType", "resource.type"),
    "resource:resource ip": ("resource.ipAddress",),
    "resource:instance id": ("resource.instanceId",),
    "resource:aws instance name": ("resource.awsInstanceName",),
    "resource:aws account id": ("resource.awsAccountId",),
}
MOMENTS = {
    "alert:created date": OPENED,
    "alert:update time": UPDATED,
    "alert:healed time": HEALED,
}
STATE, TYPE, OCCURRENCES, FREQUENCY = (
    "alert:state",
    "resource:resource type",
    "alert:no of occurrence",
    "alert:occurrence frequency",
)
SIGNALS = {"ok": "recovery"}
SPANS = {"hours": HOUR, "hour": HOUR, "days": DAY, "day": DAY, "weeks": 7 * DAY, "week": 7 * DAY}
# A rule of this type fits any kind of device.
ANY_DEVICE = "device"

TEXT_OPS: Mapping[str, tuple[Op, bool]] = {
    "contains": (Op.CONTAINS, True),
    "notcontains": (Op.CONTAINS, False),
    "doesnotcontain": (Op.CONTAINS, False),
    "equals": (Op.EQUALS, True),
    "notequals": (Op.EQUALS, False),
    "is": (Op.EQUALS, True),
    "isnot": (Op.EQUALS, False),
    "match": (Op.EQUALS, True),
    "startswith": (Op.STARTS_WITH, True),
    "endswith": (Op.ENDS_WITH, True),
    "regex": (Op.REGEX, True),
}
RESOURCES: Mapping[str, str] = {
    "RESOURCE": "resource.id",
    "DEVICE": "resource.id",
    "DEVICEGROUP": "resource.deviceGroups",
    "SERVICEGROUP": "resource.serviceGroups",
    "LOCATION": "resource.location",
}
CLIENT = "CLIENT"
INCLUDE, EXCLUDE = "INCLUDE", "EXCLUDE"


def condition(body: Body, tenant: str) -> Condition:
    """What an alert must be for this policy of that tenant ("msp_5") to match."""
    parts = (
        _clients(body),
        _resources(body.get("resources") or (), tenant),
        _criteria(body.get("filterCriteria") or {}),
    )
    return Condition(Join.ALL, parts=tuple(part for part in parts if part != ALWAYS))


def _clients(body: Body) -> Condition:
    """Of a partner's policy: the clients that it names, or all but these."""
    kind = str(body.get("clientMatchingType", "")).upper()
    if kind not in (INCLUDE, EXCLUDE):
        return ALWAYS
    named = tuple(_of_client(client) for client in body.get("includedClients") or ())
    return Condition(Join.ANY if kind == INCLUDE else Join.NONE, parts=named)


def reaches(body: Body, client: str) -> bool:
    """Whether a partner's policy may act on this client ("client_7")."""
    kind = str(body.get("clientMatchingType", "")).upper()
    named = {_client_id(each) for each in body.get("includedClients") or ()}
    return kind not in (INCLUDE, EXCLUDE) or (client in named) is (kind == INCLUDE)


def _client_id(client: object) -> str:
    return str(client.get("uniqueId") if isinstance(client, Mapping) else client)


def _of_client(client: object) -> Condition:
    return _organization(_client_id(client))


def _organization(tenant: str) -> Condition:
    return Condition(field=ORGANIZATION, value=tenant.rpartition("_")[2])


def _resources(entries: Sequence[Body], tenant: str) -> Condition:
    """None: everything in scope. Otherwise at least one must fit (reference, part 9.3)."""
    parts = tuple(_resource(entry, tenant) for entry in entries)
    return ALWAYS if not parts or ALWAYS in parts else Condition(Join.ANY, parts=parts)


def _resource(entry: Body, tenant: str) -> Condition:
    id, kind = str(entry.get("id", "")), str(entry.get("type", "")).upper()
    if kind == CLIENT:
        return ALWAYS if id == tenant else _organization(id)
    field = RESOURCES.get(kind)
    if field is None or not id or len(id) > LONGEST_VALUE:
        return NEVER
    listed = Condition(field=field, op=Op.CONTAINS, value=f",{id},")
    return listed if field != RESOURCES["RESOURCE"] else Condition(field=field, value=id)


def _criteria(criteria: Body) -> Condition:
    """Both search queries are expressions of a language that is not evaluated: they fit nothing (part 9.4)."""
    if criteria.get("searchQuery") or criteria.get("resourceSearchQuery"):
        return NEVER
    parts = tuple(rule_condition(rule) for rule in criteria.get("rules") or ())
    if not parts:
        return ALWAYS
    return Condition(Join.ANY if str(criteria.get("matchingType")).upper() == "ANY" else Join.ALL, parts=parts)


def rule_condition(rule: Body) -> Condition:
    key, op, value = _key(rule.get("key")), _word(rule.get("operator")), _plain(rule.get("value"))
    if key == FREQUENCY:
        return _frequency(op, rule.get("value"))
    if value is None or len(value) > LONGEST_VALUE:
        return NEVER
    if key == OCCURRENCES:
        return _number(ALERTS, op, value)
    if key in MOMENTS:
        return _moment(MOMENTS[key], op, value)
    if key == TYPE and value.lower() == ANY_DEVICE:
        return {True: ALWAYS, False: NEVER}[TEXT_OPS[op][1]] if op in TEXT_OPS else NEVER
    return _text(key, op, value)


def unknown(criteria: Body) -> Iterator[str]:
    """The keys of the rules that fit nothing whatever the alert."""
    for rule in criteria.get("rules") or ():
        if rule_condition(rule) == NEVER:
            yield f"{rule.get('key')} {rule.get('operator')}"
    for query in ("searchQuery", "resourceSearchQuery"):
        if criteria.get(query):
            yield query


def _key(key: object) -> str:
    """ "Alert  : Description" is "alert:description"."""
    left, _, right = str(key).partition(":")
    return f"{' '.join(left.split())}:{' '.join(right.split())}".lower()


def _word(operator: object) -> str:
    return re.sub(r"[\s_]+", "", str(operator)).lower()


def _plain(value: object) -> str | None:
    """A value as text. Some samples wrap it: {"type": "DEVICE"}."""
    if isinstance(value, Mapping):
        value = value.get("type")
    return None if value is None or isinstance(value, Mapping | list) else str(value)


def text_test(fields: Sequence[str], operator: object, value: object) -> Condition:
    """A test of a text that may lie in one of several fields."""
    text = _plain(value)
    return NEVER if text is None or len(text) > LONGEST_VALUE else _tested(fields, _word(operator), text)


def _text(key: str, op: str, value: str) -> Condition:
    if key == STATE:
        value = SIGNALS.get(value.lower(), value)
    return _tested(TEXTS.get(key, ()), op, value)


def _tested(fields: Sequence[str], op: str, value: str) -> Condition:
    if op not in TEXT_OPS or not fields:
        return NEVER
    how, wanted = TEXT_OPS[op]
    if how is Op.REGEX:
        value = f"(?s:.*)(?:{value})(?s:.*)"
        if not is_pattern(value):
            return NEVER
    tests = tuple(Condition(field=field, op=how, value=value) for field in fields)
    if wanted:
        return tests[0] if len(tests) == 1 else Condition(Join.ANY, parts=tests)
    return Condition(Join.NONE, parts=tests)


def _number(field: str, op: str, value: str) -> Condition:
    if not is_number(value):
        return NEVER
    low, high = (Condition(field=field, op=bound, value=value) for bound in (Op.AT_LEAST, Op.AT_MOST))
    same = Condition(Join.ALL, parts=(low, high))
    known: Mapping[str, Condition] = {
        "greaterthanorequalto": low,
        "lessthanorequalto": high,
        "greaterthan": _but(field, high),
        "lessthan": _but(field, low),
        "equals": same,
        "is": same,
        "notequals": _but(field, same),
        "isnot": _but(field, same),
    }
    return known.get(op, NEVER)


def _but(field: str, test: Condition) -> Condition:
    """There is such a fact, and it is not so."""
    return Condition(Join.ALL, parts=(Condition(field=field, op=Op.EXISTS), Condition(Join.NONE, parts=(test,))))


def _moment(field: str, op: str, value: str) -> Condition:
    try:
        return _number(field, op, str(moment(value, "value")))
    except Invalid:
        return NEVER


def _frequency(op: str, value: object) -> Condition:
    """So many alerts of this incident in the last so many hours, days or weeks."""
    if not isinstance(value, Mapping):
        return NEVER
    unit = SPANS.get(_word(value.get("frequencyType")))
    count, times = (_digits(value.get(name)) for name in ("occurrences", "frequency"))
    if unit is None or count is None or times is None:
        return NEVER
    return _number(f"{WITHIN}{unit * times}", op, str(count))


def _digits(value: object) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else None
