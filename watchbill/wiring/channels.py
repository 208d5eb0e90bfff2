"""Over what a node pages people and tells machines."""

from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module

from watchbill.api.victorops import hooks
from watchbill.channels import settings
from watchbill.channels.pocket import Pocket
from watchbill.channels.registry import Channel, Registry
from watchbill.channels.settings import Formatter
from watchbill.config import Config
from watchbill.wiring.late import Late, LateChannel

# In whose words a webhook is told, by the `format` of its settings.
FORMATS: Mapping[str, Formatter] = {"victorops": hooks.formatted}


def channels(config: Config, pocket: Pocket) -> tuple[Registry, list[Late[Channel]]]:
    """The providers, and those of them that are to be loaded yet."""
    webhook = Late(partial(_made, "webhook", "Webhook", config.webhook, FORMATS))
    relays = [(relay, Late(partial(_made, "smtp", "Smtp", relay))) for relay in config.relays]
    providers: list[Channel] = [
        *(LateChannel(f"smtp {relay.host}", settings.email(relay), late) for relay, late in relays),
        LateChannel("webhook", settings.WEBHOOK, webhook),
        pocket,
    ]
    return Registry(providers), [webhook, *(late for _, late in relays)]


def _made(module: str, name: str, *settings: object) -> Channel:
    kind: Callable[..., Channel] = getattr(import_module(f"watchbill.channels.{module}"), name)
    return kind(*settings)
