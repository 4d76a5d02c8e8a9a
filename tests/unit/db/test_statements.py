"""SQL text stands in db/ and nowhere else."""

import ast
import re
from collections.abc import Iterator

import pytest

from db.statements import DB_DIR, statements

#: The rooms beside db/; tests and benchmarks look into tables as they like.
ROOMS = "api costs fleet ingest optimiser register simulators tracker trips"

#: How a statement, or a part of one, begins.
STATEMENT = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE \w+ SET|DELETE FROM|WITH \w+ AS|TRUNCATE|LOCK TABLE|SET LOCAL"
    r"|SET SESSION|CALL \w+ ?\(|CREATE (TABLE|INDEX|TEMP)|ALTER TABLE|DROP TABLE|COPY \w+)\b"
)


def texts(source: str) -> Iterator[str]:
    """Every text in a module, and the parts of those that are put together."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("room", ROOMS.split())
def test_a_room_holds_no_sql(room: str) -> None:
    files = sorted((DB_DIR.parent / room).rglob("*.py"))
    assert files
    assert [
        (str(file.relative_to(DB_DIR.parent)), text)
        for file in files
        for text in texts(file.read_text(encoding="utf-8"))
        if STATEMENT.match(text)
    ] == []


def test_a_statement_is_told_from_other_text() -> None:
    for text in ("SELECT 1", "\n  update x", "DELETE FROM trip", "SET LOCAL lock_timeout = '3s'"):
        assert bool(STATEMENT.match(text)) is text[0].isupper()


def statements_by_file() -> dict[str, set[str]]:
    """The names in each file of `db/queries`."""
    return {file.stem: set(statements(file.stem)) for file in (DB_DIR / "queries").glob("*.sql")}


def test_a_statement_that_a_module_asks_for_by_name_is_there() -> None:
    named = statements_by_file()
    missing = [
        (str(file.relative_to(DB_DIR.parent)), noun, name)
        for room in (*ROOMS.split(), "db", "tests", "benchmarks")
        for file in sorted((DB_DIR.parent / room).rglob("*.py"))
        for source in [file.read_text(encoding="utf-8")]
        for variable, noun in re.findall(r'^(\w+) = statements\("(\w+)"\)', source, re.MULTILINE)
        for name in re.findall(rf'(?<!\w){variable}\["(\w+)"\]', source)
        if name not in named[noun]
    ]
    assert missing == []
