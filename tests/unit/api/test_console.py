"""What a person at the keyboard sees when a command does not get where it should."""

import io
import logging
import sys

import pytest
import structlog

from api.console import EXIT_EXPECTED, CommandError, FramesOnly, expected_errors, set_up_logs
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


@pytest.mark.parametrize("said", ["Karen Blixen"])
def test_of_an_error_its_kind_and_place_are_logged_and_not_what_it_says(
    capsys: pytest.CaptureFixture[str], said: str
) -> None:
    """It may quote what somebody sent: a name in a form, a position in a row."""

    def fail() -> None:
        try:
            int(said)
        except ValueError as error:
            raise ExceptionGroup(said, [RuntimeError(said)]) from error

    set_up_logs(logging.INFO)
    told = ""
    try:
        fail()
    except ExceptionGroup as error:
        structlog.get_logger("page").exception("page failed", path="/logs")
        given = (type(error), error, error.__traceback__)
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "job failed", None, given)
        line = FramesOnly().format(record)
        assert "\n" not in line
        told = line + capsys.readouterr().err
    for kind in ("ValueError", "ExceptionGroup", "RuntimeError", "test_console.py"):
        assert told.count(kind) >= 2, kind
    assert said not in told


@pytest.mark.parametrize("pool", ["psycopg.pool", "asyncpg.pool"])
def test_every_try_to_connect_is_no_line(pool: str) -> None:
    set_up_logs(logging.INFO)
    assert not logging.getLogger(pool).isEnabledFor(logging.ERROR)
