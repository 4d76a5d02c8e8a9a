"""The addresses and words of the pages of the register."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.register import chosen, entry, register
from api.pages.register.labels import VOCABULARY
from fleet.actor import Permission

REGISTER = Subject(
    routes=(
        get("/register", register.show_register, Permission.FIGURES_READ),
        get("/register/export/{form}", register.export_register, Permission.FIGURES_READ),
        get("/register/new", entry.show_new_entry, Permission.REGISTER_CHANGE),
        post("/register/new", entry.add_entry, Permission.REGISTER_CHANGE),
        post("/register/chosen", chosen.show_chosen, Permission.REGISTER_CHANGE),
        post("/register/chosen/change", chosen.change_chosen, Permission.REGISTER_CHANGE),
        get("/vehicles/{vehicle_id}/register", entry.show_entry, Permission.FIGURES_READ),
        post("/vehicles/{vehicle_id}/register", entry.change_entry, Permission.REGISTER_CHANGE),
        post("/vehicles/{vehicle_id}/retire", entry.retire_entry, Permission.REGISTER_CHANGE),
        post("/vehicles/{vehicle_id}/take-back", entry.take_back_entry, Permission.REGISTER_CHANGE),
    ),
    vocabulary=VOCABULARY,
)
