"""The organization as a file: YAML that people write, there and back."""

from watchbill.cli.orgfile.changes import diff, plan
from watchbill.cli.orgfile.document import Desired, Unreadable, read, write
from watchbill.cli.orgfile.identity import Mint
from watchbill.cli.orgfile.nodes import Mistake

__all__ = ["Desired", "Mint", "Mistake", "Unreadable", "diff", "plan", "read", "write"]
