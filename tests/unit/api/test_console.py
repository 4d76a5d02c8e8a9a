"""What a person at the keyboard sees when a command does not get where it should."""

import io
import sys
from pathlib import Path

import pytest
from rich.table import Column

import api.commands
from api.console import (
    EXIT_EXPECTED,
    CommandError,
    counted,
    expected_errors,
    out,
    table_of,
)


def test_a_command_that_stops_on_its_way_is_one_line_and_an_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped, expected_errors():
        raise CommandError("no proposals after 300 s")
    assert stopped.value.code == EXIT_EXPECTED
    assert "Traceback" not in capsys.readouterr().err


class Narrow(io.StringIO):
    """A terminal of a few columns."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize("columns", [12, 30, 60, 200])
def test_on_a_narrow_terminal_a_table_goes_on_below_and_is_not_cut(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    screen = Narrow()
    monkeypatch.setattr(sys, "stdout", screen)
    name = "vej-og-park-lastbil-0042"
    table = table_of("device", Column("km", justify="right", no_wrap=True))
    table.add_row(name, "1234567890")
    out.print(table)
    lines = [line.split("│") for line in screen.getvalue().splitlines() if "│" in line]
    shown = ["".join(cells).replace(" ", "") for cells in zip(*lines, strict=True)]
    assert shown[1:3] == [name, "1234567890"]
    assert "…" not in screen.getvalue()


def test_to_a_file_a_sentence_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    out.print("word " * 100)
    assert isinstance(sys.stdout, io.StringIO)
    assert sys.stdout.getvalue().count("\n") == 1


def test_one_is_counted_as_one() -> None:
    assert counted(1, "key") == "1 key"
    assert [counted(count, "key") for count in (0, 2, 1234)] == ["0 keys", "2 keys", "1,234 keys"]
    assert counted(2, "fix", "fixes") == "2 fixes"


def test_every_command_shows_its_tables_whole() -> None:
    """They are made by `table_of`."""
    for path in Path(api.commands.__file__).parent.glob("*.py"):
        assert "Table(" not in path.read_text(encoding="utf-8"), path
