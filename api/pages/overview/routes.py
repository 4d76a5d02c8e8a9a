"""The address and the words of the overview."""

from api.door.needs import get
from api.pages.frame.subject import Subject
from api.pages.overview import overview
from api.pages.overview.labels import VOCABULARY
from fleet.actor import Permission

OVERVIEW = Subject(
    routes=(get("/", overview.show_overview, Permission.FIGURES_READ),),
    vocabulary=VOCABULARY,
)
