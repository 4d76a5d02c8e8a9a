"""What a page says."""

import re


def words(page: str) -> str:
    """The text of a page in one line, without its markup."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())
