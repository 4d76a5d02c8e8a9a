"""Compares two plans: each milestone of the old one with what it became in the new one.

What is the same in the same place is found first, then what was split or merged word for word, then
what is the same elsewhere, what was split or merged in other words, and at last what is alike. Each
step leaves less to the next, and the last compares a text with few others only, so that plans of
20,000 milestones take seconds. What may be another way is a question in the end.
"""

from tracker.importer.plan_file import PlanFile
from tracker.matching.alike import alike, left
from tracker.matching.compared import compared, plain_texts
from tracker.matching.comparison import Comparison
from tracker.matching.difference import Difference, DifferenceKind
from tracker.matching.divided import composed, divided
from tracker.matching.doubts import doubt
from tracker.matching.same import same_elsewhere, same_place, same_signs_elsewhere
from tracker.matching.sections import section_by_old
from tracker.matching.words import Words


def compare(old: PlanFile, new: PlanFile) -> list[Difference]:
    """The fate of each milestone, in the order of the new plan; what is gone comes last."""
    comparison = _comparison(old, new)
    same_place(comparison, lambda one: one.exact)
    same_signs_elsewhere(comparison)
    same_place(comparison, lambda one: one.plain)
    for kind in (DifferenceKind.SPLIT, DifferenceKind.MERGED):
        composed(comparison, kind)
    same_elsewhere(comparison)
    for in_place in (True, False):
        divided(comparison, DifferenceKind.SPLIT, in_place=in_place)
        divided(comparison, DifferenceKind.MERGED, in_place=in_place)
    alike(comparison)
    left(comparison)
    doubt(comparison)
    last = len(comparison.new)
    found = sorted(comparison.found, key=lambda one: one.new[0].place if one.new else last)
    return [one.difference for one in found]


def _comparison(old: PlanFile, new: PlanFile) -> Comparison:
    old_texts, new_texts = plain_texts(old), plain_texts(new)
    sections = section_by_old(old, new, old_texts, new_texts)
    olds, news = compared(old, old_texts, sections), compared(new, new_texts, {})
    return Comparison(olds, news, Words([one.stems for one in (*olds, *news)]))
