"""Trackintel and movingpandas in an environment of their own, and the trips that they find."""

import json
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path

REQUIREMENTS = ("trackintel==1.4.2", "movingpandas==0.23", "pyarrow")
WORKER = Path(__file__).with_name("peer_worker.py")
INSTALL_S_MAX = 900
RUN_S_MAX = 1800


class PeersError(RuntimeError):
    """The peers cannot be measured here. The message says why."""


@dataclass(frozen=True)
class PeerRun:
    """The trips that a library found in a file, and its processor seconds."""

    seconds: float
    positions: int
    spans: dict[str, list[tuple[float, float]]]


def peer_python() -> Path:
    """The interpreter of the peers' environment, which the first call creates in some minutes.

    Raises:
        PeersError: the environment cannot be created.
    """
    home = user_cache_path("flaadestyring") / "benchmark-peers"
    python, done = home / "bin" / "python", home / "installed"
    wanted = "\n".join(REQUIREMENTS)
    if done.is_file() and done.read_text() == wanted:
        return python
    print(f"making an environment for {', '.join(REQUIREMENTS)} …", file=sys.stderr, flush=True)
    venv.create(home, with_pip=True, clear=True)
    try:
        subprocess.run(
            [str(python), "-m", "pip", "install", "--quiet", *REQUIREMENTS],
            check=True,
            capture_output=True,
            text=True,
            timeout=INSTALL_S_MAX,
        )
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().splitlines()[-1:]
        raise PeersError(f"pip cannot install the peers: {' '.join(last)}") from None
    except subprocess.TimeoutExpired:
        raise PeersError(f"pip did not finish in {INSTALL_S_MAX} s") from None
    done.write_text(wanted)
    return python


def run_peer(library: str, positions: Path) -> PeerRun:
    """The trips that `library` finds in a file of positions by the rule 100 m, 5 minutes.

    Raises:
        PeersError: the library cannot be installed, or failed on the file.
    """
    command = [str(peer_python()), str(WORKER), library, str(positions)]
    try:
        done = subprocess.run(
            command, check=True, capture_output=True, text=True, timeout=RUN_S_MAX
        )
    except subprocess.CalledProcessError as error:
        last = error.stderr.strip().splitlines()[-1:]
        raise PeersError(f"{library} failed: {' '.join(last)}") from None
    except subprocess.TimeoutExpired:
        raise PeersError(f"{library} did not finish in {RUN_S_MAX} s") from None
    answer = json.loads(done.stdout.splitlines()[-1])
    spans = {d: [(a, b) for a, b in rows] for d, rows in answer["spans"].items()}
    return PeerRun(answer["seconds"], answer["positions"], spans)
