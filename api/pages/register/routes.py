"""The addresses and words of the pages of the register."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.register import chosen, entry, lists, register
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
        get("/register/lists", lists.show_lists, Permission.REGISTER_CHANGE),
        post("/register/lists", lists.upload_list, Permission.REGISTER_CHANGE),
        get("/register/lists/{list_id}", lists.show_list, Permission.REGISTER_CHANGE),
        get("/register/lists/{list_id}/columns", lists.show_columns, Permission.REGISTER_CHANGE),
        post("/register/lists/{list_id}/columns", lists.choose_columns, Permission.REGISTER_CHANGE),
        get("/register/lists/{list_id}/values", lists.show_values, Permission.REGISTER_CHANGE),
        post("/register/lists/{list_id}/values", lists.choose_values, Permission.REGISTER_CHANGE),
        get("/register/lists/{list_id}/preview", lists.show_preview, Permission.REGISTER_CHANGE),
        post(
            "/register/lists/{list_id}/preview",
            lists.import_shown_list,
            Permission.REGISTER_CHANGE,
        ),
        get("/register/lists/{list_id}/file", lists.list_as_file, Permission.REGISTER_CHANGE),
        get("/vehicles/{vehicle_id}/register", entry.show_entry, Permission.FIGURES_READ),
        post("/vehicles/{vehicle_id}/register", entry.change_entry, Permission.REGISTER_CHANGE),
        post("/vehicles/{vehicle_id}/retire", entry.retire_entry, Permission.REGISTER_CHANGE),
        post("/vehicles/{vehicle_id}/take-back", entry.take_back_entry, Permission.REGISTER_CHANGE),
    ),
    vocabulary=VOCABULARY,
)
