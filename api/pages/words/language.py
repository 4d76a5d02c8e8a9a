"""The languages of the pages: Danish by default, English behind a switch, kept in a cookie.

Texts are English in the code and the templates; `locale/da` holds the Danish ones. The catalogue is
compiled in memory at the start, so that the readable file is the only one.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from urllib.parse import urlencode

from aiohttp import web
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup, escape

LANGUAGE_COOKIE = "lang"
DANISH_CATALOGUE = (
    Path(__file__).resolve().parents[2] / "locale" / "da" / "LC_MESSAGES" / "flaade.po"
)


class Language(StrEnum):
    DANISH = "da"
    ENGLISH = "en"

    @property
    def own_name(self) -> str:
        return {Language.DANISH: "Dansk", Language.ENGLISH: "English"}[self]

    @property
    def locale(self) -> str:
        """The locale of numbers and dates, as CLDR names it."""
        return {Language.DANISH: "da_DK", Language.ENGLISH: "en_GB"}[self]


def mark(text: str) -> str:
    """Mark `text` as a message that is translated where it is shown, not where it stands; returns
    `text`."""
    return text


@cache
def translations(language: Language) -> NullTranslations:
    """The catalogue of a language; that of English returns the messages themselves."""
    if language is Language.ENGLISH:
        return NullTranslations()
    with DANISH_CATALOGUE.open("rb") as source:
        catalogue = read_po(source, locale=language.value, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return GNUTranslations(compiled)


def texts_of(catalogue: NullTranslations) -> Callable[..., Markup]:
    """What a template calls for a text: a function of a message and the values of its places.

    A page has up to two thousand texts, most of them without places. Jinja's own function escapes
    and formats each of them every time.
    """

    @cache
    def without_places(message: str) -> Markup:
        return Markup(catalogue.gettext(message)) % {}  # noqa: S704 (a text of the catalogue)

    def text(message: str, /, **values: object) -> Markup:
        if values:
            return _filled(catalogue.gettext(message), values)
        return without_places(message)

    return text


def counted_texts_of(catalogue: NullTranslations) -> Callable[..., Markup]:
    """What a template calls for a text of a number of things: a function of the message of one,
    that of several, the number and the values of their places."""

    def text(one: str, several: str, num: int, /, **values: object) -> Markup:
        return _filled(catalogue.ngettext(one, several, num), {"num": num, **values})

    return text


def _filled(text: str, values: Mapping[str, object]) -> Markup:
    """A text of the catalogue with the values of its places. A sentence that ends with kr. has one
    full stop."""
    filled = text % {name: escape(value) for name, value in values.items()}
    return Markup(filled.replace("kr..", "kr."))  # noqa: S704 (the values were escaped above)


def language_of(request: web.Request) -> Language:
    """The language that the visitor chose; Danish until then, or when the cookie is unknown."""
    chosen = request.cookies.get(LANGUAGE_COOKIE, "")
    return Language(chosen) if chosen in set(Language) else Language.DANISH


def switch_url(language: Language, back_to: str) -> str:
    """The address that changes the language and returns to `back_to` (a path of ours)."""
    return f"/language/{language.value}?{urlencode({'next': back_to})}"
