"""The search syntax of routing rules and filters, and the conditions that it means (reference, part 5.2).

Texts are compared with their capitals, wildcards are `*` and `?`, terms beside each other must all hold.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

import re2
from luqum import tree
from luqum.exceptions import ParseError
from luqum.thread import parse

from watchbill.domain.check_routes import DEEPEST
from watchbill.domain.conditions import is_number
from watchbill.domain.errors import Invalid
from watchbill.domain.routes import Condition, Join, Op

LONGEST = 10_000
# Slashes begin regular expressions in the grammar, and are plain characters in this dialect.
SLASH = re.compile(r'\\.|"(?:[^"\\]|\\.)*"|/', re.DOTALL)
PLAIN = re.compile(r"[\w.@][\w.@-]*")
RESERVED = ("AND", "OR", "NOT", "TO")
PIECE = re.compile(r"\\(.)|([*?])|([^\\*?]+|\\)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Free:
    """The fields that a term without a name is looked for in, and how all terms are compared."""

    fields: tuple[str, ...]
    ignore_case: bool = False


RULES = Free(("title", "message"))


def condition_of(query: str, free: Free = RULES, where: str = "query") -> Condition | None:
    """What a query asks for; None for an empty one. Raises Invalid, saying what is wrong in `where`."""
    try:
        return _condition_of(query, free)
    except Invalid as error:
        raise Invalid(error.message, where) from None


@lru_cache(maxsize=4096)
def _condition_of(query: str, free: Free) -> Condition | None:
    if not query.strip():
        return None
    if len(query) > LONGEST:
        raise Invalid(f"must have at most {LONGEST} characters")
    try:
        parsed = parse(SLASH.sub(lambda found: r"\/" if found[0] == "/" else found[0], query))
    except ParseError as error:
        raise Invalid(f"is no valid query: {str(error)[:200]}") from None
    return _Reading(free).condition(parsed, None, DEEPEST)


class _Reading:
    """From the tree of a query to a condition. `name` is the field that a part of the tree is about, None for none."""

    def __init__(self, free: Free) -> None:
        self._free = free

    def condition(self, node: Any, name: str | None, depth: int) -> Condition:
        if not depth:
            raise Invalid("is nested too deeply")
        if isinstance(node, tree.Group | tree.FieldGroup | tree.Plus):
            return self.condition(node.children[0], name, depth - 1)
        if isinstance(node, tree.OrOperation):
            return self._joined(Join.ANY, node, name, depth)
        if isinstance(node, tree.AndOperation | tree.UnknownOperation):
            return self._joined(Join.ALL, node, name, depth)
        if isinstance(node, tree.Not | tree.Prohibit):
            return Condition(Join.NONE, parts=(self.condition(node.children[0], name, depth - 1),))
        if isinstance(node, tree.SearchField):
            return self._field(node, name, depth)
        return self._leaf(node, name)

    def _joined(self, join: Join, node: Any, name: str | None, depth: int) -> Condition:
        parts = [self.condition(part, name, depth - 1) for part in node.children]
        flat = chain.from_iterable(part.parts if part.join is join else (part,) for part in parts)
        return Condition(join, parts=tuple(flat))

    def _field(self, node: Any, name: str | None, depth: int) -> Condition:
        if name is None:
            return self.condition(node.children[0], _unescaped(node.name), depth - 1)
        return self._test(name, self._with_colons(node, depth))

    def _with_colons(self, node: Any, depth: int) -> str:
        """What looks like a field within a field is a value with a colon in it: `tags.image:web:1.2`."""
        if isinstance(node, tree.SearchField) and depth:
            return f"{node.name}\\:{self._with_colons(node.children[0], depth - 1)}"
        if isinstance(node, tree.Word):
            return str(node.value)
        raise self._unknown(node)

    def _leaf(self, node: Any, name: str | None) -> Condition:
        if isinstance(node, tree.Word):
            return self._test(name, node.value)
        if isinstance(node, tree.Phrase):
            text = _unescaped(node.value[1:-1])
            return self._over(name, lambda field: self._plain(field, text, name is None))
        if name is not None and isinstance(node, tree.From | tree.To):
            return self._bound(name, isinstance(node, tree.From), node.children[0], node.include)
        if name is not None and isinstance(node, tree.Range):
            low = self._bound(name, True, node.low, node.include_low)
            high = self._bound(name, False, node.high, node.include_high)
            return Condition(Join.ALL, parts=(low, high))
        raise self._unknown(node)

    def _test(self, name: str | None, text: str) -> Condition:
        """A word, escapes and wildcards in it."""
        if name is not None and text == "*":
            return Condition(field=name, op=Op.EXISTS)
        pieces = [found.groups() for found in PIECE.finditer(text)]
        plain = "".join(escaped or wild or rest for escaped, wild, rest in pieces)
        if not any(wild for _, wild, _ in pieces):
            return self._over(name, lambda field: self._plain(field, plain, name is None))
        around = "*" if name is None else ""
        literal = any(escaped in ("*", "?") for escaped, _, _ in pieces)
        if not literal:
            return self._over(name, lambda field: self._of(field, Op.WILDCARD, f"{around}{plain}{around}"))
        any_run = {"*": ".*", "?": "."}
        source = "".join(any_run[wild] if wild else re2.escape(escaped or rest) for escaped, wild, rest in pieces)
        edge = ".*" if name is None else ""
        return self._over(name, lambda field: self._of(field, Op.REGEX, f"(?s){edge}{source}{edge}"))

    def _plain(self, field: str, text: str, within: bool) -> Condition:
        return self._of(field, Op.CONTAINS if within else Op.EQUALS, text)

    def _of(self, field: str, op: Op, value: str) -> Condition:
        return Condition(field=field, op=op, value=value, ignore_case=self._free.ignore_case)

    def _over(self, name: str | None, test: Callable[[str], Condition]) -> Condition:
        """The test of that field, or of any of those that terms without a name are looked for in."""
        fields: Sequence[str] = self._free.fields if name is None else (name,)
        tests = tuple(test(field) for field in fields)
        return tests[0] if len(tests) == 1 else Condition(Join.ANY, parts=tests)

    def _bound(self, name: str, least: bool, node: Any, included: bool) -> Condition:
        if isinstance(node, tree.Word) and node.value == "*":
            return Condition(field=name, op=Op.EXISTS)
        text = _bound_text(node)
        if not is_number(text):
            raise Invalid(f"has a bound that is no number: '{text}'")
        op, other = (Op.AT_LEAST, Op.AT_MOST) if least else (Op.AT_MOST, Op.AT_LEAST)
        reached = Condition(field=name, op=op, value=text)
        if included:
            return reached
        passed = Condition(Join.NONE, parts=(Condition(field=name, op=other, value=text),))
        return Condition(Join.ALL, parts=(reached, passed))

    def _unknown(self, node: Any) -> Invalid:
        return Invalid(f"has a {type(node).__name__.lower()} in it where none is understood")


def _bound_text(node: Any) -> str:
    if isinstance(node, tree.Prohibit):
        return "-" + _bound_text(node.children[0])
    return _unescaped(str(node.value)).strip('"')


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


# --- From a condition to a query


def query_of(condition: Condition | None) -> str:
    """A query that asks for what a condition does, for one that was not written as a query.

    A regular expression can't be said: it is shown as something that is refused when it is written anew. That capitals
    don't count can't be said either.
    """
    if condition is None:
        return ""
    if condition.join is Join.TEST:
        return f"{_escaped(condition.field)}:{_value(condition)}"
    if condition.join is Join.NONE:
        return f"NOT ({' OR '.join(map(_part, condition.parts))})"
    return (" AND " if condition.join is Join.ALL else " OR ").join(map(_part, condition.parts)) or "*"


def _part(condition: Condition) -> str:
    inner = query_of(condition)
    return inner if condition.join is Join.TEST or len(condition.parts) < 2 else f"({inner})"


def _value(condition: Condition) -> str:
    value = condition.value
    forms: dict[Op, Callable[[], str]] = {
        Op.EQUALS: lambda: _plain(value),
        Op.CONTAINS: lambda: f"*{_escaped(value)}*",
        Op.STARTS_WITH: lambda: f"{_escaped(value)}*",
        Op.ENDS_WITH: lambda: f"*{_escaped(value)}",
        Op.WILDCARD: lambda: "".join(char if char in "*?" else _escaped(char) for char in value),
        Op.REGEX: lambda: f"{_quoted(value)}~",
        Op.EXISTS: lambda: "*",
        Op.AT_LEAST: lambda: f">={_plain(value)}",
        Op.AT_MOST: lambda: f"<={_plain(value)}",
    }
    return forms[condition.op]()


def _plain(text: str) -> str:
    return text if PLAIN.fullmatch(text) and text not in RESERVED else _quoted(text)


def _quoted(text: str) -> str:
    return '"' + re.sub(r'(["\\])', r"\\\1", text) + '"'


def _escaped(text: str) -> str:
    return re.sub(r"([^\w.@-]|^-)", r"\\\1", text)
