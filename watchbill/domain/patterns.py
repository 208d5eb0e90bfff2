"""Regular expressions that people give: run by RE2 (docs/adr/0008)."""

from functools import lru_cache

import re2


@lru_cache(maxsize=4096)
def wildcard_source(text: str) -> str:
    """The regular expression of a wildcard text: `*` any run of characters, `?` any one."""
    return "(?s)" + "".join({"*": ".*", "?": "."}.get(char) or re2.escape(char) for char in text)


@lru_cache(maxsize=4096)
def pattern(source: str, ignore_case: bool) -> "re2._Regexp":
    """Compiled by RE2, which runs in time linear in the text: no expression can stall intake. Raises re2.error."""
    options = re2.Options()
    options.case_sensitive = not ignore_case
    options.log_errors = False
    return re2.compile(source, options)


def fault_of(source: str, ignore_case: bool) -> str | None:
    """Why a text is no regular expression that can be asked for; None when it is one."""
    try:
        pattern(source, ignore_case)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
    return None


def is_pattern(source: str) -> bool:
    """Whether a text is a regular expression that can be asked for, capitals or not."""
    return fault_of(source, ignore_case=True) is None
