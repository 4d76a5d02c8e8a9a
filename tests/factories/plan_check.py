"""Holds a plan's file, as a reader wrote it of the published plan, against the truth.

Each difference is one line that names places and digests, never a sentence. Where the document
leaves a choice, as `tests/samples/plan_truth.md` tells, either is no difference.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import cast

from tests.factories.plan_truth import (
    Passage,
    PlanTruth,
    TrueMilestone,
    TrueProgramme,
    digest,
)

Item = Mapping[str, object]


def differences(plan: Item, truth: PlanTruth, lines: Sequence[str]) -> list[str]:
    """All that a plan's file says otherwise than the truth; `lines` are those of the document."""
    milestones = items(plan, "milestones")
    return [
        *of_milestones(milestones, truth),
        *of_programmes(items(plan, "programmes"), truth, lines),
        *of_initiatives(items(plan, "initiatives"), truth),
        *of_policies(plan, truth),
        *of_strands(items(plan, "strands"), milestones, truth),
        *of_not_placed(items(plan, "not_placed"), truth),
        *([] if plan["year"] == truth.year else [f"year {plan['year']}"]),
        *([] if plan["title"] is None else ["the plan has no title"]),
    ]


def items(whole: Item, key: str) -> list[Item]:
    return cast("list[Item]", whole[key])


def texts(whole: Item, key: str) -> list[str]:
    return cast("list[str]", whole[key])


def of_milestones(found: Iterable[Item], truth: PlanTruth) -> Iterator[str]:
    """Differences of milestones, each told by its first line and what differs."""
    by_line = {one["line_from"]: one for one in found}
    by_id = {one["id"]: one for one in found}
    wanted = {one.line_from: one for one in truth.milestones}
    for line in sorted(cast("set[int]", by_line.keys() - wanted.keys())):
        yield f"line {line}: this is no milestone"
    for line, one in wanted.items():
        if line not in by_line:
            yield f"line {line}: the milestone is not found"
            continue
        parent = by_id.get(by_line[line]["parent"])
        said = fields_found(by_line[line], parent["line_from"] if parent else None)
        for name, value in fields_of(one).items():
            if said[name] != value:
                yield f"line {line}: {name} is {said[name]}, not {value}"


def fields_of(one: TrueMilestone) -> dict[str, object]:
    return {
        "section": one.section,
        "level": one.level,
        "quarter_from": one.quarter_from,
        "quarter_to": one.quarter_to,
        "inferred": one.inferred,
        "line_to": one.line_to,
        "parent's line": one.parent,
        "quarter's digest": one.quarter_as_written,
        "text's digest": one.digest,
    }


def fields_found(one: Item, parent: object) -> dict[str, object]:
    written = one["quarter_as_written"]
    bare = None if written is None else digest(str(written).removeprefix("•").strip())
    same = ("section", "level", "quarter_from", "quarter_to", "inferred", "line_to")
    return {
        **{name: one[name] for name in same},
        "parent's line": parent,
        "quarter's digest": bare,
        "text's digest": digest(str(one["text"])),
    }


def of_programmes(found: Sequence[Item], truth: PlanTruth, lines: Sequence[str]) -> Iterator[str]:
    numbers = [one["number"] for one in found]
    if numbers != [one.number for one in truth.programmes]:
        yield f"programmes are {numbers}"
        return
    for said, one in zip(found, truth.programmes, strict=True):
        where = f"programme {one.number}"
        if digest(str(said["title"])) != one.title.digest:
            yield f"{where}: the title differs"
        purpose = said["purpose"]
        right = {one.purpose.digest} if one.purpose else set[str]()
        if (purpose is None and one.purpose_stated) or (
            purpose is not None and digest(str(purpose)) not in right
        ):
            yield f"{where}: the purpose differs"
        yield from of_criteria(texts(said, "success_criteria"), one, where)
        yield from of_partners(said, one, lines, where)
        yield from of_resources(items(said, "resources"), one, where)


def of_criteria(said: Sequence[str], one: TrueProgramme, where: str) -> Iterator[str]:
    """Those in bullets must be there; prose may be whole, a passage, or a sentence each."""
    found = Counter(digest(text) for text in said)
    wanted = Counter(passage.digest for passage in one.success_criteria)
    if missing := wanted - found:
        yield f"{where}: {missing.total()} success criteria are missing"
    others = (found - wanted).total()
    if one.criteria_in_prose and not others:
        yield f"{where}: the success criteria in prose are lost"
    allowed = 2 * len(one.criteria_in_prose) if one.criteria_in_prose else int(one.number == "3.1")
    if others > allowed:
        yield f"{where}: {others} success criteria are in no bullet of the document"


