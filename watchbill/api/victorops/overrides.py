"""Scheduled overrides: cover that somebody asks for, and who gives it by which policy (reference, part 2.7).

One of them is several of the core's overrides, one for each policy; they hold its public id.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from watchbill.api.victorops.bodies import body_of, needed
from watchbill.api.victorops.keeping import keeping, kept
from watchbill.api.victorops.lookups import self_url, user_named
from watchbill.api.victorops.policies import owning_team
from watchbill.api.victorops.times import iso, moment
from watchbill.asgi.dialect import Route, delete, get, post, put
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.check_values import zone_name
from watchbill.domain.errors import Conflict, Invalid, NotFound
from watchbill.domain.organization import Change, Organization
from watchbill.domain.plans import EscalationPolicy, TargetKind
from watchbill.domain.rota import Override
from watchbill.domain.slugs import drawn_from
from watchbill.usecases import directory
from watchbill.usecases.access import Right, demand
from watchbill.usecases.covers import Absence, ask_for_cover, cover, everybody, targets
from watchbill.usecases.ports import Tx

OVERRIDES = "/api-public/v1/overrides"
OVERRIDE = f"{OVERRIDES}/{{id}}"
ASSIGNMENTS = f"{OVERRIDE}/assignments"
ASSIGNMENT = f"{ASSIGNMENTS}/{{policy}}"


class OverrideIn(msgspec.Struct):
    username: str | None = None
    timezone: str | None = None
    start: int | float | str | None = None
    end: int | float | str | None = None


class AssignmentIn(msgspec.Struct):
    """Overlaps are accepted whatever is said of them: what was given last counts."""

    username: str | None = None


# --- Which overrides


def public_id(override: Override) -> str:
    """Of one made elsewhere it is drawn from its own."""
    told = kept(override.settings).get("override")
    return told if isinstance(told, str) else drawn_from("ovrprd-", override.id)


def scheduled(org: Organization) -> Mapping[str, Sequence[Override]]:
    """By public id. Those that were taken, and those for whoever is on call, this dialect has no words for here."""
    found: dict[str, list[Override]] = {}
    for override in org.overrides.values():
        if not override.taken and override.user_id is not None:
            found.setdefault(public_id(override), []).append(override)
    return found


def override_named(org: Organization, id: str) -> Sequence[Override]:
    """Raises NotFound."""
    found = scheduled(org).get(id)
    if found is None:
        raise NotFound(f"No override '{id}' found")
    return found


@dataclass
class Places:
    """Which policies page a schedule first, and which may page a person first."""

    org: Organization

    @cached_property
    def of_schedule(self) -> Mapping[str, Sequence[EscalationPolicy]]:
        return _indexed(self.org, lambda policy: {one.id for one in targets(policy) if one.kind is TargetKind.SCHEDULE})

    @cached_property
    def of_user(self) -> Mapping[str, Sequence[EscalationPolicy]]:
        return _indexed(self.org, lambda policy: everybody(self.org, policy))

    def assigned(self, parts: Sequence[Override]) -> Iterator[tuple[EscalationPolicy, Override]]:
        """The policies that an override is for. One made elsewhere for a schedule, or for wherever somebody is on call,
        is for all policies that page there first."""
        for part in parts:
            if part.policy_id is not None:
                yield self.org.policies[part.policy_id], part
            elif part.schedule_id is not None:
                yield from ((policy, part) for policy in self.of_schedule.get(part.schedule_id, ()))
            elif part.cover_id is not None:
                yield from ((policy, part) for policy in self.of_user.get(part.user_id or "", ()))


def _indexed(
    org: Organization, ids: Callable[[EscalationPolicy], set[str]]
) -> Mapping[str, Sequence[EscalationPolicy]]:
    found: dict[str, list[EscalationPolicy]] = {}
    for policy in org.policies.values():
        for id in ids(policy):
            found.setdefault(id, []).append(policy)
    return found


# --- Shapes


def to_wire(places: Places, id: str, parts: Sequence[Override]) -> Mapping[str, Any]:
    org, first = places.org, parts[0]
    user = org.users[first.user_id or ""]
    return {
        "publicId": id,
        "user": {"username": user.username, "firstName": user.first_name, "lastName": user.last_name},
        "timezone": kept(first.settings).get("timezone", user.zone),
        "start": iso(first.start),
        "end": iso(first.end),
        "assignments": [to_assignment(org, id, policy, part) for policy, part in places.assigned(parts)],
    }


def to_assignment(org: Organization, id: str, policy: EscalationPolicy, part: Override) -> Mapping[str, Any]:
    team = owning_team(org, policy)
    fields: dict[str, Any] = {
        "_selfUrl": self_url("overrides", id, "assignments", policy.slug),
        "policy": policy.slug,
        "assigned": part.cover_id is not None,
    }
    if team is not None:
        fields["team"] = team.slug
    if part.cover_id is not None:
        fields["user"] = org.users[part.cover_id].username
    return fields


def _answer(org: Organization, id: str, parts: Sequence[Override], *members: str) -> Reply:
    shown = to_wire(Places(org), id, parts)
    return Reply(body=dict.fromkeys(members or ("override",), shown) | {"_selfUrl": self_url("overrides", id)})


# --- Calls


def list_overrides(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    places = Places(org)
    found = [to_wire(places, id, parts) for id, parts in scheduled(org).items()]
    return Reply(body={"overrides": found, "_selfUrl": self_url("overrides")})


def create_override(tx: Tx, call: Call) -> Reply:
    """Documents name the answer's member `schedule`, clients read `override`: both are there."""
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.RESPOND)
    given = body_of(OverrideIn, call)
    user = user_named(org, needed(given.username, "username"))
    zone = given.timezone or user.zone
    for _, flaw in zone_name("timezone", zone):
        raise Invalid(flaw, "timezone")
    start, end = moment(given.start, "start"), moment(given.end, "end")
    if end <= start:
        raise Invalid("the end is not after the start", "end")
    id = drawn_from("ovrprd-", tx.new_id(call.now))
    absence = Absence(user, start, end, keeping({}, override=id, timezone=zone))
    parts = ask_for_cover(tx, org.number, absence, call.caller.actor.name, call.now)
    return _answer(tx.organization(org.number), id, parts, "override", "schedule")


