"""YAML as a tree of texts that know their lines, and plain values as YAML.

The tree is built from the parser's events, so that no text is guessed to be a date or a number, nothing is constructed,
and a file that unfolds without end (anchors within anchors) or nests without end is refused before it costs anything.
"""

import io
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Plain = Any  # None, bool, int, float, str, list and dict of them

LONGEST = 16 * 2**20
MOST_NODES = 1_000_000
DEEPEST = 60
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong in a file. Lines count from 1."""

    line: int
    path: str
    message: str


class Wrong(Exception):
    """A part of the file can't be read; every mistake in it is named."""

    def __init__(self, *mistakes: Mistake) -> None:
        super().__init__("; ".join(mistake.message for mistake in mistakes))
        self.mistakes = mistakes


@dataclass(frozen=True, slots=True)
class Node:
    """`path` is where it was written first, when an anchor is used in several places. `size` and `height` count what
    it holds, aliases unfolded."""

    line: int
    path: str
    size: int = field(default=1, compare=False)
    height: int = field(default=1, compare=False)

    def wrong(self, message: str) -> Wrong:
        return Wrong(Mistake(self.line, self.path, message))


@dataclass(frozen=True, slots=True)
class Scalar(Node):
    """`plain` when it stands without quotes, and may so mean a number, true, false or nothing."""

    text: str = ""
    plain: bool = True

    @property
    def is_null(self) -> bool:
        return self.plain and self.text in ("", "~", "null")


@dataclass(frozen=True, slots=True)
class Items(Node):
    items: tuple[Node, ...] = ()


@dataclass(frozen=True, slots=True)
class Fields(Node):
    """`lines` are those of the field names."""

    fields: Mapping[str, Node] = field(default_factory=dict)
    lines: Mapping[str, int] = field(default_factory=dict)


def parse(text: str | bytes) -> tuple[Node, list[Mistake]]:
    """The one document of a YAML text, and the mistakes in it that leave it readable. Raises Wrong for others."""
    decoded = _decoded(text)
    builder = _Builder()
    try:
        for event in YAML(typ="safe", pure=True).parse(decoded):
            builder.take(event)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"This is not YAML: {error.problem or error.context}."
        raise Wrong(*builder.mistakes, Mistake(mark.line + 1 if mark else 1, "", message)) from error
    except (YAMLError, ValueError, OverflowError) as error:
        line = decoded.count("\n", 0, getattr(error, "position", 0)) + 1
        raise Wrong(*builder.mistakes, Mistake(line, "", f"This is not YAML: {_first_line(error)}.")) from error
    if builder.root is None:
        raise Wrong(Mistake(1, "", "The file is empty. Begin it with 'watchbill: 1'."))
    return builder.root, builder.mistakes


def _decoded(text: str | bytes) -> str:
    if len(text) > LONGEST:
        raise Wrong(Mistake(1, "", f"The file is longer than {LONGEST // 2**20} MiB. Split it."))
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        raise Wrong(Mistake(line, "", "The file is not text in UTF-8. Save it as UTF-8.")) from error


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["it can't be parsed"])[0].rstrip(".")


@dataclass(slots=True)
class _Open:
    """A list or mapping whose end has not come. `key` is the field name that waits for its value."""

    line: int
    path: str
    anchor: str | None
    items: list[Node] = field(default_factory=list)
    fields: dict[str, Node] | None = None
    lines: dict[str, int] = field(default_factory=dict)
    key: Scalar | None = None

    @property
    def next_path(self) -> str:
        if self.fields is None:
            return f"{self.path}[{len(self.items)}]"
        name = self.key.text if self.key else "?"
        return f"{self.path}.{name}" if self.path else name


