"""The JSON a webhook gets. Its shape is a promise: keys are added, never renamed or removed.

{
  "version": 1,
  "delivery": "0190…",              the same for every try: drop what you have seen
  "attempt": 1,
  "sent_at": "2026-01-05T13:03:00.000000Z",
  "purpose": "page",                page, step, notice or test
  "organization": "acme",
  "recipient": "Ann Lee",
  "code": "7K2",                    the reference by which an answer is matched
  "text": "",                       of a notice or a test
  "held": 0,                        further incidents of this bundle that are not listed
  "links": {"incident": "https://…", "acknowledge": "https://…", "resolve": "https://…"},
  "incidents": [                    several when bundled, the most urgent first
    {
      "number": 123, "title": "…", "message": "…", "urgency": "high", "phase": "triggered",
      "opened_at": "2026-01-05T13:02:59.000000Z", "alert_count": 4,
      "routing_key": "db", "service": "…", "host": "…", "tool": "…",
      "reason": "on call by layer 2 of Primary until Mon 09:00 UTC",
      "annotations": [{"kind": "url", "label": "Runbook", "value": "https://…"}],
      "fields": {}                  the alert's fields as they were received
    }
  ]
}
"""

import json

from watchbill.channels.wording import plain
from watchbill.domain.civil import utc
from watchbill.domain.delivery import Message, Subject


def payload(message: Message) -> bytes:
    body = {
        "version": 1,
        "delivery": message.delivery_id,
        "attempt": message.attempt,
        "sent_at": _stamp(message.at),
        "purpose": message.purpose.value,
        "organization": message.organization,
        "recipient": message.recipient,
        "code": message.code,
        "text": message.text,
        "held": message.held,
        "links": message.links,
        "incidents": [_incident(subject) for subject in message.subjects],
    }
    return json.dumps(plain(body), ensure_ascii=False, separators=(",", ":")).encode()


def _incident(subject: Subject) -> dict[str, object]:
    return {
        "number": subject.number,
        "title": subject.title,
        "message": subject.message,
        "urgency": subject.urgency.value,
        "phase": subject.phase,
        "opened_at": _stamp(subject.opened_at),
        "alert_count": subject.alert_count,
        "routing_key": subject.routing_key,
        "service": subject.service,
        "host": subject.host,
        "tool": subject.tool,
        "reason": subject.reason,
        "annotations": [{"kind": kind, "label": label, "value": value} for kind, label, value in subject.annotations],
        "fields": subject.fields,
    }


def _stamp(at: int) -> str:
    return utc(at).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
