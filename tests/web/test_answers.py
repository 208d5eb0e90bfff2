"""The links in a page: looking changes nothing, one button answers, and everything else is said in plain words."""

from dataclasses import replace

import httpx
import pytest

from tests.web.samples import NOW, House, incident, question, resolved
from watchbill.domain.delivery import Purpose
from watchbill.domain.incident import Phase
from watchbill.usecases.replies import Answer

JSON = {"Accept": "application/json"}


@pytest.fixture
def asked(house: House) -> House:
    house.questions["code"] = question(incident())
    return house


def buttons(response: httpx.Response) -> list[str]:
    """Where the forms of a page lead, in their order."""
    return [part.split('"')[0] for part in response.text.split('<form method="post" action="')[1:]]


async def test_a_link_shows_the_incident_and_asks(asked: House, browser: httpx.AsyncClient) -> None:
    shown = await browser.get("/p/code?do=acknowledge")
    assert shown.status_code == 200
    assert "Acknowledge #12?" in shown.text
    for told in ("Disk full on db1", "High urgency", "Triggered", "Tue 3 Mar 2026, 09:15 UTC", "Ann Archer", "Primary"):
        assert told in shown.text
    assert buttons(shown) == ["/p/code/acknowledge", "/p/code/resolve"]


@pytest.mark.parametrize(
    ("query", "phase", "first"),
    [
        ("?do=resolve", Phase.TRIGGERED, "resolve"),
        ("?do=acknowledge", Phase.ACKNOWLEDGED, "acknowledge"),
        ("", Phase.TRIGGERED, "acknowledge"),
        ("", Phase.ACKNOWLEDGED, "resolve"),
        ("?do=<script>", Phase.TRIGGERED, "acknowledge"),
    ],
)
async def test_the_first_button_is_what_the_link_asked_for(
    house: House, browser: httpx.AsyncClient, query: str, phase: Phase, first: str
) -> None:
    house.questions["code"] = question(replace(incident(), phase=phase, acked_by="bob"))
    shown = await browser.get("/p/code" + query)
    assert buttons(shown)[0] == f"/p/code/{first}"
    assert "<script>" not in shown.text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
@pytest.mark.parametrize("path", ["/p/code", "/p/code?do=acknowledge", "/p/code/acknowledge", "/p/code/resolve"])
async def test_looking_changes_nothing(asked: House, browser: httpx.AsyncClient, method: str, path: str) -> None:
    await browser.request(method, path, follow_redirects=True)
    assert asked.answered == []


async def test_the_address_of_a_result_opened_again_asks(asked: House, browser: httpx.AsyncClient) -> None:
    shown = await browser.get("/p/code/resolve")
    assert (shown.status_code, shown.headers["location"]) == (303, "/p/code?do=resolve")
    assert shown.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(("verb", "heading"), [("acknowledge", "Acknowledged"), ("resolve", "Resolved")])
async def test_the_button_answers(asked: House, browser: httpx.AsyncClient, verb: str, heading: str) -> None:
    done = await browser.post(f"/p/code/{verb}")
    assert done.status_code == 200
    assert f"<h1>{heading}</h1>" in done.text
    assert f"Ann Archer has {heading.lower()} #12." in done.text
    assert f"{heading} by ann" in done.text
    assert buttons(done) == (["/p/code/resolve"] if verb == "acknowledge" else [])
    assert asked.answered == [("code", Answer(verb))]


async def test_a_bundle_is_answered_as_one(house: House, browser: httpx.AsyncClient) -> None:
    house.questions["code"] = question(incident(12), incident(13, "Replica lags"))
    shown = await browser.get("/p/code")
    assert "Acknowledge these 2 incidents?" in shown.text
    assert "Replica lags" in shown.text
    assert "Ann Archer has acknowledged these 2 incidents." in (await browser.post("/p/code/acknowledge")).text


async def test_who_must_still_answer_is_said(house: House, browser: httpx.AsyncClient) -> None:
    house.questions["code"] = question(replace(incident(), multi_responder=True))
    done = await browser.post("/p/code/acknowledge")
    assert "Others who were paged have yet to answer." in done.text


async def test_a_second_answer_is_told_that_there_was_one(asked: House, browser: httpx.AsyncClient) -> None:
    await browser.post("/p/code/acknowledge")
    again = await browser.post("/p/code/acknowledge")
    assert again.status_code == 409
    assert "Already answered" in again.text
    assert "This page was answered on Tue 3 Mar 2026, 09:16 UTC." in again.text
    assert buttons(again) == ["/p/code/resolve"]
    assert len(asked.answered) == 1


async def test_what_was_acknowledged_can_be_resolved_by_the_same_page(asked: House, browser: httpx.AsyncClient) -> None:
    await browser.post("/p/code/acknowledge")
    shown = await browser.get("/p/code?do=acknowledge")
    assert (shown.status_code, buttons(shown)) == (200, ["/p/code/resolve"])
    assert "This page was answered on Tue 3 Mar 2026, 09:16 UTC." in shown.text
    assert (await browser.post("/p/code/resolve")).status_code == 200
    assert (await browser.get("/p/code")).status_code == 409


