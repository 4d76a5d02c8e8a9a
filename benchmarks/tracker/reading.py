"""Reading published plans: `python -m benchmarks.tracker.reading`.

    --seeds 200     the changed texts of each way of changing, and years that are compared

The benchmark prints the seconds of reading the published plan beside those of splitting it into
words, and how many milestones are found right: in texts changed in seven ways, in PDF and Word
files, in plans typed in another style, and in papers that are no plan. It then compares plans with
those of the next year, of which 60 changes each are known, and at last two years of 50 plans.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from typing import cast

from tests.factories.plan_blocks import Document, ExpectedMilestone, published_document
from tests.factories.plan_check import differences
from tests.factories.plan_documents import WrittenPlan, plan_pdf
from tests.factories.plan_docx import Form, plan_docx
from tests.factories.plan_file import ChangeFile, plan_file
from tests.factories.plan_mutations import KINDS, mutated
from tests.factories.plan_next_year import next_year, score_diff
from tests.factories.plan_score import Score, score, summary
from tests.factories.plan_small import (
    goals_expected,
    goals_text,
    no_plans,
    tables_docx,
    tables_expected,
)
from tests.factories.plan_truth import PUBLISHED, plan_truth
from tracker.importer.files.document_file import document_in
from tracker.importer.plan_file import PlanFile
from tracker.importer.source import DocumentBounds
from tracker.importer.structure.reader import NoPlanError, read_plan
from tracker.matching.compare import compare

RUNS = 7
WORD_FORMS: tuple[Form, ...] = ("bullets", "numbers", "tracked", "table")
PLANS = 50


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=200)
    seeds = parser.parse_args().seeds
    if not PUBLISHED.is_file():
        raise SystemExit("the published plan is not beside this checkout")
    content = PUBLISHED.read_bytes()
    plan = read(PUBLISHED.name, content)
    lines = content.decode().splitlines()
    wrong = differences(json.loads(plan.model_dump_json()), plan_truth(), lines)
    found = len(plan.milestones)
    print(f"published plan: {found} milestones, {len(wrong)} differences to the truth")
    _print_seconds(content)
    with ProcessPoolExecutor() as workers:
        for kind in KINDS:
            scores = workers.map(score_of_mutated, [kind] * seeds, range(seeds), chunksize=5)
            print(f"{kind}: {summary(dict(zip(map(str, range(seeds)), scores, strict=True)))}")
    document = published_document()
    for form in WORD_FORMS:
        _print_score(f"Word, {form}", *_written(plan_docx(document, form)))
    _print_score("PDF", *_written(plan_pdf(document)))
    _print_score("labels", goals_expected(), read("goals.txt", goals_text().encode()))
    _print_score("table of seven columns", tables_expected(), read("table.docx", tables_docx()))
    papers = {name: _is_plan(text) for name, text in no_plans().items()}
    print(f"papers that are no plan: {len(papers)}, of which {sum(papers.values())} read as one")
    _print_next_years(document, seeds)
    _print_many(document)


def read(name: str, content: bytes) -> PlanFile:
    return read_plan(document_in(name, content, DocumentBounds()))


def score_of_mutated(kind: str, seed: int) -> Score:
    """The score of one changed text; one in which no plan is found has none right."""
    changed = mutated(kind, seed, published_document())
    try:
        plan = read("plan.txt", changed.text.encode())
    except NoPlanError:
        return score(changed.expected, [])
    return score(changed.expected, [one.model_dump() for one in plan.milestones])


def _print_seconds(content: bytes) -> None:
    """The seconds of reading beside those of one look at each word, which no reader can beat."""
    reading = [_seconds(lambda: read(PUBLISHED.name, content)) for _ in range(RUNS)]
    splitting = [_seconds(lambda: Counter(content.decode().split())) for _ in range(RUNS)]
    runs = ", ".join(f"{one:.2f}" for one in reading)
    print(
        f"reading it: median {median(reading):.2f} s of {runs}; "
        f"{median(reading) / median(splitting):.0f} times one look at each word"
    )


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _written(written: WrittenPlan) -> tuple[Sequence[ExpectedMilestone], PlanFile]:
    return written.expected, read(written.name, written.content)


def _print_score(name: str, expected: Sequence[ExpectedMilestone], plan: PlanFile) -> None:
    print(f"{name}: {summary({name: score(expected, [m.model_dump() for m in plan.milestones])})}")


def _is_plan(text: str) -> bool:
    try:
        read("paper.txt", text.encode())
    except NoPlanError:
        return False
    return True


def _print_next_years(document: Document, seeds: int) -> None:
    """What is said of known changes, by what was made."""
    plan = plan_file(document, 2025)
    right, asked, missed = Counter[str](), Counter[str](), Counter[str]()
    wrong = questions = 0
    for seed in range(seeds):
        made = next_year(plan, seed)
        found = compare(PlanFile.model_validate(plan), PlanFile.model_validate(made.plan))
        said = [cast("ChangeFile", json.loads(one.model_dump_json())) for one in found]
        scored = score_diff(made.changes, said)
        right += scored.right
        asked += scored.asked
        missed += scored.missed
        wrong += len(scored.wrong)
        questions += sum(not one.is_sure for one in found)
    for made_as in right | asked | missed:
        print(
            f"next year, {made_as}: {right[made_as]} right, {asked[made_as]} asked, "
            f"{missed[made_as]} missed"
        )
    print(f"next year, sure and wrong: {wrong}; questions: {questions / seeds:.1f} a year")


def _print_many(document: Document) -> None:
    """The seconds of a comparison of 50 plans as one with the same a year later."""
    plan = PlanFile.model_validate(plan_file(document, 2025))
    many = plan.model_copy(
        update={
            "milestones": tuple(
                one.model_copy(
                    update={
                        "id": f"{number}-{one.id}",
                        "parent": one.parent and f"{number}-{one.parent}",
                        "section": f"{number}.{one.section}",
                    }
                )
                for number in range(PLANS)
                for one in plan.milestones
            )
        }
    )
    seconds = _seconds(lambda: compare(many, many))
    print(f"two years of {len(many.milestones)} milestones: {seconds:.1f} s")


if __name__ == "__main__":
    main()
