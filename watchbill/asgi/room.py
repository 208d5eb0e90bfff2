"""Callers that stay connected must leave files to open for what the process is there for."""

import structlog

log = structlog.get_logger()


class Room:
    """For so many connections. Who comes when it is full is turned away, which is said once until half have left."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._told = False

    def has(self, connections: int) -> bool:
        full = connections > self._most
        if full and not self._told:
            log.warning("connections turned away", most=self._most)
        self._told = full or (self._told and connections > self._most // 2)
        return not full
