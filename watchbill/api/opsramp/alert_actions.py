"""What is done to an alert (reference, part 5.6). Names of actions are compared without case; a body is optional."""

from collections.abc import Callable, Mapping

from watchbill.api.opsramp.alert_ids import alert_of
from watchbill.api.opsramp.bodies import Body, body_of, text, whole
from watchbill.api.opsramp.quotas import ALERT_ACTIONS
from watchbill.api.opsramp.tenancy import T
from watchbill.asgi.dialect import post
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.civil import MINUTE
from watchbill.domain.errors import Invalid
from watchbill.domain.incident import Incident, Phase
from watchbill.usecases import incidents
from watchbill.usecases.access import Right, demand
from watchbill.usecases.notes import Said, say
from watchbill.usecases.ports import Tx

LONGEST_SNOOZE = 366 * 24 * 60

Action = Callable[[Tx, Incident, Call, Body], object]


def act(tx: Tx, call: Call) -> Reply:
    action = ACTIONS.get(call.params["action"].lower())
    if action is None:
        raise Invalid(f"There is no action {call.params['action'][:100]}", "action")
    return _done(tx, call, action)


def acknowledge_one(tx: Tx, call: Call) -> Reply:
    return _done(tx, call, acknowledge)


def _done(tx: Tx, call: Call, action: Action) -> Reply:
    org, incident = alert_of(tx, call)
    demand(org, call.caller, Right.RESPOND)
    body = body_of(call)
    description = text(body, "description")
    action(tx, incident, call, body)
    if description:
        say(tx, org.number, incident.number, Said(description, call.caller.actor), call.now)
    return Reply()


def acknowledge(tx: Tx, one: Incident, call: Call, body: Body) -> None:
    incidents.acknowledge(tx, one.org, one.number, call.caller.actor, call.now)


def unacknowledge(tx: Tx, one: Incident, call: Call, body: Body) -> None:
    incidents.unacknowledge(tx, one.org, one.number, call.caller.actor, call.now)


def suppress(tx: Tx, one: Incident, call: Call, body: Body) -> None:
    minutes = whole(body, "snoozeDuration", 0, LONGEST_SNOOZE)
    until = call.now + minutes * MINUTE if minutes else None
    incidents.suppress(tx, one.org, one.number, call.caller.actor, until, call.now)


def unsuppress(tx: Tx, one: Incident, call: Call, body: Body) -> None:
    incidents.unsuppress(tx, one.org, one.number, call.caller.actor, call.now)


def close(tx: Tx, one: Incident, call: Call, body: Body) -> None:
    """What is closed stays so."""
    if one.phase is not Phase.RESOLVED:
        incidents.close(tx, one.org, one.number, call.caller.actor, call.now)


def heal(tx: Tx, one: Incident, call: Call, body: Body) -> None:
    incidents.heal(tx, one.org, one.number, call.caller.actor, call.now)


ACTIONS: Mapping[str, Action] = {
    "acknowledge": acknowledge,
    "unacknowledge": unacknowledge,
    "suppress": suppress,
    "unsuppress": unsuppress,
    "close": close,
    "heal": heal,
}

ROUTES = [
    post(f"{T}/alerts/{{alert}}/actions/{{action}}", act, quota=ALERT_ACTIONS),
    post(f"{T}/alerts/{{alert}}/acknowledge", acknowledge_one, quota=ALERT_ACTIONS),
]
