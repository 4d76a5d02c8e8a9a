"""A plan's file that says what the document says differs in nothing, and each slip is told."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from tests.factories.plan_blocks import published_document
from tests.factories.plan_check import differences
from tests.factories.plan_file import plan_file
from tests.factories.plan_truth import Passage, digest, one_line, plan_truth

TRUTH = plan_truth()


@pytest.fixture(scope="module")
def lines(published_plan: Path) -> list[str]:
    return published_plan.read_text(encoding="utf-8").split("\n")


@pytest.fixture(scope="module")
def right(lines: list[str]) -> dict[str, Any]:
    """The file of the published plan, by its truth."""

    def text(passage: Passage) -> str:
        return one_line(lines, passage.line_from, passage.line_to, TRUTH.name_hyphens)

    plan: dict[str, Any] = deepcopy(dict(plan_file(published_document(), TRUTH.year)))
    id_of = {one["line_from"]: one["id"] for one in plan["milestones"]}
    text_of = {one["line_from"]: one["text"] for one in plan["milestones"]}
    for said, one in zip(plan["programmes"], TRUTH.programmes, strict=True):
        said["purpose"] = text(one.purpose) if one.purpose and one.purpose_stated else None
        criteria = (*one.success_criteria, *one.criteria_in_prose)
        said["success_criteria"] = [text(passage) for passage in criteria]
        for side in ("internal", "external"):
            said[f"partners_{side}"] = [
                text(partners.passage)
                for partners in one.partners
                if (partners.side or "external") == side
            ]
        said["resources"] = [
            {"centre": centre(lines[item.line - 1], item.centre), "aarsvaerk": item.aarsvaerk}
            for item in one.resources
        ]
    plan["initiatives"] = [
        {"section": one.section, "title": text(one.title), "programme": one.programme}
        for one in TRUTH.initiatives
    ]
    plan["policies"] = [text(passage) for passage in TRUTH.policies]
    plan["not_placed"] = [
        {"line_from": one.line_from, "line_to": one.line_to, "text": text(one)}
        for one in (TRUTH.not_placed_heading, *TRUTH.not_placed)
    ]
    plan["strands"] = [
        {
            "section": one.section,
            "title": next(
                opening
                for end in range(1, len(text_of[one.members[0]]) + 1)
                if digest(opening := text_of[one.members[0]][:end]) in one.titles
            ),
            "milestones": [id_of[line] for line in one.members],
        }
        for one in TRUTH.strands
    ]
    return plan


def centre(line: str, wanted: str) -> str:
    words = line.strip().rstrip(".").split()
    runs = (" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1))
    return next(run.rstrip(".") for run in runs if digest(run.rstrip(".")) == wanted)


def test_the_right_file_differs_in_nothing(right: dict[str, Any], lines: list[str]) -> None:
    assert differences(right, TRUTH, lines) == []


@pytest.mark.parametrize(
    ("path", "value", "told"),
    [
        (("milestones", 0, "text"), "Andet", "line 402: text's digest"),
        (("milestones", 0, "section"), "2.1.3", "line 402: section"),
        (("milestones", 0, "quarter_to"), 2, "line 402: quarter_to"),
        (("milestones", 0, "inferred"), True, "line 402: inferred"),
        (("milestones", 0, "line_to"), 405, "line 402: line_to"),
        (("milestones", 0, "line_from"), 401, "line 402: the milestone is not found"),
        (("milestones", 10, "parent"), None, "line 449: parent's line"),
        (("programmes", 0, "purpose"), None, "programme 2.1: the purpose"),
        (("programmes", 0, "success_criteria"), [], "programme 2.1: 9 success criteria"),
        (("programmes", 2, "success_criteria"), [], "programme 4.1: the success criteria in prose"),
        (("programmes", 0, "partners_internal"), [], "programme 2.1: partners of line 669"),
        (("programmes", 0, "resources"), [], "programme 2.1: 1 shares"),
        (("initiatives", 0, "title"), "Andet", "line 386: the initiative is not found"),
        (("initiatives", 0, "section"), "2.1.9", "line 386: the initiative's section"),
        (("policies",), [], "the policies differ"),
        (("strands", 0, "milestones"), [], "section 2.1.2: the strand from line 420 is not found"),
        (("strands", 0, "title"), "Andet", "section 2.1.2: the strand from line 420 has another"),
        (("not_placed",), [], "line 2155"),
        (("year",), 2024, "year 2024"),
        (("title",), "Plan", "the plan has no title"),
    ],
)
def test_a_slip_is_told_with_its_place(
    right: dict[str, Any],
    lines: list[str],
    path: tuple[str | int, ...],
    value: object,
    told: str,
) -> None:
    plan: Any = deepcopy(right)
    place = plan
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert any(said.startswith(told) for said in differences(plan, TRUTH, lines))


def test_what_the_document_leaves_open_is_no_difference(
    right: dict[str, Any], lines: list[str]
) -> None:
    plan = deepcopy(right)
    plan["not_placed"] = [{"line_from": 2155, "line_to": 2168, "text": "all"}]
    plan["programmes"][1]["purpose"] = one_line(lines, 679, 697, TRUTH.name_hyphens)
    strand = next(one for one in plan["strands"] if len(one["milestones"]) == 3)
    assert strand["section"] == "2.4.2"
    strand["milestones"].append(
        next(one["id"] for one in plan["milestones"] if one["line_from"] == 622)
    )
    plan["programmes"][2]["success_criteria"] = [
        " ".join(plan["programmes"][2]["success_criteria"])
    ]
    partners = plan["programmes"][4]
    partners["partners_internal"] = partners["partners_internal"][0].split(", ")
    assert differences(plan, TRUTH, lines) == []
