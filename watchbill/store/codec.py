"""Values to JSON and back. What is searched has a column of its own; the rest lies beside it as one document.

The documents follow the domain's types by themselves: a field added there, with a default, needs no migration, and
documents written before it was added can still be read.
"""

from collections.abc import Callable, Iterable
from dataclasses import MISSING, fields
from functools import cache
from operator import attrgetter
from typing import Any, Generic, TypeVar, cast, get_type_hints

import msgspec

T = TypeVar("T")

_encoder = msgspec.json.Encoder()
_steady = msgspec.json.Encoder(order="deterministic")


def encode(value: object) -> str:
    return _encoder.encode(value).decode()


def encode_steadily(value: object) -> str:
    """The same text for equal values in every process: sets are sorted."""
    return _steady.encode(value).decode()


@cache
def _decoder(kind: Any) -> Callable[[str], Any]:
    return msgspec.json.Decoder(kind).decode


def decode(kind: type[T], text: str) -> T:
    return cast(T, _decoder(cast(Any, kind))(text))


class Rest(Generic[T]):
    """The document of the fields of a dataclass that have no column of their own, without those at their default."""

    def __init__(self, kind: type[T], columns: Iterable[str]) -> None:
        hints = get_type_hints(kind)
        rest = [each for each in fields(cast(Any, kind)) if each.name not in frozenset(columns)]
        parts: list[Any] = []
        for each in rest:
            if each.default is not MISSING:
                parts.append((each.name, hints[each.name], each.default))
            elif each.default_factory is not MISSING:
                factory = msgspec.field(default_factory=each.default_factory)
                parts.append((each.name, hints[each.name], factory))
            else:
                parts.append((each.name, hints[each.name]))
        self._struct: Any = msgspec.defstruct(f"{kind.__name__}Rest", parts, omit_defaults=True, kw_only=False)
        self._decode = msgspec.json.Decoder(self._struct).decode
        self.values = attrgetter(*(each.name for each in rest))

    def encode(self, value: T) -> str:
        return _encoder.encode(self._struct(*self.values(value))).decode()

    def decode(self, text: str) -> dict[str, Any]:
        """By name, with the defaults filled in."""
        return msgspec.structs.asdict(self._decode(text))
