"""The filters of first response and correlation policies: another dialect of rules than that of escalation policies
(reference, part 13.1)."""

from collections.abc import Mapping
from ipaddress import ip_network
from typing import Any

from watchbill.api.opsramp import criteria
from watchbill.api.opsramp.bodies import Body, objects, one, word
from watchbill.api.opsramp.criteria import ALWAYS, NEVER
from watchbill.domain.errors import Invalid
from watchbill.domain.routes import Condition, Join, Op

# What a rule may look at, in the words of escalation policies.
KEYS: Mapping[str, str] = {
    "resource_name": "Resource: Resource Name",
    "host_name": "Resource: Resource Name",
    "resource_type": "Resource: Resource Type",
    "ip_address": "Resource: Resource IP",
    "subject": "Alert: Subject",
    "alert_subject": "Alert: Subject",
    "alert_description": "Alert: Description",
    "description": "Alert: Description",
    "alert_metric": "Alert: Metric",
    "metric": "Alert: Metric",
    "alert_source": "Alert: Source",
    "alert_state": "Alert: State",
    "alert_type": "Alert: Type",
}
LISTS = {
    "device_group": "resource.deviceGroups",
    "service_group": "resource.serviceGroups",
    "site": "resource.location",
}
CUSTOM = "customattributes"
IP = "resource.ipAddress"


def check(given: Body) -> None:
    """Raises Invalid."""
    word(given, "matchingType", ("ALL", "ANY"), str.upper)
    for at, rule in enumerate(objects(given, "rules") or ()):
        for field in ("entityName", "operator", "entityValue"):
            if rule.get(field) is not None and not isinstance(rule[field], str):
                raise Invalid("A text is needed", f"filterCriteria.rules[{at}].{field}")
        one(rule, "ipMatchingConditions")


def fields_of(entity: str) -> tuple[str, ...]:
    """Where the core has this property of an alert or its resource; nowhere: it is not known."""
    plain = "_".join(entity.lower().split())
    key = KEYS.get(plain, "").lower().replace(": ", ":")
    return (LISTS[plain],) if plain in LISTS else tuple(criteria.TEXTS.get(key, ()))


def condition(sent: Body, tenant: str) -> Condition:
    """A rule that is not known fits nothing."""
    clients = {
        "clientMatchingType": sent.get("organizationMatchingType"),
        "includedClients": sent.get("includedClients"),
    }
    given: Any = sent.get("filterCriteria") or {}
    parts = tuple(_rule(rule) for rule in given.get("rules") or ())
    if not parts or str(given.get("filterBased", True)).lower() == "false":
        parts = (ALWAYS,)
    joined = Condition(Join.ANY if str(given.get("matchingType")).upper() == "ANY" else Join.ALL, parts=parts)
    return Condition(Join.ALL, parts=(criteria.condition(clients, tenant), joined))


def _rule(rule: Body) -> Condition:
    name, operator = str(rule.get("entityName", "")), rule.get("operator")
    plain, value = "_".join(name.lower().split()), rule.get("entityValue")
    if plain == "ip_address" and isinstance(rule.get("ipMatchingConditions"), Mapping):
        return _address(rule["ipMatchingConditions"])
    if str(rule.get("filterType", "")).replace("_", "").lower() == CUSTOM:
        return criteria.text_test((f"tags.{name}", name), operator, value)
    if plain in LISTS:
        return Condition(field=LISTS[plain], op=Op.CONTAINS, value=f",{value},") if value else NEVER
    key = KEYS.get(plain)
    return criteria.rule_condition({"key": key, "operator": operator, "value": value}) if key else NEVER


def _address(wanted: Body) -> Condition:
    """One address, or a network whose border lies between two numbers: other networks fit nothing."""
    kind = "".join(str(wanted.get("ipAddressMatchType", "")).lower().split())
    if kind == "equals":
        return Condition(field=IP, value=str(wanted.get("ipAddress", "")))
    written = wanted.get("cidrNotation") or f"{wanted.get('ipAddress')}/{wanted.get('netmask')}"
    try:
        network = ip_network(str(written), strict=False)
    except ValueError:
        return NEVER
    if network.version != 4 or network.prefixlen % 8:
        return NEVER
    numbers = str(network.network_address).split(".")[: network.prefixlen // 8]
    if len(numbers) == 4:
        return Condition(field=IP, value=".".join(numbers))
    return Condition(field=IP, op=Op.STARTS_WITH, value="".join(f"{number}." for number in numbers))
