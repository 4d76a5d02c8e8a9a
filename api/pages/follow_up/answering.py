"""The page of a link of a follow-up: GET and POST /follow-up. Who comes by it has no account.

Showing the page changes nothing, since scanners of mail open links, too.
"""

from collections.abc import Sequence
from datetime import date

from aiohttp import web

from access.attempts import TooManyAttemptsError
from access.attempts_stored import spend_stray_link
from api.door.visitor import source_of
from api.pages.access.visits import visit_page
from api.pages.follow_up.forms import (
    NO_VALUE,
    NOT_YOURS,
    ReadAnswers,
    fields_of,
    read_answers,
    value_text,
)
from api.pages.follow_up.views import AnswerPage, AnswerRow, LinkEndedPage, Notice, ValueRow
from api.pages.frame.context import CONTEXT, notice_in_address
from api.pages.frame.form_body import read_form
from api.pages.frame.redirect import see_other
from api.pages.frame.views import PageView
from api.pages.plan.forms import QUARTER_MISSING, REASON_MISSING
from api.pages.plan.milestone import later_quarters
from api.pages.words.language import Language, language_of
from fleet.errors import ExpectedError
from fleet.localtime import local_now
from tracker.follow_up.answers import (
    AnswersRefusedError,
    Item,
    LinkClosedError,
    answer,
    items_of,
)
from tracker.follow_up.asking import Group
from tracker.follow_up.links import Link, LinkState, link_of
from tracker.indicators import Indicator
from tracker.quarter import Quarter
from tracker.saying import PostponedQuarterError, UnexplainedStatusError

#: The status of the page of a link that has ended.
GONE = 410

#: The milestones that a page has room for; a form has a bound of fields.
ITEMS_MAX = 100


async def show_answers(request: web.Request) -> web.StreamResponse:
    """Show what is asked of the person of a link."""
    link = await _link(request)
    if isinstance(link, LinkEndedPage):
        return _private(request, link, GONE)
    items = await items_of(request.config_dict[CONTEXT].pool, link)
    return _private(request, _answer_page(request, link, items, ReadAnswers()))


async def send_answers(request: web.Request) -> web.StreamResponse:
    """Store all answers of a person. A refused form comes back with what was typed, and where
    somebody else changed a milestone meanwhile, their words stand beside it."""
    link = await _link(request)
    if isinstance(link, LinkEndedPage):
        return _private(request, link, GONE)
    pool, fields = request.config_dict[CONTEXT].pool, await read_form(request)
    token = request.query.get("token", "")
    items = await items_of(pool, link)
    read = read_answers(items[:ITEMS_MAX], fields, language_of(request))
    if not read.errors and not read.is_contested and not read.stray:
        try:
            await answer(pool, link, token, source_of(request), read.answers, read.new_values)
        except LinkClosedError:
            ended = await _link(request)
            assert isinstance(ended, LinkEndedPage), "a link that has ended does not begin again"
            return _private(request, ended, GONE)
        except AnswersRefusedError as refused:
            items = await items_of(pool, link)
            read = read_answers(items[:ITEMS_MAX], fields, language_of(request))
            if not read.is_contested:
                read.errors |= dict(map(_told, refused.faults, refused.faults.values()))
        else:
            after = await items_of(pool, link)
            left = any(one.is_wanted and not one.is_answered for one in after)
            done = Notice.ANSWERED_SOME if left else Notice.ANSWERED
            raise see_other(f"/follow-up?token={token}&done={done}")
    status = 422 if read.errors else 409
    return _private(request, _answer_page(request, link, items, read), status)


def _told(key: str | int, fault: ExpectedError) -> tuple[str, str]:
    """The field of a fault of a milestone or an indicator, and what it says there."""
    if isinstance(key, int):
        return f"value-{key}", NO_VALUE
    match fault:
        case UnexplainedStatusError():
            return f"note-{key}", REASON_MISSING
        case PostponedQuarterError():
            return f"until-{key}", QUARTER_MISSING
        case _:
            return f"progress-{key}", NOT_YOURS


async def _link(request: web.Request) -> Link | LinkEndedPage:
    """The link in the address, or the page that says that it does not work."""
    pool = request.config_dict[CONTEXT].pool
    link = await link_of(pool, request.query.get("token", ""))
    if link is None:
        try:
            await spend_stray_link(pool, source_of(request))
        except TooManyAttemptsError as early:
            raise web.HTTPTooManyRequests(headers={"Retry-After": str(early.wait_s)}) from None
        return LinkEndedPage(state=None, follow_up=None)
    state = link.state(local_now().date())
    if state is not LinkState.OPEN:
        return LinkEndedPage(state=state, follow_up=link.follow_up)
    return link


def _private(request: web.Request, view: PageView, status: int = 200) -> web.Response:
    """The answer with a page that no search engine keeps."""
    answer = visit_page(request, view, status)
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _answer_page(
    request: web.Request, link: Link, items: Sequence[Item], read: ReadAnswers
) -> AnswerPage:
    today, language = local_now().date(), language_of(request)
    rows = [_row(item, read, today, language) for item in items[:ITEMS_MAX]]
    asked = [one for one in items if one.is_wanted]
    return AnswerPage(
        token=request.query.get("token", ""),
        name=link.name,
        follow_up=link.follow_up,
        groups=[
            (group, of_group)
            for group in Group
            if (of_group := [row for row in rows if row.item.group is group])
        ],
        answered=sum(one.is_answered for one in asked),
        wanted=len(asked),
        more=max(0, len(items) - ITEMS_MAX),
        values=read.values,
        errors=read.errors,
        stray=read.stray,
        notice=notice_in_address(request, Notice),
    )


def _row(item: Item, read: ReadAnswers, today: date, language: Language) -> AnswerRow:
    one = item.milestone
    return AnswerRow(
        item=item,
        fields=read.fields.get(one.milestone_id) or fields_of(item),
        quarters=later_quarters(one, Quarter.of(today)),
        values=[_value_row(each, language) for each in item.indicators],
        is_late=one.late(today),
    )


def _value_row(one: Indicator, language: Language) -> ValueRow:
    return ValueRow(
        indicator_id=one.indicator_id,
        name=one.details.name,
        unit=one.details.unit,
        scale=one.details.scale,
        latest=value_text(one, language),
        latest_day=None if one.latest is None else one.latest.day,
    )
