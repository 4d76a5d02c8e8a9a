"""The first part of a list in a sample view."""

from collections.abc import Sequence
from typing import TypeVar

from api.pages.choices.list_parts import PART_ROWS, ListPart, asked_part

Row = TypeVar("Row")


def first_part(rows: Sequence[Row] = (), most: int = PART_ROWS) -> ListPart[Row]:
    """The first part of a list of these rows."""
    return asked_part(rows, {}, "/list", most=most)
