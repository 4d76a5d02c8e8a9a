"""The proof certificate of a round: its plans with the files that they answer, so that anybody can
check them again without the system.

`flaade check` reads the files of a part as they stand in the archive, and `check_archive` tells a
byte that was changed. Trips that were deleted or changed since, as private time is, leave a plan
that cannot be checked any more; the certificate then says so and has no files of that part.
"""

import asyncio
import csv
import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, NamedTuple, cast

from db.audit.record import record_export
from db.connect import Pool
from db.statements import statements
from fleet.actor import Actor, NotAllowedError, Permission
from fleet.errors import ExpectedError
from optimiser.model.check import check_plan
from optimiser.model.check_workshop import WorkshopFound, check_workshop
from optimiser.model.files import kind_cells, trip_cells
from optimiser.model.plan import Plan
from optimiser.model.problem import Problem, ProblemError, Rules
from optimiser.parts.part_plan import PartInput, PartPlan, read_part_plan
from optimiser.parts.retold_part import told_problem
from optimiser.parts.workshop import asked_shifts, workshop_file
from optimiser.rounds.part_input import read_part_input
from optimiser.rounds.part_planning import fingerprint
from optimiser.settings import OptimiserSettings

SQL = statements("round")

#: The files of a part, as `flaade check` takes them.
PLAN, TRIPS, FLEET, RULES = "PLAN.json", "TRIPS.csv", "FLEET.csv", "RULES.toml"

#: The file of a part that has what its plan keeps for a vehicle in the workshop, if the round asks
#: for that; certificates of earlier software have none.
WORKSHOP = "WORKSHOP.json"

#: The file of the archive that has the digests of all others.
DIGESTS = "CERTIFICATE.json"

#: 2: parts of a round that asks for it have the rule of the workshop. 3: it says whether the round
#: asks for that, and which rules bind all parts in sum.
_FORMAT = 3


class CertificateError(ExpectedError):
    """An archive is no certificate, or something in it was changed."""


class Unchecked(StrEnum):
    """Why a plan cannot be checked again."""

    #: Trips, vehicles or assumptions are others than those that it was calculated with.
    DATA_CHANGED = "data_changed"
    #: The checker finds a fault in it.
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class WorkshopLacking:
    """The trips that lack a vehicle with one of each pool in the workshop, the one that is missed
    most: of the proposed fleet and of today's, as they were driven and in each copy with other
    times. By kind, `more` trips lack one than with today's fleet."""

    proposed: tuple[int, ...]
    today: tuple[int, ...]
    more: int

    def __add__(self, other: "WorkshopLacking") -> "WorkshopLacking":
        return WorkshopLacking(
            _added(self.proposed, other.proposed),
            _added(self.today, other.today),
            self.more + other.more,
        )


