"""A changed plan document keeps its milestones, and a person can still read it."""

import re
from collections import Counter
from dataclasses import replace

import pytest

from tests.factories.plan_blocks import (
    BlockKind,
    Document,
    ExpectedMilestone,
    Span,
    expected_of,
    published_document,
    text_of,
)
from tests.factories.plan_generated import generated_document
from tests.factories.plan_mutations import KINDS, Mutated, mutated
from tests.factories.plan_quarters import ways, written
from tests.factories.plan_reflow import breaks
from tests.factories.plan_score import key_of, score, summary
from tests.factories.plan_truth import PUBLISHED, TrueMilestone, digest, plan_truth

SEEDS = range(6)


@pytest.fixture(scope="module", params=["generated", "published"])
def document(request: pytest.FixtureRequest) -> Document:
    if request.param == "generated":
        return generated_document(1)
    request.getfixturevalue("published_plan")  # skips without it
    return published_document()


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def lines_of(change: Mutated, milestone: ExpectedMilestone) -> list[str]:
    return change.text.split("\n")[milestone.line_from - 1 : milestone.line_to]


def place_of(one: ExpectedMilestone | TrueMilestone) -> tuple[object, ...]:
    quarter = (one.quarter_from, one.quarter_to, one.inferred)
    return (one.section, one.level, *quarter, one.line_from, one.line_to)


@pytest.mark.usefixtures("published_plan")
def test_the_published_plan_as_blocks_is_its_text_and_its_truth() -> None:
    document = published_document()
    printed = list(document.printed())
    assert text_of(printed) == PUBLISHED.read_text(encoding="utf-8")
    found = [
        (place_of(one), digest(one.text), one.quarter_as_written and digest(one.quarter_as_written))
        for one in expected_of(document, printed)
    ]
    assert found == [
        (place_of(one), one.digest, one.quarter_as_written) for one in plan_truth().milestones
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_change_keeps_every_milestone_and_is_another_with_each_seed(
    kind: str, document: Document
) -> None:
    before = Counter(map(key_of, expected_of(document, document.printed())))
    changes = [mutated(kind, seed, document) for seed in SEEDS]
    assert all(Counter(map(key_of, change.expected)) == before for change in changes)
    assert len({change.text for change in changes}) == len(SEEDS)
    assert text_of(document.printed()) not in {change.text for change in changes}
    assert changes[0] == mutated(kind, 0, document)


@pytest.mark.parametrize("kind", KINDS)
def test_a_milestone_stands_in_its_lines(kind: str, document: Document) -> None:
    for seed in SEEDS:
        change = mutated(kind, seed, document)
        own = Counter(text_of(document.printed()).split("\n"))
        for milestone in change.expected:
            lines = lines_of(change, milestone)
            if kind == "furniture":
                lines = [line for line in lines if line in own]
            mark = r"^\s*(?:[-•–*▪·o]|\d+[.)])\s+" if milestone.lost != "mark" else r"^\s*"
            text = re.sub(mark, "", "".join(lines))
            assert letters(text) == letters(milestone.text), (kind, seed)


def test_a_lost_mark_is_told_and_others_are_there(document: Document) -> None:
    for seed in SEEDS:
        change = mutated("marks", seed, document)
        bare = [
            milestone.lost
            for milestone in change.expected
            if not re.match(r"\s*[•o] ", lines_of(change, milestone)[0])
        ]
        assert set(bare) <= {"mark"}
        assert len(bare) == sum(milestone.lost == "mark" for milestone in change.expected)


def test_quarters_without_a_number_keep_their_order() -> None:
    document = generated_document(1)
    numberless = [
        replace(block, span=Span(block.span[0], block.span[1], inferred=True))
        if block.span
        else block
        for block in document.blocks
    ]
    change = mutated("order", 0, Document(tuple(numberless)))
    quarters: dict[str, list[int]] = {}
    for milestone in change.expected:
        if milestone.quarter_from is not None:
            quarters.setdefault(milestone.section, []).append(milestone.quarter_from)
    assert all(found == sorted(found) for found in quarters.values())


def test_no_reflowed_line_looks_like_a_bullet_that_it_is_not(document: Document) -> None:
    for seed in SEEDS:
        change = mutated("reflow", seed, document)
        for milestone in change.expected:
            for line in lines_of(change, milestone)[1:]:
                assert not re.match(r"\s*(?:[-•–*▪·o+]|\d+[.)])\s", line)


@pytest.mark.parametrize(
    ("word", "cuts"),
    [
        ("Nørre-Åbølling", [("Nørre-", "Åbølling")]),
        ("LTF-KMB", [("LTF-", "KMB")]),
        ("VVM-tilladelse", [("VVM-", "tilladelse")]),
        ("læs-let", []),
        ("A-sag", []),
        ("eller", []),
        ("side.example", []),
        ("koordinering", [("koor-", "dinering"), ("koordi-", "nering"), ("koordine-", "ring")]),
    ],
)
def test_a_hyphen_that_stays_is_told_from_a_hyphenation(
    word: str, cuts: list[tuple[str, str]]
) -> None:
    assert list(breaks(word, "-")) == cuts


@pytest.mark.parametrize(
    ("way", "span", "said"),
    [
        ("{0}. – {1}. Kvartal {y}", Span(3, 4), "3. – 4. Kvartal 2025"),
        ("{h}. halvår", Span(1, 2), "1. halvår"),
        ("{H} halvår {y}", Span(3, 4), "Andet halvår 2025"),
        ("{a} og {b} kvartal", Span(3, 4), "tredje og fjerde kvartal"),
        ("{A} kvartal", Span(2, 2), "Andet kvartal"),
        ("Q{0}–Q{1}", Span(1, 4), "Q1–Q4"),
        ("• Kvartal {y}", Span(2, 2, inferred=True), "• Kvartal 2025"),
    ],
)
def test_a_quarter_is_written_in_the_ways_of_plans(way: str, span: Span, said: str) -> None:
    assert way in ways(span)
    assert written(way, span, 2025) == said


def test_a_span_that_is_no_half_year_is_not_written_as_one() -> None:
    assert not any("halvår" in way for span in (Span(2, 3), Span(1, 4)) for way in ways(span))


def as_found(milestone: ExpectedMilestone) -> dict[str, object]:
    return {
        "text": milestone.text,
        "section": milestone.section,
        "quarter_from": milestone.quarter_from,
        "quarter_to": milestone.quarter_to,
        "level": milestone.level,
    }


def test_a_reader_that_finds_all_has_no_miss() -> None:
    expected = mutated("reflow", 0, generated_document(2)).expected
    whole = score(expected, map(as_found, reversed(expected)))
    assert (whole.recall, whole.precision, whole.misses) == (1.0, 1.0, ())


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        ({"quarter_to": 9}, "quarter"),
        ({"section": "9.9"}, "section"),
        ({"level": "neither"}, "level"),
        ({"level": "neither", "section": "9.9"}, "place"),
        ({"text": "Kortlægning af ud-stykningerne."}, "hyphen"),
        ({"text": "kortlægning af udstykningerne."}, "case"),
        ({"text": "Kortlægning  af udstykningerne."}, "blanks"),
        ({"text": "Kortlægning af udstykningerne. Og mere"}, "glued"),
        ({"text": "Kortlægning af"}, "cut"),
        ({"text": "Kortlægning af alle udstykningerne."}, "text"),
    ],
)
def test_a_miss_is_of_the_class_of_what_differs(change: dict[str, object], kind: str) -> None:
    milestone = ExpectedMilestone(
        section="1.1",
        level="top",
        text="Kortlægning af udstykningerne.",
        quarter_as_written=None,
        quarter_from=None,
        quarter_to=None,
        inferred=False,
        parent=None,
    )
    missed = score([milestone], [as_found(milestone) | change])
    assert (missed.right, missed.recall, missed.precision) == (0, 0.0, 0.0)
    assert [miss.kind for miss in missed.misses] == [kind]


