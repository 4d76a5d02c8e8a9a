"""Characters that nobody sees, by which two names can look alike, or one can be read backwards."""

import unicodedata

#: The categories of Unicode whose characters are not drawn by themselves: controls, formats, halves
#: of characters, and the ends of lines and paragraphs.
_INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def has_invisible(text: str) -> bool:
    """Whether a text has a character that nobody sees."""
    return any(unicodedata.category(one) in _INVISIBLE for one in text)


def without_invisible(text: str) -> str:
    """The text with a space in the place of each character that nobody sees."""
    return "".join(" " if unicodedata.category(one) in _INVISIBLE else one for one in text)
