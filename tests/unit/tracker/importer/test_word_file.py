"""A Word file is read as Word shows it once all changes are accepted."""

import io
import zipfile
from collections.abc import Callable, Mapping

import pytest

from fleet.files.refusal import FileRefusedError
from tests.factories.plan_docx import CHANGE, NS, cell_of, plain, run, styled
from tests.factories.word_files import lying_bomb, numbering, with_parts, word_file, zip_bomb
from tracker.importer.files.document_file import document_in
from tracker.importer.source import DocumentBounds, SourceDocument, SourceLine, SourceTable


def read(body: str, parts: Mapping[str, str] | None = None) -> SourceDocument:
    return document_in("plan.docx", word_file(body, parts), DocumentBounds())


def texts(body: str, parts: Mapping[str, str] | None = None) -> list[str]:
    return [line.text for line in read(body, parts).lines()]


def table_in(body: str) -> list[list[str]]:
    (table,) = read(body).parts
    assert isinstance(table, SourceTable)
    return [[cell.text for cell in row] for row in table.rows]


def item(number: int, level: int, text: str = "Punkt") -> str:
    return styled("", run(text), number, level)


def level(index: int, counts: str, text: str, more: str = "") -> str:
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{counts}"/>{more}'
        f'<w:lvlText w:val="{text}"/></w:lvl>'
    )


def marks(body: str, levels: str, lists: str) -> list[tuple[str | None, int | None]]:
    return [(one.marker, one.list_level) for one in read(body, numbering(levels, lists)).lines()]


ONE_LIST = '<w:num w:numId="1"><w:abstractNumId w:val="7"/></w:num>'
ANEW = (
    '<w:num w:numId="2"><w:abstractNumId w:val="7"/><w:lvlOverride w:ilvl="0">'
    '<w:startOverride w:val="1"/></w:lvlOverride></w:num>'
)


def test_numbers_count_on_across_paragraphs_and_begin_anew_where_a_list_says_so() -> None:
    levels = level(0, "decimal", "%1.") + level(1, "lowerLetter", "%2)")
    body = item(1, 0) + item(1, 1) + item(1, 1) + plain("Imellem") + item(1, 0) + item(1, 1)
    assert marks(body + item(2, 0) + item(1, 0), levels, ONE_LIST + ANEW) == [
        ("1.", 0),
        ("a)", 1),
        ("b)", 1),
        (None, None),
        ("2.", 0),
        ("a)", 1),
        ("1.", 0),
        ("2.", 0),
    ]


def test_a_number_has_the_numbers_above_it_and_the_form_of_each() -> None:
    levels = (
        level(0, "upperRoman", "%1")
        + level(1, "decimal", "%1.%2")
        + level(2, "decimalZero", "%1.%2.%3", "<w:isLgl/>")
    )
    found = marks(item(1, 0) * 4 + item(1, 1) * 2 + item(1, 2), levels, ONE_LIST)
    assert [mark for mark, _ in found] == ["I", "II", "III", "IV", "IV.1", "IV.2", "4.2.01"]
    assert marks(item(1, 1), levels, ONE_LIST) == [("I.1", 1)]


def test_a_number_that_no_level_above_begins_anew_counts_on() -> None:
    levels = level(0, "decimal", "%1.") + level(1, "decimal", "%2.", '<w:lvlRestart w:val="0"/>')
    body = item(1, 0) + item(1, 1) + item(1, 0) + item(1, 1)
    assert [mark for mark, _ in marks(body, levels, ONE_LIST)] == ["1.", "1.", "2.", "2."]


@pytest.mark.parametrize(
    ("text", "font", "shown"),
    [
        ("\uf0b7", "Symbol", "•"),
        ("\uf0a7", "Wingdings", "▪"),
        ("§", "Wingdings", "▪"),
        ("\uf0fc", "Wingdings", "✓"),
        ("o", "Courier New", "o"),
        ("", "Symbol", "•"),
        ("–", "Calibri", "–"),
    ],
)
def test_a_bullet_of_a_font_of_symbols_is_the_sign_that_it_shows(
    text: str, font: str, shown: str
) -> None:
    fonts = f'<w:rPr><w:rFonts w:ascii="{font}"/></w:rPr>'
    levels = level(0, "bullet", text).replace("</w:lvl>", f"{fonts}</w:lvl>")
    assert marks(item(1, 0), levels, ONE_LIST) == [(shown, 0)]


