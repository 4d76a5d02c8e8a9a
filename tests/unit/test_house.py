"""The house: which way imports run between rooms, and how much a folder holds.

Every rule reads the code itself, so that what breaks it is named by the import that does.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from graphlib import CycleError, TopologicalSorter
from itertools import pairwise
from pathlib import Path

import pytest

from api.supervisor import PartName
from fleet.error_place import ROOMS

ROOT = Path(__file__).resolve().parents[2]

#: The rooms, from the ground up. A room imports rooms of the floors below its own; those of one
#: floor do not import each other.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("fleet",),
    ("db",),
    ("access", "costs"),
    ("register",),
    ("ingest", "trips", "optimiser", "tracker"),
    ("reports",),
    ("api",),
)

#: They stand beside the house: they talk to it as trackers do, and the demo starts them.
SIMULATORS = "simulators"
SIMULATORS_MAY_IMPORT = ("fleet", "ingest.protocols")

#: Folders and modules of pure computation: they take and return plain values.
PURE = (
    "ingest.protocols",
    "trips.detect",
    "optimiser.model",
    "optimiser.duties",
    "optimiser.bounds",
    "optimiser.search",
    "tracker.facts",
    "tracker.importer",
    "tracker.matching",
    "tracker.milestone",
    "tracker.progress",
    "tracker.quarter",
)
IMPURE = ("db", "aiohttp")

#: Where statements are bound, and the methods of a connection that run one.
STATEMENTS = "db.statements"
RUNS_A_STATEMENT = {"fetch", "fetchrow", "fetchval", "execute", "executemany"}

#: How a template names another one.
TEMPLATE_NAMED = re.compile(r'\{%-? *(?:extends|import|include|from) +"([^"]+)"')

#: The most modules of a folder, beside its `__init__`.
MODULES_MAX = 15


def test_the_log_tells_our_code_from_that_of_libraries() -> None:
    rooms = {room for floor in FLOORS for room in floor}
    assert rooms | {SIMULATORS} == ROOMS


@dataclass(frozen=True, slots=True)
class Import:
    """An import of one module by another, by their dotted names."""

    by: str
    of: str
    line: int

    def __str__(self) -> str:
        return f"{self.by} imports {self.of} (line {self.line})"


@cache
def templates() -> dict[str, Path]:
    """Every template of the pages by its dotted name, such as `api.pages.plan.plan.html`."""
    found = sorted((ROOT / "api" / "pages").rglob("*.html"))
    return {".".join(path.relative_to(ROOT).parts): path for path in found}


@cache
def modules() -> dict[str, Path]:
    """Every module of the house by its dotted name; a package by that of its folder."""
    rooms = [room for floor in FLOORS for room in floor]
    found: dict[str, Path] = {}
    for room in (*rooms, SIMULATORS):
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports() -> tuple[Import, ...]:
    """Every import of the house, also those inside functions and of templates."""
    found = [one for name, path in modules().items() for one in imports_of(name, path)]
    return (*found, *template_imports())


def imports_of(name: str, path: Path) -> Iterator[Import]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(name, alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"{name} imports by dots (line {node.lineno})"
            for alias in node.names:
                whole = f"{node.module}.{alias.name}"
                yield Import(name, whole if whole in modules() else node.module, node.lineno)


def template_imports() -> Iterator[Import]:
    """What templates extend, import and include, which they name by a path from `api/pages`."""
    for name, path in templates().items():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            for other in TEMPLATE_NAMED.findall(line):
                yield Import(name, f"api.pages.{other.replace('/', '.')}", number)


def within(name: str, places: tuple[str, ...]) -> bool:
    """Whether a module is one of the `places`, or stands in one."""
    return any(f"{name}.".startswith(f"{place}.") for place in places)


def room_of(name: str) -> str:
    return name.partition(".")[0]


def folder_of(name: str) -> str:
    """Where a module or template stands. Modules at the root of a room are entrances to it and
    count one by one; others stand in their folder."""
    path = modules().get(name) or templates()[name]
    folder = path.parent.relative_to(ROOT).parts
    return name if len(folder) == 1 else ".".join(folder)


def test_no_folder_holds_more_modules_than_one_can_overlook() -> None:
    held: dict[str, int] = {}
    for path in modules().values():
        folder = path.parent.relative_to(ROOT).as_posix()
        held[folder] = held.get(folder, 0) + (path.name != "__init__.py")
    full = [f"{folder} has {n} modules" for folder, n in held.items() if n > MODULES_MAX]
    assert full == [], f"a folder has at most {MODULES_MAX} modules: {', '.join(full)}"


def test_imports_go_down_from_floor_to_floor() -> None:
    floor = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
    wrong: list[str] = []
    for one in imports():
        by, of = room_of(one.by), room_of(one.of)
        if by in floor and of in floor and by != of and floor[of] >= floor[by]:
            wrong.append(f"{one}, but {by} does not stand above {of}")
        if of == SIMULATORS and by not in (SIMULATORS, "api"):
            wrong.append(f"{one}, but only api starts simulators")
    assert wrong == []


def test_simulators_know_of_the_house_what_a_tracker_knows() -> None:
    rooms = tuple(room for floor in FLOORS for room in floor)
    wrong = [
        f"{one}, but simulators speak wire formats only"
        for one in imports()
        if room_of(one.by) == SIMULATORS
        and within(one.of, rooms)
        and not within(one.of, SIMULATORS_MAY_IMPORT)
    ]
    assert wrong == []


def test_folders_import_each_other_in_no_circle() -> None:
    ours = modules().keys() | templates().keys()
    example: dict[tuple[str, str], Import] = {}
    for one in imports():
        if one.of in ours and folder_of(one.by) != folder_of(one.of):
            example.setdefault((folder_of(one.by), folder_of(one.of)), one)
    graph: dict[str, set[str]] = {}
    for by, of in example:
        graph.setdefault(by, set()).add(of)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1][::-1]
        through = [str(example[step]) for step in pairwise(circle)]
        pytest.fail(f"{' -> '.join(circle)} is a circle: {'; '.join(through)}")


@pytest.mark.parametrize("folder", PURE)
def test_a_pure_folder_knows_neither_the_database_nor_the_web(folder: str) -> None:
    """Nor does anything that it imports."""
    assert folder in modules(), f"{folder} is no folder"
    of_module: dict[str, list[Import]] = {}
    for one in imports():
        of_module.setdefault(one.by, []).append(one)
    reached = {name: "" for name in modules() if within(name, (folder,))}
    waiting = list(reached)
    while waiting:
        name = waiting.pop()
        for one in of_module.get(name, ()):
            path = f"{reached[name]}{one}; "
            assert not within(one.of, IMPURE), f"{path}but {folder} only computes"
            if one.of in modules() and one.of not in reached:
                reached[one.of] = path
                waiting.append(one.of)


def test_words_and_frame_of_the_pages_know_no_subject() -> None:
    """Each page would else touch what all share; only `api.pages.routes` knows every subject."""
    shared = ("api.pages.words", "api.pages.frame")
    wrong = [
        f"{one}, but {room} is shared by all subjects"
        for one in imports()
        for room in shared
        if within(one.by, (room,)) and within(one.of, ("api.pages",)) and not within(one.of, shared)
    ]
    assert wrong == []


def test_pages_interface_and_commands_run_no_statement() -> None:
    """They call acts and readers of the rooms, so that what may be done is said in one place."""
    bound = [str(one) for one in imports() if within(one.by, ("api",)) and one.of == STATEMENTS]
    run = [
        f"{name} calls {node.func.attr} (line {node.lineno})"
        for name, path in modules().items()
        if within(name, ("api",))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in RUNS_A_STATEMENT
    ]
    assert bound + run == []


def test_the_ledger_follows_by_one_way_for_all_requests() -> None:
    """A handler that had to call it could forget it."""
    callers = {
        name
        for name, path in modules().items()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom)
        and any(one.name == "follow_verdicts" for one in node.names)
    }
    assert callers == {"api.pages.routes", "optimiser.ledger.jobs"}


def acts() -> Iterator[tuple[str, ast.AsyncFunctionDef]]:
    """Every public function of a room that takes an actor."""
    for name, path in modules().items():
        if room_of(name) in ("fleet", "db", "api", SIMULATORS):
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.AsyncFunctionDef) and not node.name.startswith("_"):
                arguments = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
                if any(one.arg == "actor" for one in arguments):
                    yield name, node


def test_every_act_asks_whether_its_actor_may() -> None:
    silent = {
        f"{name}.{node.name}"
        for name, node in acts()
        if "actor.require(Permission." not in ast.unparse(node)
    }
    assert silent == {
        "register.history.record_change",  # adds to the history of an act that asked
        "tracker.changing.change",  # the same
        # The verdict that an act gives, or that a task or the register brings: that act asked.
        "optimiser.rounds.decisions.give_verdict",
        "optimiser.ledger.carried_out.carry_out",
        "optimiser.ledger.carried_out.take_back_done",
        "costs.catalogue_stored.kinds_changed_by_others",  # a reader
        "access.sessions.end_own_session",  # of the actor's own, which everybody may
    }


#: The function by which acts leave an entry in the audit log.
RECORDS = ("db.audit.record", "record")


@cache
def calls() -> dict[tuple[str, str], set[tuple[str, str]]]:
    """Every function of the house, by its module and name, with those that it calls by name: of its
    own module, or imported. Methods count by their names."""
    found: dict[tuple[str, str], set[tuple[str, str]]] = {}
    for name, path in modules().items():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        origin = {
            alias.asname or alias.name: (node.module or "", alias.name)
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                called: set[tuple[str, str]] = set()
                for one in ast.walk(node):
                    match one:
                        case ast.Call(func=ast.Name(id=function)):
                            called.add(origin.get(function, (name, function)))
                        case ast.Call(func=ast.Attribute(ast.Name("self"), function)):
                            called.add((name, function))
                        case _:
                            pass
                found.setdefault((name, node.name), set()).update(called)
    return found


def records(function: tuple[str, str]) -> bool:
    """Whether a function leaves an entry in the audit log, itself or by one that it calls."""
    seen, waiting = {function}, [function]
    while waiting:
        for one in calls().get(waiting.pop(), ()):
            if one == RECORDS:
                return True
            if one not in seen:
                seen.add(one)
                waiting.append(one)
    return False


def test_every_act_leaves_an_entry_in_the_audit_log() -> None:
    assert not records(("register.vehicles", "rulings"))  # a reader
    silent = {f"{name}.{node.name}" for name, node in acts() if not records((name, node.name))}
    assert silent == {
        "costs.catalogue_stored.kinds_changed_by_others",  # a reader
        "register.inventory.lists.preview_list",  # a reader
        "register.track_reasons.track_access",  # a reader
        "register.track_reasons.tracks_access",  # a reader
        "tracker.contacts.addresses",  # a reader
        "tracker.meetings.calendars.plan_calendars",  # a reader
        "tracker.documents.comparing.compare_again",  # a reader
        "tracker.documents.comparing.compare_next",  # a reader
        "tracker.documents.drafts.kept_draft",  # a reader
    }


def first_sentence(package: Path) -> str:
    """What a package says of itself in the first paragraph of its docstring."""
    text = ast.get_docstring(ast.parse(package.read_text(encoding="utf-8")))
    assert text, f"{package} says nothing of itself"
    return " ".join(text.split("\n\n")[0].split()).rstrip(".")


def test_the_document_prints_the_rooms_as_they_are() -> None:
    printed = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8").splitlines()
    rooms = [room for floor in FLOORS for room in floor]
    for room in (*rooms, SIMULATORS):
        folders = sorted(one.parent for one in (ROOT / room).glob("*/__init__.py"))
        for folder, indent in ((ROOT / room, ""), *((one, "  ") for one in folders)):
            line = f"{indent + folder.name + '/':<26}{first_sentence(folder / '__init__.py')}"
            assert line in printed, f"docs/architecture.md lacks the line: {line}"


def test_the_document_walks_through_modules_and_types_that_exist() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    walk = text.split("## A position on its way")[1].split("## ")[0]
    steps = [line.split("|") for line in walk.splitlines() if line.startswith("| ")][1:]
    assert len(steps) > 10
    classes = {
        node.name
        for path in modules().values()
        for node in ast.parse(path.read_text(encoding="utf-8")).body
        if isinstance(node, ast.ClassDef)
    }
    for _, step, module, result, _ in steps:
        assert (ROOT / module.strip().strip("`")).is_file(), f"{step.strip()}: no {module.strip()}"
        for name in re.findall(r"`([A-Z]\w+)`", result):
            assert name in classes, f"{step.strip()}: the house has no type {name}"


@pytest.mark.parametrize("document", sorted((ROOT / "docs").glob("*.md")), ids=lambda one: one.name)
def test_a_document_names_files_that_exist(document: Path) -> None:
    rooms = "|".join([*(room for floor in FLOORS for room in floor), SIMULATORS, "tests", "docs"])
    named = re.findall(rf"`((?:{rooms})/[\w/.-]+\.\w+)`", document.read_text(encoding="utf-8"))
    # In capitals stands what a reader puts a name of their own for.
    wrong = [one for one in named if not re.search("[A-Z]{4}", one) and not (ROOT / one).exists()]
    assert wrong == [], f"{document.name} names {', '.join(wrong)}"


def test_every_part_of_a_server_is_started_in_one_place() -> None:
    """`api/parts.py` starts each, once, and nobody else starts any."""
    starts = {
        name: re.findall(r"PartName\.([A-Z]+)", path.read_text(encoding="utf-8"))
        for name, path in modules().items()
        if within(name, ("api", "ingest", "trips")) and not name.endswith(".labels")
    }
    elsewhere = [name for name, parts in starts.items() if parts and name != "api.parts"]
    assert elsewhere == [], f"{', '.join(elsewhere)}: parts are started in api/parts.py"
    assert sorted(starts["api.parts"]) == sorted(part.name for part in PartName)


def test_every_job_is_declared_once() -> None:
    declared = [
        name
        for path in modules().values()
        for name in re.findall(r'PeriodicJob\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
    ]
    assert len(declared) >= 7
    assert len(declared) == len(set(declared)), f"a job is declared twice: {sorted(declared)}"


def run_on_import(statements: Iterable[ast.stmt]) -> Iterator[ast.AST]:
    """What of a module runs when it is imported: all but the bodies of its functions."""
    for statement in statements:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in statement.decorator_list:
                yield from ast.walk(decorator)
        elif isinstance(statement, ast.ClassDef):
            yield from run_on_import(statement.body)
        else:
            yield from ast.walk(statement)


def test_no_test_takes_its_day_while_tests_are_collected() -> None:
    """In a run across midnight such a day is yesterday before its test begins."""
    taken = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in sorted((ROOT / "tests").rglob("*.py"))
        for node in run_on_import(ast.parse(path.read_text(encoding="utf-8")).body)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func).rpartition(".")[2] in {"local_now", "today"}
    ]
    assert taken == []
