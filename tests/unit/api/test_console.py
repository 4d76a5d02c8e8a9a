"""What a person at the keyboard sees when a command does not get where it should."""

import io
import logging
import sys

import pytest
import structlog

from api.console import EXIT_EXPECTED, CommandError, expected_errors, set_up_logs
from api.supervisor import PartName


def test_a_command_that_stops_on_its_way_is_one_line_and_an_exit_code(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as stopped, expected_errors():
        raise CommandError("no proposals after 300 s")
    assert stopped.value.code == EXIT_EXPECTED
    assert "Traceback" not in capsys.readouterr().err


def test_a_log_that_cannot_be_written_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.StringIO):
        def write(self, _: str) -> int:
            raise OSError(28, "No space left on device")

    gone = io.StringIO()
    gone.close()
    for stderr in (Full(), gone):
        monkeypatch.setattr(sys, "stderr", stderr)
        set_up_logs(logging.INFO)
        structlog.get_logger().warning("mqtt session ended", pause_s=1)


def test_a_part_is_logged_by_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    set_up_logs(logging.INFO)
    structlog.get_logger().error("a part failed", part=PartName.DATABASE, others=[PartName.JOBS])
    assert capsys.readouterr().err.rstrip().endswith("part='database' others=['jobs']")
