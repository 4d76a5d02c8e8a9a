"""The addresses and words of the pages of the use of the fleet."""

from api.door.needs import get
from api.pages.frame.subject import Subject
from api.pages.use import use
from api.pages.use.labels import VOCABULARY
from fleet.actor import Permission

USE = Subject(
    routes=(
        get("/use", use.show_use, Permission.FIGURES_READ),
        get("/use/export/{form}", use.export_use, Permission.FIGURES_READ),
    ),
    vocabulary=VOCABULARY,
)
