"""The addresses and words of the pages of purchases and disposals."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.purchases import principles, records, register, requests
from api.pages.purchases.labels import VOCABULARY
from fleet.actor import Permission

_REQUEST = "/purchases/requests/{request_id}"
_PRINCIPLE = "/purchases/principles/{principle}"
_DISPOSAL = "/purchases/disposals/{vehicle_id}"
_PURCHASE = "/purchases/{purchase_id}"

PURCHASES = Subject(
    routes=(
        get("/purchases", requests.show_purchases, Permission.FIGURES_READ),
        post("/purchases", records.add_purchase, Permission.PURCHASES_DECIDE),
        get("/purchases/new", records.show_new_purchase, Permission.PURCHASES_DECIDE),
        get("/purchases/requests/new", requests.show_new_request, Permission.VEHICLES_REQUEST),
        post("/purchases/requests", requests.ask_for_vehicle, Permission.VEHICLES_REQUEST),
        get("/purchases/requests/export/{form}", register.export_requests, Permission.FIGURES_READ),
        get(_REQUEST, requests.show_request, Permission.FIGURES_READ),
        post(_REQUEST, requests.answer, Permission.PURCHASES_DECIDE),
        post(f"{_REQUEST}/withdraw", requests.withdraw, Permission.VEHICLES_REQUEST),
        get("/purchases/register", register.show_register, Permission.FIGURES_READ),
        get("/purchases/register/export/{form}", register.export_register, Permission.FIGURES_READ),
        get("/purchases/principles", principles.show_principles, Permission.FIGURES_READ),
        get(_PRINCIPLE, principles.show_principle, Permission.FIGURES_READ),
        post(_PRINCIPLE, principles.change_principle, Permission.PURCHASES_DECIDE),
        get(_DISPOSAL, register.show_disposal, Permission.FIGURES_READ),
        post(_DISPOSAL, register.say_why, Permission.PURCHASES_DECIDE),
        get(_PURCHASE, records.show_purchase, Permission.FIGURES_READ),
        post(_PURCHASE, records.correct_purchase, Permission.PURCHASES_DECIDE),
        post(f"{_PURCHASE}/withdraw", records.withdraw, Permission.PURCHASES_DECIDE),
    ),
    vocabulary=VOCABULARY,
)
