"""What a look at an organization's health turns up."""

from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """A problem loses pages, or will; a warning is probably not what was meant."""

    PROBLEM = "problem"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """`subject` is what it is about ("schedule primary"), `message` what was found, `advice` what to do."""

    severity: Severity
    subject: str
    message: str
    advice: str


def problem(subject: str, message: str, advice: str) -> Finding:
    return Finding(Severity.PROBLEM, subject, message, advice)


def warning(subject: str, message: str, advice: str) -> Finding:
    return Finding(Severity.WARNING, subject, message, advice)
