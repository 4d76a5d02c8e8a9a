"""Assumptions and kinds in the database: every change is kept, and a round keeps what it used."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from costs.assumptions import ENERGY_PRICES, Figure, FigureKey, shipped_assumptions
from costs.assumptions_stored import (
    assumption_history,
    put_assumption,
    read_assumptions,
    withdraw_assumption,
)
from costs.basis import read_basis, store_basis, stored_basis
from costs.catalogue import CatalogueKind, Specification, StatedFigures, starter_catalogue
from costs.catalogue_stored import kind_history, put_kind, read_catalogue
from db.connect import Pool
from fleet.actor import Actor
from register.register_file import load_register, read_register
from simulators.pilot import generate_pilot
from simulators.pilot_files import REGISTER_FILE, write_pilot


def own(value: float, year: int = 2026) -> Figure:
    return Figure(
        key=FigureKey.ELECTRICITY_KR_KWH,
        valid_from=year,
        value=value,
        source="SKI-aftale",
        note="ekskl.",
    )


async def test_without_changes_the_shipped_assumptions_hold(pool: Pool) -> None:
    assert await read_assumptions(pool) == shipped_assumptions()


async def test_every_change_of_a_figure_is_kept_with_who_made_it(pool: Pool) -> None:
    await put_assumption(pool, Actor.trusted("Flådeenheden"), own(1.8))
    await put_assumption(pool, Actor.trusted("Økonomi"), own(1.7))
    figures = (await read_assumptions(pool)).at(2026)
    assert figures[FigureKey.ELECTRICITY_KR_KWH] == 1.7
    assert figures.figure(FigureKey.ELECTRICITY_KR_KWH).source == "SKI-aftale"
    await withdraw_assumption(
        pool, Actor.trusted("Økonomi"), FigureKey.ELECTRICITY_KR_KWH, 2026, "fejl i aftalen"
    )
    assert (await read_assumptions(pool)).at(2026)[FigureKey.ELECTRICITY_KR_KWH] == 2.10
    history = await assumption_history(pool, FigureKey.ELECTRICITY_KR_KWH)
    assert [(change.value, change.actor) for change in history] == [
        (None, "Økonomi"),
        (1.7, "Økonomi"),
        (1.8, "Flådeenheden"),
    ]


async def test_a_round_is_read_again_with_what_it_used(pool: Pool) -> None:
    for kind in starter_catalogue():
        await put_kind(pool, Actor.trusted("test"), kind)
    round_id = await pool.fetchval(
        "INSERT INTO round (requested_by, period_first, period_last)"
        " VALUES ('x', '2026-09-01', '2026-10-31') RETURNING round_id"
    )
    assert await stored_basis(pool, round_id) is None
    used = await read_basis(pool, 2026)
    await store_basis(pool, round_id, used)
    await put_assumption(pool, Actor.trusted("x"), own(9.0))
    await put_kind(
        pool, Actor.trusted("x"), replace(starter_catalogue()[0], source="et andet tilbud")
    )
    kept = await stored_basis(pool, round_id)
    assert kept is not None
    assert kept.kinds == used.kinds
    assert kept.rules == used.rules
    assert (await read_basis(pool, 2026)).kinds != used.kinds


async def test_kinds_come_back_as_they_were_put_and_changes_are_kept(pool: Pool) -> None:
    stated = CatalogueKind(
        kind="bil",
        name="Bil",
        energy=starter_catalogue()[0].energy,
        figures=StatedFigures(
            fixed_kr_year=50_000, kr_km=1, co2_g_km=9, range_km=200, charge_km_h=40
        ),
        source="Økonomi",
        year=2025,
    )
    for kind in (*starter_catalogue(), stated):
        await put_kind(pool, Actor.trusted("a"), kind)
    found = {kind.kind: kind for kind in await read_catalogue(pool)}
    assert found == {kind.kind: kind for kind in (*starter_catalogue(), stated)}
    await put_kind(pool, Actor.trusted("b"), replace(stated, offered=True))
    history = await kind_history(pool, "bil")
    assert [(one.kind.offered, one.actor) for one in history] == [(True, "b"), (False, "a")]
    assert history[0].at <= datetime.now(UTC)


async def test_a_kind_has_one_origin_of_its_figures(pool: Pool) -> None:
    for figures in ("1, 1, 1, '{}'::jsonb", "NULL, NULL, NULL, NULL", "1, NULL, 1, NULL"):
        with pytest.raises(Exception, match="one_origin"):
            await pool.execute(
                "INSERT INTO vehicle_kind (kind, name, energy, source, fixed_kr_year, kr_km,"
                f" co2_g_km, specification) VALUES ('k', 'K', 'petrol', 's', {figures})"
            )


async def test_a_register_brings_kinds_whose_costs_follow_the_assumptions(
    pool: Pool, tmp_path: Path
) -> None:
    """The pilot's own arithmetic and ours agree, and prices move it."""
    pilot = generate_pilot(start=date(2026, 11, 2), weeks=1, vehicles=22, seed=1)
    write_pilot(pilot, tmp_path)
    register = read_register(tmp_path / REGISTER_FILE)
    await load_register(pool, register)
    basis = await read_basis(pool, 2026)
    assert all(isinstance(kind.figures, Specification) for kind in basis.catalogue)
    for vehicle in pilot.vehicles:
        found = basis.kinds[vehicle.kind]
        assert found.fixed_kr_year == vehicle.fixed_kr_year
        assert found.kr_km == pytest.approx(vehicle.kr_km, abs=0.006)
        assert found.co2_g_km == pytest.approx(vehicle.co2_g_km, abs=0.06)
        assert found.range_km == (
            None if vehicle.range_km is None else pytest.approx(vehicle.range_km, abs=0.6)
        )
        assert found.charge_km_h == (
            None if vehicle.charge_km_h is None else pytest.approx(vehicle.charge_km_h, abs=0.2)
        )
        dear = basis.scaled(ENERGY_PRICES, 1.2).kinds[vehicle.kind]
        assert dear.kr_km - vehicle.upkeep_kr_km == pytest.approx(
            1.2 * (found.kr_km - vehicle.upkeep_kr_km)
        )
    # A register that is loaded again does not undo what a person changed.
    mine = replace(basis.catalogue[0], name="Vores navn")
    await put_kind(pool, Actor.trusted("Flådeenheden"), mine)
    await load_register(pool, register)
    assert mine in await read_catalogue(pool)
