"""The truth about the published plan fits the document and itself."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest

from tests.factories.plan_truth import TABLE, Passage, digest, one_line, plan_truth

TRUTH = plan_truth()
BY_LINE = {milestone.line_from: milestone for milestone in TRUTH.milestones}


@pytest.fixture(scope="module")
def lines(published_plan: Path) -> list[str]:
    text = published_plan.read_text(encoding="utf-8")
    assert digest(text) == TRUTH.digest, "this is another document than the one that was read"
    return text.split("\n")


def passages() -> list[Passage]:
    found = [*TRUTH.policies, *TRUTH.not_placed, TRUTH.not_placed_heading]
    found += [initiative.title for initiative in TRUTH.initiatives]
    for programme in TRUTH.programmes:
        found += [programme.title, *programme.success_criteria, *programme.criteria_in_prose]
        found += [partners.passage for partners in programme.partners]
        if programme.purpose is not None:
            found.append(programme.purpose)
    return found + [
        Passage(milestone.line_from, milestone.line_to, milestone.digest)
        for milestone in TRUTH.milestones
    ]


def test_each_digest_is_that_of_its_lines(lines: list[str]) -> None:
    wrong = [
        passage
        for passage in passages()
        if digest(one_line(lines, passage.line_from, passage.line_to, TRUTH.name_hyphens))
        != passage.digest
    ]
    assert wrong == []


def test_a_quarter_as_written_is_its_heading_without_a_mark(lines: list[str]) -> None:
    for milestone in TRUTH.milestones:
        if milestone.quarter_line is None:
            assert milestone.quarter_as_written is milestone.quarter_from is None
        else:
            heading = lines[milestone.quarter_line - 1].strip().removeprefix("• ")
            assert digest(heading) == milestone.quarter_as_written
            assert milestone.inferred == (not heading[0].isdigit())


def test_a_resource_stands_in_its_line_and_a_strand_is_titled_by_its_members(
    lines: list[str],
) -> None:
    for programme in TRUTH.programmes:
        for resource in programme.resources:
            words = lines[resource.line - 1].strip().rstrip(".").split()
            runs = {
                digest(" ".join(words[start:end]).rstrip("."))
                for start in range(len(words))
                for end in range(start + 1, len(words) + 1)
            }
            assert resource.centre in runs
    for strand in TRUTH.strands:
        for line in strand.members:
            milestone = BY_LINE[line]
            text = one_line(lines, line, milestone.line_to, TRUTH.name_hyphens)
            openings = {digest(text[:end]) for end in range(1, len(text) + 1)}
            assert openings & set(strand.titles), line


def test_the_sums_are_those_of_the_document() -> None:
    sums = Counter(
        (milestone.section[0] if milestone.section[0] == "2" else milestone.section[:3], level)
        for milestone in TRUTH.milestones
        for level in [milestone.level]
    )
    assert sums == {
        ("2", "top"): 62,
        ("2", "sub"): 6,
        ("3.1", "top"): 147,
        ("3.1", "sub"): 20,
        ("4.1", "top"): 9,
        ("5.1", "top"): 20,
        ("5.1", "sub"): 57,
        ("6.1", "top"): 31,
        ("7.1", "top"): 28,
    }
    assert len(TRUTH.policies) == 18
    assert sum(len(programme.success_criteria) for programme in TRUTH.programmes) == 27
    assert len({line.quarter_line for line in TRUTH.milestones if line.inferred}) == 4
    assert [
        [resource.aarsvaerk for resource in programme.resources] for programme in TRUTH.programmes
    ] == [[5], [5, 0.25, None], [1], [7], [5], [8]]
    assert [passage.line_from for passage in TRUTH.not_placed] == [
        *range(2155, 2164, 2),
        *range(2164, 2170, 2),
    ]


def test_no_line_is_of_two_milestones_and_a_parent_is_the_bullet_above() -> None:
    last_line, last_top = 0, 0
    for milestone in TRUTH.milestones:
        assert last_line < milestone.line_from <= milestone.line_to
        last_line = milestone.line_to
        if milestone.level == "top":
            assert milestone.parent is None
            last_top = milestone.line_from
        else:
            assert milestone.parent == last_top
            assert BY_LINE[last_top].section == milestone.section
            assert BY_LINE[last_top].quarter_line == milestone.quarter_line


def test_a_strand_goes_through_quarters_of_one_section_on_one_level() -> None:
    for strand in TRUTH.strands:
        members = [BY_LINE[line] for line in (*strand.members, *strand.may_have)]
        assert {(member.section, member.level) for member in members} == {
            (strand.section, strand.level)
        }
        assert len({member.quarter_from for member in members}) == len(members) >= 2


def strings(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for one in cast("dict[str, object]", value).values():
            yield from strings(one)
    elif isinstance(value, list):
        for one in cast("list[object]", value):
            yield from strings(one)


def test_the_table_holds_places_and_digests_only() -> None:
    said = re.compile(r"[0-9a-f]{16}|\d(\.\d){1,2}|top|sub|internal|external")
    assert [one for one in strings(json.loads(TABLE.read_bytes())) if not said.fullmatch(one)] == []
