"""The form of escalation policies, and of what selects them: routing keys, rules, maintenance; of the settings."""

from dataclasses import dataclass

from watchbill.cli.orgfile.nodes import Fields, Node, Plain, Scalar
from watchbill.cli.orgfile.records import Built, Field, OneOf, Option, Record
from watchbill.cli.orgfile.refs import HOURS, POLICY, ROUTING_KEY, TARGET, TEAM, URGENCY, USER
from watchbill.cli.orgfile.shapes import (
    DURATION,
    Choice,
    Context,
    Count,
    Flag,
    FreeFields,
    Instant,
    ListOf,
    Maybe,
    SetOf,
    Text,
)
from watchbill.domain.alert import Signal
from watchbill.domain.plans import Action, Assignment, AtEnd, OnEmpty, Since, Step, Stop, TicketOrder
from watchbill.domain.routes import Alike, Condition, Grouping, Join, Op, Start

TICKET = Built(
    TicketOrder,
    Record(
        "a ticket",
        (
            Field("fields", "fields", FreeFields()),
            Field("updates", "updates", FreeFields()),
            Field("notify", "notify", Text()),
        ),
    ),
)
STEP = Built(
    Step,
    Record(
        "a step",
        (
            Field("after", "wait", DURATION),
            Field("since", "since", Choice(Since)),
            Field("on_state_left", "on_state_left", Maybe(Text())),
            Field("targets", "targets", ListOf(TARGET), required=True),
            Field("assignment", "assignment", Choice(Assignment)),
            Field("repeat_every", "repeat_every", Maybe(DURATION)),
            Field("repeat_limit", "repeat_limit", Count()),
            Field("action", "action", Choice(Action)),
            Field("urgency", "urgency", URGENCY),
            Field("ticket", "ticket", Maybe(TICKET)),
        ),
    ),
    lambda draft: {"id": ""},
)
POLICY_RECORD = Record(
    "a policy",
    (
        Field("name", "name", Text(), always=True),
        Field("team", "team_id", Maybe(TEAM)),
        Field("teams", "team_ids", ListOf(TEAM)),
        Field("steps", "steps", ListOf(STEP), required=True),
        Field("passes", "passes", Count()),
        Field("end_wait", "end_wait", DURATION),
        Field("at_end", "at_end", Choice(AtEnd)),
        Field("on_empty", "on_empty", Maybe(Choice(OnEmpty))),
        Field("stop_on", "stop_on", SetOf(Choice(Stop))),
        Field("pagings_go_on", "pagings_go_on", Flag()),
        Field("use_primary", "use_primary", Flag()),
        Field("active", "active", Flag()),
        Field("once_each", "once_each", Flag()),
        Field("resumes", "resumes", Flag()),
        Field("follows", "follows", Flag()),
        Field("precedence", "precedence", Maybe(Count())),
        Field("settings", "settings", FreeFields()),
    ),
)


# --- Routing

START = Built(
    Start,
    Record(
        "a start",
        (
            OneOf("A start", (Option("policy", "policy_id", POLICY), Option("user", "user_id", USER))),
            Field("urgency", "urgency", URGENCY),
            Field("ack_timeout", "ack_timeout", Maybe(DURATION)),
            Field("support_hours", "support_hours", Maybe(HOURS)),
        ),
    ),
)
KEY_RECORD = Record(
    "a routing key",
    (
        Field("starts", "starts", ListOf(START)),
        Field("multi_responder", "multi_responder", Flag()),
        Field("default", "is_default", Flag()),
        Field("settings", "settings", FreeFields()),
    ),
)


@dataclass(frozen=True, slots=True)
class Existence(Text):
    """`exists: true`: whether there is such a field at all."""

    def read(self, node: Node, context: Context) -> str:
        if isinstance(node, Scalar) and node.plain and node.text == "true":
            return ""
        return Text.read(self, node, context)

    def show(self, value: str, context: Context) -> Plain:
        return value or True


TEST = Record(
    "a condition",
    (
        Field("field", "field", Text("the name of a field, such as title or tags.env"), required=True),
        OneOf(
            "A condition",
            tuple(Option(op.value, "value", Existence("true") if op is Op.EXISTS else Text(), {"op": op}) for op in Op),
        ),
        Field("ignore_case", "ignore_case", Flag()),
    ),
)
JOINS = (Join.ALL, Join.ANY, Join.NONE)


@dataclass(frozen=True, slots=True)
class ConditionShape:
    """A test of one field, or `all`, `any` or `none` of a list of conditions."""

    def read(self, node: Node, context: Context) -> Condition:
        if isinstance(node, Fields) and len(node.fields) == 1:
            [(name, parts)] = node.fields.items()
            if name in set(JOINS):
                return Condition(join=Join(name), parts=ListOf(self).read(parts, context))
        return Condition(**TEST.read(node, context))

    def show(self, value: Condition, context: Context) -> Plain:
        if value.join is Join.TEST:
            return TEST.show(value, context)
        return {value.join.value: [self.show(part, context) for part in value.parts]}


ALIKE = Built(
    Alike,
    Record(
        "what is alike",
        (Field("fields", "fields", ListOf(Text()), required=True), Field("loose", "loose", Flag())),
    ),
)
GROUPING = Built(
    Grouping,
    Record(
        "a grouping",
        (
            Field("within", "within", DURATION, required=True),
            Field("alike", "alike", ListOf(ALIKE)),
            Field("title", "title", Text()),
            Field("acts", "acts", Flag()),
        ),
    ),
)
RULE_RECORD = Record(
    "a rule",
    (
        Field("name", "name", Text(), required=True),
        Field("team", "team_id", Maybe(TEAM)),
        Field("order", "order", Count(), always=True),
        Field("active", "active", Flag()),
        Field("when", "condition", Maybe(ConditionShape())),
        Field("hours", "hours", Maybe(HOURS)),
        Field("starts", "starts", ListOf(START)),
        Field("notify", "notify", ListOf(TARGET)),
        Field("reroute", "reroute_team_id", Maybe(TEAM)),
        Field("multi_responder", "multi_responder", Flag()),
        Field("go_on", "go_on", Flag()),
        Field("beside", "beside", Flag()),
        Field("remark", "remark", Text()),
        Field("clients", "clients", Flag()),
        Field("suppress_for", "suppress_for", Maybe(DURATION)),
        Field("grouping", "grouping", Maybe(GROUPING)),
        Field("settings", "settings", FreeFields()),
    ),
)
WINDOW_RECORD = Record(
    "a maintenance window",
    (
        Field("name", "name", Text(), always=True),
        Field("start", "start", Instant(), required=True),
        Field("end", "end", Maybe(Instant())),
        Field("routing_keys", "key_ids", Maybe(ListOf(ROUTING_KEY))),
        Field("weekly", "weekly", Maybe(HOURS)),
        Field("started_by", "started_by", Text()),
        Field("settings", "settings", FreeFields()),
    ),
)


SETTINGS_RECORD = Record(
    "the settings",
    (
        Field("ack_timeout", "ack_timeout", Maybe(DURATION)),
        Field("auto_resolve", "auto_resolve", Maybe(DURATION)),
        Field("empty_step", "empty_step", Choice(OnEmpty)),
        Field("warning_opens", "warning_opens", Flag()),
        Field("unparseable_mail", "unparseable_mail", Choice(Signal)),
        Field("safety_net", "safety_net", ListOf(TARGET)),
        Field("bundle_after", "bundle_after", Count()),
        Field("bundle_every", "bundle_every", DURATION),
        Field("partner_tickets_first", "partner_tickets_first", Flag()),
    ),
)
