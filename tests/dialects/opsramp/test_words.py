"""The small words of the dialect: times, filters, pages, ids (reference, parts 1.5 to 1.7)."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchbill.api.opsramp import ids
from watchbill.api.opsramp.bodies import body_of, flag, whole
from watchbill.api.opsramp.paging import paged, wanted
from watchbill.api.opsramp.query import alternatives, filters, parsed, span, within
from watchbill.api.opsramp.times import moment, stamp
from watchbill.asgi.dialect import NOBODY
from watchbill.asgi.requests import Call, Request
from watchbill.domain.civil import SECOND
from watchbill.domain.errors import Invalid

AT = 1_493_990_725 * SECOND  # 2017-05-05T13:25:25Z


def call(*query: tuple[str, str], body: bytes = b"") -> Call:
    request = Request("GET", "/", query, {}, body, 0, "https://watchbill.example.org", lambda size: "00" * size)
    return Call(request, NOBODY, {})


# --- Times


@pytest.mark.parametrize(
    "text",
    [
        "2017-05-05T13:25:25+0000",
        "2017-05-05T13:25:25 0000",
        "2017-05-05T13:25:25Z",
        "2017-05-05 13:25:25",
        "2017-05-05T18:55:25+05:30",
        "2017-05-05T09:25:25-0400",
    ],
)
def test_a_moment_in_all_its_spellings(text: str) -> None:
    assert moment(text, "startDate") == AT


@pytest.mark.parametrize("text", ["", "soon", "2017-13-05T13:25:25Z", "2017-05-05T25:00:00Z", 7, None, "9" * 400])
def test_what_is_no_moment(text: object) -> None:
    with pytest.raises(Invalid) as refused:
        moment(text, "startDate")
    assert refused.value.field == "startDate"


def test_a_stamp_has_no_colon_and_nothing_is_empty() -> None:
    assert stamp(AT) == "2017-05-05T13:25:25+0000"
    assert (stamp(None), stamp(0)) == ("", "")


@given(st.integers(1, 253_402_300_799))
def test_what_is_written_is_read_again(second: int) -> None:
    assert moment(stamp(second * SECOND), "") == second * SECOND


# --- The queryString language

KEYS = ("name", "states", "startDate", "allList")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", {}),
        ("name:Disk", {"name": "Disk"}),
        ("name:Disk+allList:true", {"name": "Disk", "allList": "true"}),
        ("name:Disk allList:true", {"name": "Disk", "allList": "true"}),
        ("name:C++ and more: all+states:Critical,Warning", {"name": "C++ and more: all", "states": "Critical,Warning"}),
        ("startDate:2017-05-05T13:25:15 0000+name:x", {"startDate": "2017-05-05T13:25:15 0000", "name": "x"}),
        ("unknown:1+name:x", {"name": "x"}),
        ("name:", {}),
        ("just words", {}),
    ],
)
def test_pairs_begin_at_known_keys(text: str, found: dict[str, str]) -> None:
    assert parsed(text, KEYS) == found


def test_the_same_keys_as_plain_parameters() -> None:
    assert filters(call(("name", "a"), ("allList", "true")), KEYS) == {"name": "a", "allList": "true"}
    assert filters(call(("name", "a"), ("queryString", "name:b")), KEYS) == {"name": "b"}


@given(st.text(), st.text())
def test_any_text_is_some_filter(text: str, value: str) -> None:
    parsed(text, KEYS)
    assert alternatives(value) == {part.strip().lower() for part in value.split(",") if part.strip()}


def test_a_window_holds_both_of_its_seconds() -> None:
    window = span({"from": "2017-05-05T13:25:25Z", "to": "2017-05-05T13:25:25Z"}, "from", "to")
    assert [within(at, window) for at in (AT - 1, AT, AT + SECOND - 1, AT + SECOND, None)] == [False, True, True] + [
        False
    ] * 2


# --- Pages

SORTS: dict[str, Any] = {"id": lambda row: row, "name": lambda row: row % 3}


def page(*query: tuple[str, str], total: int = 7) -> Any:
    asked = call(*query)
    return paged(wanted(asked, SORTS), range(1, total + 1), SORTS, lambda row: {"id": row}).body


def test_the_first_page_of_nothing() -> None:
    assert page(total=0) == {
        "results": [],
        "totalResults": 0,
        "orderBy": "id",
        "pageNo": 1,
        "pageSize": 100,
        "totalPages": 0,
        "nextPage": False,
        "previousPageNo": 0,
        "descendingOrder": True,
    }


def test_the_last_page_number_wins() -> None:
    shown = page(("pageNo", "1"), ("pageSize", "3"), ("pageNo", "2"))
    assert [row["id"] for row in shown["results"]] == [4, 3, 2]
    assert (shown["nextPage"], shown["nextPageNo"], shown["previousPageNo"], shown["totalPages"]) == (True, 3, 1, 3)


def test_the_last_page_names_no_next_one() -> None:
    shown = page(("pageSize", "3"), ("pageNo", "3"))
    assert [row["id"] for row in shown["results"]] == [1]
    assert shown["nextPage"] is False
    assert "nextPageNo" not in shown


def test_past_the_end_is_empty() -> None:
    shown = page(("pageNo", "999999999999"))
    assert shown["results"] == []
    assert shown["nextPage"] is False


@pytest.mark.parametrize("text", ["0", "-1", "x", "", "1.5", "٣", "9" * 30])
def test_a_number_that_is_none_is_not_there(text: str) -> None:
    shown = page(("pageNo", text), ("pageSize", text))
    assert (shown["pageNo"], shown["pageSize"]) == (1, 100)


@pytest.mark.parametrize("sort", ["id", "name", "unheard"])
def test_up_is_down_backwards(sort: str) -> None:
    down = page(("sortName", sort))
    up = page(("sortName", sort), ("isDescendingOrder", "false"))
    assert down["results"] == up["results"][::-1]
    assert down["orderBy"] == (sort if sort != "unheard" else "id")


# --- Ids


def test_ids_and_back() -> None:
    assert ids.numbered(ids.USER, 18) == "USR0000000018"
    assert ids.number_of(ids.USER, "USR0000000018") == 18
    assert ids.number_of(ids.USER, "USRGRP-1") is None
    assert ids.inner(ids.GROUP, "USRGRP-abc") == "abc"
    assert ids.inner(ids.GROUP, "abc") == ""


def test_an_id_knows_when_it_was_made() -> None:
    assert ids.made_at("015bd8f1-8a70-7000-8000-000000000000") == 0x015BD8F18A70 * 1000
    assert ids.made_at("ann") == 0


# --- Bodies


@pytest.mark.parametrize("body", [b"[", b"[]", b"1", b'"x"', b"\xff", b'{"a":1e999}', b'{"a":99999999999999999999}'])
def test_a_body_that_is_no_object(body: bytes) -> None:
    with pytest.raises(Invalid):
        body_of(call(body=body))


def test_flags_and_numbers_may_come_as_text() -> None:
    assert [flag({"a": value}, "a") for value in (True, "true", "FALSE", None)] == [True, True, False, None]
    assert [whole({"a": value}, "a") for value in (5, "5", None)] == [5, 5, None]
    wrongs: list[object] = ["maybe", 1, [], {}]
    for bad in wrongs:
        with pytest.raises(Invalid):
            flag({"a": bad}, "a")
    for wrong in ("5.0", 1.5, True, -1, 1 << 70):
        with pytest.raises(Invalid):
            whole({"a": wrong}, "a")
