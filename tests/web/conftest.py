from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette

from tests.web.samples import House
from watchbill.web.routes import routes


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def browser(house: House) -> AsyncIterator[httpx.AsyncClient]:
    app = Starlette(routes=routes(house.ports()))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="https://watchbill.example") as client:
        yield client
