"""The addresses and words of the pages of rounds and proposals."""

from aiohttp import web

from api.pages.frame.subject import Subject
from api.pages.proposals import curve, depots, proposals, report, round_basis, rounds
from api.pages.proposals.labels import VOCABULARY

PROPOSALS = Subject(
    routes=(
        web.get("/proposals", proposals.show_proposals),
        web.get("/proposals/rounds", rounds.show_rounds),
        web.get("/proposals/rounds/{round_id}", round_basis.show_basis),
        web.post("/proposals/rounds", rounds.request_new_round),
        web.post("/proposals/versions", rounds.request_new_version),
        web.post("/proposals/rounds/{round_id}/cancel", rounds.cancel_requested_round),
        web.get("/proposals/curve", curve.show_curve),
        web.get("/proposals/depots", depots.show_depots),
        web.get("/proposals/report", report.show_report),
        web.get("/proposals/{proposal_id}", proposals.show_proposal),
        web.post("/proposals/{proposal_id}", proposals.add_decision),
    ),
    vocabulary=VOCABULARY,
)
