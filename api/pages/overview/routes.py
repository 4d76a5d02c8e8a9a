"""The address and the words of the overview."""

from aiohttp import web

from api.pages.frame.subject import Subject
from api.pages.overview import overview
from api.pages.overview.labels import VOCABULARY

OVERVIEW = Subject(
    routes=(web.get("/", overview.show_overview),),
    vocabulary=VOCABULARY,
)
