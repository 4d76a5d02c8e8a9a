"""The addresses of the pages that need nothing in them to be asked for."""

from api.door.needs import Welcome
from api.pages.routes import SUBJECTS

#: Addresses that ask for something in their query, or are of the visitor alone.
LEFT_OUT = {"/intake/discard", "/account"}

#: Every page that a person who is signed in may ask for without a name or number in its address.
PAGE_PATHS = sorted(
    path
    for subject in SUBJECTS
    for route in subject.routes
    if route.definition.method == "GET" and "{" not in (path := route.definition.path)
    # A file is no page: `/proposals/report.pdf`.
    if path not in LEFT_OUT and "." not in path and route.need is not Welcome.ANYBODY
)
