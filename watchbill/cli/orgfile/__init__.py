"""The organization as a file: YAML that people write, there and back."""

from watchbill.cli.orgfile.changes import diff, plan
from watchbill.cli.orgfile.document import Desired, Parsed, Unreadable, desired, parsed, plain, read, said, write
from watchbill.cli.orgfile.identity import Mint
from watchbill.cli.orgfile.nodes import Mistake
from watchbill.cli.orgfile.places import located

__all__ = [
    "Desired",
    "Mint",
    "Mistake",
    "Parsed",
    "Unreadable",
    "desired",
    "diff",
    "located",
    "parsed",
    "plain",
    "plan",
    "read",
    "said",
    "write",
]
