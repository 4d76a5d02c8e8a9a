"""The fields that a browser would send of a form on a page."""

from html.parser import HTMLParser


def fields_of_form(text: str, action: str) -> dict[str, str]:
    """The fields of the form at an address, as they stand on a page. Each name is read once."""
    reader = _Reader(action)
    reader.feed(text)
    return reader.fields


class _Reader(HTMLParser):
    def __init__(self, action: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._action = action
        self._within = False
        self._select = self._area = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._within = (given.get("method"), given.get("action")) == ("post", self._action)
        if not self._within:
            return
        name, value = given.get("name", ""), given.get("value", "")
        unticked = given.get("type") in ("radio", "checkbox") and "checked" not in given
        if tag == "input" and name and not unticked:
            self.fields[name] = value
        elif tag == "select":
            self._select = name
        elif tag == "option" and "selected" in given:
            self.fields[self._select] = value
        elif tag == "textarea":
            self._area, self.fields[name] = name, ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = ""
        elif tag == "form":
            self._within = False
