"""A data directory, a file or a setting that cannot be used is one sentence and exit code 2."""

import os
import subprocess
from pathlib import Path

import pytest

from db import embedded
from db.embedded import EmbeddedServerError
from tests.integration.test_durability import FLAADE


def foreign(directory: Path) -> None:
    (directory / "postgres").mkdir(parents=True)
    (directory / "postgres" / "letters.txt").write_text("Dear all")


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
    with pytest.raises(EmbeddedServerError, match=told):
        embedded.start(tmp_path / "data")


def run(tmp_path: Path, *arguments: str, **env: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}
    done = subprocess.run(
        [FLAADE, *arguments],
        env=kept | {"COLUMNS": "300"} | env,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.startswith("flaade: ")
    assert done.stderr.count("\n") == 1
    return done.stderr


def test_commands_say_so_in_one_line(tmp_path: Path) -> None:
    foreign(tmp_path / "flaade-data")
    for command in (["serve"], ["demo", "--once"], ["device", "keys"], ["migrate"]):
        assert "not a data directory" in run(tmp_path, *command)
    (tmp_path / "bad.toml").write_bytes(b"port = \xff\n")
    assert "bad.toml" in run(tmp_path, "settings", FLAADE_CONFIG="bad.toml")
    assert "cannot be reached" in run(
        tmp_path, "device", "keys", FLAADE_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none"
    )
