"""A subject of the pages, which has a folder of its own."""

from collections.abc import Sequence
from dataclasses import dataclass

from api.door.needs import Route
from api.pages.words.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """The addresses of the pages of a subject, with what each asks of who comes, and the words that
    its templates use."""

    routes: Sequence[Route]
    vocabulary: Vocabulary
