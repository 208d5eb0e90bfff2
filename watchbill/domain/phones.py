"""Phone numbers as people write and read them. Kept, they are in E.164: "+14115550120"."""

from functools import lru_cache

import phonenumbers

from watchbill.domain.errors import Invalid

EXAMPLE = "Write it with its country code, such as '+33612345678'."


def number_of(text: str, field: str | None = None) -> str:
    """A number with its country code, however it is written. Raises Invalid."""
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        raise Invalid(f"'{text[:40]}' is not a phone number. {EXAMPLE}", field) from error
    if not phonenumbers.is_possible_number(parsed):
        raise Invalid(f"'{text[:40]}' is too short or too long for a phone number of its country. {EXAMPLE}", field)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@lru_cache(maxsize=65_536)
def flaw(number: str) -> str | None:
    """What keeps a number from being kept as it is, in a sentence."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return f"'{number}' is not a phone number. {EXAMPLE}"
    written = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    if not phonenumbers.is_possible_number(parsed):
        return f"'{number}' is too short or too long for a phone number of its country. Check its digits."
    return None if written == number else f"'{number}' is not in the international form. Write '{written}'."


def spaced(number: str) -> str:
    """As it is read out in its country, with the country's code; as it is when it is no number."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
