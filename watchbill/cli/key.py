"""`watchbill key`: a new ingest key for an integration."""

from watchbill.cli.answer import Answer
from watchbill.cli.minting import KEY_BYTES, token
from watchbill.cli.session import Session
from watchbill.domain.errors import NotFound
from watchbill.usecases.keys import give_ingest_key, withdraw_ingest_keys
from watchbill.usecases.ports import Tx


def run(opened: Session, org: int, name: str, withdraw: bool) -> Answer:
    """Raises NotFound when no integration has that name."""
    secret = token(KEY_BYTES)
    withdrawn = opened.write(_renewed, org, name, (secret, withdraw), opened.clock())
    shown = f"ingest key of {name}, shown once: {secret}"
    return Answer(
        {"integration": name, "key": secret, "withdrawn": withdrawn},
        f"{shown}\n{withdrawn} older keys withdrawn." if withdraw else shown,
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
