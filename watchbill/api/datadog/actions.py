"""Actions of a routing rule (reference, part 4.5): what they are on the wire, and what they are in the core.

A policy is what the rule starts, another team is where it hands over to. A chat message goes to an endpoint whose
address names the room ("slack://workspace/channel"); a workflow is a webhook of that name. An endpoint that is not
there is made; that of a workflow has no address to call until somebody gives it one.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote, unquote

from watchbill.api.datadog.fields import Fields
from watchbill.api.datadog.keeping import DIALECT, kept
from watchbill.api.datadog.weekly import hours_of, maybe_hours_asked
from watchbill.domain.civil import MINUTE
from watchbill.domain.organization import Endpoint, Organization
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Target, TargetKind
from watchbill.domain.record import record, replace
from watchbill.domain.routes import Start
from watchbill.domain.slugs import spoken

Action = Mapping[str, Any]
# The kind of an endpoint, and a handle or an address.
Name = tuple[str, str]

ESCALATION, REROUTE, WORKFLOW = "escalation_policy", "reroute_to_team", "workflow"
SLACK, TEAMS = "send_slack_message", "send_teams_message"
KINDS = (ESCALATION, REROUTE, SLACK, TEAMS, WORKFLOW)
# What an address in a chat is made of, by the action that writes there.
ROOMS = {SLACK: ("slack", ("workspace", "channel")), TEAMS: ("msteams", ("tenant", "team", "channel"))}
URGENCIES = ("low", "high", "dynamic")
DYNAMIC = "dynamic"
SHORTEST_PATIENCE, LONGEST_PATIENCE = 30, 4320


# --- What is answered


def urgency_said(start: Start) -> str:
    """What leaves it open takes the page's own."""
    return start.urgency.value if start.urgency else DYNAMIC


def escalation_action(start: Start, urgency: str | None) -> Action:
    action: dict[str, Any] = {"type": ESCALATION, "policy_id": start.policy_id}
    if urgency is not None:
        action["urgency"] = urgency
    if start.ack_timeout is not None:
        action["ack_timeout_minutes"] = start.ack_timeout // MINUTE
    if start.support_hours is not None:
        action["support_hours"] = hours_of(start.support_hours)
    return action


def reroute_action(team_id: str) -> Action:
    return {"type": REROUTE, "destination_team_id": team_id}


def told_action(endpoint: Endpoint) -> Action | None:
    """What writes to an endpoint; None for a room that this dialect can't name."""
    if endpoint.kind == "webhook":
        return {"type": WORKFLOW, "handle": _handle(endpoint)}
    scheme, _, place = endpoint.address.partition("://")
    parts = [unquote(part) for part in place.split("/")]
    for type, (known, names) in ROOMS.items():
        if scheme == known and len(parts) == len(names):
            return {"type": type, **dict(zip(names, parts, strict=True))}
    return None


def _handle(endpoint: Endpoint) -> str:
    handle = kept(endpoint).get("handle")
    return handle if isinstance(handle, str) else endpoint.slug


# --- What is asked


def start_asked(org: Organization, given: Fields, stored: Start | None) -> Start | None:
    """The policy that an action starts, or that a rule names itself; None when it names none. What is as this dialect
    shows it stays as it is stored."""
    policy_id = (given.maybe_text("policy_id") or "").lower()
    if not policy_id:
        return None
    if policy_id not in org.policies:
        raise given.wrong("policy_id", "names an unknown escalation policy")
    urgency = given.maybe_choice("urgency", URGENCIES)
    before = stored or Start(policy_id)
    return replace(
        before,
        policy_id=policy_id,
        urgency=None if urgency in (None, DYNAMIC) else Urgency(urgency),
        ack_timeout=_patience(given, before.ack_timeout),
        support_hours=maybe_hours_asked(given, "support_hours", before.support_hours),
    )


