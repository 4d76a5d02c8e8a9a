"""Keeps spreadsheets from computing text in the files that they open."""

import unicodedata

#: The characters that begin a formula. Spreadsheets take their full-width, small and raised forms
#: for the same characters (they are, under NFKC), and some spreadsheets the minus sign too.
FORMULA_STARTS = ("=", "+", "-", "@", "−")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may compute `text`, whoever wrote it, instead of showing it.

    Space, control and invisible characters before the first sign are skipped, as importers skip
    them. Text that begins with a control character, such as a tab, always counts.
    """
    if not text:
        return False
    if unicodedata.category(text[0]) == "Cc":
        return True
    for character in text:
        if unicodedata.category(character)[0] in "ZC":
            continue
        return unicodedata.normalize("NFKC", character).startswith(FORMULA_STARTS)
    return False


def escape_formula(text: str) -> str:
    """`text` for a file of plain cells: with an apostrophe before it where it may be a formula."""
    return "'" + text if is_formula(text) else text
