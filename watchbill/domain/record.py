"""Values: dataclasses that mypy keeps from being changed, and that cost no more than a plain object at run time.

A frozen dataclass sets each field through `object.__setattr__`, which makes an incident twelve times as dear to
build; `dataclasses.replace` looks at every field one by one. Both are in the way of every alert.
"""

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True, field_specifiers=(dataclasses.field,))
def record(kind: type[T]) -> type[T]:
    """A frozen dataclass for mypy, an unfrozen one for the interpreter. Equal and hashed by value."""
    return dataclasses.dataclass(slots=True, unsafe_hash=True)(kind)


if TYPE_CHECKING:
    from dataclasses import replace as replace  # so that mypy checks the changes
else:

    def replace(value: T, /, **changes: object) -> T:
        """The value with some fields changed."""
        values_of, places = _shape(type(value))
        values = list(values_of(value))
        for name, changed in changes.items():
            values[places[name]] = changed
        return type(value)(*values)


@cache
def _shape(kind: Any) -> tuple[Callable[[object], tuple[object, ...]], Mapping[str, int]]:
    """How all fields of a record are read at once, and the place of each."""
    names = [field.name for field in dataclasses.fields(kind)]
    values_of = attrgetter(*names) if len(names) > 1 else lambda value: (getattr(value, names[0]),)
    return values_of, {name: place for place, name in enumerate(names)}
