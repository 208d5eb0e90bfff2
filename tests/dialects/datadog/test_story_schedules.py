"""From layers to shifts, row by row (reference, part 5.4). What is asked is who is on call, through the API."""

from typing import Any

import pytest

from tests.dialects.datadog.oncall import ANN, BEGIN, BOB, CYD, SCHEDULES, Story, layer, schedule, weekly

NAMES = {ANN: "ann", BOB: "bob", CYD: "cyd"}


def on_call(story: Story, id: str, at: str) -> str | None:
    data = story.api.get(f"{SCHEDULES}/{id}/on-call", **{"filter[at_ts]": at}).expect(200)["data"]
    return data and NAMES[data["relationships"]["user"]["data"]["id"]]


def shift(story: Story, id: str, at: str) -> tuple[str, str]:
    data = story.api.get(f"{SCHEDULES}/{id}/on-call", **{"filter[at_ts]": at}).expect(200)["data"]
    return data["attributes"]["start"], data["attributes"]["end"]


def expects(story: Story, id: str, *each: tuple[str, str | None]) -> None:
    assert [(at, on_call(story, id, at)) for at, _ in each] == list(each)


def test_a_layer_is_active_from_its_date_to_before_its_end(story: Story) -> None:
    bounds: dict[str, Any] = {"effective_date": "2026-06-02T10:00:00Z", "end_date": "2026-06-03T10:00:00Z"}
    id = story.schedule(layer(ANN, **bounds))
    expects(
        story,
        id,
        ("2026-06-02T09:59:59.999999Z", None),
        ("2026-06-02T10:00:00Z", "ann"),
        ("2026-06-03T09:59:59.999999Z", "ann"),
        ("2026-06-03T10:00:00Z", None),
    )
    assert shift(story, id, "2026-06-02T11:00:00Z") == ("2026-06-02T10:00:00+00:00", "2026-06-03T00:00:00+00:00")


@pytest.mark.parametrize("rotation", ["2026-06-01T00:00:00Z", "2026-06-07T00:00:00Z", "2026-05-20T00:00:00Z"])
def test_turns_are_counted_from_the_rotations_start_backwards_too(story: Story, rotation: str) -> None:
    """Before, at and after the layer's own beginning: multiples of the cycle apart."""
    id = story.schedule(layer(ANN, BOB, CYD, rotation_start=rotation))
    expects(
        story,
        id,
        ("2026-06-01T12:00:00Z", "ann"),
        ("2026-06-02T00:00:00Z", "bob"),
        ("2026-06-03T23:59:59Z", "cyd"),
        ("2026-06-04T00:00:00Z", "ann"),
        ("2026-05-31T23:59:59Z", None),
    )


def test_turns_go_backwards_in_the_same_order(story: Story) -> None:
    id = story.schedule(layer(ANN, BOB, CYD, rotation_start="2026-06-05T00:00:00Z"))
    expects(
        story,
        id,
        ("2026-06-05T00:00:00Z", "ann"),
        ("2026-06-04T00:00:00Z", "cyd"),
        ("2026-06-03T00:00:00Z", "bob"),
        ("2026-06-02T00:00:00Z", "ann"),
        ("2026-06-01T00:00:00Z", "cyd"),
    )


def test_a_change_of_members_rewrites_the_past(story: Story) -> None:
    id = story.schedule(layer(ANN, BOB))
    expects(story, id, ("2026-06-02T12:00:00Z", "bob"))
    body = story.api.get(f"{SCHEDULES}/{id}").expect(200)
    kept = body["data"]["relationships"]["layers"]["data"][0]["id"]
    asked: Any = schedule(layer(BOB, CYD, id=kept), id=id)
    story.api.put(f"{SCHEDULES}/{id}", asked).expect(200)
    expects(story, id, ("2026-06-02T12:00:00Z", "cyd"))


def test_days_keep_the_handoffs_local_time_and_seconds_are_added(story: Story) -> None:
    """Clocks go forward in Paris on 29 March 2026."""
    begin = "2026-03-28T09:00:00+01:00"
    times: dict[str, Any] = {"effective_date": begin, "rotation_start": begin, "time_zone": "Europe/Paris"}
    days = story.schedule(layer(ANN, BOB, **times))
    expects(story, days, ("2026-03-29T08:59:59+02:00", "ann"), ("2026-03-29T09:00:00+02:00", "bob"))
    hours = story.schedule(layer(ANN, BOB, interval={"seconds": 86_400}, **times))
    expects(story, hours, ("2026-03-29T09:59:59+02:00", "ann"), ("2026-03-29T10:00:00+02:00", "bob"))
    both = story.schedule(layer(ANN, BOB, interval={"days": 1, "seconds": 300}, **times))
    expects(
        story,
        both,
        ("2026-03-29T09:04:59+02:00", "ann"),
        ("2026-03-29T09:05:00+02:00", "bob"),
        ("2026-03-30T09:09:59+02:00", "bob"),
        ("2026-03-30T09:10:00+02:00", "ann"),
    )


