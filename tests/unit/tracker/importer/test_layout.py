"""Layout undone: wraps, hyphens, bullets of every kind, lost bullets and page furniture."""

import re
import textwrap
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.tracker.importer.planwords import PLAN, plan_in
from tracker.importer.layout.furniture import content_lines
from tracker.importer.layout.vocabulary import Vocabulary
from tracker.importer.source import SourceLine

TEXTS = [one.text for one in plan_in(PLAN).milestones]
LEVELS = [one.level for one in plan_in(PLAN).milestones]


def texts(text: str) -> list[str]:
    return [one.text for one in plan_in(text).milestones]


def shown(lines: list[str]) -> list[str]:
    numbered = [SourceLine(number, text) for number, text in enumerate(lines, 1)]
    return [line.source.text for line in content_lines(numbered)]


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("bedre koordi-", "nering af", "bedre koordinering af"),
        ("i Bro-", "Havn by", "i Bro-Havn by"),
        ("for by-", "og havneliv", "for by- og havneliv"),
        ("lavere CO2-", "aftryk", "lavere CO2-aftryk"),
        ("hele VVM-", "rapporten", "hele VVM-rapporten"),
        ("på e-", "mail", "på e-mail"),
        ("en mølle –", "ny", "en mølle – ny"),
        ("hav\u00ad", "nen", "havnen"),
        ("svane-", "sø", "svane-sø"),
    ],
)
def test_a_hyphen_of_a_wrap_is_undone_and_one_of_a_name_stays(
    before: str, after: str, joined: str
) -> None:
    vocabulary = Vocabulary(["Parken har en svane-sø med vand", "Alt om koordinering"])
    assert vocabulary.joined(before, after) == joined


@pytest.mark.parametrize("top", ["•", "-", "–", "*", "▪", "●", "➢", "\uf0b7"])
@pytest.mark.parametrize("sub", ["o", "◦", "–", "▫", "-", "\uf0a7"])
def test_bullets_of_every_kind_and_level(top: str, sub: str) -> None:
    indent = "    " if top == sub else ""
    text = re.sub(r"(?m)^o ", f"{indent}{sub} ", re.sub(r"(?m)^• ", f"{top} ", PLAN))
    plan = plan_in(text)
    assert [one.text for one in plan.milestones] == TEXTS
    assert [one.level for one in plan.milestones] == LEVELS


@given(st.integers(34, 110), st.sampled_from(["\n", "\n\n", " \n\n"]), st.sampled_from(["", "  "]))
@settings(max_examples=40, deadline=None)
def test_milestones_do_not_depend_on_the_width_of_lines(width: int, end: str, hang: str) -> None:
    joined = PLAN.replace("kutterne\nkan", "kutterne kan").replace("er\ntryg", "er tryg")
    lines = [
        row
        for line in joined.splitlines()
        for row in textwrap.wrap(line, width, subsequent_indent=hang, break_on_hyphens=False)
        or [""]
    ]
    assert texts(end.join(lines)) == TEXTS


def numbered(text: str, top: str, sub: str, *, through: bool) -> str:
    """A text whose bullets are numbers, in each list from one or through all lists."""
    counts = {"•": 0, "o": 0}
    lines: list[str] = []
    for line in text.splitlines():
        if line[:2] in ("• ", "o ") and "Kvartal" not in line:
            counts[line[0]] += 1
            counts["o"] *= line[0] == "o" or through
            mark = (top if line[0] == "•" else sub).replace("1", str(counts[line[0]]))
            lines.append(mark + line[1:])
        else:
            counts = counts if through else dict.fromkeys(counts, 0)
            lines.append(line)
    return "\n".join(lines)


@pytest.mark.parametrize(("top", "sub"), [("1.", "o"), ("1)", "-"), ("1.", "1)"), ("-", "1.")])
@pytest.mark.parametrize("through", [False, True])
def test_items_may_be_numbered(top: str, sub: str, *, through: bool) -> None:
    plan = plan_in(numbered(PLAN, top, sub, through=through))
    assert [one.text for one in plan.milestones] == TEXTS
    assert [one.level for one in plan.milestones] == LEVELS


def test_a_bullet_may_begin_one_list_and_stand_below_in_another() -> None:
    both = "".join(
        f"{quarter}. kvartal 2031\n{top} Kaj {quarter}\n{sub} Spuns\n{sub} Anker\n{top} Mole\n"
        for quarter, top, sub in ((1, "•", "▪"), (2, "▪", "•"), (3, "•", "▪"), (4, "▪", "•"))
    )
    plan = plan_in(f"1.1 Program for havnen\nFormål\nHavnen skal leve.\n{both}")
    assert [one.level for one in plan.milestones] == ["top", "sub", "sub", "top"] * 4


@pytest.mark.parametrize("case", [str.lower, str.upper, str.title])
def test_headings_may_be_in_any_case(case: Callable[[str], str]) -> None:
    headings = re.compile(r"(?m)^(?:\d.*|Formål|Succeskriterier|Ressourcer:|• Kvartal.*)$")
    assert texts(headings.sub(lambda found: case(found[0]), PLAN)) == TEXTS


LIST = "\n".join(
    f"{quarter}. kvartal 2031\n"
    + "\n".join(
        f"• Havnen får sin {word} {thing} med plads til både, som\n  længe har ventet"
        if at % 2
        else f"• Den {word} {thing} er malet"
        for at, thing in enumerate(["kaj", "mole", "bro", "kran", "bøje", "rampe"])
    )
    for quarter, word in enumerate(["første", "anden", "tredje", "sidste"], 1)
)


@given(st.integers(0, 23))
@settings(max_examples=24, deadline=None)
def test_an_item_that_lost_its_bullet_is_an_item(lost: int) -> None:
    text = "1.1 Program for havnen\nFormål\nHavnen skal leve.\n" + LIST
    bullets = [found.start() for found in re.finditer("• ", text)]
    assert len(bullets) == 24
    at = bullets[lost]
    assert texts(text[:at] + text[at + 2 :]) == texts(text)


def test_a_dash_that_a_wrap_put_first_begins_no_item() -> None:
    text = PLAN.replace("fundamentet – rapport", "fundamentet\n– rapport")
    assert texts(text) == TEXTS


def test_a_quarter_within_a_sentence_is_no_heading() -> None:
    text = PLAN.replace("Spunsen er rammet", "Spunsen er rammet senest ultimo\n4. kvartal")
    assert texts(text) == [*TEXTS[:6], "Spunsen er rammet senest ultimo 4. kvartal", *TEXTS[7:]]


def pages(text: str, head: str, foot: str) -> str:
    """A text cut into pages, each with a head and a foot."""
    lines = text.splitlines()
    found: list[str] = []
    for page, start in enumerate(range(0, len(lines), 9), 1):
        found += [head.format(page), *lines[start : start + 9], foot.format(page)]
    return "\n".join(found)


@pytest.mark.parametrize(
    ("head", "foot"),
    [
        ("Årsplan for havnen", "Side {} af 9"),
        ("Havnekontoret 2031", "{}/9"),
        ("\fHavnekontoret", "- {} -"),
        ("\fHavnekontoret", "{}"),
        ("Årsplan                {}", ""),
        ("", "{}"),
    ],
)
def test_page_furniture_is_no_text(head: str, foot: str) -> None:
    assert texts(pages(PLAN, head, foot)) == TEXTS


def test_what_recurs_in_the_text_is_no_furniture() -> None:
    lines = ["1. kvartal", "• Møde", "2. kvartal", "• Møde", "Formål", "Liv", "Formål", "Ro"]
    assert shown(lines) == lines
