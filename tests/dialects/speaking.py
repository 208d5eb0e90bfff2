"""A client that speaks a dialect with a World: requests go through the whole API, time passes as the world's does."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote, urlencode

from tests.stories.world import World
from watchbill.asgi.dialect import Api, Dialect, Surroundings
from watchbill.domain.organization import Change
from watchbill.domain.people import Role, User
from watchbill.domain.records import Credential
from watchbill.store.database import API
from watchbill.usecases.keys import digest

URL = "https://watchbill.example.org"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def expect(self, status: int) -> Any:
        """What was answered, with this status."""
        assert self.status == status, f"{self.status}: {self.body.decode('utf-8', 'replace')[:2000]}"
        return json.loads(self.body) if self.body else None


class Plain:
    """Passwords kept as good as plain: a slow hash would only be slow here."""

    def hash(self, password: str) -> str:
        return f"hash of {password}"

    def verify(self, password: str, hash: str) -> bool:
        return hash == self.hash(password)


class Speaker:
    """`headers` go with every request: the keys. `token` makes up what the server makes up at random."""

    def __init__(self, world: World, dialect: Dialect, headers: Mapping[str, str], **around: Any) -> None:
        self.world = world
        self.headers = dict(headers)
        self.seen: list[tuple[str, str, int]] = []
        numbers = count(1)
        token: Callable[[int], str] = lambda size: f"{next(numbers):0{2 * size}x}"  # noqa: E731
        told = {"protection": None, "documented_limits": False} | around
        self._api = Api(
            dialect,
            Surroundings(
                database=world.db.lane(API),
                clock=lambda: world.now,
                url=URL,
                token=token,
                written=lambda: None,
                passwords=Plain(),
                observe=lambda name, method, status: self.seen.append((name, method, status)),
                **told,
            ),
        )

    def ask(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None, **headers: str
    ) -> Answer:
        """`body`: bytes and text as they are, anything else as JSON. An underscore in a header's name is a dash."""
        target, _, text = path.partition("?")
        text = urlencode(query, doseq=True) if query else text
        sent = body if isinstance(body, bytes) else body.encode() if isinstance(body, str) else _json(body)
        given = self.headers | {name.replace("_", "-").lower(): value for name, value in headers.items()}
        if sent and "content-type" not in given:
            given["content-type"] = "application/json"
        answer = self.world.run(self._ask(method, target, text, given, sent))
        if self.world.running:
            self.world.pass_(0)
        return answer

    async def _ask(self, method: str, target: str, query: str, headers: Mapping[str, str], body: bytes) -> Answer:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "method": method,
            "path": target,
            "raw_path": quote(target, safe="/%:@!$&'()*+,;=~").encode(),
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items() if value],
        }
        await self._api(scope, receive, send)
        head = {name.decode(): value.decode("latin-1") for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], b"".join(message.get("body", b"") for message in sent[1:]), head)

    def get(self, path: str, **query: Any) -> Answer:
        return self.ask("GET", path, query=query)

    def post(self, path: str, body: Any = None) -> Answer:
        return self.ask("POST", path, body)

    def put(self, path: str, body: Any = None) -> Answer:
        return self.ask("PUT", path, body)

    def patch(self, path: str, body: Any = None) -> Answer:
        return self.ask("PATCH", path, body)

    def delete(self, path: str, body: Any = None) -> Answer:
        return self.ask("DELETE", path, body)


def _json(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


# --- Keys, and somebody whose they are


def keep(world: World, secret: str, kind: str, subject: str = "", **more: Any) -> None:
    """A key of the world's organization, as `init` would make it."""
    credential = Credential(digest(secret), more.pop("org", world.org), kind, subject, created_at=world.now, **more)
    world.write(lambda tx: tx.add_credential(credential))


def admin(world: World, name: str = "admin", role: Role = Role.GLOBAL_ADMIN) -> str:
    """Somebody with that role, made as the directory makes people; their id."""

    def make(tx: Any) -> str:
        id: str = tx.new_id(world.now)
        number = tx.next_numbers(world.org, "user", 1)[0]
        user = User(id, number, name, name.title(), email=f"{name}@example.org", role=role, created_at=world.now)
        tx.change(world.org, [Change("user", id, user)], "init", world.now)
        return id

    return world.write(make)


def victorops_keys(world: World) -> Mapping[str, str]:
    """The headers of a fresh key that may write; `reads-only` is another that may not."""
    subject = admin(world)
    keep(world, "writes", "victorops", subject, name="api-id")
    keep(world, "reads-only", "victorops", subject, name="api-id", readonly=True)
    return {"x-vo-api-id": "api-id", "x-vo-api-key": "writes"}


def datadog_keys(world: World, name: str = "admin", role: Role = Role.GLOBAL_ADMIN) -> Mapping[str, str]:
    """The headers of a person with that role; their keys are made up of the name."""
    subject = admin(world, name, role)
    keep(world, f"api-{name}", "datadog_api", subject)
    keep(world, f"app-{name}", "datadog_app", subject)
    return {"dd-api-key": f"api-{name}", "dd-application-key": f"app-{name}"}
