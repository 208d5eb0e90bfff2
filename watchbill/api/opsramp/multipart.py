"""Bodies of the kind multipart/form-data: small fields, and a file."""

from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from watchbill.asgi.requests import Request
from watchbill.domain.errors import Invalid

MOST_PARTS = 20


@dataclass(slots=True)
class Part:
    """`filename` is "" for a plain field."""

    name: str = ""
    filename: str = ""
    content: bytearray = field(default_factory=bytearray)


@dataclass(slots=True)
class _Form:
    parts: list[Part] = field(default_factory=list)
    header: bytearray = field(default_factory=bytearray)
    value: bytearray = field(default_factory=bytearray)

    def begin(self) -> None:
        if len(self.parts) == MOST_PARTS:
            raise Invalid(f"The form has more than {MOST_PARTS} parts")
        self.parts.append(Part())

    def header_end(self) -> None:
        if self.header.lower() == b"content-disposition":
            _, options = parse_options_header(bytes(self.value))
            self.parts[-1].name = options.get(b"name", b"").decode("utf-8", "replace")
            self.parts[-1].filename = options.get(b"filename", b"").decode("utf-8", "replace")
        self.header.clear()
        self.value.clear()


def parts_of(request: Request) -> dict[str, Part]:
    """The parts by name, the last of several. Raises Invalid."""
    kind, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise Invalid("A multipart/form-data body with a boundary is needed")
    form = _Form()
    parser = MultipartParser(
        boundary,
        {
            "on_part_begin": form.begin,
            "on_header_field": lambda data, start, end: form.header.extend(data[start:end]),
            "on_header_value": lambda data, start, end: form.value.extend(data[start:end]),
            "on_header_end": form.header_end,
            "on_part_data": lambda data, start, end: form.parts[-1].content.extend(data[start:end]),
        },
    )
    try:
        parser.write(request.body)
        parser.finalize()
    except FormParserError as error:
        raise Invalid(f"The body is no multipart/form-data: {error}") from error
    return {part.name: part for part in form.parts}
