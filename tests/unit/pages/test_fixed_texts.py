"""Texts without places are parts of a compiled template, and say what they would if asked for."""

from gettext import NullTranslations

from jinja2 import Environment
from markupsafe import Markup

from api.pages.words.fixed_texts import FixedTexts
from api.pages.words.language import Language, texts_of, translations

TEMPLATE = (
    '{% for one in ones %}<td title="{% trans %}Vehicles{% endtrans %}">{{ one }} {{ _("Depots") }}'
    "{% trans n=one %}{{ n }} of 100 %{% endtrans %}{% trans %}100 % & <b>more</b>{% endtrans %}"
    '{{ (_("Kinds") ~ " <") if one else none }}{{ (_("Kinds"), one) | join("<") }}</td>{% endfor %}'
)


def environment(catalogue: NullTranslations, asked: list[str]) -> Environment:
    """Templates in a language; `asked` has the messages that they call for."""
    made = Environment(autoescape=True, extensions=["jinja2.ext.i18n"])
    made.install_gettext_translations(catalogue, newstyle=True)  # pyright: ignore
    text = texts_of(catalogue)

    def noted(message: str, /, **values: object) -> Markup:
        asked.append(message)
        return text(message, **values)

    made.globals |= dict.fromkeys(("gettext", "_"), noted)
    return made


def test_a_text_without_places_is_asked_for_once_and_says_the_same() -> None:
    for language in Language:
        asked_anew: list[str] = []
        asked: list[str] = []
        plain = environment(translations(language), asked_anew)
        fixed = environment(translations(language), asked)
        fixed.code_generator_class = FixedTexts
        compiled = fixed.from_string(TEMPLATE)
        asked.clear()
        said = compiled.render(ones=[1, 2, 3])
        assert said == plain.from_string(TEMPLATE).render(ones=[1, 2, 3])
        assert asked == ["%(n)s of 100 %%"] * 3
        assert len(asked_anew) == 3 * 6
