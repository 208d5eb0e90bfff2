"""A file against an organization, inside one transaction."""

from watchbill.cli.orgfile.changes import plan
from watchbill.cli.orgfile.document import Desired, read
from watchbill.cli.orgfile.identity import Mint
from watchbill.domain.organization import Change, Organization
from watchbill.usecases.ports import Tx


def minted(tx: Tx, org: Organization, now: int) -> Mint:
    return Mint(lambda: tx.new_id(now), lambda counter: tx.next_numbers(org.number, counter, 1)[0], now)


def desired_of_text(tx: Tx, org: Organization, text: str | bytes, filename: str, now: int) -> Desired:
    return read(text, filename, org, minted(tx, org, now))


def changes_of_text(tx: Tx, org: Organization, text: str | bytes, filename: str, now: int) -> list[Change]:
    """What a file changes, removing nothing. Raises Unreadable."""
    return plan(org, desired_of_text(tx, org, text, filename, now))
