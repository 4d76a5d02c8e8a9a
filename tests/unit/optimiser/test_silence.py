"""The standard output is for answers: the solver prints nothing there, nor when a process ends."""

import subprocess
import sys
from pathlib import Path

SOLVE = """
import os
from optimiser.bounds.highs import MixedIntegerModel
os.write(1, b"before\\n")
model = MixedIntegerModel()
model.add_column(cost=1.0)
model.solve(seconds_max=1, gap=0.0, seed=1, stop=lambda _: False)
print("after")
"""


def test_a_process_that_solves_prints_nothing_of_its_solver() -> None:
    done = subprocess.run(
        [sys.executable, "-c", SOLVE],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[3],
    )
    assert done.stdout == "before\nafter\n"
    assert done.stderr == ""
