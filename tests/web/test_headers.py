"""What every answer forbids the browser, and what it may keep."""

import re

import httpx
import pytest

from tests.web.samples import House, incident, message, question

SECRET_PAGES = [
    ("GET", "/p/code"),
    ("POST", "/p/code/acknowledge"),
    ("GET", "/p/other"),
    ("GET", "/p/code/resolve"),
    ("GET", "/pocket/token-of-ann"),
    ("HEAD", "/pocket/token-of-ann/events"),
    ("GET", "/pocket/other"),
]


@pytest.fixture
def furnished(house: House) -> House:
    house.questions["code"] = question(incident())
    house.sent = [message("code", incident())]
    return house


@pytest.mark.parametrize(("method", "path"), [*SECRET_PAGES, ("GET", "/"), ("GET", "/static/pocket.js")])
async def test_every_answer_is_strict(furnished: House, browser: httpx.AsyncClient, method: str, path: str) -> None:
    headers = (await browser.request(method, path)).headers
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    policy = dict(part.split(" ", 1) for part in headers["content-security-policy"].split("; "))
    assert policy == {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "connect-src": "'self'",
        "img-src": "'self' data:",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }


@pytest.mark.parametrize(("method", "path"), SECRET_PAGES)
async def test_pages_with_codes_are_not_kept(
    furnished: House, browser: httpx.AsyncClient, method: str, path: str
) -> None:
    assert (await browser.request(method, path)).headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", ["/", "/p/code", "/pocket/token-of-ann"])
async def test_nothing_comes_from_elsewhere(furnished: House, browser: httpx.AsyncClient, path: str) -> None:
    """No foreign files, and nothing that the policy would block."""
    text = (await browser.get(path)).text
    files = re.findall(r'(?:src|<link[^>]* href)="([^"]+)"', text)
    assert files
    assert all(file.startswith("/static/") for file in files)
    assert not re.search(r"<style|<script>|\sstyle=|\son[a-z]+=", text)
    for file in set(files):
        kept = await browser.get(file)
        assert (kept.status_code, kept.headers["cache-control"]) == (200, "public, max-age=31536000, immutable")


async def test_a_file_under_another_releases_address_is_asked_for_again(browser: httpx.AsyncClient) -> None:
    other = await browser.get("/static/watchbill.css?v=other")
    assert other.headers["cache-control"] == "no-cache"
    again = await browser.get("/static/watchbill.css", headers={"If-None-Match": other.headers["etag"]})
    assert again.status_code == 304
    assert (await browser.get("/static/../routes.py")).status_code == 404


async def test_the_start_page_says_what_this_is(browser: httpx.AsyncClient) -> None:
    text = (await browser.get("/")).text
    for told in ("Watchbill", "1.2.3", "/integrations/", "/intake/alertmanager/", "/intake/generic/", "README"):
        assert told in text
