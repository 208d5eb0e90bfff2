"""Where made-up requests are sent: most made-up values give way to ones that are there, or little more would be tried
than how missing things are missed. Loaded by schemathesis; what is there comes in the variable KNOWN.

KNOWN maps names of parameters and members ("user.id": the id in a user) to values. BOUNDS is how many values at their
bounds are tried of each kind (such as a wrong type) for each operation, before only each tenth is; 0 tries them all.
"""

import json
import os
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from zlib import crc32

import schemathesis

KNOWN: Mapping[str, Sequence[Any]] = json.loads(os.environ.get("KNOWN", "{}"))
# Of so many made-up values one is left as it is.
LEFT = 3
BOUNDS = int(os.environ.get("BOUNDS", "0"))
EACH = 10
made: Counter[tuple[str, str]] = Counter()


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: dict[str, Any]) -> None:
    for values in (case.path_parameters, case.query):
        for name, value in (values or {}).items():
            values[name] = chosen(name, value)
    if isinstance(case.body, dict | list):
        case.body = aimed(case.body, "")


@schemathesis.hook
def filter_case(context: Any, case: Any) -> bool:
    if not BOUNDS or case.meta is None or case.meta.phase.name != "coverage":
        return True
    kind = (case.operation.label, str(case.meta.phase.data.scenario))
    made[kind] += 1
    return made[kind] <= BOUNDS or made[kind] % EACH == 0


def aimed(value: Any, within: str) -> Any:
    """`within`: what kind of thing the value is part of."""
    if isinstance(value, list):
        return [aimed(each, within) for each in value]
    if isinstance(value, dict):
        kind = value.get("type")
        within = kind if isinstance(kind, str) else within
        return {name: aimed(chosen(name, each, within), name) for name, each in value.items()}
    return value


def chosen(name: str, value: Any, within: str = "") -> Any:
    there = KNOWN.get(f"{within}.{name}") or KNOWN.get(name)
    if not there or isinstance(value, dict | list):
        return value
    number = crc32(repr(value).encode("utf-8", "replace"))
    return value if number % LEFT == 0 else there[number // LEFT % len(there)]
