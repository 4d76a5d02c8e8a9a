"""The command `flaade` as a process of its own, and what it says."""

import os
import subprocess
import sys
from pathlib import Path

#: The command of the environment that the tests run in.
FLAADE = Path(sys.executable).parent / "flaade"


def flaade(*arguments: str | Path, cwd: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FLAADE_")}
    return subprocess.run(
        [FLAADE, *map(str, arguments)],
        cwd=cwd,
        env={**kept, "FLAADE_DATA_DIR": str(cwd / "data"), "COLUMNS": "200", **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def refused(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It ended with code 2 and one line on stderr that has these words, maybe after notes on how a
    file was read."""
    assert done.returncode == 2, done.stderr
    [line] = [one for one in done.stderr.strip().splitlines() if "columns are parted" not in one]
    assert all(word in line for word in words), line
