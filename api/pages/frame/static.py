"""Serves styles, scripts and web libraries under an address that changes when any of them does.

The version is part of the path, so that the fonts of a style and the imports of a module, which are
relative, have it, too. So browsers may keep every file for good.
"""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiohttp import web

STATIC_DIR = Path(__file__).resolve().parents[2] / "static"
CACHE_FOR_GOOD = "public, max-age=31536000, immutable"


class StaticFiles:
    """The static files below `folder`, which are read once for their version."""

    def __init__(self, folder: Path = STATIC_DIR) -> None:
        """Raises FileNotFoundError when the web libraries were never fetched."""
        if not (folder / "vendor").is_dir():
            raise FileNotFoundError(
                f"no web libraries in {folder / 'vendor'}: install the package (`make demo` does)"
            )
        digest = hashlib.sha256()
        for path in sorted(p for p in folder.rglob("*") if p.is_file()):
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        self._folder = folder
        self.prefix = f"/static/{digest.hexdigest()[:16]}"

    def url(self, path: str) -> str:
        """The address of `path`, given relative to the folder.

        Raises:
            FileNotFoundError: there is no such file; a template has it wrong.
        """
        if not (self._folder / path).is_file():
            raise FileNotFoundError(f"no static file {path}")
        return f"{self.prefix}/{path}"

    def install(self, app: web.Application) -> None:
        app.router.add_static(self.prefix, self._folder)
        app.on_response_prepare.append(self._keep_for_good())

    def _keep_for_good(
        self,
    ) -> Callable[[web.Request, web.StreamResponse], Awaitable[None]]:
        async def set_header(request: web.Request, response: web.StreamResponse) -> None:
            if request.path.startswith(self.prefix) and response.status == 200:
                response.headers["Cache-Control"] = CACHE_FOR_GOOD

        return set_header
