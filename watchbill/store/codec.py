"""Values to JSON and back. What is searched has a column of its own; the rest lies beside it as one document.

The documents follow the domain's types by themselves: a field added there, with a default, needs no migration, and
documents written before it was added can still be read. Fields at their default are left out.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from functools import cache
from operator import attrgetter
from threading import Lock
from types import UnionType
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec

T = TypeVar("T")
Slim = Callable[[Any], Any]

_encoder = msgspec.json.Encoder()
_steady = msgspec.json.Encoder(order="deterministic")


def encode(value: object) -> str:
    """Everything, defaults too: what is written for people to look at, or for ever."""
    return _encoder.encode(value).decode()


def encode_steadily(value: object) -> str:
    """The same text for equal values in every process: sets are sorted."""
    return _steady.encode(value).decode()


_making = Lock()


@cache
def _decoder(kind: Any) -> Callable[[str], Any]:
    """One at a time: msgspec shows other threads a dataclass that it has only half learned, and the process crashes."""
    with _making:
        return msgspec.json.Decoder(kind).decode


def decode(kind: type[T], text: str) -> T:
    return cast(T, _decoder(cast(Any, kind))(text))


class Rest(Generic[T]):
    """The document of the fields of a dataclass that have no column of their own."""

    def __init__(self, kind: type[T], columns: Iterable[str] = ()) -> None:
        left_out = frozenset(columns)
        rest = [each for each in fields(cast(Any, kind)) if each.name not in left_out]
        self._struct = _struct(kind, rest)
        self._decode = _decoder(self._struct)
        self._packed = _packer(kind, rest, self._struct)
        self.names = tuple(each.name for each in rest)
        self.values = attrgetter(*self.names)

    def encode(self, value: T) -> str:
        return self.encode_values(self.values(value))

    def encode_values(self, values: Sequence[Any]) -> str:
        """The document of these values of `names`."""
        return _encoder.encode(self._packed(values)).decode()

    def encode_all(self, values: Iterable[T]) -> str:
        """Several as one list."""
        return _encoder.encode([self._packed(self.values(value)) for value in values]).decode()

    def decode(self, text: str) -> tuple[Any, ...]:
        """The values of `names`, with the defaults filled in."""
        return self.values(self._decode(text))


def merged(one: str, other: str) -> str:
    """One document of two that have no field in common. The first has one at least."""
    return one if other == "{}" else f"{one[:-1]},{other[1:]}"


def builder(kind: type[T], names: Sequence[str]) -> Callable[[Iterable[Any]], T]:
    """Makes values of a frozen dataclass with slots from all its fields in this order, three times as fast as calling
    it: what comes from the database needs no defaults, and its `__init__` goes the long way round its own frost."""
    assert sorted(names) == sorted(each.name for each in fields(cast(Any, kind))), names
    setters = [vars(kind)[name].__set__ for name in names]
    blank = kind.__new__

    def build(values: Iterable[Any]) -> T:
        made = blank(kind)
        for assign, value in zip(setters, values, strict=True):
            assign(made, value)
        return made

    return build


def _struct(kind: type, rest: list[Field[Any]]) -> type[msgspec.Struct]:
    """The same fields with the same defaults; msgspec leaves defaults out of structs only, not of dataclasses."""
    hints = get_type_hints(kind)
    parts: list[Any] = []
    for each in rest:
        if each.default is not MISSING:
            parts.append((each.name, hints[each.name], each.default))
        elif each.default_factory is not MISSING:
            parts.append((each.name, hints[each.name], msgspec.field(default_factory=each.default_factory)))
        else:
            parts.append((each.name, hints[each.name]))
    return msgspec.defstruct(f"{kind.__name__}Rest", parts, omit_defaults=True)


def _slimmer(kind: type, rest: list[Field[Any]], struct: type[msgspec.Struct]) -> Slim:
    """Turns a dataclass into its struct, and so on inwards."""
    values = attrgetter(*(each.name for each in rest))
    packed = _packer(kind, rest, struct)
    return lambda value: packed(values(value))


def _packer(kind: type, rest: list[Field[Any]], struct: type[msgspec.Struct]) -> Callable[[Sequence[Any]], Any]:
    """Makes the struct of the values of these fields."""
    hints = get_type_hints(kind)
    inner = [(index, slim) for index, each in enumerate(rest) if (slim := _slim_of(hints[each.name])) is not None]

    def plain(values: Sequence[Any]) -> Any:
        return struct(*values)

    def nested(values: Sequence[Any]) -> Any:
        own = list(values)
        for index, slim in inner:
            if own[index]:
                own[index] = slim(own[index])
        return struct(*own)

    return nested if inner else plain


@cache
def _slim_of(hint: Any) -> Slim | None:
    """How a field of this type is made slim; None: it is encoded as it is."""
    if is_dataclass(hint) and isinstance(hint, type):
        rest = list(fields(hint))
        return None if len(rest) < 2 or _is_slim(hint, rest) else _slimmer(hint, rest, _struct(hint, rest))
    if get_origin(hint) is tuple and get_args(hint)[1:] == (Ellipsis,):
        one = _slim_of(get_args(hint)[0])
        return None if one is None else lambda values: [one(value) for value in values]
    if get_origin(hint) in (Union, UnionType):
        kinds = [kind for kind in get_args(hint) if kind is not type(None)]
        return _slim_of(kinds[0]) if len(kinds) == 1 else None
    return None


def _is_slim(kind: type, rest: list[Field[Any]]) -> bool:
    """Whether there is nothing to leave out of a dataclass, however deep."""
    hints = get_type_hints(kind)
    needed = all(each.default is MISSING and each.default_factory is MISSING for each in rest)
    return needed and all(_slim_of(hints[each.name]) is None for each in rest)
