"""What quarantine says of an item, in tests."""

from fleet.saying import Saying
from ingest.gate.detail import detail_in_english

#: Any detail, and the same as SQL has it.
DETAIL = Saying("detail")
DETAIL_SQL = """'{"code": "detail", "values": {}}'"""


def detail_of(kept: object) -> str:
    """A kept detail in English."""
    return detail_in_english(Saying.from_json(kept))
