"""The templates of the web; apart from the rest, for to load their engine takes a while."""

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from watchbill.web.rendering import static

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.globals["static"] = static
