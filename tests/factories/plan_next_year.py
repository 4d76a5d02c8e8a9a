"""Next year's plan, made from this year's with 60 known changes of eight kinds.

All that is not changed goes on: the same text in the same section, quarter and level of a plan for
the year after. The milestones get other ids and lines, so that only what they say tells them.
"""

import random
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from tests.factories.plan_file import ChangeFile, MilestoneFile, PlanFile
from tests.factories.plan_generated import PLACES, RESULTS

Made = Literal[
    "goes_on",
    "new",
    "gone",
    "moved quarter",
    "moved section",
    "reworded lightly",
    "reworded strongly",
    "split",
    "merged",
]

#: How many changes of each kind are made. They are 60.
COUNTS: dict[Made, int] = {
    "new": 8,
    "gone": 8,
    "moved quarter": 8,
    "moved section": 8,
    "reworded lightly": 8,
    "reworded strongly": 8,
    "split": 6,
    "merged": 6,
}

#: The kinds that only a person can be sure of. A reader may find them, or must ask.
UNSURE: tuple[Made, ...] = ("reworded strongly", "split", "merged")

#: Below it a reader asks.
CONFIDENCE_MIN = 0.8

#: Matters that no plan of ours or the published one holds, so that they are new.
NEW_SUBJECTS = (
    "Indretning af depotet til museets samlinger",
    "Aftale om vagttelefon for dyr på afveje",
    "Valg af leverandør af arbejdstøj",
    "Omlægning af kirkegårdens hække",
    "Indsamling af fortællinger fra fiskerihavnen",
    "Prøvedrift med robotter til plæner",
    "Fornyelse af legepladsernes faldunderlag",
    "Oprydning i arkivet fra før 1970",
    "Udlån af redskaber til kolonihaver",
    "Mærkning af brønde mod forveksling",
)

