"""Who is who: what a file states, joined with what exists, so that applying it again changes nothing.

Things keep their ids, numbers, moments of creation, and whatever the file does not speak of: whether a contact is
verified, secrets, free settings, a person's own contacts and paging when the file leaves them out.
"""

import dataclasses
import json
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from watchbill.cli.orgfile.shapes import Draft
from watchbill.domain.organization import KINDS, Endpoint, Entity, Integration
from watchbill.domain.people import ContactMethod, PagingPolicy, PagingRule, PagingStep, Team, User
from watchbill.domain.plans import EscalationPolicy, Step
from watchbill.domain.rota import Layer, Override, Schedule
from watchbill.domain.routes import MaintenanceWindow, RoutingKey, Rule
from watchbill.domain.transforms import AlertRule

T = TypeVar("T")

# Beside the id, number and moment of creation.
KEPT: Mapping[type, tuple[str, ...]] = {
    User: ("contacts", "paging", "settings"),
    ContactMethod: ("verified", "secret", "settings"),
    Team: ("settings",),
    Schedule: ("settings",),
    Override: ("settings",),
    EscalationPolicy: ("settings",),
    RoutingKey: ("settings",),
    Rule: ("settings",),
    AlertRule: ("settings", "updated_at", "updated_by"),
    MaintenanceWindow: ("settings",),
    Endpoint: ("secret", "settings"),
    Integration: ("key_hint",),
}
IDENTITY = ("id", "number", "created_at")


@dataclass(frozen=True, slots=True)
class Mint:
    """Makes what is new: ids, and numbers of a counter. `now` is when."""

    id: Callable[[], str]
    number: Callable[[str], int]
    now: int


def entity(kind: str, draft: Draft, id: str, old: Any, mint: Mint) -> Entity:
    """The thing that a draft means. `old` is what it was before; None when it is new and to have this id."""
    draft = {**_implied(draft), **draft}
    if kind == "user":
        draft |= _person(draft, old, mint)
    elif kind == "schedule":
        draft["layers"] = _layers(draft["layers"], old, mint)
    elif kind == "policy":
        draft["steps"] = _steps(draft["steps"], old, mint)
    made: Entity = settled(KINDS[kind], draft, old, lambda: _fresh(KINDS[kind], kind, id, mint))
    return made


