"""Answers as the official Python client reads them: every part must be of a type that it knows."""

from collections.abc import Iterator
from typing import Any

from datadog_api_client import Configuration
from datadog_api_client.model_utils import ModelComposed, ModelNormal, UnparsedObject, validate_and_convert_types

CONFIGURATION: Any = Configuration()  # type: ignore[no-untyped-call]


def parsed(kind: Any, document: Any) -> Any:
    """The document as that model of the client; fails when any part of it stays unparsed."""
    read: Any = validate_and_convert_types
    found = read(document, (kind,), ["received_data"], True, True, CONFIGURATION)
    strange = list(_unparsed(found, "$"))
    assert not strange, strange
    return found


def _unparsed(value: Any, at: str) -> Iterator[str]:
    if isinstance(value, UnparsedObject) or getattr(value, "_unparsed", False):
        yield f"{at}: {value}"
    elif isinstance(value, ModelComposed) and getattr(value, "_composed_instances", None):
        for one in value._composed_instances:
            yield from _unparsed(one, at)
    elif isinstance(value, ModelNormal):
        for name, inner in value._data_store.items():
            yield from _unparsed(inner, f"{at}.{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _unparsed(inner, f"{at}[{index}]")
