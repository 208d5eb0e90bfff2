"""Messages to send: an ordinary one, a bundle, and the nastiest we could think of."""

from typing import Any

from watchbill.domain.civil import DAY, SECOND
from watchbill.domain.delivery import Message, Purpose, Subject
from watchbill.domain.people import Urgency

AT = 20_458 * DAY + 13 * 3600 * SECOND  # Mon 5 Jan 2026, 13:00:00 UTC
TOKEN = "s3cr3t-link-t0ken"
SECRET = "s3cr3t-signing-key"


def incident(number: int = 123, title: str = "Disk full on db-1", **changes: Any) -> Subject:
    values: dict[str, Any] = {
        "number": number,
        "title": title,
        "message": "97 % of /var used",
        "urgency": Urgency.HIGH,
        "phase": "triggered",
        "opened_at": AT - 60 * SECOND,
        "alert_count": 4,
        "routing_key": "database",
        "service": "orders",
        "host": "db-1",
        "tool": "nagios",
        "reason": "on call by layer 2 of Primary until Mon 18:00",
        "annotations": (("url", "Runbook", "https://wiki.example.org/disk?a=1&b=2"),),
        "fields": {"used": 97},
    }
    return Subject(**(values | changes))


def page(*subjects: Subject, **changes: Any) -> Message:
    values: dict[str, Any] = {
        "delivery_id": "0190c0de-0000-7000-8000-000000000001",
        "organization": "acme",
        "purpose": Purpose.PAGE,
        "address": "",
        "subjects": subjects or (incident(),),
        "at": AT,
        "attempt": 1,
        "code": "7K2X",
        "recipient": "Ann Lee",
        "zone": "Europe/Paris",
        "links": {
            "incident": "https://watchbill.example.org/incidents/123",
            "acknowledge": f"https://watchbill.example.org/act/ack/{TOKEN}",
            "resolve": f"https://watchbill.example.org/act/resolve/{TOKEN}",
        },
        "secret": SECRET,
    }
    return Message(**(values | changes))


BUNDLE = (incident(7, "First of three"), incident(8, "Second of three"), incident(9, "Third of three"))

HOSTILE = incident(
    title="Disk\r\nBcc: evil@example.org\r\n\r\n<script>alert(1)</script> 🔥\ud800\x00\u202e" + "long " * 200,
    message="<img src=x onerror=alert(2)>\r\n.\r\nQUIT\r\n" + "x" * 20_000,
    reason="{{ 7 * 7 }} <b>because</b>",
    host="\udfff\x1b[31m",
    annotations=(("url", "<i>click</i>", "javascript:alert(3)"), ("note", "", "🔥" * 10)),
    fields={"nan": float("nan"), "deep": [{"bytes": b"\xff", "text": "\ud800"}]},
)
