"""Reading the attributes of a body, one by one. Null is the same as absent; what is unknown is passed over.

What is wrong raises Invalid in the words of the original's framework (reference, part 6).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from watchbill.api.datadog.times import moment
from watchbill.domain.errors import Invalid

T = TypeVar("T")

UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
LONGEST_TEXT = 10_000
# The core has bounds of its own; this one spares the transaction to look at a million items to say so.
LONGEST_LIST = 5_000
NAMES: Mapping[type, str] = {str: "string", bool: "bool", int: "number", float: "number", list: "array", dict: "object"}


def identifier(text: str) -> str | None:
    """A UUID in lower case, or None when it is none."""
    return text.lower() if UUID.fullmatch(text) else None


class Fields:
    """The members of one JSON object. `at` is its path in the attributes, for messages: "layers[0]"."""

    def __init__(self, given: Mapping[str, Any], at: str = "") -> None:
        self._given = given
        self.at = at

    def has(self, name: str) -> bool:
        return self._given.get(name) is not None

    def names(self, name: str) -> bool:
        """Whether the member is there, be it null."""
        return name in self._given

    def rooted(self) -> "Fields":
        """The same, with paths that begin here."""
        return Fields(self._given)

    def path(self, name: str) -> str:
        return f"{self.at}.{name}" if self.at else name

    def wrong(self, name: str, why: str) -> Invalid:
        """The refusal of an attribute, to be raised: "must be unique"."""
        return Invalid(f'attribute "{self.path(name)}" {why}')

    # --- Texts

    def text(self, name: str, longest: int = LONGEST_TEXT) -> str:
        return self._needed(name, self.maybe_text(name, longest))

    def maybe_text(self, name: str, longest: int = LONGEST_TEXT) -> str | None:
        found = self._of(name, str)
        if found is not None and len(found) > longest:
            raise self.wrong(name, f"must have at most {longest} characters")
        if found is not None and "\0" in found:
            raise self.wrong(name, "must not have a null character")
        return found

    def maybe_texts(self, name: str, first: int | None = None) -> list[str] | None:
        """`first`: so many of them are read and the rest is passed over."""
        found = self._list(name) if first is None else (self._of(name, list) or [])[:first]
        if found is None:
            return None
        members = Fields({f"{name}[{place}]": one for place, one in enumerate(found)}, self.at)
        return [members.text(each) for each in members._given]

    def choice(self, name: str, options: Sequence[str]) -> str:
        return self._needed(name, self.maybe_choice(name, options))

    def maybe_choice(self, name: str, options: Sequence[str]) -> str | None:
        found = self.maybe_text(name)
        if found is not None and found not in options:
            raise self.wrong(name, f'must be one of "{" ".join(options)}"')
        return found

    def uuid(self, name: str) -> str:
        return self._needed(name, self.maybe_uuid(name))

    def maybe_uuid(self, name: str) -> str | None:
        found = self.maybe_text(name)
        id = None if found is None else identifier(found)
        if found is not None and id is None:
            raise self.wrong(name, "must be a valid UUID")
        return id

    def moment(self, name: str) -> int:
        return self._needed(name, self.maybe_moment(name))

    def maybe_moment(self, name: str) -> int | None:
        """Microseconds UTC."""
        found = self.maybe_text(name)
        at = None if found is None else moment(found)
        if found is not None and at is None:
            raise self.wrong(name, "must be a date and time as in RFC 3339, between 1970 and 9999")
        return at

    # --- Numbers and flags

    def whole(self, name: str, least: int, most: int) -> int:
        return self._needed(name, self.maybe_whole(name, least, most))

    def maybe_whole(self, name: str, least: int, most: int) -> int | None:
        found = self._of(name, int)
        if found is not None and not least <= found <= most:
            raise self.wrong(name, f"must be between {least} and {most}")
        return found

    def maybe_flag(self, name: str) -> bool | None:
        return self._of(name, bool)

    # --- Parts

    def inner(self, name: str) -> "Fields":
        return self._needed(name, self.maybe_inner(name))

    def maybe_inner(self, name: str) -> "Fields | None":
        found = self._of(name, dict)
        return None if found is None else Fields(found, self.path(name))

    def each(self, name: str) -> "list[Fields]":
        return self._needed(name, self.maybe_each(name))

    def maybe_each(self, name: str) -> "list[Fields] | None":
        """The objects of a list."""
        found = self._list(name)
        if found is None:
            return None
        places = [f"{self.path(name)}[{index}]" for index in range(len(found))]
        return [Fields(self._fit(at, one, dict), at) for at, one in zip(places, found, strict=True)]

    def _list(self, name: str) -> list[Any] | None:
        found = self._of(name, list)
        if found is not None and len(found) > LONGEST_LIST:
            raise self.wrong(name, f"must have at most {LONGEST_LIST} items")
        return found

    def _of(self, name: str, kind: type[T]) -> T | None:
        value = self._given.get(name)
        return None if value is None else self._fit(self.path(name), value, kind)

    def _fit(self, at: str, value: object, kind: type[T]) -> T:
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return value
        raise Invalid(f'error decoding attribute "{at}": invalid type {NAMES.get(type(value), "null")}')

    def _needed(self, name: str, found: T | None) -> T:
        if found is None:
            raise self.wrong(name, "is required")
        return found
