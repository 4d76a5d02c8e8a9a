"""Sets a document as PDF, by typst.

The document goes to typst as JSON and stands there as text, so that no name is read as markup.
"""

from pathlib import Path

import orjson
import typst

from reports.paper import Paper

TEMPLATE = Path(__file__).with_name("paper.typ")


def paper_pdf(paper: Paper) -> bytes:
    """The PDF of a document. The same document gives the same bytes."""
    document = typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"paper": orjson.dumps(paper.to_json()).decode(), "title": paper.title},
        ignore_system_fonts=True,
    )
    assert isinstance(document, bytes), "a PDF is one file"
    return document
