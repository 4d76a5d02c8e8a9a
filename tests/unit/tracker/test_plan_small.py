"""The small plans hold the milestones that are typed beside them, and other papers hold none."""

import io
import re
import zipfile
from xml.etree import ElementTree as ET

from tests.factories.plan_small import (
    goals_expected,
    goals_text,
    no_plans,
    tables,
    tables_docx,
    tables_expected,
)

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text)


def test_the_milestones_of_the_plan_of_goals_are_its_bullets_below_a_time_in_their_order() -> None:
    bullets: list[tuple[str, str]] = []
    timed = False
    for line in goals_text().split("\n"):
        if re.match(r"\d\.\d ", line) or line == "Mål":
            timed = False
        timed = timed or line == "Tidsplan"
        if found := re.match(r"( *)[-*] (.*)", line):
            if timed:
                bullets.append(("sub" if found[1] else "top", found[2]))
        elif timed and line.startswith("  ") and "Side" not in line:
            bullets[-1] = (bullets[-1][0], bullets[-1][1] + line)
    assert [(level, letters(text)) for level, text in bullets] == [
        (milestone.level, letters(milestone.text)) for milestone in goals_expected()
    ]


def test_each_section_of_the_plan_of_goals_is_one_of_its_headings() -> None:
    headings = re.findall(r"^(\d\.\d) ", goals_text(), re.MULTILINE)
    assert list(dict.fromkeys(one.section for one in goals_expected())) == headings


def test_the_milestones_of_the_tables_are_their_actions_in_their_order() -> None:
    typed = tables()
    action = typed.columns.index("Handling")
    actions: list[tuple[str, str, str]] = []
    for section in typed.sections:
        for row in section.rows:
            assert len(row) == len(typed.columns) == 7
            cell = row[action]
            texts = (cell,) if isinstance(cell, str) else cell
            for index, text in enumerate(texts):
                actions.append((section.heading[:3], "sub" if index else "top", text))
    assert actions == [(one.section, one.level, one.text) for one in tables_expected()]


def test_the_word_file_of_the_tables_holds_them() -> None:
    with zipfile.ZipFile(io.BytesIO(tables_docx())) as package:
        body = ET.fromstring(package.read("word/document.xml"))
    found = list(body.iter(f"{W}tbl"))
    typed = tables()
    assert len(found) == len(typed.sections)
    for table, section in zip(found, typed.sections, strict=True):
        rows = list(table.iter(f"{W}tr"))
        texts = [["".join(cell.itertext()) for cell in row.iter(f"{W}tc")] for row in rows]
        assert texts[0] == list(typed.columns)
        for cells, row in zip(texts[1:], section.rows, strict=True):
            assert cells[1:] == [one if isinstance(one, str) else "".join(one) for one in row[1:]]
            assert cells[0] in ("", row[0])
        assert [cells[0] for cells in texts[1:] if cells[0]] == list(
            dict.fromkeys(row[0] for row in section.rows)
        )


def test_six_papers_are_no_plan_though_they_have_bullets_numbers_or_quarters() -> None:
    papers = no_plans()
    assert len(papers) == 6
    for name, text in papers.items():
        assert re.search(r"^\s*(?:[•-]|\d+\.)\s", text, re.MULTILINE), name
    quarters = [name for name, text in papers.items() if re.search(r"(?i)kvar-?\n?tal|Q\d", text)]
    assert len(quarters) >= 4
