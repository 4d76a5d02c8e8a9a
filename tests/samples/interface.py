"""A sample view of the page of the interface for programs."""

from api.pages.frame.views import PageView
from api.pages.interface.examples import operation_groups
from api.pages.interface.views import InterfacePage
from api.rest.routes import OPERATIONS

_URL = "https://flaade.kommune.example"

INTERFACE_PAGES: dict[str, PageView] = {
    "interface": InterfacePage(url=_URL, groups=operation_groups(OPERATIONS, _URL)),
}
