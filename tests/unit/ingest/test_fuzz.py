"""No frame and no body, however wrong, gets more out of a decoder than a refusal."""

import os
from collections import Counter

from ingest.protocols.teltonika.elements import load_elements
from tests.unit.ingest.fuzzing import fuzz

#: `benchmarks/ingest/fuzz.py` does a million.
FRAMES = int(os.environ.get("FLAADE_TEST_FUZZ_FRAMES", "20000"))


def test_mutated_frames_and_bodies_are_read_or_refused() -> None:
    outcomes = fuzz(FRAMES, seed=20_261_121, elements=load_elements())
    # All of it must have been reached, or the mutations show nothing.
    assert outcomes.keys() == {"Login", "Command", "Refused", "read", "unreadable"}
    assert min(outcomes.values()) > FRAMES / 100


def test_the_same_seed_gives_the_same_mutations() -> None:
    first: Counter[str] = fuzz(200, seed=7, elements=load_elements())
    assert first == fuzz(200, seed=7, elements=load_elements())
