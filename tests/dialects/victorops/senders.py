"""What sends alerts, over HTTP and by mail: through the real doors, but for the sockets."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from aiosmtpd.smtp import Envelope

from tests.stories.world import World
from watchbill.config import Config
from watchbill.domain.organization import Integration
from watchbill.intake.collector import Collector
from watchbill.intake.doors import Doors
from watchbill.intake.routes import Intake
from watchbill.intake.smtpd import Handler
from watchbill.usecases.alerts import Arrival, Receipt, take_in
from watchbill.usecases.keys import give_ingest_key
from watchbill.wiring.doors import finder, mail_room

KEY = "558e7ebc-1f5b-4b1e-a4ce-0c1a4d6f2a3b"
REST = f"/integrations/generic/20131114/alert/{KEY}"
DOMAIN = "alert.example.org"


@dataclass(frozen=True, slots=True)
class Heard:
    status: int
    body: Any


class Senders:
    """An integration of the world's organization, and all who know its key."""

    def __init__(self, world: World) -> None:
        self._world = world
        world.has(Integration("alerts", 1, "Alerts", "rest"))
        world.write(lambda tx: give_ingest_key(tx, world.org, "alerts", KEY, world.now))
        doors = Doors(finder(world.db))
        collector = Collector(self._take, self._clock, lambda arrivals, receipts: None)
        self._intake = Intake(doors, collector, self._clock, lambda: "made up", lambda status: None)
        parts: Any = (doors, collector, self._clock)
        self._mail = Handler(mail_room(Config(database="", mail_domain=DOMAIN), parts, b"", self._answered))

    def posts(self, path: str, body: Any = None, content_type: str = "application/json", query: str = "") -> Heard:
        """`path` begins behind the key; `body`: bytes as they are, anything else as JSON."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        said = self._world.run(self._post("POST", REST + path, query, (content_type, sent)))
        self._world.pass_(0)
        return said

    def asks(self, method: str, path: str) -> Heard:
        return self._world.run(self._post(method, REST + path, "", ("", b"")))

    def alerts(self, routing_key: str, entity: str, message_type: str = "CRITICAL", **fields: Any) -> None:
        body = {"message_type": message_type, "entity_id": entity, **fields}
        assert self.posts(f"/{routing_key}", body) == Heard(200, {"result": "success", "entity_id": entity})

    def mails(self, routing_key: str, subject: str, text: str = "") -> str:
        """What the mail server says in the end."""
        mail = EmailMessage()
        mail["Subject"], mail["From"] = subject, "nagios@example.org"
        mail.set_content(text)
        said = self._world.run(self._post_mail(f"{KEY}+{routing_key}@{DOMAIN}", bytes(mail)))
        self._world.pass_(0)
        return said

    def _clock(self) -> int:
        return self._world.now

    async def _take(self, arrivals: Sequence[Arrival], now: int) -> list[Receipt]:
        """Sends are left to the world's engine."""
        taken = await self._world.db.write(take_in, now, None, arrivals)
        self._world.remembers(taken.receipts)
        return taken.receipts

    async def _answered(self, org: int, delivery_id: str, what: object) -> None:
        raise AssertionError("nobody answers here")

    async def _post(self, method: str, path: str, query: str, told: tuple[str, bytes]) -> Heard:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": told[1], "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"content-type", told[0].encode())]
        asked = {"method": method, "path": path, "query_string": query.encode(), "headers": headers}
        await self._intake(asked, receive, send)
        return Heard(sent[0]["status"], json.loads(b"".join(part.get("body", b"") for part in sent[1:])))

    async def _post_mail(self, address: str, content: bytes) -> str:
        nobody: Any = None
        envelope = Envelope()
        envelope.mail_from, envelope.content = "nagios@example.org", content
        said = await self._mail.handle_RCPT(nobody, nobody, envelope, address, [])
        return said if not said.startswith("250") else await self._mail.handle_DATA(nobody, nobody, envelope)