class _Builder:
    """Takes the parser's events one by one; the open lists and mappings are a stack, so depth costs no recursion."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.mistakes: list[Mistake] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, Node] = {}
        self._documents = 0

    def take(self, event: Event) -> None:
        line = event.start_mark.line + 1
        if isinstance(event, DocumentStartEvent):
            self._documents += 1
            if self._documents == 2:
                raise Wrong(*self.mistakes, Mistake(line, "", "There are several documents. Keep one in a file."))
        elif isinstance(event, ScalarEvent):
            self._untagged(event, line)
            plain = event.style is None and event.implicit[0]
            self._add(Scalar(line, self._path, text=self._whole(event.value, line), plain=plain), event.anchor)
        elif isinstance(event, AliasEvent):
            self._alias(event.anchor, line)
        elif isinstance(event, SequenceStartEvent | MappingStartEvent):
            self._untagged(event, line)
            if len(self._open) >= DEEPEST:
                raise Wrong(*self.mistakes, Mistake(line, "", f"The file nests more than {DEEPEST} deep."))
            fields: dict[str, Node] | None = {} if isinstance(event, MappingStartEvent) else None
            self._open.append(_Open(line, self._path, event.anchor, fields=fields))
        elif isinstance(event, SequenceEndEvent | MappingEndEvent):
            self._close()

    @property
    def _path(self) -> str:
        return self._open[-1].next_path if self._open else ""

    def _untagged(self, event: Any, line: int) -> None:
        if event.tag is not None:
            self.mistakes.append(Mistake(line, self._path, f"The tag '{event.tag}' means nothing here. Remove it."))

    def _whole(self, text: str, line: int) -> str:
        """JSON may write a character as two halves, "\\ud83d\\ude00"; one half alone is none, and can't be kept."""
        if not _HALF.search(text):
            return text
        try:
            return text.encode("utf-16", "surrogatepass").decode("utf-16")
        except UnicodeDecodeError:
            self.mistakes.append(Mistake(line, self._path, "The text has half of a character in it. Write all of it."))
            return ""

    def _alias(self, anchor: str, line: int) -> None:
        known = self._anchors.get(anchor)
        if known is None:
            message = f"'*{anchor}' names no anchor that is complete. Define '&{anchor}' above it, outside of itself."
            self.mistakes.append(Mistake(line, self._path, message))
        self._add(known or Scalar(line, self._path), None)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor is not None:
            self._anchors[anchor] = node
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if parent.fields is None:
            parent.items.append(node)
        elif parent.key is None:
            parent.key = self._field_name(node)
        else:
            self._field(parent, parent.key, node)
            parent.key = None

    def _field_name(self, node: Node) -> Scalar:
        if isinstance(node, Scalar):
            return node
        self.mistakes.append(Mistake(node.line, node.path, "The name of a field should be a text."))
        return Scalar(node.line, node.path)

    def _field(self, parent: _Open, key: Scalar, node: Node) -> None:
        assert parent.fields is not None
        if key.text in parent.fields:
            message = f"'{key.text}' is here twice; it was on line {parent.lines[key.text]}. Keep it once."
            self.mistakes.append(Mistake(key.line, parent.next_path, message))
            return
        parent.fields[key.text] = node
        parent.lines[key.text] = key.line

    def _close(self) -> None:
        done = self._open.pop()
        parts = list(done.fields.values()) if done.fields is not None else done.items
        size = 1 + sum(part.size for part in parts)
        height = 1 + max((part.height for part in parts), default=0)
        if size > MOST_NODES or height + len(self._open) > DEEPEST:
            message = "This unfolds into too much. Use fewer aliases within aliases."
            raise Wrong(*self.mistakes, Mistake(done.line, done.path, message))
        if done.fields is None:
            self._add(Items(done.line, done.path, size, height, items=tuple(done.items)), done.anchor)
        else:
            fields, lines = self._merged(done.fields, done.lines)
            self._add(Fields(done.line, done.path, size, height, fields, lines), done.anchor)

    def _merged(self, fields: dict[str, Node], lines: dict[str, int]) -> tuple[dict[str, Node], dict[str, int]]:
        """With what `<<` brings in from other mappings; a mapping's own fields win."""
        source = fields.pop("<<", None)
        if source is None:
            return fields, lines
        for other in source.items if isinstance(source, Items) else (source,):
            if not isinstance(other, Fields):
                self.mistakes.append(Mistake(source.line, source.path, "'<<' should name a mapping, such as '*base'."))
                continue
            fields = {**other.fields, **fields}
            lines = {**other.lines, **lines}
        return fields, lines


# --- Plain values as YAML

WIDEST_FLOW = 88
SECTION_DEPTH = 2


def dump(plain: Plain) -> str:
    """As YAML, in the order given. Small lists and mappings below the second level stand on one line."""
    yaml = YAML(typ="rt", pure=True)
    yaml.width = 100_000
    yaml.allow_unicode = True
    yaml.indent(mapping=2, sequence=4, offset=2)
    stream = io.StringIO()
    yaml.dump(_dressed(plain, 0), stream)
    return stream.getvalue()


def _dressed(plain: Plain, depth: int) -> Plain:
    if isinstance(plain, Mapping):
        mapping = CommentedMap((key, _dressed(value, depth + 1)) for key, value in plain.items())
        return _in_style(mapping, plain, depth)
    if isinstance(plain, list | tuple):
        return _in_style(CommentedSeq(_dressed(value, depth + 1) for value in plain), plain, depth)
    return plain


def _in_style(dressed: Any, plain: Plain, depth: int) -> Plain:
    if not plain or (depth > SECTION_DEPTH and len(json.dumps(plain)) + 2 * depth <= WIDEST_FLOW):
        dressed.fa.set_flow_style()
    return dressed
