"""A file that is kept has the name that its page gives it, in every browser."""

import pytest

from api.pages.frame.download import attachment


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("udnyttelse-2026-01-01.xlsx", 'attachment; filename="udnyttelse-2026-01-01.xlsx"'),
        (
            "Hjælp på Ærø.csv",
            'attachment; filename="Hjaelp paa Aeroe.csv"; '
            "filename*=UTF-8''Hj%C3%A6lp%20p%C3%A5%20%C3%86r%C3%B8.csv",
        ),
        ('a"b\\c.csv', "attachment; filename=\"a'b-c.csv\"; filename*=UTF-8''a%22b%5Cc.csv"),
        ("日本.csv", "attachment; filename=\"--.csv\"; filename*=UTF-8''%E6%97%A5%E6%9C%AC.csv"),
    ],
)
def test_letters_beside_ascii_are_told_in_the_way_that_browsers_know(
    name: str, header: str
) -> None:
    assert attachment(name) == header
    header.encode("ascii")
