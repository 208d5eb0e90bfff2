"""Where in a file the things stand that a check of the whole organization complains of."""

import re
from collections.abc import Mapping, Sequence

from watchbill.cli.orgfile.document import Desired
from watchbill.cli.orgfile.nodes import Fields, Items, Mistake, Node
from watchbill.cli.orgfile.records import Built, Field, OneOf, Option, Record
from watchbill.cli.orgfile.sections import BY_KIND, SECTIONS, SETTINGS, SETTINGS_FORM
from watchbill.cli.orgfile.shapes import ListOf, Maybe, Shape
from watchbill.domain.checks import Problem
from watchbill.domain.organization import Organization
from watchbill.usecases.directory import title

_QUOTED = re.compile("'([^']+)'")
_SEGMENT = re.compile(r"(\w+)(?:\[(\d+)\])?")


def located(
    desired: Desired, was: Organization, becomes: Organization, problems: Sequence[Problem]
) -> tuple[Mistake, ...]:
    """Each problem at the line that is nearest to its cause. Line 0 for what the file does not speak of."""
    gone = {
        id: title(was, section.kind, id)
        for section in SECTIONS
        for id in section.entities(was)
        if id not in section.entities(becomes)
    }
    return tuple(_located(desired, becomes, problem, _message(problem, gone)) for problem in problems)


def _message(problem: Problem, gone: Mapping[str, str]) -> str:
    """What is removed but still named is known to a check by its id only; people know it by its name."""
    names = [gone[id] for id in _QUOTED.findall(problem.message) if id in gone]
    return (
        f"The {names[0]} would be removed, but is named here. Keep it, or name another." if names else problem.message
    )


def _located(desired: Desired, org: Organization, problem: Problem, message: str) -> Mistake:
    node = desired.nodes.get((problem.kind, problem.id))
    if node is None:
        place = f"{title(org, problem.kind, problem.id)} (not in this file)"
        return Mistake(0, f"{place}: {problem.path}" if problem.path else place, message)
    record = SETTINGS_FORM if problem.kind == SETTINGS else BY_KIND[problem.kind].record
    found = _deepest(node, record, problem.path)
    return Mistake(found.line, found.path, message)


def _deepest(node: Node, shape: Shape, path: str) -> Node:
    """Follows a path of attributes as far as the file's form has a field of its own for each."""
    for name, index in _SEGMENT.findall(path):
        if not isinstance(node, Fields):
            return node
        field = _field(shape, node, name)
        if field is None:
            return node.fields.get(name, node)
        node, shape = node.fields[field.name], _bare(field.shape)
        if index and isinstance(shape, ListOf) and isinstance(node, Items) and int(index) < len(node.items):
            node, shape = node.items[int(index)], _bare(shape.item)
    return node


def _bare(shape: Shape) -> Shape:
    if isinstance(shape, Maybe):
        return _bare(shape.inner)
    return shape.record if isinstance(shape, Built) else shape


def _field(shape: Shape, node: Fields, attribute: str) -> Field | Option | None:
    """The field that says an attribute; of several that may, the one that is there."""
    parts = shape.parts if isinstance(shape, Record) else ()
    fields = [each for part in parts for each in (part.options if isinstance(part, OneOf) else (part,))]
    saying = [each for each in fields if isinstance(each, Field | Option) and each.attribute == attribute]
    return next((each for each in saying if each.name in node.fields), None)