def test_what_is_found_twice_or_from_nothing_is_invented_and_what_is_not_is_missing() -> None:
    expected = generated_document(3)
    first, *others = expected_of(expected, expected.printed())
    milestones = [replace(first, text="Åbning"), *others]
    found = [*map(as_found, milestones[1:]), as_found(milestones[1])]
    found.append(as_found(milestones[1]) | {"text": "Side 3"})
    measured = score(milestones, found)
    assert measured.classes == {"missing": 1, "invented": 2}
    assert measured.recall == pytest.approx(1 - 1 / len(milestones))
    assert measured.precision == pytest.approx(1 - 2 / (len(milestones) + 1))
    taken = summary({"good": score([], []), "bad": measured})
    assert (taken.worst_of_recall, taken.worst_of_precision) == ("bad", "bad")
    assert taken.recall == pytest.approx((1 + measured.recall) / 2)


@pytest.mark.usefixtures("published_plan")
def test_a_programme_and_a_section_of_the_published_plan_are_where_the_truth_says() -> None:
    blocks = published_document().blocks
    for kind, passages in (
        (BlockKind.PROGRAMME, [one.title for one in plan_truth().programmes]),
        (BlockKind.SECTION, [one.title for one in plan_truth().initiatives if one.section]),
    ):
        found = [digest(block.text) for block in blocks if block.kind is kind]
        assert found == [passage.digest for passage in passages]
