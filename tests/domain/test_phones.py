"""Phone numbers as people write and read them."""

import pytest

from watchbill.domain.errors import Invalid
from watchbill.domain.phones import number_of, spaced


@pytest.mark.parametrize("text", ["+33612345678", "+33 6 12 34 56 78", "+33-612-345-678", "tel:+33612345678"])
def test_a_number_is_kept_in_one_form(text: str) -> None:
    assert number_of(text) == "+33612345678"


@pytest.mark.parametrize("text", ["", "0612345678", "+33", "+33 6 12", "ann", "+" + "1" * 400, "+999 123456789"])
def test_what_is_no_number(text: str) -> None:
    with pytest.raises(Invalid, match="country code") as refused:
        number_of(text, "phone")
    assert refused.value.field == "phone"


def test_a_number_as_it_is_read_out() -> None:
    assert spaced("+33612345678") == "+33 6 12 34 56 78"
    assert spaced("ann@phone") == "ann@phone"
