"""The log is a line for each thing, whoever says it, and of an error its kind and place."""

import gc
import io
import logging
import sys
import threading
import warnings

import pytest
import structlog
from prometheus_client import CollectorRegistry

from api.log_lines.library_lines import PAUSE_MAX_S, PAUSE_S, LibraryErrors, LibraryLines
from api.log_lines.set_up import set_up_logs
from api.supervisor import PartName

#: Loggers of what we run on, and of Python.
LIBRARIES = (
    *("procrastinate.worker.worker", "psycopg.pool", "asyncpg.pool", "aiohttp.client", "asyncio"),
    *("nats.aio.client", "concurrent.futures", "uvloop"),
)

SAID = "Karen Blixen\nlat 55.77"


def raised() -> Exception:
    """An error of a library that quotes what somebody sent, with one behind it."""
    try:
        try:
            int(SAID)
        except ValueError as error:
            raise ConnectionError(SAID) from error
    except ConnectionError as error:
        return error
    raise AssertionError("it is a number")


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


def test_of_an_error_of_ours_its_kind_and_place_are_logged_and_not_what_it_says(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """It may quote what somebody sent: a name in a form, a position in a row."""
    set_up_logs(logging.INFO)
    try:
        raise ExceptionGroup(SAID, [RuntimeError(SAID)]) from raised()  # noqa: TRY301
    except ExceptionGroup:
        structlog.get_logger("page").exception("page failed", path="/logs")
    [line] = capsys.readouterr().err.splitlines()
    for kind in ("kind='RuntimeError'", "ConnectionError at test_log_lines.py", "ValueError at"):
        assert kind in line
    assert "Karen" not in line


@pytest.mark.parametrize("library", LIBRARIES)
def test_what_a_library_says_of_an_error_is_one_line_with_kind_and_place(
    library: str, capsys: pytest.CaptureFixture[str]
) -> None:
    set_up_logs(logging.INFO)
    error = raised()
    logger = logging.getLogger(library)
    logger.error(f"deferrer error: {error!r}", exc_info=error)
    logger.warning("error connecting in %r: %s", "pool-1", error)
    logger.warning("Task was destroyed but it is pending!\ntask: <Task>")
    by_error, by_text, plain = capsys.readouterr().err.splitlines()
    assert "event='deferrer error: ConnectionError'" in by_error
    assert '''event="error connecting in 'pool-1': ConnectionError"''' in by_text
    for line in (by_error, by_text):
        assert f"library='{library}' kind='ConnectionError' at='test_log_lines.py:" in line
        assert "behind=['ValueError at test_log_lines.py:" in line
        assert "Traceback" not in line
        assert "Karen" not in line
    assert plain.endswith(f"event='Task was destroyed but it is pending!' library='{library}'")


def test_what_a_library_repeats_is_said_once_and_then_with_its_number(
    capsys: pytest.CaptureFixture[str],
) -> None:
    now_s = [0.0]
    handler = LibraryLines(lambda: now_s[0])
    logger = logging.Logger("psycopg.pool")
    logger.addHandler(handler)
    set_up_logs(logging.INFO)

    def said() -> list[str]:
        return capsys.readouterr().err.splitlines()

    def each_second(seconds: float) -> None:
        ends_s = now_s[0] + seconds
        while now_s[0] < ends_s:
            logger.warning("error connecting in %r: %s", "pool-1", error)
            now_s[0] += 1

    error = raised()
    each_second(PAUSE_S)
    [first] = said()
    assert "times=" not in first
    each_second(1)
    [second] = said()
    assert f"times={PAUSE_S:.0f}" in second
    each_second(10 * PAUSE_MAX_S)
    assert len(said()) < 20
    logger.warning("another thing")  # is not held back by the first one
    assert len(said()) == 1
    now_s[0] += 3 * PAUSE_MAX_S  # quiet for long: it is new again
    each_second(2 * PAUSE_S)
    assert len(said()) == 2
    each_second(5)
    handler.close()
    assert [line.rpartition(" times=")[2].split()[0] for line in said()] == ["64"]


def test_what_a_library_says_is_counted_each_time(capsys: pytest.CaptureFixture[str]) -> None:
    registry = CollectorRegistry()
    counting = LibraryErrors(registry)
    set_up_logs(logging.INFO)
    logging.getLogger().addHandler(counting)
    try:
        for _ in range(7):
            logging.getLogger("procrastinate.utils").error("failed", exc_info=raised())
        logging.getLogger("procrastinate.utils").info("a job was done")
    finally:
        logging.getLogger().removeHandler(counting)
    labels = {"library": "procrastinate", "level": "error", "kind": "ConnectionError"}
    assert registry.get_sample_value("flaade_library_errors_total", labels) == 7
    assert len(capsys.readouterr().err.splitlines()) == 1


@pytest.mark.filterwarnings("default::UserWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_thread_that_fails_a_warning_and_what_cannot_be_raised_are_lines_too(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail() -> None:
        raise ConnectionError(SAID)

    class Ends:
        def __del__(self) -> None:
            raise ConnectionError(SAID)

    set_up_logs(logging.INFO)
    thread = threading.Thread(target=fail, name="paho-mqtt")
    thread.start()
    thread.join()
    Ends()
    gc.collect()
    warnings.warn("a library will change", UserWarning, stacklevel=1)
    failed, unraisable, warned = capsys.readouterr().err.splitlines()
    assert "a thread failed: paho-mqtt" in failed
    assert "an error that cannot be raised" in unraisable
    for line in (failed, unraisable):
        assert "library='python' kind='ConnectionError' at='test_log_lines.py:" in line
        assert "Karen" not in line
    assert "a library will change" in warned
