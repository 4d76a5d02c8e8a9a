"""Text in files that spreadsheets open: what they would compute is shown as text instead."""

import unicodedata

#: What a formula begins with. Spreadsheets take the full-width, small and raised forms of these for
#: the same signs (they are, under NFKC), and some of them the minus sign too.
FORMULA_STARTS = ("=", "+", "-", "@", "−")


def is_formula(text: str) -> bool:
    """Whether a spreadsheet may compute `text`, whoever wrote it, instead of showing it.

    Space, control and invisible characters before the sign are passed over, as importers pass over
    them; text that begins with a control character, such as a tab, counts by itself.
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


def as_text(text: str) -> str:
    """`text` as a file of plain cells has it: with an apostrophe before what may be a formula."""
    return "'" + text if is_formula(text) else text
