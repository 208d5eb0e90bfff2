"""Clients of this dialect: a partner, and a client organization of it, each with a key of its own."""

from collections.abc import Mapping
from typing import Any

from tests.dialects.speaking import Answer, Speaker, keep
from tests.stories.world import World
from watchbill.api.opsramp.routes import DIALECT
from watchbill.domain.civil import HOUR

FORM = "application/x-www-form-urlencoded"


class Ramp(Speaker):
    """Speaks for one tenant: a path without a slash at its beginning goes below it. `renews`: its token never ends."""

    def __init__(self, world: World, tenant: str, org: int, **around: Any) -> None:
        super().__init__(world, DIALECT, {}, **around)
        self.tenant = tenant
        self.key = f"key{org}"
        self.secret = f"secret{org}"
        self.renews = True
        keep(world, self.secret, "opsramp", name=self.key, org=org)
        self.renew()

    def renew(self) -> None:
        """A fresh token, as clients get one before the old one is over."""
        self.renewed_at = self.world.now
        self.headers = {"authorization": f"Bearer {self.token(self.key, self.secret)['access_token']}"}

    def token(self, key: str, secret: str, path: str = "/auth/oauth/token") -> Mapping[str, Any]:
        form = f"grant_type=client_credentials&client_id={key}&client_secret={secret}"
        told: Mapping[str, Any] = self.ask("POST", path, form, content_type=FORM).expect(200)
        return told

    def ask(
        self, method: str, path: str, body: Any = None, query: Mapping[str, Any] | None = None, **headers: str
    ) -> Answer:
        if self.renews and self.world.now - self.renewed_at > HOUR:
            self.renew()
        full = path if path.startswith("/") else f"/api/v2/tenants/{self.tenant}/{path}"
        return super().ask(method, full, body, query, **headers)


def client_of(world: World, name: str = "Client") -> int:
    """A new client of the world's first organization; the world goes on in it."""
    number: int = world.write(lambda tx: tx.create_organization(name.lower(), name, 1, world.now)).number
    world.org = number
    return number
