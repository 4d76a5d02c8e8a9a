"""Opens the package of a Word file within bounds, and parses its parts.

The standard library reads both. A library for Word files (python-docx over lxml) renders no
automatic numbers and reads deleted text as text, so nearly all of this would be written beside it.
"""

import io
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import NoReturn
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

from fleet.files import refusal
from fleet.files.refusal import FileRefusedError
from tracker.importer.source import DocumentBounds

NO_WORD_FILE = "The file is a package of another kind than a Word file (.docx)"
EXPANDS = (
    "A part of the file is packed {ratio} times smaller than it is, and at most {most} is read"
)
DECLARES = "The file declares entities, which no Word file does"

#: Parts of a package: text, styles, pictures.
PARTS_MAX = 5_000

#: No text is packed so small, and no part above this size is taken out that is.
_RATIO_MAX = 200
_RATIO_FROM_BYTES = 5_000_000

#: How deep elements may stand in each other.
_DEPTH_MAX = 200

_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, struct.error, expat.ExpatError),
    *(NotImplementedError, EOFError, OSError, ValueError, KeyError),
)
_ENCRYPTED = 0x1

#: The prefixes that names get here, by namespace; Word writes one of two by the strictness chosen.
_PREFIXES: Mapping[str, str] = {
    "http://schemas.openxmlformats.org/wordprocessingml/2006/main": "w_",
    "http://purl.oclc.org/ooxml/wordprocessingml/main": "w_",
    "http://schemas.openxmlformats.org/markup-compatibility/2006": "mc_",
    "http://schemas.openxmlformats.org/officeDocument/2006/math": "m_",
    "http://purl.oclc.org/ooxml/officeDocument/math": "m_",
}


@dataclass(frozen=True, slots=True)
class Package:
    """The parts of a Word file as XML, whose names have the prefix `w_`."""

    document: Element
    #: Numbering, styles, footnotes and endnotes, by the end of their relation's type.
    related: Mapping[str, Element] = field(default_factory=dict[str, Element])


def open_package(content: bytes, bounds: DocumentBounds) -> Package:
    """The parts of a Word file that hold its text.

    Raises:
        FileRefusedError: it is no Word file, is damaged, or larger than the bounds when unpacked.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _bound(archive.infolist(), bounds)
            return _package(archive)
    except FileRefusedError:
        raise
    except _BROKEN:
        raise FileRefusedError(refusal.UNREADABLE) from None


def _bound(parts: list[zipfile.ZipInfo], bounds: DocumentBounds) -> None:
    """Refuse a package by what its directory says; nothing of it is unpacked beyond that."""
    if len(parts) > PARTS_MAX:
        raise FileRefusedError(refusal.TOO_MANY_PARTS, parts=len(parts), most=PARTS_MAX)
    size, mb = sum(part.file_size for part in parts), 1_000_000
    if size > bounds.unzipped_bytes:
        most = bounds.unzipped_bytes // mb
        raise FileRefusedError(refusal.TOO_LARGE_UNZIPPED, size=-(-size // mb), most=most)
    for part in parts:
        ratio = part.file_size // max(part.compress_size, 1)
        if part.file_size > _RATIO_FROM_BYTES and ratio > _RATIO_MAX:
            raise FileRefusedError(EXPANDS, ratio=ratio, most=_RATIO_MAX)
        if part.flag_bits & _ENCRYPTED:
            raise FileRefusedError(refusal.PROTECTED)


def _package(archive: zipfile.ZipFile) -> Package:
    main = _targets(archive, "").get("officeDocument")
    if main is None:
        raise FileRefusedError(NO_WORD_FILE)
    document = _part(archive, main)
    if document.tag != "w_document":
        raise FileRefusedError(NO_WORD_FILE)
    names = set(archive.namelist())
    related = {
        kind: _part(archive, name)
        for kind, name in _targets(archive, main).items()
        if kind in ("numbering", "styles", "footnotes", "endnotes") and name in names
    }
    return Package(document, related)


def _targets(archive: zipfile.ZipFile, source: str) -> dict[str, str]:
    """The parts that one is related to, by the end of their relation's type."""
    path = PurePosixPath(source)
    name = str(path.parent / "_rels" / f"{path.name}.rels")
    try:
        links = _part(archive, name)
    except KeyError:
        return {}
    found: dict[str, str] = {}
    for link in links:
        if link.get("TargetMode") == "External":
            continue
        kind = link.get("Type", "").rpartition("/")[2]
        target = link.get("Target", "")
        whole = target[1:] if target.startswith("/") else str(path.parent / target)
        found.setdefault(kind, whole.removeprefix("./"))
    return found


def _part(archive: zipfile.ZipFile, name: str) -> Element:
    """A part of a package; the archive reads no more of it than its directory states."""
    return parsed(archive.read(name))


def parsed(content: bytes) -> Element:
    """The root of an XML text. What declares entities, own or of other files, is refused.

    Raises:
        FileRefusedError: it has a document type, or its elements stand too deep in each other.
        ExpatError: it is no XML.
    """
    builder = TreeBuilder()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    depth = 0

    def refuse(*_: object) -> NoReturn:
        raise FileRefusedError(DECLARES)

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEPTH_MAX:
            raise FileRefusedError(refusal.UNREADABLE)
        builder.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def end(name: str) -> None:
        nonlocal depth
        depth -= 1
        builder.end(_named(name))

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = builder.data
    parser.Parse(content, True)
    return builder.close()


def _named(name: str) -> str:
    namespace, _, local = name.rpartition(" ")
    return _PREFIXES.get(namespace, "") + local
