"""A page reaches a person and is answered, in a real browser: on the pocket, and by the link of a mail."""

import asyncio
import shutil
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace

import pytest
import pytest_asyncio
import uvicorn
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright, expect
from starlette.applications import Starlette

from tests.web.samples import House, incident, message, question, resolved
from watchbill.channels.pocket import Pocket
from watchbill.web.routes import routes

CHROMIUM = shutil.which("chromium")
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium (Debian's package chromium)"),
    pytest.mark.asyncio(loop_scope="module"),
]

COUNT_BEEPS = """
    window.beeps = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...at) { window.beeps += 1; start.apply(this, at); };
"""

Serve = Callable[[int], AbstractAsyncContextManager[str]]


class Server(uvicorn.Server):
    """Tells open streams that it stops, before it waits for them."""

    def __init__(self, config: uvicorn.Config, stop: asyncio.Event) -> None:
        super().__init__(config)
        self._stop = stop

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._stop.set()
        await super().shutdown(sockets)


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
def pocket() -> Pocket:
    return Pocket()


@pytest.fixture
def serve(house: House, pocket: Pocket) -> Serve:
    """A real server, on a free port unless one is named. It must stop in time however many phones are open."""

    @asynccontextmanager
    async def served(port: int = 0) -> AsyncIterator[str]:
        stop = asyncio.Event()
        ports = replace(house.ports(), recent=pocket.recent, listen=pocket.listen, stopping=stop.wait)
        door = socket.create_server(("127.0.0.1", port))
        config = uvicorn.Config(Starlette(routes=routes(ports)), loop="none", ws="none", log_level="error")
        server = Server(config, stop)
        running = asyncio.create_task(server.serve([door]))
        try:
            yield f"http://127.0.0.1:{door.getsockname()[1]}"
        finally:
            server.should_exit = True
            async with asyncio.timeout(3):
                await running

    return served


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield launched
        await launched.close()


@pytest_asyncio.fixture(loop_scope="module")
async def browser(chromium: Browser) -> AsyncIterator[Browser]:
    """Each page that a test opens is in a profile of its own."""
    yield chromium
    for profile in chromium.contexts:
        await profile.close()


async def ring(house: House, pocket: Pocket, code: str, number: int, title: str) -> None:
    about = incident(number, title)
    house.questions[code] = question(about)
    await pocket.send(message(code, about))


async def faults(page: Page) -> str:
    """What axe-core finds wrong, in both colour schemes."""
    found = []
    for scheme in ("light", "dark"):
        await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        found.append((await Axe().run(page)).generate_snapshot())
    return "\n".join(found).strip()


def complaints(page: Page) -> list[str]:
    """What the browser complains of: errors of scripts, and what the content security policy blocked."""
    heard: list[str] = []
    page.on("console", lambda one: heard.append(one.text) if one.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    return heard


async def test_a_page_arrives_on_the_pocket_and_is_acknowledged(
    house: House, pocket: Pocket, serve: Serve, browser: Browser
) -> None:
    await ring(house, pocket, "old", 11, "Certificate ends soon")
    page = await browser.new_page()
    await page.add_init_script(COUNT_BEEPS)
    heard = complaints(page)
    async with serve(0) as site:
        await page.goto(f"{site}/pocket/token-of-ann")
        await expect(page.locator("#connection")).to_have_text("Live")
        await expect(page.locator(".card")).to_have_count(1)
        await page.locator("h1").click()  # the gesture that allows sound

        await ring(house, pocket, "code", 12, "Disk full <b>on</b> db1")
        card = page.locator(".card").first
        await expect(card).to_contain_text("#12 Disk full <b>on</b> db1")
        await expect(card).to_contain_text("Triggered")
        await expect(page.locator("#spoken")).to_have_text("New urgent page: #12 Disk full <b>on</b> db1")
        assert await page.evaluate("window.beeps") == 3
        assert await faults(page) == ""

        await card.get_by_role("button", name="Acknowledge").click()
        await expect(card).to_contain_text("Ann Archer has acknowledged #12.")
        await expect(card).to_contain_text("Acknowledged by ann")
        await expect(card.get_by_role("button")).to_have_text(["Resolve"])
        assert [code for code, _ in house.answered] == ["code"]
        assert await faults(page) == ""

        await page.reload()
        await expect(page.locator(".card").first).to_contain_text("Acknowledged by ann")
    assert heard == []


async def test_a_page_that_somebody_else_resolved_says_so(
    house: House, pocket: Pocket, serve: Serve, browser: Browser
) -> None:
    page = await browser.new_page()
    async with serve(0) as site:
        await page.goto(f"{site}/pocket/token-of-ann")
        await expect(page.locator("#connection")).to_have_text("Live")
        await ring(house, pocket, "code", 12, "Disk full on db1")
        await expect(page.locator(".card")).to_be_visible()
        house.questions["code"] = question(resolved(incident(), "bob"))
        await page.get_by_role("button", name="Resolve").click()
        await expect(page.locator(".outcome")).to_contain_text("Already resolved")
        await expect(page.locator(".phase")).to_have_text("Resolved by bob")
        await expect(page.get_by_role("button")).to_have_count(0)


async def test_the_pocket_comes_back_when_the_server_does(
    house: House, pocket: Pocket, serve: Serve, browser: Browser
) -> None:
    page = await browser.new_page()
    async with serve(0) as site:
        await page.goto(f"{site}/pocket/token-of-ann")
        await expect(page.get_by_text("No pages yet.")).to_be_visible()
        await expect(page.locator("#connection")).to_have_text("Live")
        await ring(house, pocket, "before", 12, "Disk full on db1")
        await expect(page.locator(".card")).to_contain_text("Disk full on db1")
    await expect(page.locator("#connection")).to_have_text("Reconnecting…")
    house.questions["before"] = question(resolved(incident(), "bob"))
    await ring(house, pocket, "meanwhile", 13, "Replica lags")
    async with serve(int(site.rpartition(":")[2])):
        await expect(page.locator(".card").first).to_contain_text("Replica lags", timeout=15_000)
        await expect(page.locator(".card").last).to_contain_text("Resolved by bob")
        await expect(page.locator("#connection")).to_have_text("Live")


async def test_the_link_of_a_mail_works_without_javascript(house: House, serve: Serve, browser: Browser) -> None:
    house.questions["code"] = question(incident(), incident(13, "Replica lags"))
    plain = await browser.new_context(java_script_enabled=False)
    page = await plain.new_page()
    async with serve(0) as site:
        await page.goto(f"{site}/p/code?do=acknowledge")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Acknowledge these 2 incidents?")
        assert house.answered == []
        await page.get_by_role("button", name="Yes, acknowledge").click()
        await expect(page.get_by_role("status")).to_have_text("Ann Archer has acknowledged these 2 incidents.")
        assert len(house.answered) == 1
        await page.goto(f"{site}/p/code?do=resolve")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Resolve these 2 incidents?")


@pytest.mark.parametrize("path", ["/p/code?do=acknowledge", "/p/other", "/"])
async def test_pages_can_be_used_by_everybody(house: House, serve: Serve, browser: Browser, path: str) -> None:
    house.questions["code"] = question(incident(), incident(13, "Replica lags"))
    page = await browser.new_page()
    heard = complaints(page)
    async with serve(0) as site:
        answer = await page.goto(site + path)
        assert await faults(page) == ""
    assert [text for text in heard if "status of 404" not in text or (answer and answer.status != 404)] == []
