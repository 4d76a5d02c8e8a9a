"""Every command takes any value of any of its parameters, or refuses it with a sentence."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest
import typer
from rich.table import Table
from typer.models import CommandInfo

from api import cli
from api.commands.bounds import Commands
from api.console import expected_errors, out
from db.connect import Pool
from fleet.saying import Saying
from register.devices import enrol_device
from register.keys import new_device_key
from tests.factories.actors import SOMEBODY
from tests.factories.moments import today
from tests.factories.vehicles import put_cars

APP = cli.command_group()

#: Built once, which takes long.
FLAADE = typer.main.get_command(APP)

LOG = "device,ts,lat,lon\nd1,2026-11-20T10:00:00Z,55.7,12.5\n"

#: What a value may be mistaken for: markup, a style, a smiley, a command to the terminal.
MARKUP = "[/x]"
TEXTS = (MARKUP, "[bold]:smile:", "", "\x1b[2J", "a\x7f", "\udcff\udcfe", "x" * 20_000)
NUMBERS = ("9" * 25, "-1", "99999999", "9" * 400, "", "x")
HOSTILE: dict[type, tuple[str, ...]] = {
    int: NUMBERS,
    float: (*NUMBERS, "1e999", "nan", "-inf", "1e300"),
    datetime: ("0001-01-01", "9999-12-31", "0000-00-00", "9" * 25, "", MARKUP),
    str: TEXTS,
    Path: (*TEXTS, "."),
}

#: These run until they are told to stop, whatever they are given.
ENDLESS = {"demo", "serve"}

#: What is given for a parameter while another is tried.
USUAL = {int: "1", float: "1", datetime: "2026-11-20", str: "d1", Path: "log.csv"}
#: And for one that takes only some values of its type.
USUAL_OF = {"--role": "reader", "--scope": "figures:read"}


def usual(flag: str, kind: type) -> str:
    """What somebody gives who means well. A token's end lies near ahead."""
    return f"{today(9)}" if flag == "--ends" else USUAL_OF.get(flag, USUAL[kind])


#: What would take long, or is not found, with the usual.
GIVEN = {
    "replay": ["--url", "http://127.0.0.1:9", "--give-up", "1"],
    "optimise": ["--seconds", "0"],
    "simulate": ["--weeks", "1", "--vehicles", "22"],
}


def commands(group: typer.Typer, *above: str) -> Iterator[tuple[tuple[str, ...], CommandInfo]]:
    """The commands of a group and of those in it, with the words that call them."""
    for command in group.registered_commands:
        assert command.callback is not None
        yield (*above, command.name or command.callback.__name__), command
    for part in group.registered_groups:
        assert isinstance(part.typer_instance, Commands)  # which bounds what it takes
        name = part.name if isinstance(part.name, str) else None
        yield from commands(part.typer_instance, *above, *([name] if name else []))


def parameters(command: CommandInfo) -> Iterator[tuple[str, Any, type, bool]]:
    """Its name as it is given, "" for an argument; what typer knows of it; its type; whether it
    must be given."""
    assert command.callback is not None
    hints = get_type_hints(command.callback, include_extras=True)
    needed = command.callback.__code__.co_argcount - len(command.callback.__defaults__ or ())
    for at, (name, hint) in enumerate(list(hints.items())):
        if name == "return":
            continue
        kind, known = get_args(hint)[:2]
        kinds = [one for one in (kind, *get_args(kind)) if isinstance(one, type)]
        kind = next((one for one in (*HOSTILE, bool) if one in kinds), str)
        is_option = isinstance(known, typer.models.OptionInfo)
        flags = [one for one in known.param_decls or () if one.startswith("--")]
        flag = flags[0] if flags else f"--{name.replace('_', '-')}"
        yield flag if is_option else "", known, kind, at < needed


