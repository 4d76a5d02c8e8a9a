"""What a decoder answers: the positions of a message, or why it cannot be read."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fleet.position import Position


@dataclass(frozen=True, slots=True)
class FieldError:
    """One mistake: in which element (from 0; None: the whole body), in which field, and what."""

    index: int | None
    field: str
    reason: str

    def __str__(self) -> str:
        where = self.field if self.index is None else f"[{self.index}].{self.field}"
        return f"{where}: {self.reason}"


class Unreadable(ValueError):  # noqa: N818 - says what the message is, as the decoders' docs do
    """A message that is not in its protocol's format."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors = tuple(errors)


@dataclass(frozen=True, slots=True)
class Message:
    """The positions of one message; `original(i)` gives the bytes that the i-th came in."""

    positions: Sequence[Position]
    original: Callable[[int], bytes]