def of_partners(said: Item, one: TrueProgramme, lines: Sequence[str], where: str) -> Iterator[str]:
    """Each passage must be there on its side, in one text or split into a list."""
    held = {
        side: letters("".join(texts(said, f"partners_{side}"))) for side in ("internal", "external")
    }
    for partners in one.partners:
        sides = [partners.side] if partners.side else list(held)
        passage = partners.passage
        wanted = letters(" ".join(lines[passage.line_from - 1 : passage.line_to]))
        if not any(wanted in held[side] for side in sides):
            yield f"{where}: partners of line {passage.line_from} are not on their side"


def letters(text: str) -> str:
    """A text without what a list has between its items."""
    return re.sub(r"\bog\b|[\W_]", "", text)


def of_resources(said: Sequence[Item], one: TrueProgramme, where: str) -> Iterator[str]:
    found: Counter[tuple[str, object]] = Counter(
        (digest(str(item["centre"])), item["aarsvaerk"]) for item in said
    )
    named: Counter[tuple[str, object]] = Counter(
        (item.centre, item.aarsvaerk) for item in one.resources if item.aarsvaerk
    )
    if missing := named - found:
        yield f"{where}: {missing.total()} shares in årsværk are missing"
    if any(item.aarsvaerk is None for item in one.resources) and not any(
        item["aarsvaerk"] is None for item in said
    ):
        yield f"{where}: the share without a number is missing"
    if len(said) > len(one.resources):
        yield f"{where}: {len(said)} shares in årsværk, not {len(one.resources)}"


def of_initiatives(found: Sequence[Item], truth: PlanTruth) -> Iterator[str]:
    """Entries of the first chapter, and those of tracks without a number, count neither way."""
    said = {(one["programme"], digest(str(one["title"]))): one["section"] for one in found}
    for one in truth.initiatives:
        key = (one.programme, one.title.digest)
        sections = {one.section} if one.section else {None, one.programme}
        if key not in said:
            yield f"line {one.title.line_from}: the initiative is not found"
        elif said[key] not in sections:
            yield f"line {one.title.line_from}: the initiative's section is {said[key]}"
    numbers = {one.section for one in truth.initiatives if one.section}
    for one in found:
        section = str(one["section"])
        counts = section.count(".") == 2 and not section.startswith("1.")
        if counts and section not in numbers:
            yield f"initiative {section} is none"


def of_policies(plan: Item, truth: PlanTruth) -> Iterator[str]:
    if [digest(text) for text in texts(plan, "policies")] != [one.digest for one in truth.policies]:
        yield "the policies differ"


def of_strands(
    found: Sequence[Item], milestones: Sequence[Item], truth: PlanTruth
) -> Iterator[str]:
    """Each strand with exactly its members, and no other."""
    line_by_id = {one["id"]: cast("int", one["line_from"]) for one in milestones}
    said = {frozenset(line_by_id[name] for name in texts(one, "milestones")): one for one in found}
    for one in truth.strands:
        members = frozenset(one.members)
        found_as = said.pop(members, None) or said.pop(members | set(one.may_have), None)
        if found_as is None:
            yield f"section {one.section}: the strand from line {min(members)} is not found"
        elif found_as["section"] != one.section or digest(str(found_as["title"])) not in one.titles:
            yield f"section {one.section}: the strand from line {min(members)} has another title"
    for members in said:
        yield f"the strand of lines {sorted(members)} is none"


def of_not_placed(found: Sequence[Item], truth: PlanTruth) -> Iterator[str]:
    """Lines that cannot be placed must be listed, alone or together; the heading may be."""
    for passage in truth.not_placed:
        if not any(covers(one, passage) for one in found):
            yield f"line {passage.line_from}: it is not listed as not placed"
    placed = {line for one in truth.milestones for line in range(one.line_from, one.line_to + 1)}
    for one in found:
        lines = range(cast("int", one["line_from"]), cast("int", one["line_to"]) + 1)
        if placed.intersection(lines):
            yield f"line {one['line_from']}: a milestone is listed as not placed"


def covers(one: Item, passage: Passage) -> bool:
    return cast("int", one["line_from"]) <= passage.line_from <= cast("int", one["line_to"])
