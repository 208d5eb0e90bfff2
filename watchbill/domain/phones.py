"""Phone numbers as people write and read them. Kept, they are in E.164: "+14115550120"."""

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


def spaced(number: str) -> str:
    """As it is read out in its country, with the country's code; as it is when it is no number."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
