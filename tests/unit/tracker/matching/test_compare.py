"""Next year's plan: what goes on, moved, was reworded, split, merged, is new or gone."""

import json
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.plan_blocks import published_document
from tests.factories.plan_file import ChangeFile, plan_file
from tests.factories.plan_generated import generated_document
from tests.factories.plan_next_year import next_year, score_diff
from tracker.importer.plan_file import Initiative, Milestone, PlanFile
from tracker.matching.compare import compare
from tracker.matching.difference import Difference, DifferenceKind

OLD = (
    ("1.1", 1, "Dykkere undersøger fundamentet under nordkajen"),
    ("1.1", 2, "Der udsendes udbud om spuns og ankre"),
    ("1.1", 3, "Spunsen rammes ned, og ankrene spændes efter kontrol af svejsningerne"),
    ("1.1", 4, "Fyrtårnets lampe skiftes til lysdioder"),
    ("1.2", 1, "Havnerådet drøfter takster for gæstesejlere"),
    ("1.2", 2, "Badebroen males"),
    ("1.2", 3, "Redningskranse efterses på alle moler"),
    ("1.2", 4, "Status for 2031 lægges frem"),
)


def plan(year: int, rows: tuple[tuple[str, int, str], ...]) -> PlanFile:
    return PlanFile(
        title=None,
        year=year,
        milestones=tuple(
            Milestone(
                id=f"m{number}",
                section=section,
                year=year,
                quarter_from=quarter,
                quarter_to=quarter,
                text=text,
                line_from=number,
                line_to=number,
            )
            for number, (section, quarter, text) in enumerate(rows, 1)
        ),
    )


def changed(at: int, *rows: tuple[str, int, str]) -> list[Difference]:
    """What changed, when the row at a place became other rows."""
    new = (*OLD[:at], *rows, *OLD[at + 1 :])
    found = compare(plan(2031, OLD), plan(2032, new))
    return [one for one in found if one.kind is not DifferenceKind.GOES_ON]


def test_the_same_in_the_same_quarter_goes_on_though_years_in_it_differ() -> None:
    new = tuple((section, quarter, text.replace("2031", "2032")) for section, quarter, text in OLD)
    found = compare(plan(2031, OLD), plan(2032, new))
    assert [one.kind for one in found] == [DifferenceKind.GOES_ON] * len(OLD)
    assert all(one.is_sure for one in found)


@pytest.mark.parametrize("at", range(len(OLD)))
def test_what_stands_elsewhere_moved(at: int) -> None:
    section, quarter, text = OLD[at]
    for row in ((section, quarter % 4 + 1, text), ("1.3", quarter, text)):
        (found,) = changed(at, row)
        assert (found.kind, found.is_sure) == (DifferenceKind.MOVED, True)
        assert (found.old[0].text, found.new[0].text) == (text, text)


def test_other_words_in_the_same_place_are_reworded() -> None:
    (found,) = changed(2, ("1.1", 3, "Spunsen rammes, og ankrene spændes efter svejsekontrol"))
    assert found.kind is DifferenceKind.REWORDED
    (light,) = changed(0, ("1.1", 1, "Dykkere undersøger hele fundamentet under nordkajen"))
    assert (light.kind, light.is_sure) == (DifferenceKind.REWORDED, True)


def test_what_was_reworded_beyond_its_words_is_asked() -> None:
    (found,) = changed(3, ("1.1", 4, "Nye lysdioder i tårnet"))
    assert (found.kind, found.is_sure) == (DifferenceKind.REWORDED, False)


def test_what_is_new_and_what_is_gone() -> None:
    (gone,) = changed(4)
    assert (gone.kind, gone.new, gone.is_sure) == (DifferenceKind.GONE, (), True)
    assert gone.old[0].text == OLD[4][2]
    (new,) = changed(7, OLD[7], ("1.2", 2, "Svaneøen får hegn mod rotter"))
    assert (new.kind, new.old, new.is_sure) == (DifferenceKind.NEW, (), True)


def test_one_that_became_two_and_two_that_became_one() -> None:
    parts = (
        ("1.1", 3, "Spunsen rammes ned"),
        ("1.1", 3, "Ankrene spændes efter kontrol af svejsningerne"),
    )
    (split,) = changed(2, *parts)
    assert split.kind is DifferenceKind.SPLIT
    assert [one.text for one in split.new] == [text for _, _, text in parts]
    old = plan(2031, (*OLD[:2], *parts, *OLD[3:]))
    (merged,) = [
        one for one in compare(old, plan(2032, OLD)) if one.kind is not DifferenceKind.GOES_ON
    ]
    assert merged.kind is DifferenceKind.MERGED
    assert [one.text for one in merged.old] == [text for _, _, text in parts]


def test_a_renumbered_section_is_the_same_by_its_title() -> None:
    titles = {"1.1": "Kajer", "1.2": "Broer"}
    renumbered = {"1.1": "2.1", "1.2": "2.2"}
    old = plan(2031, OLD).model_copy(
        update={
            "initiatives": tuple(
                Initiative(section=section, title=title, programme=None)
                for section, title in titles.items()
            )
        }
    )
    rows = tuple((renumbered[section], quarter, text) for section, quarter, text in OLD)
    new = plan(2032, rows).model_copy(
        update={
            "initiatives": tuple(
                Initiative(section=renumbered[section], title=title, programme=None)
                for section, title in titles.items()
            )
        }
    )
    assert {one.kind for one in compare(old, new)} == {DifferenceKind.GOES_ON}


