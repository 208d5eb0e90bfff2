"""`watchbill export`: the organization as a file that `apply` takes back."""

from rich.text import Text

from watchbill.cli.opened import Answer, Opened
from watchbill.cli.orgfile import plain, write
from watchbill.domain.organization import Organization
from watchbill.usecases.ports import Tx


def run(opened: Opened, org: int, secrets: bool = False) -> Answer:
    found = opened.read(_organization, org)
    return Answer(plain(found, secrets), Text(write(found, secrets), end="", no_wrap=True, overflow="ignore"))


def _organization(tx: Tx, number: int) -> Organization:
    return tx.organization(number)