#: Words that may stand for one another.
LIGHT = (
    (r" og ", " samt "),
    (r"\budarbejdes\b", "laves"),
    (r"\bgennemført\b", "afholdt"),
    (r"\biværksættes\b", "sættes i gang"),
    (r" i samarbejde med ", " sammen med "),
    (r" vedrørende ", " om "),
    (r"\bfærdiggøres\b", "gøres færdig"),
    (r"\ber afsluttet\b", "er færdig"),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What was made of milestones: their ids in the old plan, and those in the new one."""

    made: Made
    old: tuple[str, ...]
    new: tuple[str, ...]

    @property
    def kind(self) -> str:
        """The word of the file for it."""
        return self.made.partition(" ")[0]

    @property
    def key(self) -> tuple[str, frozenset[str], frozenset[str]]:
        return self.kind, frozenset(self.old), frozenset(self.new)

    @property
    def sure(self) -> bool:
        """Whether a reader must find it without asking."""
        return self.made not in UNSURE


@dataclass(frozen=True, slots=True)
class NextYear:
    """The new plan, and what became of each milestone of the old one, and of what each new came."""

    plan: PlanFile
    changes: tuple[Change, ...]


@dataclass(slots=True)
class Draft:
    """A milestone of the new plan, and the old ones that it came of, before it has its id."""

    milestone: MilestoneFile
    made: Made
    old: tuple[str, ...]


def next_year(plan: PlanFile, seed: int) -> NextYear:
    """Next year's plan; the same for the same plan and seed.

    Raises ValueError where a plan has too few milestones that can be told from all others.
    """
    rng = random.Random(f"next year {seed}")
    drafts = [Draft({**one}, "goes_on", (one["id"],)) for one in plan["milestones"]]
    pool = Pool(drafts, rng)
    gone: list[Change] = []
    added: list[Draft] = []
    for first, second in pool.neighbours(COUNTS["merged"]):
        text = f"{bare(text_of(first))} og {uncapitalised(text_of(second))}"
        change(first, "merged", text=text)
        first.old = (*first.old, *second.old)
        drafts.remove(second)
    for draft in pool.take(COUNTS["split"], is_long_enough_to_split):
        one, other = halves(text_of(draft))
        added.append(Draft({**draft.milestone, "text": other}, "split", draft.old))
        change(draft, "split", text=one)
    for draft in pool.take(COUNTS["moved quarter"], has_quarter):
        before = draft.milestone["quarter_from"]
        quarter = rng.choice([number for number in range(1, 5) if number != before])
        draft.milestone["quarter_from"] = draft.milestone["quarter_to"] = quarter
        draft.milestone["quarter_as_written"] = f"{quarter}. Kvartal {plan['year']}"
        draft.milestone["inferred"] = False
        draft.made = "moved quarter"
    sections = sorted({one["section"] for one in plan["milestones"]})
    for draft in pool.take(COUNTS["moved section"]):
        others = [one for one in sections if one != draft.milestone["section"]]
        draft.milestone["section"] = rng.choice(others)
        draft.made = "moved section"
    for draft in pool.take(COUNTS["reworded lightly"], has_many_words, subs=True):
        change(draft, "reworded lightly", text=lightly(text_of(draft)))
    for draft in pool.take(COUNTS["reworded strongly"], has_many_words, subs=True):
        change(draft, "reworded strongly", text=strongly(text_of(draft)))
    for draft in pool.take(COUNTS["gone"], subs=True):
        gone.append(Change("gone", draft.old, ()))
        drafts.remove(draft)
    for subject in rng.sample(NEW_SUBJECTS, COUNTS["new"]):
        text = f"{subject} {rng.choice(PLACES)} {rng.choice(RESULTS)}."
        beside = rng.choice([one for one in drafts if one.milestone["level"] == "top"])
        added.append(Draft({**beside.milestone, "text": text}, "new", ()))
    order = {section: turn for turn, section in enumerate(sections)}
    drafts = sorted(drafts + added, key=lambda draft: place_of(draft, order))
    return NextYear(new_plan(plan, drafts), (*changes_of(drafts), *gone))


class Pool:
    """The milestones that can be changed, each once.

    They have no sub-bullets, more than three words, and a text that no other one has.
    """

    def __init__(self, drafts: Sequence[Draft], rng: random.Random) -> None:
        texts = Counter(bare(text_of(draft)).casefold() for draft in drafts)
        parents = {draft.milestone["parent"] for draft in drafts}
        self.rng = rng
        self.free = [
            draft
            for draft in drafts
            if texts[bare(text_of(draft)).casefold()] == 1
            and draft.milestone["id"] not in parents
            and len(text_of(draft).split()) > 3
        ]

    def take(
        self, count: int, fits: Callable[[Draft], bool] = lambda _: True, *, subs: bool = False
    ) -> list[Draft]:
        """That many milestones which fit, sub-bullets among them where `subs`."""
        fitting = [
            draft
            for draft in self.free
            if fits(draft) and (subs or draft.milestone["level"] == "top")
        ]
        if len(fitting) < count:
            raise ValueError(f"{len(fitting)} milestones of the plan fit, {count} are needed")
        taken = self.rng.sample(fitting, count)
        self.free = [draft for draft in self.free if draft not in taken]
        return taken

    def neighbours(self, count: int) -> list[tuple[Draft, Draft]]:
        """That many pairs of bullets, one after the other in a quarter of a section."""
        pairs = [pair for pair in pairwise(self.free) if are_neighbours(*pair)]
        taken: list[tuple[Draft, Draft]] = []
        for pair in self.rng.sample(pairs, len(pairs)):
            if len(taken) < count and all(draft in self.free for draft in pair):
                taken.append(pair)
                self.free = [draft for draft in self.free if draft not in pair]
        if len(taken) < count:
            raise ValueError(f"{len(taken)} pairs of the plan fit, {count} are needed")
        return taken


def are_neighbours(first: Draft, second: Draft) -> bool:
    one, other = first.milestone, second.milestone
    return one["level"] == other["level"] == "top" and all(
        one[key] == other[key] for key in ("section", "quarter_from", "quarter_to")
    )


def change(draft: Draft, made: Made, *, text: str) -> None:
    draft.made = made
    draft.milestone["text"] = text


def text_of(draft: Draft) -> str:
    return draft.milestone["text"]


def bare(text: str) -> str:
    return text.rstrip(" .:,")


def uncapitalised(text: str) -> str:
    word = text.partition(" ")[0]
    return text if len(word) > 1 and word.isupper() else text[:1].lower() + text[1:]


def has_quarter(draft: Draft) -> bool:
    return draft.milestone["quarter_from"] is not None


def has_many_words(draft: Draft) -> bool:
    return len(text_of(draft).split()) > 6


def is_long_enough_to_split(draft: Draft) -> bool:
    return all(len(half.split()) > 2 for half in halves(text_of(draft)))


def halves(text: str) -> tuple[str, str]:
    """The parts before and after the 'og' that is nearest to the middle; "" where there is none."""
    places = [found.span() for found in re.finditer(r"(?<!-) og ", text)]
    if not places:
        return text, ""
    start, end = min(places, key=lambda span: abs(span[0] + span[1] - len(text)))
    return bare(text[:start]) + ".", text[end : end + 1].upper() + text[end + 1 :]


def lightly(text: str) -> str:
    """A text with one word or two changed."""
    for word, other in LIGHT:
        changed = re.sub(word, other, text, count=1)
        if changed != text:
            return changed
    return f"{bare(text)} i året."


def strongly(text: str) -> str:
    """A text that tells of the same matter with few of the same words."""
    words = bare(text).split()
    kept = words[len(words) // 2 :]
    while len(kept) > 1 and kept[0] in ("og", "at", "til", "i", "på", "for", "med", "af", "–", "-"):
        del kept[0]
    return f"Status gives på {' '.join(kept)}."


def place_of(draft: Draft, order: Mapping[str, int]) -> tuple[int, int, int]:
    one = draft.milestone
    return order[one["section"]], one["quarter_from"] or 0, one["quarter_to"] or 0


def new_plan(plan: PlanFile, drafts: Sequence[Draft]) -> PlanFile:
    """The plan of the next year; the drafts get their ids, lines and year."""
    year = plan["year"] + 1
    by_old = {name: f"n{n}" for n, draft in enumerate(drafts, start=1) for name in draft.old}
    for number, draft in enumerate(drafts, start=1):
        one = draft.milestone
        written, parent = one["quarter_as_written"], one["parent"]
        one["id"], one["year"], one["page"] = f"n{number}", year, None
        one["line_from"] = one["line_to"] = 10 + 2 * number
        one["quarter_as_written"] = written and written.replace(str(plan["year"]), str(year))
        one["parent"] = by_old[parent] if parent is not None else None
    return {
        **plan,
        "year": year,
        "milestones": [draft.milestone for draft in drafts],
        "strands": [],
        "not_placed": [],
    }


def changes_of(drafts: Iterable[Draft]) -> list[Change]:
    """What became of the old milestones that are still there, and of what each new one came."""
    news: dict[tuple[Made, tuple[str, ...]], list[str]] = {}
    for number, draft in enumerate(drafts):
        key = (draft.made, draft.old or (f"new {number}",))
        news.setdefault(key, []).append(draft.milestone["id"])
    return [
        Change(made, () if made == "new" else old, tuple(new)) for (made, old), new in news.items()
    ]


@dataclass(frozen=True, slots=True)
class DiffScore:
    """What a reader said of two plans, held against what was made.

    `right`, `asked` and `missed` count changes by what was made. Asked is one that is unsure, or
    right, with a confidence below the least. `wrong` are entries above it that nobody made.
    """

    right: Counter[str]
    asked: Counter[str]
    missed: Counter[str]
    wrong: tuple[ChangeFile, ...]


def score_diff(changes: Sequence[Change], found: Sequence[ChangeFile]) -> DiffScore:
    """Holds the entries of a diff's file against the changes that were made."""
    by_key: dict[tuple[str, frozenset[str], frozenset[str]], ChangeFile] = {}
    asked_about: set[tuple[str, str]] = set()
    for entry in found:
        by_key[key_of(entry)] = entry
        if entry["confidence"] < CONFIDENCE_MIN:
            asked_about |= {("old", one["id"]) for one in entry["old"]}
            asked_about |= {("new", one["id"]) for one in entry["new"]}
    right: Counter[str] = Counter()
    asked: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for one in changes:
        entry = by_key.get(one.key)
        ids = {("old", name) for name in one.old} | {("new", name) for name in one.new}
        if entry is not None and entry["confidence"] >= CONFIDENCE_MIN:
            right[one.made] += 1
        elif entry is not None or (not one.sure and ids <= asked_about):
            asked[one.made] += 1
        else:
            missed[one.made] += 1
    keys = {one.key for one in changes}
    wrong = tuple(
        entry
        for entry in found
        if entry["confidence"] >= CONFIDENCE_MIN and key_of(entry) not in keys
    )
    return DiffScore(right, asked, missed, wrong)


def key_of(entry: ChangeFile) -> tuple[str, frozenset[str], frozenset[str]]:
    old, new = ([one["id"] for one in entry[side]] for side in ("old", "new"))
    return entry["kind"], frozenset(old), frozenset(new)
