"""What people send is read strictly, and each mistake is told at its own field."""

from dataclasses import replace
from datetime import date, datetime, time

import pytest

from api.pages.audit.forms import read_choice
from api.pages.frame import forms
from api.pages.frame.forms import FormError
from api.pages.plan.forms import STATUS_MISSING, MilestoneForm
from api.pages.proposals.forms import (
    QUESTION_EMPTY,
    REJECTION_UNEXPLAINED,
    VERDICT_MISSING,
    DecisionForm,
)
from api.pages.vehicles.forms import PrivateForm, VehicleQuery
from api.pages.vehicles.views import VehicleSort
from fleet.localtime import LOCAL_ZONE
from optimiser.rounds.decisions import Verdict
from register.private_time import DutyHours
from tests.samples.places import NOW
from tests.samples.vehicles import ROWS
from tracker.milestone import MilestoneStatus


def errors_of(form, fields) -> dict[str, str]:
    with pytest.raises(FormError) as caught:
        form.read(fields)
    return dict(caught.value.errors)


def test_a_decision_is_read_without_surrounding_space():
    sent = {"verdict": "rejected", "comment": " for dyrt \n"}
    assert DecisionForm.read(sent) == DecisionForm(Verdict.REJECTED, "for dyrt", None)
    assert DecisionForm.read(sent | {"seen": "3"}).seen == 3
    assert DecisionForm.read(sent | {"seen": "-3"}).seen is None


def test_accepting_needs_no_comment():
    read = DecisionForm.read({"verdict": "accepted", "comment": ""})
    assert read.verdict is Verdict.ACCEPTED


@pytest.mark.parametrize(
    ("fields", "errors"),
    [
        ({}, {"verdict": VERDICT_MISSING}),
        ({"verdict": "maybe"}, {"verdict": VERDICT_MISSING}),
        (
            {"verdict": "rejected", "comment": "  "},
            {"comment": REJECTION_UNEXPLAINED},
        ),
        ({"verdict": "question"}, {"comment": QUESTION_EMPTY}),
        (
            {"verdict": "accepted", "comment": "x" * 2_001},
            {"comment": forms.TEXT_TOO_LONG},
        ),
    ],
)
def test_a_decision_that_lacks_something_says_what_and_where(fields, errors):
    assert errors_of(DecisionForm, fields) == errors


def test_what_was_typed_is_kept_when_the_form_is_refused():
    with pytest.raises(FormError) as caught:
        DecisionForm.read({"verdict": "rejected", "comment": ""})
    assert caught.value.values == {"verdict": "rejected", "comment": "", "seen": ""}


def test_an_uploaded_file_in_place_of_a_text_counts_as_empty():
    assert errors_of(MilestoneForm, {"progress": object()}) == {"progress": STATUS_MISSING}


def test_a_milestone_needs_a_known_status():
    assert errors_of(MilestoneForm, {"progress": "soon"}) == {"progress": STATUS_MISSING}
    read = MilestoneForm.read({"progress": "in_progress", "note": ""})
    assert read == MilestoneForm(MilestoneStatus.IN_PROGRESS, "")


def test_an_unknown_order_in_the_address_means_the_default_one():
    assert VehicleQuery.read({"sort": "colour", "order": "up", "depot": ""}) == VehicleQuery()


def test_vehicles_are_sorted_the_danish_way_and_the_unknown_come_last_in_both_directions():
    names = ["Østre", "ådal", "Ærø", "Zebra", "alfa"]
    rows = [replace(ROWS[0], name=name, km=float(i)) for i, name in enumerate(names)]
    in_order = VehicleQuery(sort=VehicleSort.NAME).order(rows)
    assert [row.name for row in in_order] == ["alfa", "Zebra", "Ærø", "Østre", "ådal"]

    silent = replace(ROWS[0], name="tavs", last_ping=None)
    heard = replace(ROWS[0], name="hørt", last_ping=NOW)
    for descending in (False, True):
        query = VehicleQuery(sort=VehicleSort.LAST_PING, descending=descending)
        assert [row.name for row in query.order([silent, heard])] == ["hørt", "tavs"]


NOON = datetime(2026, 11, 20, 12, tzinfo=LOCAL_ZONE)


def test_private_without_moments_is_from_now_until_it_is_ended() -> None:
    form = PrivateForm.read({"kind": "span"}, NOON)
    assert form == PrivateForm(NOON, None, None, "")


def test_private_moments_are_local_and_duty_hours_have_days() -> None:
    span = {"begins": "2026-11-20T16:00", "ends": "2026-11-21T08:00", "note": "x"}
    form = PrivateForm.read(span, NOON)
    assert form.begins == datetime(2026, 11, 20, 16, tzinfo=LOCAL_ZONE)
    fields = {"kind": "duty", "weekday-0": "1", "weekday-4": "1"}
    duty = PrivateForm.read(fields | {"duty_begins": "07:00", "duty_ends": "16:00"}, NOON).duty
    assert duty == DutyHours(frozenset({0, 4}), time(7), time(16))


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"begins": "2026-11-20T16:00", "ends": "2026-11-20T15:00"}, {"ends"}),
        ({"begins": "tomorrow"}, {"begins"}),
        ({"kind": "duty"}, {"weekdays", "duty_begins", "duty_ends"}),
    ],
)
def test_a_private_form_that_is_refused_names_its_fields(
    fields: dict[str, str], wrong: set[str]
) -> None:
    with pytest.raises(FormError) as refused:
        PrivateForm.read(fields, NOON)
    assert set(refused.value.errors) == wrong


@pytest.mark.parametrize(
    ("query", "is_whole"),
    [
        ({}, True),
        ({"act": "", "subject": "", "from": ""}, True),
        ({"act": "changed", "subject": "vehicle", "from": "2026-01-01"}, True),
        ({"act": "ændret"}, False),
        ({"subject": "x"}, False),
        ({"from": "i går"}, False),
        ({"to": "2026-02-30"}, False),
    ],
)
def test_the_audit_page_says_that_it_leaves_out_what_it_cannot_read(
    query: dict[str, str], is_whole: bool
) -> None:
    choice = read_choice(query, date(2026, 11, 20))
    assert choice.is_cut != is_whole
