"""The automatic bullets and numbers of a Word file."""

from dataclasses import dataclass, field
from enum import IntEnum


class Counted(IntEnum):
    """The lists that a file defines; others are such a list begun anew."""

    HEADINGS = 1
    QUARTERS = 2
    BULLETS = 3
    NUMBERED = 4
    ENTRIES = 5


#: The levels of each list: what Word counts, and how it prints it. Word's bullet is a letter of a
#: font of symbols.
LEVELS: dict[Counted, tuple[tuple[str, str], ...]] = {
    Counted.HEADINGS: (("decimal", "%1"), ("decimal", "%1.%2"), ("decimal", "%1.%2.%3")),
    Counted.QUARTERS: (("decimal", "%1."),),
    Counted.BULLETS: (("bullet", "\uf0b7"), ("bullet", "o")),
    Counted.NUMBERED: (("decimal", "%1."), ("lowerLetter", "%2)")),
    Counted.ENTRIES: (("decimal", "%1."),),
}


@dataclass(slots=True)
class Numbering:
    """The lists of a file. Those that count on share a list; one that begins anew is another."""

    lists: list[tuple[Counted, tuple[int, ...]]] = field(
        default_factory=list[tuple[Counted, tuple[int, ...]]]
    )
    reached: tuple[int, ...] = ()
    headings: int = 0

    def anew(self, counted: Counted, begins: tuple[int, ...] = ()) -> int:
        """The number of a list that begins anew, with these numbers on its levels."""
        self.lists.append((counted, begins))
        return len(self.lists)

    def heading(self, number: str) -> tuple[int, int]:
        """The list and the level that give a heading its number: '2.1' is on level 1."""
        parts = tuple(int(part) for part in number.split("."))
        above, last = parts[:-1], parts[-1]
        known = self.reached[: len(parts)]
        before = known[-1] if len(known) == len(parts) else 0
        if not self.headings or self.reached[: len(above)] != above or before + 1 != last:
            self.headings = self.anew(Counted.HEADINGS, parts)
        self.reached = parts
        return self.headings, len(above)


def numbering_part(numbering: Numbering, namespace: str) -> str:
    """The part of the package that defines the lists."""
    kinds = "".join(
        f'<w:abstractNum w:abstractNumId="{counted}"><w:multiLevelType w:val="multilevel"/>'
        + "".join(level(index, *printed) for index, printed in enumerate(levels))
        + "</w:abstractNum>"
        for counted, levels in LEVELS.items()
    )
    lists = "".join(
        f'<w:num w:numId="{number}"><w:abstractNumId w:val="{counted}"/>'
        + "".join(
            f'<w:lvlOverride w:ilvl="{index}"><w:startOverride w:val="{begin}"/></w:lvlOverride>'
            for index, begin in enumerate(begins)
        )
        + "</w:num>"
        for number, (counted, begins) in enumerate(numbering.lists, start=1)
    )
    return f"<w:numbering {namespace}>{kinds}{lists}</w:numbering>"


def level(index: int, counts: str, printed: str) -> str:
    symbols = '<w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr>'
    return (
        f'<w:lvl w:ilvl="{index}"><w:start w:val="1"/><w:numFmt w:val="{counts}"/>'
        f'<w:lvlText w:val="{printed}"/>{symbols if printed > "~" else ""}</w:lvl>'
    )
