"""A data directory, a file or a setting that cannot be used is one sentence and exit code 2."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import asyncpg
import psutil
import pytest

from db import embedded
from db.embedded import EmbeddedServerError
from tests.factories.command import own_environment, run_command

REPOSITORY = Path(__file__).resolve().parents[3]


def foreign(directory: Path) -> None:
    (directory / "postgres").mkdir(parents=True)
    (directory / "postgres" / "letters.txt").write_text("Dear all")


def of_somebody_else(directory: Path) -> None:
    directory.mkdir()
    (directory / "pilot").mkdir()
    for name in ("letters.txt", "photo.jpg", "notes.txt", "taxes.xlsx"):
        (directory / name).write_text("Dear all")


def of_another_version(directory: Path) -> None:
    (directory / "postgres").mkdir(parents=True)
    (directory / "postgres" / "PG_VERSION").write_text("13\n")


def a_file(directory: Path) -> None:
    directory.write_text("")


def below_a_file(directory: Path) -> None:
    directory.mkdir()
    (directory / "postgres").write_text("")


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (foreign, "not a data directory"),
        (of_somebody_else, r"data holds other files \(letters.txt, notes.txt, photo.jpg, …\)"),
        (of_another_version, "was made by PostgreSQL '13'"),
        (a_file, "cannot be used"),
        (below_a_file, "cannot be used"),
    ],
)
def test_a_data_directory_that_the_server_cannot_live_in_is_refused(
    spoil: object, told: str, tmp_path: Path
) -> None:
    assert callable(spoil)
    spoil(tmp_path / "data")
    for _ in range(2):
        with pytest.raises(EmbeddedServerError, match=told):
            embedded.start(tmp_path / "data")
    assert not [*tmp_path.rglob("*.unfinished")]
    assert (spoil is not foreign) or (tmp_path / "data" / "postgres" / "letters.txt").is_file()
    if spoil is of_somebody_else:
        assert not (tmp_path / "data" / "postgres").exists()


def beside(directory: Path) -> None:
    """What a disk of its own, and the demo with a database elsewhere, leave in a directory."""
    (directory / "lost+found").mkdir(parents=True)
    (directory / "pilot").mkdir()


def own_with_more(directory: Path) -> None:
    """A directory that was ours before people put their files into it."""
    embedded.start(directory).stop()
    (directory / "serve.log").write_text("served\n")
    (directory / "letters.txt").write_text("Dear all")


def of_a_demo_elsewhere(directory: Path) -> None:
    (directory / "pilot").mkdir(parents=True)
    (directory / "pilot" / "replay.json").write_text("{}")
    (directory / "serve.log").write_text("served\n")


@pytest.mark.parametrize(
    "found", [lambda _: None, Path.mkdir, beside, own_with_more, of_a_demo_elsewhere]
)
def test_a_directory_that_is_new_empty_or_our_own_is_taken(
    found: Callable[[Path], object], tmp_path: Path
) -> None:
    found(tmp_path / "data")
    server = embedded.start(tmp_path / "data")
    try:
        assert asyncio.run(answer(server.url)) == 1
    finally:
        server.stop()


async def answer(url: str) -> int:
    connection = await asyncpg.connect(url)
    one = await connection.fetchval("SELECT 1")
    await connection.close()
    return one


@pytest.mark.parametrize("wait_s", [0.0, 0.2, 1.0])
def test_a_directory_that_a_killed_start_left_half_made_is_made_anew(
    wait_s: float, tmp_path: Path
) -> None:
    begin = "import sys; from pathlib import Path; from db.embedded import start;"
    begin += " start(Path(sys.argv[1]))"
    making = subprocess.Popen([sys.executable, "-c", begin, str(tmp_path)], cwd=REPOSITORY)
    note, directory = tmp_path / "postgres.unfinished", tmp_path / "postgres"
    while not (directory.is_dir() and any(directory.iterdir())):
        assert making.poll() is None
        time.sleep(0.01)
    time.sleep(wait_s)
    if wait_s < 1.0:  # by then it may have come to its end
        assert note.is_file()
    for child in psutil.Process(making.pid).children(recursive=True):
        child.kill()
    making.kill()
    making.wait()
    server = embedded.start(tmp_path)
    try:
        assert not note.exists()
        assert asyncio.run(answer(server.url)) == 1
    finally:
        server.stop()


def test_a_server_whose_maker_was_killed_right_after_is_joined(tmp_path: Path) -> None:
    server = embedded.start(tmp_path)
    note = tmp_path / "postgres.unfinished"
    note.write_text("The database beside this file is being made.\n")
    try:
        embedded.start(tmp_path)
        assert not note.exists()
        assert asyncio.run(answer(server.url)) == 1
    finally:
        server.stop()


@pytest.mark.parametrize("text", ["", "-4711\n", "4711 x\n", "\x00" * 40])
def test_a_lock_file_that_names_no_server_is_in_nobodys_way(text: str, tmp_path: Path) -> None:
    embedded.start(tmp_path).stop()
    (tmp_path / "postgres" / "postmaster.pid").write_text(text)
    embedded.start(tmp_path).stop()


def run(tmp_path: Path, *arguments: str, **env: str) -> str:
    done = run_command(*arguments, env=own_environment() | {"COLUMNS": "300"} | env, cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("flaade: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_commands_say_so_in_one_line(tmp_path: Path) -> None:
    of_somebody_else(tmp_path / "papers")
    for command in (["serve"], ["demo", "--once"], ["device", "keys"], ["migrate"]):
        said = run(tmp_path, *command, FLAADE_DATA_DIR="papers")
        assert "papers holds other files" in said
        assert "FLAADE_DATA_DIR" in said
    # The demo writes its pilot there, also where the database is elsewhere.
    away = {"FLAADE_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    assert "papers holds" in run(tmp_path, "demo", "--once", FLAADE_DATA_DIR="papers", **away)
    foreign(tmp_path / "flaade-data")
    for command in (["serve"], ["demo", "--once"], ["device", "keys"], ["migrate"]):
        assert "not a data directory" in run(tmp_path, *command)
    (tmp_path / "bad.toml").write_bytes(b"port = \xff\n")
    assert "bad.toml" in run(tmp_path, "settings", FLAADE_CONFIG="bad.toml")
    assert "cannot be reached" in run(
        tmp_path, "device", "keys", FLAADE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"
    )
