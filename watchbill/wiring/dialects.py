"""The three APIs beside each other, each with the prefixes that are its own."""

import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from importlib import import_module, resources

from watchbill.api import datadog, opsramp, victorops
from watchbill.asgi.body import Receive, Scope, Send
from watchbill.asgi.dialect import Api, Surroundings
from watchbill.asgi.metrics import Metrics
from watchbill.config import Config
from watchbill.store.database import API, Database
from watchbill.wiring.clock import Clock
from watchbill.wiring.late import Late

App = Callable[[Scope, Receive, Send], Awaitable[None]]

# By the name of each dialect, the paths that are its own. Its calls are in its module `routes`, which is loaded late.
DIALECTS: Mapping[str, Sequence[str]] = {
    "victorops": victorops.PREFIXES,
    "datadog": datadog.PREFIXES,
    "opsramp": opsramp.PREFIXES,
}


def dialects(
    config: Config, database: Database, clock: Clock, metrics: Metrics, written: Callable[[], None]
) -> Mapping[str, Late[App]]:
    """By their names. `written` is told after each write: something may be due."""

    def around() -> Surroundings:
        return Surroundings(
            database=database.lane(API),
            clock=clock,
            url=config.url,
            token=secrets.token_hex,
            written=written,
            observe=metrics.answer,
            protection=config.api_limit,
            documented_limits=config.api_documented_limits,
            passwords=import_module("pwdlib").PasswordHash.recommended(),
        )

    surroundings = Late(around)
    return {name: Late(partial(_api, name, surroundings)) for name in DIALECTS}


def _api(name: str, surroundings: Late[Surroundings]) -> App:
    return Api(import_module(f"watchbill.api.{name}.routes").DIALECT, surroundings.load())


def doors(apis: Mapping[str, Late[App]]) -> list[tuple[str, App]]:
    """Each prefix with who answers for it."""
    return [(prefix, _door(api)) for name, api in apis.items() for prefix in DIALECTS[name]]


def _door(api: Late[App]) -> App:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (await api.get())(scope, receive, send)

    return app


def published() -> Mapping[str, bytes]:
    """What each dialect publishes of itself, by its name."""
    return {name: resources.files(f"watchbill.api.{name}").joinpath("openapi.json").read_bytes() for name in DIALECTS}
