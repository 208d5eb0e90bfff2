"""`watchbill export`: the organization as a file that `apply` takes back."""

from watchbill.cli.answer import Answer
from watchbill.cli.orgfile import plain, write
from watchbill.cli.session import Session
from watchbill.domain.organization import Organization
from watchbill.usecases.ports import Tx


def run(opened: Session, org: int, secrets: bool = False) -> Answer:
    """What is shown is YAML, to be written as it is: wrapped to a terminal's width it would be something else."""
    found = opened.read(_organization, org)
    return Answer(plain(found, secrets), write(found, secrets))


def _organization(tx: Tx, number: int) -> Organization:
    return tx.organization(number)