async def test_resolved_by_somebody_says_who(house: House, browser: httpx.AsyncClient) -> None:
    house.questions["code"] = question(resolved(incident(), "bob"))
    for late in (await browser.get("/p/code?do=acknowledge"), await browser.post("/p/code/acknowledge")):
        assert late.status_code == 409
        assert "Already resolved" in late.text
        assert "#12 was resolved by bob on Tue 3 Mar 2026, 09:16 UTC" in late.text


async def test_resolved_by_the_alert_itself(house: House, browser: httpx.AsyncClient) -> None:
    house.questions["code"] = question(resolved(incident(), "alert"))
    assert "resolved by an alert" in (await browser.get("/p/code")).text


async def test_a_page_without_incident_has_nothing_to_answer(house: House, browser: httpx.AsyncClient) -> None:
    house.questions["code"] = question()
    shown = await browser.get("/p/code")
    assert (shown.status_code, "Nothing to answer" in shown.text) == (409, True)


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/p/other"), ("POST", "/p/other/acknowledge"), ("POST", "/p/code/delete"), ("GET", "/p/%00%ff")],
)
async def test_what_is_not_known(asked: House, browser: httpx.AsyncClient, method: str, path: str) -> None:
    unknown = await browser.request(method, path)
    assert unknown.status_code == 404
    assert "This address is not known" in unknown.text
    assert asked.answered == []


@pytest.mark.parametrize(("method", "path"), [("GET", "/p/code"), ("POST", "/p/code/acknowledge")])
async def test_without_the_database(asked: House, browser: httpx.AsyncClient, method: str, path: str) -> None:
    asked.database = False
    down = await browser.request(method, path)
    assert (down.status_code, down.headers["retry-after"]) == (503, "5")
    assert "nothing was changed" in down.text
    assert "cut them" not in down.text


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "none"}, 200),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Origin": "https://watchbill.example"}, 403),
        ({"Origin": "https://watchbill.example"}, 200),
        ({"Origin": "null"}, 200),
        ({"Origin": "https://evil.example"}, 403),
    ],
)
async def test_other_sites_are_refused(
    asked: House, browser: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    assert (await browser.post("/p/code/acknowledge", headers=headers)).status_code == status
    assert len(asked.answered) == (status == 200)


async def test_what_an_alert_says_stays_text(house: House, browser: httpx.AsyncClient) -> None:
    house.questions["code"] = question(incident(title="<img src=x onerror=alert(1)> \ud800 \x00"))
    shown = await browser.get("/p/code")
    assert shown.status_code == 200
    assert "<img src=x" not in shown.text
    assert "&lt;img src=x" in shown.text


class TestAsJson:
    """What the pocket's script reads."""

    async def test_an_answer(self, asked: House, browser: httpx.AsyncClient) -> None:
        done = await browser.post("/p/code/acknowledge", headers=JSON)
        assert done.headers["content-type"] == "application/json"
        assert done.json() == {
            "message": "Ann Archer has acknowledged #12.",
            "answers": ["resolve"],
            "incidents": [
                {"number": 12, "title": "Disk full on db1", "phase": "acknowledged", "state": "acknowledged by ann"}
            ],
        }

    async def test_too_late(self, house: House, browser: httpx.AsyncClient) -> None:
        house.questions["code"] = question(resolved(incident(), "bob", NOW))
        late = await browser.post("/p/code/acknowledge", headers=JSON)
        assert late.status_code == 409
        said = late.json()
        assert said["error"].startswith("Already resolved. Nothing is left to do: #12 was resolved by bob")
        assert said["incidents"][0]["state"] == "resolved by bob"

    async def test_refusals(self, asked: House, browser: httpx.AsyncClient) -> None:
        unknown = await browser.post("/p/other/acknowledge", headers=JSON)
        assert (unknown.status_code, unknown.json()) == (404, {"error": "this link or address is not one of ours"})
        asked.database = False
        assert (await browser.post("/p/code/acknowledge", headers=JSON)).status_code == 503


# --- Whether a contact is somebody's own


@pytest.fixture
def verifying(house: House) -> House:
    why = "Ann Archer is to be paged here by Acme."
    about = replace(question().delivery, purpose=Purpose.VERIFY, incident=None, address="+14155550120", reason=why)
    house.questions["code"] = replace(question(), delivery=about, unverified=True)
    return house


async def test_a_contact_is_verified_by_a_button(verifying: House, browser: httpx.AsyncClient) -> None:
    shown = await browser.get("/p/code")
    assert "Is +14155550120 yours?" in shown.text
    assert "Ann Archer is to be paged here by Acme." in shown.text
    assert "Paged:" not in shown.text
    assert buttons(shown) == ["/p/code/verify"]
    done = await browser.post("/p/code/verify")
    assert (done.status_code, buttons(done)) == (200, [])
    assert "Ann Archer can be paged at +14155550120 from now on." in done.text


async def test_a_contact_is_verified_once(verifying: House, browser: httpx.AsyncClient) -> None:
    await browser.post("/p/code/verify")
    for late in (await browser.get("/p/code"), await browser.post("/p/code/verify")):
        assert late.status_code == 409
        assert "is verified already, or in use no more" in late.text


async def test_a_page_verifies_nothing(asked: House, browser: httpx.AsyncClient) -> None:
    assert (await browser.post("/p/code/verify")).status_code == 409
    assert asked.answered == []
