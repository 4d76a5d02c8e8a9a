"""A compiled template is kept for the next process, and not shown once it would be another one."""

import os
import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from api.pages.words.compiled_templates import CompiledTemplates


def shown(folder: Path, language: str = "da", source: str = "{{ 2 + 3 }} vehicles") -> str:
    """What a page of a new process shows."""
    environment = Environment(
        loader=DictLoader({"page.html": source}),
        autoescape=True,
        bytecode_cache=CompiledTemplates(folder, language),
    )
    return environment.get_template("page.html").render()


def kept(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.template"))


@pytest.fixture(autouse=True)
def _keeps(monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction]
    monkeypatch.setattr(sys, "dont_write_bytecode", False)


def test_a_template_is_compiled_once(tmp_path: Path) -> None:
    folder = tmp_path / "__pycache__"
    assert shown(folder) == "5 vehicles"
    [file] = kept(folder)
    os.utime(file, (1, 1))
    assert shown(folder) == "5 vehicles"
    assert file.stat().st_mtime == 1, "it is read, not written again"


def test_another_source_and_another_language_are_other_templates(tmp_path: Path) -> None:
    assert shown(tmp_path) == "5 vehicles"
    assert shown(tmp_path, source="{{ 2 + 4 }} vehicles") == "6 vehicles"
    assert shown(tmp_path, "en", "{{ 2 + 5 }} vehicles") == "7 vehicles"
    assert len(kept(tmp_path)) == 2


def test_a_changed_filter_is_not_taken_for_the_one_before(tmp_path: Path) -> None:
    """What it makes of a constant stands in the compiled template."""
    source = tmp_path / "a_filter.py"
    made: list[str] = []
    for text in ("one", "three"):
        source.write_text(f"def said(_):\n    return {text!r}\n")
        names: dict[str, object] = {}
        exec(compile(source.read_text(), source, "exec"), names)
        function = names["said"]
        assert callable(function)
        environment = Environment(
            loader=DictLoader({"page.html": "{{ 'x' | said }}"}),
            autoescape=True,
            bytecode_cache=CompiledTemplates(tmp_path / "kept", "da", [function]),
        )
        environment.filters["said"] = function
        made.append(environment.get_template("page.html").render())
    assert made == ["one", "three"]


def test_what_is_no_template_is_compiled_anew(tmp_path: Path) -> None:
    shown(tmp_path)
    [file] = kept(tmp_path)
    file.write_bytes(b"torn")
    assert shown(tmp_path) == "5 vehicles"


def test_pages_are_shown_where_nothing_may_be_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the place of the folder")
    assert shown(tmp_path / "file" / "__pycache__") == "5 vehicles"
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert shown(tmp_path / "none") == "5 vehicles"
    assert not (tmp_path / "none").exists()
