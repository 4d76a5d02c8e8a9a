"""Reads a plain text file into a document: finds its encoding, its lines and its page breaks."""

import re

from fleet.files.refusal import FileRefusedError
from tracker.importer.source import DocumentBounds, SourceDocument, SourceLine

TOO_LARGE = "The file has {size} MB, and at most {most} are read"
TOO_MUCH_TEXT = "The file has more than {most} characters of text"
TOO_MANY_LINES = "The file has more than {most} lines"
NOT_TEXT = "The file is no text, though its name says so"

_BYTE_ORDER = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}

#: What the first bytes of other files look like, which their bearer may have given a wrong name.
_OTHER_FILES = (b"%PDF-", b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"{\\rtf")

#: Characters that are no text, besides the tab and what ends a line or a page.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f\x80-\x9f\ufeff\u200b-\u200f\u2060]")

#: The most of a text's characters that may be controls; beyond it the file is something else.
_CONTROL_SHARE_MAX = 0.02

#: What ends a line. A form feed does not: it stands before the first line of a page.
_LINE_END = re.compile(r"\r\n|\r|\n|\x0b|\x85|\u2028|\u2029")


def read_text_file(content: bytes, bounds: DocumentBounds) -> SourceDocument:
    """The document in a text file: UTF-8, UTF-16, or else Windows-1252 or Latin-1.

    Raises:
        FileRefusedError: it is no text, or larger than the bounds.
    """
    refuse_size(len(content), bounds)
    text = decoded(content)
    if len(text) > bounds.characters:
        raise FileRefusedError(TOO_MUCH_TEXT, most=bounds.characters)
    return document_of(text, bounds)


def refuse_size(size_bytes: int, bounds: DocumentBounds) -> None:
    """Refuse a file that is larger than a plan can be.

    Raises:
        FileRefusedError: it is.
    """
    if size_bytes > bounds.file_bytes:
        mb = 1_000_000
        raise FileRefusedError(
            TOO_LARGE, size=-(-size_bytes // mb), most=max(1, bounds.file_bytes // mb)
        )


def decoded(content: bytes) -> str:
    """The text of a file, without its byte order mark and without control characters.

    Raises:
        FileRefusedError: it is no text.
    """
    if content.startswith(_OTHER_FILES):
        raise FileRefusedError(NOT_TEXT)
    text = _by_encoding(content)
    cleaned, controls = _CONTROL.subn("", text)
    if controls > _CONTROL_SHARE_MAX * max(len(text), 1) + 1:
        raise FileRefusedError(NOT_TEXT)
    return cleaned


def document_of(text: str, bounds: DocumentBounds) -> SourceDocument:
    """The document of a text whose lines end in any way.

    Raises:
        FileRefusedError: it has more lines than the bounds.
    """
    rows = _LINE_END.split(text)
    if len(rows) > bounds.lines:
        raise FileRefusedError(TOO_MANY_LINES, most=bounds.lines)
    lines: list[SourceLine] = []
    starts_page = False
    for number, row in enumerate(rows, 1):
        before, feed, after = row.rpartition("\f")
        shown = f"{before.replace(chr(12), ' ').rstrip()} {after}" if before.strip() else after
        starts_page = starts_page or bool(feed)
        lines.append(SourceLine(number, shown.rstrip(), starts_page=starts_page))
        starts_page = starts_page and not shown.strip()
    return SourceDocument(tuple(lines))


def _by_encoding(content: bytes) -> str:
    wide = _BYTE_ORDER.get(content[:2]) or _unmarked_utf_16(content)
    try:
        if wide is not None:
            return content.decode(wide)
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        if wide is not None or b"\0" in content:
            raise FileRefusedError(NOT_TEXT) from None
    try:
        return content.decode("cp1252")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _unmarked_utf_16(content: bytes) -> str | None:
    """UTF-16 without a byte order mark: every second byte of a Western text is zero."""
    head = content[:2_000]
    half = len(head) // 2
    if half < 2 or len(content) % 2:
        return None
    if head[1::2].count(0) > 0.8 * half and head[::2].count(0) < 0.1 * half:
        return "utf-16-le"
    if head[::2].count(0) > 0.8 * half and head[1::2].count(0) < 0.1 * half:
        return "utf-16-be"
    return None
