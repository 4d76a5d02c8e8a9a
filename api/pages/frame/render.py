"""Renders a page: makes HTML of a view and its template in the visitor's language."""

import re
from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from aiohttp import web
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from api.door.reach import Reach
from api.door.visitor import VISITOR
from api.pages.frame.form_tokens import FormsOfVisit, form_token
from api.pages.frame.forms import FieldChange, contested
from api.pages.frame.static import StaticFiles
from api.pages.frame.views import SECTION_URLS, PageView
from api.pages.words.axis import axis_ticks
from api.pages.words.compiled_templates import CompiledTemplates
from api.pages.words.fixed_texts import FixedTexts
from api.pages.words.formats import FORMAT_FILTERS, Formats
from api.pages.words.kept_parts import KeptParts, KeptRows
from api.pages.words.label_places import Mark, label_places
from api.pages.words.language import (
    Language,
    counted_texts_of,
    language_of,
    switch_url,
    texts_of,
    translations,
)
from api.pages.words.vocabulary import Vocabulary
from fleet.actor import Actor, Permission

TEMPLATES_DIR = Path(__file__).resolve().parents[1]

#: The most characters of a value that somebody else changed; the field has the whole of it.
CHANGE_MAX = 300

#: The place of a field's name in the summary (`error_summary` of `macros.html`).
_PLACE = re.compile(r'<span data-names="(?P<field>[^"]*)"></span>')

_LABEL = re.compile(
    # That of a confirmation is its answer, and no name.
    r'<label class="form-label[^"]*" for="(?![^"]*confirmed")(?P<field>[^"]*)">(?P<text>.*?)'
    r"</label>",
    re.DOTALL,
)
_LEGEND = re.compile(
    r'id="(?P<field>[^"]*)">\s*<fieldset[^>]*>\s*<legend class="form-label">(?P<text>.*?)</legend>',
    re.DOTALL,
)


class Renderer:
    """Renders the templates in every language with the words of all subjects.

    What a template shows of ways to go on, it asks of `reach`: `may_open(address)` of a link,
    `may_send(address)` of a form, and `who_opens`, `who_sends` for the roles that may.
    """

    def __init__(
        self, static: StaticFiles, municipality: str, vocabulary: Vocabulary, reach: Reach
    ) -> None:
        #: The name in the header of the pages.
        self.municipality = municipality
        self._reach = reach
        self._environments = {
            language: _environment(language, static, vocabulary) for language in Language
        }

    def html(
        self,
        view: PageView,
        language: Language,
        path: str,
        visitor: Actor | None,
        form_token: str = "",
    ) -> str:
        """The HTML of a whole page for a visitor; None: nobody is signed in. `path` (with its
        query) is the address that the language switch returns to, `form_token` the token of the
        forms."""
        template = self._environments[language].get_template(view.template)
        html = template.render(
            view=view,
            path=path,
            municipality=self.municipality,
            visitor=visitor,
            form_token=form_token,
            may_open=partial(self._reach.lets_in, visitor, "GET"),
            may_send=partial(self._reach.lets_in, visitor, "POST"),
            who_opens=partial(self._reach.roles, "GET"),
            who_sends=partial(self._reach.roles, "POST"),
        )
        return _with_named_fields(html)


RENDERER: web.AppKey[Renderer] = web.AppKey("renderer", Renderer)


def page(request: web.Request, view: PageView, status: int = 200) -> web.Response:
    """The answer that shows `view` to the visitor."""
    if request.method == "GET" or view.section is None:
        back_to = request.path_qs
    else:  # the form was refused, and its own address may not answer GET
        back_to = SECTION_URLS[view.section]
    return web.Response(
        text=page_html(request, view, language_of(request), back_to),
        content_type="text/html",
        charset="utf-8",
        status=status,
        # The page is for this visitor only, and is out of date at once.
        headers={"Cache-Control": "no-store", "Vary": "Cookie"},
    )


