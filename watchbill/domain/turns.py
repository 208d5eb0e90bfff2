"""Changing who takes turns in a layer, without changing whose turn it is now."""

from collections.abc import Sequence
from dataclasses import replace

from watchbill.domain.shifts import Layer, Turn, turn_at, turn_bounds


def seated(layer: Layer, zone_name: str, at: int, seats: Sequence[tuple[int | None, Turn]]) -> Layer:
    """The layer with other turns: each with its place in the layer before, None for a new one.

    Whose turn it is at `at` stays so, for which the rotation may be counted from another of its handoffs. Where that
    turn is gone, the one after it has begun.
    """
    turns = tuple(turn for _, turn in seats)
    after = replace(layer, turns=turns)
    if not turns or not layer.turns or at < layer.rotation_start:
        return after
    number = turn_at(layer, zone_name, at)
    place = number % len(layer.turns)
    wanted = next((seat for seat, (before, _) in enumerate(seats) if before == place), None)
    if wanted is None:
        wanted = sum(before is not None and before < place for before, _ in seats) % len(turns)
    if number % len(turns) == wanted:
        return after
    begin = turn_bounds(layer, zone_name, number - wanted)[0]
    if begin < 0:
        begin = turn_bounds(layer, zone_name, number - wanted + len(turns))[0]
    return replace(after, rotation_start=begin)


def on_duty_now(layer: Layer, zone_name: str, at: int, place: int) -> Layer:
    """The layer with its order turned round, so that the turn at this place is the one at `at`."""
    count = len(layer.turns)
    shift = place - turn_at(layer, zone_name, at)
    return replace(layer, turns=tuple(layer.turns[(seat + shift) % count] for seat in range(count)))