def _patience(given: Fields, stored: int | None) -> int | None:
    if stored is not None and given.maybe_whole("ack_timeout_minutes", 0, 2**53) == stored // MINUTE:
        return stored
    minutes = given.maybe_whole("ack_timeout_minutes", SHORTEST_PATIENCE, LONGEST_PATIENCE)
    return None if minutes is None else minutes * MINUTE


def destination_asked(org: Organization, given: Fields) -> str:
    team_id = given.uuid("destination_team_id")
    if team_id not in org.teams:
        raise given.wrong("destination_team_id", "names an unknown team")
    return team_id


@record
class Rooms:
    """The endpoints of an organization while rules are read: those that are made on the way are kept to be numbered
    and stored.

    `named` and `slugs` spare each of many actions to look through all endpoints: nothing else is written meanwhile.
    """

    named: dict[Name, Endpoint]
    slugs: set[str]
    new_id: Callable[[], str]
    made: list[Endpoint]

    def target(self, given: Fields) -> Target:
        """The endpoint that an action tells."""
        type = given.choice("type", KINDS)
        found = self._webhook(given.text("handle")) if type == WORKFLOW else self._room(type, given)
        return Target(TargetKind(found.kind), found.id)

    def _webhook(self, handle: str) -> Endpoint:
        found = self.named.get(("webhook", handle))
        if found is not None:
            return found
        slug = self._slug(handle)
        return self._make(slug, handle, "webhook", f"https://{slug}.invalid", {DIALECT: {"handle": handle}})

    def _room(self, type: str, given: Fields) -> Endpoint:
        scheme, names = ROOMS[type]
        parts = [given.text(name) for name in names]
        address = f"{scheme}://{'/'.join(quote(part, safe='') for part in parts)}"
        found = self.named.get(("chat", address))
        return found or self._make(self._slug(parts[-1]), f"{scheme} {parts[-1]}", "chat", address, {})

    def _slug(self, name: str) -> str:
        return spoken(name, self.slugs, "room")

    def _make(self, slug: str, name: str, kind: str, address: str, settings: Mapping[str, object]) -> Endpoint:
        shown = " ".join(name.split())[:100] or slug
        made = Endpoint(self.new_id(), 0, slug, shown, kind, address, settings=settings)
        self.made.append(made)
        self.slugs.add(made.slug)
        for each in _names(made):
            self.named.setdefault(each, made)
        return made


def rooms_of(endpoints: Collection[Endpoint], new_id: Callable[[], str]) -> Rooms:
    named: dict[Name, Endpoint] = {}
    for one in endpoints:
        for each in _names(one):
            named.setdefault(each, one)
    return Rooms(named, {one.slug.lower() for one in endpoints}, new_id, [])


def _names(endpoint: Endpoint) -> tuple[Name, ...]:
    """What an action may call it by: of several that have a name, the first is meant."""
    if endpoint.kind == "webhook":
        return ("webhook", _handle(endpoint)), ("webhook", endpoint.slug)
    return ((endpoint.kind, endpoint.address),)


def check_together(given: Fields, types: Sequence[str], names_policy: bool) -> None:
    """Which actions go together. Raises Invalid."""
    if types.count(ESCALATION) > 1:
        raise given.wrong("actions", "must have at most one escalation policy")
    if ESCALATION in types and names_policy:
        raise given.wrong("policy_id", "must not be used together with an escalation policy action")
    if types.count(REROUTE) > 1:
        raise given.wrong("actions", "must reroute to one team at most")
    if REROUTE in types and (names_policy or {ESCALATION, WORKFLOW} & set(types)):
        raise given.wrong("actions", "must not reroute and start an escalation policy or a workflow")


def notified(org: Organization, targets: Iterable[Target]) -> list[tuple[Target, Action | None]]:
    """What a rule tells at once, with the action that says so here."""
    found = [(target, org.endpoints.get(target.id)) for target in targets]
    return [(target, told_action(endpoint) if endpoint else None) for target, endpoint in found]
