"""Commands for telemetry that was refused."""

import json
from dataclasses import asdict
from typing import Annotated

import typer

from api.actors import AT_COMMAND_LINE
from api.commands.bounds import Commands
from api.commands.context import moment_text, open_database
from api.console import out, run_command, table_of
from api.ingest_parts import releasing
from ingest.gate.detail import detail_in_english
from ingest.gate.refusal import Reason
from ingest.quarantine_items import (
    ChosenItems,
    quarantine_items,
    refuse_unknown_sender,
    waiting_items,
)

app = Commands(help="Telemetry that was refused, and why.")


@app.command("list")
def quarantine_list(
    limit: Annotated[int, typer.Option(min=1, help="at most this many, the latest")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="as JSON, for programs")] = False,
) -> None:
    """What is kept, whose it is, and why."""

    async def work() -> None:
        async with open_database() as (pool, _):
            items = await waiting_items(pool, limit)
        if as_json:
            typer.echo(
                json.dumps(
                    [{**asdict(one), "detail": detail_in_english(one.detail)} for one in items],
                    default=str,
                )
            )
            return
        table = table_of("number", "received", "protocol", "device", "reason", "detail", "times")
        for one in items:
            table.add_row(
                str(one.quarantine_id),
                moment_text(one.received_at),
                one.protocol,
                one.device,
                one.reason,
                detail_in_english(one.detail),
                str(one.times_sent),
            )
        out.print(table)

    run_command(work)


@app.command("release")
def quarantine_release(
    device: Annotated[str, typer.Argument(help="whose telemetry")],
    reason: Annotated[Reason | None, typer.Option(help="only what was refused for this")] = None,
) -> None:
    """Send a device's quarantined telemetry through the normal path again."""

    async def work() -> None:
        async with open_database() as (pool, settings), releasing(pool, settings) as quarantine:
            chosen = ChosenItems(device=device, reason=reason)
            await refuse_unknown_sender(pool, device)
            waiting = await quarantine_items(
                pool, chosen, protocol=None, state="waiting", before=None, most=1
            )
            if not waiting:
                out.print(f"nothing of {device} waits in quarantine{_for(reason)}")
                return
            receipt, refused = await quarantine.release(AT_COMMAND_LINE, chosen)
        out.print(
            f"{receipt.stored} stored, {receipt.duplicate} duplicate, {refused} refused still"
        )

    run_command(work)


def _for(reason: Reason | None) -> str:
    return "" if reason is None else f" for {reason.value}"
