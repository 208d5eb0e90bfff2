"""What the parts of a transaction share."""

from watchbill.store.cache import Cache
from watchbill.store.session import Session
from watchbill.store.snapshots import Pending


class Part:
    """`_seen` is what the transactions committed together have seen so far, `mine` what this one adds to it."""

    def __init__(self, session: Session, cache: Cache, seen: Pending) -> None:
        self._session = session
        self._cache = cache
        self._seen = seen
        self.mine = Pending()

    def new_id(self, now: int) -> str:
        return self._cache.ids.new(now)
