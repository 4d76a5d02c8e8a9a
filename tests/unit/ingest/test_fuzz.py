"""No frame, body or upload, however wrong, gets more out of its reader than a refusal."""

import os

from ingest.protocols.teltonika.io_elements import load_elements
from tests.unit.ingest.fuzzing import fuzz

#: `benchmarks/ingest/fuzz.py` does a million.
FRAMES = int(os.environ.get("FLAADE_TEST_FUZZ_FRAMES", "20000"))


def test_mutated_frames_and_bodies_are_read_or_refused() -> None:
    outcomes = fuzz(FRAMES, seed=20_261_121, elements=load_elements()).outcomes
    # All of it must have been reached, or the mutations show nothing.
    assert outcomes.keys() == {
        *(
            "Login",
            "LoginRejected",
            "PacketWithoutPositions",
            "PacketRefused",
            "read",
            "unreadable",
        ),
        *("upload read", "upload refused"),
    }
    assert min(outcomes.values()) > FRAMES / 1_000


def test_the_same_seed_gives_the_same_mutations() -> None:
    first = fuzz(200, seed=7, elements=load_elements())
    assert first.outcomes == fuzz(200, seed=7, elements=load_elements()).outcomes
