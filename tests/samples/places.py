"""What the samples share: when it is, two depots and two vehicles."""

from datetime import UTC, date, datetime

from api.pages.frame import views
from api.pages.frame.views import Choice

NOW = datetime(2026, 11, 21, 13, 5, tzinfo=UTC)
PERIOD = views.ShownPeriod(date(2026, 9, 21), date(2026, 11, 15), 38)
TOWN_HALL = Choice("raadhus", "Rådhuset")
ROADS = Choice("vej-park", "Vej og Park, Firskovvej")
CAR = Choice("LTK-009", "LTK-009 <elbil>")
SILENT = Choice("LTK/042", "LTK-042")
