"""The ways on from a page: its links, and the forms by what they send."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeAlias
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

#: A path, and the names of what is asked there.
Way: TypeAlias = tuple[str, Sequence[str]]


@dataclass
class PageWays:
    """The addresses of a page's links, and method and address of each form and of each button that
    sends its form elsewhere; all of them as paths of the server."""

    links: list[str] = field(default_factory=list[str])
    forms: list[tuple[str, str]] = field(default_factory=list[tuple[str, str]])


def ways_on(address: str, text: str) -> PageWays:
    """The ways on from the page of an address to others of the same server."""
    reader = _Reader(address)
    reader.feed(text)
    return reader.found


def way_of(address: str) -> Way:
    """What makes an address another way: its path and what it asks, not the values."""
    parts = urlsplit(address)
    return parts.path, tuple(sorted(name for name, _ in parse_qsl(parts.query)))


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.found = PageWays()
        self._address = address
        self._form: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in given:
            target = urldefrag(urljoin(self._address, given["href"])).url
            if target.startswith("/"):
                self.found.links.append(target)
        elif tag == "form":
            method = given.get("method", "get").upper()
            self._form = method, urljoin(self._address, given.get("action", ""))
            self.found.forms.append(self._form)
        elif tag == "button" and self._form and {"formaction", "formmethod"} & given.keys():
            method = given.get("formmethod", self._form[0]).upper()
            self.found.forms.append((method, urljoin(self._form[1], given.get("formaction", ""))))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
