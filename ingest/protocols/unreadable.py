"""A message that a decoder cannot read: its mistakes, and what quarantine may keep of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.saying import Saying, SayingValue
from ingest.protocols.mistake import Mistake, mistake_in_english


@dataclass(frozen=True, slots=True)
class FieldError:
    """A mistake at a place: the `index` of the element (from 0; None: the whole body) and its
    field."""

    index: int | None
    field: str
    mistake: Saying
    #: Whether the sender made up the name of the field, which may then hold anything.
    made_up: bool = False

    def __str__(self) -> str:
        return mistake_in_english(self._at(self.field))

    @property
    def reason(self) -> str:
        """The mistake in English, without its place."""
        return mistake_in_english(self.mistake)

    @property
    def saying(self) -> Saying:
        """The mistake as quarantine may keep it, without anything that a sender made up."""
        return self._at("a field" if self.made_up else self.field)

    def _at(self, field: str) -> Saying:
        place = field if self.index is None else f"[{self.index}].{field}"
        return Saying(Mistake.AT, {"place": place, "mistake": (self.mistake,)})


class Unreadable(ValueError):  # noqa: N818 - says what the message is, as the decoders' docs do
    """A message that is not in its protocol's format. Its text quotes no value, which may be a
    name."""

    def __init__(self, errors: Sequence[FieldError]) -> None:
        super().__init__("; ".join(map(str, errors)))
        self.errors = tuple(errors)

    @property
    def saying(self) -> Saying:
        """The mistakes as quarantine keeps them."""
        if len(self.errors) == 1:
            return self.errors[0].saying
        return Saying(Mistake.SEVERAL, {"mistakes": tuple(one.saying for one in self.errors)})


def unreadable(
    index: int | None, field: str, mistake: Mistake, **values: SayingValue
) -> Unreadable:
    """A message with one mistake: in which element (None: the whole body), in which field."""
    return Unreadable([FieldError(index, field, Saying(mistake, values))])
