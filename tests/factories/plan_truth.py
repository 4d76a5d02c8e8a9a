"""Tells what a reader must find in the published plan: a table that was made by reading the text.

The table holds places (lines count from 1) and digests; the sentences stay in the document, which
lies beside the checkout. `tests/samples/plan_truth.md` says how the table came about.
"""

import hashlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

TABLE = Path(__file__).resolve().parents[1] / "samples" / "plan_truth.json"
PUBLISHED = Path(__file__).resolve().parents[3] / "shared/seeds/000_837131f2b7b84a64.txt"

Level = Literal["top", "sub"]
Side = Literal["internal", "external"]

#: A mark, or the number of a heading or of an entry, before the text of its first line.
MARK = re.compile(r"(?:[•o]|\d+(?:\.\d+)*\.?)\s+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A run of lines, and the digest of the one line that they are."""

    line_from: int
    line_to: int
    digest: str


@dataclass(frozen=True, slots=True)
class TrueMilestone:
    """A milestone: its place, what it belongs to and when, and the digest of its text.

    `parent` is the first line of the bullet above a sub-bullet. `quarter_as_written` is the digest
    of the heading without a mark, and null where no quarter is given, as are the quarters.
    """

    section: str
    line_from: int
    line_to: int
    level: Level
    parent: int | None
    quarter_line: int | None
    quarter_from: int | None
    quarter_to: int | None
    inferred: bool
    quarter_as_written: str | None
    digest: str


@dataclass(frozen=True, slots=True)
class TrueInitiative:
    """An initiative by the place of its title. `section` is null where it has no number."""

    section: str | None
    programme: str
    title: Passage


@dataclass(frozen=True, slots=True)
class TruePartners:
    """A passage on partners; `side` is null where the document does not say which."""

    side: Side | None
    passage: Passage


@dataclass(frozen=True, slots=True)
class TrueResource:
    """A share in årsværk, null where the document gives no number; `line` holds it.

    `centre` is the digest of the centre's name as the document writes it.
    """

    line: int
    centre: str
    aarsvaerk: float | None


@dataclass(frozen=True, slots=True)
class TrueProgramme:
    """A programme. A purpose under no heading of its own is `purpose_stated` false.

    `criteria_in_prose` are criteria and expected effects that are no bullets: one entry a sentence,
    or one for all.
    """

    number: str
    title: Passage
    purpose: Passage | None
    purpose_stated: bool
    success_criteria: tuple[Passage, ...]
    criteria_in_prose: tuple[Passage, ...]
    partners: tuple[TruePartners, ...]
    resources: tuple[TrueResource, ...]


@dataclass(frozen=True, slots=True)
class TrueStrand:
    """The same matter through the quarters, by the first lines of its members.

    `titles` are the digests of titles that are right: the opening, or the text where whole texts
    recur. `may_have` are members that are right to find and right to leave.
    """

    section: str
    level: Level
    titles: tuple[str, ...]
    members: tuple[int, ...]
    may_have: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PlanTruth:
    """Everything that is to be found in the plan, and what cannot be placed.

    `name_hyphens` are lines whose last hyphen belongs to a name that goes on in the next line.
    `headings` are lines that are headings, beside titles of programmes and initiatives, quarters,
    and the heading that cannot be placed.
    """

    digest: str
    lines: int
    year: int
    name_hyphens: tuple[int, ...]
    headings: tuple[int, ...]
    programmes: tuple[TrueProgramme, ...]
    initiatives: tuple[TrueInitiative, ...]
    policies: tuple[Passage, ...]
    strands: tuple[TrueStrand, ...]
    not_placed_heading: Passage
    not_placed: tuple[Passage, ...]
    milestones: tuple[TrueMilestone, ...]


def digest(text: str) -> str:
    """The first 16 hexadecimal digits of a text's SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@cache
def plan_truth() -> PlanTruth:
    """Gives the table of the published plan."""
    return msgspec.json.decode(TABLE.read_bytes(), type=PlanTruth)


def one_line(lines: list[str], line_from: int, line_to: int, name_hyphens: tuple[int, ...]) -> str:
    """The text of a run of lines (the first is 1): no mark, wraps as blanks, names kept whole."""
    text, glued = "", True
    for number in range(line_from, line_to + 1):
        part = lines[number - 1].strip()
        if number == line_from:
            mark = MARK.match(part)
            part = part[mark.end() :] if mark else part
        if part:
            text += part if glued else f" {part}"
            glued = number in name_hyphens
    return re.sub(r"\s+", " ", text)
