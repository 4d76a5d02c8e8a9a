"""Word files of single paragraphs, and such as nobody should read."""

import io
import zipfile
import zlib
from collections.abc import Mapping

from tests.factories.plan_docx import NS, packed
from tests.factories.plan_numbering import Numbering


def word_file(body: str, parts: Mapping[str, str] | None = None) -> bytes:
    """A Word file with this body; `parts` replace those of the package by their names."""
    return with_parts(packed(body, Numbering(), "Hoved"), parts or {})


def with_parts(content: bytes, parts: Mapping[str, str]) -> bytes:
    """A package with some parts replaced or added."""
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in {*old.namelist(), *parts}:
            new.writestr(name, parts[name] if name in parts else old.read(name))
    return written.getvalue()


def numbering(levels: str, lists: str) -> dict[str, str]:
    """The part that defines lists: one definition with these levels, and the lists that use it."""
    return {
        "word/numbering.xml": f'<w:numbering {NS}><w:abstractNum w:abstractNumId="7">{levels}'
        f"</w:abstractNum>{lists}</w:numbering>"
    }


def zip_bomb(size_bytes: int = 40_000_000) -> bytes:
    """A Word file whose text is that long, of one character, and packed into a thousandth."""
    written = io.BytesIO(word_file(""))
    with (
        zipfile.ZipFile(written, "a", zipfile.ZIP_DEFLATED) as package,
        package.open("word/media/image1.xml", "w", force_zip64=True) as part,
    ):
        for _ in range(size_bytes // 1_000_000):
            part.write(b" " * 1_000_000)
    return written.getvalue()


def lying_bomb(size_bytes: int = 40_000_000) -> bytes:
    """A Word file whose directory states that its text is small, though it unpacks to this size."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    pieces = [stream.compress(b" " * 1_000_000) for _ in range(size_bytes // 1_000_000)]
    written = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(word_file(""))) as old,
        zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name != "word/document.xml":
                new.writestr(name, old.read(name))
        new.writestr(
            zipfile.ZipInfo("word/document.xml"), b"".join([*pieces, stream.flush()])
        )  # stored as it is: the headers are changed below
    whole = bytearray(written.getvalue())
    deflated, stated = (8).to_bytes(2, "little"), (20_000).to_bytes(4, "little")
    for signature, method_at, size_at in ((b"PK\x03\x04", 8, 22), (b"PK\x01\x02", 10, 24)):
        at = whole.rfind(signature)
        whole[at + method_at : at + method_at + 2] = deflated
        whole[at + size_at : at + size_at + 4] = stated
    return bytes(whole)
