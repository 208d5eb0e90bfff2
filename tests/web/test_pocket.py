"""The simulated phone, without a browser: what it shows, and that its stream ends when it should."""

import asyncio
import json
from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from tests.web.samples import House, incident, message, question, resolved
from watchbill.domain.delivery import Purpose
from watchbill.web import stream
from watchbill.web.pages import pocket
from watchbill.web.routes import routes


class Reader:
    """A browser that holds a stream open: what it got so far, and a way to leave."""

    def __init__(self) -> None:
        self.head: MutableMapping[str, Any] = {}
        self.chunks: asyncio.Queue[bytes] = asyncio.Queue()
        self.left = asyncio.Event()
        self.complete = False

    async def receive(self) -> MutableMapping[str, Any]:
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, part: MutableMapping[str, Any]) -> None:
        if part["type"] == "http.response.start":
            self.head = part
        else:
            self.complete = not part["more_body"]
            self.chunks.put_nowait(part["body"])

    async def page(self) -> dict[str, Any]:
        """The next page it is told of."""
        while not (chunk := await self.chunks.get()).startswith(b"event: page\n"):
            pass
        said: dict[str, Any] = json.loads(chunk.partition(b"data: ")[2])
        return said


@asynccontextmanager
async def reading(house: House) -> AsyncIterator[tuple[Reader, "asyncio.Task[None]"]]:
    reader, app = Reader(), Starlette(routes=routes(house.ports()))
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/pocket/token-of-ann/events",
        "query_string": b"",
        "headers": [],
    }
    async with asyncio.timeout(5):
        task = asyncio.create_task(app(scope, reader.receive, reader.send))
        yield reader, task
        reader.left.set()
        await task


async def test_shows_pages_the_newest_first_as_they_stand_now(house: House, browser: httpx.AsyncClient) -> None:
    house.sent = [message("one", incident()), message("two", incident(13, "Replica lags"))]
    house.questions["one"] = question(resolved(incident(), "bob"))
    house.questions["two"] = question(incident(13))
    shown = await browser.get("/pocket/token-of-ann")
    assert shown.status_code == 200
    assert "Pocket of <bdi>ann</bdi>" in shown.text
    assert shown.text.index("Replica lags") < shown.text.index("Disk full on db1")
    assert "Resolved by bob" in shown.text
    assert "Tue 3 Mar 2026, 10:15 Europe/Paris" in shown.text
    assert "/p/two/acknowledge" in shown.text
    assert "/p/two/resolve" in shown.text
    assert "/p/one/" not in shown.text


async def test_shows_pages_as_sent_without_the_database(house: House, browser: httpx.AsyncClient) -> None:
    house.sent, house.database = [message("one", incident())], False
    shown = await browser.get("/pocket/token-of-ann")
    assert "Disk full on db1" in shown.text
    assert "/p/one/acknowledge" in shown.text


async def test_a_notice_has_no_buttons(house: House, browser: httpx.AsyncClient) -> None:
    house.sent = [message("one", purpose=Purpose.TEST)]
    shown = await browser.get("/pocket/token-of-ann")
    assert "This is a test" in shown.text
    assert "<form" not in shown.text


async def test_a_bundle_says_what_it_does_not_list(house: House, browser: httpx.AsyncClient) -> None:
    house.sent = [replace(message("one", incident()), held=3)]
    assert "and 3 more that are not listed here" in (await browser.get("/pocket/token-of-ann")).text


async def test_a_bundle_says_how_many_and_keeps_its_buttons_within_reach(
    house: House, browser: httpx.AsyncClient
) -> None:
    many = tuple(incident(number, f"Service {number} is down") for number in range(1, 51))
    house.sent = [replace(message("one", *many), held=150)]
    text = (await browser.get("/pocket/token-of-ann")).text
    assert "<h2>200 incidents</h2>" in text
    seen, folded = text.split("<details>")
    assert ["#3" in seen, "#4" in seen, "47 more" in folded] == [True, False, True]


async def test_a_title_without_end_is_cut(house: House, browser: httpx.AsyncClient) -> None:
    house.sent = [message("one", incident(12, "L" * 5_000))]
    assert "L" * 201 not in (await browser.get("/pocket/token-of-ann")).text


async def test_only_web_addresses_become_links(house: House, browser: httpx.AsyncClient) -> None:
    house.sent = [replace(message("one", incident()), links={"incident": "javascript:alert(1)"}, zone="Nowhere/None")]
    shown = await browser.get("/pocket/token-of-ann")
    assert "javascript:" not in shown.text
    assert "09:15 UTC" in shown.text


@pytest.mark.parametrize("path", ["/pocket/other", "/pocket/other/events"])
async def test_a_foreign_token(browser: httpx.AsyncClient, path: str) -> None:
    assert (await browser.get(path)).status_code == 404


async def test_the_stream_begins_with_what_is_there_and_goes_on_live(house: House) -> None:
    house.sent = [message("one", incident()), message("two", incident(13, "Replica lags"))]
    async with reading(house) as (reader, _):
        assert [(await reader.page())["spoken"] for _ in range(2)] == [
            "New urgent page: #12 Disk full on db1",
            "New urgent page: #13 Replica lags",
        ]
        house.arriving.put_nowait(message("foreign", incident(), address="bob"))
        house.arriving.put_nowait(message("three", incident(14, "line\r\n\r\nevent: page\u2028"), incident(15)))
        live = await reader.page()
        assert live["urgent"]
        assert live["spoken"].endswith("and 1 more")
        assert 'id="page-delivery-three"' in live["html"]
        headers = dict(reader.head["headers"])
        assert headers[b"content-type"].startswith(b"text/event-stream")
        assert headers[b"cache-control"] == b"no-store"


async def test_the_stream_tells_of_answers_given_elsewhere(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pocket, "LOOK_AGAIN_SECONDS", 0.01)
    house.sent = [message("one", incident()), message("two", incident(13, "Replica lags"))]
    house.questions = {"one": question(incident()), "two": question(incident(13, "Replica lags"))}
    async with reading(house) as (reader, _):
        await reader.page()
        await reader.page()
        house.questions["one"] = question(resolved(incident(), "bob"))
        changed = await reader.page()
        assert 'id="page-delivery-one"' in changed["html"]
        assert "Resolved by bob" in changed["html"]
        house.database = False
        house.arriving.put_nowait(message("three", incident(14, "Slow queries")))
        assert 'id="page-delivery-three"' in (await reader.page())["html"]
        assert reader.chunks.empty()


async def test_the_stream_ends_when_the_reader_leaves(house: House) -> None:
    async with reading(house) as (reader, task):
        await reader.chunks.get()
        reader.left.set()
        await task
    assert house.listeners == 0


async def test_the_stream_ends_when_the_server_stops(house: House) -> None:
    house.sent = [message("one", incident())]
    async with reading(house) as (reader, task):
        await reader.page()
        assert house.listeners == 1
        house.stop.set()
        await task
        assert reader.complete
    assert house.listeners == 0


async def test_silence_is_broken_for_proxies(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stream, "HEARTBEAT_SECONDS", 0)
    async with reading(house) as (reader, _):
        assert (await reader.chunks.get()).startswith(b"retry: ")
        assert await reader.chunks.get() == b":\n\n"


async def test_asking_for_the_head_opens_no_stream(house: House, browser: httpx.AsyncClient) -> None:
    assert (await browser.head("/pocket/token-of-ann/events")).status_code == 200
    assert house.listeners == 0
