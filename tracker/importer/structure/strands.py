"""Finds strands: the same matter through the quarters, told by equal texts or equal openings."""

import re
from collections import defaultdict
from collections.abc import Sequence

from tracker.importer.plan_file import Milestone, Strand

#: What ends an opening: a colon, a comma, or a dash with a blank beside it.
_OPENING_END = re.compile(r"\s*(?::|,|\s[-–—]|[–—]\s|-\s)\s*")

#: Words with which a subordinate clause or an adverb begins; what they open is no matter.
_NO_MATTER = re.compile(
    r"(?:når|hvis|da|mens|samt|i|på|ved|efter|før|inden|under|som|derudover|desuden|endvidere"
    r"|hertil|endelig|herefter|samtidig|dog|for|med|af|fra|til|hvor|der)"
)
_LETTERS_MIN = 3

#: An abbreviation at the end of a text, whose full stop is its own.
_ABBREVIATION = re.compile(r"\b\w{1,3}\.\s?\w{1,4}\.$")


def strands(milestones: Sequence[Milestone]) -> list[Strand]:
    """The strands of a plan, in the order of their first milestones."""
    text_by_id = {one.id: _plain(one.text) for one in milestones}
    groups: defaultdict[tuple[str | None, str, str], list[Milestone]] = defaultdict(list)
    for one in milestones:
        if one.quarter_from is not None:
            parent = text_by_id.get(one.parent or "", "")
            groups[one.section, one.level, parent if one.level == "sub" else ""].append(one)
    found: list[Strand] = []
    for (section, _, _), members in groups.items():
        found += [
            Strand(section=section, title=title, milestones=tuple(one.id for one in of_title))
            for title, of_title in _of_group(members)
        ]
    order = {one.id: at for at, one in enumerate(milestones)}
    return sorted(found, key=lambda strand: order[strand.milestones[0]])


def _of_group(members: Sequence[Milestone]) -> list[tuple[str, list[Milestone]]]:
    """The strands among milestones of one section and level."""
    by_opening: defaultdict[str, list[Milestone]] = defaultdict(list)
    title_of: dict[str, str] = {}
    for one in members:
        for title in _titles(one.text):
            key = _plain(title)
            by_opening[key].append(one)
            title_of.setdefault(key, title)
    plain = {one.id: _plain(one.text) for one in members}
    found: list[tuple[str, list[Milestone]]] = []
    taken: set[str] = set()
    # What recurs most is the matter. Of those that recur as often, it is the whole text, where that
    # does, and else what stands before the first sign.
    whole = {_plain(one.text) for one in members}
    order = sorted(
        by_opening, key=lambda one: (-_times(by_opening[one]), one not in whole, len(one))
    )
    for key in order:
        of_key = [one for one in by_opening[key] if one.id not in taken]
        if _times(of_key) < 2:
            continue
        ids = {one.id for one in of_key}
        of_title = [
            one
            for one in members
            if one.id in ids or (one.id not in taken and _continues(plain[one.id], key))
        ]
        taken |= {one.id for one in of_title}
        found.append((title_of[key], of_title))
    return found


def _titles(text: str) -> list[str]:
    """The openings of a text that could name its matter, and the text itself."""
    titles = [text.rstrip(" :;,") if _ABBREVIATION.search(text) else text.rstrip(" .:;,")]
    for end in _OPENING_END.finditer(text):
        opening = text[: end.start()].strip()
        first = opening.split(" ")[0].casefold() if opening else ""
        letters = sum(letter.isalpha() for letter in opening)
        if letters >= _LETTERS_MIN and not _NO_MATTER.fullmatch(first):
            titles.append(opening)
    return titles


def _times(members: Sequence[Milestone]) -> int:
    """In how many quarters or spans milestones stand."""
    return len({(one.year, one.quarter_from, one.quarter_to) for one in members})


def _continues(text: str, key: str) -> bool:
    """Whether a text is a title, with a sign or a compound after it."""
    return text.startswith(key) and text[len(key) :][:1] in ("", ".", "-", "–", ":", ",", ";")


def _plain(text: str) -> str:
    """A text as it is compared: without case, and without signs at its end."""
    return " ".join(text.casefold().split()).rstrip(" .:;,")