def test_a_style_makes_headings_and_gives_them_numbers() -> None:
    styles = (
        f'<w:styles {NS}><w:style w:type="paragraph" w:styleId="Kapitel"><w:name w:val="Kapitel"/>'
        '<w:basedOn w:val="O1"/></w:style><w:style w:type="paragraph" w:styleId="O1">'
        '<w:name w:val="heading 1"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr></w:pPr>'
        '</w:style><w:style w:type="paragraph" w:styleId="Vigtig"><w:name w:val="Vigtig"/>'
        '<w:pPr><w:outlineLvl w:val="2"/></w:pPr></w:style></w:styles>'
    )
    levels = level(0, "decimal", "%1", '<w:pStyle w:val="O1"/>')
    parts = {"word/styles.xml": styles, **numbering(levels, ONE_LIST)}
    body = styled("Kapitel", run("Kajer")) + styled("Vigtig", run("Fyr")) + plain("Tekst")
    found = [(one.marker, one.list_level, one.heading_level) for one in read(body, parts).lines()]
    assert found == [("1", None, 1), (None, None, 3), (None, None, None)]


def test_insertions_are_read_and_what_was_deleted_or_moved_away_is_not() -> None:
    body = (
        f"<w:p>{run('Kajen er ')}<w:del {CHANGE}>{run('malet', 'delText')}</w:del>"
        f"<w:ins {CHANGE}>{run('fejet')}</w:ins><w:moveFrom {CHANGE}>{run(' i maj')}</w:moveFrom>"
        f"<w:moveTo {CHANGE}>{run(' i juni')}</w:moveTo></w:p>"
    )
    assert texts(body) == ["Kajen er fejet i juni"]


def test_a_paragraph_whose_end_was_deleted_goes_on_in_the_next() -> None:
    end = f"<w:pPr><w:rPr><w:del {CHANGE}/></w:rPr></w:pPr>"
    body = f"<w:p>{end}{run('Kajen ')}</w:p>{plain('er fejet')}"
    assert texts(body) == ["Kajen er fejet"]


def test_hyphens_tabs_and_breaks_are_shown() -> None:
    hyphened = "er i\u00adgang, by\u2011 og havn"
    body = (
        f"<w:p>{run('A')}<w:r><w:noBreakHyphen/></w:r>{run('sag')}<w:r><w:tab/></w:r>"
        f"{run('koordi')}<w:r><w:softHyphen/></w:r>{run('nering')}<w:r><w:br/></w:r>"
        f"{run(hyphened)}</w:p>"
    )
    assert texts(body) == ["A-sag\tkoordinering er igang, by- og havn"]


def test_an_item_with_a_typed_mark_after_a_break_is_a_line() -> None:
    body = f"<w:p>{run('• Kajen')}<w:r><w:br/></w:r>{run('• Fyret')}</w:p>"
    assert texts(body) == ["• Kajen", "• Fyret"]


def test_hidden_text_heads_and_the_table_of_contents_are_left_out() -> None:
    styles = (
        f'<w:styles {NS}><w:style w:type="paragraph" w:styleId="Indhold1"><w:name w:val="toc 1"/>'
        "</w:style></w:styles>"
    )
    hidden = "<w:r><w:rPr><w:vanish/></w:rPr><w:t>skjult</w:t></w:r>"
    body = styled("Indhold1", run("1 Kajer\t4")) + f"<w:p>{run('Synlig')}{hidden}</w:p>"
    assert texts(body, {"word/styles.xml": styles}) == ["Synlig"]


def test_boxes_and_notes_are_beside_the_text_and_once() -> None:
    box = f"<w:txbxContent>{plain('I en boks')}</w:txbxContent>"
    drawn = (
        '<w:r><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/'
        f'markup-compatibility/2006"><mc:Choice Requires="wps"><w:drawing>{box}</w:drawing>'
        f"</mc:Choice><mc:Fallback><w:pict>{box}</w:pict></mc:Fallback></mc:AlternateContent></w:r>"
    )
    package = word_file(
        f'<w:p>{run("Kajen")}{drawn}<w:r><w:footnoteReference w:id="2"/></w:r></w:p>'
    )
    rels = "word/_rels/document.xml.rels"
    with zipfile.ZipFile(io.BytesIO(package)) as old:
        links = old.read(rels).decode()
    note = 'Type="http://x/relationships/footnotes" Target="footnotes.xml"/></Relationships>'
    parts = {
        rels: links.replace("</Relationships>", f'<Relationship Id="n" {note}'),
        "word/footnotes.xml": f'<w:footnotes {NS}><w:footnote w:id="1">{plain("Ikke brugt")}'
        f'</w:footnote><w:footnote w:id="2">{plain("En note")}</w:footnote></w:footnotes>',
    }
    found = document_in("plan.docx", with_parts(package, parts), DocumentBounds())
    assert [line.text for line in found.lines()] == ["Kajen"]
    assert [line.text for line in found.asides] == ["I en boks", "En note"]


