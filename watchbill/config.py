"""The settings of a process: read from the environment once, each part declared by the room that uses it.

Every variable begins with WATCHBILL_. What `serve` takes as an option wins over the environment.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

import platformdirs

from watchbill.channels.settings import Security, SmtpSettings, WebhookSettings
from watchbill.domain.civil import DAY
from watchbill.domain.errors import Invalid

PREFIX = "WATCHBILL_"


@dataclass(frozen=True, slots=True)
class Config:
    """`url` is how this server is reached from outside, for links in pages. `mail_*` is the door for mail; no port, no
    door. `keep`: microseconds that resolved incidents are kept,
    None for ever. `api_limit`: requests a second of one key, None for no limit; `api_documented_limits`: the imitated
    services' own limits hold too."""

    database: str
    url: str = "http://127.0.0.1:8080"
    relays: tuple[SmtpSettings, ...] = ()
    webhook: WebhookSettings = field(default_factory=WebhookSettings)
    mail_host: str = "127.0.0.1"
    mail_port: int | None = None
    mail_domain: str = ""
    log_json: bool = False
    patience: float = 30.0
    keep: int | None = None
    api_limit: int | None = 500
    api_documented_limits: bool = False


def channels(settings: Config) -> frozenset[str]:
    """Those that have a provider with these settings."""
    return frozenset({"webhook", "pocket"} | ({"email"} if settings.relays else set()))


def default_database() -> str:
    """A SQLite file in the user's data directory."""
    return f"sqlite:///{Path(platformdirs.user_data_dir('watchbill')) / 'watchbill.db'}"


def read(environment: Mapping[str, str], database: str | None = None, url: str | None = None) -> Config:
    """Raises Invalid, naming the variable, for a value that can't be used."""

    def told(name: str, otherwise: str = "") -> str:
        return environment.get(PREFIX + name, otherwise)

    mail_domain = told("MAIL_DOMAIN")
    port = _number("MAIL_PORT", told("MAIL_PORT"))
    relays = [name for name in ("SMTP", "SMTP_SUBSTITUTE") if told(name)]
    return Config(
        database=database or told("DATABASE") or default_database(),
        url=_address(url or told("URL", "http://127.0.0.1:8080")),
        relays=tuple(relay(name, told(name), told("MAIL_FROM"), mail_domain) for name in relays),
        webhook=WebhookSettings(
            allow_private=_flag("WEBHOOK_ALLOW_PRIVATE", told("WEBHOOK_ALLOW_PRIVATE")),
        ),
        mail_host=told("MAIL_HOST", "127.0.0.1"),
        mail_port=port,
        mail_domain=mail_domain,
        log_json=_flag("LOG_JSON", told("LOG_JSON")),
        keep=_days("KEEP_DAYS", told("KEEP_DAYS")),
        api_limit=_limit("API_LIMIT", told("API_LIMIT", "500")),
        api_documented_limits=_flag("API_DOCUMENTED_LIMITS", told("API_DOCUMENTED_LIMITS")),
    )


def _address(text: str) -> str:
    """Of this server, without a slash at the end: links in pages begin with it, so it had better be one."""
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Invalid(f"'{text}' is not an address such as https://watchbill.example.org", "url")
    return text.rstrip("/")


def _number(name: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 0 <= int(text) <= 65_535:
        raise Invalid(f"{PREFIX}{name} is a port, 0 to 65535, not '{text}'", name)
    return int(text)


def _days(name: str, text: str) -> int | None:
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= 36_500:
        raise Invalid(f"{PREFIX}{name} is a number of days, 1 to 36500, not '{text}'", name)
    return int(text) * DAY


def _limit(name: str, text: str) -> int | None:
    if not text.isdecimal() or int(text) > 1_000_000:
        raise Invalid(f"{PREFIX}{name} is a number of requests a second, 0 for no limit, not '{text}'", name)
    return int(text) or None


def _flag(name: str, text: str) -> bool:
    if text.lower() not in ("", "0", "1", "no", "yes", "false", "true"):
        raise Invalid(f"{PREFIX}{name} is yes or no, not '{text}'", name)
    return text.lower() in ("1", "yes", "true")


SCHEMES = {"smtp": (Security.NONE, 25), "smtp+starttls": (Security.STARTTLS, 587), "smtps": (Security.TLS, 465)}


def relay(name: str, text: str, sender: str, reply_domain: str) -> SmtpSettings:
    """A relay told as `smtp+starttls://user:password@host:587?timeout=15`; the schemes are smtp, smtp+starttls,
    smtps.
    """
    parts = urlsplit(text)
    if parts.scheme not in SCHEMES or not parts.hostname:
        raise Invalid(
            f"{PREFIX}{name} is like smtp+starttls://user:password@host:587, with smtp, smtp+starttls or smtps", name
        )
    security, port = SCHEMES[parts.scheme]
    try:
        port = parts.port or port
        timeout = float(parse_qs(parts.query).get("timeout", ["15"])[0])
    except ValueError as error:
        raise Invalid(f"{PREFIX}{name}: {error}", name) from error
    return SmtpSettings(
        host=parts.hostname,
        port=port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        sender=sender or f"Watchbill <watchbill@{reply_domain or parts.hostname}>",
        reply_domain=reply_domain,
        timeout=timeout,
    )
