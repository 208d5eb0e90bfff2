"""`watchbill key`: a new ingest key for an integration, or a key and a secret for the API of OpsRamp."""

from watchbill.cli.answer import Answer
from watchbill.cli.minting import KEY_BYTES, SECRET_BYTES, token
from watchbill.cli.session import Session
from watchbill.domain.errors import Invalid, NotFound
from watchbill.usecases.keys import give_ingest_key, give_opsramp_key, withdraw_ingest_keys
from watchbill.usecases.ports import Tx


def run(opened: Session, org: int, name: str | None, withdraw: bool) -> Answer:
    """Raises Invalid without a name, NotFound when no integration has it."""
    if name is None:
        raise Invalid("name an integration, or ask for a key of an API with --opsramp", "integration")
    secret = token(KEY_BYTES)
    withdrawn = opened.write(_renewed, org, name, (secret, withdraw), opened.clock())
    shown = f"ingest key of {name}, shown once: {secret}"
    return Answer(
        {"integration": name, "key": secret, "withdrawn": withdrawn},
        f"{shown}\n{withdrawn} older keys withdrawn." if withdraw else shown,
    )


def opsramp(opened: Session, org: int) -> Answer:
    """A partner's opens its clients too."""
    key, secret = token(KEY_BYTES), token(SECRET_BYTES)
    tenant = opened.write(give_opsramp_key, org, (key, secret), opened.clock())
    return Answer(
        {"tenant": tenant, "key": key, "secret": secret},
        f"API key of tenant {tenant}, shown once:\n  key: {key}\n  secret: {secret}",
    )


def _renewed(tx: Tx, number: int, name: str, key: tuple[str, bool], now: int) -> int:
    org = tx.organization(number)
    found = [one for one in org.integrations.values() if one.name.lower() == name.lower()]
    if not found:
        names = ", ".join(one.name for one in org.integrations.values())
        raise NotFound(f"there is no integration '{name}'; there are: {names or 'none'}")
    secret, withdraw = key
    withdrawn = withdraw_ingest_keys(tx, number, found[0].id) if withdraw else 0
    give_ingest_key(tx, number, found[0].id, secret, now)
    return withdrawn
