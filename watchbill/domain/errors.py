"""Refusals, named by meaning. Each dialect clothes them in its own status codes and shapes; the docstring is the
meaning.
"""


class Refused(Exception):
    """Asked for something that can't be done. `field` names where in the request, when it is one place."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field


class Invalid(Refused):
    """A value is not acceptable: what was wrong, where, and what would be right."""


class NotFound(Refused):
    """No such thing in this organization (or none that the caller may know of)."""


class Conflict(Refused):
    """It contradicts what is there: a name that is taken, a thing that is in use."""


class Forbidden(Refused):
    """The caller is known and may not do this."""


class Unauthenticated(Refused):
    """The caller is not known: no key, or a wrong one."""


class TooLarge(Refused):
    """More than is accepted at once."""


class LostRace(Exception):
    """Somebody else changed the same thing first; the transaction is run again."""


class Unavailable(Exception):
    """The database can't be reached, and what waited for it waited long enough. Nothing was kept; ask again later."""