def _added(some: Sequence[int], others: Sequence[int]) -> tuple[int, ...]:
    return tuple(map(sum, zip(some, others, strict=True)))


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedPart:
    """A part of a round. `digest` is that of the data that it was calculated with. `files` are none
    where it cannot be checked any more, and `unchecked` says why. The cost and the bound hold what
    is paid beside the fleet of the files: charge points, and vehicles of which too little is
    known. `workshop` is what the checker finds of the rule of the workshop; None: the round does
    not ask for it."""

    part: int
    depots: Sequence[str]
    digest: str
    cost_kr_year: float
    lower_bound_kr_year: float
    files: Mapping[str, bytes]
    unchecked: Unchecked | None = None
    workshop: WorkshopFound | None = None

    @property
    def folder(self) -> str:
        return f"part-{self.part}"

    @property
    def lacking(self) -> WorkshopLacking | None:
        """The trips without a vehicle in its pools with a vehicle of each in the workshop, as the
        checker found them; None: the round does not ask for that, or it cannot be checked."""
        if self.workshop is None or not self.workshop.pools:
            return None
        first, *others = (
            WorkshopLacking(one.proposed, one.today, one.more) for one in self.workshop.pools
        )
        return sum(others, first)

    @property
    def digests(self) -> dict[str, str]:
        """The SHA-256 of each file, by its name in the archive."""
        return {f"{self.folder}/{name}": _sha256(body) for name, body in self.files.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The certificate of a version of a round; the depots of its parts are named. Of a round that
    asks for the rule of the workshop, each part is to have it (`has_workshop`). Where vehicles move
    between parts, `in_sum` are the rules that bind all of them together, by name."""

    number: int
    version: int
    parts: Sequence[CertifiedPart]
    has_workshop: bool
    in_sum: Mapping[str, bool]

    @property
    def file_name(self) -> str:
        return f"flaade-runde-{self.number}-{self.version}-bevis.zip"

    @property
    def cost_kr_year(self) -> float:
        return sum(part.cost_kr_year for part in self.parts)

    @property
    def lower_bound_kr_year(self) -> float:
        return sum(part.lower_bound_kr_year for part in self.parts)

    @property
    def unchecked(self) -> Sequence[CertifiedPart]:
        """The parts that cannot be checked any more."""
        return [part for part in self.parts if part.unchecked is not None]

    @property
    def faulty(self) -> Sequence[str]:
        """The depots in whose plans the checker finds a fault, so nothing is proven of them."""
        return [
            name for part in self.parts if part.unchecked is Unchecked.WRONG for name in part.depots
        ]

    @property
    def without_workshop(self) -> Sequence[str]:
        """The depots whose trips `workshop` leaves out, as their plans cannot be checked."""
        return [name for part in self.unchecked for name in part.depots]

    @property
    def workshop(self) -> "WorkshopLacking | None":
        """The trips without a vehicle with one of each pool in the workshop, over all parts that
        say so; None: none does."""
        found = [part.lacking for part in self.parts]
        told = [one for one in found if one is not None]
        return sum(told[1:], told[0]) if told else None

    def to_json(self) -> dict[str, Any]:
        """What `CERTIFICATE.json` holds, without the digest of the PDF."""
        return {
            "format": _FORMAT,
            "round": self.number,
            "version": self.version,
            "cost_kr_year": self.cost_kr_year,
            "lower_bound_kr_year": self.lower_bound_kr_year,
            "workshop": self.has_workshop,
            "in_sum": self.in_sum,
            "parts": [
                {
                    "part": part.part,
                    "depots": list(part.depots),
                    "digest_of_data": part.digest,
                    "cost_kr_year": part.cost_kr_year,
                    "lower_bound_kr_year": part.lower_bound_kr_year,
                    "unchecked": part.unchecked,
                    "files": part.digests,
                }
                for part in self.parts
            ],
        }


async def certify(
    pool: Pool, actor: Actor, round_id: int, settings: OptimiserSettings
) -> Certificate | None:
    """The certificate of a version of a round; None: there is no such version that is done. Its
    files say which vehicle drove when, so the audit log tells who got it.

    Raises:
        NotAllowedError: the actor may not read tracks, or sees some departments only.
    """
    actor.require(Permission.TRACKS_READ)
    if actor.departments is not None:
        raise NotAllowedError(None, f"{actor} may not do this: it is of other departments, too")
    row = await pool.fetchrow(SQL["done_round"], round_id)
    if row is None:
        return None
    parts: list[CertifiedPart] = []
    in_sum: dict[str, bool] = {}
    for kept in await pool.fetch(SQL["planned_parts"], round_id):
        found = await pool.fetchrow(SQL["part"], round_id, kept["part"])
        assert found is not None, "a part that is planned is there"
        names = await pool.fetch(SQL["depots_named"], found["depots"])
        part_input = await read_part_input(pool, round_id, kept["part"], row, settings)
        told = read_part_plan(kept["part_plan"])
        if told.moved:
            in_sum = _rules_in_sum(part_input)
        found = await asyncio.to_thread(_checked, part_input, told, kept["digest"])
        parts.append(
            CertifiedPart(
                part=kept["part"],
                depots=sorted(one["name"] for one in names),
                digest=kept["digest"],
                cost_kr_year=told.cost_kr_year,
                lower_bound_kr_year=told.lower_bound_kr_year,
                files=found.files,
                unchecked=found.unchecked,
                workshop=found.workshop,
            )
        )
    certificate = Certificate(
        number=row["number"],
        version=row["version"],
        parts=parts,
        has_workshop=asked_shifts(row["rules"]) is not None,
        in_sum=in_sum,
    )
    await record_export(pool, actor, certificate.file_name, len(parts))
    return certificate


def _rules_in_sum(part_input: PartInput) -> dict[str, bool]:
    """The rules that bind all parts in sum where vehicles move, and whether the round has them. Of
    a fleet that people chose no more green vehicles are kept than they chose."""
    rules = part_input.rules
    return {
        "green_only_new": rules.green_only_new,
        "green_keep": rules.green_keep and part_input.chosen_kr_t is None,
    }


def archive(certificate: Certificate, pdf: bytes) -> bytes:
    """The certificate as a ZIP: its PDF, its digests, and a folder with the files of each part."""
    files = {
        f"{part.folder}/{name}": body
        for part in certificate.parts
        for name, body in part.files.items()
    }
    told = certificate.to_json() | {"pdf": _sha256(pdf)}
    files |= {"CERTIFICATE.pdf": pdf, DIGESTS: json.dumps(told, indent=1).encode()}
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, body in files.items():
            # A fixed moment, so that the same certificate gives the same bytes.
            zipped.writestr(zipfile.ZipInfo(name), body, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def check_archive(content: bytes) -> list[str]:
    """The faults of a certificate, a sentence each; none if no byte of it was changed.

    Raises:
        CertificateError: it is none.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as zipped:
            files = {name: zipped.read(name) for name in zipped.namelist()}
        told = json.loads(files.pop(DIGESTS))
        digests = {"CERTIFICATE.pdf": told["pdf"]}
        for part in told["parts"]:
            digests |= part["files"]
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError) as error:
        raise CertificateError(f"this is no certificate, or it was changed: {error}") from None
    wrong = [f"{name}: is missing" for name in digests if name not in files]
    wrong += [f"{name}: is not of the certificate" for name in files if name not in digests]
    wrong += [
        f"{name}: was changed"
        for name, body in files.items()
        if name in digests and _sha256(body) != digests[name]
    ]
    return wrong


