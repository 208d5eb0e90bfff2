"""`watchbill key`: a new ingest key for an integration, or keys of one of the three APIs."""

from watchbill.cli.answer import Answer
from watchbill.cli.minting import APP_KEY_BYTES, ID_BYTES, KEY_BYTES, SECRET_BYTES, token
from watchbill.cli.session import Session
from watchbill.domain.errors import Invalid, NotFound
from watchbill.usecases.keys import (
    give_datadog_keys,
    give_ingest_key,
    give_opsramp_key,
    give_victorops_keys,
    withdraw_ingest_keys,
)
from watchbill.usecases.ports import Tx


def one_kind(asked: tuple[bool, bool, bool, bool], withdraw: bool) -> None:
    """What was `asked` for: an ingest key, or keys of VictorOps, Datadog, OpsRamp. Raises Invalid for two of them, and
    for keys of an API whose older ones are to be withdrawn: who asks for that must not think that it was done."""
    if sum(asked) > 1:
        raise Invalid("ask for one kind of key: of an integration, or with --victorops, --datadog or --opsramp")
    if withdraw and any(asked[1:]):
        raise Invalid("--withdraw is for the ingest keys of an integration; no older key was withdrawn", "withdraw")


def run(opened: Session, org: int, name: str | None, withdraw: bool) -> Answer:
    """Raises Invalid without a name, NotFound when no integration has it."""
    if name is None:
        raise Invalid(
            "name an integration, or ask for keys of an API with --victorops, --datadog or --opsramp", "integration"
        )
    secret = token(KEY_BYTES)
    withdrawn = opened.write(_renewed, org, name, (secret, withdraw), opened.clock())
    shown = f"ingest key of {name}, shown once: {secret}"
    return Answer(
        {"integration": name, "key": secret, "withdrawn": withdrawn},
        f"{shown}\n{withdrawn} older keys withdrawn." if withdraw else shown,
    )


def victorops(opened: Session, org: int) -> Answer:
    """Another pair of keys of the organization."""
    keys = token(ID_BYTES), token(KEY_BYTES), token(KEY_BYTES)
    opened.write(give_victorops_keys, org, keys, opened.clock())
    data = dict(zip(("api_id", "api_key", "readonly_key"), keys, strict=True))
    return Answer(data, _listed("keys for the API of VictorOps", data))


def datadog(opened: Session, org: int, username: str) -> Answer:
    """The rights are the person's. Raises NotFound."""
    pair = token(KEY_BYTES), token(APP_KEY_BYTES)
    opened.write(give_datadog_keys, org, username, pair, opened.clock())
    data = dict(zip(("api_key", "app_key"), pair, strict=True))
    return Answer(data, _listed(f"keys of {username} for the API of Datadog", data))


def _listed(what: str, keys: dict[str, str]) -> str:
    return "\n".join([f"{what}, shown once:", *(f"  {name}: {key}" for name, key in keys.items())])


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
