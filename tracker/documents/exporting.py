"""Writes a plan as the file from which it can be taken again without a difference."""

from db.connect import Pool
from tracker.importer import plan_file as file
from tracker.milestone import Milestone
from tracker.milestones import milestones
from tracker.plans import (
    Initiative,
    Plan,
    Programme,
    Strand,
    initiatives,
    plan,
    programmes,
    strands,
)


async def export_plan(pool: Pool, plan_id: int) -> file.PlanFile:
    """A plan as its file, in the order of the document.

    Raises:
        NoPlanError: there is no such plan.
    """
    return as_file(
        await plan(pool, plan_id),
        [one for one in await programmes(pool, plan_id) if one.gone_at is None],
        [one for one in await initiatives(pool, plan_id) if one.gone_at is None],
        await milestones(pool, plan_id),
        await strands(pool, plan_id),
    )


def as_file(
    one: Plan,
    own_programmes: list[Programme],
    own_initiatives: list[Initiative],
    own_milestones: list[Milestone],
    own_strands: list[Strand],
) -> file.PlanFile:
    """A plan and its parts as a file. A milestone that was typed in has no lines: it stands at its
    place in the plan."""
    names = {part.programme_id: part.number or part.name for part in own_programmes}
    in_order = sorted(own_milestones, key=lambda milestone: milestone.rank)
    ids = {milestone.milestone_id: milestone.document_id for milestone in in_order}
    return file.PlanFile(
        title=one.title,
        year=one.year,
        programmes=tuple(_programme(part) for part in own_programmes if part.is_written),
        initiatives=tuple(
            file.Initiative(
                section=part.section or None,
                title=part.name,
                programme=names.get(part.programme_id) or None,
            )
            for part in own_initiatives
        ),
        milestones=tuple(
            _milestone(milestone, place, ids) for place, milestone in enumerate(in_order, start=1)
        ),
        strands=tuple(
            file.Strand(section=part.section or None, title=part.title, milestones=members)
            for part in own_strands
            if (members := tuple(ids[member] for member in part.milestones if member in ids))
            or not part.milestones
        ),
        policies=tuple(one.policies),
        not_placed=tuple(
            file.NotPlaced(line_from=part.line_from, line_to=part.line_to, text=part.text)
            for part in one.not_placed
        ),
    )


def _programme(one: Programme) -> file.Programme:
    return file.Programme(
        number=one.number or None,
        title=one.name or None,
        purpose=one.purpose or None,
        success_criteria=tuple(one.success_criteria),
        partners_internal=tuple(one.partners_internal),
        partners_external=tuple(one.partners_external),
        resources=tuple(
            file.Resource(centre=own.centre or None, aarsvaerk=own.aarsvaerk)
            for own in one.resources
        ),
    )


def _milestone(one: Milestone, place: int, ids: dict[str, str]) -> file.Milestone:
    source = one.source
    return file.Milestone(
        id=one.document_id,
        section=one.section or None,
        quarter_as_written=one.quarter_as_written,
        year=one.year,
        quarter_from=one.quarter_from,
        quarter_to=one.quarter_to,
        inferred=one.is_inferred,
        level=one.level.value,
        parent=None if one.parent_id is None else ids.get(one.parent_id),
        text=one.text,
        line_from=source.line_from or place,
        line_to=source.line_to or place,
        page=source.page,
    )
