"""Keys: what is handed out once and kept hashed, and the first organization with all of its keys."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass

from watchbill.domain import check_values as values
from watchbill.domain.errors import Invalid, NotFound
from watchbill.domain.organization import Change, Integration, Organization
from watchbill.domain.people import Role, User
from watchbill.domain.records import Credential
from watchbill.usecases.ports import Tx

INGEST = "ingest"
# The kinds of keys that are one person's own; the others are the organization's, whoever made them.
WEB = "web"
PERSONAL = (WEB, "datadog_app")


def digest(key: str) -> bytes:
    """What is stored of a key. Keys are long and random, so a fast digest is enough."""
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()


def integration_of(tx: Tx, key_digest: bytes) -> tuple[Organization, Integration] | None:
    """The active integration that an ingest key opens, with its organization."""
    credential = tx.credential(key_digest)
    if credential is None or credential.kind != INGEST:
        return None
    org = tx.organization(credential.org)
    integration = org.integrations.get(credential.subject_id)
    return (org, integration) if integration is not None and integration.active else None


def give_ingest_key(tx: Tx, org: int, integration_id: str, secret: str, now: int) -> None:
    """Lets this secret open the integration, beside the keys that do already."""
    tx.add_credential(Credential(digest(secret), org, INGEST, integration_id, created_at=now))


def withdraw_ingest_keys(tx: Tx, org: int, integration_id: str) -> int:
    """Withdraws every key of the integration; how many there were."""
    keys = [one for one in tx.credentials_of(org) if one.kind == INGEST and one.subject_id == integration_id]
    for credential in keys:
        tx.remove_credential(credential.digest)
    return len(keys)


def give_opsramp_key(tx: Tx, org: int, pair: tuple[str, str], now: int) -> str:
    """Lets this key, with its secret, act for the organization and its clients over the API of OpsRamp; the tenant's
    name there."""
    key, secret = pair
    tx.add_credential(Credential(digest(secret), org, "opsramp", "", key, created_at=now))
    return tenant_name(tx.organization(org))


def give_datadog_keys(tx: Tx, org: int, username: str, pair: tuple[str, str], now: int) -> None:
    """Lets this API key of the organization, with this application key of a person, act over the API of Datadog with
    that person's rights. Raises NotFound."""
    user = tx.organization(org).users_by_name.get(username.lower())
    if user is None or not user.active:
        raise NotFound(f"there is no active user '{username}'")
    api, app = pair
    tx.add_credential(Credential(digest(api), org, "datadog_api", user.id, created_at=now))
    tx.add_credential(Credential(digest(app), org, "datadog_app", user.id, created_at=now))


def give_victorops_keys(tx: Tx, org: int, keys: tuple[str, str, str], now: int) -> None:
    """Lets a key act for the organization over the API of VictorOps, and another read there: both with this API id."""
    id, writes, reads = keys
    tx.add_credential(Credential(digest(writes), org, "victorops", "", id, created_at=now))
    tx.add_credential(Credential(digest(reads), org, "victorops", "", id, readonly=True, created_at=now))


def tenant_name(org: Organization) -> str:
    """ "client_7" for the client of a partner, else "msp_5"."""
    return f"{'msp' if org.parent is None else 'client'}_{org.number}"


def withdraw_personal_keys(tx: Tx, org: int, user_id: str) -> None:
    """What let somebody in by themselves lets them in no more."""
    for credential in tx.credentials_of(org):
        if credential.kind in PERSONAL and credential.subject_id == user_id:
            tx.remove_credential(credential.digest)


def password_of(tx: Tx, org: int, user: User) -> Credential | None:
    """What is kept of the password that lets somebody into the web."""
    found = tx.credential(_by_name(org, user))
    return found if found is not None and found.subject_id == user.id else None


