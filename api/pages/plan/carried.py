"""A plan that was read and is not confirmed yet: nothing of it is stored, so that the page carries
it in its form."""

import zlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, ValidationError

from tracker.importer.plan_file import PlanFile

#: The most bytes of what a form carries, unpacked.
CARRIED_BYTES_MAX = 20_000_000


class CarriedPlan(BaseModel):
    """The plan with the name and the SHA-256 of its file, and the texts of the document's lines by
    their numbers."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    file_name: str
    digest: str
    plan: PlanFile
    lines: Mapping[int, str]

    def packed(self) -> str:
        """The text that a form carries."""
        return urlsafe_b64encode(zlib.compress(self.model_dump_json().encode())).decode()


def unpacked(text: str) -> CarriedPlan | None:
    """The plan that a form carries; None: it cannot be read."""
    reader = zlib.decompressobj()
    try:
        content = reader.decompress(urlsafe_b64decode(text.encode()), CARRIED_BYTES_MAX)
        return None if reader.unconsumed_tail else CarriedPlan.model_validate_json(content)
    except (ValueError, zlib.error, ValidationError):
        return None
