"""Finds which section of the old plan a section of the new one is, also when it was renumbered."""

from collections import Counter, defaultdict
from collections.abc import Mapping

from tracker.importer.plan_file import PlanFile

Section = str | None

#: A renumbered section shares so many texts with the old one, and most of those that it shares.
_TEXTS_MIN = 2


def section_by_old(
    old: PlanFile, new: PlanFile, old_texts: Mapping[str, str], new_texts: Mapping[str, str]
) -> dict[Section, Section]:
    """The section of the new plan for each of the old one. `…_texts` are plain texts by the
    milestone's id."""
    places: defaultdict[str, set[Section]] = defaultdict(set)
    for one in new.milestones:
        places[new_texts[one.id]].add(one.section)
    shared: defaultdict[Section, Counter[Section]] = defaultdict(Counter)
    for one in old.milestones:
        for section in places.get(old_texts[one.id], ()):
            shared[one.section][section] += 1
    old_titles, new_titles = _titles(old), _titles(new)
    by_title = {title: section for section, title in new_titles.items()}
    found: dict[Section, Section] = {}
    known = {one.section for one in new.milestones} | set(new_titles)
    for section in {one.section for one in old.milestones}:
        title = old_titles.get(section)
        if section in known and (title is None or new_titles.get(section) == title):
            found[section] = section
        elif title in by_title:
            found[section] = by_title[title]
        elif shared[section]:
            best, count = shared[section].most_common(1)[0]
            is_other = count >= _TEXTS_MIN and 2 * count > sum(shared[section].values())
            found[section] = best if is_other or section not in known else section
        else:
            found[section] = section
    return found


def _titles(plan: PlanFile) -> dict[Section, str]:
    """The titles of sections, as they are compared."""
    titles: dict[Section, str] = {}
    for one in plan.initiatives:
        if one.section is not None:
            titles.setdefault(one.section, _plain(one.title))
    for one in plan.programmes:
        if one.number is not None and one.title is not None:
            titles[one.number] = _plain(one.title)
    return titles


def _plain(title: str) -> str:
    return " ".join(title.casefold().split())
