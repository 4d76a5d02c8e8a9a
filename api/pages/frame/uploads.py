"""Reads the file that somebody chose in a form."""

from aiohttp import web

from api.pages.frame.context import CONTEXT
from api.pages.frame.form_body import UploadedFile, read_form
from api.pages.frame.forms import FormError
from api.pages.words.language import language_of
from api.pages.words.refusals import refusal_text
from fleet.files.own_process import ReadFile
from fleet.files.refusal import FileRefusedError

#: The name of the field, which such forms have alone.
FIELD = "file"

#: The reader of a table, for pages that ask about its columns before they take it in.
TABLE_READER = "fleet.files.cells:read_packed"


async def read_upload(request: web.Request, reader: str, missing: str) -> tuple[str, ReadFile]:
    """The name of the file, and what `reader` read of it (`fleet.files.own_process`).

    Raises:
        FormError: no file was chosen, of which `missing` tells, or it cannot be read.
    """
    sent = (await read_form(request)).get(FIELD)
    if not isinstance(sent, UploadedFile) or not sent.name:
        raise FormError({}, {FIELD: missing})
    context = request.config_dict[CONTEXT]
    try:
        return sent.name, await context.read_in_own_process(reader, sent.name, sent.content)
    except FileRefusedError as refused:
        raise file_refused(request, refused) from None


def file_refused(request: web.Request, refused: FileRefusedError) -> FormError:
    """The refusal of the form by which a file was sent that is not taken."""
    return FormError({}, {FIELD: refusal_text(refused, language_of(request))})
