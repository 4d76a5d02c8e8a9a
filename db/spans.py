"""Writes the CALL that follows a COPY of positions in the same message to the server."""

from collections.abc import Collection, Sequence


def span_call(
    devices: Collection[str],
    firsts_us: Sequence[int],
    lasts_us: Sequence[int],
    private_as: int,
    positions: int,
    *,
    later: bool,
) -> str:
    """The CALL of the procedure `apply_span`, or with `later` of `note_span` (`db/schema.sql`).

    It is part of the text of a simple query, which has no parameters.

    Args:
        firsts_us, lasts_us: the first and the last stored moment of each device, in microseconds
            since 2000.
        private_as: the revision of the private periods by which the positions were filtered.
        positions: how many positions were stored.
        later: whether the state of the devices is left to `apply_pending_spans`.
    """
    procedure = "note_span" if later else "apply_span"
    spans = f"{_texts(devices)}, {_numbers(firsts_us)}, {_numbers(lasts_us)}"
    return f"CALL {procedure}({spans}, {private_as}, {positions})"


def _texts(values: Collection[str]) -> str:
    """Texts as an array in the text of a statement."""
    # Every backslash is doubled, so that none of them can escape a quotation mark.
    together = "".join(values)
    if '"' in together or "\\" in together:
        values = [value.replace("\\", "\\\\").replace('"', '\\"') for value in values]
    text = '","'.join(values).replace("'", "''")
    return f"'{{\"{text}\"}}'"


def _numbers(values: Sequence[int]) -> str:
    """Numbers as an array in the text of a statement."""
    return f"'{{{','.join(map(str, values))}}}'"
