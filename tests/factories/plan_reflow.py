"""A plan document set anew: other line widths, wraps, hyphenations and blank lines.

Lines break where a person still reads one text: no line begins with a lone dash or an ordinal
number, which would look like a bullet, and a hyphen that stays is one before a capital or after
one, so that it is told from a hyphenation.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.factories.plan_blocks import Block, BlockKind, Document

VOWELS = frozenset("aeiouyæøåé")
#: A word that may be hyphenated: small letters after the first, then what closes it.
WORD = re.compile(r"(?P<letters>[^\W\d_][a-zæøåé]{6,})(?P<close>[.,:;)”’]*)")
#: What follows a hyphen that stands for the rest of a word, as in 'to- og treårig'.
JOINING = ("og", "eller", "samt", "til", "men")


@dataclass(frozen=True, slots=True)
class Setting:
    """How a document is set.

    `width`: characters. `hyphenated`: the share of lines that end within a word if they can.
    `spaced`: an empty line between all lines, as in the published plan. `aired`: an empty line
    between bullets. `hanging` and `sub_indent`: blanks before the further lines of a bullet, and
    before a sub-bullet.
    """

    width: int
    hyphenated: float
    hyphen: str
    spaced: bool
    aired: bool
    hanging: int
    sub_indent: int


def reflowed(document: Document, rng: random.Random) -> Document:
    """The document set anew, another way for another `rng`."""
    setting = Setting(
        width=rng.randint(38, 120),
        hyphenated=rng.choice((0.0, 0.3, 0.7, 1.0)),
        hyphen="\N{SOFT HYPHEN}" if rng.random() < 0.1 else "-",
        spaced=rng.random() < 0.3,
        aired=rng.random() < 0.5,
        hanging=rng.choice((0, 0, 2, 4)),
        sub_indent=rng.choice((0, 2, 4)),
    )
    blocks = [set_anew(block, setting, rng) for block in document.blocks]
    following = [*document.blocks[1:], None]
    return Document(
        tuple(
            replace(block, gap=gap(block, after, setting))
            for block, after in zip(blocks, following, strict=True)
        ),
        ("",) if document.head else (),
    )


def set_anew(block: Block, setting: Setting, rng: random.Random) -> Block:
    if block.kind not in (BlockKind.MILESTONE, BlockKind.OTHER_BULLET):
        printed = [line.strip() for line in block.lines if line.strip()]
    else:
        indent = " " * setting.sub_indent if block.level == "sub" else ""
        mark = f"{indent}{block.mark} " if block.mark else indent
        wrapped = wrap(block.text, max(20, setting.width - len(mark)), setting, rng)
        further = indent + " " * setting.hanging
        printed = [(mark if not index else further) + line for index, line in enumerate(wrapped)]
    if setting.spaced:
        printed = [line for one in printed for line in (one, "")][:-1]
    return replace(block, lines=tuple(printed))


def gap(block: Block, after: Block | None, setting: Setting) -> tuple[str, ...]:
    """The empty lines between two blocks; lines of one paragraph stay together."""
    if setting.spaced:
        return ("", " ", "") if len(block.gap) > 1 else ("",)
    if after is None or after.kind is block.kind is BlockKind.LINE:
        return ("",) if len(block.gap) > 1 else ()
    bullets = (BlockKind.MILESTONE, BlockKind.OTHER_BULLET)
    if block.kind in bullets and after.kind in bullets:
        return ("",) if setting.aired else ()
    return ("",) if setting.aired or block.kind in (*bullets, BlockKind.LINE) else ()


def wrap(text: str, width: int, setting: Setting, rng: random.Random) -> list[str]:
    """The lines of a text, of at most `width` characters where words allow."""
    lines: list[str] = []
    line = ""
    for word in unbroken(text):
        rest = word
        while line and len(line) + 1 + len(rest) > width:
            room = width - len(line) - 1
            parts = [parts for parts in breaks(rest, setting.hyphen) if len(parts[0]) <= room]
            if parts and rng.random() < setting.hyphenated:
                lines.append(f"{line} {parts[-1][0]}")
                line, rest = "", parts[-1][1]
            else:
                lines.append(line)
                line = ""
        line = f"{line} {rest}" if line else rest
    return [*lines, line]


def unbroken(text: str) -> Iterator[str]:
    """The words of a text, joined where a line must not begin or end between them."""
    held = ""
    words = text.split(" ")
    for index, word in enumerate(words):
        held = f"{held} {word}" if held else word
        after = words[index + 1] if index + 1 < len(words) else ""
        looks_marked = after in ("-", "–", "+", "o") or re.fullmatch(r"\d+\.", after)
        if not looks_marked and not re.fullmatch(r"\d+\.", word):
            yield held
            held = ""
    if held:
        yield held


def breaks(word: str, hyphen: str) -> Iterator[tuple[str, str]]:
    """The parts into which a word may be cut at a line's end, the shortest first part first."""
    if found := WORD.fullmatch(word):
        letters = found["letters"].lower()
        for cut in range(3, len(letters) - 2):
            closes = letters[cut - 1] in VOWELS or (
                letters[cut - 1] in "lmnrst" and letters[cut - 2] in VOWELS
            )
            opens = letters[cut] not in VOWELS and letters[cut + 1] in VOWELS
            if closes and opens and word[cut:] not in JOINING:
                yield word[:cut] + hyphen, word[cut:]
    for found in re.finditer(r"-", word):
        left, right = word[: found.end()], word[found.end() :]
        stem = re.split(r"[^\w]", left[:-1])[-1]
        stays = right[:1].isupper() or (len(stem) > 1 and stem.isupper())
        if stays and len(left) > 2 and len(right) > 2 and right[:1].isalpha():
            yield left, right
