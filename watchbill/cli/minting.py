"""What is new: ids, numbers, keys."""

import secrets

from watchbill.cli.orgfile import Mint
from watchbill.usecases.ports import Tx

# An ingest key is this long, twice as many characters.
KEY_BYTES = 16
SECRET_BYTES = 32
APP_KEY_BYTES = 20
ID_BYTES = 4


def mint(tx: Tx, org: int, now: int) -> Mint:
    """New ids and numbers of an organization, from a transaction."""
    return Mint(lambda: tx.new_id(now), lambda counter: tx.next_numbers(org, counter, 1)[0], now)


def token(size: int) -> str:
    """So many random bytes, in hexadecimal."""
    return secrets.token_hex(size)