class _Checked(NamedTuple):
    """The files of a part, or why there are none, and what the checker found of the workshop."""

    files: dict[str, bytes]
    unchecked: Unchecked | None = None
    workshop: WorkshopFound | None = None


def _checked(part_input: PartInput, told: PartPlan, digest: str) -> _Checked:
    if fingerprint(part_input) != digest:
        return _Checked({}, Unchecked.DATA_CHANGED)
    try:
        part = told_problem(part_input, told)
    except ProblemError:
        return _Checked({}, Unchecked.DATA_CHANGED)
    problem, plan = part.problem, told.fleet_plan
    trips, kinds, rules = trip_cells(problem), kind_cells(problem), _given(part.problem.rules)
    if check_plan(plan, trips, kinds, rules):
        return _Checked({}, Unchecked.WRONG)
    files = {
        PLAN: _json(plan),
        TRIPS: _csv(trips),
        FLEET: _csv(kinds),
        RULES: _toml(problem),
    }
    if part.ready is None:
        return _Checked(files)
    counts = Plan.from_json(plan).best.counts_of(problem.kinds)
    rule = json.loads(_json(workshop_file(part.ready, problem, counts)))
    found = check_workshop(rule, plan, trips, kinds, rules)
    if found.wrong:
        return _Checked({}, Unchecked.WRONG)
    return _Checked(files | {WORKSHOP: _json(rule)}, workshop=found)


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1) + "\n").encode()


def _given(rules: Rules) -> dict[str, Any]:
    """The rules that are given, by name."""
    return {name: value for name, value in asdict(rules).items() if value is not None}


def _csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    text = io.StringIO(newline="")
    if rows:
        writer = csv.DictWriter(text, rows[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return text.getvalue().encode()


def _toml(problem: Problem) -> bytes:
    """The rules as `flaade check` reads them."""
    lines = [f"{name} = {_toml_value(value)}" for name, value in _given(problem.rules).items()]
    return ("\n".join(lines) + "\n").encode()


def _toml_value(value: Any) -> str:
    if isinstance(value, Mapping):
        named = cast(Mapping[str, Any], value)
        pairs = (f"{_toml_value(one)} = {_toml_value(of)}" for one, of in named.items())
        return f"{{ {', '.join(pairs)} }}"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml_value, cast(tuple[Any, ...], value)))}]"
    # JSON and TOML write words, numbers and truth alike, but for this one sign.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
