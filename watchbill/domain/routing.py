"""Which escalation policies an alert starts, and whether maintenance keeps it quiet."""

from collections.abc import Iterable, Sequence

from watchbill.domain.alert import KEY, AlertEvent, Signal
from watchbill.domain.civil import covers, next_change
from watchbill.domain.conditions import Facts, Values, reader
from watchbill.domain.facts import of_new
from watchbill.domain.organization import Organization
from watchbill.domain.plans import Target
from watchbill.domain.record import record, replace
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Rule, Start

# Routing rules may hand an alert from team to team this often; more is taken for a loop.
MOST_REROUTES = 10


@record
class Selection:
    """What an alert starts, the routing key it is counted under, and why. `notify` are machines told at once.

    `remarks`: what rules only note, by the id of the rule. `idle`: that nothing is started is no failure.
    `suppressed`: by which rule, and for how long. `unrouted`: it is no trouble yet, so no route was asked. `group`: the
    number of the incident that stands for it.
    """

    starts: tuple[Start, ...]
    reason: str
    routing_key: str = ""
    key_id: str | None = None
    multi_responder: bool = False
    notify: tuple[Target, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    idle: bool = False
    unrouted: bool = False
    suppressed: tuple[str, int] | None = None
    group: int | None = None


UNROUTED = Selection((), "no trouble yet: no route is asked", unrouted=True)


def select(org: Organization, event: AlertEvent, now: int) -> Selection:
    """Asks the organization's rules first, in order; then the routing key's own policies; then the default route.
    Rules beside these add theirs."""
    org = org.acting
    selection = _select(org, event, now) if asks_routes(org, event) else UNROUTED
    if org.rules_beside:
        found = applying(org, org.rules_beside, event, now, of_new(org, now))
        selection = with_rules(selection, found) if found else selection
    return replace(selection, idle=True) if event.lasting and not selection.starts else selection


def asks_routes(org: Organization, event: AlertEvent) -> bool:
    """Whether such an alert is routed as any other. One that lasts is there whatever it signals: that somebody is paged
    for it because nothing says otherwise, only trouble does."""
    return not event.lasting or is_trouble(org, event)


def is_trouble(org: Organization, event: AlertEvent) -> bool:
    return event.signal is Signal.CRITICAL or (event.signal is Signal.WARNING and org.settings.warning_opens)


def select_late(org: Organization, event: AlertEvent, now: int) -> Selection:
    """What the ordered rules and the routing key select, for an incident that asked them for nothing when it opened."""
    return _select(org.acting, event, now)


def with_rules(selection: Selection, rules: Sequence[Rule]) -> Selection:
    """What is selected, and what these rules add."""
    names = "rule " + ", ".join(rule.name or rule.id for rule in rules)
    decided = selection.starts or selection.notify
    return replace(
        selection,
        starts=(*selection.starts, *(start for rule in rules for start in rule.starts)),
        notify=(*selection.notify, *(target for rule in rules for target in rule.notify)),
        multi_responder=selection.multi_responder or any(rule.multi_responder for rule in rules),
        remarks=tuple((rule.id, rule.remark) for rule in rules if rule.remark),
        suppressed=next(((rule.name, rule.suppress_for) for rule in rules if rule.suppress_for is not None), None),
        reason=f"{selection.reason}; {names}" if decided else names,
    )


def _select(org: Organization, event: AlertEvent, now: int) -> Selection:
    key = org.routing_keys_by_name.get((event.routing_key or "").lower())
    rules = org.ordered_rules.get(None, ())
    if rules:
        found = _by_rules(org, rules, event, now, key)
        if found is not None:
            return found
    return _by_key(org, key, _given(event))


def _given(event: AlertEvent) -> str:
    """The routing key that was told, known or not. It is searched for by an index, which takes no longer texts."""
    return (event.routing_key or "")[:KEY]


def select_for_team(org: Organization, team_id: str, event: AlertEvent, now: int) -> Selection:
    """A team's own rules, as for a page sent to the team."""
    org = org.acting
    found = _by_rules(org, rules_of(org, team_id), event, now, None)
    return found or Selection((), "no routing rule of the team applies")


def rules_of(org: Organization, team_id: str) -> tuple[Rule, ...]:
    """A team's rules. One that has none is paged by the first policy that it owns: no guess is better, and to page
    nobody is worse."""
    rules = org.ordered_rules.get(team_id)
    if rules is not None:
        return rules
    own = next((policy for policy in org.policies.values() if policy.team_id == team_id), None)
    if own is None:
        return ()
    name = f"none: {org.teams[team_id].name} has no rules, so its policy {own.name}"
    return (Rule(own.id, 0, name, 0, starts=(Start(own.id),), team_id=team_id),)


def _by_key(org: Organization, key: RoutingKey | None, given: str) -> Selection:
    if key is not None and key.starts:
        return _of_key(key, f"routing key {key.name}")
    default = org.default_key
    if default is not None:
        why = f"routing key '{given}' is not known: default route" if given else "no routing key: default route"
        return _of_key(default, why if key is None else f"routing key {key.name} has no policy: default route")
    why = f"routing key '{given}' selects nothing" if given else "no routing key"
    return Selection((), f"{why}, and there is no default route", given, key.id if key else None)


def _of_key(key: RoutingKey, reason: str) -> Selection:
    return Selection(key.starts, reason, key.name, key.id, key.multi_responder)


def _by_rules(
    org: Organization, rules: tuple[Rule, ...], event: AlertEvent, now: int, key: RoutingKey | None
) -> Selection | None:
    starts: list[Start] = []
    notify: list[Target] = []
    names: list[str] = []
    multi, hops, waiting = False, 0, list(rules)
    values = reader(event, of_new(org, now))
    while waiting:
        rule = waiting.pop(0)
        if not _applies(org, rule, now, values):
            continue
        names.append(rule.name or rule.id)
        starts += rule.starts
        notify += rule.notify
        multi = multi or rule.multi_responder
        if rule.reroute_team_id is not None and hops < MOST_REROUTES:
            hops, waiting = hops + 1, list(rules_of(org, rule.reroute_team_id))
        elif not rule.go_on:
            break
    if not names:
        return None
    name, key_id = (key.name, key.id) if key else (_given(event), None)
    reason = "rule " + ", ".join(names)
    return Selection(tuple(starts), reason, name, key_id, multi, tuple(dict.fromkeys(notify)))


def applying(org: Organization, rules: Iterable[Rule], event: AlertEvent, now: int, facts: Facts) -> list[Rule]:
    """Those that apply to an alert."""
    values = reader(event, facts)
    return [rule for rule in rules if _applies(org, rule, now, values)]


def _applies(org: Organization, rule: Rule, now: int, values: Values) -> bool:
    if rule.hours is not None and not covers(rule.hours, now):
        return False
    check = org.checks.get(rule.id)
    return check is None or check(values)


def is_active(window: MaintenanceWindow, now: int) -> bool:
    if now < window.start or (window.end is not None and now >= window.end):
        return False
    return window.weekly is None or covers(window.weekly, now)


def muted_by(org: Organization, key_id: str | None, now: int) -> tuple[MaintenanceWindow, ...]:
    """The maintenance windows that keep a new incident of this routing key quiet now."""
    return tuple(
        window
        for window in org.windows.values()
        if (window.key_ids is None or key_id in window.key_ids) and is_active(window, now)
    )


def muted_until(windows: tuple[MaintenanceWindow, ...], now: int) -> int | None:
    """The first moment at which one of these active windows may stop; None when each runs until somebody ends it."""
    moments = [window.end for window in windows if window.end is not None]
    moments += [edge for window in windows if window.weekly and (edge := next_change(window.weekly, now)) is not None]
    return min(moments, default=None)