def calls(name: str) -> Iterator[list[str]]:
    """Every parameter of a command with every hostile value, all others as usual."""
    for words, command in commands(APP):
        if " ".join(words) != name:
            continue
        found = list(parameters(command))
        for tried, (_, _, kind, _) in enumerate(found):
            if kind is bool or (words[0] in ENDLESS and kind is not str):
                continue
            for value in HOSTILE[kind]:
                options: list[str] = []
                arguments: list[str] = []
                for at, (flag, _, other, is_needed) in enumerate(found):
                    if at == tried or is_needed:
                        given = value if at == tried else usual(flag, other)
                        if words[0] == "export" and not flag and at != tried:
                            given = "trips"
                        if flag:
                            options.append(f"{flag}={given}")
                        else:
                            arguments.append(given)
                first = GIVEN.get(words[-1], [])
                yield [*words, *first, *options, "--", *arguments]


@pytest.fixture
async def there(
    pool: Pool, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Pool:
    """A folder with a log, and a database with a vehicle and devices of hostile names."""
    await pool.execute("INSERT INTO depot VALUES ('home', 'Home', 55.77, 12.5, 150)")
    await put_cars(pool, "d1")
    for device in ("d1", MARKUP):
        await enrol_device(pool, SOMEBODY, device)
        await new_device_key(pool, SOMEBODY, device, MARKUP)
    await pool.execute(
        "INSERT INTO quarantine (protocol, device, reason, detail, payload, payload_sha256)"
        " VALUES ('positions', $1, 'unreadable', $2, '', '')",
        MARKUP,
        Saying(MARKUP).to_json(),
    )
    (tmp_path / "log.csv").write_text(LOG)
    monkeypatch.chdir(tmp_path)
    for name, value in {
        "FLAADE_DATABASE_URL": database_url,
        "FLAADE_DATA_DIR": str(tmp_path / "data"),
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "COLUMNS": "200",
    }.items():
        monkeypatch.setenv(name, value)
    return pool


def ended(*arguments: str) -> int:
    """Run a command as its entry point does; returns its code."""
    with pytest.raises(SystemExit) as end, expected_errors():
        FLAADE(arguments)
    return end.value.code if isinstance(end.value.code, int) else int(end.value.code is not None)


def test_every_command_is_found_by_its_name_alone() -> None:
    """Where only the module of the command that is asked for is loaded."""
    assert list(dict.fromkeys(words[0] for words, _ in commands(APP))) == list(
        cli.MODULE_BY_COMMAND
    )
    for name in cli.MODULE_BY_COMMAND:
        assert name in {words[0] for words, _ in commands(cli.command_group([name]))}


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize("command", [" ".join(words) for words, _ in commands(APP)])
def test_any_value_is_taken_or_refused_with_a_sentence(
    command: str, capfd: pytest.CaptureFixture[str]
) -> None:
    tried = list(calls(command))
    wrong: list[object] = []
    for call in tried:
        try:
            code = ended(*call)
        except Exception as error:  # noqa: BLE001 - whatever it is, a person would see it
            wrong.append((call, repr(error)))
            continue
        said = capfd.readouterr().err
        if code not in (0, 1, 2) or "Traceback" in said or (code and not said.strip()):
            wrong.append((call, code, said))
    assert not wrong


@pytest.mark.usefixtures("there")
@pytest.mark.parametrize(
    "command",
    [
        ("device", "list"),
        ("device", "keys"),
        ("device", "allow", MARKUP, "10.0.0.0/8"),
        ("device", "speed", MARKUP, "knots"),
        ("quarantine", "list"),
    ],
    ids=" ".join,
)
def test_a_name_is_shown_as_it_is(
    command: tuple[str, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    assert ended(*command) == 0
    assert MARKUP in capfd.readouterr().out


def test_what_a_terminal_would_obey_is_shown_as_an_escape(
    capfd: pytest.CaptureFixture[str],
) -> None:
    table = Table("name", title="\x1b[2J")
    table.add_row("[red]\x07\udcff :smile:")
    out.print(table)
    said = capfd.readouterr().out
    assert "[red]\\x07\\udcff :smile:" in said
    assert "\\x1b[2J" in said
