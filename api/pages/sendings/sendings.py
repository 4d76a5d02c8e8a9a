"""The pages of what waits for an answer: GET /proposals/mine, GET and POST /proposals/send."""

from collections.abc import Collection, Mapping, Sequence

from aiohttp import web

from access.accounts import account
from api.door.visitor import visitor
from api.pages.frame.context import CONTEXT, PageContext, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.forms import FormError, whole_number
from api.pages.frame.redirect import see_other
from api.pages.frame.render import page
from api.pages.sendings.views import MinePage, Notice, SendPage, WaitingRow
from api.pages.talk.forms import SendForm, chosen_proposals
from api.pages.talk.letters import mail_words
from db.scope.seen import unscoped
from fleet.actor import Actor, NotAllowedError
from fleet.localtime import local_now
from optimiser.depot.decision_key import DecisionKey
from optimiser.ledger.stored import read_ledger
from optimiser.rounds.decisions import NoProposalError
from optimiser.rounds.overview import latest_round
from optimiser.rounds.proposals import Proposal, read_proposals
from optimiser.talk.entries import Entry, EntryKind, waiting
from optimiser.talk.faults import TalkError
from optimiser.talk.recipients import Head, heads_for
from optimiser.talk.sendings import send
from register.vehicles import scope_of


async def show_mine(request: web.Request) -> web.StreamResponse:
    """Show what waits for the visitor's answer, and what the visitor waits for."""
    context, actor = request.config_dict[CONTEXT], visitor(request)
    found = await waiting(context.pool, actor)
    proposals = await _proposed(context, actor)
    today, silent_days = local_now().date(), context.settings.ledger_silent_days
    scope = await scope_of(context.pool, actor)
    ledger = await read_ledger(context.pool, scope, today, silent_days)

    def rows(entries: Sequence[Entry]) -> list[WaitingRow]:
        return [WaitingRow(one, proposals.get(one.key)) for one in entries]

    view = MinePage(
        today=today,
        for_them=rows(found.for_them),
        of_others=rows(found.of_others),
        tasks=ledger.waiting_for(actor),
        by_mail=context.settings.sends_mail,
        has_address=await _has_address(context, actor),
        notice=notice_in_address(request, Notice),
    )
    return page(request, view)


async def show_send(request: web.Request) -> web.StreamResponse:
    """Show the form by which proposals are sent to the head of a department."""
    head = whole_number(request.query.get("recipient", ""), 1, 2**62)
    chosen = chosen_proposals(request.query)
    return page(request, await _send_page(request, head, chosen))


async def send_proposals(request: web.Request) -> web.StreamResponse:
    """Send the chosen proposals. A refused form comes back with what was typed."""
    context, fields = request.config_dict[CONTEXT], await read_form(request)
    chosen = chosen_proposals(fields)
    try:
        form = SendForm.read(fields)
        try:
            sent = await send(
                context.pool,
                visitor(request),
                form.proposal_ids,
                form.recipient,
                form.text,
                form.answer_day,
                mail_words(context.settings),
            )
        except TalkError as error:
            raise form.refused(error) from None
        except NoProposalError:
            raise web.HTTPNotFound from None
    except FormError as refused:
        head = whole_number(refused.values["recipient"], 1, 2**62)
        view = await _send_page(request, head, chosen, refused)
        return page(request, view, status=422)
    told = Notice.SENT_BY_MAIL if sent.by_mail else Notice.SENT_TO_PAGE
    raise see_other(f"/proposals/mine?done={Notice.SENT_SOME if sent.already else told}")


async def _proposed(context: PageContext, reader: Actor) -> Mapping[DecisionKey, Proposal]:
    """The proposals of the latest round that the reader sees, by the keys of their decisions."""
    latest = await latest_round(context.pool)
    if latest is None:
        return {}
    scope = await scope_of(context.pool, reader)
    found = await read_proposals(context.pool, latest.round_id, scope)
    return {key: one for one in found for key in one.keys}


@unscoped
async def _has_address(context: PageContext, actor: Actor) -> bool:
    """Whether mails reach the actor; heads do not read accounts themselves."""
    if actor.account_id is None:
        return False
    own = await account(context.pool, actor.account_id)
    return own is not None and own.email is not None


async def _send_page(
    request: web.Request,
    account_id: int | None,
    chosen: Collection[int],
    refused: FormError | None = None,
) -> SendPage:
    context, actor = request.config_dict[CONTEXT], visitor(request)
    if actor.departments is not None:
        raise NotAllowedError(None, f"{actor} may not do this: the fleet unit sends proposals")
    found = await heads_for(context.pool, actor)
    proposed = (await _proposed(context, actor)).values()
    changes = list({one.proposal_id: one for one in proposed if one.is_change}.values())
    picked = [one for one in changes if any(part.proposal_id in chosen for part in one.singles)]
    if picked:
        chosen = [one.proposal_id for one in picked]
        # Who was led here from a proposal chooses among those whom it concerns.
        found = [one for one in found if any(_is_concerned(one, p) for p in picked)]
    head = next((one for one in found if one.account_id == account_id), None)
    if head is None and len(found) == 1:
        head = found[0]
    waits = (await waiting(context.pool, actor)).of_others
    sent_keys = {
        one.key
        for one in waits
        if head is not None and one.kind is EntryKind.SENDING and one.recipient == head.account_id
    }
    shown = [] if head is None else [one for one in changes if _is_concerned(head, one)]
    return SendPage(
        heads=found,
        head=head,
        proposals=shown,
        sent=[one.proposal_id for one in shown if not one.keys.isdisjoint(sent_keys)],
        chosen=chosen,
        by_mail=context.settings.sends_mail,
        values={} if refused is None else refused.values,
        errors={} if refused is None else refused.errors,
    )


def _is_concerned(head: Head, proposal: Proposal) -> bool:
    return any(head.is_concerned(one.decision) for one in proposal.singles)