def read_override(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return _answer(org, call.params["id"], override_named(org, call.params["id"]))


def delete_override(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.RESPOND)
    parts = override_named(org, call.params["id"])
    changes = [Change("override", one.id, None) for one in parts]
    directory.apply(tx, org.number, changes, call.caller.actor.name, call.now)
    return _answer(org, call.params["id"], parts)


def list_assignments(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    id = call.params["id"]
    found = Places(org).assigned(override_named(org, id))
    return Reply(body=[to_assignment(org, id, policy, part) for policy, part in found])


def read_assignment(tx: Tx, call: Call) -> Reply:
    org = tx.organization(call.caller.org)
    return Reply(body=to_assignment(org, call.params["id"], *_meant(org, call)))


def assign(tx: Tx, call: Call) -> Reply:
    given = body_of(AssignmentIn, call)
    return _assign(tx, call, needed(given.username, "username"))


def unassign(tx: Tx, call: Call) -> Reply:
    return _assign(tx, call, None)


def _assign(tx: Tx, call: Call, username: str | None) -> Reply:
    org = tx.organization(call.caller.org)
    demand(org, call.caller, Right.RESPOND)
    policy, part = _meant(org, call)
    if part.policy_id is None:
        raise Conflict("this override was made elsewhere and is for more than one policy; change it there")
    user = user_named(org, username) if username is not None else None
    after = cover(tx, org.number, part, user, (call.caller.actor.name, call.now))
    return Reply(body=to_assignment(org, call.params["id"], policy, after))


def _meant(org: Organization, call: Call) -> tuple[EscalationPolicy, Override]:
    """Raises NotFound."""
    slug = call.params["policy"]
    for policy, part in Places(org).assigned(override_named(org, call.params["id"])):
        if policy.slug.lower() == slug.lower():
            return policy, part
    raise NotFound(f"No assignment of the policy '{slug}' found")


ROUTES: Sequence[Route] = (
    get(OVERRIDES, list_overrides),
    post(OVERRIDES, create_override),
    get(OVERRIDE, read_override),
    delete(OVERRIDE, delete_override),
    get(ASSIGNMENTS, list_assignments),
    get(ASSIGNMENT, read_assignment),
    put(ASSIGNMENT, assign),
    delete(ASSIGNMENT, unassign),
)
