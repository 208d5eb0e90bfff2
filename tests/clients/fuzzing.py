"""What no client of ours would send: values made up from a published description, right and wrong ones.

Each answer has to be one that the description tells: its status, its media type, its shape.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

import schemathesis
from requests import Session
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from watchbill.wiring.dialects import published

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
METHODS = ("get", "post", "put", "patch", "delete")
# Of so many made-up values of a name one is left as it is.
LEFT = 3


def described(name: str, examples: int) -> Any:
    """The description of a dialect, to make so many examples of each operation: the same in each run."""
    schema = schemathesis.openapi.from_dict(json.loads(published()[name]))
    schema.config.generation.update(deterministic=True, max_examples=examples, no_shrink=True)
    schema.config.phases.update(phases=["coverage", "fuzzing"])
    schema.config.phases.coverage.unexpected_methods = set()
    return schema


@dataclass(frozen=True, slots=True)
class Aim:
    """Where to send what was made up. `known`: names of parameters and members ("user.id": the id in a user),
    with values that are there. Most made-up values give way to one of these, or little more would be tried than how
    missing things are missed."""

    url: str
    headers: Mapping[str, str]
    known: Mapping[str, Sequence[Any]]
    session: Session

    def send(self, case: Any) -> None:
        for values in (case.path_parameters, case.query):
            for name, value in (values or {}).items():
                values[name] = self._chosen(name, value)
        if isinstance(case.body, dict | list):
            case.body = self._aimed(case.body, "")
        case.call_and_validate(base_url=self.url, headers=dict(self.headers), session=self.session, checks=CHECKS)

    def _aimed(self, value: Any, within: str) -> Any:
        """`within`: what kind of thing the value is part of."""
        if isinstance(value, list):
            return [self._aimed(each, within) for each in value]
        if isinstance(value, dict):
            kind = value.get("type")
            within = kind if isinstance(kind, str) else within
            return {name: self._aimed(self._chosen(name, each, within), name) for name, each in value.items()}
        return value

    def _chosen(self, name: str, value: Any, within: str = "") -> Any:
        there = self.known.get(f"{within}.{name}") or self.known.get(name)
        if not there or isinstance(value, dict | list):
            return value
        number = crc32(repr(value).encode("utf-8", "replace"))
        return value if number % LEFT == 0 else there[number // LEFT % len(there)]


def answers_without_keys(name: str, url: str, headers: Mapping[str, str]) -> set[int]:
    """With which statuses the operations answer somebody with these keys."""
    statuses = set()
    with Session() as session:
        for path, item in json.loads(published()[name])["paths"].items():
            for method in (each for each in METHODS if each in item and item[each].get("security") != []):
                address = url + path.replace("{", "").replace("}", "")
                answer = session.request(method, address, headers=dict(headers), json={}, timeout=10)
                statuses.add(answer.status_code)
    return statuses
