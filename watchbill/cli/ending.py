"""How a command ends: its exit code, and a refusal in words."""

import sys
from collections.abc import Callable

import msgspec

from watchbill.domain.errors import Invalid, Refused, Unavailable

# Exit codes that scripts can use.
FINE, FOUND, USAGE, UNAVAILABLE = 0, 1, 2, 3


def guarded(run: Callable[[], int | None], as_json: bool) -> int:
    """Runs a command; a refusal is said in words on the error stream (or as JSON), and ends in its exit code."""
    try:
        return run() or FINE
    except Refused as error:
        return said(error.message, error.field, as_json, USAGE if isinstance(error, Invalid) else FOUND)
    except UnicodeEncodeError as error:  # bytes on the command line that are no text
        return said(f"{error.object!r} is not valid UTF-8", None, as_json, USAGE)
    except Unavailable as error:
        return said(_with_cause(error), None, as_json, UNAVAILABLE)


def _with_cause(error: Unavailable) -> str:
    """That a database was away for so long may be for a full disk."""
    message, cause = str(error), str(error.__cause__ or "").strip()
    return message if cause in message else f"{message}: {cause}"


def said(message: str, field: str | None, as_json: bool, code: int) -> int:
    """Says what is wrong; the exit code."""
    data = {"error": message, "field": field}
    sys.stderr.write((msgspec.json.encode(data).decode() if as_json else f"watchbill: {message}") + "\n")
    return code
