"""A subject of the pages, which has a folder of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from api.pages.words.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The addresses of the pages of a subject, and the words that its templates use."""

    routes: Sequence[web.RouteDef]
    vocabulary: Vocabulary
