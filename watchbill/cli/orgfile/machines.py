"""The form of integrations, with what a generic one understands, and of endpoints."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from watchbill.cli.orgfile.nodes import Fields, Items, Node, Plain
from watchbill.cli.orgfile.records import Built, Field, Record
from watchbill.cli.orgfile.shapes import Choice, Context, Flag, FreeFields, ListOf, Maybe, Shape, Text, gathered
from watchbill.domain.alert import AnnotationKind, Signal
from watchbill.domain.mapping import ATTRIBUTES, AnnotationSource, FieldMapping
from watchbill.domain.people import Urgency


@dataclass(frozen=True, slots=True)
class Sources:
    """Where an attribute is told: one source, or a list of alternatives."""

    def read(self, node: Node, context: Context) -> tuple[str, ...]:
        source = Text("a path such as $.event.id, or a text")
        if isinstance(node, Items):
            return ListOf(source).read(node, context)
        return (source.read(node, context),)

    def show(self, value: tuple[str, ...], context: Context) -> Plain:
        return value[0] if len(value) == 1 else list(value)


@dataclass(frozen=True, slots=True)
class Words:
    """A mapping of words to what they mean."""

    meaning: Shape

    def read(self, node: Node, context: Context) -> dict[str, Any]:
        if not isinstance(node, Fields):
            raise node.wrong("This should be a mapping of words to what they mean, such as {red: critical}.")
        meanings = gathered([lambda inner=inner: self.meaning.read(inner, context) for inner in node.fields.values()])  # type: ignore[misc]
        return dict(zip(node.fields, meanings, strict=True))

    def show(self, value: Mapping[str, Any], context: Context) -> Plain:
        return {word: self.meaning.show(meaning, context) for word, meaning in value.items()}


ANNOTATION = Built(
    AnnotationSource,
    Record(
        "an annotation",
        (
            Field("kind", "kind", Choice(AnnotationKind), required=True),
            Field("label", "label", Text(), required=True),
            Field("from", "sources", Sources(), required=True),
        ),
    ),
)
MAPPING = Built(
    FieldMapping,
    Record(
        "a mapping",
        (
            Field("items", "items", Text()),
            *(Field(name, name, Sources()) for name in ATTRIBUTES),
            Field("annotations", "annotations", ListOf(ANNOTATION)),
            Field("words", "words", Words(Choice(Signal))),
            Field("urgencies", "urgencies", Words(Choice(Urgency))),
        ),
    ),
)
INTEGRATION_RECORD = Record(
    "an integration",
    (
        Field("kind", "kind", Text(), required=True),
        Field("routing_key", "routing_key", Maybe(Text())),
        Field("active", "active", Flag()),
        Field("mapping", "mapping", Maybe(MAPPING)),
    ),
)
ENDPOINT_RECORD = Record(
    "an endpoint",
    (
        Field("name", "name", Text(), always=True),
        Field("kind", "kind", Text("webhook or chat"), required=True),
        Field("address", "address", Text(), required=True),
        Field("secret", "secret", Text(), secret=True),
        Field("settings", "settings", FreeFields()),
    ),
)
