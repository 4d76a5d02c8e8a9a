"""Reads the file of a plan in a process of its own, for a page that shows it before it is taken."""

from fleet.files.own_process import ReadFile, ReadingBounds
from fleet.files.refusal import FileRefusedError
from tracker.importer.files.document_file import document_in
from tracker.importer.source import DocumentBounds
from tracker.importer.structure.reader import NoPlanError, read_plan

NO_PLAN = "The file can be read, and holds no plan"


def read_packed_plan(name: str, content: bytes, bounds: ReadingBounds) -> ReadFile:
    """Read a document and the plan in it.

    Returns:
        As the answer `plan`, as `PlanFile` writes it, and `lines`, the texts of the document by
        their numbers.

    Raises:
        FileRefusedError: its kind is not read, it is damaged or too large, or holds no plan.
    """
    document = document_in(name, content, DocumentBounds(unzipped_bytes=bounds.unzipped_bytes))
    try:
        plan = read_plan(document)
    except NoPlanError:
        raise FileRefusedError(NO_PLAN) from None
    lines = {str(one.number): one.text.strip() for one in document.lines()}
    return ReadFile({"plan": plan.model_dump(mode="json"), "lines": lines})
