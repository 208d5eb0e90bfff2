"""The house's sizes: files to 400 lines, functions to 50, no import hidden in a function."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(path for path in (ROOT / "watchbill").rglob("*.py") if "migrations" not in path.parts)
ROOMS = {"domain", "usecases", "store", "channels", "intake", "api", "web", "engine", "asgi", "cli", "wiring"}

MOST_LINES = 400
MOST_IN_FUNCTION = 50

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    """Lines without the docstring."""
    body = function.body
    doc = body[0] if ast.get_docstring(function) is not None else None
    said = (doc.end_lineno or doc.lineno) - doc.lineno + 1 if doc is not None else 0
    return (function.end_lineno or function.lineno) - function.lineno + 1 - said


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_keeps_to_the_sizes(path: Path) -> None:
    assert path.read_text("utf-8").count("\n") <= MOST_LINES
    for function in functions(path):
        where = f"{path.name}:{function.lineno} {function.name}"
        assert length(function) <= MOST_IN_FUNCTION, where
        assert not any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.walk(function)), where


def test_every_folder_is_a_known_room() -> None:
    folders = {path.name for path in (ROOT / "watchbill").iterdir() if path.is_dir() and path.name != "__pycache__"}
    assert folders <= ROOMS