def test_one_restriction_from_monday_to_friday_is_one_window(story: Story) -> None:
    week = weekly("monday", "09:00:00", "friday", "17:00:00")
    id = story.schedule(layer(ANN, restrictions=[week], time_zone="America/New_York"))
    expects(
        story,
        id,
        ("2026-06-01T08:59:59-04:00", None),
        ("2026-06-01T09:00:00-04:00", "ann"),
        ("2026-06-04T03:50:00-04:00", "ann"),
        ("2026-06-05T05:31:00-04:00", "ann"),
        ("2026-06-05T16:59:59-04:00", "ann"),
        ("2026-06-05T17:00:00-04:00", None),
        ("2026-06-06T12:00:00-04:00", None),
    )


def test_of_several_windows_any_counts_and_one_may_wrap_over_sunday(story: Story) -> None:
    windows = [
        weekly("saturday", "22:00:00", "monday", "06:00:00"),
        weekly("wednesday", "09:00:00", "wednesday", "17:00:00"),
    ]
    id = story.schedule(layer(ANN, restrictions=windows))
    expects(
        story,
        id,
        ("2026-06-03T12:00:00Z", "ann"),
        ("2026-06-04T12:00:00Z", None),
        ("2026-06-06T22:00:00Z", "ann"),
        ("2026-06-07T12:00:00Z", "ann"),
        ("2026-06-08T05:59:59Z", "ann"),
        ("2026-06-08T06:00:00Z", None),
    )


def test_a_window_that_ends_where_it_starts_is_empty(story: Story) -> None:
    id = story.schedule(layer(ANN, restrictions=[weekly("monday", "09:00:00", "monday", "09:00:00")]))
    expects(story, id, ("2026-06-01T09:00:00Z", None), ("2026-06-03T09:00:00Z", None))


def test_the_lower_layer_wins_and_the_higher_one_shows_through(story: Story) -> None:
    """Outside its window, outside its bounds, and in a turn of nobody."""
    evening = weekly("monday", "18:00:00", "monday", "20:00:00")
    id = story.schedule(
        layer(ANN, name="top"),
        layer(BOB, None, name="low", end_date="2026-06-04T00:00:00Z", restrictions=[]),
        layer(CYD, name="evening", restrictions=[evening]),
    )
    expects(
        story,
        id,
        ("2026-06-01T12:00:00Z", "bob"),
        ("2026-06-01T18:00:00Z", "cyd"),
        ("2026-06-01T20:00:00Z", "bob"),
        ("2026-06-02T12:00:00Z", "ann"),
        ("2026-06-03T12:00:00Z", "bob"),
        ("2026-06-04T12:00:00Z", "ann"),
    )
    assert shift(story, id, "2026-06-01T12:00:00Z") == ("2026-06-01T00:00:00+00:00", "2026-06-01T18:00:00+00:00")
    assert shift(story, id, "2026-06-01T21:00:00Z") == ("2026-06-01T20:00:00+00:00", "2026-06-02T00:00:00+00:00")


def test_without_a_layer_nobody_is_on_call(story: Story) -> None:
    id = story.schedule()
    expects(story, id, (BEGIN, None))


def test_turns_are_shifts_of_their_own_even_of_one_person(story: Story) -> None:
    id = story.schedule(layer(ANN, effective_date="2026-05-01T00:00:00Z"))
    assert shift(story, id, "2026-06-03T15:00:00Z") == ("2026-06-03T00:00:00+00:00", "2026-06-04T00:00:00+00:00")


def test_a_layer_has_a_zone_of_its_own_or_the_schedules(story: Story) -> None:
    nine: dict[str, Any] = {"restrictions": [weekly("monday", "09:00:00", "monday", "10:00:00")]}
    here = story.schedule(layer(ANN, **nine), zone="Asia/Tokyo")
    expects(story, here, ("2026-06-01T09:30:00+09:00", "ann"), ("2026-06-01T09:30:00Z", None))
    there = story.schedule(layer(ANN, time_zone="Europe/Paris", **nine), zone="Asia/Tokyo")
    expects(story, there, ("2026-06-01T09:30:00+02:00", "ann"), ("2026-06-01T09:30:00+09:00", None))
    assert shift(story, there, "2026-06-01T09:30:00+02:00")[0] == "2026-06-01T16:00:00+09:00"
