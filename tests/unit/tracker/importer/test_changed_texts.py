"""The published plan is read as well when its text was changed in form only."""

from statistics import mean

import pytest

from benchmarks.tracker.reading import score_of_mutated
from tests.factories.plan_mutations import KINDS

#: The first seeds of each kind; `benchmarks.tracker.reading` takes 200.
SEEDS = range(3)


@pytest.mark.usefixtures("published_plan")
@pytest.mark.parametrize("kind", KINDS)
def test_texts_that_were_changed_in_form_only_are_read_nearly_whole(kind: str) -> None:
    scores = [score_of_mutated(kind, seed) for seed in SEEDS]
    assert mean(one.recall for one in scores) >= 0.99
    assert mean(one.precision for one in scores) >= 0.995
