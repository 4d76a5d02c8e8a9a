"""Opens the file of a plan, and has it read by its kind."""

from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path

import msgspec

from fleet.files.own_process import ReadFile, ReadingBounds, read_in_own_process
from fleet.files.refusal import FileRefusedError
from tracker.importer.pdf.pdf_file import read_pdf_file
from tracker.importer.source import DocumentBounds, SourceDocument, SourceLine, SourceTable
from tracker.importer.text_file import read_text_file, refuse_size
from tracker.importer.word.word_file import read_word_file

UNKNOWN_KIND = "A plan is read from a file of the kinds {kinds}"
OLD_WORD = (
    "The file is a Word file of the old kind (.doc) or protected with a password: save it as .docx "
    "without a password"
)

#: How a file begins that a password protects, or that an old Word wrote.
_OLD_OFFICE = b"\xd0\xcf\x11\xe0"
#: PDF files may begin with a little of something else.
_PDF, _PDF_WITHIN = b"%PDF-", 1_024
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")


class DocumentKind(Enum):
    """A kind of file that is read; its value is the end of its name."""

    TEXT = ".txt"
    PDF = ".pdf"
    WORD = ".docx"


_READERS: Mapping[DocumentKind, Callable[[bytes, DocumentBounds], SourceDocument]] = {
    DocumentKind.TEXT: read_text_file,
    DocumentKind.PDF: read_pdf_file,
    DocumentKind.WORD: read_word_file,
}


def read_document_file(
    path: Path, bounds: DocumentBounds, process: ReadingBounds
) -> SourceDocument:
    """The document in a file. Only plain text is read in this process: small files of the other
    kinds can take much memory and time.

    Raises:
        FileRefusedError: its kind is not read, it is damaged, or larger than the bounds.
        OSError: it cannot be opened.
    """
    try:
        refuse_size(path.stat().st_size, bounds)
        content = path.read_bytes()
        if document_kind(path.name, content) is DocumentKind.TEXT:
            return read_text_file(content, bounds)
        read = read_in_own_process(f"{__name__}:{_read.__name__}", path.name, content, process)
        return _document(read.beside)
    except FileRefusedError as error:
        # A name may have braces, in which no value belongs.
        name = path.name.replace("{", "{{").replace("}", "}}")
        raise FileRefusedError(f"{name}: {error.reason}", **error.values) from None


def document_in(name: str, content: bytes, bounds: DocumentBounds) -> SourceDocument:
    """The document in the content of a file, read in this process: a server has it read in one of
    its own.

    Raises:
        FileRefusedError: its kind is not read, it is damaged, or larger than the bounds.
    """
    refuse_size(len(content), bounds)
    return _READERS[document_kind(name, content)](content, bounds)


def document_kind(name: str, content: bytes) -> DocumentKind:
    """The kind of a file: by its content, and for text, which has no mark of its own, also by the
    end of its name.

    Raises:
        FileRefusedError: it is not read.
    """
    if content.startswith(_OLD_OFFICE):
        raise FileRefusedError(OLD_WORD)
    if _PDF in content[:_PDF_WITHIN]:
        return DocumentKind.PDF
    if content.startswith(_ZIP):
        return DocumentKind.WORD
    if Path(name).suffix.lower() in ("", DocumentKind.TEXT.value):
        return DocumentKind.TEXT
    raise FileRefusedError(UNKNOWN_KIND, kinds=", ".join(kind.value for kind in DocumentKind))


class _Part(msgspec.Struct):
    """A part of a document between two processes: a line or a table."""

    line: SourceLine | None = None
    table: SourceTable | None = None


class _Sent(msgspec.Struct):
    """A document between two processes."""

    parts: list[_Part]
    lines_are_paragraphs: bool
    asides: tuple[SourceLine, ...]


def _read(name: str, content: bytes, process: ReadingBounds) -> ReadFile:
    """Read a file in the process that this module was started in for it."""
    found = document_in(name, content, DocumentBounds(unzipped_bytes=process.unzipped_bytes))
    parts = [
        _Part(line=one) if isinstance(one, SourceLine) else _Part(table=one) for one in found.parts
    ]
    sent = _Sent(parts, found.lines_are_paragraphs, found.asides)
    return ReadFile(None, msgspec.json.encode(sent))


def _document(sent: bytes) -> SourceDocument:
    found = msgspec.json.decode(sent, type=_Sent)
    parts = tuple(part for one in found.parts if (part := one.line or one.table) is not None)
    return SourceDocument(parts, found.lines_are_paragraphs, found.asides)
