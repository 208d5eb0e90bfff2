"""The form of alert rules: what changes an alert before anything is decided on it."""

from watchbill.cli.orgfile.records import Built, Field, Record
from watchbill.cli.orgfile.shapes import Choice, Count, Flag, FreeFields, ListOf, Maybe, Text
from watchbill.domain.alert import AnnotationKind
from watchbill.domain.routes import Op
from watchbill.domain.transforms import Action

ACTION = Built(
    Action,
    Record(
        "an action",
        (
            Field("field", "field", Text("the name of a field, such as title"), required=True),
            Field("value", "value", Text(), required=True),
            Field("annotation", "annotation", Maybe(Choice(AnnotationKind))),
        ),
    ),
)
ALERT_RULE_RECORD = Record(
    "an alert rule",
    (
        Field("field", "field", Text("the name of a field, such as title"), required=True),
        Field("value", "value", Text(), required=True),
        Field("match", "match", Choice(Op)),
        Field("routing_key", "routing_key", Text()),
        Field("order", "order", Count(), always=True),
        Field("active", "active", Flag()),
        Field("actions", "actions", ListOf(ACTION)),
        Field("stop", "stop", Flag()),
        Field("notes", "notes", Text()),
        Field("settings", "settings", FreeFields()),
    ),
)
