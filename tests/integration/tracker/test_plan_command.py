"""`flaade plan`, run as people run it: on a published plan, on what is none, and on two years."""

import json
from collections import Counter
from itertools import groupby
from pathlib import Path

import pytest

from tests.factories.command import flaade, refused
from tests.factories.pdf_files import protected_pdf, scanned_pdf
from tests.factories.plan_documents import plan_pdf
from tests.factories.plan_docx import plan_docx
from tests.factories.plan_generated import generated_document
from tests.factories.word_files import zip_bomb
from tests.unit.tracker.importer.planwords import PLAN
from tracker.importer.plan_file import PlanFile, read_plan_file


@pytest.fixture(scope="module")
def published(published_plan: Path, tmp_path_factory: pytest.TempPathFactory) -> PlanFile:
    """The published plan, as the command writes it."""
    folder = tmp_path_factory.mktemp("published")
    done = flaade("plan", "read", published_plan, "--out", folder / "plan.json", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert "380 milestones" in done.stdout
    assert done.stdout.count("may be a target: ") == 21
    return read_plan_file(folder / "plan.json")


def test_every_milestone_of_the_published_plan_is_found_and_none_invented(
    published: PlanFile,
) -> None:
    counts = Counter(
        ("2.x" if (one.section or "").startswith("2.") else (one.section or "")[:3], one.level)
        for one in published.milestones
    )
    assert counts == {
        ("2.x", "top"): 62,
        ("2.x", "sub"): 6,
        ("3.1", "top"): 147,
        ("3.1", "sub"): 20,
        ("4.1", "top"): 9,
        ("5.1", "top"): 20,
        ("5.1", "sub"): 57,
        ("6.1", "top"): 31,
        ("7.1", "top"): 28,
    }


def test_every_milestone_has_the_words_of_its_lines(
    published: PlanFile, published_plan: Path
) -> None:
    lines = published_plan.read_text(encoding="utf-8").split("\n")
    for one in published.milestones:
        words = " ".join(lines[one.line_from - 1 : one.line_to]).split()
        printed = " ".join(words[1:] if words[0] in ("•", "o") else words)
        assert one.text.replace("-", "").replace(" ", "") == printed.replace("-", "").replace(
            " ", ""
        )


def test_programmes_and_what_is_asked_about(published: PlanFile) -> None:
    assert [one.number for one in published.programmes] == [
        "2.1",
        "3.1",
        "4.1",
        "5.1",
        "6.1",
        "7.1",
    ]
    years = [
        [resource.aarsvaerk for resource in one.resources if resource.aarsvaerk is not None]
        for one in published.programmes
    ]
    assert years == [[5], [5, 0.25], [1], [7], [5], [8]]
    bulleted = [one for one in published.programmes if one.number in ("2.1", "3.1")]
    assert sum(len(one.success_criteria) for one in bulleted) == 27
    assert len(published.policies) == 18
    inferred = {(one.section, one.quarter_from) for one in published.milestones if one.inferred}
    assert len(inferred) == 4
    lines = [one.line_from for one in published.not_placed]
    assert lines == [2153, *range(2155, 2164, 2), 2164, 2166, 2168]


def test_strands_run_through_the_quarters(published: PlanFile) -> None:
    quarter_by_id = {one.id: one.quarter_from for one in published.milestones}
    level_by_id = {one.id: one.level for one in published.milestones}
    for strand in published.strands:
        assert len({quarter_by_id[one] for one in strand.milestones}) > 1
        assert len({level_by_id[one] for one in strand.milestones}) == 1
    of_section = {
        section: sorted(len(one.milestones) for one in strands)
        for section, strands in groupby(published.strands, key=lambda one: one.section)
    }
    assert of_section["2.4.2"] == [4] * 6
    assert of_section["7.1"] == [4] * 7


def test_a_paper_that_is_no_plan_writes_nothing(seeds: Path, tmp_path: Path) -> None:
    (document,) = seeds.glob("004_*.txt")
    done = flaade("plan", "read", document, "--out", tmp_path / "plan.json", cwd=tmp_path)
    assert done.returncode == 3
    assert "no plan found" in done.stderr
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_what_the_contract_says(tmp_path: Path) -> None:
    (tmp_path / "plan.txt").write_text(PLAN, encoding="utf-8")
    done = flaade("plan", "read", "plan.txt", "--out", "plan.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "plan.json").read_text(encoding="utf-8"))
    assert list(found) == [
        *("title", "year", "programmes", "initiatives", "milestones", "strands", "policies"),
        "not_placed",
    ]
    assert "inferred: Kvartal 2031 in 1.2 is read as quarter 1" in done.stdout
    assert "not placed: line" in done.stdout


def test_a_word_file_and_a_pdf_are_read_whatever_their_names(tmp_path: Path) -> None:
    document = generated_document(4)
    for written in (plan_docx(document, "tracked"), plan_pdf(document)):
        (tmp_path / "plan.bin").write_bytes(written.content)
        done = flaade("plan", "read", "plan.bin", "--out", "plan.json", cwd=tmp_path)
        assert (done.returncode, done.stderr) == (0, "")
        found = read_plan_file(tmp_path / "plan.json").milestones
        assert [one.text for one in found] == [one.text for one in written.expected]


def test_the_bounds_on_a_file_are_settings(tmp_path: Path) -> None:
    with (tmp_path / "plan.pdf").open("wb") as file:
        file.truncate(300_000_000)  # bytes: it is refused before any is read
    (tmp_path / "plan.docx").write_bytes(zip_bomb())
    (tmp_path / "scanned.pdf").write_bytes(scanned_pdf())
    (tmp_path / "protected.pdf").write_bytes(protected_pdf())
    for name, said in (
        ("plan.pdf", "300 MB, and at most 50"),
        ("plan.docx", "packed"),
        ("scanned.pdf", "recognised first"),
        ("protected.pdf", "password"),
    ):
        done = flaade("plan", "read", name, "--out", "plan.json", cwd=tmp_path)
        refused(done, name, said)
    order = ("plan", "read", "plan.pdf", "--out", "plan.json")
    done = flaade(*order, cwd=tmp_path, FLAADE_PLAN_FILE_MAX_BYTES="100000000")
    refused(done, "plan.pdf", "at most 100 are read")


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    (tmp_path / "plan.odt").write_text(PLAN, encoding="utf-8")
    (tmp_path / "plan.txt").write_bytes(b"PK\x03\x04")
    for name, said in (("plan.odt", ".txt"), ("plan.txt", "damaged"), ("none.txt", "No such")):
        done = flaade("plan", "read", name, "--out", "plan.json", cwd=tmp_path)
        refused(done, name, said)
    assert not (tmp_path / "plan.json").exists()


def test_two_years_are_compared(tmp_path: Path) -> None:
    (tmp_path / "old.txt").write_text(PLAN, encoding="utf-8")
    new = PLAN.replace("2031", "2032").replace("o Kontrakt er skrevet\n", "")
    (tmp_path / "new.txt").write_text(new, encoding="utf-8")
    for name in ("old", "new"):
        flaade("plan", "read", f"{name}.txt", "--out", f"{name}.json", cwd=tmp_path)
    done = flaade("plan", "diff", "old.json", "new.json", "--out", "diff.json", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    found = json.loads((tmp_path / "diff.json").read_text(encoding="utf-8"))
    assert [list(one) for one in found] == [["kind", "old", "new", "confidence"]] * len(found)
    assert Counter(one["kind"] for one in found) == {"goes_on": 9, "gone": 1}
    assert found[-1]["old"][0]["text"] == "Kontrakt er skrevet"


def test_what_is_no_plan_of_a_year_cannot_be_compared(tmp_path: Path) -> None:
    (tmp_path / "old.json").write_text('{"title": null, "year": 31}')
    done = flaade("plan", "diff", "old.json", "old.json", "--out", "diff.json", cwd=tmp_path)
    refused(done, "old.json", "year")
