"""Escalation webhooks: which there are (reference, part 2.17), and how a step tells one (part 4.11).

An endpoint speaks so when its settings have the format "victorops".
"""

import hashlib
import hmac
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import urlencode

import msgspec

from watchbill.api.victorops.times import millis
from watchbill.asgi.dialect import Route, get
from watchbill.asgi.requests import Call, Reply
from watchbill.domain.delivery import Message, Subject
from watchbill.usecases import access
from watchbill.usecases.access import Right
from watchbill.usecases.ports import Tx

FORM = "application/x-www-form-urlencoded"


def listed(tx: Tx, call: Call) -> Reply:
    """The member has two spellings; clients read the one or the other."""
    org = tx.organization(call.caller.org)
    access.demand(org, call.caller, Right.SEE)
    hooks = [
        {"slug": endpoint.slug, "label": endpoint.name, "url": endpoint.address}
        for endpoint in org.endpoints.values()
        if endpoint.kind == "webhook"
    ]
    return Reply(body={"webhooks": hooks, "webHooks": hooks})


def formatted(message: Message) -> tuple[bytes, Mapping[str, str]]:
    """A form, each value of it JSON text, signed when the webhook has a secret."""
    values = {name: msgspec.json.encode(value).decode() for name, value in _told(message).items()}
    headers = {"Content-Type": FORM}
    if message.secret:
        headers["X-VictorOps-Signature"] = signature(message.secret, message.address, values)
    return urlencode(values).encode(), headers


def signature(secret: str, url: str, values: Mapping[str, str]) -> str:
    """Over the address as it is configured, and each name with its value, in the order of the names."""
    signed = url + "".join(name + values[name] for name in sorted(values))
    return b64encode(hmac.new(secret.encode(), signed.encode(), hashlib.sha1).digest()).decode()


def _told(message: Message) -> Mapping[str, object]:
    if not message.subjects:
        return {"state_message": message.text}
    subject = message.subjects[0]
    return {**subject.fields, **_known(subject)}


def _known(subject: Subject) -> Mapping[str, object]:
    word = subject.state.upper()
    return {
        "incident": str(subject.number),
        "entity_id": subject.key,
        "entity_display_name": subject.title,
        "entity_state": word,
        "message_type": word,
        "alert_type": word,
        "state_message": subject.message,
        "routing_key": subject.routing_key,
        "vo_alert_rcv_time": millis(subject.last_alert_at),
    }


ROUTES: tuple[Route, ...] = (get("/api-public/v1/webhooks", listed),)
