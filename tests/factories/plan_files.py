"""Plans as an importer reads them, small and at random."""

from collections.abc import Sequence

from hypothesis import strategies as st

from tracker.importer.plan_file import (
    Initiative,
    Milestone,
    NotPlaced,
    PlanFile,
    Programme,
    Resource,
    Strand,
)

#: Two programmes, one with an initiative and one that holds milestones itself; a sub-milestone, a
#: lost quarter, a span, a strand through two quarters, and one line that could not be placed.
PLAN = PlanFile(
    title=None,
    year=2026,
    programmes=(
        Programme(
            number="2.1",
            title="Grøn omstilling",
            purpose="Mindre CO2e.",
            success_criteria=("Flere elbiler", "Mindre støj"),
            partners_internal=("Vej", "Park"),
            resources=(
                Resource(centre="Vej", aarsvaerk=0.25),
                Resource(centre=None, aarsvaerk=None),
            ),
        ),
        Programme(number="4.1", title="Flådestyring", partners_external=("Leverandører",)),
    ),
    initiatives=(
        Initiative(section="2.1.1", title="Ladning", programme="2.1"),
        Initiative(section="4.1", title="En særlig indsats", programme="4.1"),
    ),
    milestones=(
        Milestone(
            id="m001",
            section="2.1.1",
            quarter_as_written="1. kvartal",
            year=2026,
            quarter_from=1,
            quarter_to=1,
            text="Standere valgt",
            line_from=10,
            line_to=11,
            page=2,
        ),
        Milestone(
            id="m002",
            section="2.1.1",
            quarter_as_written="Kvartal 2026",
            year=2026,
            quarter_from=2,
            quarter_to=2,
            inferred=True,
            text="Standere sat op",
            line_from=12,
            line_to=12,
        ),
        Milestone(
            id="m003",
            section="2.1.1",
            year=2026,
            quarter_from=2,
            quarter_to=2,
            level="sub",
            parent="m002",
            text="Rådhuset har strøm",
            line_from=13,
            line_to=13,
        ),
        Milestone(
            id="m004",
            section="4.1",
            quarter_as_written="1. - 4. kvartal",
            year=2026,
            quarter_from=1,
            quarter_to=4,
            text="Status – sendt",
            line_from=20,
            line_to=20,
        ),
        Milestone(id="m005", section="4.1", text="Status – læst", line_from=21, line_to=21),
    ),
    strands=(Strand(section="4.1", title="Status", milestones=("m004", "m005")),),
    policies=("Klimaplan", "Mobilitetsplan"),
    not_placed=(NotPlaced(line_from=30, line_to=31, text="Hvem ved"),),
)

_WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=20)
_TEXTS = _WORDS.filter(lambda text: text.strip() != "")
_MAYBE = st.none() | _TEXTS


def plan_files() -> st.SearchStrategy[PlanFile]:
    """Plans of any shape: sections that no programme or initiative names, several of one name,
    milestones below others, and strands through them."""
    return st.tuples(
        st.lists(st.sampled_from(["1", "1.1", "2", "Trafik"]), min_size=1, max_size=4),
        st.integers(0, 8),
    ).flatmap(lambda shape: _plans(shape[0], [f"m{n:03}" for n in range(shape[1])]))


def _plans(sections: Sequence[str], ids: Sequence[str]) -> st.SearchStrategy[PlanFile]:
    section = st.none() | st.sampled_from(sections)
    programmes = st.builds(
        Programme,
        number=section,
        title=_MAYBE,
        purpose=_MAYBE,
        success_criteria=st.lists(_TEXTS, max_size=2).map(tuple),
        partners_internal=st.lists(_TEXTS, max_size=2).map(tuple),
        partners_external=st.lists(_TEXTS, max_size=2).map(tuple),
        resources=st.lists(
            st.builds(Resource, centre=_MAYBE, aarsvaerk=st.none() | st.floats(0, 99)), max_size=3
        ).map(tuple),
    )
    lines = st.integers(1, 9_999)
    spans = st.none() | st.tuples(st.integers(1, 4), st.integers(1, 4)).map(sorted)

    def milestone(number: int) -> st.SearchStrategy[Milestone]:
        return st.builds(
            lambda span, **values: Milestone(
                id=ids[number],
                quarter_from=None if span is None else span[0],
                quarter_to=None if span is None else span[1],
                **values,
            ),
            spans,
            section=section,
            quarter_as_written=_MAYBE,
            year=st.none() | st.integers(1990, 2200),
            inferred=st.booleans(),
            level=st.sampled_from(["top", "sub"]),
            parent=st.sampled_from(ids[:number]) | st.none() if number else st.none(),
            text=_TEXTS,
            line_from=lines,
            line_to=lines,
            page=st.none() | lines,
        )

    strands = st.builds(
        Strand,
        section=section,
        title=_TEXTS,
        milestones=st.lists(st.sampled_from(ids), unique=True).map(tuple) if ids else st.just(()),
    )
    return st.builds(
        PlanFile,
        title=_MAYBE,
        year=st.integers(2000, 2100),
        programmes=st.lists(programmes, max_size=3).map(tuple),
        initiatives=st.lists(
            st.builds(Initiative, section=section, title=_TEXTS, programme=section), max_size=4
        ).map(tuple),
        milestones=st.tuples(*(milestone(number) for number in range(len(ids)))),
        strands=st.lists(strands, max_size=2).map(tuple),
        policies=st.lists(_TEXTS, max_size=2).map(tuple),
        not_placed=st.lists(
            st.builds(NotPlaced, line_from=lines, line_to=lines, text=_TEXTS), max_size=2
        ).map(tuple),
    )
