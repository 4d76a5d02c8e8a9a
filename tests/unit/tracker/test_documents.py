"""Where the parts of a plan stand, and how milestones are found again, from files alone."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.factories.plan_files import PLAN, plan_files
from tracker.documents.matching import Answers, found_again, going_on, match
from tracker.documents.placing import placed
from tracker.importer.plan_file import Milestone, PlanFile, Resource


@pytest.mark.parametrize(
    "wrong", [{"line_to": 2**31}, {"page": 2**31}, {"page": 0}, {"id": "m" * 3_000}]
)
def test_a_milestone_that_the_database_could_not_store_is_none(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Milestone.model_validate(PLAN.milestones[0].model_dump() | wrong)


def test_work_without_end_is_no_resource() -> None:
    with pytest.raises(ValidationError):
        Resource.model_validate_json('{"centre": null, "aarsvaerk": Infinity}')


@given(plan_files())
def test_every_part_of_a_file_has_one_place(plan: PlanFile) -> None:
    parts = placed(plan)
    assert [one.milestone for one in parts.milestones] == list(plan.milestones)
    assert [one.written for one in parts.programmes if one.written] == list(plan.programmes)
    assert len(parts.initiatives) == len(plan.initiatives)
    made_up = [one.name for one in parts.programmes if one.written is None]
    assert len(set(made_up)) == len(made_up)
    for one in parts.milestones:
        if one.initiative is not None:
            assert parts.initiatives[one.initiative].programme == one.programme


@given(plan_files(), st.randoms())
def test_a_plan_is_found_again_in_any_order_and_no_milestone_twice(
    plan: PlanFile, random: Random
) -> None:
    later = [one.model_copy(update={"id": f"x{one.id}"}) for one in plan.milestones]
    random.shuffle(later)
    found = match(plan.milestones, later)
    assert (found.new, found.gone) == ([], [])
    assert sorted(found.later.values()) == sorted(one.id for one in later)


@examples(max_examples=40, deadline=None)
@given(plan_files(), plan_files())
def test_what_is_not_found_is_new_or_gone(earlier: PlanFile, later: PlanFile) -> None:
    found = match(earlier.milestones, later.milestones)
    assert len(found.later) + len(found.gone) == len(earlier.milestones)
    assert len(found.later) + len(found.new) == len(later.milestones)
    assert len(set(found.later.values())) == len(found.later)


def test_case_and_signs_do_not_make_another_milestone_and_other_words_do() -> None:
    first, second, *_ = PLAN.milestones
    shouted = first.model_copy(update={"id": "a", "text": "STANDERE  VALGT."})
    reworded = second.model_copy(update={"id": "b", "text": "Standere er sat op"})
    found = match([first, second], [shouted, reworded])
    assert (found.later, found.new, found.gone) == ({"m001": "a"}, ["b"], ["m002"])


def test_words_that_were_corrected_in_their_place_are_the_same_milestone() -> None:
    long = "Ladestandere til rådhusets køretøjer er udbudt, og en leverandør er valgt"
    first = PLAN.milestones[0].model_copy(update={"text": long})
    plan = PLAN.model_copy(update={"milestones": (first, *PLAN.milestones[1:])})

    def corrected(text: str) -> PlanFile:
        reworded = first.model_copy(update={"id": "x", "text": text})
        return plan.model_copy(update={"milestones": (reworded, *plan.milestones[1:])})

    like = corrected(long.replace("køretøjer", "elbiler"))
    found = found_again(plan, like)
    assert (found.later["m001"], found.asked) == ("x", ())
    # One that is gone comes back with its own words only.
    assert "m001" not in found_again(plan, like, ["m001"]).later
    # Of what is less like it, a person is asked.
    doubtful = found_again(plan, corrected("En leverandør af ladestandere er valgt i år"))
    assert "m001" not in doubtful.later
    (asked,) = doubtful.asked
    assert (asked.milestone.id, [old.id for old in asked.candidates]) == ("x", ["m001"])
    other = corrected("En leverandør af ladestandere er valgt i år")
    same = found_again(plan, other, answers=Answers(same={"x": "m001"}))
    assert (same.later["m001"], same.asked) == ("x", ())
    for answers in (Answers(new=["x"]), Answers(rest_is_new=True)):
        another = found_again(plan, other, answers=answers)
        assert ("m001" in another.later, another.asked) == (False, ())


@examples(max_examples=40, deadline=None)
@given(plan_files(), plan_files())
def test_no_milestone_is_found_again_twice_nor_asked_about_when_it_is_found(
    earlier: PlanFile, later: PlanFile
) -> None:
    found = found_again(earlier, later)
    assert len(set(found.later.values())) == len(found.later)
    assert set(match(earlier.milestones, later.milestones).later.items()) <= set(
        found.later.items()
    )
    for one in found.asked:
        assert one.milestone.id not in found.later.values()
        assert not any(old.id in found.later for old in one.candidates)


def test_what_surely_goes_on_follows_that_of_the_year_before() -> None:
    following = PLAN.model_copy(
        update={
            "year": 2027,
            "milestones": tuple(
                one.model_copy(update={"id": f"n{one.id}", "parent": None, "year": 2027})
                for one in PLAN.milestones
            ),
            "strands": (),
        }
    )
    found = going_on(PLAN, following)
    assert found.asked == ()
    assert found.earlier == {f"n{one.id}": one.id for one in PLAN.milestones}
