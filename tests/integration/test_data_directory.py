"""A data directory that the embedded server cannot live in is refused with one sentence."""

from pathlib import Path

import pytest

from db import embedded
from db.embedded import EmbeddedServerError


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
