"""What a person at the keyboard sees when a command does not get where it should."""

import pytest

from api.console import EXIT_EXPECTED, CommandError, expected_errors


def test_a_command_that_stops_on_its_way_is_one_line_and_an_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped, expected_errors():
        raise CommandError("no proposals after 300 s")
    assert stopped.value.code == EXIT_EXPECTED
    assert "Traceback" not in capsys.readouterr().err
