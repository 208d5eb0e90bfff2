"""Reading files in tests: an organization from a text, and what is wrong with a text."""

from itertools import count
from textwrap import dedent

import pytest

from watchbill.cli.orgfile import Mint, Unreadable, plan, read
from watchbill.domain.organization import Organization
from watchbill.usecases.directory import changed

NOW = 1_780_000_000_000_000
EMPTY = Organization(1, "org", "org", "Organization")


def mint(now: int = NOW, prefix: str = "new") -> Mint:
    ids, numbers = count(1), count(100)
    return Mint(lambda: f"{prefix}-{next(ids)}", lambda counter: next(numbers), now)


def applied(text: str, org: Organization = EMPTY, prune: bool = False, prefix: str = "new") -> Organization:
    """The organization after applying a text; the version line is added."""
    desired = read("watchbill: 1\n" + dedent(text), "org.yaml", org, mint(prefix=prefix))
    return changed(org, plan(org, desired, prune))


def mistakes(text: str | bytes, org: Organization = EMPTY) -> list[str]:
    """The lines that a refused file is answered with. The text begins on line 1."""
    with pytest.raises(Unreadable) as refusal:
        read(dedent(text) if isinstance(text, str) else text, "org.yaml", org, mint())
    return refusal.value.message.splitlines()
