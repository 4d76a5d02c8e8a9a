"""Static files: one version for all, and nothing fetched from elsewhere at run time."""

import gzip
import hashlib
import json
import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from api.pages.frame.static import CACHE_FOR_GOOD, STATIC_DIR, StaticFiles


def tree(folder: Path, style: str) -> Path:
    (folder / "vendor").mkdir(parents=True)
    (folder / "flaade.css").write_text(style)
    return folder


def test_the_version_changes_when_a_file_does_and_only_then(tmp_path):
    first = StaticFiles(tree(tmp_path / "a", "p {}")).prefix
    same = StaticFiles(tree(tmp_path / "b", "p {}")).prefix
    other = StaticFiles(tree(tmp_path / "c", "q {}")).prefix
    assert first == same != other


def test_a_wrong_file_name_in_a_template_is_an_error_and_not_a_404_later(tmp_path):
    static = StaticFiles(tree(tmp_path / "a", ""))
    assert static.url("flaade.css") == f"{static.prefix}/flaade.css"
    with pytest.raises(FileNotFoundError, match=r"flade\.css"):
        static.url("flade.css")


def test_missing_web_libraries_are_named_with_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match="install the package"):
        StaticFiles(tmp_path)


def packed_form(folder: Path, style: str) -> Path:
    folder.mkdir(exist_ok=True)
    packed = folder / f"{hashlib.sha256(style.encode()).hexdigest()}.gz"
    packed.write_bytes(gzip.compress(style.encode()))
    return folder


async def test_a_file_is_sent_as_it_was_compressed_and_only_to_who_takes_it_so(tmp_path):
    packed = packed_form(tmp_path / "packed", "p {}")
    static, app = StaticFiles(tree(tmp_path / "a", "p {}"), packed), web.Application()
    static.install(app)
    async with TestClient(TestServer(app), auto_decompress=False) as client:
        url = static.url("flaade.css")
        short = await client.get(url, headers={"Accept-Encoding": "gzip, br"})
        plain = await client.get(url, headers={"Accept-Encoding": "gzip;q=0"})
        assert short.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(await short.read()) == await plain.read() == b"p {}"
        assert "Content-Encoding" not in plain.headers
        assert short.headers["ETag"] != plain.headers["ETag"]
        for answer in (short, plain):
            assert answer.headers["Content-Type"].startswith("text/css")
            assert answer.headers["Cache-Control"] == CACHE_FOR_GOOD
            assert answer.headers["Vary"] == "Accept-Encoding"
        known = {"Accept-Encoding": "gzip", "If-None-Match": short.headers["ETag"]}
        assert (await client.get(url, headers=known)).status == 304
        for missing in ("nothing.css", "../static.py", "%2e%2e/static.py"):
            assert (await client.get(f"{static.prefix}/{missing}")).status == 404


async def test_a_file_that_was_changed_after_the_build_is_not_sent_as_it_was(tmp_path):
    packed = packed_form(tmp_path / "packed", "p {}")
    static, app = StaticFiles(tree(tmp_path / "a", "q {}"), packed), web.Application()
    static.install(app)
    async with TestClient(TestServer(app)) as client:
        answer = await client.get(static.url("flaade.css"), headers={"Accept-Encoding": "gzip"})
        assert await answer.text() == "q {}"


def test_the_lock_file_pins_every_package_by_hash_and_names_no_registry():
    lock = json.loads((STATIC_DIR.parent / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert {"node_modules/dkfds", "node_modules/maplibre-gl"} <= set(packages)
    for entry in packages.values():
        assert "resolved" not in entry
        assert entry["integrity"].startswith("sha512-")


@pytest.mark.parametrize(
    "name", ["flaade.css", "ground.js", "map.js", "page.js", "draft.js", "working.js", "zones.js"]
)
def test_our_own_styles_and_scripts_name_no_other_server(name):
    assert not re.search(r"https?://", (STATIC_DIR / name).read_text())
