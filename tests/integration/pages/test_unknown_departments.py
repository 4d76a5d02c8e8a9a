"""The page of accounts says which departments, of groups and of people, no vehicle is of; who gets
another role than that of a department head loses them."""

from access.accounts import add_account
from access.roles import Role
from api.server import ServerRole
from api.settings import Settings
from db.connect import Pool
from tests.factories.actors import SOMEBODY
from tests.factories.page_text import words
from tests.factories.serving import client_of
from tests.factories.vehicles import put_cars

PROVIDER = {
    "pages_url": "http://127.0.0.1:9",
    "oidc_issuer": "http://127.0.0.1:9/realm",
    "oidc_client_id": "flaade",
    "oidc_roles": {"/heads": "department_head"},
    "oidc_departments": {"/dep/d": "d", "/dep/park": "Park og Vej"},
}


async def test_departments_that_no_vehicle_is_of_are_named(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.7, 12.5, 150)")
    await put_cars(pool, "v1")
    await add_account(pool, SOMEBODY, "Karen", Role.DEPARTMENT_HEAD, {"d"})
    with_provider = Settings.model_validate(settings.model_dump() | PROVIDER)
    async with client_of(with_provider, database_url, ServerRole.API, devices=()) as client:
        shown = words((await client.get("/accounts"))[1])
        assert "nævner afdelinger, som intet køretøj hører til" in shown
        assert "Park og Vej (gruppe /dep/park)" in shown
        assert "/dep/d)" not in shown
        assert "Disse personer har afdelinger" not in shown
        await pool.execute("UPDATE vehicle SET department = 'Park og Vej'")
        shown = words((await client.get("/accounts"))[1])
        assert "/dep/park)" not in shown
        assert "d (gruppe /dep/d)" in shown
        assert "ser intet af dem: Karen (d)" in shown
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        assert "kommunens login nævner" not in words((await client.get("/accounts"))[1])


async def test_who_is_no_department_head_any_more_loses_the_departments(
    pool: Pool, settings: Settings, database_url: str
) -> None:
    """The boxes are ticked as the page has them, and nobody has to untick them first."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.7, 12.5, 150)")
    await put_cars(pool, "v1")
    made = await add_account(pool, SOMEBODY, "Karen", Role.DEPARTMENT_HEAD, {"d"})
    async with client_of(settings, database_url, ServerRole.API, devices=()) as client:
        address = f"{client.server.url}/accounts/{made.account_id}"
        ticked = {"role": "reader", "department": "d"}
        async with client.session.post(address, data=ticked) as answer:
            assert answer.status == 200, words(await answer.text())
    row = await pool.fetchrow("SELECT role, departments FROM account WHERE name = 'Karen'")
    assert row is not None
    assert (row["role"], row["departments"]) == ("reader", [])
