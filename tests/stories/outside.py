"""The world around a server: webhook receivers and mail relays that behave, refuse, hang, and count."""

import json
import smtplib
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from tests.stories.process import free_port


class Sink:
    """Receives webhooks. `answer` gives each its status, from its path and body; it may wait as long as it likes."""

    def __init__(self, answer: Callable[[str, dict[str, Any]], int]) -> None:
        self.bodies: list[dict[str, Any]] = []
        sink = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                sink.bodies.append(told)
                try:
                    self.send_response(answer(self.path, told))
                    self.send_header("Content-Length", "0")
                    self.end_headers()
                except OSError:
                    self.close_connection = True

            def log_message(self, format: str, *args: object) -> None:
                pass

        class Receiver(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256

            def handle_error(self, request: object, client_address: object) -> None:
                """A server that is killed hangs up in the middle of everything."""

        self._server = Receiver(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def sends(self) -> Counter[str]:
        """How often each delivery arrived."""
        return Counter(body["delivery"] for body in list(self.bodies))

    def titles(self) -> list[str]:
        return [incident["title"] for body in list(self.bodies) for incident in body["incidents"]]

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@contextmanager
def sink(answer: Callable[[str, dict[str, Any]], int] = lambda path, told: 200) -> Iterator[Sink]:
    made = Sink(answer)
    try:
        yield made
    finally:
        made.close()


class Relay:
    """A mail server that keeps what it gets. `refuse` says with what it answers RCPT for an address; None takes it."""

    def __init__(self, refuse: Callable[[str], str | None]) -> None:
        self.mails: list[Message] = []
        self._refuse = refuse
        self.port = free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, ready_timeout=10)
        self._controller.start()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        refusal = self._refuse(address)
        if refusal is not None:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        self.mails.append(message_from_bytes(envelope.content))
        return "250 OK"

    def to(self, address: str) -> list[Message]:
        return [mail for mail in list(self.mails) if mail["To"] == address]

    def close(self) -> None:
        self._controller.stop()


@contextmanager
def relay(refuse: Callable[[str], str | None] = lambda address: None) -> Iterator[Relay]:
    made = Relay(refuse)
    try:
        yield made
    finally:
        made.close()


def text_of(mail: Message, kind: str = "text/plain") -> str:
    part = next(part for part in mail.walk() if part.get_content_type() == kind)
    payload = part.get_payload(decode=True)
    assert isinstance(payload, bytes)
    return payload.decode()


def post_mail(port: int, to: str, subject: str, text: str = "", sender: str = "ann@example.com", **headers: str) -> str:
    """Hands a mail to a server of ours; its last answer. Raises what smtplib raises for a refusal."""
    mail = Message()
    mail["From"], mail["To"], mail["Subject"] = sender or "MAILER-DAEMON@example.com", to, subject
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_payload(text)
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as smtp:
        smtp.ehlo()
        for say in (partial(smtp.mail, sender), partial(smtp.rcpt, to), partial(smtp.data, mail.as_bytes())):
            code, words = say()
            if code >= 400:
                raise smtplib.SMTPResponseException(code, words)
        return words.decode()
