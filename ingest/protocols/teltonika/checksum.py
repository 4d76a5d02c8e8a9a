"""CRC-16/IBM: polynomial 0x8005, reflected 0xA001, initial value 0, as Teltonika's packets end."""

from struct import unpack

_POLYNOMIAL = 0xA001


def _shifted(value: int, bits: int) -> int:
    for _ in range(bits):
        value = value >> 1 ^ (_POLYNOMIAL if value & 1 else 0)
    return value


def _table(bits: int) -> list[int]:
    """The register after `bits` more bits, for each value. The checksum is linear, so only powers
    of two are shifted and all else is their sum."""
    table = [0]
    for bit in range(bits):
        single = _shifted(1 << bit, bits)
        table += [entry ^ single for entry in table]
    return table


_BY_BYTE = _table(8)
# As wide as the register: one look-up takes in two bytes.
_BY_WORD = _table(16)


def crc16_ibm(data: bytes) -> int:
    """The checksum of `data`, 0 to 0xFFFF."""
    table = _BY_WORD
    crc = 0
    words = len(data) // 2
    taken: tuple[int, ...] = unpack(f"<{words}H", data[: 2 * words])
    for word in taken:
        crc = table[crc ^ word]
    if len(data) % 2:
        crc = crc >> 8 ^ _BY_BYTE[(crc ^ data[-1]) & 0xFF]
    return crc
