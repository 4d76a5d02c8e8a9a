"""Every operation of the interface, explored by schemathesis."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from access.roles import NOT_FOR_PROGRAMS, ROLE_PERMISSIONS, Role
from access.tokens import new_token
from api.rest import routes
from api.rest.openapi import openapi_document
from api.settings import Settings
from db.connect import Pool
from fleet.localtime import local_now
from ingest.listeners.http import TELEMETRY_PATHS
from register.devices import enrol_device
from register.keys import new_gateway_key
from tests.factories.actors import SOMEBODY
from tests.factories.refused import DETAIL_SQL
from tests.factories.vehicles import put_cars
from tests.factories.whole import served, whole_app

DOCUMENT = openapi_document()

OPERATIONS = sorted(
    (path, method)
    for path, operations in DOCUMENT["paths"].items()
    for method in operations
    if method != "parameters" and path.startswith("/v1/")
)

#: The seconds that an answer may take. Drawing a report takes long where many others work too.
ANSWER_S = 120


@dataclass(frozen=True)
class Keys:
    """What opens the interface: a gateway's key for telemetry, for the rest a token with all that
    each role may."""

    gateway: str
    programs: Mapping[Role, str]

    def of(self, path: str, role: Role) -> str:
        return self.gateway if path in TELEMETRY_PATHS else self.programs[role]


def lets_in(path: str, method: str, role: Role) -> bool:
    """Whether an operation lets in a token with all that a role may."""
    for one in routes.OPERATIONS:
        if (one.path, one.method.lower()) == (path, method):
            return one.need in ROLE_PERMISSIONS[role] - NOT_FOR_PROGRAMS
    return path in TELEMETRY_PATHS


@cache
def _schema() -> BaseSchema:
    return schemathesis.openapi.from_dict(DOCUMENT)


@cache
def _cases(
    path: str, method: str, mode: schemathesis.GenerationMode, examples: int
) -> Sequence[schemathesis.Case]:
    """So many requests to an operation, the same ones each time. Most of the time goes into making
    them, so every role sends the same."""
    made: list[schemathesis.Case] = []
    operation = _schema()[path][method.upper()]

    @hypothesis_settings(
        max_examples=examples,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=[
            HealthCheck.too_slow,
            HealthCheck.filter_too_much,
            HealthCheck.data_too_large,
        ],
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def keep(case: schemathesis.Case) -> None:
        made.append(case)

    # An operation without parts has nothing to be sent wrongly.
    with suppress(Unsatisfiable):
        keep()
    return made


def explore(
    url: str,
    keys: Keys,
    path: str,
    method: str,
    role: Role,
    examples: int,
    sent: int | None = None,
) -> None:
    """Ask an operation so often, the same way each time, and compare with its description and with
    what the role may. `sent`: no more than the first so many of the examples.

    Raises:
        FailureGroup: it answered otherwise.
    """
    let_in = lets_in(path, method, role)
    for mode in schemathesis.GenerationMode:
        for case in _cases(path, method, mode, examples)[:sent]:
            answer = case.call_and_validate(
                base_url=url,
                headers={"Authorization": f"Bearer {keys.of(path, role)}"},
                timeout=ANSWER_S,
                checks=[
                    not_a_server_error,
                    status_code_conformance,
                    content_type_conformance,
                    response_schema_conformance,
                ],
            )
            if not let_in:
                # An address that is none, and a request without a token, are refused before.
                assert answer.status_code in (400, 401, 403, 404, 405), answer.status_code


@asynccontextmanager
async def served_whole(pool: Pool, settings: Settings) -> AsyncGenerator[tuple[str, Keys]]:
    """The address of a whole server with a vehicle, a tracker and something refused; and keys."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "1")
    await enrol_device(pool, SOMEBODY, "1")
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)"
        f" VALUES ('positions', '1', 'unknown_device', {DETAIL_SQL}, 'x', sha256('x'))"
    )
    ends_on = local_now().date() + timedelta(days=1)
    programs = {
        role: await new_token(
            *(pool, SOMEBODY, role.value, ROLE_PERMISSIONS[role] - NOT_FOR_PROGRAMS, ends_on)
        )
        for role in Role
    }
    keys = Keys(await new_gateway_key(pool, SOMEBODY, "test"), programs)
    app, ingest = whole_app(pool, settings)
    writing = asyncio.create_task(ingest.writer.run())
    async with served(app) as url:
        yield url, keys
    ingest.writer.close()
    await writing
