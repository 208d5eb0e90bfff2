"""Phone numbers as people write and read them. Kept, they are in E.164: "+14115550120"."""

import phonenumbers

from watchbill.domain.errors import Invalid


def number_of(text: str, field: str | None = None) -> str:
    """A number with its country code, however it is written. Raises Invalid."""
    try:
        parsed = phonenumbers.parse(text, None)
    except phonenumbers.NumberParseException as error:
        message = f"'{text[:40]}' is not a phone number. Write it with its country code, such as '+33612345678'."
        raise Invalid(message, field) from error
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def spaced(number: str) -> str:
    """As it is read out in its country, with the country's code; as it is when it is no number."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
