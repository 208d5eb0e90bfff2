"""The public ids of things (reference, part 1.7): a prefix and our own id, or a number of ten digits."""

import re

USER = "USR"
GROUP = "USRGRP-"
ROLE = "ROLE-"
ROSTER = "ES-"
SHIFT = "ESD-"
POLICY = "POLICY-"
NEIGHBOUR_POLICY = "POLICY-AC-"
INCIDENT = "INC"
CUSTOM_FIELD = "UDF"
IMPACT = "SIMPACT-"
URGENCY = "SURG-"
CATEGORY = "SCAT-"


def numbered(prefix: str, number: int) -> str:
    """ "USR0000000018"."""
    return f"{prefix}{number:010}"


def number_of(prefix: str, public: str) -> int | None:
    """The number in such an id; None when it is none."""
    found = re.fullmatch(rf"{re.escape(prefix)}(\d{{10,18}})", public, re.ASCII)
    return int(found[1]) if found else None


def inner(prefix: str, public: str) -> str:
    """Our own id in a public one; "", which nothing has, when the prefix is another."""
    return public.removeprefix(prefix) if public.startswith(prefix) else ""


def made_at(id: str) -> int:
    """When something with this UUIDv7 was made, in microseconds; 0 for an id of another kind."""
    found = re.fullmatch(r"([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}", id)
    return int(found[1] + found[2], 16) * 1000 if found else 0
