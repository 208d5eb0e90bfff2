"""Records: mappings with known fields, read to the attributes that they state."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any, Protocol

from watchbill.cli.orgfile.nodes import Fields, Mistake, Node, Plain, Scalar, Wrong
from watchbill.cli.orgfile.shapes import Context, Draft, Shape


class Part(Protocol):
    """Some of the fields of a record: their names, what they say about attributes."""

    @property
    def names(self) -> tuple[str, ...]: ...
    def read(self, node: Fields, context: Context) -> Draft: ...
    def show(self, entity: Any, context: Context) -> dict[str, Plain]: ...


@dataclass(frozen=True, slots=True)
class Field:
    """One field that says one attribute. `always`: shown even when it is as by default, since leaving it out means
    something else (to keep what is there). A `secret` is shown only on request."""

    name: str
    attribute: str
    shape: Shape
    required: bool = False
    always: bool = False
    secret: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (self.name,)

    def read(self, node: Fields, context: Context) -> Draft:
        if self.name in node.fields:
            return {self.attribute: self.shape.read(node.fields[self.name], context)}
        if self.required:
            raise node.wrong(f"The field '{self.name}' is missing. Add it.")
        return {}

    def show(self, entity: Any, context: Context) -> dict[str, Plain]:
        value = getattr(entity, self.attribute)
        if self.secret and not context.secrets:
            return {}
        if not (self.required or self.always) and value == default_of(type(entity), self.attribute):
            return {}
        return {self.name: self.shape.show(value, context)}


def default_of(kind: type, attribute: str) -> Any:
    """What an attribute is when nobody says so; MISSING when somebody must."""
    found = next(each for each in dataclasses.fields(kind) if each.name == attribute)
    return found.default if found.default_factory is dataclasses.MISSING else found.default_factory()


@dataclass(frozen=True, slots=True)
class Option:
    """One way of a OneOf: the field's name, the attribute that its value goes to, and what it says besides."""

    name: str
    attribute: str
    shape: Shape
    besides: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class OneOf:
    """Exactly one of several fields, whose name says what its value is."""

    what: str
    options: tuple[Option, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(option.name for option in self.options)

    def read(self, node: Fields, context: Context) -> Draft:
        given = [option for option in self.options if option.name in node.fields]
        if len(given) != 1:
            raise node.wrong(f"{self.what} should have exactly one of the fields {', '.join(self.names)}.")
        option = given[0]
        return {option.attribute: option.shape.read(node.fields[option.name], context), **option.besides}

    def show(self, entity: Any, context: Context) -> dict[str, Plain]:
        for option in self.options:
            value = getattr(entity, option.attribute)
            if value is not None and all(getattr(entity, name) == set_ for name, set_ in option.besides.items()):
                return {option.name: option.shape.show(value, context)}
        return {}


Narrow = Callable[[Context, Mapping[str, Any]], Context]


@dataclass(frozen=True, slots=True)
class Record:
    """A mapping with known fields. `narrow` gives the context of later fields from the attributes of earlier ones."""

    what: str
    parts: tuple[Part, ...]
    narrow: Narrow | None = None

    def read(self, node: Node, context: Context) -> Any:
        if isinstance(node, Scalar) and node.is_null:
            node = Fields(node.line, node.path)
        if not isinstance(node, Fields):
            raise node.wrong(f"This should be {self.what}: a mapping with the fields {', '.join(self._names)}.")
        draft: Draft = {}
        mistakes = self._unknown(node)
        for part in self.parts:
            try:
                draft |= part.read(node, self.narrow(context, draft) if self.narrow else context)
            except Wrong as wrong:
                mistakes += wrong.mistakes
        if mistakes:
            raise Wrong(*mistakes)
        return draft

    def show(self, value: Any, context: Context) -> Plain:
        if self.narrow:
            context = self.narrow(context, {name: getattr(value, name) for name in value.__dataclass_fields__})
        shown: dict[str, Plain] = {}
        for part in self.parts:
            shown |= part.show(value, context)
        return shown

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(name for part in self.parts for name in part.names)

    def _unknown(self, node: Fields) -> list[Mistake]:
        return [unknown_field(node, name, self._names, self.what) for name in node.fields if name not in self._names]


def unknown_field(node: Fields, name: str, known: Sequence[str], what: str) -> Mistake:
    near = get_close_matches(name, known, 1)
    advice = f"Did you mean '{near[0]}'?" if near else f"Known are {', '.join(known)}."
    path = f"{node.path}.{name}" if node.path else name
    return Mistake(node.lines[name], path, f"{what.capitalize()} has no field '{name}'. {advice}")


@dataclass(frozen=True, slots=True)
class Built:
    """A record that is read to its value at once. `implied` adds the attributes that follow from those stated."""

    kind: type
    record: Record
    implied: Callable[[Draft], Draft] = dict

    def read(self, node: Node, context: Context) -> Any:
        draft = self.record.read(node, context)
        return self.kind(**{**self.implied(draft), **draft})

    def show(self, value: Any, context: Context) -> Plain:
        return self.record.show(value, context)
