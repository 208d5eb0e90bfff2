"""From what a file asks for to the changes that bring it about, and those changes in readable lines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from watchbill.cli.orgfile.document import Desired
from watchbill.cli.orgfile.nodes import Plain
from watchbill.cli.orgfile.sections import BY_KIND, SECTIONS, SETTINGS, SETTINGS_FORM, context_of
from watchbill.cli.orgfile.shapes import Context
from watchbill.domain.organization import Change, Entity, Organization
from watchbill.domain.people import User
from watchbill.domain.rota import Override
from watchbill.usecases.directory import changed


def plan(org: Organization, desired: Desired, prune: bool = False) -> list[Change]:
    """The changes that are needed. What the file does not have is removed only with `prune`, and only from sections
    that the file has; with a person, schedule or policy go the overrides that name it."""
    changes = [
        Change(kind, id, wanted)
        for kind, entities in desired.entities.items()
        for id, wanted in _wanted(org, kind, entities, prune)
        if wanted != _existing(org, kind, id)
    ]
    return changes + _removals(org, desired) if prune else changes


def _wanted(org: Organization, kind: str, entities: Mapping[str, Entity], prune: bool) -> Iterator[tuple[str, Entity]]:
    for id, entity in entities.items():
        old = org.users.get(id)
        if isinstance(entity, User) and old is not None and not prune:
            entity = _with_rest(entity, old)
        yield id, entity


def _with_rest(user: User, old: User) -> User:
    """With the contacts and paging policies that a person has besides those in the file."""
    contacts = {contact.id for contact in user.contacts}
    policies = {policy.id for policy in user.paging}
    return replace(
        user,
        contacts=user.contacts + tuple(contact for contact in old.contacts if contact.id not in contacts),
        paging=user.paging + tuple(policy for policy in old.paging if policy.id not in policies),
    )


def _existing(org: Organization, kind: str, id: str) -> Entity | None:
    return org.settings if kind == SETTINGS else BY_KIND[kind].entities(org).get(id)


def _removals(org: Organization, desired: Desired) -> list[Change]:
    gone = {
        section.kind: [id for id in section.entities(org) if id not in desired.entities[section.kind]]
        for section in SECTIONS
        if section.kind in desired.sections
    }
    ids = {id for kind in ("user", "schedule", "policy") for id in gone.get(kind, ())}
    kept = desired.entities.get("override", {})
    orphans = [id for id, override in org.overrides.items() if id not in kept and ids & _named(override)]
    gone["override"] = list(dict.fromkeys([*gone.get("override", ()), *orphans]))
    return [Change(section.kind, id, None) for section in reversed(SECTIONS) for id in gone.get(section.kind, ())]


def _named(override: Override) -> set[str | None]:
    return {override.user_id, override.cover_id, override.schedule_id, override.policy_id}


# --- In readable lines


def diff(org: Organization, changes: Sequence[Change]) -> list[str]:
    """One line for each thing that is added or removed, one for each field that changes, in the words of the file."""
    after = changed(org, changes)
    was, becomes = context_of(org, secrets=True), context_of(after, secrets=True)
    lines = []
    for change in changes:
        old = _existing(org, change.kind, change.id)
        if old is None:
            lines.append(f"add {_title(change.kind, change.entity, becomes)}")
        elif change.entity is None:
            lines.append(f"remove {_title(change.kind, old, was)}")
        else:
            title = _title(change.kind, change.entity, becomes)
            lines += _fields(title, _leaves(change.kind, old, was), _leaves(change.kind, change.entity, becomes))
    return lines


def _title(kind: str, entity: Any, context: Context) -> str:
    if kind == SETTINGS:
        return SETTINGS
    section = BY_KIND[kind]
    if isinstance(entity, Override):
        shown = section.record.show(entity, context)
        return "override " + " ".join(f"{name} {value}" for name, value in shown.items())
    return f"{kind.replace('_', ' ')} {getattr(entity, section.key or 'name')}"


def _fields(title: str, old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    paths = [path for path in dict.fromkeys([*old, *new]) if old.get(path) != new.get(path)]
    if not paths:
        return [f"change {title}"]
    return [f"change {title}: {path}: {_side(path, old)} -> {_side(path, new)}" for path in paths]


def _side(path: str, leaves: Mapping[str, str]) -> str:
    if path not in leaves:
        return "(not set)"
    return "(secret)" if path.rsplit(".", 1)[-1] == "secret" else leaves[path]


def _leaves(kind: str, entity: Any, context: Context) -> dict[str, str]:
    if kind == SETTINGS:
        return dict(_flat("", SETTINGS_FORM.show(entity, context)))
    section = BY_KIND[kind]
    named = {section.key: getattr(entity, section.key)} if section.key else {}
    return dict(_flat("", _by_address({**named, **section.record.show(entity, context)})))


def _by_address(shown: Mapping[str, Plain]) -> Mapping[str, Plain]:
    """With a person's contacts called by kind and address, as the file knows them: one more before them in the list
    changes nothing about the others."""
    if not shown.get("contacts"):
        return shown
    called = {name: value for name, value in shown.items() if name != "contacts"}
    for contact in shown["contacts"]:
        kind, address = next(iter(contact.items()))  # the kind is shown first
        alike = sum(name.startswith(f"contacts[{kind} {address}]") for name in called)
        called[f"contacts[{kind} {address}]{f'[{alike}]' if alike else ''}"] = contact
    return called


def _flat(path: str, plain: Plain) -> Iterator[tuple[str, str]]:
    """Every leaf with its path; a list or mapping without anything in it is a leaf."""
    if isinstance(plain, Mapping) and plain:
        for name, value in plain.items():
            yield from _flat(f"{path}.{name}" if path else name, value)
    elif isinstance(plain, list) and plain:
        for at, value in enumerate(plain):
            yield from _flat(f"{path}[{at}]", value)
    elif path:
        yield path, str(plain).lower() if isinstance(plain, bool) else str(plain)