def page_html(request: web.Request, view: PageView, language: Language, back_to: str = "/") -> str:
    """The HTML of a page for who asks for it, in a language; see `Renderer.html`."""
    return request.config_dict[RENDERER].html(
        view, language, back_to, request.get(VISITOR), form_token(request)
    )


def _with_named_fields(html: str) -> str:
    """The page with the name of each field in the summary of errors: its label on the page, which
    is known only when the page is drawn. What is no field stands there without a name."""
    if _PLACE.search(html) is None:
        return html
    names = {
        found["field"]: " ".join(re.sub(r"<[^>]+>", " ", found["text"]).split())
        for kind in (_LABEL, _LEGEND)
        for found in kind.finditer(html)
    }

    def named(place: re.Match[str]) -> str:
        name = names.get(place["field"])
        return "" if not name else f"{name} " if name.endswith("?") else f"{name}: "

    return _PLACE.sub(named, html)


@cache
def _environment(language: Language, static: StaticFiles, vocabulary: Vocabulary) -> Environment:
    """The templates in a language. Applications of one process share them, since each template
    takes longer to compile than to render."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES_DIR),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do", FormsOfVisit],
    )
    environment.bytecode_cache = CompiledTemplates(
        TEMPLATES_DIR / "__pycache__", language, vocabulary.filters.values()
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.code_generator_class = FixedTexts
    catalogue = translations(language)
    install = environment.install_gettext_translations  # pyright: ignore
    install(catalogue, newstyle=True)
    formats = Formats(language)

    def label(value: StrEnum) -> str:
        return catalogue.gettext(vocabulary.labels[type(value)][value])

    def badge(value: StrEnum) -> str:
        return vocabulary.badges[type(value)][value]

    def translated(text: str) -> str:
        """Translate a message that is chosen while the page is rendered. Unlike `_` in a template,
        which is for texts that stand there, this takes no signs in the text for places of values,
        and the text for no markup."""
        return catalogue.gettext(text) if text else ""

    def merged(one: Mapping[str, str], other: Mapping[str, str]) -> dict[str, str]:
        return {**one, **other}

    def worded(
        changes: Sequence[FieldChange] | None,
        words: Mapping[str, Mapping[str, str]],
        numbers: Collection[str] = (),
    ) -> Sequence[FieldChange] | None:
        """The changes of fields as pages write them: `words` are those of the values of a field
        that people do not write, and `numbers` the fields of amounts."""

        def say(one: FieldChange) -> FieldChange:
            known = words.get(one.field, {})
            in_groups = formats.grouped if one.field in numbers else str
            return one.worded(lambda text: shortened(known.get(text, in_groups(text))))

        return None if changes is None else [say(one) for one in changes]

    def shortened(text: str) -> str:
        return text if len(text) <= CHANGE_MAX else f"{text[:CHANGE_MAX]}…"

    # Jinja2 declares these two without the type of their values.
    filters: dict[str, Any] = environment.filters  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    names: dict[str, Any] = environment.globals  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    filters |= {name: getattr(formats, name) for name in FORMAT_FILTERS}
    filters |= {
        "weekday": formats.weekday,
        "label": label,
        "badge": badge,
        "translated": translated,
    }
    filters |= {name: partial(say, language=language) for name, say in vocabulary.filters.items()}
    filters |= {"query": urlencode, "segment": partial(quote, safe=""), "merged": merged}
    names |= dict.fromkeys(("gettext", "_"), texts_of(catalogue))
    names["ngettext"] = counted_texts_of(catalogue)
    names |= {
        "kept": KeptParts(),
        "kept_row": KeptRows(),
        "formats": formats,
        "language": language,
        "languages": tuple(Language),
        "sections": SECTION_URLS,
        "may": Permission,
        "static_url": static.url,
        "switch_url": switch_url,
        "ticks": axis_ticks,
        "picture_mark": Mark,
        "label_places": label_places,
        "worded": worded,
        "contested": partial(contested, say=catalogue.gettext),
    }
    return environment
