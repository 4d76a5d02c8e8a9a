"""The addresses and words of the pages of rounds and proposals."""

from api.door.needs import get, post
from api.pages.frame.subject import Subject
from api.pages.proposals import curve, depots, instead, proposals, round_basis, rounds
from api.pages.proposals.labels import VOCABULARY
from fleet.actor import Permission

PROPOSALS = Subject(
    routes=(
        get("/proposals", proposals.show_proposals, Permission.FIGURES_READ),
        get("/proposals/rounds", rounds.show_rounds, Permission.FIGURES_READ),
        get("/proposals/rounds/{round_id}", round_basis.show_basis, Permission.FIGURES_READ),
        post("/proposals/rounds", rounds.request_new_round, Permission.ROUNDS_REQUEST),
        post("/proposals/curve", curve.choose, Permission.ROUNDS_REQUEST),
        post("/proposals/versions", rounds.request_new_version, Permission.ROUNDS_REQUEST),
        post(
            "/proposals/rounds/{round_id}/cancel",
            rounds.cancel_requested_round,
            Permission.ROUNDS_REQUEST,
        ),
        get("/proposals/curve", curve.show_curve, Permission.FIGURES_READ),
        get("/proposals/depots", depots.show_depots, Permission.FIGURES_READ),
        post("/proposals/decisions", proposals.decide_on_several, Permission.PROPOSALS_DECIDE),
        get("/proposals/{proposal_id}", proposals.show_proposal, Permission.FIGURES_READ),
        post("/proposals/{proposal_id}", proposals.add_decision, Permission.PROPOSALS_DECIDE),
        post(
            "/proposals/{proposal_id}/instead", instead.choose_instead, Permission.REGISTER_CHANGE
        ),
        post("/proposals/{proposal_id}/talk", proposals.add_said, Permission.PROPOSALS_DECIDE),
    ),
    vocabulary=VOCABULARY,
)