def test_merged_cells_keep_their_columns() -> None:
    wide = cell_of(plain("Bred"), '<w:gridSpan w:val="2"/>')
    first = cell_of(plain("Kaj"), '<w:vMerge w:val="restart"/>')
    body = (
        f"<w:tbl><w:tr>{first}{cell_of(plain('a'))}{cell_of(plain('b'))}</w:tr>"
        f"<w:tr>{cell_of('<w:p/>', '<w:vMerge/>')}{wide}</w:tr></w:tbl>"
    )
    assert table_in(body) == [["Kaj", "a", "b"], ["", "Bred", ""]]
    (table,) = read(body).parts
    assert isinstance(table, SourceTable)
    assert [row[0].is_merged_with_above for row in table.rows] == [False, True]


def test_rows_that_were_deleted_are_not_read_and_a_frame_is_no_table() -> None:
    gone = f"<w:tr><w:trPr><w:del {CHANGE}/></w:trPr>{cell_of(plain('væk'))}</w:tr>"
    kept = f"<w:tr>{cell_of(plain('a'))}{cell_of(plain('b'))}</w:tr>"
    assert table_in(f"<w:tbl>{gone}{kept}</w:tbl>") == [["a", "b"]]
    (line,) = read(f"<w:tbl><w:tr>{cell_of(plain('I ramme'))}</w:tr></w:tbl>").parts
    assert isinstance(line, SourceLine)


def test_lines_are_counted_through_tables() -> None:
    body = plain("a") + f"<w:tbl><w:tr>{cell_of(plain('b'))}{cell_of(plain('c'))}</w:tr></w:tbl>"
    found = read(body + plain("d"))
    assert [(line.number, line.text) for line in found.lines()] == [
        (1, "a"),
        (2, "b"),
        (3, "c"),
        (4, "d"),
    ]
    assert found.lines_are_paragraphs


ENTITIES = '<!DOCTYPE w [<!ENTITY a "b">]>'
OUTSIDE = '<!DOCTYPE w SYSTEM "file:///etc/passwd">'


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (word_file("", {"word/document.xml": f"{ENTITIES}<w/>"}), "entities"),
        (word_file("", {"word/document.xml": f"{OUTSIDE}<w/>"}), "entities"),
        (word_file("<w:p>" * 500 + "</w:p>" * 500), "damaged"),
        (word_file("")[:-40], "damaged"),
        (word_file("").replace(b"PK\x01\x02", b"PK\x01\x03"), "damaged"),
        (word_file("", {"word/document.xml": "<w:p"}), "damaged"),
        (word_file("", {"word/document.xml": "<html/>"}), "another kind"),
        (word_file("", {"_rels/.rels": "<r/>"}), "another kind"),
        (b"\xd0\xcf\x11\xe0" + bytes(500), "password"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_is_no_sound_word_file_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(FileRefusedError, match=said):
        document_in("plan.docx", content, DocumentBounds())


def many_parts() -> bytes:
    return word_file("", {f"word/media/{at}": "" for at in range(5_001)})


@pytest.mark.parametrize(
    ("packed", "said"), [(zip_bomb, "packed"), (lying_bomb, "damaged"), (many_parts, "parts")]
)
def test_a_word_file_that_takes_more_than_it_may_is_refused(
    packed: Callable[[], bytes], said: str
) -> None:
    with pytest.raises(FileRefusedError, match=said):
        document_in("plan.docx", packed(), DocumentBounds())


def test_a_file_that_grows_beyond_the_bounds_is_refused_by_its_directory() -> None:
    with pytest.raises(FileRefusedError, match="grows to"):
        document_in("plan.docx", word_file("x" * 2_000_000), DocumentBounds(unzipped_bytes=100_000))
