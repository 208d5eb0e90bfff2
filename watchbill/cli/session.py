"""What every command shares: the database it opens, the organization it means, how it prints and how it ends."""

import asyncio
import os
import secrets
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from rich.console import Console, RenderableType

from watchbill import config
from watchbill.cli.answer import FINE, FOUND, UNAVAILABLE, USAGE, Answer
from watchbill.cli.orgfile import Mint
from watchbill.domain.errors import Invalid, NotFound, Refused, Unavailable
from watchbill.domain.organization import Organization
from watchbill.store.database import Database, open_database
from watchbill.usecases.ports import Tx
from watchbill.wiring import Clock

T = TypeVar("T")

# An ingest key is this long, twice as many characters.
KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class Session:
    """An opened database, and whether this run of the command prints JSON."""

    database: Database
    url: str
    as_json: bool
    clock: Clock

    def write(self, fn: Callable[..., T], *args: Any) -> T:
        return asyncio.run(self.database.write(fn, *args))

    def read(self, fn: Callable[..., T], *args: Any) -> T:
        return asyncio.run(self.database.read(fn, *args))

    def show(self, data: object, shown: RenderableType | None) -> None:
        """JSON for scripts, or what people read; a text is written as it is, not folded to the terminal."""
        show(data, shown, self.as_json)

    def tell(self, answer: Answer) -> int:
        """Shows an answer; its exit code."""
        self.show(answer.data, answer.shown)
        return answer.code

    def organization(self, slug: str | None) -> Organization:
        """The one of that slug; without a slug the only one that is no partner. Raises Invalid when that is not
        clear.
        """
        return self.read(_organization, slug)


def _organization(tx: Tx, slug: str | None) -> Organization:
    if slug is not None:
        return tx.organization_by_slug(slug)
    known = list(tx.organizations(tx.organization_numbers()).values())
    partners = {org.parent for org in known}
    clients = [org for org in known if org.number not in partners]
    if not clients:
        raise NotFound("there is no organization yet: run `watchbill init` first")
    if len(clients) > 1:
        slugs = ", ".join(org.slug for org in clients)
        raise Invalid(f"there are several organizations; name one with --org: {slugs}", "org")
    return clients[0]


@contextmanager
def session(database: str | None, as_json: bool) -> Iterator[Session]:
    """Opens the database (creating it when it is a new SQLite file) and closes it at the end."""
    settings = config.read(os.environ, database)
    opened = open_database(settings.database)
    try:
        yield Session(opened, settings.database, as_json, Clock())
    finally:
        opened.close()


def show(data: object, shown: RenderableType | None, as_json: bool) -> int:
    """Raises Refused when it can't be written."""
    try:
        _print(data, shown, as_json)
        sys.stdout.flush()
    except OSError as error:
        # What is left over would be written, and fail, once more when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise Refused(f"the output can't be written: {error.strerror}") from error
    return FINE


def _print(data: object, shown: RenderableType | None, as_json: bool) -> None:
    if as_json:
        sys.stdout.write(msgspec.json.encode(data).decode() + "\n")
    elif isinstance(shown, str):
        sys.stdout.write(shown.rstrip("\n") + "\n")
    elif shown is not None:
        Console(emoji=False).print(shown)


def mint(tx: Tx, org: int, now: int) -> Mint:
    """New ids and numbers of an organization, from a transaction."""
    return Mint(lambda: tx.new_id(now), lambda counter: tx.next_numbers(org, counter, 1)[0], now)


def token(size: int) -> str:
    """So many random bytes, in hexadecimal."""
    return secrets.token_hex(size)


def guarded(run: Callable[[], int | None], as_json: bool) -> int:
    """Runs a command; a refusal is said in words on the error stream (or as JSON), and ends in its exit code."""
    try:
        return run() or FINE
    except Refused as error:
        return _said(error.message, error.field, as_json, USAGE if isinstance(error, Invalid) else FOUND)
    except Unavailable as error:
        return _said(str(error), None, as_json, UNAVAILABLE)


def _said(message: str, field: str | None, as_json: bool, code: int) -> int:
    data = {"error": message, "field": field}
    sys.stderr.write((msgspec.json.encode(data).decode() if as_json else f"watchbill: {message}") + "\n")
    return code
