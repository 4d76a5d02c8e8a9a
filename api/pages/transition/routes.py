"""The addresses and words of the transition."""

from api.door.needs import get
from api.pages.frame.subject import Subject
from api.pages.transition import transition
from api.pages.transition.labels import VOCABULARY
from fleet.actor import Permission

TRANSITION = Subject(
    routes=(get(transition.PATH, transition.show_transition, Permission.FIGURES_READ),),
    vocabulary=VOCABULARY,
)
