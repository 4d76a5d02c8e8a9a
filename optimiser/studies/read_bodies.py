"""Reads the stored bodies of rounds, each text once.

Every page of a round reads the same hundreds of bodies. What a text says never changes, so the body
of a text that was read before is not read again; where the database changed a body, it is another
text.
"""

from functools import lru_cache

import orjson

from optimiser.depot.decisions import Decision, read_decision
from optimiser.parts.part_plan import PartPlan, read_part_plan
from optimiser.studies.study import Study, read_study

#: The texts that are remembered: those of a few versions of a round of a large municipality.
DECISIONS_KEPT = 4_096
PARTS_KEPT = 256


@lru_cache(DECISIONS_KEPT)
def decision_of(text: str) -> Decision:
    """The decision in its stored text."""
    return read_decision(orjson.loads(text))


@lru_cache(PARTS_KEPT)
def part_plan_of(text: str) -> PartPlan:
    """The plan of a part in its stored text."""
    return read_part_plan(orjson.loads(text))


@lru_cache(PARTS_KEPT)
def study_of(text: str) -> Study:
    """The study of a part in its stored text."""
    return read_study(orjson.loads(text))
