"""Shapes that several parts of the form use: references by name, hours, targets."""

from collections.abc import Mapping

from watchbill.cli.orgfile.records import Built, Field, OneOf, Option, Record
from watchbill.cli.orgfile.shapes import Choice, Maybe, Ref, Shape, Text, Windows
from watchbill.domain.civil import Hours
from watchbill.domain.people import Urgency
from watchbill.domain.plans import Target, TargetKind
from watchbill.domain.rota import Neighbour, Position

USER = Ref("user", "person")
TEAM = Ref("team", "team")
SCHEDULE = Ref("schedule", "schedule")
POLICY = Ref("policy", "policy")
ROUTING_KEY = Ref("routing_key", "routing key")
ENDPOINT = Ref("endpoint", "endpoint")
URGENCY = Maybe(Choice(Urgency))

HOURS = Built(
    Hours,
    Record(
        "weekly hours",
        (Field("zone", "zone", Text(), required=True), Field("windows", "windows", Windows(), required=True)),
    ),
)

NAMED: Mapping[TargetKind, Shape] = {
    TargetKind.USER: USER,
    TargetKind.SCHEDULE: SCHEDULE,
    TargetKind.TEAM: TEAM,
    TargetKind.POLICY: POLICY,
    TargetKind.EMAIL: Text("an e-mail address"),
    TargetKind.WEBHOOK: ENDPOINT,
    TargetKind.CHAT: ENDPOINT,
}
TARGET = Built(
    Target,
    Record(
        "a target",
        (
            OneOf("A target", tuple(Option(kind.value, "id", shape, {"kind": kind}) for kind, shape in NAMED.items())),
            Field("position", "position", Choice(Position)),
            Field("neighbour", "neighbour", Choice(Neighbour)),
        ),
    ),
)
