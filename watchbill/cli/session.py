"""What every command shares: the database it opens, the organization it means, how it prints and how it ends."""

import asyncio
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec
from rich.console import Console, RenderableType

from watchbill import config
from watchbill.cli.answer import Answer
from watchbill.cli.ending import FINE, guarded
from watchbill.domain.errors import Invalid, NotFound, Refused
from watchbill.domain.organization import Organization
from watchbill.store.database import Database, is_there, open_database
from watchbill.usecases.ports import Tx
from watchbill.wiring.clock import Clock

T = TypeVar("T")


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
def session(database: str | None, as_json: bool, new: bool = False) -> Iterator[Session]:
    """Opens the database and closes it at the end. Raises NotFound for a SQLite file that is not there, unless it may
    be `new`: who mistyped its name must not get an empty one."""
    settings = config.read(os.environ, database)
    if not new and not is_there(settings.database):
        raise NotFound(f"there is no database at {settings.database}: run `watchbill init` first")
    opened = open_database(settings.database)
    try:
        yield Session(opened, settings.database, as_json, Clock())
    finally:
        opened.close()


def show(data: object, shown: RenderableType | None, as_json: bool) -> int:
    """Raises Refused when it can't be written."""
    if not sys.stdout:  # whoever closed it wants no answer
        return FINE
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


def in_session(database: str | None, as_json: bool, run: Callable[[Session], int | None], new: bool = False) -> int:
    def opened() -> int | None:
        with session(database, as_json, new) as one:
            return run(one)

    return guarded(opened, as_json)
