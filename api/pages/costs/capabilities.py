"""The page of capabilities, which trips may need and kinds offer: GET and POST /capabilities.

Pages show the name of a capability: the municipality's own, or else the product's for the codes of
its starter catalogue, or else the code.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from api.door.visitor import visitor
from api.pages.costs import views
from api.pages.costs.views import Notice
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, Seen, field_texts, merged_form
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.words.language import language_of, mark, translations
from costs.capabilities import (
    NameFault,
    capabilities,
    count_names_given,
    name_faults,
    put_capability_names,
)
from costs.catalogue import starter_catalogue
from fleet.errors import ChangedSinceError

#: What is wrong with a name, in words.
NAME_FAULTS: Mapping[NameFault, str] = {
    NameFault.LONG: mark("A name may be at most 60 characters"),
    NameFault.PARTED: mark("A name cannot hold a ;, which separates capabilities"),
    NameFault.TAKEN: mark("Another capability has that name"),
}

#: The product's names for the codes of its starter catalogue.
SHIPPED_NAMES: Mapping[str, str] = {
    "cargo": mark("cargo"),
    "light-cargo": mark("light cargo"),
    "lift": mark("lift"),
    "towbar": mark("tow bar"),
    "crane": mark("crane"),
    "mower": mark("mower"),
    "minibus": mark("more than five seats"),
}


@dataclass(frozen=True, slots=True)
class Capabilities:
    """The known capabilities: their names by code. `shipped` are the product's names of those that
    no kind has."""

    names: Mapping[str, str]
    shipped: Mapping[str, str]

    def name(self, code: str) -> str:
        """The name of a capability; that of an unknown one is its code."""
        return self.names.get(code) or self.shipped.get(code, code)

    def named(self, codes: Collection[str]) -> list[str]:
        """The names of some capabilities, sorted."""
        return sorted(map(self.name, codes), key=str.casefold)

    def written(self, codes: Collection[str]) -> str:
        """The text that people write in a field for some capabilities."""
        return "; ".join(self.named(codes))

    def read(self, text: str) -> frozenset[str]:
        """The codes of the capabilities in a field: names or codes, separated by ;. Any other text
        is a new code."""
        codes = {name.casefold(): code for code, name in self.names.items()}
        words = (word.strip() for word in text.split(";"))
        return frozenset(codes.get(word.casefold(), word) for word in words if word)


async def read_capabilities(request: web.Request) -> Capabilities:
    """Read every capability that is in use or has a name; the product's names are in the visitor's
    language."""
    say = translations(language_of(request)).gettext
    found = await capabilities(request.config_dict[CONTEXT].pool)
    codes = {one.code for one in found}
    codes |= {code for kind in starter_catalogue() for code in kind.offers}
    own = {one.code: one.name for one in found if one.name}
    return Capabilities(
        {
            code: own.get(code) or (say(SHIPPED_NAMES[code]) if code in SHIPPED_NAMES else code)
            for code in sorted(codes)
        },
        {code: say(name) for code, name in SHIPPED_NAMES.items()},
    )


async def show_capabilities(request: web.Request) -> web.StreamResponse:
    """Show every capability with its name, and the form that names them."""
    return page(request, await _page(request))


async def name_capabilities(request: web.Request) -> web.StreamResponse:
    """Give capabilities the municipality's own names. An empty one withdraws the municipality's
    name."""
    pool = request.config_dict[CONTEXT].pool
    known = await read_capabilities(request)
    fields = await read_form(request)
    seen = Seen.read(fields)
    try:
        names = _read(fields, list(known.names))
    except FormError as error:
        return page(request, await _page(request, error, seen), status=422)
    changed = {code: name for code, name in names.items() if name != known.name(code)}
    try:
        await put_capability_names(pool, visitor(request), changed, seen.changes)
    except ChangedSinceError:
        typed = {_field(code): name for code, name in names.items()}
        shown = await _page(request)
        form = merged_form(typed, seen.texts, shown.values)
        shown = replace(shown, values=form.values, meanwhile=form.meanwhile)
        return page(request, shown, status=409)
    raise see_other(f"/capabilities?done={Notice.CAPABILITIES_NAMED}")


def _read(fields: Mapping[str, Any], codes: Collection[str]) -> dict[str, str]:
    """Read the names by code. Raises FormError."""
    values = field_texts(fields, [_field(code) for code in codes])
    names = {code: values[_field(code)] for code in codes}
    errors = {_field(code): NAME_FAULTS[fault] for code, fault in name_faults(names).items()}
    if errors:
        raise FormError(values, errors)
    return names


def _field(code: str) -> str:
    return f"name-{code}"


async def _page(
    request: web.Request, refused: FormError | None = None, seen: Seen | None = None
) -> views.CapabilitiesPage:
    """The page. `seen` is what the sender of a refused form saw."""
    pool = request.config_dict[CONTEXT].pool
    known = await read_capabilities(request)
    given = {_field(code): name for code, name in known.names.items()}
    in_use = {one.code: one for one in await capabilities(pool)}
    return views.CapabilitiesPage(
        rows=[
            views.CapabilityRow(
                code=code,
                field=_field(code),
                name=name,
                kinds=in_use[code].kinds if code in in_use else (),
                named_by=in_use[code].named_by if code in in_use else None,
                named_at=in_use[code].named_at if code in in_use else None,
            )
            for code, name in known.names.items()
        ],
        seen=seen or Seen(await count_names_given(pool), given),
        values=given if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
        notice=notice_in_address(request, Notice),
    )
