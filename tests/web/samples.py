"""A house around the web that is small enough to see through."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from watchbill.domain.alert import Signal
from watchbill.domain.civil import MINUTE
from watchbill.domain.delivery import Delivery, Message, Purpose, State, Subject
from watchbill.domain.errors import Conflict, NotFound, Unavailable
from watchbill.domain.incident import Incident, Phase
from watchbill.domain.people import Urgency
from watchbill.usecases.replies import Answer, Question
from watchbill.web.ports import WebPorts

# Tue 3 Mar 2026, 09:15 UTC.
NOW = 1_772_529_300_000_000


def incident(number: int = 12, title: str = "Disk full on db1") -> Incident:
    return Incident(
        org=1,
        number=number,
        id=f"00000000-0000-7000-8000-{number:012}",
        key=f"db1/disk/{number}",
        title=title,
        message="/var is at 98 %, 1.2 GiB left",
        phase=Phase.TRIGGERED,
        urgency=Urgency.HIGH,
        state=Signal.CRITICAL,
        opened_at=NOW,
        phase_at=NOW,
        last_alert_at=NOW,
        host="db1",
        routing_key="database",
    )


def resolved(one: Incident, by: str, at: int = NOW + MINUTE) -> Incident:
    return replace(one, phase=Phase.RESOLVED, resolved_by=by, resolved_at=at)


def question(*incidents: Incident) -> Question:
    delivery = Delivery(
        id="00000000-0000-7000-8000-00000000000a",
        org=1,
        incident=incidents[0].number if incidents else None,
        purpose=Purpose.PAGE,
        channel="email",
        address="ann@example.org",
        urgency=Urgency.HIGH,
        reason="on call by layer 2 of Primary",
        created_at=NOW,
        first_due_at=NOW,
        due_at=NOW,
        state=State.SENT,
        sent_at=NOW,
        user_id="u-ann",
    )
    return Question(delivery, incidents, "Ann Archer")


def message(code: str, *incidents: Incident, address: str = "ann", purpose: Purpose = Purpose.PAGE) -> Message:
    subjects = tuple(
        Subject(
            number=one.number,
            title=one.title,
            message=one.message,
            urgency=one.urgency,
            phase=one.phase,
            opened_at=one.opened_at,
            alert_count=one.alert_count,
            routing_key=one.routing_key,
            service=one.service,
            host=one.host,
            tool=one.tool,
            reason="on call by layer 2 of Primary",
        )
        for one in incidents
    )
    return Message(
        delivery_id=f"delivery-{code}",
        organization="Acme",
        purpose=purpose,
        address=address,
        subjects=subjects,
        at=NOW,
        attempt=1,
        code=code,
        recipient="Ann Archer",
        zone="Europe/Paris",
        links={"incident": "https://watchbill.example/incidents/12"},
        text="" if incidents else "This is a test",
    )


def _answered(one: Incident, what: Answer) -> Incident:
    if what is Answer.RESOLVE:
        return resolved(one, "ann")
    return one if one.multi_responder else replace(one, phase=Phase.ACKNOWLEDGED, acked_by="ann")


@dataclass
class House:
    """Answers as the use cases do, and remembers what it was asked to do. Other responders never answer."""

    questions: dict[str, Question] = field(default_factory=dict)
    sent: list[Message] = field(default_factory=list)
    arriving: asyncio.Queue[Message] = field(default_factory=asyncio.Queue)
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    answered: list[tuple[str, Answer]] = field(default_factory=list)
    listeners: int = 0
    database: bool = True

    def ports(self) -> WebPorts:
        return WebPorts(
            look_up=self.look_up,
            answer=self.answer,
            pocket_address=self.pocket_address,
            recent=self.recent,
            listen=self.listen,
            stopping=self.stop.wait,
            version="1.2.3",
        )

    async def look_up(self, code: str) -> Question:
        if not self.database:
            raise Unavailable
        if code not in self.questions:
            raise NotFound("this link or address is not one of ours")
        return self.questions[code]

    async def answer(self, code: str, what: Answer) -> Question:
        asked = await self.look_up(code)
        if what not in asked.answers:
            raise Conflict("this page has been answered already")
        self.answered.append((code, what))
        incidents = tuple(_answered(one, what) for one in asked.incidents)
        self.questions[code] = Question(replace(asked.delivery, answered_at=NOW + MINUTE), incidents, asked.name)
        return self.questions[code]

    def pocket_address(self, token: str) -> str:
        if token != "token-of-ann":
            raise NotFound("this pocket is not one of ours")
        return "ann"

    def recent(self, address: str) -> tuple[Message, ...]:
        return tuple(one for one in reversed(self.sent) if one.address == address)

    @contextmanager
    def listen(self) -> Iterator[AsyncIterator[Message]]:
        self.listeners += 1
        try:
            yield self._arrivals()
        finally:
            self.listeners -= 1

    async def _arrivals(self) -> AsyncIterator[Message]:
        while True:
            yield await self.arriving.get()
