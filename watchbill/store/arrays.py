"""Columns of rows as PostgreSQL's arrays, in its binary format: head and values are as `array_recv` reads them.

psycopg's own dumpers look at each value by itself, which takes ten times as long.
"""

from collections.abc import Callable, Iterable, Sequence
from struct import Struct
from typing import Any, TypeVar

from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

from watchbill.store.tables import BYTES, INT, TEXT

T = TypeVar("T")

HEAD = Struct(">iiiii")  # dimensions, whether there are NULLs, the type of the values, how many, from which index
NULL = b"\xff\xff\xff\xff"
SIZE = Struct(">i")
SIZED_INT = Struct(">iq")
SHORT = tuple(SIZE.pack(size) for size in range(2048))


class Array:
    """What is sent. The class tells psycopg the type."""

    __slots__ = ("data",)

    def __init__(self, data: bytes) -> None:
        self.data = data


class Ints(Array):
    __slots__ = ()


class Texts(Array):
    __slots__ = ()


class Bytes(Array):
    __slots__ = ()


class _Dumper(Dumper):
    format = Format.BINARY

    def dump(self, obj: Array) -> bytes:
        return obj.data


class _IntsDumper(_Dumper):
    oid = 1016  # int8[], and so on: of the values (pg_type.dat) and of their arrays


class _TextsDumper(_Dumper):
    oid = 1009


class _BytesDumper(_Dumper):
    oid = 1001


def register(connection: "Connection[tuple[object, ...]]") -> None:
    for kind, dumper in ((Ints, _IntsDumper), (Texts, _TextsDumper), (Bytes, _BytesDumper)):
        connection.adapters.register_dumper(kind, dumper)


def columns(kinds: Iterable[str], rows: Sequence[Sequence[object]]) -> list[Array]:
    """One array for each column of rows that are all as long as `kinds`. There must be rows."""
    return [PACKERS[kind](values) for kind, values in zip(kinds, zip(*rows, strict=True), strict=True)]


def _ints(values: Sequence[int | None]) -> Ints:
    return Ints(_packed(20, values, _int))


def _texts(values: Sequence[str | None]) -> Texts:
    return Texts(_packed(25, values, _text))


def _bytes(values: Sequence[bytes | None]) -> Bytes:
    return Bytes(_packed(17, values, _blob))


def _packed(kind: int, values: Sequence[T | None], pack: Callable[[T], bytes]) -> bytes:
    """Each value with its size before it. Most columns hold few different ones: each of those is packed once."""
    different = set(values)
    head = HEAD.pack(1, None in different, kind, len(values), 1)
    if len(different) > len(values) // 2:
        return head + b"".join([NULL if value is None else pack(value) for value in values])
    if len(different) == 1:
        return head + (NULL if values[0] is None else pack(values[0])) * len(values)
    packed = {value: NULL if value is None else pack(value) for value in different}
    return head + b"".join([packed[value] for value in values])


def _int(value: int) -> bytes:
    return SIZED_INT.pack(8, value)


def _text(value: str) -> bytes:
    return _blob(_without_nul(value).encode())


def _blob(value: bytes) -> bytes:
    size = len(value)
    return (SHORT[size] if size < len(SHORT) else SIZE.pack(size)) + value


def _without_nul(text: str) -> str:
    """PostgreSQL's text holds any other character."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def storable(value: object) -> object:
    """A value that stands by itself."""
    return _without_nul(value) if isinstance(value, str) else value


PACKERS: dict[str, Callable[[Sequence[Any]], Array]] = {INT: _ints, TEXT: _texts, BYTES: _bytes}