def give_password(tx: Tx, org: int, user: User, hashed: str, now: int) -> None:
    """Instead of the one they had. `hashed` by a slow hash: people choose their passwords."""
    tx.remove_credential(_by_name(org, user))
    tx.add_credential(Credential(_by_name(org, user), org, WEB, user.id, user.username, False, now, hashed))


def rename_password(tx: Tx, org: int, before: User, after: User) -> None:
    """Somebody's user name is another: their password goes with it."""
    kept = password_of(tx, org, before)
    if kept is not None and before.username != after.username:
        tx.remove_credential(kept.digest)
        give_password(tx, org, after, kept.hash, kept.created_at)


def _by_name(org: int, user: User) -> bytes:
    return digest(f"{org}/{user.username}")


@dataclass(frozen=True, slots=True)
class Fresh:
    """Makers of what must not be guessed. `token(n)` is n random bytes in hexadecimal; `slow_hash` hashes a
    password.
    """

    token: Callable[[int], str]
    slow_hash: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Keys:
    """All keys of a new organization, in clear: shown once."""

    org: int
    username: str
    password: str
    ingest: str
    victorops_id: str
    victorops_key: str
    victorops_readonly: str
    datadog_api: str
    datadog_app: str
    opsramp_tenant: str
    opsramp_partner: str
    opsramp_key: str
    opsramp_secret: str


def found(tx: Tx, name: str, slug: str, fresh: Fresh, now: int) -> Keys:
    """The first partner with one client organization, its administrator and one key of each kind.

    The organization is empty but for the administrator and the integration that the ingest key opens. Raises Invalid
    for a name or slug that can't be used.
    """
    for field, flaw in (*values.name("name", name), *values.slug("slug", slug)):
        raise Invalid(flaw, field)
    partner = tx.create_organization(f"{slug}-partner", f"{name} (partner)", None, now)
    org = tx.create_organization(slug, name, partner.number, now)
    admin = User(
        id=tx.new_id(now),
        number=tx.next_numbers(org.number, "user", 1)[0],
        username="admin",
        first_name="Administrator",
        role=Role.GLOBAL_ADMIN,
        created_at=now,
    )
    integration = Integration(
        id=tx.new_id(now), number=tx.next_numbers(org.number, "integration", 1)[0], name="Alerts", kind="rest"
    )
    tx.change(
        org.number,
        [Change("user", admin.id, admin), Change("integration", integration.id, integration)],
        "init",
        now,
    )
    keys = Keys(
        org=org.number,
        username=admin.username,
        password=fresh.token(12),
        ingest=fresh.token(16),
        victorops_id=fresh.token(4),
        victorops_key=fresh.token(16),
        victorops_readonly=fresh.token(16),
        datadog_api=fresh.token(16),
        datadog_app=fresh.token(20),
        opsramp_tenant=tenant_name(org),
        opsramp_partner=tenant_name(partner),
        opsramp_key=fresh.token(16),
        opsramp_secret=fresh.token(32),
    )
    for credential in _credentials(keys, admin.id, integration.id, fresh, now):
        tx.add_credential(credential)
    return keys


def _credentials(keys: Keys, admin: str, integration: str, fresh: Fresh, now: int) -> list[Credential]:
    def of(secret: str, kind: str, subject: str = admin, name: str = "", readonly: bool = False) -> Credential:
        return Credential(digest(secret), keys.org, kind, subject, name, readonly, now)

    return [
        Credential(
            digest=digest(f"{keys.org}/{keys.username}"),
            org=keys.org,
            kind=WEB,
            subject_id=admin,
            name=keys.username,
            created_at=now,
            hash=fresh.slow_hash(keys.password),
        ),
        of(keys.ingest, INGEST, integration),
        of(keys.victorops_key, "victorops", name=keys.victorops_id),
        of(keys.victorops_readonly, "victorops", name=keys.victorops_id, readonly=True),
        of(keys.datadog_api, "datadog_api"),
        of(keys.datadog_app, "datadog_app"),
        of(keys.opsramp_secret, "opsramp", name=keys.opsramp_key),
    ]
