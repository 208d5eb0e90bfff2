"""An organization's file as a whole: reading it against what exists, writing what exists."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from watchbill.cli.orgfile.identity import Mint, entity, paired
from watchbill.cli.orgfile.nodes import Fields, Items, Mistake, Node, Plain, Scalar, Wrong, dump, parse
from watchbill.cli.orgfile.records import unknown_field
from watchbill.cli.orgfile.sections import FIELDS, SECTIONS, SETTINGS, SETTINGS_FORM, VERSION, Section, context_of
from watchbill.cli.orgfile.shapes import Contact, Context, Draft
from watchbill.domain.errors import Invalid
from watchbill.domain.organization import Entity, Organization, Settings


class Unreadable(Invalid):
    """A file that is no organization, with every mistake in it."""

    def __init__(self, filename: str, mistakes: tuple[Mistake, ...]) -> None:
        self.filename = filename
        self.mistakes = tuple(sorted(dict.fromkeys(mistakes), key=lambda mistake: mistake.line))
        super().__init__("\n".join(said(filename, mistake) for mistake in self.mistakes))


def said(filename: str, mistake: Mistake) -> str:
    place = f"{filename}:{mistake.line}" if mistake.line else filename
    return f"{place}: {mistake.path}: {mistake.message}" if mistake.path else f"{place}: {mistake.message}"


@dataclass(frozen=True, slots=True)
class Desired:
    """What a file asks for. `entities` by kind and id; `sections` are the kinds that it speaks of; `nodes` says where
    each thing stands in it."""

    filename: str
    entities: Mapping[str, Mapping[str, Entity]]
    sections: frozenset[str] = frozenset()
    nodes: Mapping[tuple[str, str], Node] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file that is YAML. `mistakes` are those that leave the rest readable."""

    filename: str
    root: Fields
    mistakes: tuple[Mistake, ...]


def parsed(text: str | bytes, filename: str) -> Parsed:
    """The slow half of reading, which needs no organization and so no transaction. Raises Unreadable."""
    try:
        root, mistakes = parse(text)
        if not isinstance(root, Fields):
            raise root.wrong(f"This should be a mapping with the fields {', '.join(FIELDS)}.")
    except Wrong as wrong:
        raise Unreadable(filename, wrong.mistakes) from wrong
    return Parsed(filename, root, tuple(mistakes))


def read(text: str | bytes, filename: str, org: Organization, mint: Mint) -> Desired:
    """What a file asks of this organization. Raises Unreadable."""
    return desired(parsed(text, filename), org, mint)


def desired(file: Parsed, org: Organization, mint: Mint) -> Desired:
    """The other half of reading. Raises Unreadable."""
    try:
        return _Reading(org, mint, list(file.mistakes)).desired(file.root, file.filename)
    except Wrong as wrong:
        raise Unreadable(file.filename, wrong.mistakes) from wrong


@dataclass(frozen=True, slots=True)
class _Named:
    """A draft, with the id that its name has or is given."""

    id: str
    draft: Draft
    node: Node


