"""Mappings are checked when they are applied, and say what is wrong where."""

import pytest

from watchbill.domain.alert import AnnotationKind, Signal
from watchbill.domain.errors import Invalid
from watchbill.domain.mapping import AnnotationSource, FieldMapping, check, literal, steps
from watchbill.domain.people import Urgency


def test_the_natural_names_are_a_mapping() -> None:
    assert check(FieldMapping()) == ()


@pytest.mark.parametrize(
    ("path", "taken"),
    [
        ("$.event", ("event",)),
        ("$.event.id", ("event", "id")),
        ("$.hosts[0].name", ("hosts", 0, "name")),
        ('$["odd name"].x', ("odd name", "x")),
        ("$['it is \"it\"'][12]", ('it is "it"', 12)),
        ("$.ab-c_1.é", ("ab-c_1", "é")),
    ],
)
def test_paths(path: str, taken: tuple[str | int, ...]) -> None:
    assert steps(path) == taken


@pytest.mark.parametrize(
    "path", ["$", "$event", "$.", "$..a", "$.a.", "$.a[", "$.a[x]", "$.a[-1]", "$[0]", "$.a b", "$[]", "$['']"]
)
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(Invalid, match="is not a path"):
        steps(path)
    [error] = check(FieldMapping(title=("$.title", path)))
    assert error.startswith(f"title[1]: '{path}' is not a path")


def test_a_literal_may_start_with_a_dollar() -> None:
    assert check(FieldMapping(tool=("$$5 monitor",))) == ()
    assert literal("$$5 monitor") == "$5 monitor"


def test_every_mistake_is_named_with_its_place() -> None:
    mapping = FieldMapping(
        items="alerts",
        signal=("$.level", "banana"),
        title=("",),
        annotations=(AnnotationSource(AnnotationKind.URL, "Link", ("$.url", "$.")),),
        words={"SEV1": Signal.CRITICAL},
        urgencies={"High": Urgency.HIGH},
    )
    places = [error.partition(":")[0] for error in check(mapping)]
    assert places == ["title[0]", "annotations[0].sources[1]", "items", "words", "urgencies", "signal[1]"]


def test_words_of_ones_own_may_be_literals() -> None:
    assert check(FieldMapping(signal=("$.level", "sev1"), words={"sev1": Signal.CRITICAL})) == ()
