"""The values that programs send and get: the bases of their models, and the types of their
fields."""

from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from costs.assumptions import YEAR_MAX, YEAR_MIN
from db.storable_values import ID_MAX
from fleet.localtime import EARLIEST_DAY, LATEST_DAY

#: The pattern of text without NUL, which the database can store.
_NO_NUL = r"^[^\x00]*$"

#: The most characters of a cursor.
_CURSOR_MAX = 600

#: What an answer tells of a thing and nobody can set. A body may have it as it was read; it changes
#: nothing.
Told = Annotated[
    JsonValue,
    Field(
        description="told by answers; a body may have it, and it changes nothing",
        json_schema_extra={"readOnly": True},
    ),
]
#: The number of the changes of a thing when the program read it.
Revision = Annotated[int, Field(ge=0, le=2**31 - 1)]
Year = Annotated[int, Field(ge=YEAR_MIN, le=YEAR_MAX)]

Name = Annotated[str, Field(min_length=1, max_length=128, pattern=_NO_NUL)]
FreeText = Annotated[str, Field(max_length=2_000, pattern=_NO_NUL)]
Id = Annotated[int, Field(ge=1, le=ID_MAX)]


def _day_of_ours(day: date) -> date:
    if not EARLIEST_DAY <= day <= LATEST_DAY:
        raise ValueError(f"must be from {EARLIEST_DAY} to {LATEST_DAY}")
    return day


def _moment_of_ours(moment: datetime) -> datetime:
    # The year is checked as it is written: at the ends of the calendar, the moment does not exist
    # in UTC.
    if not EARLIEST_DAY.year <= moment.year < LATEST_DAY.year:
        raise ValueError(f"must be from {EARLIEST_DAY} to {LATEST_DAY}")
    return moment.astimezone(UTC)


Day = Annotated[date, AfterValidator(_day_of_ours)]
Moment = Annotated[AwareDatetime, AfterValidator(_moment_of_ours)]


class RequestBody(BaseModel):
    """Base of the bodies of requests: no unknown fields, and no value of another type."""

    model_config = ConfigDict(extra="forbid", strict=True)


def example(**values: JsonValue) -> ConfigDict:
    """The configuration of a body with an example, which the description and the page of examples
    show."""
    examples: list[JsonValue] = [values]
    return ConfigDict(json_schema_extra={"examples": examples})


class Nothing(RequestBody):
    """A request that asks for nothing but its address."""


class FileQuery(RequestBody):
    """What an address that takes a file in its body is asked for: the name of the file, whose end
    tells its format."""

    model_config = example(name="list.csv") | ConfigDict(extra="forbid", strict=False)

    name: Annotated[
        Name, Field(description="the name of the file, which ends in .csv, .xlsx or .ods")
    ]


class Query(RequestBody):
    """Base of what an address asks for after its `?`. All of it is text."""

    model_config = ConfigDict(extra="forbid", strict=False, populate_by_name=True)


class PageQuery(Query):
    """Base of what lists are asked for: so many items, from the `next` of the page before on."""

    limit: Annotated[int, Field(ge=1, le=1_000, description="the most items of the answer")] = 100
    cursor: Annotated[
        str | None,
        Field(max_length=_CURSOR_MAX, description="the `next` of the page before"),
    ] = None


class DaysQuery(PageQuery):
    """Base of what lists of a span of local days are asked for."""

    first: Annotated[
        Day | None,
        Field(
            alias="from",
            description="the first local day; without `to` as well: the latest weeks with data",
        ),
    ] = None
    last: Annotated[
        Day | None, Field(alias="to", description="the last local day, which is included")
    ] = None


class ResponseBody(BaseModel):
    """Base of the bodies of answers."""

    model_config = ConfigDict(extra="forbid")


class PageBody(ResponseBody):
    """Base of a page of a list; `next` is the `cursor` of the one after it, null on the last."""

    next: str | None
