"""Loads the named SQL statements of `queries/<noun>.sql`: a line `-- name: <name>` begins each."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

DB_DIR = Path(__file__).parent
_MARK = "-- name: "


def schema_text() -> str:
    """The text of `schema.sql`."""
    return (DB_DIR / "schema.sql").read_text(encoding="utf-8")


@cache
def statements(noun: str) -> Mapping[str, str]:
    """The statements of `queries/<noun>.sql` by name; an unknown name is a KeyError."""
    text = (DB_DIR / "queries" / f"{noun}.sql").read_text(encoding="utf-8")
    named: dict[str, str] = {}
    for part in text.split(_MARK)[1:]:
        name, _, statement = part.partition("\n")
        if name.strip() in named:
            raise ValueError(f"queries/{noun}.sql: two statements are named {name.strip()}")
        named[name.strip()] = statement.strip()
    return MappingProxyType(named)
