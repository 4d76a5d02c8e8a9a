"""What an act writes into the audit log has a word on its page."""

import ast
from collections.abc import Iterator
from pathlib import Path

from api.pages.audit.labels import SUBJECT_NAMES, VALUE_NAMES

ROOT = Path(__file__).resolve().parents[3]

#: The rooms with acts.
ROOMS = (
    *("access", "costs", "db/audit", "ingest", "optimiser", "register", "reports", "tracker"),
    "trips",
)

#: The calls that write an entry, and the names that their details have there.
WRITERS = frozenset({"record", "record_change", "_record"})
DETAILS = frozenset({"detail", "content", "held", "shown", "was", "key"})

#: Names that the page does not tell: that something was removed is the act itself.
SILENT = frozenset({"removed"})


def names_written() -> Iterator[tuple[str, str]]:
    """Each name in a literal that is a detail, with its module."""
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            for function in ast.walk(tree):
                if not isinstance(function, ast.AsyncFunctionDef):
                    continue
                called = {
                    call.func.id
                    for call in ast.walk(function)
                    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name)
                }
                if called & WRITERS:
                    yield from ((path.name, name) for name in literal_names(function))


def literal_names(function: ast.AsyncFunctionDef) -> Iterator[str]:
    for node in ast.walk(function):
        given: ast.expr | None = None
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            given = node.value if node.targets[0].id in DETAILS else None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            given = node.args[-1] if node.func.id in WRITERS and node.args else None
        if isinstance(given, ast.Dict):
            for key in given.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value


def test_every_name_that_an_act_writes_has_a_word() -> None:
    written = set(names_written())
    assert ("decisions.py", "verdict") in written
    assert ("private_periods.py", "duty") in written
    known = VALUE_NAMES.keys() | {name for names in SUBJECT_NAMES.values() for name in names}
    assert {(path, name) for path, name in written if name not in known | SILENT} == set()