def settled(kind: type[T], draft: Draft, old: T | None, fresh: Callable[[], Draft]) -> T:
    if old is None:
        return kind(**{**fresh(), **draft})
    attributes = {each.name for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    kept = {name: getattr(old, name) for name in (*IDENTITY, *KEPT.get(kind, ())) if name in attributes}
    return kind(**{**kept, **draft})


def _fresh(kind: type, counter: str, id: str, mint: Mint) -> Draft:
    attributes = {each.name for each in dataclasses.fields(kind)}
    values: Mapping[str, Callable[[], Any]] = {
        "id": lambda: id,
        "number": lambda: mint.number(counter),
        "created_at": lambda: mint.now,
    }
    return {name: value() for name, value in values.items() if name in attributes}


def _implied(draft: Draft) -> Draft:
    return {"name": draft["slug"]} if "slug" in draft else {}


# --- Which is which


def paired(new: Sequence[Hashable], old: Sequence[Hashable]) -> list[int | None]:
    """For each new key the place of the old thing with the same key; the second of two equal ones for the second."""
    waiting: dict[Hashable, list[int]] = {}
    for place, key in enumerate(old):
        waiting.setdefault(key, []).append(place)
    return [places.pop(0) if (places := waiting.get(key)) else None for key in new]


def paired_in_place(new: Sequence[Hashable], old: Sequence[Hashable]) -> list[int | None]:
    """As `paired`; what is left over is taken for the changed form of what stood in the same place."""
    places = paired(new, old)
    taken = set(places)
    return [at if place is None and at < len(old) and at not in taken else place for at, place in enumerate(places)]


def _olds(places: Sequence[int | None], old: Sequence[T]) -> list[T | None]:
    return [None if place is None else old[place] for place in places]


# --- People


def _person(draft: Draft, old: User | None, mint: Mint) -> Draft:
    contacts: tuple[ContactMethod, ...] = old.contacts if old else ()
    joined: Draft = {}
    ids: dict[str, str] = {}
    if "contacts" in draft:
        joined["contacts"] = _contacts(draft["contacts"], contacts, mint)
        ids = {f"#{index}": contact.id for index, contact in enumerate(joined["contacts"])}
    if "paging" in draft:
        given = [_naming(policy, ids) for policy in draft["paging"]]
        joined["paging"] = _pagings(given, old.paging if old else (), mint)
    return joined


def _contacts(drafts: Sequence[Draft], old: Sequence[ContactMethod], mint: Mint) -> tuple[ContactMethod, ...]:
    """Known by their address; one with another address by its label. What is new there is not verified yet."""
    places = paired(
        [(draft["kind"], draft["address"]) for draft in drafts], [(contact.kind, contact.address) for contact in old]
    )
    rest = [contact for place, contact in enumerate(old) if contact.label and place not in places]
    open_ = [draft for draft, place in zip(drafts, places, strict=True) if place is None]
    renewed = paired(
        [(draft["kind"], draft.get("label")) for draft in open_], [(contact.kind, contact.label) for contact in rest]
    )
    moved = iter(_olds(renewed, rest))
    olds = [next(moved) if place is None else old[place] for place in places]
    return tuple(_contact(draft, before, mint) for draft, before in zip(drafts, olds, strict=True))


def _contact(draft: Draft, old: ContactMethod | None, mint: Mint) -> ContactMethod:
    if old is not None and old.address != draft["address"]:
        draft = {"verified": False, **draft}
    return settled(ContactMethod, draft, old, lambda: _fresh(ContactMethod, "contact", mint.id(), mint))


def _naming(policy: PagingPolicy, ids: Mapping[str, str]) -> PagingPolicy:
    """With the true ids of contacts that the file gives."""
    steps = tuple(replace(step, rules=tuple(_renamed(rule, ids) for rule in step.rules)) for step in policy.steps)
    return replace(policy, steps=steps)


def _renamed(rule: PagingRule, ids: Mapping[str, str]) -> PagingRule:
    return replace(rule, contact_id=ids.get(rule.contact_id or "", rule.contact_id))


def _pagings(given: Sequence[PagingPolicy], old: Sequence[PagingPolicy], mint: Mint) -> tuple[PagingPolicy, ...]:
    olds = _olds(paired([policy.name for policy in given], [policy.name for policy in old]), old)
    return tuple(_paging(policy, before, mint) for policy, before in zip(given, olds, strict=True))


def _paging(policy: PagingPolicy, old: PagingPolicy | None, mint: Mint) -> PagingPolicy:
    steps = old.steps if old else ()
    olds = _olds(paired_in_place([_bare(step) for step in policy.steps], [_bare(step) for step in steps]), steps)
    return replace(
        policy,
        id=old.id if old else mint.id(),
        number=old.number if old else mint.number("paging_policy"),
        steps=tuple(_paging_step(step, before, mint) for step, before in zip(policy.steps, olds, strict=True)),
    )


def _bare(step: PagingStep) -> PagingStep:
    return PagingStep(tuple(replace(rule, id="") for rule in step.rules), step.timeout)


def _paging_step(step: PagingStep, old: PagingStep | None, mint: Mint) -> PagingStep:
    rules = old.rules if old else ()
    olds = _olds(paired(step.rules, [replace(rule, id="") for rule in rules]), rules)
    return replace(
        step,
        number=old.number if old else mint.number("paging_step"),
        rules=tuple(
            replace(rule, id=before.id if before else mint.id()) for rule, before in zip(step.rules, olds, strict=True)
        ),
    )


# --- Layers and steps


def _layers(given: Sequence[Layer], old: Schedule | None, mint: Mint) -> tuple[Layer, ...]:
    layers = old.layers if old else ()
    olds = _olds(paired_in_place([layer.name for layer in given], [layer.name for layer in layers]), layers)
    return tuple(
        replace(layer, id=before.id if before else mint.id()) for layer, before in zip(given, olds, strict=True)
    )


def _steps(given: Sequence[Step], old: EscalationPolicy | None, mint: Mint) -> tuple[Step, ...]:
    steps = old.steps if old else ()
    olds = _olds(paired_in_place([_stated(step) for step in given], [_stated(step) for step in steps]), steps)
    return tuple(replace(step, id=before.id if before else mint.id()) for step, before in zip(given, olds, strict=True))


def _stated(step: Step) -> Hashable:
    """What a step says: all of it but its id. A ticket has mappings in it, so it goes by how it would be written."""
    ticket = json.dumps(dataclasses.asdict(step.ticket), sort_keys=True) if step.ticket else None
    return replace(step, id="", ticket=None), ticket
