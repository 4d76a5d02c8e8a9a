"""Infers from a document's own lines how wide they are, and so whether a line was full."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

#: So many lines of a kind tell the width of the kind.
_LINES_MIN = 8

#: The shares of the wraps at the narrow end that tell the least a line needs before it is parted:
#: what needs less surely had room, and what needs less than the second most likely had.
_SHARES = (0.005, 0.04)


@dataclass(frozen=True, slots=True)
class Wrap:
    """A line that a wrap surely parted from the next one."""

    #: The kind of paragraph, by its bullet: the lines of a deeper one are narrower.
    kind: str
    #: The characters of the line, and what it would have needed with the next word.
    length: int
    needed: int


class Widths:
    """How many characters a line would need to have with the first word of the next one, before a
    wrap parts them."""

    def __init__(self, wraps: Sequence[Wrap]) -> None:
        """`wraps` are sure wraps."""
        self._exact = _exact(wraps)
        of_kind: defaultdict[str, list[int]] = defaultdict(list)
        for wrap in wraps:
            of_kind[wrap.kind].append(wrap.needed)
            of_kind[""].append(wrap.needed)
        self._least = {
            kind: tuple(sorted(needed)[int(len(needed) * share)] for share in _SHARES)
            for kind, needed in of_kind.items()
            if len(needed) >= _LINES_MIN
        }

    def fullness(self, kind: str, line: str, word: str) -> float:
        """How much the end of a line speaks for a wrap, from -1 (the next word had room) to 1 (it
        had none); 0: too few wraps tell the width."""
        needed = len(line) + 1 + len(word)
        if self._exact is not None:
            return 1 if needed > self._exact else -1
        least = self._least.get(kind, self._least.get(""))
        if least is None:
            return 0
        return -1 if needed < least[0] else -0.5 if needed < least[1] else 1


def _exact(wraps: Sequence[Wrap]) -> int | None:
    """The width of lines that are cut at a number of characters; None: they are not, as in a text
    that was set in letters of different widths."""
    if len(wraps) < _LINES_MIN:
        return None
    widest = max(wrap.length for wrap in wraps)
    return widest if min(wrap.needed for wrap in wraps) > widest else None
