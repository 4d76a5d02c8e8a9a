"""Serves styles, scripts and web libraries under an address that changes when any of them does.

The version is part of the path, so that the fonts of a style and the imports of a module, which are
relative, have it, too. So browsers may keep every file for good. The build compressed the files
(`build_hook.py`) and named the results after the content. So a file that was changed since is sent
as it is, and never as it was.
"""

import hashlib
import mimetypes
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from aiohttp import web

from api.delivery.compression import accepted_coding, add_vary
from api.door.needs import Welcome, add_routes, get

STATIC_DIR = Path(__file__).resolve().parents[2] / "static"
PACKED_DIR = STATIC_DIR.with_name("static_packed")
CACHE_FOR_GOOD = "public, max-age=31536000, immutable"

#: The ending of a compressed file by the coding that it has.
_ENDINGS = {"br": ".br", "gzip": ".gz"}


@dataclass(frozen=True, slots=True)
class _StaticFile:
    """A file in memory: as it is, and by each coding that makes it shorter."""

    content_type: str
    etag: str
    plain: bytes
    packed: Mapping[str, bytes]


class StaticFiles:
    """The static files below `folder`, and their compressed forms in `packed`. They are read
    once."""

    def __init__(self, folder: Path = STATIC_DIR, packed: Path = PACKED_DIR) -> None:
        """Raises FileNotFoundError when the web libraries were never fetched."""
        if not (folder / "vendor").is_dir():
            raise FileNotFoundError(
                f"no web libraries in {folder / 'vendor'}: install the package (`make demo` does)"
            )
        digest = hashlib.sha256()
        self._files: dict[str, _StaticFile] = {}
        for path in sorted(_files_below(folder)):
            name = path.relative_to(folder).as_posix()
            self._files[name] = file = _read(path, packed)
            digest.update(name.encode() + b"\0" + bytes.fromhex(file.etag))
        self.prefix = f"/static/{digest.hexdigest()[:16]}"

    def url(self, path: str) -> str:
        """The address of `path`, given relative to the folder.

        Raises:
            FileNotFoundError: there is no such file; a template has it wrong.
        """
        if path not in self._files:
            raise FileNotFoundError(f"no static file {path}")
        return f"{self.prefix}/{path}"

    def install(self, app: web.Application) -> None:
        add_routes(app, [get(self.prefix + "/{path:.+}", self._serve, Welcome.ANYBODY)])

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        file = self._files.get(request.match_info["path"])
        if file is None:
            raise web.HTTPNotFound
        answer = web.Response(headers={"Cache-Control": CACHE_FOR_GOOD})
        coding = accepted_coding(request.headers.get("Accept-Encoding", ""), file.packed)
        if file.packed:
            add_vary(answer.headers, "Accept-Encoding")
        # Each form is another sequence of bytes, and has a tag of its own.
        here = file.etag if coding is None else f"{file.etag}-{coding}"
        answer.etag = here
        if any(tag.value == here for tag in request.if_none_match or ()):
            answer.set_status(304)
            return answer
        answer.content_type, answer.body = file.content_type, file.plain
        if coding is not None:
            answer.headers["Content-Encoding"] = coding
            answer.body = file.packed[coding]
        return answer


@cache
def product_files() -> StaticFiles:
    """The files of the product, which all applications of a process serve."""
    return StaticFiles()


def _files_below(folder: Path) -> Iterator[Path]:
    """Every file; a folder may be a link to one that stands elsewhere."""
    for parent, _, names in os.walk(folder, followlinks=True):
        yield from (Path(parent, name) for name in names)


def _read(path: Path, packed: Path) -> _StaticFile:
    plain = path.read_bytes()
    name = hashlib.sha256(plain).hexdigest()
    forms = {coding: packed / f"{name}{ending}" for coding, ending in _ENDINGS.items()}
    return _StaticFile(
        mimetypes.guess_type(path.name)[0] or "application/octet-stream",
        name,
        plain,
        {coding: form.read_bytes() for coding, form in forms.items() if form.is_file()},
    )
