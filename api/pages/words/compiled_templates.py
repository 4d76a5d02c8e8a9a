"""Compiled templates, kept beside their sources in `__pycache__`, as Python keeps its modules.

To compile all templates of a language takes 3 s of a processor, in every process. What is kept is
code, and is run: so it stands only where who may write may change the program itself, and nowhere
if the program may not write there, or Python is told to keep nothing (`PYTHONDONTWRITEBYTECODE`).
"""

import hashlib
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from importlib.metadata import version
from inspect import getfile, unwrap
from pathlib import Path
from typing import Any

from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket

#: The folder of the pages, of their texts and of what templates call.
PROGRAM = Path(__file__).resolve().parents[2]

#: What a compiled template has in it besides its source: texts of a catalogue, and what a filter
#: makes of a constant.
COMPILED_IN = frozenset({".py", ".po"})


class CompiledTemplates(FileSystemBytecodeCache):
    """The compiled templates of a language in a folder."""

    def __init__(
        self, folder: Path, language: str, filters: Iterable[Callable[..., Any]] = ()
    ) -> None:
        """`filters` are the functions that templates call, wherever they are written."""
        super().__init__(str(folder), f"{language}-%s.template")
        self._folder = folder
        others = {Path(getfile(unwrap(one))) for one in filters}
        self._made_of = f"{language} {version('jinja2')} {_state_of(others)} "

    def get_source_checksum(self, source: str) -> str:
        """A digest of all that a template is compiled of: another one is another template."""
        return hashlib.sha256((self._made_of + source).encode()).hexdigest()

    def load_bytecode(self, bucket: Bucket) -> None:
        """Take a template that was kept; one that cannot be read is compiled anew."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a compiled template where the program may write, for the next process."""
        if sys.dont_write_bytecode:
            return
        with suppress(OSError):
            self._folder.mkdir(exist_ok=True)
            super().dump_bytecode(bucket)


def _state_of(others: set[Path]) -> str:
    """A digest of when the files of the program were written, and of their sizes."""
    files = {one for one in PROGRAM.rglob("*") if one.suffix in COMPILED_IN} | others
    state = [(str(one), one.stat().st_mtime_ns, one.stat().st_size) for one in sorted(files)]
    return hashlib.sha256(repr(state).encode()).hexdigest()
