"""Columns of rows as PostgreSQL's arrays, in its binary format: head and values are as `array_recv` reads them.

psycopg's own dumpers look at each value by itself, which takes ten times as long.
"""

from collections.abc import Callable, Iterable, Sequence
from struct import Struct
from typing import Any

from psycopg import Connection
from psycopg.adapt import Dumper
from psycopg.pq import Format

from watchbill.store.tables import BYTES, INT, TEXT

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
    head = HEAD.pack(1, None in values, 20, len(values), 1)
    return Ints(head + b"".join([NULL if value is None else SIZED_INT.pack(8, value) for value in values]))


def _texts(values: Sequence[str | None]) -> Texts:
    return Texts(_blobs(25, [None if value is None else _without_nul(value).encode() for value in values]))


def _bytes(values: Sequence[bytes | None]) -> Bytes:
    return Bytes(_blobs(17, values))


def _blobs(kind: int, values: Sequence[bytes | None]) -> bytes:
    parts = [HEAD.pack(1, None in values, kind, len(values), 1)]
    for value in values:
        if value is None:
            parts.append(NULL)
        else:
            size = len(value)
            parts.append(SHORT[size] if size < len(SHORT) else SIZE.pack(size))
            parts.append(value)
    return b"".join(parts)


def _without_nul(text: str) -> str:
    """PostgreSQL's text holds any other character."""
    return text.replace("\0", "\ufffd") if "\0" in text else text


def storable(value: object) -> object:
    """A value that stands by itself."""
    return _without_nul(value) if isinstance(value, str) else value


PACKERS: dict[str, Callable[[Sequence[Any]], Array]] = {INT: _ints, TEXT: _texts, BYTES: _bytes}
