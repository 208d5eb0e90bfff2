"""The three APIs beside each other, each with the prefixes that are its own."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from importlib import resources

from pwdlib import PasswordHash

from watchbill.api.datadog.routes import DIALECT as DATADOG
from watchbill.api.opsramp.routes import DIALECT as OPSRAMP
from watchbill.api.victorops import hooks
from watchbill.api.victorops.routes import DIALECT as VICTOROPS
from watchbill.asgi.body import Receive, Scope, Send
from watchbill.asgi.dialect import Api, Surroundings
from watchbill.asgi.metrics import Metrics
from watchbill.channels.webhook import Formatter
from watchbill.config import Config
from watchbill.store.database import API, Database
from watchbill.wiring.clock import Clock

# In whose words a webhook is told, by the `format` of its settings.
FORMATS: Mapping[str, Formatter] = {"victorops": hooks.formatted}
App = Callable[[Scope, Receive, Send], Awaitable[None]]

DIALECTS = (VICTOROPS, DATADOG, OPSRAMP)


def dialects(
    config: Config, database: Database, clock: Clock, metrics: Metrics, written: Callable[[], None]
) -> Sequence[tuple[tuple[str, ...], App]]:
    """Each with its prefixes. `written` is told after each write: something may be due."""
    around = Surroundings(
        database=database.lane(API),
        clock=clock,
        url=config.url,
        token=secrets.token_hex,
        written=written,
        observe=metrics.answer,
        protection=config.api_limit,
        documented_limits=config.api_documented_limits,
        passwords=PasswordHash.recommended(),
    )
    return [(dialect.prefixes, Api(dialect, around)) for dialect in DIALECTS]


def published() -> Mapping[str, bytes]:
    """What each dialect publishes of itself, by its name."""
    return {
        dialect.name: resources.files(f"watchbill.api.{dialect.name}").joinpath("openapi.json").read_bytes()
        for dialect in DIALECTS
    }
