"""The reasons for which files are refused, and the notes on how they were read, are those that
pages translate."""

from types import ModuleType

import pytest

from api.pages.words.refusals import READING_NOTES, REFUSAL_REASONS, SAID_NOTES
from api.pages.zones.labels import ZONE_REASONS
from fleet.files import cells, heading_row, notation, plain_text, refusal
from register import zones
from register.places import doubts
from tracker.documents import packed
from tracker.importer import text_file
from tracker.importer.files import document_file
from tracker.importer.pdf import glyphs_on_page, pdf_file
from tracker.importer.word import package
from trips.driving_log import log_rows

#: The modules that refuse the file of a plan.
PLAN_FILES = (packed, text_file, document_file, glyphs_on_page, pdf_file, package)


@pytest.mark.parametrize(
    ("module", "marked"),
    [
        (refusal, REFUSAL_REASONS),
        (zones, ZONE_REASONS),
        (doubts, ZONE_REASONS),
        *((module, REFUSAL_REASONS) for module in PLAN_FILES),
    ],
)
def test_every_reason_of_a_module_is_marked_for_translation(
    module: ModuleType, marked: tuple[str, ...]
) -> None:
    own = [value for name, value in vars(module).items() if name[0].isupper() and name.isupper()]
    reasons = {value for value in own if isinstance(value, str) and " " in value}
    assert reasons
    assert reasons <= set(marked)


def test_every_note_on_how_a_file_was_read_is_marked_for_translation() -> None:
    notes = {
        value
        for module in (cells, heading_row, log_rows, notation, plain_text)
        for name, value in vars(module).items()
        if name.startswith("NOTE_")
    }
    assert len(notes) > 10
    of_separators = {note for sign in ";\t" for note in plain_text.delimiter_note(sign)}
    assert len(of_separators) == 2
    assert notes | of_separators <= {*READING_NOTES, *SAID_NOTES}
