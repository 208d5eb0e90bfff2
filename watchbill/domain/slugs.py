"""Public names of things that were made without one."""

import hashlib
import re
import string
import unicodedata
from collections.abc import Container

ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
LONGEST = 60


def drawn_from(prefix: str, id: str, length: int = 16) -> str:
    """A name that looks drawn by lot, always the same for one id: "team-k3XbF0…". What was made in one dialect is so
    known in another, though nobody kept a name for it."""
    number = int.from_bytes(hashlib.sha256(id.encode()).digest(), "big")
    digits = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        digits.append(ALPHABET[digit])
    return f"{prefix}{''.join(digits)}"


def number_from(id: str) -> int:
    """A whole number that is always the same for one id, for APIs that want numbers where nobody kept one: it is above
    zero and fits into 31 bits. Of the few parts of one thing no two have the same, as good as never."""
    return int.from_bytes(hashlib.sha256(id.encode()).digest()[:4], "big") % 0x7FFF_FFFF + 1


def spoken(name: str, taken: Container[str], otherwise: str) -> str:
    """A slug that reads like the name: "Payment Team" is "payment-team", or "payment-team-2" where that is `taken`
    (in lower case). `otherwise` stands for a name without letters."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST].strip("-") or otherwise
    if base not in taken:
        return base
    last, free = 1, 2
    while f"{base}-{free}" in taken:
        last, free = free, 2 * free
    while free - last > 1:  # of thousands of one name only a few are asked for
        middle = (last + free) // 2
        last, free = (middle, free) if f"{base}-{middle}" in taken else (last, middle)
    return f"{base}-{free}"


def uuid_from(*parts: str) -> str:
    """A UUID made of other names, always the same for the same: the id of what is there without one of its own. Its
    version (8, "made by own rules") keeps it apart from the ids that are drawn."""
    digits = hashlib.sha256("\0".join(parts).encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-8{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"
