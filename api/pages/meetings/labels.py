"""The words of meetings and calendars; see `words.vocabulary`."""

from api.pages.meetings.views import MeetingNotice
from api.pages.words.language import mark
from api.pages.words.vocabulary import Vocabulary

VOCABULARY = Vocabulary(
    labels={
        MeetingNotice: {
            MeetingNotice.SAVED: mark("The meeting is saved."),
            MeetingNotice.REMOVED: mark("The meeting is removed."),
            MeetingNotice.AGENDA: mark("The agenda is changed."),
            MeetingNotice.ENDED: mark("The address has ended."),
        }
    }
)
