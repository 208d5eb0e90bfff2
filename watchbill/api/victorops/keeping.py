"""What this dialect keeps of a thing beside what the core knows: under its own name in the thing's settings.

Whatever else is kept there stays.
"""

from collections.abc import Mapping

NAME = "victorops"

Settings = Mapping[str, object]


def kept(settings: Settings) -> Settings:
    own = settings.get(NAME)
    return own if isinstance(own, Mapping) else {}


def keeping(settings: Settings, **more: object) -> Settings:
    """The settings with more of this dialect's in them."""
    return {**settings, NAME: {**kept(settings), **more}}


def version(settings: Settings) -> int:
    """How often this dialect changed the thing: teams and people show it (reference, part 2.12)."""
    return whole(settings, "version")


def changed(settings: Settings) -> Settings:
    return keeping(settings, version=version(settings) + 1)


def whole(settings: Settings, name: str) -> int:
    """A number of this dialect's; 0 when there is none."""
    value = kept(settings).get(name)
    return value if isinstance(value, int) else 0
