"""A saying to a person: it is stored as a code and values, and put into words when it is shown.

Each room has an enumeration of the codes of its sayings, and an English sentence for each, which
commands print. The pages have a sentence for each code in every language. This module puts the
values into both by the same rules."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

#: A value of a sentence: a word, a number, or sayings, which are joined.
SayingValue = str | int | float | tuple["Saying", ...]

_NONE: Mapping[str, SayingValue] = {}


@dataclass(frozen=True, slots=True)
class Saying:
    """A sentence with values: `code` names the sentence, and `values` fill its places by name."""

    code: str
    values: Mapping[str, SayingValue] = field(default_factory=lambda: _NONE)

    def to_json(self) -> dict[str, Any]:
        """The saying as JSON, to be stored."""
        values = {
            name: [one.to_json() for one in value] if isinstance(value, tuple) else value
            for name, value in self.values.items()
        }
        return {"code": str(self.code), "values": values}

    @classmethod
    def from_json(cls, content: object) -> "Saying":
        """The saying that `to_json` made JSON of.

        Raises:
            KeyError, TypeError: `content` is no saying.
        """
        kept = cast(Mapping[str, Any], content)
        values = {
            name: tuple(cls.from_json(one) for one in cast(Iterable[object], value))
            if isinstance(value, list)
            else value
            for name, value in kept["values"].items()
        }
        return cls(kept["code"], values)


def english_value(name: str, value: str | float) -> str:
    """A value as it stands in an English sentence; `name` is that of its place."""
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def in_words(
    saying: Saying,
    sentence: Callable[[str], str],
    shown: Callable[[str, str | float], str] = english_value,
    joint: str = ", ",
) -> str:
    """Put a saying into words.

    Args:
        sentence: gives the sentence of a code, with places such as `%(km)s`.
        shown: gives a word or number as it is written in the language, from the name of its place
            and the value.
        joint: the text between sayings that are one value together.

    Raises:
        KeyError: there is no such sentence, or it has a place for which there is no value.
    """
    values = {
        name: joint.join(in_words(one, sentence, shown, joint) for one in value)
        if isinstance(value, tuple)
        else shown(name, value)
        for name, value in saying.values.items()
    }
    return sentence(saying.code) % values
