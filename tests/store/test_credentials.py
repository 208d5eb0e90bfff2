"""Keys are found by what was handed out, and secrets are made once."""

import asyncio
import os

import pytest

from tests.store.make import NOW
from watchbill.domain.errors import Conflict
from watchbill.domain.records import Credential
from watchbill.store.database import Database

KEY = Credential(b"\x00\xff" * 16, 1, "datadog_api", "i1", "api-1", True, NOW, "$argon2$")


async def test_a_credential_is_found_by_digest_and_by_name(db: Database) -> None:
    await db.write(lambda tx: tx.add_credential(KEY))
    assert await db.read(lambda tx: tx.credential(KEY.digest)) == KEY
    assert await db.read(lambda tx: tx.credential(b"other")) is None
    assert await db.read(lambda tx: tx.credential_named("datadog_api", "api-1")) == KEY
    assert await db.read(lambda tx: tx.credential_named("web", "api-1")) is None
    assert await db.read(lambda tx: tx.credentials_of(1)) == [KEY]
    assert await db.read(lambda tx: tx.credentials_of(2)) == []


async def test_a_name_given_later_elsewhere_changes_nothing(db: Database) -> None:
    await db.write(lambda tx: tx.add_credential(KEY))
    await db.write(
        lambda tx: tx.add_credential(Credential(b"\x00", 2, "datadog_api", "i9", "api-1", created_at=NOW + 1))
    )
    assert await db.read(lambda tx: tx.credential_named("datadog_api", "api-1")) == KEY


async def test_a_digest_is_given_once_and_gone_when_removed(db: Database) -> None:
    await db.write(lambda tx: tx.add_credential(KEY))
    with pytest.raises(Conflict):
        await db.write(lambda tx: tx.add_credential(KEY))
    await db.write(lambda tx: tx.remove_credential(KEY.digest))
    assert await db.read(lambda tx: tx.credential(KEY.digest)) is None


async def test_a_server_secret_is_made_once(nodes: tuple[Database, Database]) -> None:
    secrets = await asyncio.gather(
        *(node.write(lambda tx: tx.server_secret("links", lambda: os.urandom(32))) for node in nodes for _ in range(5))
    )
    assert len(set(secrets)) == 1
    assert len(secrets[0]) == 32
