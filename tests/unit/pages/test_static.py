"""Static files: one version for all, and nothing fetched from elsewhere at run time."""

import json
import re
from pathlib import Path

import pytest

from api.pages.frame.static import STATIC_DIR, StaticFiles


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


def test_the_lock_file_pins_every_package_by_hash_and_names_no_registry():
    lock = json.loads((STATIC_DIR.parent / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert {"node_modules/dkfds", "node_modules/maplibre-gl"} <= set(packages)
    for entry in packages.values():
        assert "resolved" not in entry
        assert entry["integrity"].startswith("sha512-")


@pytest.mark.parametrize(
    "name", ["flaade.css", "ground.js", "map.js", "page.js", "working.js", "zones.js"]
)
def test_our_own_styles_and_scripts_name_no_other_server(name):
    assert not re.search(r"https?://", (STATIC_DIR / name).read_text())
