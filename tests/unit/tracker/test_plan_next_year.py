"""Next year's plan holds 60 known changes, and a comparison of two plans is scored on them."""

from collections import Counter

import pytest

from tests.factories.plan_blocks import published_document
from tests.factories.plan_file import ChangeFile, MilestoneFile, PlanFile, plan_file
from tests.factories.plan_generated import generated_document
from tests.factories.plan_next_year import (
    COUNTS,
    Change,
    NextYear,
    halves,
    lightly,
    next_year,
    score_diff,
    strongly,
)


@pytest.fixture(scope="module", params=["generated", "published"])
def plan(request: pytest.FixtureRequest) -> PlanFile:
    if request.param == "generated":
        return plan_file(generated_document(4), 2031)
    request.getfixturevalue("published_plan")  # skips without it
    return plan_file(published_document(), 2025)


@pytest.fixture(scope="module")
def made(plan: PlanFile) -> NextYear:
    return next_year(plan, 1)


def by_id(plan: PlanFile) -> dict[str, MilestoneFile]:
    return {one["id"]: one for one in plan["milestones"]}


def sides(
    plan: PlanFile, made: NextYear, kind: str
) -> list[tuple[list[MilestoneFile], list[MilestoneFile]]]:
    old, new = by_id(plan), by_id(made.plan)
    return [
        ([old[name] for name in one.old], [new[name] for name in one.new])
        for one in made.changes
        if one.made == kind
    ]


def place(one: MilestoneFile) -> tuple[object, ...]:
    return one["section"], one["quarter_from"], one["quarter_to"], one["level"]


def test_sixty_changes_are_made_and_all_else_goes_on(plan: PlanFile, made: NextYear) -> None:
    counts = Counter(one.made for one in made.changes)
    rest = counts.pop("goes_on")
    assert counts == COUNTS
    assert sum(COUNTS.values()) == 60
    assert rest == len(plan["milestones"]) - sum(
        COUNTS[kind] * (2 if kind == "merged" else 1) for kind in COUNTS if kind != "new"
    )


def test_each_milestone_of_both_plans_is_of_one_change(plan: PlanFile, made: NextYear) -> None:
    old = Counter(name for one in made.changes for name in one.old)
    new = Counter(name for one in made.changes for name in one.new)
    assert old == Counter(by_id(plan).keys())
    assert new == Counter(by_id(made.plan).keys())
    assert not by_id(plan).keys() & by_id(made.plan).keys()


def test_the_same_seed_gives_the_same_plan_and_leaves_the_old_one(plan: PlanFile) -> None:
    before = [dict(one) for one in plan["milestones"]]
    assert next_year(plan, 1) == next_year(plan, 1)
    assert next_year(plan, 1) != next_year(plan, 2)
    assert [dict(one) for one in plan["milestones"]] == before


def test_each_change_is_what_its_kind_says(plan: PlanFile, made: NextYear) -> None:
    for [one], [now] in sides(plan, made, "goes_on"):
        assert (one["text"], place(one)) == (now["text"], place(now))
        assert now["year"] == one["year"] + 1
    for [one], [now] in sides(plan, made, "moved quarter"):
        assert (one["text"], one["section"]) == (now["text"], now["section"])
        assert one["quarter_from"] != now["quarter_from"]
        assert (now["quarter_as_written"] or "")[:1] == str(now["quarter_from"])
    for [one], [now] in sides(plan, made, "moved section"):
        assert (one["text"], place(one)[1:]) == (now["text"], place(now)[1:])
        assert one["section"] != now["section"]
    for kind, least, most in (("reworded lightly", 0.6, 1.0), ("reworded strongly", 0.1, 0.6)):
        for [one], [now] in sides(plan, made, kind):
            assert place(one) == place(now)
            words, other = set(one["text"].split()), set(now["text"].split())
            assert least < len(words & other) / len(words | other) < most
    for [one], [now, other] in sides(plan, made, "split"):
        assert place(one) == place(now) == place(other)
        assert len(set(now["text"].split()) & set(one["text"].split())) >= 2
    for [one, other], [now] in sides(plan, made, "merged"):
        assert place(one) == place(other) == place(now)
        assert now["text"].startswith(one["text"].rstrip(" .:,"))
        assert now["text"].endswith(other["text"][1:])
    old_texts = {one["text"] for one in plan["milestones"]}
    assert all(now["text"] not in old_texts for _, [now] in sides(plan, made, "new"))
    gone = {one["text"] for [one], _ in sides(plan, made, "gone")}
    assert not gone & {now["text"] for now in made.plan["milestones"]}


def test_a_sub_bullet_keeps_the_bullet_above_it(plan: PlanFile, made: NextYear) -> None:
    old, new = by_id(plan), by_id(made.plan)
    for [one], [now] in sides(plan, made, "goes_on"):
        assert (one["parent"] is None) == (now["parent"] is None)
        if one["parent"] is not None and now["parent"] is not None:
            assert old[one["parent"]]["text"] == new[now["parent"]]["text"]


def as_found(plan: PlanFile, made: NextYear, one: Change, confidence: float = 1.0) -> ChangeFile:
    old, new = by_id(plan), by_id(made.plan)
    return ChangeFile(
        kind=one.kind,
        old=[old[name] for name in one.old],
        new=[new[name] for name in one.new],
        confidence=confidence,
    )


def test_a_diff_that_tells_all_is_right(plan: PlanFile, made: NextYear) -> None:
    told = score_diff(made.changes, [as_found(plan, made, one) for one in made.changes])
    assert told.right == Counter(one.made for one in made.changes)
    assert (told.asked, told.missed, told.wrong) == (Counter(), Counter(), ())


def test_what_is_unsure_may_be_asked_and_what_is_sure_must_be_told(
    plan: PlanFile, made: NextYear
) -> None:
    found: list[ChangeFile] = []
    for one in made.changes:
        if one.made in ("split", "gone"):
            wrong = {"kind": "reworded", "confidence": 0.5}
            found.append({**as_found(plan, made, one), **wrong})  # pyright: ignore[reportArgumentType]
        elif one.made == "new":
            found.append({**as_found(plan, made, one), "kind": "moved"})
        elif one.made != "moved quarter":
            found.append(as_found(plan, made, one, 0.7 if one.made == "moved section" else 0.9))
    told = score_diff(made.changes, found)
    assert told.asked == {"split": COUNTS["split"], "moved section": COUNTS["moved section"]}
    assert told.missed == {kind: COUNTS[kind] for kind in ("gone", "new", "moved quarter")}
    assert [one["kind"] for one in told.wrong] == ["moved"] * COUNTS["new"]


def test_a_plan_that_is_too_small_is_refused(plan: PlanFile) -> None:
    few: PlanFile = {**plan, "milestones": plan["milestones"][:20]}
    with pytest.raises(ValueError, match="are needed"):
        next_year(few, 1)


def test_texts_are_changed_in_words_that_a_person_would_use() -> None:
    text = "Der udarbejdes et kort over stierne og en liste over bænkene."
    assert lightly(text) == "Der udarbejdes et kort over stierne samt en liste over bænkene."
    assert halves(text) == ("Der udarbejdes et kort over stierne.", "En liste over bænkene.")
    assert strongly(text) == "Status gives på stierne og en liste over bænkene."
    assert halves("To- og treårige børn") == ("To- og treårige børn", "")
