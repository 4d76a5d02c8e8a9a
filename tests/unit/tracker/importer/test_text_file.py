"""Plain text: whatever the encoding, the same lines with the same numbers."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet.files.own_process import ReadingBounds
from fleet.files.refusal import FileRefusedError
from tracker.importer.files.document_file import read_document_file
from tracker.importer.source import DocumentBounds, SourceDocument
from tracker.importer.text_file import read_text_file

BOUNDS = DocumentBounds()
TEXT = "Årets mål\n\n• Ældre får bedre stier – på øen\n"


def texts(document: SourceDocument) -> list[str]:
    return [line.text for line in document.lines()]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"]
)
def test_the_encoding_does_not_show(encoding: str) -> None:
    document = read_text_file(TEXT.encode(encoding), BOUNDS)
    assert texts(document) == TEXT.split("\n")


def test_latin_1_with_bytes_that_windows_lacks_is_read() -> None:
    assert texts(read_text_file(b"M\xe5l\n\x81gr\xf8n", BOUNDS)) == ["Mål", "grøn"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_count_from_one_and_blank_ones_count(end: str) -> None:
    document = read_text_file(end.join(["a", "", "b"]).encode(), BOUNDS)
    assert [(line.number, line.text) for line in document.lines()] == [(1, "a"), (2, ""), (3, "b")]


def test_a_form_feed_starts_a_page_and_no_line() -> None:
    document = read_text_file(b"a\n\fb\n\f\nc", BOUNDS)
    assert [(line.number, line.text, line.starts_page) for line in document.lines()] == [
        (1, "a", False),
        (2, "b", True),
        (3, "", True),
        (4, "c", True),
    ]


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7 text", b"PK\x03\x04 zip", b"a\0b\0\0c", bytes(range(1, 9)) * 20]
)
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(FileRefusedError, match="no text"):
        read_text_file(content, BOUNDS)


def test_a_refused_file_is_named_whatever_its_name(tmp_path: Path) -> None:
    file = tmp_path / "plan {0} {år}.txt"
    file.write_bytes(bytes(range(1, 9)) * 20)
    with pytest.raises(FileRefusedError, match="no text") as refused:
        read_document_file(file, BOUNDS, ReadingBounds())
    assert str(refused.value).startswith("plan {0} {år}.txt: ")


@pytest.mark.parametrize(
    "bounds", [DocumentBounds(file_bytes=5), DocumentBounds(characters=5), DocumentBounds(lines=5)]
)
def test_what_is_larger_than_a_plan_is_refused(bounds: DocumentBounds) -> None:
    with pytest.raises(FileRefusedError):
        read_text_file(b"a\n" * 10, bounds)


@given(st.binary(max_size=200))
@example(b"\xff\xfea")
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    try:
        document = read_text_file(content, BOUNDS)
    except FileRefusedError:
        return
    assert [line.number for line in document.lines()] == list(range(1, len(document.parts) + 1))
