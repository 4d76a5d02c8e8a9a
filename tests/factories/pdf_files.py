"""PDF files written by hand: scanned, protected with a password, or growing without end."""

import hashlib
import zlib
from collections.abc import Sequence

import typst

#: What the format pads passwords with.
_PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")
_IDENTIFIER = b"0123456789abcdef"


def pdf(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF file of objects, numbered from 1; the first is the catalogue."""
    content = bytearray(b"%PDF-1.4\n")
    places: list[int] = []
    for number, one in enumerate(objects, 1):
        places.append(len(content))
        content += b"%d 0 obj\n%b\nendobj\n" % (number, one)
    start = len(content)
    content += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    for place in places:
        content += b"%010d 00000 n \n" % place
    content += b"trailer\n<< /Size %d /Root 1 0 R %b >>\n" % (len(objects) + 1, trailer)
    return bytes(content + b"startxref\n%d\n%%%%EOF\n" % start)


def stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<< /Length %d %b >>\nstream\n%b\nendstream" % (len(content), entries, content)


def page_of(content: bytes, *resources: bytes) -> list[bytes]:
    """The objects of a file of one page with this stream; the resources are objects from 5."""
    return [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << "
        b"/XObject << /Im 5 0 R >> /Font << /F 5 0 R >> >> >>",
        content,
        *resources,
    ]


def scanned_pdf() -> bytes:
    """A page that is a picture only."""
    picture = zlib.compress(bytes(1_240 * 1_754 // 8))
    image = stream(
        picture,
        b"/Type /XObject /Subtype /Image /Width 1240 /Height 1754 /ColorSpace /DeviceGray "
        b"/BitsPerComponent 1 /Filter /FlateDecode",
    )
    return pdf(page_of(stream(b"q 595 0 0 842 0 0 cm /Im Do Q"), image))


def protected_pdf(password: bytes = b"hemmelig") -> bytes:
    """A file that opens with a password only, by the oldest of the format's ways."""
    padded = (password + _PADDING)[:32]
    owner = rc4(hashlib.md5(padded).digest()[:5], padded)
    permissions = (-4).to_bytes(4, "little", signed=True)
    key = hashlib.md5(padded + owner + permissions + _IDENTIFIER).digest()[:5]
    own_key = hashlib.md5(key + (4).to_bytes(3, "little") + bytes(2)).digest()[:10]
    text = rc4(own_key, b"BT /F 12 Tf 72 700 Td (1. kvartal) Tj ET")
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"
    rules = b"<< /Filter /Standard /V 1 /R 2 /P -4 /O <%b> /U <%b> >>" % (
        owner.hex().encode(),
        rc4(key, _PADDING).hex().encode(),
    )
    name = _IDENTIFIER.hex().encode()
    trailer = b"/Encrypt 6 0 R /ID [<%b> <%b>]" % (name, name)
    return pdf([*page_of(stream(text), font), rules], trailer)


def rc4(key: bytes, content: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    found = bytearray()
    i = j = 0
    for byte in content:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        found.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(found)


def growing_pdf(size_bytes: int = 600_000_000) -> bytes:
    """A file whose page unpacks to this size."""
    packer = zlib.compressobj(9)
    pieces = [packer.compress(b"0 0 m " * 100_000) for _ in range(size_bytes // 600_000)]
    return pdf(page_of(stream(b"".join([*pieces, packer.flush()]), b"/Filter /FlateDecode")))


def doubling_pdf(size_bytes: int = 600_000_000) -> bytes:
    """A file whose objects are in a stream that unpacks to this size."""
    packer = zlib.compressobj(9)
    head = b"1 0 2 40 3 80 ".ljust(100)
    pieces = [packer.compress(head)]
    pieces += [packer.compress(b" " * 1_000_000) for _ in range(size_bytes // 1_000_000)]
    entries = b"/Type /ObjStm /N 3 /First 100 /Filter /FlateDecode"
    packed = stream(b"".join([*pieces, packer.flush()]), entries)
    rows = b"".join(bytes([2, 0, 4, at]) for at in range(3)) + bytes([1, 0, 9, 0])
    start = 9 + len(b"4 0 obj\n") + len(packed) + len(b"\nendobj\n")
    table = stream(bytes(4) + rows, b"/Type /XRef /W [1 2 1] /Index [0 5] /Size 5 /Root 1 0 R")
    body = b"%PDF-1.5\n4 0 obj\n" + packed + b"\nendobj\n5 0 obj\n" + table + b"\nendobj\n"
    return body + b"startxref\n%d\n%%%%EOF\n" % start


def text_pdf(text: str) -> bytes:
    """A text as PDF, line by line in one font."""
    source = '#set page(paper: "a4")\n#set text(size: 9pt)\n#raw(sys.inputs.text)'
    content = typst.compile(source.encode(), sys_inputs={"text": text}, ignore_system_fonts=True)
    assert isinstance(content, bytes), "a PDF is one file"
    return content