def test_a_text_of_every_quarter_stays_in_its_quarters() -> None:
    rows = tuple(("1.1", quarter, "Møde i havnerådet") for quarter in (1, 2, 3, 4))
    found = compare(plan(2031, rows), plan(2032, (*rows[:2], rows[3])))
    assert [(one.kind, one.old[0].quarter_from) for one in found] == [
        (DifferenceKind.GOES_ON, 1),
        (DifferenceKind.GOES_ON, 2),
        (DifferenceKind.GOES_ON, 4),
        (DifferenceKind.GONE, 3),
    ]


WORDS = ("kaj", "mole", "bro", "fyr", "kran", "både", "males", "skiftes")

rows = st.lists(
    st.tuples(
        st.sampled_from(["1.1", "1.2"]),
        st.integers(1, 4),
        st.lists(st.sampled_from(WORDS), min_size=1).map(" ".join),
    ),
    max_size=12,
).map(tuple)


@given(rows, rows)
def test_each_milestone_of_both_plans_is_told_once(
    old: tuple[tuple[str, int, str], ...], new: tuple[tuple[str, int, str], ...]
) -> None:
    found = compare(plan(2031, old), plan(2032, new))
    assert sorted(one.id for diff in found for one in diff.old) == sorted(
        f"m{number}" for number in range(1, len(old) + 1)
    )
    assert sorted(one.id for diff in found for one in diff.new) == sorted(
        f"m{number}" for number in range(1, len(new) + 1)
    )


def kinds(
    old: tuple[tuple[str, int, str], ...], new: tuple[tuple[str, int, str], ...]
) -> list[str]:
    """The words on each milestone that does not go on, with a `?` where a person is asked."""
    return [
        f"{one.kind}{'' if one.is_sure else '?'}"
        for one in compare(plan(2031, (*OLD, *old)), plan(2032, (*OLD, *new)))
        if one.kind is not DifferenceKind.GOES_ON
    ]


LONG = "Naturforum afholdes i havnen med særligt fokus på den fremtidige form og flere deltagere"
SHORT = "Høringssvar behandles"


def test_a_short_part_of_a_long_text_is_a_part_of_it() -> None:
    parts = (("1.3", 3, f"{LONG}."), ("1.3", 3, f"{SHORT}."))
    whole = (("1.3", 3, f"{LONG} og høringssvar behandles."),)
    assert kinds(parts, whole) == ["merged"]
    assert kinds(whole, parts) == ["split"]
    # Two that begin it: which of them became it is a question, and so what became of the other.
    twice = (*parts, parts[1])
    assert kinds(twice, whole) == ["merged?", "gone?"]


def test_where_signs_tell_two_apart_each_is_the_one_with_its_signs() -> None:
    dotted, dashed = "Droner i brug. – Kursus opdateres", "Droner i brug – Kursus opdateres"
    old = (("1.3", 1, dashed), ("1.3", 4, dotted))
    assert kinds(old, (("1.3", 4, dashed), ("1.3", 4, dotted))) == ["moved"]
    assert kinds(old, (("1.3", 1, dotted), ("1.3", 4, dotted))) == []
    # They changed places, or somebody changed their signs.
    assert kinds(old, (("1.3", 1, dotted), ("1.3", 4, dashed))) == ["moved?", "moved?"]


def test_a_part_that_is_like_a_text_of_another_quarter_is_a_part() -> None:
    old = (
        ("1.3", 1, "Nyt system for kort – kortlagt og drøftet med andre havne"),
        ("1.3", 4, "Nyt system for kort – kortlagt"),
    )
    parts = (
        ("1.3", 1, "Nyt system for kort – kortlagt."),
        ("1.3", 1, "Drøftet med andre havne"),
    )
    assert kinds(old, parts) == ["split", "gone"]
    # To the last sign it is the other one, and yet may be a part.
    assert kinds(old, (("1.3", 1, "Nyt system for kort – kortlagt"),)) == ["moved?", "gone?"]


def test_what_is_asked_takes_the_certainty_of_all_that_it_may_be() -> None:
    old = (
        ("1.3", 2, "Chefgruppen sikrer forankring af indsatsen i havnen"),
        ("1.3", 4, "Byrådet drøfter forankring af indsatsen i havnen"),
    )
    new = (("1.3", 4, "Status gives på forankring af indsatsen i havnen"),)
    assert kinds(old, new) == ["reworded?", "gone?"]


def test_a_milestone_and_one_below_another_are_the_same_only_to_a_person() -> None:
    old, new = plan(2031, OLD), plan(2032, OLD)
    text = "Dykkere undersøger hele fundamentet under nordkajen"
    sub = new.milestones[0].model_copy(update={"level": "sub", "parent": "m2", "text": text})
    new = new.model_copy(update={"milestones": (sub, *new.milestones[1:])})
    (found,) = [one for one in compare(old, new) if one.kind is not DifferenceKind.GOES_ON]
    assert (found.kind, found.is_sure) == (DifferenceKind.REWORDED, False)


@pytest.mark.parametrize("of", ["generated", "published"])
def test_no_sure_answer_about_next_year_is_wrong_and_few_are_asked(
    request: pytest.FixtureRequest, of: str
) -> None:
    if of == "published":
        request.getfixturevalue("published_plan")  # skips without it
        this_year = plan_file(published_document(), 2025)
    else:
        this_year = plan_file(generated_document(4), 2031)
    old, wrong, asked, seeds = PlanFile.model_validate(this_year), [], 0, range(5)
    for seed in seeds:
        made = next_year(this_year, seed)
        found = compare(old, PlanFile.model_validate(made.plan))
        said = [cast("ChangeFile", json.loads(one.model_dump_json())) for one in found]
        wrong += score_diff(made.changes, said).wrong
        asked += sum(not one.is_sure for one in found)
    assert wrong == []
    assert asked <= (4 if of == "published" else 20) * len(seeds)