class _Reading:
    """One file being read. Mistakes are gathered over all sections, and told at the end."""

    def __init__(self, org: Organization, mint: Mint, mistakes: list[Mistake]) -> None:
        self.org, self.mint = org, mint
        self.context = context_of(org)
        self.mistakes = mistakes
        self.nodes: dict[tuple[str, str], Node] = {}

    def desired(self, root: Fields, filename: str) -> Desired:
        self._version(root)
        self.mistakes += [unknown_field(root, name, FIELDS, "the file") for name in root.fields if name not in FIELDS]
        listed = [section for section in SECTIONS if _is_there(root, section.name)]
        for section in listed:
            if section.key:
                self._declare(section, root.fields[section.name])
        drafts = {section.kind: self._section(section, root.fields[section.name]) for section in listed}
        settings = self._settings(root)
        if self.mistakes:
            raise Wrong(*self.mistakes)
        entities = {section.kind: self._entities(section, drafts[section.kind]) for section in listed}
        if settings is not None:
            entities[SETTINGS] = {SETTINGS: settings}
        return Desired(filename, entities, frozenset(entities), self.nodes)

    def _version(self, root: Fields) -> None:
        node = root.fields.get("watchbill")
        if node is None:
            self.mistakes.append(Mistake(root.line, "watchbill", "The version is missing. Write 'watchbill: 1'."))
        elif not isinstance(node, Scalar) or node.text != str(VERSION):
            message = f"This version of the file's form is not known here. Write 'watchbill: {VERSION}'."
            self.mistakes.append(Mistake(node.line, node.path, message))

    def _declare(self, section: Section, node: Node) -> None:
        """Gives every name of a section its id, so that things may be named before they are told."""
        if not isinstance(node, Fields):
            return
        known = dict(self.context.ids.get(section.kind, {}))
        here: set[str] = set()
        for name, inner in node.fields.items():
            if name.lower() in here:
                message = f"'{name}' is here twice (capitals don't count). Keep it once."
                self.mistakes.append(Mistake(node.lines[name], inner.path, message))
            here.add(name.lower())
            known.setdefault(name.lower(), self.mint.id())
        self.context = replace(self.context, ids={**self.context.ids, section.kind: known})

    def _section(self, section: Section, node: Node) -> list[_Named]:
        if section.key and isinstance(node, Fields):
            return self._mapping(section, node)
        if not section.key and isinstance(node, Items):
            return self._list(section, node)
        form = "a mapping of names" if section.key else "a list"
        self.mistakes.append(Mistake(node.line, node.path, f"The section '{section.name}' should be {form}."))
        return []

    def _mapping(self, section: Section, node: Fields) -> list[_Named]:
        found = []
        for name, inner in node.fields.items():
            id = self.context.ids[section.kind][name.lower()]
            draft = self._draft(section, inner, self._around(section, id))
            found.append(_Named(id, {section.key: name, **draft}, _at_line(inner, node.lines[name])))
        if section.kind == "schedule":
            zones = {named.id: named.draft.get("zone", "UTC") for named in found}
            self.context = replace(self.context, zones={**self.context.zones, **zones})
        return found

    def _around(self, section: Section, id: str) -> Context:
        user = self.org.users.get(id) if section.kind == "user" else None
        if user is None:
            return self.context
        contacts = (Contact(each.id, each.kind, each.address, each.label) for each in user.contacts)
        return replace(self.context, contacts=tuple(contacts))

    def _draft(self, section: Section, node: Node, context: Context) -> Draft:
        try:
            draft: Draft = section.record.read(node, context)
        except Wrong as wrong:
            self.mistakes += wrong.mistakes
            return {}
        return draft

    def _list(self, section: Section, node: Items) -> list[_Named]:
        drafts = [(self._draft(section, item, self.context), item) for item in node.items]
        if self.mistakes:
            return []
        if section.kind in ("rule", "alert_rule"):
            drafts = [({"order": at, **draft}, item) for at, (draft, item) in enumerate(drafts, 1)]
        existing = section.entities(self.org)
        places = paired(
            [likeness(section.kind, draft) for draft, _ in drafts],
            [likeness(section.kind, _attributes(each)) for each in existing.values()],
        )
        ids = list(existing)
        return [
            _Named(self.mint.id() if place is None else ids[place], draft, item)
            for (draft, item), place in zip(drafts, places, strict=True)
        ]

    def _settings(self, root: Fields) -> Settings | None:
        if not _is_there(root, SETTINGS):
            return None
        node = root.fields[SETTINGS]
        self.nodes[SETTINGS, SETTINGS] = node
        try:
            return Settings(**SETTINGS_FORM.read(node, self.context))
        except Wrong as wrong:
            self.mistakes += wrong.mistakes
            return None

    def _entities(self, section: Section, drafts: list[_Named]) -> Mapping[str, Entity]:
        """Later ones are made a little later, so that their order of creation is the file's."""
        existing = section.entities(self.org)
        made = {}
        for at, named in enumerate(drafts):
            mint = replace(self.mint, now=self.mint.now + at)
            made[named.id] = entity(section.kind, named.draft, named.id, existing.get(named.id), mint)
            self.nodes[section.kind, named.id] = named.node
        return made


def _is_there(root: Fields, name: str) -> bool:
    """A section without anything behind its name says nothing; an empty one ({} or []) says that there are none."""
    node = root.fields.get(name)
    return node is not None and not (isinstance(node, Scalar) and node.is_null)


def _at_line(node: Node, line: int) -> Node:
    return replace(node, line=line)


def likeness(kind: str, attributes: Mapping[str, Any]) -> Hashable:
    """What tells things apart that have no name to be called by: a rule by its team and name, an alert rule
    by what it matches, an override by all."""
    if kind == "rule":
        return attributes.get("team_id"), str(attributes["name"]).lower()
    if kind == "alert_rule":
        matched = ("routing_key", "field", "value")
        return tuple(str(attributes.get(name) or "").lower() for name in matched)
    names = ("start", "end", "user_id", "cover_id", "schedule_id", "policy_id")
    return (*(attributes.get(name) for name in names), attributes.get("taken", False))


def _attributes(given: Any) -> Mapping[str, Any]:
    return {name: getattr(given, name) for name in given.__dataclass_fields__}


# --- Writing


def write(org: Organization, secrets: bool = False) -> str:
    """The whole organization: applying it to the same organization changes nothing."""
    return dump(plain(org, secrets))


def plain(org: Organization, secrets: bool = False) -> dict[str, Plain]:
    """What `write` writes, as plain values."""
    context = context_of(org, secrets)
    shown: dict[str, Plain] = {"watchbill": VERSION}
    for section in SECTIONS:
        entities = section.entities(org).values()
        if section.key:
            shown[section.name] = {getattr(each, section.key): section.record.show(each, context) for each in entities}
        else:
            shown[section.name] = [section.record.show(each, context) for each in entities]
    shown[SETTINGS] = SETTINGS_FORM.show(org.settings, context)
    return shown
