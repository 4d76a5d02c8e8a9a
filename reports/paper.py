"""A document as plain values: what stands on paper, block by block, in one language.

It holds words, no markup: a name that somebody gave a vehicle is a text wherever it stands.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text. `small` stands on a line of its own below, and small."""

    text: str
    strong: bool = False
    small: bool = False


#: A text of a document.
Text = Sequence[Span]


class Tone(StrEnum):
    """How a paragraph is set."""

    PLAIN = "plain"
    LEAD = "lead"
    MUTED = "muted"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; that of level 1 is the title of the document."""

    level: int
    text: Text


@dataclass(frozen=True, slots=True)
class Paragraph:
    text: Text
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True, slots=True)
class Bullets:
    items: Sequence[Text]


@dataclass(frozen=True, slots=True)
class Facts:
    """Values with their names. Few `large` ones stand side by side."""

    pairs: Sequence[tuple[Text, Text]]
    large: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `numeric` tells of each column whether it holds numbers."""

    head: Sequence[Text]
    rows: Sequence[Sequence[Text]]
    numeric: Sequence[bool]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as a whole SVG document. A `small` one takes half of the width."""

    svg: str
    small: bool = False


Block = Heading | Paragraph | Bullets | Facts | Table | Picture

_BLOCKS: Mapping[str, TypeAdapter[Block]] = {
    kind.__name__.lower(): TypeAdapter[Block](kind)
    for kind in (Heading, Paragraph, Bullets, Facts, Table, Picture)
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """A document. One that is `compact` is set small, so that it takes one page."""

    language: str
    blocks: Sequence[Block]
    compact: bool = False

    def to_json(self) -> dict[str, Any]:
        """The document as JSON, each block with the name of its class in `is`."""
        blocks = [{"is": type(block).__name__.lower(), **asdict(block)} for block in self.blocks]
        return {"language": self.language, "compact": self.compact, "blocks": blocks}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "Paper":
        """The document that `to_json` made JSON of."""
        blocks = [_BLOCKS[block["is"]].validate_python(block) for block in content["blocks"]]
        return cls(language=content["language"], blocks=blocks, compact=content["compact"])

    @property
    def title(self) -> str:
        """The words of its title."""
        titles = [one for one in self.blocks if isinstance(one, Heading) and one.level == 1]
        return "".join(span.text for span in titles[0].text) if titles else ""
