"""The address and words of the page of the interface for programs."""

from api.door.needs import Welcome, get
from api.pages.frame.subject import Subject
from api.pages.interface.interface import show_interface
from api.pages.words.vocabulary import Vocabulary

INTERFACE = Subject(
    routes=(get("/interface", show_interface, Welcome.SIGNED_IN),), vocabulary=Vocabulary()
)
